//! The database: its tables, what is written and what is read.

use bytes::Bytes;
use rusqlite::{
    Connection, OptionalExtension, Row, params,
    types::{FromSql, FromSqlError, FromSqlResult, ValueRef},
};
use serde::Serialize;
use uuid::Uuid;

use super::Received;
use crate::{Db, Format, SandboxError, summary::Summary, wsjf, wsxf};

const VERSION: i64 = 1;
const SCHEMA: &str = "
    CREATE TABLE report (
        number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, format TEXT NOT NULL, kind TEXT NOT NULL,
        sn TEXT NOT NULL, pn TEXT NOT NULL, rev TEXT NOT NULL, process TEXT NOT NULL, station TEXT NOT NULL,
        result TEXT NOT NULL, start TEXT NOT NULL, size INTEGER NOT NULL, hash TEXT NOT NULL,
        count INTEGER NOT NULL, changed INTEGER NOT NULL,
        first_at INTEGER NOT NULL, last_at INTEGER NOT NULL, latest INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX report_latest ON report (latest);
    CREATE TABLE body (number INTEGER PRIMARY KEY, body BLOB NOT NULL) STRICT;
    CREATE TABLE minute (
        minute INTEGER PRIMARY KEY, posts INTEGER NOT NULL, passed INTEGER NOT NULL, failed INTEGER NOT NULL
    ) STRICT;
    -- The sums are kept up to date rather than counted, so that asking for them costs nothing.
    CREATE TABLE totals (
        posts INTEGER NOT NULL, reports INTEGER NOT NULL, changed INTEGER NOT NULL,
        passed INTEGER NOT NULL, failed INTEGER NOT NULL
    ) STRICT;
    INSERT INTO totals VALUES (0, 0, 0, 0, 0);
    CREATE TRIGGER added AFTER INSERT ON report BEGIN
        UPDATE totals SET posts = posts + 1, reports = reports + 1,
            passed = passed + (new.result = 'P'), failed = failed + (new.result = 'F');
    END;
    CREATE TRIGGER replaced AFTER UPDATE ON report BEGIN
        UPDATE totals SET posts = posts + 1, changed = changed + new.changed - old.changed,
            passed = passed + (new.result = 'P') - (old.result = 'P'),
            failed = failed + (new.result = 'F') - (old.result = 'F');
    END;
    PRAGMA user_version = 1;";

const INSERT: &str = "
    INSERT INTO report (id, format, kind, sn, pn, rev, process, station, result, start, size, hash,
                        count, changed, first_at, last_at, latest)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, 1, 0, ?13, ?13, ?14)
    ON CONFLICT (id) DO UPDATE SET
        format = excluded.format, kind = excluded.kind, sn = excluded.sn, pn = excluded.pn, rev = excluded.rev,
        process = excluded.process, station = excluded.station, result = excluded.result, start = excluded.start,
        size = excluded.size, changed = changed + (hash <> excluded.hash), hash = excluded.hash,
        count = count + 1, last_at = excluded.last_at, latest = excluded.latest
    RETURNING number";

const MINUTE: &str = "
    INSERT INTO minute VALUES (?1, 1, ?2, ?3)
    ON CONFLICT (minute) DO UPDATE SET posts = posts + 1, passed = passed + ?2, failed = failed + ?3";

/// A report as it came in.
pub(crate) struct Entry {
    pub(crate) format: Format,
    pub(crate) body: Bytes,
    /// Unix milliseconds.
    pub(crate) at: i64,
}

/// What became of an [`Entry`].
#[derive(Debug, Clone)]
pub(crate) enum Filing {
    Recorded {
        id: Uuid,
        number: i64,
    },
    /// The text to answer 400 with.
    Refused(String),
    /// The database failed: the text to answer 500 with.
    Failed(String),
}

/// Which reports to list: those whose serial, part or station contains `search`, newest first.
#[derive(Debug, Clone)]
pub(crate) struct Query {
    pub(crate) search: String,
    pub(crate) limit: u32,
    pub(crate) offset: u32,
}

/// One line of the list.
#[derive(Debug, Serialize)]
pub(crate) struct Listed {
    id: String,
    format: Format,
    kind: String,
    sn: String,
    pn: String,
    rev: String,
    process: String,
    station: String,
    result: String,
    start: String,
    size: i64,
    body_hash: String,
    count: i64,
    changed: i64,
    first_at: i64,
    last_at: i64,
}

/// What tells whether anything was lost or doubled.
#[derive(Debug, Serialize)]
pub(crate) struct Identity {
    id: String,
    count: i64,
    changed: i64,
    body_hash: String,
}

/// Sums over everything kept.
#[derive(Debug, Clone, Copy, Default, Serialize)]
pub(crate) struct Totals {
    posts: i64,
    pub(crate) reports: i64,
    repeats: i64,
    changed: i64,
    passed: i64,
    failed: i64,
    other: i64,
}

/// What arrived within one minute.
#[derive(Debug, Serialize)]
pub(crate) struct Minute {
    /// Minutes since the Unix epoch.
    minute: i64,
    posts: i64,
    passed: i64,
    failed: i64,
    other: i64,
}

/// The open database.
pub(crate) struct Book {
    db: Connection,
    /// Posts recorded so far: gives the order "newest first" without looking at clocks.
    latest: i64,
}

impl Book {
    pub(crate) fn open(db: &Db) -> Result<Book, SandboxError> {
        let (path, opened) = match db {
            Db::Memory => (":memory:".into(), Connection::open_in_memory()),
            Db::File(path) => (path.clone(), Connection::open(path)),
        };
        let prepared = opened.and_then(|db| Ok((prepare(&db)?, db)));
        match prepared {
            Ok((true, db)) => {
                let latest = db.query_row("SELECT coalesce(max(latest), 0) FROM report", [], |row| row.get(0))?;
                Ok(Book { db, latest })
            }
            Ok((false, _)) => Err(SandboxError::Foreign { path }),
            Err(error) if error.sqlite_error_code() == Some(rusqlite::ErrorCode::NotADatabase) => Err(SandboxError::Foreign { path }),
            Err(source) => Err(SandboxError::Open { path, source }),
        }
    }

    /// Checks and records `entries` in one transaction; one filing for each, in their order.
    pub(crate) fn file(&mut self, entries: &[Entry]) -> Vec<Filing> {
        let latest = self.latest;
        self.file_all(entries).unwrap_or_else(|error| {
            self.latest = latest;
            vec![Filing::Failed(SandboxError::from(error).to_string()); entries.len()]
        })
    }

    fn file_all(&mut self, entries: &[Entry]) -> rusqlite::Result<Vec<Filing>> {
        let transaction = self.db.transaction()?;
        let mut filings = Vec::with_capacity(entries.len());
        for entry in entries {
            let inspected = match entry.format {
                Format::Wsjf => wsjf::inspect(&entry.body),
                Format::Wsxf => wsxf::inspect(&entry.body),
            };
            filings.push(match inspected {
                Err(text) => Filing::Refused(text),
                Ok(summary) => {
                    self.latest += 1;
                    let number = record(&transaction, entry, &summary, self.latest)?;
                    Filing::Recorded { id: summary.id, number }
                }
            });
        }
        transaction.commit()?;
        Ok(filings)
    }

    /// The reports that `query` asks for, one more than its limit if there are more.
    pub(crate) fn list(&self, query: &Query) -> rusqlite::Result<Vec<Listed>> {
        let mut statement = self.db.prepare_cached(&format!(
            "SELECT {LISTED} FROM report
             WHERE instr(lower(sn), ?1) OR instr(lower(pn), ?1) OR instr(lower(station), ?1)
             ORDER BY latest DESC LIMIT ?2 OFFSET ?3"
        ))?;
        let search = query.search.trim().to_ascii_lowercase();
        let limit = i64::from(query.limit) + 1;
        statement.query_map(params![search, limit, query.offset], listed)?.collect()
    }

    pub(crate) fn report(&self, id: Uuid) -> rusqlite::Result<Option<Listed>> {
        let mut statement = self.db.prepare_cached(&format!("SELECT {LISTED} FROM report WHERE id = ?1"))?;
        statement.query_row([id.to_string()], listed).optional()
    }

    /// The body as it last arrived.
    pub(crate) fn body(&self, id: Uuid) -> rusqlite::Result<Option<(Format, Vec<u8>)>> {
        let mut statement = self.db.prepare_cached("SELECT format, body FROM report JOIN body USING (number) WHERE id = ?1")?;
        statement.query_row([id.to_string()], |row| Ok((row.get(0)?, row.get(1)?))).optional()
    }

    pub(crate) fn identities(&self) -> rusqlite::Result<Vec<Identity>> {
        let mut statement = self.db.prepare_cached("SELECT id, count, changed, hash FROM report ORDER BY number")?;
        statement
            .query_map([], |row| Ok(Identity { id: row.get(0)?, count: row.get(1)?, changed: row.get(2)?, body_hash: row.get(3)? }))?
            .collect()
    }

    pub(crate) fn received(&self) -> rusqlite::Result<Vec<Received>> {
        let mut statement = self.db.prepare_cached(
            "SELECT id, format, count, changed, sn, pn, result, hash, body, first_at, last_at
             FROM report JOIN body USING (number) ORDER BY number",
        )?;
        statement.query_map([], received)?.collect()
    }

    pub(crate) fn totals(&self) -> rusqlite::Result<Totals> {
        let mut statement = self.db.prepare_cached("SELECT posts, reports, changed, passed, failed FROM totals")?;
        statement.query_row([], |row| {
            let (posts, reports): (i64, i64) = (row.get(0)?, row.get(1)?);
            let (passed, failed): (i64, i64) = (row.get(3)?, row.get(4)?);
            Ok(Totals { posts, reports, repeats: posts - reports, changed: row.get(2)?, passed, failed, other: reports - passed - failed })
        })
    }

    /// Each minute from `first` on in which something arrived.
    pub(crate) fn minutes(&self, first: i64) -> rusqlite::Result<Vec<Minute>> {
        let mut statement =
            self.db.prepare_cached("SELECT minute, posts, passed, failed FROM minute WHERE minute >= ?1 ORDER BY minute")?;
        statement
            .query_map([first], |row| {
                let (posts, passed, failed): (i64, i64, i64) = (row.get(1)?, row.get(2)?, row.get(3)?);
                Ok(Minute { minute: row.get(0)?, posts, passed, failed, other: posts - passed - failed })
            })?
            .collect()
    }
}

impl FromSql for Format {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        Format::named(value.as_str()?).ok_or(FromSqlError::InvalidType)
    }
}

/// Makes the tables in a new file; false when the file is somebody else's.
fn prepare(db: &Connection) -> rusqlite::Result<bool> {
    let version: i64 = db.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    let tables: i64 = db.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    if version != VERSION && tables > 0 {
        return Ok(false);
    }
    db.pragma_update(None, "journal_mode", "WAL")?;
    db.pragma_update(None, "synchronous", "OFF")?;
    if tables == 0 {
        db.execute_batch(SCHEMA)?;
    }
    Ok(true)
}

fn record(db: &Connection, entry: &Entry, summary: &Summary, latest: i64) -> rusqlite::Result<i64> {
    let Summary { id, kind, sn, pn, rev, process, station, result, start } = summary;
    let (size, hash) = (entry.body.len() as i64, blake3::hash(&entry.body).to_hex());
    let number = db.prepare_cached(INSERT)?.query_row(
        params![
            id.to_string(),
            entry.format.name(),
            kind,
            sn,
            pn,
            rev,
            process,
            station,
            result,
            start,
            size,
            hash.as_str(),
            entry.at,
            latest
        ],
        |row| row.get(0),
    )?;
    db.prepare_cached("INSERT OR REPLACE INTO body VALUES (?1, ?2)")?.execute(params![number, &entry.body[..]])?;
    db.prepare_cached(MINUTE)?.execute(params![entry.at.div_euclid(60_000), *result == "P", *result == "F"])?;
    Ok(number)
}

const LISTED: &str = "id, format, kind, sn, pn, rev, process, station, result, start, size, hash, count, changed, first_at, last_at";

fn listed(row: &Row<'_>) -> rusqlite::Result<Listed> {
    Ok(Listed {
        id: row.get(0)?,
        format: row.get(1)?,
        kind: row.get(2)?,
        sn: row.get(3)?,
        pn: row.get(4)?,
        rev: row.get(5)?,
        process: row.get(6)?,
        station: row.get(7)?,
        result: row.get(8)?,
        start: row.get(9)?,
        size: row.get(10)?,
        body_hash: row.get(11)?,
        count: row.get(12)?,
        changed: row.get(13)?,
        first_at: row.get(14)?,
        last_at: row.get(15)?,
    })
}

fn received(row: &Row<'_>) -> rusqlite::Result<Received> {
    let id: String = row.get(0)?;
    Ok(Received {
        id: Uuid::parse_str(&id)
            .map_err(|error| rusqlite::Error::FromSqlConversionFailure(0, rusqlite::types::Type::Text, error.into()))?,
        format: row.get(1)?,
        count: row.get::<_, i64>(2)?.unsigned_abs(),
        changed: row.get::<_, i64>(3)?.unsigned_abs(),
        sn: row.get(4)?,
        pn: row.get(5)?,
        result: row.get(6)?,
        body_hash: row.get(7)?,
        body: row.get(8)?,
        first_at: row.get(9)?,
        last_at: row.get(10)?,
    })
}
