//! Making a report owed: the one place that decides what a report id that is already there means.
//!
//! | the id is there as | same body | other body |
//! |---|---|---|
//! | queued | noted as a duplicate | the newest body is what is owed |
//! | processing | noted as a duplicate | the same, once the running attempt has ended (whatever its answer) |
//! | completed | noted (owed again on request) | owed again: the server replaces it |
//! | error, discarded | owed again: bringing the file again asks for it | the newest body is owed |

use std::borrow::Cow;

use rusqlite::{Connection, OptionalExtension, Row, params};
use uuid::Uuid;

use crate::error::StoreError;
use crate::types::{Code, Millis, SourceId};

/// For whom and when reports become owed.
pub(crate) struct Owing {
    pub(crate) source: SourceId,
    pub(crate) priority: i64,
    /// Owe delivered reports with the same body once more.
    pub(crate) again: bool,
    pub(crate) now: Millis,
}

/// A report about to be owed.
pub(crate) struct Offer<'a> {
    pub(crate) report_id: Uuid,
    pub(crate) index: u32,
    pub(crate) body: Body<'a>,
    pub(crate) hash: [u8; 32],
    pub(crate) size: i64,
    pub(crate) bytes: i64,
    pub(crate) kind: Cow<'a, str>,
    pub(crate) sn: Cow<'a, str>,
    pub(crate) pn: Cow<'a, str>,
    pub(crate) result: Cow<'a, str>,
    pub(crate) process: Cow<'a, str>,
    pub(crate) start: Cow<'a, str>,
    pub(crate) warnings: Cow<'a, str>,
}

/// Where the offered body is.
pub(crate) enum Body<'a> {
    /// A frame not stored yet.
    Here(&'a [u8]),
    /// The row of a staged body.
    Stored(i64),
}

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
    let mut next = conn.prepare_cached(
        "SELECT id, idx, report_id, body, body_hash, size, bytes, kind, sn, pn, result, process, start, warnings
         FROM staged WHERE source = ?1 AND id > ?2 ORDER BY id LIMIT 1",
    )?;
    let mut last = 0;
    while let Some((id, offer)) = next.query_row([owing.source.0, last], staged_offer).optional()? {
        publish(conn, owing, &offer)?;
        last = id;
    }
    if last > 0 {
        conn.execute("DELETE FROM staged WHERE source = ?1", [owing.source.0])?;
    }
    Ok(())
}

fn staged_offer(row: &Row<'_>) -> Result<(i64, Offer<'static>), rusqlite::Error> {
    let text = |column: usize| row.get::<_, String>(column).map(Cow::Owned);
    let offer = Offer {
        report_id: Uuid::from_bytes(row.get(2)?),
        index: row.get(1)?,
        body: Body::Stored(row.get(3)?),
        hash: row.get(4)?,
        size: row.get(5)?,
        bytes: row.get(6)?,
        kind: text(7)?,
        sn: text(8)?,
        pn: text(9)?,
        result: text(10)?,
        process: text(11)?,
        start: text(12)?,
        warnings: text(13)?,
    };
    Ok((row.get(0)?, offer))
}

/// Owes one report, by the table above.
pub(crate) fn publish(conn: &Connection, owing: &Owing, offer: &Offer<'_>) -> Result<(), StoreError> {
    let Some(present) = present(conn, offer.report_id)? else {
        return insert(conn, owing, offer);
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
            replace(conn, &present, owing, offer)
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

fn insert(conn: &Connection, owing: &Owing, offer: &Offer<'_>) -> Result<(), StoreError> {
    let body = offer.store(conn)?;
    let sql = "INSERT INTO reports (report_id, source, idx, state, priority, queued_at, body, body_hash, size, bytes,
                 kind, sn, pn, result, process, start, warnings)
               VALUES (?1, ?2, ?3, 0, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)";
    let values = params![
        offer.report_id.as_bytes(),
        owing.source.0,
        offer.index,
        owing.priority,
        owing.now,
        body,
        offer.hash,
        offer.size,
        offer.bytes,
        offer.kind,
        offer.sn,
        offer.pn,
        offer.result,
        offer.process,
        offer.start,
        offer.warnings,
    ];
    conn.prepare_cached(sql)?.execute(values)?;
    Ok(())
}

/// A row on its way (`state = 1`) stays leased and is owed once its attempt has ended; any other is queued now.
fn replace(conn: &Connection, present: &Present, owing: &Owing, offer: &Offer<'_>) -> Result<(), StoreError> {
    drop_body(conn, present.body)?;
    let body = offer.store(conn)?;
    let sql = "UPDATE reports SET source = ?2, idx = ?3, priority = ?4, queued_at = ?5,
                 state = iif(state = 1, 1, 0), replaced = iif(state = 1, 1, 0),
                 next_at = NULL, settled_at = NULL, discarded_at = NULL, archive_file = NULL, archive_offset = NULL, archive_len = NULL, note = NULL, receipt = NULL,
                 body = ?6, body_hash = ?7, size = ?8, bytes = ?9,
                 kind = ?10, sn = ?11, pn = ?12, result = ?13, process = ?14, start = ?15, warnings = ?16
               WHERE id = ?1";
    let values = params![
        present.id,
        owing.source.0,
        offer.index,
        owing.priority,
        owing.now,
        body,
        offer.hash,
        offer.size,
        offer.bytes,
        offer.kind,
        offer.sn,
        offer.pn,
        offer.result,
        offer.process,
        offer.start,
        offer.warnings,
    ];
    conn.prepare_cached(sql)?.execute(values)?;
    Ok(())
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

pub(crate) fn insert_body(conn: &Connection, report: Uuid, hash: &[u8; 32], size: i64, frame: &[u8]) -> Result<i64, StoreError> {
    let sql = "INSERT INTO bodies (report_id, hash, size, frame) VALUES (?1, ?2, ?3, ?4)";
    conn.prepare_cached(sql)?.execute(params![report.as_bytes(), hash, size, frame])?;
    Ok(conn.last_insert_rowid())
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

impl Offer<'_> {
    fn stored(&self) -> Option<i64> {
        match self.body {
            Body::Stored(id) => Some(id),
            Body::Here(_) => None,
        }
    }

    fn store(&self, conn: &Connection) -> Result<i64, StoreError> {
        match self.body {
            Body::Stored(id) => Ok(id),
            Body::Here(frame) => insert_body(conn, self.report_id, &self.hash, self.size, frame),
        }
    }
}
