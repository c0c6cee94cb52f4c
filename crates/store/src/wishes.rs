//! What a person may ask of reports: try again, discard, send once more.

use rusqlite::{Connection, OptionalExtension, params};
use uuid::Uuid;

use crate::body;
use crate::error::StoreError;
use crate::offer;
use crate::owe;
use crate::types::{Code, Millis, Select, Ticket};

/// Queues what is in error (and has its body) and makes due what waits.
pub(crate) fn retry(conn: &Connection, which: &Select, now: Millis) -> Result<u64, StoreError> {
    let queue = "UPDATE reports SET state = 0, queued_at = ?1, next_at = NULL, settled_at = NULL, discarded_at = NULL
                 WHERE body IS NOT NULL AND ";
    let hurry = "SET next_at = NULL WHERE state = 0 AND next_at IS NOT NULL";
    match which {
        Select::All => {
            let queued = conn.execute(&format!("{queue} state = 3"), [now])?;
            Ok((queued + conn.execute(&format!("UPDATE reports INDEXED BY reports_waiting {hurry}"), [])?) as u64)
        }
        Select::Ids(ids) => {
            let mut queue = conn.prepare_cached(&format!("{queue} state IN (3, 4) AND id = ?2"))?;
            let mut hurry = conn.prepare_cached(&format!("UPDATE reports {hurry} AND id = ?1"))?;
            let mut changed = 0;
            for id in ids {
                changed += queue.execute([now, *id])? + hurry.execute([*id])?;
            }
            Ok(changed as u64)
        }
    }
}

/// Makes due what waits; what is in error stays there.
pub(crate) fn due_now(conn: &Connection) -> Result<u64, StoreError> {
    Ok(conn.execute("UPDATE reports SET next_at = NULL WHERE state = 0 AND next_at IS NOT NULL", [])? as u64)
}

/// Discards what is in error; by id also what is queued. What is on its way or delivered stays as it is.
pub(crate) fn discard(conn: &Connection, which: &Select, now: Millis) -> Result<u64, StoreError> {
    let discard = "UPDATE reports SET state = 4, discarded_at = ?1, next_at = NULL, settled_at = coalesce(settled_at, ?1) WHERE";
    match which {
        Select::All => Ok(conn.execute(&format!("{discard} state = 3"), [now])? as u64),
        Select::Ids(ids) => {
            let mut discard = conn.prepare_cached(&format!("{discard} state IN (0, 3) AND id = ?2"))?;
            let mut changed = 0;
            for id in ids {
                changed += discard.execute([now, *id])?;
            }
            Ok(changed as u64)
        }
    }
}

/// Owes a report that has ended once more. A given body is used when the store has none; one that differs from what was
/// taken in is stored under its own hash, for it is what will be sent.
pub(crate) fn resend(conn: &Connection, ticket: Ticket, given: Option<Vec<u8>>, now: Millis) -> Result<(), StoreError> {
    let sql = "SELECT state, body, report_id FROM reports WHERE id = ?1";
    let found = conn.query_row(sql, [ticket.0], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).optional()?;
    let (code, body, report_id): (i64, Option<i64>, [u8; 16]) = found.ok_or(StoreError::NoSuchReport(ticket))?;
    if matches!(Code::from_sql(code), Code::Queued | Code::Processing) {
        return Err(StoreError::StillOwed(ticket));
    }
    let body = match (body, given) {
        (Some(body), _) => body,
        (None, Some(given)) => restore(conn, ticket, Uuid::from_bytes(report_id), given)?,
        (None, None) => return Err(StoreError::BodyGone(ticket)),
    };
    owe::queue(conn, ticket.0, body, now)
}

fn restore(conn: &Connection, ticket: Ticket, report_id: Uuid, body: Vec<u8>) -> Result<i64, StoreError> {
    let packed = body::pack(report_id, body)?;
    let (size, bytes) = (packed.size as i64, packed.frame.len() as i64);
    // its place in the archive stays where the very same body lies there; where that was given up as damaged there is none
    let forget = "UPDATE reports SET archive_file = NULL, archive_offset = NULL, archive_len = NULL
                  WHERE id = ?1 AND (body_hash <> ?2 OR archive_file = '')";
    conn.execute(forget, params![ticket.0, packed.hash])?;
    let sql = "UPDATE reports SET body_hash = ?2, size = ?3, bytes = ?4 WHERE id = ?1";
    conn.execute(sql, params![ticket.0, packed.hash, size, bytes])?;
    offer::insert_body(conn, report_id, &packed.hash, size, &packed.frame)
}
