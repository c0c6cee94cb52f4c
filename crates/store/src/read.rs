//! Questions that the worker's store and the view of other processes answer alike, at the same cost at any size.

use rusqlite::{Connection, OptionalExtension};
use serde::Serialize;

use crate::error::StoreError;
use crate::lease::SLOT_MS;
use crate::types::{Millis, unsigned};

/// How many reports stand where.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Waiting to be sent.
    pub queued: u64,
    /// Being sent.
    pub processing: u64,
    /// Delivered (as far as retention has not forgotten them).
    pub completed: u64,
    /// Refused or damaged, without those discarded.
    pub error: u64,
    /// Discarded by a person.
    pub discarded: u64,
    /// Stored (compressed) bytes of the bodies that are queued or processing.
    pub owed_bytes: u64,
    /// Since when the first of the queued reports has been owed.
    pub oldest_queued_at: Option<Millis>,
}

pub(crate) fn counts(conn: &Connection) -> Result<Counts, StoreError> {
    let mut counts = Counts::default();
    let mut statement = conn.prepare_cached("SELECT state, n, bytes FROM counts")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let (state, n, bytes): (i64, i64, i64) = (row.get(0)?, row.get(1)?, row.get(2)?);
        let count = match state {
            0 => &mut counts.queued,
            1 => &mut counts.processing,
            2 => &mut counts.completed,
            3 => &mut counts.error,
            _ => &mut counts.discarded,
        };
        *count = unsigned(n);
        if state <= 1 {
            counts.owed_bytes += unsigned(bytes);
        }
    }
    let oldest = "SELECT queued_at FROM reports INDEXED BY reports_state WHERE state = 0 ORDER BY id LIMIT 1";
    counts.oldest_queued_at = conn.prepare_cached(oldest)?.query_row([], |row| row.get(0)).optional()?;
    Ok(counts)
}

pub(crate) fn sent_since(conn: &Connection, since: Millis) -> Result<u64, StoreError> {
    let sql = "SELECT coalesce(sum(n), 0) FROM sent WHERE slot >= ?1";
    let sent = conn.prepare_cached(sql)?.query_row([since.div_euclid(SLOT_MS)], |row| row.get(0))?;
    Ok(unsigned(sent))
}

/// How many sources were rejected since then.
pub(crate) fn rejected_since(conn: &Connection, since: Millis) -> Result<u64, StoreError> {
    let sql = "SELECT count(*) FROM sources INDEXED BY sources_rejected WHERE outcome = 2 AND at >= ?1";
    Ok(unsigned(conn.prepare_cached(sql)?.query_row([since], |row| row.get(0))?))
}

/// When the last delivery was; where the report itself is forgotten or owed again, the beginning of its quarter of an hour.
pub(crate) fn last_sent(conn: &Connection) -> Result<Option<Millis>, StoreError> {
    let report = "SELECT max(settled_at) FROM reports INDEXED BY reports_settled WHERE state = 2";
    let report: Option<Millis> = conn.prepare_cached(report)?.query_row([], |row| row.get(0))?;
    let slot: Option<i64> = conn.prepare_cached("SELECT max(slot) FROM sent")?.query_row([], |row| row.get(0))?;
    Ok(report.max(slot.map(|slot| slot * SLOT_MS)))
}

pub(crate) fn next_due(conn: &Connection) -> Result<Option<Millis>, StoreError> {
    let mut ready = conn
        .prepare_cached("SELECT 1 FROM reports INDEXED BY reports_ready WHERE state = 0 AND next_at IS NULL AND priority = ?1 LIMIT 1")?;
    let mut waiting = conn.prepare_cached(
        "SELECT min(next_at) FROM reports INDEXED BY reports_waiting
         WHERE state = 0 AND next_at IS NOT NULL AND priority = ?1",
    )?;
    let mut earliest: Option<Millis> = None;
    for priority in 1..=10 {
        if ready.exists([priority])? {
            // due at once, also when the clock was set back behind its arrival
            return Ok(Some(Millis::MIN));
        }
        let waiting: Option<Millis> = waiting.query_row([priority], |row| row.get(0))?;
        earliest = [earliest, waiting].into_iter().flatten().min();
    }
    Ok(earliest)
}

/// Changes when another connection has committed.
pub(crate) fn data_version(conn: &Connection) -> Result<i64, rusqlite::Error> {
    conn.pragma_query_value(None, "data_version", |row| row.get(0))
}
