//! What can go wrong with the sandbox itself.

use std::{io, path::PathBuf};

/// Why the sandbox could not start or could not answer. Every text says what to do.
#[derive(Debug, thiserror::Error)]
pub enum SandboxError {
    /// The port is taken or may not be used.
    #[error("cannot listen on 127.0.0.1:{port}: {source}; choose another port, or 0 for any free one")]
    Bind {
        /// The port that was asked for.
        port: u16,
        /// What the system said.
        source: io::Error,
    },
    /// The file for received reports cannot be opened or made.
    #[error("cannot keep received reports in {}: {source}; choose a path that can be written, or delete the file", path.display())]
    Open {
        /// The database file, or `:memory:`.
        path: PathBuf,
        /// What SQLite said.
        source: rusqlite::Error,
    },
    /// The file holds something else than a sandbox of this version.
    #[error("{} is not a sandbox database of this version; choose another path, or delete the file", path.display())]
    Foreign {
        /// The file that was found.
        path: PathBuf,
    },
    /// Reading or writing received reports failed while running.
    #[error("the sandbox database failed: {0}; see whether the disk is full, then start the sandbox again")]
    Database(#[from] rusqlite::Error),
    /// A fault switch is out of range.
    #[error("{0}")]
    Faults(String),
    /// The sandbox has been stopped.
    #[error("the sandbox has stopped; start it again")]
    Stopped,
}
