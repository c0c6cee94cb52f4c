//! What the log says of one file: the lines that name it, from the parts written since it was taken. A look, not a search: no more is read than
//! a person would wait for.

use serde::Serialize;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use store::SourceRow;

/// Most bytes that are read.
const MOST: u64 = 32 << 20;
/// Most lines that are told.
const LINES: usize = 200;
/// How far the time of writing of a file may lie behind the clock: a tick of the kernel here, two seconds on FAT.
const COARSE: Duration = Duration::from_secs(2);

/// A line of the log, for people.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(super) struct LogLine {
    pub(super) at: String,
    pub(super) level: String,
    target: String,
    pub(super) message: String,
    fields: BTreeMap<String, String>,
    /// Where it begins in its file.
    offset: u64,
}

/// The lines about a source, oldest first.
pub(super) fn about(folder: &Path, row: &SourceRow) -> Vec<LogLine> {
    let taken = UNIX_EPOCH + Duration::from_millis(u64::try_from(row.at).unwrap_or(0));
    let name = Path::new(&row.path).file_name().map_or_else(|| row.path.clone(), |name| name.to_string_lossy().into_owned());
    let quoted = Value::from(name).to_string();
    let (mut left, mut lines) = (MOST, Vec::new());
    for path in instance::logs::files(folder).unwrap_or_default() {
        if left > 0 && lines.len() < LINES && written_since(&path, taken) {
            left -= search(&path, quoted.trim_matches('"'), left, &mut lines);
        }
    }
    lines
}

/// Whether a part of the log may tell of a file taken then: one that was finished before cannot.
fn written_since(path: &Path, taken: SystemTime) -> bool {
    path.metadata().and_then(|metadata| metadata.modified()).is_ok_and(|written| written + COARSE >= taken)
}

/// Looks through a file; how many bytes that were.
fn search(path: &Path, name: &str, most: u64, found: &mut Vec<LogLine>) -> u64 {
    let Ok(file) = File::open(path) else { return 0 };
    let (mut reader, mut offset, mut bytes) = (BufReader::new(file), 0, Vec::new());
    while offset < most && found.len() < LINES {
        bytes.clear();
        let Ok(length @ 1..) = reader.read_until(b'\n', &mut bytes) else { break };
        let text = String::from_utf8_lossy(&bytes);
        if text.contains(name) {
            found.extend(parsed(&text, offset));
        }
        offset += length as u64;
    }
    offset.min(most)
}

/// A line of ours as its parts; nothing of any other.
fn parsed(text: &str, offset: u64) -> Option<LogLine> {
    let line: Value = serde_json::from_str(text).ok()?;
    let word = |key: &str| line[key].as_str().unwrap_or_default().to_owned();
    let plain = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let fields = line["fields"].as_object().into_iter().flat_map(Map::iter).filter(|(name, _)| *name != "message");
    Some(LogLine {
        at: word("timestamp"),
        level: word("level"),
        target: word("target"),
        message: line["fields"]["message"].as_str().unwrap_or_default().to_owned(),
        fields: fields.map(|(name, value)| (name.clone(), plain(value))).collect(),
        offset,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_read_although_its_time_lies_a_tick_behind_the_clock() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let taken = SystemTime::now();
        for (behind, told) in [(0, true), (4, true), (1_999, true), (60_000, false)] {
            file.as_file().set_modified(taken - Duration::from_millis(behind)).unwrap();
            assert_eq!(written_since(file.path(), taken), told, "{behind} ms");
        }
    }

    #[test]
    fn the_lines_that_name_a_file_are_found_with_their_places() {
        let folder = tempfile::tempdir().unwrap();
        let line = |message: &str| {
            format!(
                "{{\"timestamp\":\"t\",\"level\":\"WARN\",\"target\":\"lineside\",\"fields\":{{\"message\":\"{message}\",\"line\":3}}}}\n"
            )
        };
        let first = line("another file");
        let path = folder.path().join("worker.2026-11-21.jsonl");
        std::fs::write(&path, format!("{first}{}garbage about a.json\n", line("/in/a.json rejected"))).unwrap();
        let mut found = Vec::new();
        search(&path, "a.json", MOST, &mut found);
        assert_eq!(found.len(), 1);
        assert_eq!(
            (found[0].message.as_str(), found[0].offset, found[0].fields["line"].as_str()),
            ("/in/a.json rejected", first.len() as u64, "3")
        );
    }
}
