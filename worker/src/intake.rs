//! From an open file to reports: hashing, choosing the format, converting; shared by the convert room and the command line.
//!
//! Promises: a small file is read once, a large one twice and never held whole; a format that panics rejects the file and
//! nothing else. Knows no rule, no queue and no folder.

use converters::{Context, Defaults, Failure, Format, Input, Rejection, Sink};
use serde_json::{Map, Value};
use std::cell::Cell;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Cursor, Read, Seek};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Files up to this size are read into memory once.
const SMALL: u64 = 8 << 20;
/// Detection looks at no more than this.
const HEAD: u64 = 64 << 10;
/// A guess below this confidence is no reason to believe that a file is of a format.
const SURE: u8 = 50;
/// So many zeros are the end of no text, in no encoding.
const ZEROS: usize = 16;
/// Read at a time when a large file is hashed or converted.
const PIECE: usize = 256 << 10;

/// Characters of a failing step's name that are kept.
const STEP_NAME: usize = 200;

thread_local! {
    static CONVERTING: Cell<bool> = const { Cell::new(false) };
}

/// Whether this thread is inside a format: a panic there rejects one file and is no fault of the process.
pub(crate) fn is_converting() -> bool {
    CONVERTING.get()
}

/// What a file is converted with.
#[derive(Debug, Clone)]
pub(crate) struct Recipe<'a> {
    /// A format's name, or `detect`.
    pub(crate) format: &'a str,
    pub(crate) options: &'a Map<String, Value>,
    pub(crate) defaults: &'a Defaults,
    pub(crate) time_zone: &'a jiff::tz::TimeZone,
    /// Whether each value's place in the source is wanted.
    pub(crate) tracing: bool,
    /// Whether a text that ends too early may be a file that is still written.
    pub(crate) may_grow: bool,
}

/// The bytes of a source, hashed.
pub(crate) struct Content {
    /// blake3 of all bytes.
    pub(crate) hash: blake3::Hash,
    /// Bytes that were hashed.
    pub(crate) size: u64,
    /// The file ends in zeros: it was made as large as it is to become, and its text is still to be written.
    pub(crate) unfilled: bool,
    head: Vec<u8>,
    bytes: Bytes,
}

enum Bytes {
    Small(Vec<u8>),
    Large(File),
}

impl Content {
    /// Reads the file from its beginning.
    pub(crate) fn read(mut file: File, size: u64) -> io::Result<Content> {
        if size <= SMALL {
            let mut bytes = Vec::with_capacity(usize::try_from(size).unwrap_or(0) + 1);
            // A file that grows while it is read is not small any more; whoever compares its state then begins again.
            file.take(SMALL + 1).read_to_end(&mut bytes)?;
            let head = bytes[..bytes.len().min(HEAD as usize)].to_vec();
            let (hash, size, unfilled) = (blake3::hash(&bytes), bytes.len() as u64, ends_in_zeros(&bytes));
            return Ok(Content { hash, size, unfilled, head, bytes: Bytes::Small(bytes) });
        }
        let mut head = Vec::new();
        file.by_ref().take(HEAD).read_to_end(&mut head)?;
        let mut hasher = blake3::Hasher::new();
        hasher.update(&head);
        let mut piece = vec![0; PIECE];
        loop {
            match file.read(&mut piece) {
                Ok(0) => break,
                Ok(count) => hasher.update(&piece[..count]),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
        }
        let mut tail = Vec::new();
        file.seek(io::SeekFrom::Start(hasher.count().saturating_sub(ZEROS as u64)))?;
        file.by_ref().take(ZEROS as u64).read_to_end(&mut tail)?;
        Ok(Content { hash: hasher.finalize(), size: hasher.count(), unfilled: ends_in_zeros(&tail), head, bytes: Bytes::Large(file) })
    }

    /// Whether the bytes are still to be read again for the conversion.
    pub(crate) fn is_read_twice(&self) -> bool {
        matches!(self.bytes, Bytes::Large(_))
    }

    /// The format that is named, or with `detect` the best guess that is sure enough.
    ///
    /// # Errors
    /// Why there is none, with the guesses.
    pub(crate) fn format(&self, name: &str, file_name: &str) -> Result<&'static dyn Format, Rejection> {
        choose(name, file_name, &self.head)
    }

    /// Converts the content. Reports go to `sink` as they come.
    ///
    /// # Errors
    /// What the format found.
    pub(crate) fn convert(self, format: &dyn Format, file_name: &str, recipe: &Recipe<'_>, sink: &mut dyn Sink) -> Result<(), Failure> {
        let context = Context {
            time_zone: recipe.time_zone.clone(),
            content_hash: self.hash.to_hex().to_string(),
            defaults: recipe.defaults.clone(),
        };
        let mut reader: Box<dyn BufRead> = match self.bytes {
            Bytes::Small(bytes) => Box::new(Cursor::new(bytes)),
            Bytes::Large(mut file) => match file.rewind() {
                Ok(()) => Box::new(BufReader::with_capacity(PIECE, file)),
                Err(error) => return Err(Failure::Read(error)),
            },
        };
        let input = Input {
            file_name,
            size: self.size,
            reader: &mut *reader,
            options: recipe.options,
            context: &context,
            tracing: recipe.tracing,
            may_grow: recipe.may_grow,
        };
        without_panic(format, input, sink)
    }
}

fn ends_in_zeros(bytes: &[u8]) -> bool {
    let tail = &bytes[bytes.len().saturating_sub(ZEROS)..];
    !tail.is_empty() && tail.iter().all(|byte| *byte == 0)
}

/// A report as the store keeps it.
pub(crate) fn owed(conversion: converters::Conversion) -> store::NewReport {
    let report = &conversion.report;
    let text = |value: Option<String>| value.unwrap_or_default();
    let process = report.process_code.as_ref().map(ToString::to_string).or_else(|| report.process_name.clone());
    store::NewReport {
        id: conversion.id,
        index: u32::try_from(conversion.index).unwrap_or(u32::MAX),
        body: report.to_json(),
        kind: if report.kind == report::Kind::Repair { 'R' } else { 'T' },
        sn: report.sn.clone(),
        pn: report.pn.clone(),
        result: text(report.result.as_ref().map(|result| result.letter().to_owned())),
        process: text(process),
        start: text(report.start.as_ref().or(report.start_utc.as_ref()).map(ToString::to_string)),
        step: report.cause().map_or_else(String::new, |step| step.name.chars().take(STEP_NAME).collect()),
        warnings: conversion.warnings.into_iter().map(|warning| warned(&warning)).collect(),
    }
}

fn warned(warning: &converters::Warning) -> String {
    let place = warning.at.map(|at| format!("line {}, column {}: ", at.line, at.column)).unwrap_or_default();
    let pointer = if warning.pointer.is_empty() { String::new() } else { format!("{}: ", warning.pointer) };
    format!("{place}{pointer}{}", warning.message)
}

/// The format that is named, or the best guess that is sure enough.
fn choose(name: &str, file_name: &str, head: &[u8]) -> Result<&'static dyn Format, Rejection> {
    if name != "detect" {
        let known = || converters::formats().iter().map(|format| format.name()).collect::<Vec<_>>().join(", ");
        return converters::format(name)
            .ok_or_else(|| rejection(format!("there is no format {name:?}"), format!("use detect or one of {}", known())));
    }
    let guesses = converters::detect(file_name, head);
    let best = guesses.first().filter(|guess| guess.confidence.0 >= SURE).and_then(|guess| converters::format(guess.format));
    best.ok_or_else(|| {
        let list = guesses.iter().map(|guess| format!("{} ({} %)", guess.format, guess.confidence.0)).collect::<Vec<_>>().join(", ");
        let list = if list.is_empty() { "it resembles none of them".to_owned() } else { format!("the best guesses are {list}") };
        rejection(
            format!("the file is of no format that is known for sure; {list}"),
            "set `format` of the watch rule to the right one, or exclude such files by `file_patterns`".to_owned(),
        )
    })
}

/// A reason without a place.
pub(crate) fn rejection(message: String, fix: String) -> Rejection {
    Rejection { pointer: None, at: None, message, fix }
}

fn without_panic(format: &dyn Format, input: Input<'_>, sink: &mut dyn Sink) -> Result<(), Failure> {
    CONVERTING.set(true);
    let result = catch_unwind(AssertUnwindSafe(|| format.convert(input, sink)));
    CONVERTING.set(false);
    result.unwrap_or_else(|panic| {
        let words = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied());
        Err(Failure::Rejected(vec![rejection(
            format!("the format {} failed on this file: {}", format.name(), words.unwrap_or("no words")),
            "this is a fault of Lineside; send the file to its makers".to_owned(),
        )]))
    })
}

#[cfg(test)]
mod tests;
