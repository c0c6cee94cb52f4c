//! What the view shows: reports, attempts and sources as rows of values.

use rusqlite::{Connection, OptionalExtension, Row as SqlRow};
use serde::Serialize;
use uuid::Uuid;

use crate::archive::{ArchivePlace, as_place};
use crate::body;
use crate::error::StoreError;
use crate::lease;
use crate::types::{Code, Millis, SourceId, SourceOutcome, State, Ticket, unsigned};

/// One report in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Row {
    /// Its number.
    pub ticket: Ticket,
    /// The report's id.
    pub report_id: Uuid,
    /// Where it stands.
    pub state: State,
    /// When it was discarded.
    pub discarded_at: Option<Millis>,
    /// 1 (first) to 10 (last).
    pub priority: u8,
    /// The source it came from.
    pub source: SourceId,
    /// The watch rule of that source; empty when retention or damage took its row.
    pub rule: String,
    /// The path of that source.
    pub path: String,
    /// `T` or `R`.
    pub kind: String,
    /// Serial number.
    pub sn: String,
    /// Part number.
    pub pn: String,
    /// Outcome.
    pub result: String,
    /// Process.
    pub process: String,
    /// Start as the report has it.
    pub start: String,
    /// Length of the JSON text in bytes.
    pub size: u64,
    /// Since when it is (or was) owed.
    pub queued_at: Millis,
    /// When it is due again; `None` while queued means at once.
    pub next_at: Option<Millis>,
    /// When it was leased last.
    pub leased_at: Option<Millis>,
    /// When it was delivered, refused or discarded.
    pub settled_at: Option<Millis>,
    /// Attempts made.
    pub attempts: u32,
    /// Why it is in error, or what the server noted.
    pub note: Option<String>,
    /// The server's receipt.
    pub receipt: Option<String>,
}

/// One attempt in a report's detail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AttemptRow {
    /// Its number, from 1; the middle of a long series is not kept.
    pub n: u32,
    /// When it ended.
    pub at: Millis,
    /// How long it took, in milliseconds.
    pub latency_ms: u32,
    /// The HTTP status, when there was an answer.
    pub status: Option<u16>,
    /// The server's words, or what went wrong.
    pub message: String,
    /// `accepted`, `already there`, `again` or `refused`.
    pub verdict: String,
}

/// Everything about one report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Detail {
    /// As in a list.
    pub row: Row,
    /// What the conversion warned of.
    pub warnings: Vec<String>,
    /// The attempts, first to last.
    pub attempts: Vec<AttemptRow>,
    /// The JSON text, while it is in the store and whole.
    pub body: Option<Vec<u8>>,
    /// Where it was archived.
    pub archived: Option<ArchivePlace>,
}

/// One source in the history.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SourceRow {
    /// Its number.
    pub id: SourceId,
    /// The watch rule.
    pub rule: String,
    /// Its path when it was taken.
    pub path: String,
    /// Length in bytes.
    pub size: u64,
    /// blake3 of its content, hexadecimal.
    pub hash: String,
    /// The format it was read as.
    pub format: String,
    /// What became of it.
    pub outcome: SourceOutcome,
    /// Why it was rejected; of a converted one, that a discarded report of it was forgotten.
    pub reason: Option<String>,
    /// What it is a duplicate of.
    pub of: Option<SourceId>,
    /// When it was taken.
    pub at: Millis,
    /// Whether its post action is done.
    pub filed: bool,
    /// Where the post action put it.
    pub filed_at: Option<String>,
    /// How many reports came with it, without those that retention has forgotten.
    pub reports: u64,
}

/// Selects the columns of [`as_stored`].
pub(crate) const ROW: &str =
    "SELECT r.id, r.report_id, r.state, r.discarded_at, r.priority, r.source, coalesce(s.rule, ''), coalesce(s.path, ''),
    r.kind, r.sn, r.pn, r.result, r.process, r.start, r.size, r.queued_at, r.next_at, r.leased_at, r.settled_at, r.attempts,
    r.note, r.receipt, r.archive_file, r.archive_offset, r.archive_len, r.warnings, r.body_hash, r.body
    FROM reports r LEFT JOIN sources s ON s.id = r.source";

/// Selects the columns of [`as_source`].
pub(crate) const SOURCE_ROW: &str =
    "SELECT id, rule, path, size, hash, format, outcome, reason, of, at, filed, filed_at, reports FROM sources";

/// A report's row with what a list does not show.
pub(crate) struct Stored {
    pub(crate) row: Row,
    pub(crate) warnings: String,
    pub(crate) archived: Option<ArchivePlace>,
    hash: [u8; 32],
    body: Option<i64>,
}

impl Stored {
    /// The body, when it is in the store and whole.
    pub(crate) fn read_body(&self, conn: &Connection) -> Result<Option<Vec<u8>>, StoreError> {
        let Some(body) = self.body else { return Ok(None) };
        let sql = "SELECT frame FROM bodies WHERE id = ?1";
        let frame: Option<Vec<u8>> = conn.prepare_cached(sql)?.query_row([body], |row| row.get(0)).optional()?;
        let size = usize::try_from(self.row.size).unwrap_or(usize::MAX);
        Ok(frame.and_then(|frame| body::unpack(&frame, size, &self.hash)))
    }
}

/// The kept attempts of one report, first to last.
pub(crate) fn attempts(conn: &Connection, report: i64) -> Result<Vec<AttemptRow>, StoreError> {
    let sql = "SELECT n, at, latency_ms, status, message, verdict FROM attempts WHERE id BETWEEN ?1 AND ?2 ORDER BY n";
    let read = |row: &SqlRow<'_>| {
        Ok(AttemptRow {
            n: row.get(0)?,
            at: row.get(1)?,
            latency_ms: row.get(2)?,
            status: row.get(3)?,
            message: row.get(4)?,
            verdict: row.get(5)?,
        })
    };
    let first = lease::first_attempt(report);
    let rows = conn.prepare_cached(sql)?.query_map([first, first + 63], read)?.collect::<Result<_, _>>()?;
    Ok(rows)
}

pub(crate) fn as_stored(row: &SqlRow<'_>) -> Result<Stored, rusqlite::Error> {
    Ok(Stored { row: as_row(row)?, archived: as_place(row, 22)?, warnings: row.get(25)?, hash: row.get(26)?, body: row.get(27)? })
}

fn as_row(row: &SqlRow<'_>) -> Result<Row, rusqlite::Error> {
    Ok(Row {
        ticket: Ticket(row.get(0)?),
        report_id: Uuid::from_bytes(row.get(1)?),
        state: Code::from_sql(row.get(2)?).state(),
        discarded_at: row.get(3)?,
        priority: row.get(4)?,
        source: SourceId(row.get(5)?),
        rule: row.get(6)?,
        path: row.get(7)?,
        kind: row.get(8)?,
        sn: row.get(9)?,
        pn: row.get(10)?,
        result: row.get(11)?,
        process: row.get(12)?,
        start: row.get(13)?,
        size: unsigned(row.get(14)?),
        queued_at: row.get(15)?,
        next_at: row.get(16)?,
        leased_at: row.get(17)?,
        settled_at: row.get(18)?,
        attempts: row.get(19)?,
        note: row.get(20)?,
        receipt: row.get(21)?,
    })
}

pub(crate) fn as_source(row: &SqlRow<'_>) -> Result<SourceRow, rusqlite::Error> {
    let hash: Vec<u8> = row.get(4)?;
    Ok(SourceRow {
        id: SourceId(row.get(0)?),
        rule: row.get(1)?,
        path: row.get(2)?,
        size: unsigned(row.get(3)?),
        hash: hex(&hash),
        format: row.get(5)?,
        outcome: SourceOutcome::from_sql(row.get(6)?),
        reason: row.get(7)?,
        of: row.get::<_, Option<i64>>(8)?.map(SourceId),
        at: row.get(9)?,
        filed: row.get(10)?,
        filed_at: row.get(11)?,
        reports: unsigned(row.get(12)?),
    })
}

/// Bytes as lower-case hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        text.push(char::from_digit(u32::from(byte >> 4), 16).unwrap_or('0'));
        text.push(char::from_digit(u32::from(byte & 15), 16).unwrap_or('0'));
        text
    })
}
