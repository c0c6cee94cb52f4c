//! The view of other processes: read-only, with or without a worker, never in the writer's way.
//!
//! Every question is its own short read, so that no checkpoint waits for a screen. Where the folder cannot be written
//! (no `-shm` file can be made) the file is read as it stands, without what only the WAL knows.

use std::path::{Path, PathBuf};

use rusqlite::{Connection, ErrorCode};

use crate::books::{self, Books};
use crate::connection;
use crate::error::StoreError;
use crate::pictures::{self, Activity, Lately, Yield, YieldRange};
use crate::query::{self, Query, SourceQuery};
use crate::read::{self, Counts};
use crate::rows::{Detail, Row, SourceRow};
use crate::schema;
use crate::types::{Millis, SourceId, Ticket};
use crate::verify::{self, CheckedReport, CheckedSource, Finding};

/// A read-only view of a store. Every method fails with [`StoreError::Database`] when the file cannot be read.
pub struct View {
    conn: Connection,
    path: PathBuf,
}

impl View {
    /// Opens the view; `None` when there is no store yet.
    ///
    /// # Errors
    /// [`StoreError::Newer`] for a file of a newer version; [`StoreError::Database`] when it cannot be read.
    pub fn open(path: impl AsRef<Path>) -> Result<Option<Self>, StoreError> {
        let path = path.as_ref();
        if !path.exists() {
            return Ok(None);
        }
        let (conn, found) = connect(path).map_err(|error| StoreError::from(error).at(path))?;
        if found > schema::VERSION {
            return Err(StoreError::Newer { path: path.to_path_buf(), found, known: schema::VERSION });
        }
        // an older or just made file is brought up to date by whoever opens it to write
        Ok((found == schema::VERSION).then(|| Self { conn, path: path.to_path_buf() }))
    }

    /// How many reports stand where.
    ///
    /// # Errors
    /// See [`View`].
    pub fn counts(&self) -> Result<Counts, StoreError> {
        self.ask(read::counts)
    }

    /// As [`crate::Store::sent_since`].
    ///
    /// # Errors
    /// See [`View`].
    pub fn sent_since(&self, since: Millis) -> Result<u64, StoreError> {
        self.ask(|conn| read::sent_since(conn, since))
    }

    /// How many sources were rejected since then.
    ///
    /// # Errors
    /// See [`View`].
    pub fn rejected_since(&self, since: Millis) -> Result<u64, StoreError> {
        self.ask(|conn| read::rejected_since(conn, since))
    }

    /// Lists reports, newest first.
    ///
    /// # Errors
    /// See [`View`].
    pub fn list(&self, query: &Query) -> Result<Vec<Row>, StoreError> {
        self.ask(|conn| query.ask(conn))
    }

    /// Everything about one report; `None` when there is no such ticket.
    ///
    /// # Errors
    /// See [`View`].
    pub fn report(&self, id: i64) -> Result<Option<Detail>, StoreError> {
        self.ask(|conn| query::detail(conn, id))
    }

    /// Lists sources, newest first.
    ///
    /// # Errors
    /// See [`View`].
    pub fn history(&self, query: &SourceQuery) -> Result<Vec<SourceRow>, StoreError> {
        self.ask(|conn| query.ask(conn))
    }

    /// One source of the history; `None` when there is no such one.
    ///
    /// # Errors
    /// See [`View`].
    pub fn source(&self, id: SourceId) -> Result<Option<SourceRow>, StoreError> {
        self.ask(|conn| query::source(conn, id))
    }

    /// What was sent, rejected and refused lately.
    ///
    /// # Errors
    /// See [`View`].
    pub fn activity(&self, lately: Lately, now: Millis) -> Result<Activity, StoreError> {
        self.ask(|conn| pictures::activity(conn, lately, now))
    }

    /// How many units passed at once lately, and which steps failed.
    ///
    /// # Errors
    /// See [`View`].
    pub fn yield_of(&self, range: YieldRange, now: Millis) -> Result<Yield, StoreError> {
        self.ask(|conn| pictures::yield_of(conn, range, now))
    }

    /// The books of the whole store, for the check that nothing was lost. Reads everything but the bodies.
    ///
    /// # Errors
    /// See [`View`].
    pub fn books(&self) -> Result<Books, StoreError> {
        self.ask(books::read)
    }

    /// What SQLite itself finds wrong with the file, at most ten lines; `thorough` also holds every index against its table.
    ///
    /// # Errors
    /// See [`View`]; damage may end the reading itself, see [`StoreError::is_damage`].
    pub fn verify_file(&self, thorough: bool) -> Result<Vec<String>, StoreError> {
        self.ask(|conn| verify::file(conn, thorough))
    }

    /// The next reports after a ticket, each held against its body, its attempts and its source.
    ///
    /// # Errors
    /// See [`View`].
    pub fn verify_reports(&self, after: Ticket, n: u32) -> Result<Vec<CheckedReport>, StoreError> {
        self.ask(|conn| verify::reports(conn, after.0, n))
    }

    /// The next sources after one, each held against the reports it came with.
    ///
    /// # Errors
    /// See [`View`].
    pub fn verify_sources(&self, after: SourceId, n: u32) -> Result<Vec<CheckedSource>, StoreError> {
        self.ask(|conn| verify::sources(conn, after.0, n))
    }

    /// What belongs to nobody and what is counted wrongly, the first hundred of each kind. Reads every row, but no body.
    ///
    /// # Errors
    /// See [`View`].
    pub fn verify_tables(&self) -> Result<Vec<Finding>, StoreError> {
        self.ask(verify::tables)
    }

    /// The last ticket and the last source there were: where a look at the newest ones begins.
    ///
    /// # Errors
    /// See [`View`].
    pub fn newest(&self) -> Result<(Ticket, SourceId), StoreError> {
        self.ask(|conn| {
            let last = |table| conn.query_row(&format!("SELECT coalesce(max(id), 0) FROM {table}"), [], |row| row.get(0));
            Ok((Ticket(last("reports")?), SourceId(last("sources")?)))
        })
    }

    /// One question sees one state of the store, however many statements it takes.
    fn ask<T>(&self, question: impl FnOnce(&Connection) -> Result<T, StoreError>) -> Result<T, StoreError> {
        let answer = || question(&*self.conn.unchecked_transaction()?);
        answer().map_err(|error| error.at(&self.path))
    }
}

/// A connection that can read, and the schema version it found; the first read is what fails without an `-shm` file.
fn connect(path: &Path) -> Result<(Connection, i64), rusqlite::Error> {
    if log_is_gone(path) {
        let conn = connection::immutable(path)?;
        let found = schema::version(&conn)?;
        return Ok((conn, found));
    }
    let first = connection::reader(path).and_then(|conn| schema::version(&conn).map(|found| (conn, found)));
    match first {
        Err(error) if matches!(error.sqlite_error_code(), Some(ErrorCode::CannotOpen | ErrorCode::ReadOnly)) => {
            let conn = connection::immutable(path)?;
            let found = schema::version(&conn)?;
            Ok((conn, found))
        }
        other => other,
    }
}

/// Whether the log was deleted under a worker that lives. It goes on writing to the one it has open; a second one of its name would be
/// taken for it. SQLite itself makes the log before its index and removes it after, so that an index alone tells of nothing else.
fn log_is_gone(path: &Path) -> bool {
    let beside = |suffix: &str| {
        let mut name = path.as_os_str().to_owned();
        name.push(suffix);
        PathBuf::from(name)
    };
    beside("-shm").exists() && !beside("-wal").exists()
}
