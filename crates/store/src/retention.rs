//! Forgetting what is old enough, and giving the space back: in steps small enough that nobody waits long behind one.

use rusqlite::{Connection, Row, params};
use serde::Serialize;

use crate::error::StoreError;
use crate::lease;
use crate::ledger;
use crate::types::Millis;

/// Rows one step forgets at most.
const STEP: i64 = 500;
/// Free pages one checkpoint gives back at most (32 MiB).
const PAGES: i64 = 8_192;

/// What to forget. `i64::MIN` keeps everything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retention {
    /// Delivered and archived reports settled before this time, and sources taken before it that have no report left
    /// and were moved away. (A source that stays in its folder is remembered for ever, or it would be taken again.)
    pub history_before: Millis,
    /// Reports discarded before this time, with their bodies.
    pub discarded_before: Millis,
}

/// What one step forgot.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Swept {
    /// Reports forgotten.
    pub reports: u64,
    /// Sources forgotten.
    pub sources: u64,
    /// Whether a further step would forget more.
    pub more: bool,
}

const DELIVERED: &str = "SELECT id FROM reports INDEXED BY reports_settled
    WHERE state = 2 AND settled_at < ?1 AND body IS NULL ORDER BY settled_at LIMIT ?2";
const DISCARDED: &str = "SELECT id FROM reports INDEXED BY reports_state
    WHERE state = 4 AND discarded_at < ?1 ORDER BY id LIMIT ?2";
const SOURCES: &str = "SELECT id FROM sources s INDEXED BY sources_moved WHERE at < ?1 AND filed = 1 AND filed_at IS NOT NULL
    AND NOT EXISTS (SELECT 1 FROM reports WHERE source = s.id)
    AND NOT EXISTS (SELECT 1 FROM noted WHERE source = s.id) ORDER BY at LIMIT ?2";

pub(crate) fn sweep(conn: &Connection, retention: Retention) -> Result<Swept, StoreError> {
    let delivered = ids(conn, DELIVERED, retention.history_before)?;
    let discarded = ids(conn, DISCARDED, retention.discarded_before)?;
    for id in &delivered {
        forget_report(conn, *id, None)?;
    }
    for id in &discarded {
        forget_report(conn, *id, Some(ledger::DISCARDED))?;
    }
    let sources = ids(conn, SOURCES, retention.history_before)?;
    for id in &sources {
        conn.prepare_cached("DELETE FROM sources WHERE id = ?1")?.execute([id])?;
    }
    let full = |ids: &[i64]| ids.len() as i64 == STEP;
    Ok(Swept {
        reports: (delivered.len() + discarded.len()) as u64,
        sources: sources.len() as u64,
        more: full(&delivered) || full(&discarded) || full(&sources),
    })
}

fn ids(conn: &Connection, sql: &str, before: Millis) -> Result<Vec<i64>, StoreError> {
    let mut statement = conn.prepare_cached(sql)?;
    let ids = statement.query_map([before, STEP], |row: &Row<'_>| row.get(0))?.collect::<Result<_, _>>()?;
    Ok(ids)
}

/// The sources that held the report no longer answer for it; `remark` stays with them.
fn forget_report(conn: &Connection, id: i64, remark: Option<&str>) -> Result<(), StoreError> {
    let sources = "UPDATE sources SET reports = reports - 1, reason = coalesce(?2, reason)
                   WHERE id IN (SELECT source FROM reports WHERE id = ?1 UNION SELECT source FROM noted WHERE report = ?1)";
    conn.prepare_cached(sources)?.execute(params![id, remark])?;
    let first = lease::first_attempt(id);
    conn.prepare_cached("DELETE FROM attempts WHERE id BETWEEN ?1 AND ?2")?.execute([first, first + 63])?;
    conn.prepare_cached("DELETE FROM noted WHERE report = ?1")?.execute([id])?;
    conn.prepare_cached("DELETE FROM bodies WHERE id = (SELECT body FROM reports WHERE id = ?1)")?.execute([id])?;
    conn.prepare_cached("DELETE FROM reports WHERE id = ?1")?.execute(params![id])?;
    Ok(())
}

/// Runs outside of a transaction. A reader in the way makes the checkpoint partial; the next one goes on.
pub(crate) fn checkpoint(conn: &Connection) -> Result<bool, StoreError> {
    let free: i64 = conn.pragma_query_value(None, "freelist_count", |row| row.get(0))?;
    // every step of this statement gives one page back
    let mut vacuum = conn.prepare(&format!("PRAGMA incremental_vacuum({PAGES})"))?;
    let mut rows = vacuum.query([])?;
    while rows.next()?.is_some() {}
    drop(rows);
    conn.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
    Ok(free > PAGES)
}
