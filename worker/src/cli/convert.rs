//! `convert`, `detect`, `formats`, `submit`: files by hand, read the way the worker reads them.

use super::args::{Convert, Files, Reading, Submit};
use super::session::{Ending, Session, now};
use crate::exit::{Exit, Fatal};
use crate::intake::{self, Content, Recipe};
use crate::output::Mood;
use crate::rule::shown;
use crate::settings;
use converters::{Conversion, Defaults, Sink, Stopped};
use instance::Config;
use report::Step;
use serde_json::{Map, Value, json};
use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::time::UNIX_EPOCH;
use store::{Intake, Source, SourceOutcome, Store};

/// Detection looks at no more of a file.
const HEAD: u64 = 64 << 10;
/// Priority of what a person sends by hand: before everything a tester wrote.
const BY_HAND: u8 = 1;

pub(crate) fn convert(session: &Session, convert: &Convert) -> Ending {
    let defaults = session
        .instance(None)
        .and_then(|instance| instance.config())
        .map_or_else(|_| settings::defaults(&Config::default()), |config| settings::defaults(&config));
    let options = options(&convert.reading)?;
    let mut failed = false;
    for path in &convert.files {
        let mut printer = Printer { session, trace: convert.trace };
        if let Err(reason) = read(path, &convert.reading, &options, &defaults, convert.trace, &mut printer) {
            session.out.error(&format!("{}: {reason}", path.display()));
            failed = true;
        }
    }
    Ok(failed.then_some(Exit::Failed))
}

fn read(
    path: &Path,
    reading: &Reading,
    options: &Map<String, Value>,
    defaults: &Defaults,
    tracing: bool,
    sink: &mut dyn Sink,
) -> Result<(), String> {
    let zone = jiff::tz::TimeZone::system();
    let format = reading.format.as_deref().unwrap_or("detect");
    let recipe = Recipe { format, options, defaults, time_zone: &zone, tracing, may_grow: false };
    intake::convert_file(path, &recipe, sink).map(|_| ()).map_err(|failure| failure.to_string())
}

/// The options given as NAME=VALUE: JSON where it is JSON, else text.
fn options(reading: &Reading) -> Result<Map<String, Value>, Fatal> {
    let pair = |text: &String| {
        let (name, value) = text.split_once('=').ok_or_else(|| Fatal::new(Exit::Usage, format!("{text:?} is no NAME=VALUE")))?;
        Ok((name.to_owned(), serde_json::from_str(value).unwrap_or_else(|_| Value::from(value))))
    };
    let options: Map<String, Value> = reading.options.iter().map(pair).collect::<Result<_, Fatal>>()?;
    let Some(name) = reading.format.as_deref().filter(|name| *name != "detect") else { return Ok(options) };
    let format =
        converters::format(name).ok_or_else(|| Fatal::new(Exit::Usage, format!("{name:?} is no format; `lineside formats` lists them")))?;
    match converters::check_options(format, &options.clone().into()).first() {
        None => Ok(options),
        Some(problem) => Err(Fatal::new(Exit::Usage, format!("--option {}: {}", problem.pointer.trim_start_matches('/'), problem.message))),
    }
}

/// Prints each report as it comes.
struct Printer<'a> {
    session: &'a Session,
    trace: bool,
}

impl Sink for Printer<'_> {
    fn take(&mut self, conversion: Conversion) -> Result<(), Stopped> {
        let out = self.session.out;
        if out.json && self.trace {
            let warnings: Vec<Value> = conversion
                .warnings
                .iter()
                .map(|warning| json!({"pointer": warning.pointer, "message": warning.message, "at": warning.at}))
                .collect();
            out.json(&json!({"report": conversion.report, "warnings": warnings, "trace": conversion.trace}));
        } else if out.json {
            out.raw(&String::from_utf8_lossy(&conversion.report.to_json()));
        } else {
            summarize(self.session, &conversion);
        }
        Ok(())
    }
}

fn summarize(session: &Session, conversion: &Conversion) {
    let report = &conversion.report;
    let result = report.result.as_ref().map_or_else(String::new, |result| result.letter().to_string());
    let mood = if result == "P" { Mood::Good } else { Mood::Bad };
    session
        .out
        .line(mood, &format!("{result} {} {} {} — {} steps, id {}", report.sn, report.pn, report.rev, report.step_count(), conversion.id));
    if let Some(root) = &report.root {
        tree(session, root, 1);
    }
    for warning in &conversion.warnings {
        let at = warning.at.map_or_else(String::new, |at| format!("line {}: ", at.line));
        session.out.line(Mood::Warning, &format!("  warning: {at}{} {}", warning.pointer, warning.message));
    }
    if session.out.quiet {
        return;
    }
    for (pointer, at) in conversion.trace.iter() {
        session.out.line(Mood::Quiet, &format!("  {pointer}  line {}, column {} (bytes {}–{})", at.line, at.column, at.start, at.end));
    }
}

fn tree(session: &Session, step: &Step, depth: usize) {
    let status = step.status.as_ref().map_or_else(String::new, |status| status.letter().to_string());
    let mood = if status == "F" { Mood::Bad } else { Mood::Plain };
    let measured: Vec<String> = step.numeric.iter().map(measured).collect();
    session.out.line(mood, &format!("{}{status} {} [{}] {}", "  ".repeat(depth), step.name, step.step_type, measured.join("; ")));
    step.steps.iter().for_each(|step| tree(session, step, depth + 1));
}

fn measured(meas: &report::NumericMeas) -> String {
    let text = |value: &Option<report::Number>| value.as_ref().map_or_else(String::new, ToString::to_string);
    let value = meas.value.as_ref().map_or_else(String::new, ToString::to_string);
    let limits = match (&meas.low_limit, &meas.high_limit) {
        (None, None) => String::new(),
        (low, high) => format!(" ({} … {})", text(low), text(high)),
    };
    format!(
        "{}{value} {}{limits}",
        meas.name.as_ref().map_or_else(String::new, |name| format!("{name} = ")),
        meas.unit.clone().unwrap_or_default()
    )
}

pub(crate) fn detect(session: &Session, files: &Files) -> Ending {
    let mut unknown = false;
    for path in &files.files {
        let mut head = Vec::new();
        File::open(path)
            .and_then(|file| file.take(HEAD).read_to_end(&mut head))
            .map_err(|error| Fatal::new(Exit::NotFound, format!("{}: {error}", path.display())))?;
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let guesses = converters::detect(&name, &head);
        unknown |= guesses.is_empty();
        if session.out.json {
            session.out.json(&json!({"file": path.display().to_string(), "guesses": guesses}));
        } else {
            let told = guesses.iter().map(|guess| format!("{} {} %", guess.format, guess.confidence.0)).collect::<Vec<_>>();
            let told = if told.is_empty() { "no format that Lineside knows".to_owned() } else { told.join(", ") };
            session.out.line(Mood::Plain, &format!("{}: {told}", path.display()));
        }
    }
    Ok(unknown.then_some(Exit::Failed))
}

pub(crate) fn formats(session: &Session) -> Ending {
    let formats = converters::formats();
    if session.out.json {
        let list: Vec<Value> = formats
            .iter()
            .map(|format| json!({"name": format.name(), "about": format.about(), "options": format.options_schema()}))
            .collect();
        session.out.json(&list);
        return Ok(None);
    }
    for format in formats {
        let about = format.about();
        session.out.line(Mood::Good, &format!("{:<6} {} ({})", format.name(), about.title, about.extensions.join(", ")));
        session.out.line(Mood::Plain, &format!("       {}", about.summary));
        for (name, schema) in format.options_schema()["properties"].as_object().into_iter().flatten() {
            let what = schema["description"].as_str().unwrap_or_default().replace('\n', " ");
            session.out.line(Mood::Quiet, &format!("       -o {name}=…  {what}"));
        }
    }
    Ok(None)
}

pub(crate) fn submit(session: &Session, submit: &Submit) -> Ending {
    let instance = session.instance(None)?;
    let defaults = settings::defaults(&instance.config()?);
    let options = options(&submit.reading)?;
    let store = instance.store()?;
    let mut failed = false;
    for path in &submit.files {
        match enqueue(&store, path, &submit.reading, &options, &defaults) {
            Ok(said) => session.out.note(&format!("{}: {said}", path.display())),
            Err(reason) => {
                session.out.error(&format!("{}: {reason}", path.display()));
                failed = true;
            }
        }
    }
    if !instance.is_running() {
        session.out.note(&format!("no worker is running; `lineside start {}` sends what is queued", instance.id));
    }
    Ok(failed.then_some(Exit::Failed))
}

/// One file into the store, all of its reports or none. The file stays where it is.
fn enqueue(store: &Store, path: &Path, reading: &Reading, options: &Map<String, Value>, defaults: &Defaults) -> Result<String, String> {
    let file = File::open(path).map_err(|error| error.to_string())?;
    let metadata = file.metadata().map_err(|error| error.to_string())?;
    let content = Content::read(file, metadata.len()).map_err(|error| error.to_string())?;
    let hash = *content.hash.as_bytes();
    if let Some(known) =
        store.known_content(hash).map_err(|error| error.to_string())?.filter(|known| known.outcome == SourceOutcome::Converted)
    {
        return Ok(format!("its content was sent before, from {}; `lineside resend` sends it again", known.path));
    }
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let format = content.format(reading.format.as_deref().unwrap_or("detect"), &name).map_err(|reason| reason.to_string())?;
    let modified = metadata.modified().ok().and_then(|at| at.duration_since(UNIX_EPOCH).ok());
    let source = Source {
        rule: String::new(),
        path: shown(&std::path::absolute(path).unwrap_or_else(|_| path.to_owned())),
        size: content.size,
        mtime_ns: modified.and_then(|age| i64::try_from(age.as_nanos()).ok()).unwrap_or_default(),
        hash,
        format: format.name().to_owned(),
        priority: BY_HAND,
    };
    let mut collector = Collector { intake: store.intake(source, now().as_millisecond()), reports: 0, trouble: None };
    let zone = jiff::tz::TimeZone::system();
    let recipe = Recipe { format: format.name(), options, defaults, time_zone: &zone, tracing: false, may_grow: false };
    let converted = content.convert(format, &name, &recipe, &mut collector);
    if let Some(trouble) = collector.trouble {
        return Err(trouble);
    }
    converted.map_err(|failure| failure.to_string())?;
    let now = now().as_millisecond();
    let id = collector.intake.commit().wait().map_err(|error| error.to_string())?;
    store.filed(id, None, now).wait().map_err(|error| error.to_string())?;
    Ok(format!("{} reports queued as {}", collector.reports, format.name()))
}

/// Puts each report into the intake as it comes.
struct Collector {
    intake: Intake,
    reports: usize,
    trouble: Option<String>,
}

impl Sink for Collector {
    fn take(&mut self, conversion: Conversion) -> Result<(), Stopped> {
        self.reports += 1;
        self.intake.push(intake::owed(conversion)).map_err(|error| {
            self.trouble = Some(error.to_string());
            Stopped
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_json_where_they_can_be_and_text_else() {
        let reading = Reading { format: None, options: vec!["a=1".to_owned(), "b=x".to_owned(), "c=\"1\"".to_owned()] };
        let options = options(&reading).expect("three pairs");
        assert_eq!(Value::from(options), json!({"a": 1, "b": "x", "c": "1"}));
        let reading = Reading { format: None, options: vec!["nothing".to_owned()] };
        assert!(super::options(&reading).is_err());
    }
}
