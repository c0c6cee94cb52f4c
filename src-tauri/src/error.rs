//! What a command answers when it cannot do what was asked: a code for the page, a sentence for the person, and what to do.

use serde::{Deserialize, Serialize};
use specta::Type;

/// Why a command failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type, thiserror::Error)]
#[error("{message}")]
pub(crate) struct CommandError {
    /// A word the page can act upon.
    pub(crate) code: String,
    /// What is wrong, with the path or field.
    pub(crate) message: String,
    /// What to do, where the message does not say it.
    pub(crate) hint: Option<String>,
}

impl CommandError {
    pub(crate) fn new(code: &str, message: impl std::fmt::Display) -> CommandError {
        CommandError { code: code.to_owned(), message: message.to_string(), hint: None }
    }

    pub(crate) fn with_hint(self, hint: impl Into<String>) -> CommandError {
        CommandError { hint: Some(hint.into()), ..self }
    }

    /// A file or folder that cannot be used.
    pub(crate) fn at(path: &std::path::Path, error: impl std::fmt::Display) -> CommandError {
        let (name, text) = (path.display().to_string(), error.to_string());
        let message = if text.contains(&name) { text } else { format!("{name}: {text}") };
        CommandError::new("file", message)
    }
}
