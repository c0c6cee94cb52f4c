//! How connections are opened: the pragmas that durability, bounded files and short waits rest on.

use std::path::Path;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags, ffi};

/// How long a connection waits for another process before it reports that the file is busy.
const BUSY: Duration = Duration::from_secs(10);

/// The fixed page size; the rescue reads pages without asking SQLite.
pub(crate) const PAGE: usize = 4096;

/// The writing connection. `auto_vacuum` must come before the first table and before WAL; later it would be a write.
///
/// After 16 MiB of WAL a commit also checkpoints, and a WAL that grew beyond 32 MiB (a reader was in the way) is cut
/// back. `fullfsync` makes a sync reach the platter on macOS; elsewhere it changes nothing.
pub(crate) fn writer(path: &Path) -> Result<Connection, rusqlite::Error> {
    writable(path, OpenFlags::SQLITE_OPEN_CREATE)
}

/// The writing connection to a file that is there; none is made.
pub(crate) fn writer_of_existing(path: &Path) -> Result<Connection, rusqlite::Error> {
    writable(path, OpenFlags::empty())
}

fn writable(path: &Path, more: OpenFlags) -> Result<Connection, rusqlite::Error> {
    let conn = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX | more)?;
    conn.busy_timeout(BUSY)?;
    let pages: i64 = conn.pragma_query_value(None, "page_count", |row| row.get(0))?;
    if pages == 0 {
        conn.execute_batch("PRAGMA page_size = 4096; PRAGMA auto_vacuum = INCREMENTAL;")?;
    }
    write_ahead(&conn)?;
    conn.execute_batch(
        "PRAGMA synchronous = EXTRA; PRAGMA fullfsync = ON; PRAGMA checkpoint_fullfsync = ON; PRAGMA foreign_keys = OFF;
         PRAGMA wal_autocheckpoint = 4096; PRAGMA journal_size_limit = 33554432; PRAGMA cell_size_check = ON;
         PRAGMA temp_store = MEMORY; PRAGMA cache_size = -8192;",
    )?;
    plan_once(&conn)?;
    conn.set_prepared_statement_cache_capacity(64);
    Ok(conn)
}

/// SQLite answers with the old mode where it could not change it, and goes on in that, where readers and writers wait for each
/// other. After a sync that failed just then it does not even say so: hence `synchronous = EXTRA`, which is `FULL` for a log that is
/// written ahead, and otherwise also syncs the removal of the journal, without which a power cut takes a commit back.
fn write_ahead(conn: &Connection) -> Result<(), rusqlite::Error> {
    let mode: String = conn.pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get(0))?;
    if mode == "wal" {
        return Ok(());
    }
    let why = format!("its log cannot be written ahead (journal mode {mode}); the queue needs a disk of this machine");
    Err(rusqlite::Error::SqliteFailure(ffi::Error::new(ffi::SQLITE_IOERR), Some(why)))
}

/// A reading connection beside an open writer, or in another process.
pub(crate) fn reader(path: &Path) -> Result<Connection, rusqlite::Error> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    readable(Connection::open_with_flags(path, flags)?)
}

/// A reading connection for a folder in which nothing may be written (no `-shm` can be made): the file as it stands,
/// without what only the WAL knows.
pub(crate) fn immutable(path: &Path) -> Result<Connection, rusqlite::Error> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_URI;
    readable(Connection::open_with_flags(immutable_uri(path), flags)?)
}

fn readable(conn: Connection) -> Result<Connection, rusqlite::Error> {
    conn.busy_timeout(BUSY)?;
    conn.execute_batch("PRAGMA cell_size_check = ON; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -2048;")?;
    plan_once(&conn)?;
    conn.set_prepared_statement_cache_capacity(32);
    Ok(conn)
}

/// A prepared statement keeps its plan. Otherwise SQLite (built with statistics it has no use for here: nothing is ever
/// analysed) plans many a statement anew for each value that is bound to it, nearly half of what a commit costs.
fn plan_once(conn: &Connection) -> Result<(), rusqlite::Error> {
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true).map(drop)
}

fn immutable_uri(path: &Path) -> String {
    let whole = std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf());
    let slashed = whole.to_string_lossy().replace('\\', "/");
    let rooted = if slashed.starts_with('/') { slashed } else { format!("/{slashed}") };
    let escaped = rooted.replace('%', "%25").replace('?', "%3f").replace('#', "%23");
    format!("file://{escaped}?immutable=1")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_cannot_be_written_ahead_is_refused() {
        let error = write_ahead(&Connection::open_in_memory().unwrap()).unwrap_err();
        assert!(error.to_string().contains("journal mode memory"), "{error}");
    }
}
