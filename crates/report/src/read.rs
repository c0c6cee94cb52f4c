//! Reading and writing whole reports.

use std::io;

use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_path_to_error::{Path, Segment};

use crate::value::Parsed;
use crate::{Report, Step};

/// Why a document is not a WSJF report: where, what was found and what was expected there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadError {
    /// Line in the document, from 1; 0 when it was read from a value.
    pub line: usize,
    /// Column in bytes, from 1; 0 when it was read from a value.
    pub column: usize,
    /// JSON pointer of the place; empty for the document itself.
    pub pointer: String,
    /// What was found and what is expected.
    pub message: String,
}

impl std::fmt::Display for ReadError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.line > 0 {
            write!(f, "line {}, column {}: ", self.line, self.column)?;
        }
        if !self.pointer.is_empty() {
            write!(f, "{}: ", self.pointer)?;
        }
        f.write_str(&self.message)
    }
}

impl std::error::Error for ReadError {}

impl Report {
    /// Reads one WSJF document (UTF-8, with or without a byte order mark).
    ///
    /// # Errors
    /// When the text is not JSON, nests deeper than 128 levels, is not an object with a `type`, or a known key holds a value of
    /// another type.
    pub fn from_json(bytes: &[u8]) -> Result<Report, ReadError> {
        from_json(bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes))
    }

    /// Reads a report from a parsed JSON document.
    ///
    /// # Errors
    /// As [`Report::from_json`], without line and column.
    pub fn from_value(value: Value) -> Result<Report, ReadError> {
        from_value(value)
    }

    /// The report as compact WSJF, UTF-8, without a final newline.
    pub fn to_json(&self) -> Vec<u8> {
        // writing to memory does not fail, and every key is a string: nothing is left that can go wrong
        serde_json::to_vec(self).expect("a report is always writable as JSON")
    }

    /// Writes the report as compact WSJF without a final newline.
    ///
    /// # Errors
    /// Those of the writer.
    pub fn to_writer(&self, writer: impl io::Write) -> io::Result<()> {
        serde_json::to_writer(writer, self).map_err(io::Error::from)
    }
}

impl Step {
    /// Reads a step, with all steps below it, from a parsed part of a document.
    ///
    /// # Errors
    /// As [`Report::from_value`]; the pointer begins at the step.
    pub fn from_value(value: Value) -> Result<Step, ReadError> {
        from_value(value)
    }
}

fn from_value<T: DeserializeOwned>(value: Value) -> Result<T, ReadError> {
    T::deserialize(Parsed(&value)).or_else(|_| {
        // what is wrong, and where, is told alike for a document and for its text
        from_json(value.to_string().as_bytes()).map_err(|error| ReadError { line: 0, column: 0, ..error })
    })
}

fn from_json<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, ReadError> {
    // the place of a mistake costs an allocation per key, so it is looked for only when there is one
    serde_json::from_slice(bytes).map_err(|error| locate::<T>(bytes, &error))
}

fn locate<T: DeserializeOwned>(bytes: &[u8], error: &serde_json::Error) -> ReadError {
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    let again: Result<T, _> = serde_path_to_error::deserialize(&mut deserializer);
    read_error(error, again.err().map(|error| pointer(error.path())).unwrap_or_default())
}

fn read_error(error: &serde_json::Error, pointer: String) -> ReadError {
    let text = error.to_string();
    let place = format!(" at line {} column {}", error.line(), error.column());
    let message = text.strip_suffix(&place).unwrap_or(&text).replace("invalid type: ", "found ").replace("invalid value: ", "found ");
    ReadError { line: error.line(), column: error.column(), pointer, message }
}

fn pointer(path: &Path) -> String {
    let mut pointer = String::new();
    for segment in path {
        match segment {
            Segment::Seq { index } => pointer.push_str(&format!("/{index}")),
            // the name under which serde_json passes a number's digits on
            Segment::Map { key } if key.starts_with("$serde_json::") => {}
            Segment::Map { key } => pointer.push_str(&format!("/{}", key.replace('~', "~0").replace('/', "~1"))),
            Segment::Enum { .. } | Segment::Unknown => {}
        }
    }
    pointer
}

#[cfg(test)]
mod tests;
