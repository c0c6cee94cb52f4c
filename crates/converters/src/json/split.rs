//! Finds the documents in a stream of JSON: one object, an array of objects, JSON Lines, or objects one behind the other.
//!
//! Looks only at braces, brackets and quotes; one document at a time is in memory. What is inside a document is the parser's
//! business.

use std::io::BufRead;

use encoding_rs::{Encoding, UTF_8};

use crate::failure::{Failure, Rejection};
use crate::text::{Source, is_wide, read_failure, unwritten};
use crate::trace::Span;

/// The deepest nesting accepted, the same as the report reader's.
const MAX_DEPTH: usize = 128;
/// The largest single report accepted.
const MAX_DOCUMENT: usize = 256 << 20;

/// One document and where it begins.
pub(crate) struct Document {
    /// The bytes from the opening to the closing brace.
    pub(crate) bytes: Vec<u8>,
    /// The place of the document in the file.
    pub(crate) span: Span,
}

/// Gives one document after the other.
pub(crate) struct Splitter<'r> {
    source: Source<'r>,
    may_grow: bool,
    at: Cursor,
    in_array: bool,
}

/// The place in the file up to which the source was read.
#[derive(Clone, Copy)]
struct Cursor {
    offset: u64,
    line: u32,
    column: u32,
    wide: bool,
}

impl Cursor {
    /// Steps over a piece of UTF-8 (or of an encoding with one byte a character), which may be cut anywhere.
    fn step(&mut self, piece: &[u8]) {
        let begins = |piece: &[u8]| piece.iter().filter(|byte| **byte & 0xC0 != 0x80).count();
        self.offset += match self.wide {
            false => piece.len(),
            true => 2 * begins(piece) + 2 * piece.iter().filter(|byte| **byte >= 0xF0).count(),
        } as u64;
        let lines = piece.iter().filter(|byte| **byte == b'\n').count();
        let last = match lines {
            0 => piece,
            _ => {
                self.column = 1;
                &piece[piece.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1)..]
            }
        };
        self.line = self.line.saturating_add(u32::try_from(lines).unwrap_or(u32::MAX));
        self.column = self.column.saturating_add(u32::try_from(begins(last)).unwrap_or(u32::MAX));
    }

    fn span(self) -> Span {
        Span { start: self.offset, end: self.offset, line: self.line, column: self.column }
    }
}

/// What the bytes of a document did so far.
#[derive(Default)]
struct Nesting {
    open: Vec<u8>,
    in_string: bool,
    escaped: bool,
}

enum Step {
    Inside,
    Closed,
    Wrong(&'static str),
}

impl Nesting {
    /// Goes on until the document is closed or wrong: how it ended, and how many bytes belong to the document.
    fn walk(&mut self, piece: &[u8]) -> (Step, usize) {
        let mut at = 0;
        while let Some(&byte) = piece.get(at) {
            if self.in_string {
                at += self.string(&piece[at..]);
                continue;
            }
            match self.step(byte) {
                Step::Inside => at += 1,
                Step::Closed => return (Step::Closed, at + 1),
                wrong @ Step::Wrong(_) => return (wrong, at),
            }
        }
        (Step::Inside, at)
    }

    /// How many bytes of a piece that begins inside a string belong to it.
    fn string(&mut self, piece: &[u8]) -> usize {
        if std::mem::take(&mut self.escaped) {
            return 1;
        }
        let Some(end) = piece.iter().position(|byte| matches!(byte, b'"' | b'\\')) else { return piece.len() };
        self.escaped = piece[end] == b'\\';
        self.in_string = self.escaped;
        end + 1
    }

    fn step(&mut self, byte: u8) -> Step {
        match byte {
            b'"' => self.in_string = true,
            b'{' | b'[' if self.open.len() == MAX_DEPTH => return Step::Wrong("the nesting is deeper than 128 levels"),
            b'{' => self.open.push(b'}'),
            b'[' => self.open.push(b']'),
            b'}' | b']' if self.open.pop() != Some(byte) => return Step::Wrong("a bracket is closed that is not the open one"),
            b'}' | b']' if self.open.is_empty() => return Step::Closed,
            _ => {}
        }
        Step::Inside
    }
}

impl<'r> Splitter<'r> {
    /// For a source of which nothing was read yet.
    pub(crate) fn open(reader: &'r mut dyn BufRead, may_grow: bool) -> Result<Self, Failure> {
        let source = Source::open(reader)?;
        let wide = source.announced().is_some_and(is_wide);
        let at = Cursor { offset: source.origin(), line: 1, column: 1, wide };
        Ok(Self { source, may_grow, at, in_array: false })
    }

    /// The encoding of the file where its byte order mark says so.
    pub(crate) fn announced(&self) -> Option<&'static Encoding> {
        self.source.announced()
    }

    /// The encoding the documents' bytes are in, where a byte order mark says so.
    pub(crate) fn document_encoding(&self) -> Option<&'static Encoding> {
        self.announced().map(|_| UTF_8)
    }

    /// The next document, or `None` behind the last one.
    pub(crate) fn next_document(&mut self) -> Result<Option<Document>, Failure> {
        if !self.skip_to_document()? {
            return Ok(None);
        }
        let begin = self.at.span();
        let mut bytes = Vec::new();
        let mut nesting = Nesting::default();
        loop {
            let buffer = self.source.fill_buf().map_err(|error| read_failure(error, self.at.span(), self.may_grow))?;
            if buffer.is_empty() {
                let message = format!("the text ends inside the report that begins in line {}", begin.line);
                return Err(self.cut(&message, "write the whole report before the file is handed over"));
            }
            let (step, taken) = nesting.walk(buffer);
            self.at.step(&buffer[..taken]);
            bytes.extend_from_slice(&buffer[..taken]);
            self.source.consume(taken);
            match step {
                Step::Closed => return Ok(Some(Document { bytes, span: Span { end: self.at.offset, ..begin } })),
                Step::Wrong(message) => return Err(self.wrong(message, "correct the JSON")),
                Step::Inside if bytes.len() > MAX_DOCUMENT => return Err(self.wrong("one report is larger than 256 MiB", "split it")),
                Step::Inside => {}
            }
        }
    }

    /// Goes to the next opening brace; false at the end of the source.
    fn skip_to_document(&mut self) -> Result<bool, Failure> {
        loop {
            let Some(&byte) = self.source.fill_buf().map_err(|error| read_failure(error, self.at.span(), self.may_grow))?.first() else {
                return match self.in_array {
                    true => Err(self.cut("the text ends inside the list of reports", "close the list with a bracket")),
                    false => Ok(false),
                };
            };
            match byte {
                b'{' => return Ok(true),
                b'[' if !self.in_array => self.in_array = true,
                b']' if self.in_array => self.in_array = false,
                0 => return Err(Failure::cut(unwritten().at(self.at.span()), self.may_grow)),
                // 0x1E separates the records of a JSON text sequence.
                b' ' | b'\t' | b'\r' | b'\n' | b',' | 0x1E => {}
                _ => return Err(self.wrong("here a report should begin with a brace", "remove what is not a report")),
            }
            self.at.step(&[byte]);
            self.source.consume(1);
        }
    }

    fn wrong(&self, message: &str, fix: &str) -> Failure {
        Rejection::new(message, fix).at(self.at.span()).into()
    }

    fn cut(&self, message: &str, fix: &str) -> Failure {
        Failure::cut(Rejection::new(message, fix).at(self.at.span()), self.may_grow)
    }
}
