//! A page of an instance's log, from any place in a file of any size: at most four MiB are read for it.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

use instance::logs;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use specta::Type;
use tauri::State;

use super::{Answer, Place};
use crate::error::CommandError;

/// Most bytes read for one page.
const MOST: u64 = 4 << 20;
/// Bytes read at a time.
const BLOCK: u64 = 256 << 10;
/// How loud a line is, loudest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Type)]
#[serde(rename_all = "UPPERCASE")]
pub(crate) enum Level {
    /// Something went wrong.
    Error,
    /// Something may go wrong.
    Warn,
    /// Something was done.
    Info,
    /// How it was done.
    Debug,
    /// How it was done, step by step.
    Trace,
}

/// One line of a log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub(crate) struct LogLine {
    at: String,
    level: Level,
    target: String,
    message: String,
    fields: BTreeMap<String, String>,
    /// Its first byte in the file.
    offset: u64,
}

/// Which lines to show.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, Type)]
pub(crate) struct LogFilter {
    /// This level and louder ones.
    level: Option<Level>,
    /// Somewhere in the line.
    text: Option<String>,
    /// A file the line is about.
    file: Option<String>,
}

/// A page of a log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub(crate) struct LogPage {
    lines: Vec<LogLine>,
    /// Where the page before ends; none at the beginning of the file.
    before: Option<u64>,
    /// Where what comes next begins.
    after: u64,
    size: u64,
    file: String,
    /// All log files, newest first.
    files: Vec<String>,
}

/// A page that ends at `before`, begins at `after`, or is the end of the file.
#[tauri::command(async)]
#[specta::specta]
pub(crate) fn log_page(
    place: State<'_, Place>,
    id: String,
    file: Option<String>,
    before: Option<u64>,
    after: Option<u64>,
    filter: LogFilter,
    limit: u32,
) -> Answer<LogPage> {
    let layout = place.instance(&id)?;
    let found = logs::files(&layout.logs()).map_err(|error| CommandError::new("file", error))?;
    let name = |path: &Path| path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let files: Vec<String> = found.iter().rev().map(|path| name(path)).collect();
    // Only a name from the list: nothing else can be read this way.
    let chosen = match &file {
        Some(file) => found.iter().find(|path| name(path) == *file),
        None => found.last(),
    };
    let Some(path) = chosen else {
        return match file {
            Some(file) => Err(CommandError::new("not_found", format!("there is no log {file} any more"))),
            None => Ok(LogPage { lines: Vec::new(), before: None, after: 0, size: 0, file: String::new(), files }),
        };
    };
    let page = page(path, before, after, &filter, limit.clamp(1, 10_000) as usize).map_err(|error| CommandError::at(path, error))?;
    Ok(LogPage { file: name(path), files, ..page })
}

fn page(path: &Path, before: Option<u64>, after: Option<u64>, filter: &LogFilter, limit: usize) -> io::Result<LogPage> {
    let mut file = File::open(path)?;
    let size = file.metadata()?.len();
    part(&mut file, size, before, after, filter, limit)
}

/// Reads no more of a log than its page needs, however long it is.
fn part(
    file: &mut (impl Read + Seek),
    size: u64,
    before: Option<u64>,
    after: Option<u64>,
    filter: &LogFilter,
    limit: usize,
) -> io::Result<LogPage> {
    let (lines, before, after) = match after {
        Some(after) => forwards(file, if after > size { 0 } else { after }, filter, limit)?,
        None => backwards(file, before.unwrap_or(size).min(size), filter, limit)?,
    };
    Ok(LogPage { lines, before: before.filter(|before| *before > 0), after, size, file: String::new(), files: Vec::new() })
}

type Found = (Vec<LogLine>, Option<u64>, u64);

fn forwards(file: &mut (impl Read + Seek), from: u64, filter: &LogFilter, limit: usize) -> io::Result<Found> {
    let bytes = read(file, from, from + MOST)?;
    let (mut lines, mut end) = (Vec::new(), from);
    for (offset, line) in whole_lines(&bytes, from) {
        if lines.len() == limit {
            break;
        }
        end = offset + line.len() as u64 + 1;
        lines.extend(parsed(line, offset).filter(|line| fits(line, filter)));
    }
    if end == from && bytes.len() as u64 == MOST {
        // One line longer than a page: passed over, or nothing would ever come after it.
        end = from + MOST;
    }
    Ok((lines, Some(from), end))
}

/// Block by block towards the beginning, until there are enough lines or enough was read.
fn backwards(file: &mut (impl Read + Seek), to: u64, filter: &LogFilter, limit: usize) -> io::Result<Found> {
    let (mut lines, mut end, mut after, mut block) = (Vec::new(), to, None, BLOCK);
    while end > 0 && lines.len() < limit && to - end < MOST {
        let start = end.saturating_sub(block);
        let bytes = read(file, start, end)?;
        // What begins in an earlier block is read with it.
        let first = if start == 0 { Some(0) } else { bytes.iter().position(|byte| *byte == b'\n').map(|at| at + 1) };
        let Some(first) = first.filter(|first| start == 0 || *first < bytes.len()) else {
            if block >= MOST {
                end = start;
                continue;
            }
            block *= 4;
            continue;
        };
        let base = start + first as u64;
        let found: Vec<(u64, &[u8])> = whole_lines(&bytes[first..], base).collect();
        let last = found.last().map_or(base, |(offset, line)| offset + line.len() as u64 + 1);
        after.get_or_insert(last);
        end = base;
        for (offset, line) in found.into_iter().rev() {
            lines.extend(parsed(line, offset).filter(|line| fits(line, filter)));
            if lines.len() == limit {
                end = offset;
                break;
            }
        }
    }
    lines.reverse();
    Ok((lines, Some(end), after.unwrap_or(to)))
}

fn read(file: &mut (impl Read + Seek), from: u64, to: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    file.seek(SeekFrom::Start(from))?;
    file.take(to - from).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// The lines that have their end, each with its offset; one still being written waits for it.
fn whole_lines(bytes: &[u8], base: u64) -> impl Iterator<Item = (u64, &[u8])> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let end = bytes[at..].iter().position(|byte| *byte == b'\n')?;
        let line = (base + at as u64, &bytes[at..at + end]);
        at += end + 1;
        Some(line)
    })
}

/// A line of the worker; any other line is its own message. An empty one is none.
fn parsed(bytes: &[u8], offset: u64) -> Option<LogLine> {
    let text = String::from_utf8_lossy(bytes);
    let text = text.trim_end_matches('\r');
    if text.is_empty() {
        return None;
    }
    let value: Value = serde_json::from_str(text).unwrap_or_default();
    let word = |field: &str| value[field].as_str().unwrap_or_default().to_owned();
    let Some(all) = value["fields"].as_object() else {
        let message = text.chars().take(logs::MAX_LINE_CHARS).collect();
        return Some(LogLine {
            at: word("timestamp"),
            level: Level::Info,
            target: word("target"),
            message,
            fields: BTreeMap::new(),
            offset,
        });
    };
    let shown = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let mut fields: BTreeMap<String, String> = all.iter().map(|(name, value)| (name.clone(), shown(value))).collect();
    let message: String = fields.remove("message").unwrap_or_default().chars().take(logs::MAX_LINE_CHARS).collect();
    // A level that nobody knows is no reason to lose the line.
    let level = serde_json::from_value(word("level").to_uppercase().into()).unwrap_or(Level::Info);
    Some(LogLine { at: word("timestamp"), level, target: word("target"), message, fields, offset })
}

fn fits(line: &LogLine, filter: &LogFilter) -> bool {
    let loud = filter.level.is_none_or(|least| line.level <= least);
    let anywhere = |wanted: &Option<String>| {
        let wanted = wanted.as_deref().unwrap_or_default().to_lowercase();
        let holds = |text: &str| text.to_lowercase().contains(&wanted);
        wanted.is_empty() || holds(&line.message) || line.fields.values().any(|value| holds(value))
    };
    loud && anywhere(&filter.text) && anywhere(&filter.file)
}

#[cfg(test)]
mod tests;
