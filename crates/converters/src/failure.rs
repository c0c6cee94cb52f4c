//! Why a source did not become reports, in words for the person at the tester.

use std::fmt;
use std::io;

use crate::input::Stopped;
use crate::quoting::readable;
use crate::trace::Span;

/// One reason to refuse a source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejection {
    /// JSON pointer in the report that would have been produced, where one is meant.
    pub pointer: Option<String>,
    /// Place in the source, where one is known.
    pub at: Option<Span>,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub fix: String,
}

impl Rejection {
    /// A reason without a place.
    pub(crate) fn new(message: impl Into<String>, fix: impl Into<String>) -> Self {
        Self { pointer: None, at: None, message: readable(message.into()), fix: readable(fix.into()) }
    }

    /// The same reason with its place in the source.
    pub(crate) fn at(mut self, span: Span) -> Self {
        self.at = Some(span);
        self
    }

    /// The same reason with the pointer of the value it is about.
    pub(crate) fn about(mut self, pointer: impl Into<String>) -> Self {
        self.pointer = Some(pointer.into());
        self
    }
}

impl fmt::Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(span) = self.at {
            write!(f, "line {}, column {}: ", span.line, span.column)?;
        }
        match self.pointer.as_deref() {
            Some(pointer) if !pointer.is_empty() => write!(f, "{pointer}: ")?,
            _ => {}
        }
        write!(f, "{}: {}", self.message, self.fix)
    }
}

/// How a conversion ends when it does not succeed.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The source is wrong; every reason found. It will not get better by waiting.
    #[error("{}", lines(.0))]
    Rejected(Vec<Rejection>),
    /// The text ends too early and the file may still grow: look again when it changed or is final.
    #[error("not complete yet: {0}")]
    Incomplete(Rejection),
    /// The source could not be read.
    #[error("cannot read the source: {0}")]
    Read(#[from] io::Error),
    /// The taker of the reports wants no more of them.
    #[error("stopped by the receiver of the reports")]
    Stopped,
}

impl Failure {
    /// A source whose text ends too early: to be looked at again while the file may grow, wrong once it is final.
    pub(crate) fn cut(rejection: Rejection, may_grow: bool) -> Self {
        if may_grow { Self::Incomplete(rejection) } else { rejection.into() }
    }
}

impl From<Rejection> for Failure {
    fn from(rejection: Rejection) -> Self {
        Self::Rejected(vec![rejection])
    }
}

impl From<Stopped> for Failure {
    fn from(_: Stopped) -> Self {
        Self::Stopped
    }
}

fn lines(rejections: &[Rejection]) -> String {
    rejections.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}
