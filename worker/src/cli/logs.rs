//! `logs`: the worker's log, for a person or as it is, and its new lines as they come.

use super::args;
use super::session::{Ending, Session};
use crate::exit::{Exit, Fatal};
use crate::output::Mood;
use instance::logs::{Cursor, Line, follow};
use jiff::tz::TimeZone;
use serde_json::Value;
use std::time::Duration;

/// How often new lines are looked for.
const LOOK: Duration = Duration::from_millis(500);
/// Lines taken at a look.
const CHUNK: usize = 10_000;
/// Lines among which those of a level are looked for.
const FAR_BACK: usize = 200_000;
/// Levels, loudest first.
const LEVELS: [&str; 5] = ["error", "warn", "info", "debug", "trace"];

pub(crate) fn logs(session: &Session, logs: &args::Logs) -> Ending {
    let instance = session.instance(logs.id.as_deref())?;
    let least = logs.level.as_deref().map_or(Ok(LEVELS.len()), loudness)?;
    let folder = instance.layout.logs();
    let unreadable = |error| Fatal::new(Exit::Permission, format!("{}: {error}", folder.display()));
    let far = if logs.level.is_some() { FAR_BACK.max(logs.lines) } else { logs.lines };
    let (lines, mut cursor) = Cursor::at_end(&folder, far).map_err(unreadable)?;
    let wanted: Vec<&Line> = lines.iter().filter(|line| level(&parsed(&line.text)) < least).collect();
    wanted[wanted.len().saturating_sub(logs.lines)..].iter().for_each(|line| print(session, &line.text));
    if wanted.is_empty() && logs.lines > 0 {
        let what = if lines.is_empty() { "nothing" } else { "nothing of that level" };
        session.out.note(&format!("there is {what} in {} yet", folder.display()));
    }
    if !logs.follow {
        return Ok(None);
    }
    loop {
        std::thread::sleep(LOOK);
        let lines = follow(&folder, &mut cursor, CHUNK).map_err(unreadable)?;
        lines.iter().filter(|line| level(&parsed(&line.text)) < least).for_each(|line| print(session, &line.text));
    }
}

/// How many levels are as loud or louder.
fn loudness(level: &str) -> Result<usize, Fatal> {
    let at = LEVELS.iter().position(|known| *known == level.to_ascii_lowercase());
    at.map(|at| at + 1).ok_or_else(|| Fatal::new(Exit::Usage, format!("{level:?} is no level; use one of {}", LEVELS.join(", "))))
}

fn parsed(line: &str) -> Value {
    serde_json::from_str(line).unwrap_or_default()
}

/// Place of a line's level in [`LEVELS`]; a line that is none of ours counts as info.
fn level(line: &Value) -> usize {
    let level = line["level"].as_str().unwrap_or_default().to_ascii_lowercase();
    LEVELS.iter().position(|known| *known == level).unwrap_or(2)
}

fn print(session: &Session, line: &str) {
    if session.out.json {
        return session.out.raw(line);
    }
    let parsed = parsed(line);
    let mood = [Mood::Bad, Mood::Warning, Mood::Plain, Mood::Quiet, Mood::Quiet][level(&parsed)];
    session.out.line(mood, &readable(&parsed, line, &TimeZone::system()));
}

/// Local time, level, message and fields of a line; the line itself when it is none of ours.
fn readable(parsed: &Value, line: &str, zone: &TimeZone) -> String {
    let Some(fields) = parsed["fields"].as_object() else { return line.to_owned() };
    let message = fields.get("message").and_then(Value::as_str).unwrap_or_default();
    let more = fields.iter().filter(|(name, _)| *name != "message").map(|(name, value)| {
        let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        format!(" {name}={value}")
    });
    let time = parsed["timestamp"].as_str().unwrap_or_default();
    let at = time.parse::<jiff::Timestamp>();
    let time = at.map_or_else(|_| time.to_owned(), |at| at.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M:%S%.3f").to_string());
    format!("{time} {:<5} {message}{}", parsed["level"].as_str().unwrap_or_default(), more.collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_line_reads_as_a_sentence_with_its_fields() {
        let line = r#"{"timestamp":"2026-11-21T10:00:00.25Z","level":"WARN","fields":{"message":"file refused","file":"a.xml","line":3}}"#;
        assert_eq!(readable(&parsed(line), line, &TimeZone::UTC), "2026-11-21 10:00:00.250 WARN  file refused file=a.xml line=3");
        assert_eq!(readable(&Value::Null, "plain", &TimeZone::UTC), "plain");
    }

    #[test]
    fn a_level_means_it_and_all_louder_ones() {
        assert_eq!(["error", "WARN", "info"].map(|word| loudness(word).unwrap()), [1, 2, 3]);
        assert!(loudness("loud").is_err());
        assert!(level(&parsed(r#"{"level":"ERROR"}"#)) < 1 && level(&parsed("plain")) >= 2);
    }
}
