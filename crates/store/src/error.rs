//! What can go wrong with the store, as values: each names the file or the ticket and says what to do.

use std::io;
use std::path::{Path, PathBuf};

use rusqlite::ErrorCode;

use crate::types::Ticket;

/// Why a command or a read of the store failed. Nothing of a failed command has been stored.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// SQLite or the disk beneath it refused.
    #[error("{}: {message}: {}", path.display(), trouble.remedy())]
    Database {
        /// The database file.
        path: PathBuf,
        /// What kind of trouble it is.
        trouble: Trouble,
        /// SQLite's own words.
        message: String,
    },
    /// The file was written by a newer version; it has not been touched.
    #[error(
        "{}: has schema version {found}, this program knows up to {known}: install the newer version again, or move the file away to start with an empty queue",
        path.display()
    )]
    Newer {
        /// The database file.
        path: PathBuf,
        /// The schema version in the file.
        found: i64,
        /// The newest schema version this program knows.
        known: i64,
    },
    /// The ticket is not leased (any more): it was settled before, returned by a restart, or never existed.
    #[error("ticket {0} is not leased: it was settled before or returned to the queue; lease it again")]
    NotLeased(Ticket),
    /// No report has this ticket.
    #[error("ticket {0}: there is no such report: list the queue or the history to find it")]
    NoSuchReport(Ticket),
    /// Only a report that was sent, or that stands in error, can be sent again.
    #[error("ticket {0} is still owed: it will be sent by itself")]
    StillOwed(Ticket),
    /// The body is no longer in the store, and none was given.
    #[error("ticket {0}: its body is not in the store: read it from the archive in reports/ and give it along")]
    BodyGone(Ticket),
    /// The staged part of a source was dropped (the owner recovered the store meanwhile).
    #[error("source {0}: its staged reports are gone because the worker was restarted meanwhile: take the file in again")]
    IntakeLost(String),
    /// The body could not be compressed.
    #[error("report {id}: its body cannot be compressed: {message}: free memory and take the file in again")]
    Compression {
        /// The report's id.
        id: uuid::Uuid,
        /// The compressor's words.
        message: String,
    },
    /// The file was deleted, moved or replaced while it was open; nothing is acknowledged any more.
    #[error("{}: was deleted or replaced while it was in use: {what}; start the worker anew", path.display())]
    CutOff {
        /// The database file.
        path: PathBuf,
        /// What became of what was open.
        what: String,
    },
    /// There is no queue file, but what a rescue leaves beside it: a new file would stand in the worker's way.
    #[error("{}: is being repaired by the worker, or waits for it to be: start the worker, or try again in a moment", path.display())]
    Repairing {
        /// The database file.
        path: PathBuf,
    },
    /// The writer thread has ended.
    #[error("the store is closed: open it again")]
    Closed,
}

/// The kinds of trouble a database file can give.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// No space left on the disk (or a quota reached).
    Full,
    /// Reading, writing or syncing failed.
    Io,
    /// Another process held the file too long.
    Busy,
    /// The file or folder cannot be opened or written by this user.
    Denied,
    /// The content is damaged.
    Damaged,
    /// Anything else SQLite reports; a fault of ours or a strange file.
    Other,
}

impl Trouble {
    fn remedy(self) -> &'static str {
        match self {
            Self::Full => "free space on this disk; nothing was acknowledged, and work goes on when there is space",
            Self::Io => "check the disk; nothing was acknowledged",
            Self::Busy => "another program holds the queue; try again",
            Self::Denied => "make sure that the folder exists and that this user may write in it",
            Self::Damaged => "the worker sets the damaged file aside and rescues what is readable; try again",
            Self::Other => "report this as a fault of the program",
        }
    }

    fn of(error: &rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => Self::Full,
            Some(ErrorCode::SystemIoFailure | ErrorCode::FileLockingProtocolFailed) => Self::Io,
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Busy,
            Some(ErrorCode::CannotOpen | ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => Self::Denied,
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => Self::Damaged,
            _ => Self::Other,
        }
    }
}

impl StoreError {
    /// Whether the content of the file is damaged, so that a rescue is due.
    #[must_use]
    pub fn is_damage(&self) -> bool {
        self.trouble() == Some(Trouble::Damaged)
    }

    /// The kind of trouble, when SQLite or the disk refused.
    #[must_use]
    pub fn trouble(&self) -> Option<Trouble> {
        match self {
            Self::Database { trouble, .. } => Some(*trouble),
            _ => None,
        }
    }

    /// The same error with the file named; SQL code deep inside does not know it.
    pub(crate) fn at(mut self, file: &Path) -> Self {
        if let Self::Database { path, .. } = &mut self {
            *path = file.to_path_buf();
        }
        self
    }

    pub(crate) fn damaged(path: &Path, message: &str) -> Self {
        Self::Database { path: path.to_path_buf(), trouble: Trouble::Damaged, message: message.to_owned() }
    }

    pub(crate) fn io(path: &Path, error: &io::Error) -> Self {
        let trouble = match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Trouble::Full,
            io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => Trouble::Denied,
            _ => Trouble::Io,
        };
        Self::Database { path: path.to_path_buf(), trouble, message: error.to_string() }
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Database { path: PathBuf::new(), trouble: Trouble::of(&error), message: error.to_string() }
    }
}
