//! A report as it is offered to be owed, and the one place that knows which columns it fills: of a row that waits invisibly
//! (staged), of a new row, and of a row that it replaces.

use std::borrow::Cow;

use rusqlite::{Connection, OptionalExtension, Row, ToSql, params};
use uuid::Uuid;

use crate::error::StoreError;
use crate::types::{Millis, SourceId};

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
    pub(crate) step: Cow<'a, str>,
}

/// Where the offered body is.
pub(crate) enum Body<'a> {
    /// A frame not stored yet.
    Here(&'a [u8]),
    /// The row of a staged body.
    Stored(i64),
}

/// The columns of [`Offer::values`], alike in `staged` and `reports`.
macro_rules! columns {
    () => {
        "report_id, idx, body_hash, size, bytes, kind, sn, pn, result, process, start, warnings, step, body, source"
    };
}
macro_rules! values {
    () => {
        "?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15"
    };
}

impl Offer<'_> {
    /// The values of the columns, and more after them.
    fn values<'v, const N: usize>(&'v self, body: &'v i64, source: &'v i64, more: [&'v dyn ToSql; N]) -> Vec<&'v dyn ToSql> {
        let own: [&dyn ToSql; 15] = [
            self.report_id.as_bytes(),
            &self.index,
            &self.hash,
            &self.size,
            &self.bytes,
            &self.kind,
            &self.sn,
            &self.pn,
            &self.result,
            &self.process,
            &self.start,
            &self.warnings,
            &self.step,
            body,
            source,
        ];
        own.into_iter().chain(more).collect()
    }

    /// Lets the report wait invisibly until its source is whole.
    pub(crate) fn stage(&self, conn: &Connection, source: SourceId) -> Result<(), StoreError> {
        let body = self.store(conn)?;
        let sql = concat!("INSERT INTO staged (", columns!(), ") VALUES (", values!(), ")");
        conn.prepare_cached(sql)?.execute(self.values(&body, &source.0, []).as_slice())?;
        Ok(())
    }

    /// Owes a report whose id is new.
    pub(crate) fn insert(&self, conn: &Connection, owing: &Owing) -> Result<(), StoreError> {
        let body = self.store(conn)?;
        let sql = concat!("INSERT INTO reports (", columns!(), ", state, priority, queued_at) VALUES (", values!(), ", 0, ?16, ?17)");
        let values = self.values(&body, &owing.source.0, [&owing.priority, &owing.now]);
        conn.prepare_cached(sql)?.execute(values.as_slice())?;
        Ok(())
    }

    /// Owes a report instead of an older one with its id. A row on its way (`state = 1`) stays leased and is owed once its
    /// attempt has ended; any other is queued now.
    pub(crate) fn replace(&self, conn: &Connection, id: i64, owing: &Owing) -> Result<(), StoreError> {
        let body = self.store(conn)?;
        let sql = concat!(
            "UPDATE reports SET (",
            columns!(),
            ") = (",
            values!(),
            "), priority = ?16, queued_at = ?17, state = iif(state = 1, 1, 0), replaced = iif(state = 1, 1, 0),
             next_at = NULL, settled_at = NULL, discarded_at = NULL, note = NULL, receipt = NULL,
             archive_file = NULL, archive_offset = NULL, archive_len = NULL WHERE id = ?18"
        );
        let values = self.values(&body, &owing.source.0, [&owing.priority, &owing.now, &id]);
        conn.prepare_cached(sql)?.execute(values.as_slice())?;
        Ok(())
    }

    /// The row of the body, when it is stored already.
    pub(crate) fn stored(&self) -> Option<i64> {
        match self.body {
            Body::Stored(id) => Some(id),
            Body::Here(_) => None,
        }
    }

    /// The row of the body, stored now if it was not.
    pub(crate) fn store(&self, conn: &Connection) -> Result<i64, StoreError> {
        match self.body {
            Body::Stored(id) => Ok(id),
            Body::Here(frame) => insert_body(conn, self.report_id, &self.hash, self.size, frame),
        }
    }
}

/// The first report of the source staged after that one, with its number.
pub(crate) fn next_staged(conn: &Connection, source: SourceId, after: i64) -> Result<Option<(i64, Offer<'static>)>, StoreError> {
    let sql = concat!("SELECT id, ", columns!(), " FROM staged WHERE source = ?1 AND id > ?2 ORDER BY id LIMIT 1");
    Ok(conn.prepare_cached(sql)?.query_row([source.0, after], staged).optional()?)
}

fn staged(row: &Row<'_>) -> Result<(i64, Offer<'static>), rusqlite::Error> {
    let text = |column: &str| row.get::<_, String>(column).map(Cow::Owned);
    let offer = Offer {
        report_id: Uuid::from_bytes(row.get("report_id")?),
        index: row.get("idx")?,
        body: Body::Stored(row.get("body")?),
        hash: row.get("body_hash")?,
        size: row.get("size")?,
        bytes: row.get("bytes")?,
        kind: text("kind")?,
        sn: text("sn")?,
        pn: text("pn")?,
        result: text("result")?,
        process: text("process")?,
        start: text("start")?,
        warnings: text("warnings")?,
        step: text("step")?,
    };
    Ok((row.get("id")?, offer))
}

pub(crate) fn insert_body(conn: &Connection, report: Uuid, hash: &[u8; 32], size: i64, frame: &[u8]) -> Result<i64, StoreError> {
    let sql = "INSERT INTO bodies (report_id, hash, size, frame) VALUES (?1, ?2, ?3, ?4)";
    conn.prepare_cached(sql)?.execute(params![report.as_bytes(), hash, size, frame])?;
    Ok(conn.last_insert_rowid())
}
