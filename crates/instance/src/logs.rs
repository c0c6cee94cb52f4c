//! Log files of the worker: JSON Lines, one file a day, in numbered parts once a part is full.
//!
//! `worker.2026-11-21.1.jsonl` is the first full part of that day, `.2` the next; `worker.2026-11-21.jsonl` is being
//! written. Writing never fails the writer: lines that cannot be written are dropped and counted. Reading never needs
//! the whole file.

mod read;
mod writer;

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use jiff::civil::Date;

pub use read::{Cursor, Line, MAX_LINE_CHARS, follow, last, tail};
pub use writer::{Dropped, LogWriter};

/// What the name of a log file says. Ordered by time: full parts in their order, then the one being written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Name {
    day: Date,
    part: u32,
}

/// The part being written sorts last.
const OPEN_PART: u32 = u32::MAX;

impl Name {
    fn parse(path: &Path) -> Option<Name> {
        let middle = path.file_name()?.to_str()?.strip_prefix("worker.")?.strip_suffix(".jsonl")?;
        let (day, part) = match middle.split_once('.') {
            Some((day, part)) => (day, part.parse().ok()?),
            None => (middle, OPEN_PART),
        };
        Some(Name { day: day.parse().ok()?, part })
    }

    fn file(self) -> String {
        match self.part {
            OPEN_PART => format!("worker.{}.jsonl", self.day),
            part => format!("worker.{}.{part}.jsonl", self.day),
        }
    }
}

/// The log files in a folder, oldest first; the last one is being written. No folder, no files.
///
/// # Errors
/// When the folder is there and cannot be listed.
pub fn files(folder: &Path) -> io::Result<Vec<PathBuf>> {
    Ok(named(folder)?.into_iter().map(|(_, path)| path).collect())
}

fn named(folder: &Path) -> io::Result<Vec<(Name, PathBuf)>> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(e) => return Err(io::Error::new(e.kind(), format!("{}: {e}", folder.display()))),
    };
    let paths = entries.filter_map(|entry| Some(entry.ok()?.path()));
    let mut files: Vec<_> = paths.filter_map(|path| Some((Name::parse(&path)?, path))).collect();
    files.sort();
    Ok(files)
}

#[cfg(test)]
mod tests;
