//! Making a report owed: the one place that decides what a report id that is already there means.
//!
//! | the id is there as | same body | other body |
//! |---|---|---|
//! | queued | noted as a duplicate | the newest body is what is owed |
//! | processing | noted as a duplicate | the same, once the running attempt has ended (whatever its answer) |
//! | completed | noted (owed again on request) | owed again: the server replaces it |
//! | error, discarded | owed again: bringing the file again asks for it | the newest body is owed |

use rusqlite::{Connection, OptionalExtension, Row};
use uuid::Uuid;

use crate::error::StoreError;
use crate::offer::{self, Offer, Owing};
use crate::types::{Code, Millis};

/// The row that already has the report's id.
struct Present {
    id: i64,
    source: i64,
    code: Code,
    body: Option<i64>,
    hash: [u8; 32],
}

/// What an id that is already there means.
enum Meaning {
    Note,
    OweAgain,
    Replace,
}

/// Owes every staged report of the source, in the order of its staging.
pub(crate) fn publish_staged(conn: &Connection, owing: &Owing) -> Result<(), StoreError> {
    let mut last = 0;
    while let Some((id, offer)) = offer::next_staged(conn, owing.source, last)? {
        publish(conn, owing, &offer)?;
        last = id;
    }
    if last > 0 {
        conn.execute("DELETE FROM staged WHERE source = ?1", [owing.source.0])?;
    }
    Ok(())
}

/// Owes one report, by the table above.
pub(crate) fn publish(conn: &Connection, owing: &Owing, offer: &Offer<'_>) -> Result<(), StoreError> {
    let Some(present) = present(conn, offer.report_id)? else {
        return offer.insert(conn, owing);
    };
    match meaning(&present, offer, owing.again) {
        Meaning::Note => {
            note(conn, owing.source.0, present.id)?;
            drop_body(conn, offer.stored())
        }
        Meaning::OweAgain => {
            note(conn, owing.source.0, present.id)?;
            owe_again(conn, present.id, present.body, offer, owing.now)
        }
        Meaning::Replace => {
            note(conn, present.source, present.id)?;
            drop_body(conn, present.body)?;
            offer.replace(conn, present.id, owing)
        }
    }
}

fn meaning(present: &Present, offer: &Offer<'_>, again: bool) -> Meaning {
    match present.code {
        _ if present.hash != offer.hash => Meaning::Replace,
        Code::Error | Code::Discarded => Meaning::OweAgain,
        Code::Completed if again => Meaning::OweAgain,
        Code::Queued | Code::Processing | Code::Completed => Meaning::Note,
    }
}

fn present(conn: &Connection, id: Uuid) -> Result<Option<Present>, StoreError> {
    let sql = "SELECT id, source, state, body, body_hash FROM reports WHERE report_id = ?1";
    let read = |row: &Row<'_>| {
        Ok(Present { id: row.get(0)?, source: row.get(1)?, code: Code::from_sql(row.get(2)?), body: row.get(3)?, hash: row.get(4)? })
    };
    Ok(conn.prepare_cached(sql)?.query_row([id.as_bytes()], read).optional()?)
}

/// Owes a row that has ended (completed, error, discarded) again, with its own body or, when that is gone, the offered.
fn owe_again(conn: &Connection, id: i64, body: Option<i64>, offer: &Offer<'_>, now: Millis) -> Result<(), StoreError> {
    let body = match body {
        Some(body) => {
            drop_body(conn, offer.stored())?;
            body
        }
        None => offer.store(conn)?,
    };
    queue(conn, id, body, now)
}

/// Puts a row that has ended back into the queue, due at once.
pub(crate) fn queue(conn: &Connection, id: i64, body: i64, now: Millis) -> Result<(), StoreError> {
    let sql = "UPDATE reports SET state = 0, queued_at = ?3, next_at = NULL, settled_at = NULL, discarded_at = NULL, body = ?2
               WHERE id = ?1";
    conn.prepare_cached(sql)?.execute([id, body, now])?;
    Ok(())
}

pub(crate) fn drop_body(conn: &Connection, body: Option<i64>) -> Result<(), StoreError> {
    if let Some(body) = body {
        conn.prepare_cached("DELETE FROM bodies WHERE id = ?1")?.execute([body])?;
    }
    Ok(())
}

fn note(conn: &Connection, source: i64, report: i64) -> Result<(), StoreError> {
    conn.prepare_cached("INSERT OR IGNORE INTO noted (source, report) VALUES (?1, ?2)")?.execute([source, report])?;
    Ok(())
}
