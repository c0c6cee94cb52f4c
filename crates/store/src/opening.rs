//! Opening the file: who opens it, what is checked, and what the owner puts right before anybody else sees it.
//!
//! The check at the start: version, tables, and `PRAGMA quick_check(1)` on a file of up to 64 MiB (a fraction of a
//! second). A bigger file is not read through; damage in it is met by the command that touches it, which leads to the
//! same rescue, and every body is checked against its hash before it is handed out.

use std::fs;
use std::path::Path;

use rusqlite::{Connection, ErrorCode, TransactionBehavior};

use crate::connection;
use crate::error::StoreError;
use crate::lease;
use crate::ledger;
use crate::rescue::{self, Rescue};
use crate::schema;
use crate::types::Millis;

/// Files up to this size are read through at the start.
const CHECKED_WHOLE: u64 = 64 << 20;

/// Who opens the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// The worker that holds the instance's guard: nobody else can be at work, so it recovers.
    Owner,
    /// Another process while a worker may run: it neither recovers nor rescues.
    Guest,
}

/// What opening found and put right.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Opened {
    /// Reports that were leased when the last owner ended; they are queued again, due at once.
    pub leases_returned: u64,
    /// Sources whose reports were only half taken in; the files are still in their folders.
    pub sources_dropped: u64,
    /// The file was damaged: where it lies now and what was carried over.
    pub rescue: Option<Rescue>,
}

/// Opens the writing connection with the current schema; the owner's also recovers.
pub(crate) fn open(path: &Path, role: Role, now: Millis) -> Result<(Connection, Opened), StoreError> {
    let opened = match role {
        Role::Owner => as_owner(path, now)?,
        Role::Guest => (as_guest(path)?, Opened::default()),
    };
    // SQLite has done this when it made its files, and does not mind when it fails.
    rescue::sync_folder(path).map_err(|error| StoreError::io(path, &error))?;
    Ok(opened)
}

fn as_owner(path: &Path, now: Millis) -> Result<(Connection, Opened), StoreError> {
    rescue::finish_interrupted(path, now)?;
    let (mut conn, rescue) = match ready(path, connection::writer(path)) {
        Ok(conn) => (conn, None),
        Err(error) if error.is_damage() => {
            let rescue = rescue::rescue(path, now)?;
            (ready(path, connection::writer(path))?, Some(rescue))
        }
        Err(error) => return Err(error),
    };
    // What an earlier process wrote and could not sync may be known to the system alone; brought home, it is synced anew.
    if let Err(error) = conn.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())) {
        tracing::warn!(path = %path.display(), %error, "the queue's log could not be brought home at the start");
    }
    let transaction = conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let leases_returned = lease::return_all(&transaction, now)?;
    let sources_dropped = ledger::drop_staged(&transaction)?;
    transaction.commit()?;
    Ok((conn, Opened { leases_returned, sources_dropped, rescue }))
}

/// A guest makes the file only where there never was one: not between the two renames of a rescue.
fn as_guest(path: &Path) -> Result<Connection, StoreError> {
    match connection::writer_of_existing(path) {
        // another process has just made it
        Err(error) if error.sqlite_error_code() == Some(ErrorCode::CannotOpen) && path.exists() => {
            ready(path, connection::writer_of_existing(path))
        }
        Err(error) if error.sqlite_error_code() == Some(ErrorCode::CannotOpen) => {
            if rescue::is_under_way(path).map_err(|error| StoreError::io(path, &error))? {
                return Err(StoreError::Repairing { path: path.to_path_buf() });
            }
            ready(path, connection::writer(path))
        }
        opened => ready(path, opened),
    }
}

fn ready(path: &Path, opened: Result<Connection, rusqlite::Error>) -> Result<Connection, StoreError> {
    let mut conn = opened?;
    let found = schema::version(&conn)?;
    if found > schema::VERSION {
        return Err(StoreError::Newer { path: path.to_path_buf(), found, known: schema::VERSION });
    }
    if found < 0 || !schema::is_plausible(&conn)? {
        return Err(StoreError::damaged(path, "its tables are not those of a queue"));
    }
    if found > 0 {
        check(&conn, path)?;
    }
    schema::migrate(&mut conn)?;
    Ok(conn)
}

fn check(conn: &Connection, path: &Path) -> Result<(), StoreError> {
    if fs::metadata(path).map_or(0, |file| file.len()) > CHECKED_WHOLE {
        return Ok(());
    }
    let verdict: String = conn.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    if verdict == "ok" { Ok(()) } else { Err(StoreError::damaged(path, &verdict)) }
}
