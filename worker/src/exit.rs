//! How the process ends: one table of exit codes, and the error that carries one.
//!
//! The codes are a promise to scripts that deploy stations; a number never changes its meaning.

use serde_json::{Value, json};
use std::fmt;

/// Every way to end but a good one, which is 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Exit {
    /// Something failed that no other code names; `run --once`: a source was rejected or a report refused.
    Failed = 1,
    /// The command line makes no sense, or something it needs is missing.
    Usage = 2,
    /// Somebody pressed Ctrl+C before it was done.
    Interrupted = 3,
    /// A folder or file may not be used by this account.
    Permission = 14,
    /// The settings cannot be read or saved.
    Config = 20,
    /// There is no such instance, file or report.
    NotFound = 21,
    /// The settings were read, and are wrong.
    Invalid = 22,
    /// The worker cannot start, for example because another one runs.
    Start = 30,
    /// The worker does not stop.
    Stop = 31,
    /// No worker runs.
    NotRunning = 32,
    /// It took too long.
    Timeout = 33,
    /// What answers is not the WATS server as it should be.
    Network = 40,
    /// The server cannot be reached; what is owed stays in the queue.
    Unreachable = 41,
    /// The server refuses the token; what is owed stays in the queue.
    Token = 42,
}

impl Exit {
    /// The same as a word, for programs that read the answer.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Exit::Failed => "failed",
            Exit::Usage => "usage",
            Exit::Interrupted => "interrupted",
            Exit::Permission => "permission",
            Exit::Config => "config",
            Exit::NotFound => "not_found",
            Exit::Invalid => "invalid",
            Exit::Start => "start",
            Exit::Stop => "stop",
            Exit::NotRunning => "not_running",
            Exit::Timeout => "timeout",
            Exit::Network => "network",
            Exit::Unreachable => "unreachable",
            Exit::Token => "token",
        }
    }
}

/// The process must end: what to say, and the exit code.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub(crate) struct Fatal {
    pub(crate) exit: Exit,
    pub(crate) message: String,
    /// What to do, where the message does not say it.
    pub(crate) hint: Option<String>,
}

impl Fatal {
    /// An end with this code; `message` names the path, field or address and says what to do.
    pub(crate) fn new(exit: Exit, message: impl fmt::Display) -> Fatal {
        Fatal { exit, message: message.to_string(), hint: None }
    }

    /// The same with what to do about it.
    pub(crate) fn hinting(self, hint: impl fmt::Display) -> Fatal {
        Fatal { hint: Some(hint.to_string()), ..self }
    }

    /// The same as an answer for programs.
    pub(crate) fn as_json(&self) -> Value {
        json!({"code": self.exit.word(), "message": self.message, "hint": self.hint})
    }
}
