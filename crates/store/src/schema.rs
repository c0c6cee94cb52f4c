//! The tables, as frozen steps: `user_version` says how many of them a file has seen.
//!
//! A step is never changed once released; a new one is added below it. A step that changes the columns of a table must
//! also teach `rescue::record::Table`, which knows rows by their shape.
//!
//! Bodies live in a table of their own, so that a change of state never rewrites a body. Counts and sent numbers are
//! kept up to date row by row.

use rusqlite::{Connection, TransactionBehavior};

use crate::error::StoreError;

pub(crate) const STEPS: [&str; 3] = [STEP_1, STEP_2, STEP_3];

/// The newest schema version this program knows.
pub(crate) const VERSION: i64 = STEPS.len() as i64;

const TABLES: i64 = 8;

/// State codes: 0 queued, 1 processing, 2 completed, 3 error, 4 discarded. Source outcomes: 0 staged (invisible),
/// 1 converted, 2 rejected, 3 duplicate. `place` is a short fingerprint of rule and path: a narrow index instead of long texts.
const STEP_1: &str = "
CREATE TABLE sources (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  rule TEXT NOT NULL, path TEXT NOT NULL, place INTEGER NOT NULL,
  size INTEGER NOT NULL, mtime_ns INTEGER NOT NULL, hash BLOB NOT NULL CHECK (length(hash) = 32),
  format TEXT NOT NULL, priority INTEGER NOT NULL,
  outcome INTEGER NOT NULL, reason TEXT, of INTEGER, at INTEGER NOT NULL,
  filed INTEGER NOT NULL DEFAULT 0, filed_at TEXT, reports INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX sources_place ON sources (place);
CREATE INDEX sources_hash ON sources (hash);
CREATE INDEX sources_staged ON sources (id) WHERE outcome = 0;
CREATE INDEX sources_moved ON sources (at) WHERE filed = 1 AND filed_at IS NOT NULL;

CREATE TABLE reports (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  report_id BLOB NOT NULL UNIQUE CHECK (length(report_id) = 16), source INTEGER NOT NULL, idx INTEGER NOT NULL,
  state INTEGER NOT NULL CHECK (state BETWEEN 0 AND 4), priority INTEGER NOT NULL CHECK (priority BETWEEN 1 AND 10),
  queued_at INTEGER NOT NULL, next_at INTEGER, leased_at INTEGER, settled_at INTEGER, discarded_at INTEGER,
  attempts INTEGER NOT NULL DEFAULT 0, replaced INTEGER NOT NULL DEFAULT 0,
  body INTEGER, body_hash BLOB NOT NULL CHECK (length(body_hash) = 32), size INTEGER NOT NULL, bytes INTEGER NOT NULL,
  archive_file TEXT, archive_offset INTEGER, archive_len INTEGER,
  kind TEXT NOT NULL, sn TEXT NOT NULL, pn TEXT NOT NULL, result TEXT NOT NULL, process TEXT NOT NULL, start TEXT NOT NULL,
  warnings TEXT NOT NULL, note TEXT, receipt TEXT
) STRICT;
CREATE INDEX reports_source ON reports (source);
CREATE INDEX reports_state ON reports (state);
CREATE INDEX reports_ready ON reports (priority) WHERE state = 0 AND next_at IS NULL;
CREATE INDEX reports_waiting ON reports (priority, next_at) WHERE state = 0 AND next_at IS NOT NULL;
CREATE INDEX reports_settled ON reports (settled_at) WHERE state = 2;
CREATE INDEX reports_unarchived ON reports (settled_at) WHERE state = 2 AND archive_file IS NULL;

CREATE TABLE bodies (
  id INTEGER PRIMARY KEY AUTOINCREMENT, report_id BLOB NOT NULL CHECK (length(report_id) = 16),
  hash BLOB NOT NULL CHECK (length(hash) = 32), size INTEGER NOT NULL, frame BLOB NOT NULL
) STRICT;

CREATE TABLE staged (
  id INTEGER PRIMARY KEY, source INTEGER NOT NULL, idx INTEGER NOT NULL, report_id BLOB NOT NULL,
  body INTEGER NOT NULL, body_hash BLOB NOT NULL, size INTEGER NOT NULL, bytes INTEGER NOT NULL,
  kind TEXT NOT NULL, sn TEXT NOT NULL, pn TEXT NOT NULL, result TEXT NOT NULL, process TEXT NOT NULL, start TEXT NOT NULL,
  warnings TEXT NOT NULL
) STRICT;
CREATE INDEX staged_source ON staged (source);

-- a source that holds a report whose row names another source: the same report came twice, or a newer body replaced it
CREATE TABLE noted (source INTEGER NOT NULL, report INTEGER NOT NULL, UNIQUE (source, report)) STRICT;
CREATE INDEX noted_report ON noted (report);

-- id = report * 64 + slot: the first 20 attempts have slots 0..19, later ones turn round in slots 20..39
CREATE TABLE attempts (
  id INTEGER PRIMARY KEY, n INTEGER NOT NULL, at INTEGER NOT NULL, latency_ms INTEGER NOT NULL,
  status INTEGER, message TEXT NOT NULL, verdict TEXT NOT NULL
) STRICT;

CREATE TABLE counts (state INTEGER PRIMARY KEY, n INTEGER NOT NULL, bytes INTEGER NOT NULL) STRICT;
INSERT INTO counts VALUES (0, 0, 0), (1, 0, 0), (2, 0, 0), (3, 0, 0), (4, 0, 0);
CREATE TRIGGER counted_in AFTER INSERT ON reports BEGIN
  UPDATE counts SET n = n + 1, bytes = bytes + NEW.bytes WHERE state = NEW.state;
END;
CREATE TRIGGER counted_out AFTER DELETE ON reports BEGIN
  UPDATE counts SET n = n - 1, bytes = bytes - OLD.bytes WHERE state = OLD.state;
END;
CREATE TRIGGER counted_over AFTER UPDATE OF state, bytes ON reports BEGIN
  UPDATE counts SET n = n - 1, bytes = bytes - OLD.bytes WHERE state = OLD.state;
  UPDATE counts SET n = n + 1, bytes = bytes + NEW.bytes WHERE state = NEW.state;
END;

-- deliveries per quarter of an hour, kept for ever (35,000 rows a year at most)
CREATE TABLE sent (slot INTEGER PRIMARY KEY, n INTEGER NOT NULL) STRICT;
";

/// Indexes that stay quick when a million reports are owed. Files come in the order of their times: with the time before
/// the place new entries lie side by side, where a place alone meant another page of the index for each file. A hash has
/// no such order, but of it the first bytes are enough.
const STEP_2: &str = "
DROP INDEX sources_place;
CREATE INDEX sources_file ON sources (mtime_ns, place);
DROP INDEX sources_hash;
CREATE INDEX sources_content ON sources (substr(hash, 1, 8));
";

/// What pictures over time are made of: the step that made a report fail, how long deliveries took, and when reports were refused
/// and sources rejected. Of a quarter of an hour that began before, the time is not known. The indexes hold what went wrong alone,
/// so that what goes well pays nothing for them.
const STEP_3: &str = "
ALTER TABLE reports ADD COLUMN step TEXT NOT NULL DEFAULT '';
ALTER TABLE staged ADD COLUMN step TEXT NOT NULL DEFAULT '';
ALTER TABLE sent ADD COLUMN ms INTEGER;
CREATE INDEX reports_refused ON reports (settled_at) WHERE state = 3;
CREATE INDEX sources_rejected ON sources (at) WHERE outcome = 2;
";

/// The schema version of the file; 0 for an empty one.
pub(crate) fn version(conn: &Connection) -> Result<i64, rusqlite::Error> {
    conn.pragma_query_value(None, "user_version", |row| row.get(0))
}

/// Brings the file to [`VERSION`], one transaction per step; two processes may do so at the same time.
pub(crate) fn migrate(conn: &mut Connection) -> Result<(), StoreError> {
    while version(conn)? < VERSION {
        let transaction = conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let seen = version(&transaction)?;
        if let Some(step) = usize::try_from(seen).ok().and_then(|seen| STEPS.get(seen)) {
            transaction.execute_batch(step)?;
            transaction.pragma_update(None, "user_version", seen + 1)?;
        }
        transaction.commit()?;
    }
    Ok(())
}

/// Whether the tables a file of this version must have are there, or (version 0) no table at all. Asked in one statement:
/// another process may be making them.
pub(crate) fn is_plausible(conn: &Connection) -> Result<bool, rusqlite::Error> {
    let sql = "SELECT (SELECT user_version FROM pragma_user_version), count(*) FROM sqlite_schema
               WHERE type = 'table' AND name NOT LIKE 'sqlite_%'";
    let (version, tables): (i64, i64) = conn.query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(if version == 0 { tables == 0 } else { tables >= TABLES })
}
