//! Whether the file at the store's path is still the one that is open, and what to do when it is not: a folder deleted or
//! replaced under a running worker must not take along what only the open file knows.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use rusqlite::Connection;
use rusqlite::backup::{Backup, StepResult};

use crate::error::StoreError;
use crate::rescue::{free_name, sync_folder};
use crate::types::Millis;

/// Which file a path leads to. Windows lets nobody delete an open file; there all are alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Identity(u64, u64);

/// What the path leads to now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standing {
    /// The open file, as far as can be told.
    Same,
    /// Another file.
    Other,
    /// Nothing.
    Gone,
}

impl Identity {
    pub(crate) fn of(path: &Path) -> io::Result<Self> {
        fs::metadata(path).map(|file| Self::from(&file))
    }

    #[cfg(unix)]
    fn from(file: &fs::Metadata) -> Self {
        use std::os::unix::fs::MetadataExt;
        Self(file.dev(), file.ino())
    }

    #[cfg(not(unix))]
    fn from(_: &fs::Metadata) -> Self {
        Self(0, 0)
    }
}

/// Compares the file at the path with the one that was opened. A folder that does not answer is no reason to give up.
pub(crate) fn look(path: &Path, opened: Identity) -> Standing {
    match Identity::of(path) {
        Ok(found) if found != opened => Standing::Other,
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => Standing::Gone,
        _ => Standing::Same,
    }
}

/// Writes all that the open file holds to the path it was deleted from.
///
/// The copy grows under a name no recovery takes for a store. Where another file has taken the path it keeps that name,
/// for a person to look at.
pub(crate) fn bring_back(open: &Connection, path: &Path, now: Millis) -> Result<(), StoreError> {
    let copy = copy_aside(open, path, now)?;
    if path.exists() {
        return Err(cut_off(
            path,
            &format!("what this worker had open is saved in {}; its start goes on with the new one", copy.display()),
        ));
    }
    fs::rename(&copy, path).and_then(|()| sync_folder(path)).map_err(|error| StoreError::io(path, &error))
}

fn copy_aside(open: &Connection, path: &Path, now: Millis) -> Result<PathBuf, StoreError> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(|error| StoreError::io(folder, &error))?;
    }
    let copy = free_name(path, now);
    let mut to = Connection::open(&copy)?;
    to.execute_batch("PRAGMA synchronous = FULL; PRAGMA fullfsync = ON")?;
    match Backup::new(open, &mut to)?.step(-1)? {
        StepResult::Done => {}
        _ => return Err(cut_off(path, "what was open could not be copied, it is in use")),
    }
    to.close().map_err(|(_, error)| error)?;
    Ok(copy)
}

/// The error of a store whose file is no longer at its path.
pub(crate) fn cut_off(path: &Path, what: &str) -> StoreError {
    StoreError::CutOff { path: path.to_path_buf(), what: what.to_owned() }
}
