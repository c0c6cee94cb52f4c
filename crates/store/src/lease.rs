//! Leases: handing out what is due, and writing down what became of it.
//!
//! A queued report is due when it has no `next_at` (never tried, or made due) or when that time has come. Priority 1
//! goes first; inside a priority the lowest ticket of what is due goes first, where of many that are due *again* the
//! ones due longest are looked at. A clock that was set back makes everything that waits due at once: nothing waits for
//! a time that was never meant.

use rusqlite::{Connection, OptionalExtension, Row, params};
use serde::Serialize;
use uuid::Uuid;

use crate::body;
use crate::error::StoreError;
use crate::owe;
use crate::types::{Code, Millis, Ticket};

/// One lease never hands out more body bytes than this, except for a single larger report.
const LEASED_BYTES: i64 = 64 << 20;
/// The attempts kept per report: the first and the last.
const KEPT_FIRST: i64 = 20;
const KEPT_LAST: i64 = 20;
/// Longer words of a server are cut here (characters).
const MESSAGE: usize = 2_000;
/// The length of one slot of the `sent` table.
pub(crate) const SLOT_MS: Millis = 15 * 60 * 1000;

/// A report to be sent now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leased {
    /// To settle it with.
    pub ticket: Ticket,
    /// The report's id.
    pub report_id: Uuid,
    /// The JSON text, exactly as it was taken in.
    pub body: Vec<u8>,
    /// Attempts made before this one.
    pub attempts: u32,
}

/// One attempt to send.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Attempt {
    /// When it ended.
    pub at: Millis,
    /// How long it took, in milliseconds.
    pub latency_ms: u32,
    /// The HTTP status, when there was an answer.
    pub status: Option<u16>,
    /// The server's words, or what went wrong.
    pub message: String,
}

/// How a lease ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Settlement {
    /// Delivered; what the server said of it.
    Accepted {
        /// The server's receipt.
        receipt: String,
    },
    /// The server had it already: delivered too.
    AlreadyThere {
        /// The server's words.
        note: String,
    },
    /// Not delivered; to be tried again.
    Again {
        /// When it is due again.
        next_at: Millis,
    },
    /// The server will not have it; sent again only on demand.
    Refused {
        /// The server's words.
        reason: String,
    },
    /// Nothing was tried (paused or stopping): queued again as if it had not been leased.
    Released,
}

struct Due {
    id: i64,
    report_id: [u8; 16],
    hash: [u8; 32],
    size: i64,
    attempts: u32,
    frame: Option<Vec<u8>>,
}

pub(crate) fn lease(conn: &Connection, n: usize, now: Millis, clock_set_back: bool) -> Result<Vec<Leased>, StoreError> {
    if clock_set_back {
        conn.execute("UPDATE reports INDEXED BY reports_waiting SET next_at = NULL WHERE state = 0 AND next_at IS NOT NULL", [])?;
    }
    let mut leased = Vec::new();
    let mut bytes = 0;
    for id in due(conn, n, now)? {
        let due = conn
            .prepare_cached(
                "SELECT r.id, r.report_id, r.body_hash, r.size, r.attempts, b.frame
             FROM reports r LEFT JOIN bodies b ON b.id = r.body WHERE r.id = ?1",
            )?
            .query_row([id], as_due)?;
        bytes += due.size;
        if bytes > LEASED_BYTES && !leased.is_empty() {
            break;
        }
        match due.unpack() {
            Some(body) => {
                conn.prepare_cached("UPDATE reports SET state = 1, leased_at = ?2 WHERE id = ?1")?.execute([id, now])?;
                leased.push(due.leased(body));
            }
            None => body_is_damaged(conn, id, now)?,
        }
    }
    Ok(leased)
}

/// The tickets to lease, in order.
fn due(conn: &Connection, n: usize, now: Millis) -> Result<Vec<i64>, StoreError> {
    let limit = i64::try_from(n).unwrap_or(i64::MAX);
    let mut ready = conn.prepare_cached(
        "SELECT id FROM reports INDEXED BY reports_ready
         WHERE state = 0 AND next_at IS NULL AND priority = ?1 ORDER BY id LIMIT ?2",
    )?;
    let mut waiting = conn.prepare_cached(
        "SELECT id FROM reports INDEXED BY reports_waiting
         WHERE state = 0 AND next_at IS NOT NULL AND priority = ?1 AND next_at <= ?3 ORDER BY next_at LIMIT ?2",
    )?;
    let mut due = Vec::new();
    for priority in 1..=10 {
        let id = |row: &Row<'_>| row.get::<_, i64>(0);
        let mut here = ready.query_map([priority, limit], id)?.collect::<Result<Vec<_>, _>>()?;
        for id in waiting.query_map([priority, limit, now], id)? {
            here.push(id?);
        }
        here.sort_unstable();
        due.extend(here);
        if due.len() >= n {
            due.truncate(n);
            break;
        }
    }
    Ok(due)
}

fn as_due(row: &Row<'_>) -> Result<Due, rusqlite::Error> {
    Ok(Due { id: row.get(0)?, report_id: row.get(1)?, hash: row.get(2)?, size: row.get(3)?, attempts: row.get(4)?, frame: row.get(5)? })
}

impl Due {
    fn unpack(&self) -> Option<Vec<u8>> {
        body::unpack(self.frame.as_deref()?, usize::try_from(self.size).ok()?, &self.hash)
    }

    fn leased(self, body: Vec<u8>) -> Leased {
        Leased { ticket: Ticket(self.id), report_id: Uuid::from_bytes(self.report_id), body, attempts: self.attempts }
    }
}

/// A report whose body is lost stays visible in error; a better copy of the file brings it back.
fn body_is_damaged(conn: &Connection, id: i64, now: Millis) -> Result<(), StoreError> {
    let body = conn.query_row("SELECT body FROM reports WHERE id = ?1", [id], |row| row.get(0))?;
    owe::drop_body(conn, body)?;
    let note = "its body in the store is damaged: bring the source file again";
    let sql = "UPDATE reports SET state = 3, body = NULL, note = ?2, settled_at = ?3 WHERE id = ?1";
    conn.prepare_cached(sql)?.execute(params![id, note, now])?;
    Ok(())
}

pub(crate) fn settle(conn: &Connection, ticket: Ticket, attempt: &Attempt, settlement: &Settlement) -> Result<(), StoreError> {
    let sql = "SELECT attempts, replaced FROM reports WHERE id = ?1 AND state = 1";
    let leased = conn.prepare_cached(sql)?.query_row([ticket.0], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
    let (attempts, replaced): (i64, bool) = leased.ok_or(StoreError::NotLeased(ticket))?;
    if *settlement == Settlement::Released {
        let sql = "UPDATE reports SET state = 0, replaced = 0 WHERE id = ?1";
        conn.prepare_cached(sql)?.execute([ticket.0])?;
        return Ok(());
    }
    keep_attempt(conn, ticket, attempts + 1, attempt, settlement)?;
    if settlement.delivers() {
        let sql = "INSERT INTO sent VALUES (?1, 1, ?2) ON CONFLICT (slot) DO UPDATE SET n = n + 1, ms = ms + ?2";
        conn.prepare_cached(sql)?.execute([attempt.at.div_euclid(SLOT_MS), i64::from(attempt.latency_ms)])?;
    }
    if replaced {
        // the attempt was about a body that is no longer the newest: that one is owed whatever the answer was
        let sql = "UPDATE reports SET state = 0, replaced = 0, next_at = NULL, attempts = attempts + 1 WHERE id = ?1";
        conn.prepare_cached(sql)?.execute([ticket.0])?;
        return Ok(());
    }
    conclude(conn, ticket, attempt.at, settlement)
}

fn conclude(conn: &Connection, ticket: Ticket, at: Millis, settlement: &Settlement) -> Result<(), StoreError> {
    let (code, next_at, note, receipt) = match settlement {
        Settlement::Accepted { receipt } => (Code::Completed, None, None, Some(receipt)),
        Settlement::AlreadyThere { note } => (Code::Completed, None, Some(note), None),
        Settlement::Refused { reason } => (Code::Error, None, Some(reason), None),
        Settlement::Again { next_at } => (Code::Queued, Some(*next_at), None, None),
        Settlement::Released => (Code::Queued, None, None, None),
    };
    let settled_at = (code != Code::Queued).then_some(at);
    let sql = "UPDATE reports SET state = ?2, next_at = ?3, note = ?4, receipt = ?5, settled_at = ?6,
                 attempts = attempts + 1 WHERE id = ?1";
    let values = params![ticket.0, code as i64, next_at, note.map(|text| cut(text)), receipt.map(|text| cut(text)), settled_at];
    conn.prepare_cached(sql)?.execute(values)?;
    if code == Code::Completed {
        drop_archived_body(conn, ticket)?;
    }
    Ok(())
}

/// A report sent again whose body is archived already needs no second place in the archive.
fn drop_archived_body(conn: &Connection, ticket: Ticket) -> Result<(), StoreError> {
    let sql = "SELECT body FROM reports WHERE id = ?1 AND archive_file IS NOT NULL AND body IS NOT NULL";
    let body = conn.prepare_cached(sql)?.query_row([ticket.0], |row| row.get(0)).optional()?;
    if body.is_some() {
        owe::drop_body(conn, body)?;
        conn.prepare_cached("UPDATE reports SET body = NULL WHERE id = ?1")?.execute([ticket.0])?;
    }
    Ok(())
}

fn keep_attempt(conn: &Connection, ticket: Ticket, n: i64, attempt: &Attempt, settlement: &Settlement) -> Result<(), StoreError> {
    let before = n - 1;
    let slot = if n <= KEPT_FIRST { before } else { KEPT_FIRST + before % KEPT_LAST };
    let sql = "INSERT OR REPLACE INTO attempts (id, n, at, latency_ms, status, message, verdict) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
    conn.prepare_cached(sql)?.execute(params![
        first_attempt(ticket.0) + slot,
        n,
        attempt.at,
        attempt.latency_ms,
        attempt.status,
        cut(&attempt.message),
        settlement.word(),
    ])?;
    Ok(())
}

/// The id of a report's first attempt; its attempts have this id and the 63 after it.
pub(crate) fn first_attempt(report: i64) -> i64 {
    report * 64
}

/// Queues every leased report again, due at once, and makes due what waits for a time set by a clock that was ahead.
pub(crate) fn return_all(conn: &Connection, now: Millis) -> Result<u64, StoreError> {
    let returned = conn.execute("UPDATE reports SET state = 0, replaced = 0, next_at = NULL WHERE state = 1", [])?;
    let ahead = "UPDATE reports INDEXED BY reports_waiting SET next_at = NULL
                 WHERE state = 0 AND next_at IS NOT NULL AND leased_at > ?1";
    conn.execute(ahead, [now])?;
    Ok(returned as u64)
}

fn cut(text: &str) -> &str {
    text.char_indices().nth(MESSAGE).map_or(text, |(end, _)| &text[..end])
}

impl Settlement {
    fn delivers(&self) -> bool {
        matches!(self, Self::Accepted { .. } | Self::AlreadyThere { .. })
    }

    fn word(&self) -> &'static str {
        match self {
            Self::Accepted { .. } => "accepted",
            Self::AlreadyThere { .. } => "already there",
            Self::Again { .. } => "again",
            Self::Refused { .. } => "refused",
            Self::Released => "released",
        }
    }
}
