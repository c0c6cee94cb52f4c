//! Cuts a WSTF file into reports: from one `--Header-Start--` to its `--UUT-End--`. One report is in memory at a time.

use std::io::{BufRead, Read};

use encoding_rs::{Encoding, UTF_8};

use crate::failure::{Failure, Rejection};
use crate::text::{self, Source, read_failure, unwritten};
use crate::trace::Span;

/// The largest single report accepted.
const MAX_BLOCK: u64 = 256 << 20;

/// A line that divides the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Marker {
    HeaderStart,
    StepDataStart,
    StepDataEnd,
    UutEnd,
}

impl Marker {
    /// The marker in the first cell of a line; spaces and case do not matter (the vendor itself writes `-- UUT-End--`).
    pub(super) fn of(line: &[u8]) -> Option<Self> {
        let cell = line.split(|byte| *byte == b'\t').next()?.trim_ascii();
        if cell.len() > 40 || !cell.starts_with(b"--") {
            return None;
        }
        let bare: Vec<u8> = cell.iter().filter(|byte| **byte != b' ').map(u8::to_ascii_lowercase).collect();
        match bare.as_slice() {
            b"--header-start--" => Some(Self::HeaderStart),
            b"--step-data-start--" => Some(Self::StepDataStart),
            b"--step-data-end--" => Some(Self::StepDataEnd),
            b"--uut-end--" => Some(Self::UutEnd),
            _ => None,
        }
    }
}

/// The text of one report.
pub(super) struct Block {
    /// All its lines.
    pub(super) text: String,
    /// The encoding the lines have in the file.
    pub(super) encoding: &'static Encoding,
    /// Whether another encoding had to do for what is UTF-8 in part.
    pub(super) mixed: bool,
    /// Its place in the file.
    pub(super) span: Span,
    /// Whether it was closed by `--UUT-End--`.
    pub(super) ended: bool,
    /// Whether the file ends with it.
    pub(super) last: bool,
}

/// Reads one block after the other.
pub(super) struct Blocks<'r> {
    source: Source<'r>,
    fallback: &'static Encoding,
    fixed: bool,
    may_grow: bool,
    next_line: Vec<u8>,
    at: Span,
}

impl<'r> Blocks<'r> {
    /// For a source of which nothing was read yet. `given` is the encoding to read in, else UTF-8 where a report is valid UTF-8,
    /// and windows-1252 where not; a byte order mark goes before both.
    pub(super) fn open(reader: &'r mut dyn BufRead, given: Option<&'static Encoding>, may_grow: bool) -> Result<Self, Failure> {
        let source = Source::open(reader)?;
        let at = Span { start: source.origin(), end: source.origin(), line: 1, column: 1 };
        let fallback = given.unwrap_or(encoding_rs::WINDOWS_1252);
        Ok(Self { source, fallback, fixed: given.is_some(), may_grow, next_line: Vec::new(), at })
    }

    /// Where reading stands.
    pub(super) fn at(&self) -> Span {
        self.at
    }

    /// The next report's text, or `None` at the end of the file.
    pub(super) fn next_block(&mut self) -> Result<Option<Block>, Failure> {
        let mut bytes = Vec::new();
        let mut ended = false;
        loop {
            if self.next_line.is_empty() && !self.fill_line()? {
                break;
            }
            let marker = Marker::of(&self.next_line);
            if bytes.is_empty() && marker != Some(Marker::HeaderStart) {
                self.skip_blank()?;
                continue;
            }
            if marker == Some(Marker::HeaderStart) && !bytes.is_empty() {
                break;
            }
            bytes.append(&mut self.next_line);
            if bytes.len() as u64 > MAX_BLOCK {
                return Err(Rejection::new("one report is larger than 256 MiB", "split it").at(self.at).into());
            }
            if marker == Some(Marker::UutEnd) {
                ended = true;
                break;
            }
        }
        let last = !ended && self.next_line.is_empty();
        (!bytes.is_empty()).then(|| self.decode(bytes, ended, last)).transpose()
    }

    fn fill_line(&mut self) -> Result<bool, Failure> {
        let read = (&mut self.source)
            .take(MAX_BLOCK + 1)
            .read_until(b'\n', &mut self.next_line)
            .map_err(|error| read_failure(error, self.at, self.may_grow))?;
        Ok(read > 0)
    }

    /// Steps over a line between reports, which must be blank.
    fn skip_blank(&mut self) -> Result<(), Failure> {
        if !self.next_line.trim_ascii().is_empty() {
            let rejection = match self.next_line[0] {
                0 => unwritten(),
                _ => Rejection::new("a report begins with `--Header-Start--`", "remove what stands before it"),
            };
            // a marker cut in two may get its other half yet
            return Err(Failure::cut(rejection.at(self.at), self.may_grow && !self.next_line.ends_with(b"\n")));
        }
        let line = std::mem::take(&mut self.next_line);
        let encoding = self.source.announced().unwrap_or(UTF_8);
        self.pass(&String::from_utf8_lossy(&line), encoding);
        Ok(())
    }

    fn decode(&mut self, bytes: Vec<u8>, ended: bool, last: bool) -> Result<Block, Failure> {
        let announced = self.source.announced();
        // the text takes over the bytes where they are UTF-8: it is not to be there twice
        let decoded = match String::from_utf8(bytes) {
            Ok(text) if announced.is_some() || !self.fixed || self.fallback == UTF_8 => Some((text, announced.unwrap_or(UTF_8), false)),
            _ if announced.is_some() => None,
            other => {
                let bytes = other.map_or_else(std::string::FromUtf8Error::into_bytes, String::into_bytes);
                let mixed = || !self.fixed && self.fallback != UTF_8 && bytes.utf8_chunks().any(|chunk| !chunk.valid().is_ascii());
                text::decode(&bytes, self.fallback).map(|text| (text.into_owned(), self.fallback, mixed()))
            }
        };
        let (text, encoding, mixed) = decoded.ok_or_else(|| {
            let named = announced.unwrap_or(self.fallback).name();
            Rejection::new(format!("the text is not {named}"), "save it in that encoding or set the option `encoding`").at(self.at)
        })?;
        let begin = self.at;
        self.pass(&text, encoding);
        Ok(Block { text, encoding, mixed, span: Span { end: self.at.start, ..begin }, ended, last })
    }

    /// Moves the place behind whole lines of text.
    fn pass(&mut self, text: &str, encoding: &'static Encoding) {
        self.at.start += text::source_len(text, encoding);
        self.at.end = self.at.start;
        let lines = text.bytes().filter(|byte| *byte == b'\n').count();
        self.at.line = self.at.line.saturating_add(u32::try_from(lines).unwrap_or(u32::MAX));
    }
}
