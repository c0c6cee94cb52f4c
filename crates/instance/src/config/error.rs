//! What can be wrong with the settings, in words for the person who has to put it right.

use std::{fmt, io, path::PathBuf};

use super::path::pointer;
use super::place::Place;
use crate::SecretError;

/// One fault of one value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// JSON path, as in `converters[0].format`; empty for the whole file.
    pub path: String,
    /// Line in the file, from 1, where it is known.
    pub line: Option<usize>,
    /// Column in characters, from 1, where it is known.
    pub column: Option<usize>,
    /// What stands there, shortened.
    pub found: String,
    /// What may stand there.
    pub allowed: String,
    /// What is wrong and what to do, in one sentence, without the place.
    pub message: String,
}

impl Problem {
    /// `found` where `allowed` should be.
    pub(crate) fn new(path: &str, found: impl Into<String>, allowed: impl Into<String>) -> Problem {
        let (found, allowed) = (found.into(), allowed.into());
        let message = format!("found {found}; allowed: {allowed}");
        Problem { path: path.to_owned(), line: None, column: None, found, allowed, message }
    }

    /// The place as a JSON pointer (RFC 6901).
    pub fn pointer(&self) -> String {
        pointer(&self.path)
    }

    /// The same in other words.
    pub(crate) fn saying(mut self, message: impl Into<String>) -> Problem {
        self.message = message.into();
        self
    }

    pub(crate) fn at(mut self, place: Option<Place>) -> Problem {
        self.line = place.map(|place| place.line);
        self.column = place.map(|place| place.column);
        self
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        place_text(f, &self.path, self.line, self.column)?;
        f.write_str(&self.message)
    }
}

fn place_text(f: &mut fmt::Formatter<'_>, path: &str, line: Option<usize>, column: Option<usize>) -> fmt::Result {
    f.write_str(path)?;
    if let (Some(line), Some(column)) = (line, column) {
        let gap = if path.is_empty() { "" } else { " " };
        write!(f, "{gap}(line {line}, column {column})")?;
    }
    if path.is_empty() && line.is_none() { Ok(()) } else { f.write_str(": ") }
}

/// What is odd and stops nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigWarning {
    /// JSON path.
    pub path: String,
    /// Line in the file, from 1, where it is known.
    pub line: Option<usize>,
    /// Column in characters, from 1, where it is known.
    pub column: Option<usize>,
    /// What is odd and what to do.
    pub message: String,
}

impl ConfigWarning {
    pub(crate) fn new(path: &str, message: impl Into<String>) -> ConfigWarning {
        ConfigWarning { path: path.to_owned(), line: None, column: None, message: message.into() }
    }

    pub(crate) fn at(mut self, place: Option<Place>) -> ConfigWarning {
        self.line = place.map(|place| place.line);
        self.column = place.map(|place| place.column);
        self
    }
}

impl fmt::Display for ConfigWarning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        place_text(f, &self.path, self.line, self.column)?;
        f.write_str(&self.message)
    }
}

/// Why settings cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// There are none.
    #[error("{} does not exist. Create the instance first", file.display())]
    Missing {
        /// The file.
        file: PathBuf,
    },
    /// The file cannot be read.
    #[error("cannot read {}: {source}", file.display())]
    Read {
        /// The file.
        file: PathBuf,
        /// The system's words.
        source: io::Error,
    },
    /// The file is of a newer version.
    #[error(
        "{} has schema_version {found}, and this version of Lineside knows {known} at most. Update Lineside, or restore a copy of the older file",
        file.display()
    )]
    Newer {
        /// The file.
        file: PathBuf,
        /// Its version.
        found: String,
        /// Ours.
        known: u32,
    },
    /// The file is no JSON, or breaks the schema.
    #[error("{}:{}", file.display(), list(problems))]
    Invalid {
        /// The file.
        file: PathBuf,
        /// Every fault, in the order of the file.
        problems: Vec<Problem>,
    },
}

impl ConfigError {
    /// The faults, where the error is about single values.
    pub fn problems(&self) -> &[Problem] {
        match self {
            ConfigError::Invalid { problems, .. } => problems,
            _ => &[],
        }
    }
}

fn list(problems: &[Problem]) -> String {
    problems.iter().map(|problem| format!("\n  {problem}")).collect()
}

/// Why settings were not saved. The old ones are still there.
#[derive(Debug, thiserror::Error)]
pub enum SaveError {
    /// Somebody else saved meanwhile.
    #[error("the settings were changed by somebody else since they were read. Read them again and repeat the change")]
    Changed {
        /// Hash of what is there now; `None`: the file is gone.
        found: Option<String>,
    },
    /// The new (or, for a migration, the old) settings cannot be used.
    #[error(transparent)]
    Invalid(#[from] ConfigError),
    /// The token of older settings could not be moved to its place.
    #[error(transparent)]
    Secret(#[from] SecretError),
    /// A file cannot be written.
    #[error("cannot write {}: {source}", file.display())]
    Io {
        /// The file.
        file: PathBuf,
        /// The system's words.
        source: io::Error,
    },
}
