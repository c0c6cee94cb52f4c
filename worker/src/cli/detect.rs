//! `detect` and `formats`: which format files are in, and which there are.

use super::args::Files;
use super::files;
use super::session::{Ending, Session};
use crate::exit::{Exit, Fatal};
use crate::output::Mood;
use serde_json::{Value, json};
use std::io::Read;

/// Detection looks at no more of a file.
const HEAD: u64 = 64 << 10;

pub(crate) fn detect(session: &Session, asked: &Files) -> Ending {
    let mut unknown = false;
    let failed = files::each(session, &asked.files, true, |path| {
        let mut head = Vec::new();
        let read = files::open(path)?.take(HEAD).read_to_end(&mut head);
        read.map_err(|error| Fatal::new(Exit::Failed, format!("cannot be read: {error}")))?;
        let guesses = converters::detect(&path.file_name().unwrap_or_default().to_string_lossy(), &head);
        unknown |= guesses.is_empty();
        if session.out.json {
            session.out.json(&json!({"file": path, "guesses": guesses}));
            return Ok(None);
        }
        let told = guesses.iter().map(|guess| format!("{} ({} %)", guess.format, guess.confidence.0)).collect::<Vec<_>>().join(", ");
        let (mood, told) = if told.is_empty() { (Mood::Warning, "no format that Lineside knows") } else { (Mood::Plain, told.as_str()) };
        session.out.line(mood, &format!("{}: {told}", path.display()));
        Ok(None)
    })?;
    Ok(failed.or(unknown.then_some(Exit::Failed)))
}

pub(crate) fn formats(session: &Session) -> Ending {
    let formats = converters::formats();
    if session.out.json {
        let one = |format: &&'static dyn converters::Format| {
            let mut one = serde_json::to_value(format.about()).unwrap_or_default();
            one["name"] = format.name().into();
            one["options_schema"] = format.options_schema();
            one
        };
        session.out.json(&formats.iter().map(one).collect::<Vec<Value>>());
        return Ok(None);
    }
    for format in formats {
        let about = format.about();
        let endings: Vec<String> = about.extensions.iter().map(|ending| format!(".{ending}")).collect();
        session.out.line(Mood::Good, &format!("{:<6} {}: {}", format.name(), about.title, endings.join(" ")));
        session.out.line(Mood::Plain, &format!("       {}", about.summary));
        for (name, schema) in format.options_schema()["properties"].as_object().into_iter().flatten() {
            let what = schema["description"].as_str().unwrap_or_default().replace('\n', " ");
            session.out.line(Mood::Quiet, &format!("       -o {name}=…  {what}"));
        }
    }
    Ok(None)
}
