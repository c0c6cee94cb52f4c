//! `logs`: the worker's log, for a person or as it is, and its new lines as they come.

use super::args;
use super::session::{Ending, Session};
use crate::exit::{Exit, Fatal};
use crate::output::Mood;
use instance::logs::{Cursor, follow};
use serde_json::Value;
use std::time::Duration;

/// How often new lines are looked for.
const LOOK: Duration = Duration::from_millis(500);
/// Lines taken at a look.
const CHUNK: usize = 10_000;
/// Levels, loudest first.
const LEVELS: [&str; 5] = ["error", "warn", "info", "debug", "trace"];

pub(crate) fn logs(session: &Session, logs: &args::Logs) -> Ending {
    let instance = session.instance(logs.id.as_deref())?;
    let least = logs.level.as_deref().map_or(Ok(LEVELS.len()), loudness)?;
    let folder = instance.layout.logs();
    let unreadable = |error| Fatal::new(Exit::Permission, format!("{}: {error}", folder.display()));
    let (lines, mut cursor) = Cursor::at_end(&folder, logs.lines).map_err(unreadable)?;
    lines.iter().for_each(|line| print(session, &line.text, least));
    if lines.is_empty() {
        session.out.note(&format!("there is nothing in {} yet", folder.display()));
    }
    if !logs.follow {
        return Ok(None);
    }
    loop {
        std::thread::sleep(LOOK);
        let lines = follow(&folder, &mut cursor, CHUNK).map_err(unreadable)?;
        lines.iter().for_each(|line| print(session, &line.text, least));
    }
}

fn loudness(level: &str) -> Result<usize, Fatal> {
    let at = LEVELS.iter().position(|known| *known == level.to_ascii_lowercase());
    at.map(|at| at + 1).ok_or_else(|| Fatal::new(Exit::Usage, format!("{level:?} is no level; use one of {}", LEVELS.join(", "))))
}

fn print(session: &Session, line: &str, least: usize) {
    let parsed: Value = serde_json::from_str(line).unwrap_or_default();
    let level = parsed["level"].as_str().unwrap_or("info").to_ascii_lowercase();
    let at = LEVELS.iter().position(|known| *known == level).unwrap_or(2);
    if at >= least {
        return;
    }
    if session.out.json {
        return session.out.raw(line);
    }
    let mood = [Mood::Bad, Mood::Warning, Mood::Plain, Mood::Quiet, Mood::Quiet][at];
    session.out.line(mood, &readable(&parsed, line));
}

/// Time, level, message and fields of a line; the line itself when it is none of ours.
fn readable(parsed: &Value, line: &str) -> String {
    let Some(fields) = parsed["fields"].as_object() else { return line.to_owned() };
    let message = fields.get("message").and_then(Value::as_str).unwrap_or_default();
    let more = fields.iter().filter(|(name, _)| *name != "message").map(|(name, value)| {
        let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        format!(" {name}={value}")
    });
    let time = parsed["timestamp"].as_str().unwrap_or_default();
    format!("{time} {:<5} {message}{}", parsed["level"].as_str().unwrap_or_default(), more.collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_line_reads_as_a_sentence_with_its_fields() {
        let line = r#"{"timestamp":"2026-11-21T10:00:00Z","level":"WARN","fields":{"message":"file refused","file":"a.xml","line":3}}"#;
        assert_eq!(readable(&serde_json::from_str(line).expect("JSON"), line), "2026-11-21T10:00:00Z WARN  file refused file=a.xml line=3");
        assert_eq!(readable(&Value::Null, "plain"), "plain");
    }
}
