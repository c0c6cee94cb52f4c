//! The ledger of sources: what became of each file, by path and by content, and whether its post action is done.

use rusqlite::{Connection, OptionalExtension, Row, params};

use crate::error::StoreError;
use crate::types::{Millis, SourceId, SourceOutcome, signed};

/// A source file as it was taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// The watch rule's name.
    pub rule: String,
    /// The path as shown to people; unique per file.
    pub path: String,
    /// Length in bytes.
    pub size: u64,
    /// Modification time in nanoseconds since 1970.
    pub mtime_ns: i64,
    /// blake3 of the content.
    pub hash: [u8; 32],
    /// The format it was read as.
    pub format: String,
    /// 1 (first) to 10 (last); other values count as the nearer of the two.
    pub priority: u8,
}

/// What the ledger knows of a file or a content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// The source.
    pub source: SourceId,
    /// What became of it.
    pub outcome: SourceOutcome,
    /// Whether its post action is done.
    pub filed: bool,
    /// Its path when it was taken.
    pub path: String,
    /// Its modification time then, in nanoseconds since 1970.
    pub mtime_ns: i64,
    /// Why it was rejected.
    pub reason: Option<String>,
    /// How its reports stand.
    pub account: Account,
}

/// How the reports of a source stand, for the decision what to do with a file of the same content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Account {
    /// Every one is owed or was delivered (a rejected source has none).
    Whole,
    /// Every one is accounted for, but some were refused or discarded: bringing the file again asks for them.
    Refused,
    /// Damage took the row or the body of some: only the file can bring them back.
    Missing,
}

/// The remark of a converted source of which a discarded report was forgotten.
pub(crate) const DISCARDED: &str = "a report of it was discarded and has been forgotten";

/// A source whose reports are being staged; invisible until it is converted.
const STAGED: i64 = 0;

const KNOWN: &str = "SELECT id, outcome, filed, path, reason, mtime_ns, reports FROM sources";

pub(crate) fn reject(conn: &Connection, source: &Source, reason: &str, now: Millis) -> Result<SourceId, StoreError> {
    insert(conn, source, SourceOutcome::Rejected.code(), Some(reason), None, now)
}

pub(crate) fn duplicate(conn: &Connection, source: &Source, of: SourceId, now: Millis) -> Result<SourceId, StoreError> {
    insert(conn, source, SourceOutcome::Duplicate.code(), None, Some(of), now)
}

/// Begins a source whose reports are not visible yet.
pub(crate) fn stage(conn: &Connection, source: &Source, now: Millis) -> Result<SourceId, StoreError> {
    insert(conn, source, STAGED, None, None, now)
}

/// Makes a staged source converted; fails when it was dropped meanwhile.
pub(crate) fn convert(conn: &Connection, id: SourceId, path: &str) -> Result<(), StoreError> {
    let sql = "UPDATE sources SET outcome = 1 WHERE id = ?1 AND outcome = 0";
    match conn.prepare_cached(sql)?.execute([id.0])? {
        0 => Err(StoreError::IntakeLost(path.to_owned())),
        _ => Ok(()),
    }
}

/// Fails when the staged source was dropped meanwhile (the owner recovered while a guest was staging).
pub(crate) fn must_be_staged(conn: &Connection, id: SourceId, path: &str) -> Result<(), StoreError> {
    let sql = "SELECT 1 FROM sources WHERE id = ?1 AND outcome = 0";
    match conn.prepare_cached(sql)?.exists([id.0])? {
        true => Ok(()),
        false => Err(StoreError::IntakeLost(path.to_owned())),
    }
}

pub(crate) fn filed(conn: &Connection, id: SourceId, filed_at: Option<&str>) -> Result<(), StoreError> {
    conn.prepare_cached("UPDATE sources SET filed = 1, filed_at = ?2 WHERE id = ?1")?.execute(params![id.0, filed_at])?;
    Ok(())
}

pub(crate) fn known(conn: &Connection, rule: &str, path: &str, size: u64, mtime_ns: i64) -> Result<Option<Known>, StoreError> {
    let sql = format!(
        "{KNOWN} INDEXED BY sources_file WHERE mtime_ns = ?5 AND place = ?1 AND rule = ?2 AND path = ?3 AND size = ?4 AND outcome > 0
         ORDER BY id DESC LIMIT 1"
    );
    let values = params![place(rule, path), rule, path, signed(size), mtime_ns];
    accounted(conn, conn.prepare_cached(&sql)?.query_row(values, as_known).optional()?)
}

pub(crate) fn known_content(conn: &Connection, hash: &[u8; 32], path: &str) -> Result<Option<Known>, StoreError> {
    let sql = format!(
        "{KNOWN} INDEXED BY sources_content WHERE substr(hash, 1, 8) = substr(?1, 1, 8) AND hash = ?1 AND outcome IN (1, 2)
         ORDER BY outcome, path = ?2 DESC, id DESC LIMIT 1"
    );
    accounted(conn, conn.prepare_cached(&sql)?.query_row(params![hash, path], as_known).optional()?)
}

/// Notes how many reports a source holds: two with one id are one.
pub(crate) fn count_reports(conn: &Connection, id: SourceId) -> Result<(), StoreError> {
    let sql = format!("UPDATE sources SET reports = (SELECT count(*) FROM ({HELD})) WHERE id = ?1");
    conn.prepare_cached(&sql)?.execute([id.0])?;
    Ok(())
}

/// The reports a source holds: its own, and those that came with another as well.
const HELD: &str = "SELECT id FROM reports WHERE source = ?1 UNION SELECT report FROM noted WHERE source = ?1";

/// Fills in how the reports stand; the number beside the source is how many there must be.
fn accounted(conn: &Connection, found: Option<(Known, i64)>) -> Result<Option<Known>, StoreError> {
    let Some((known, reports)) = found else { return Ok(None) };
    if known.outcome != SourceOutcome::Converted {
        return Ok(Some(known));
    }
    let sql = format!(
        "SELECT count(*), coalesce(sum(state IN (3, 4)), 0), coalesce(sum(state = 3 AND body IS NULL), 0) FROM reports WHERE id IN ({HELD})"
    );
    let counts = |row: &Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get(2)?));
    let (there, ended, bodiless): (i64, i64, i64) = conn.prepare_cached(&sql)?.query_row([known.source.0], counts)?;
    let account = match (there < reports || bodiless > 0, ended > 0 || known.reason.is_some()) {
        (true, _) => Account::Missing,
        (false, true) => Account::Refused,
        (false, false) => Account::Whole,
    };
    Ok(Some(Known { account, reason: None, ..known }))
}

/// Drops every half-staged source; answers how many.
pub(crate) fn drop_staged(conn: &Connection) -> Result<u64, StoreError> {
    conn.execute_batch("DELETE FROM bodies WHERE id IN (SELECT body FROM staged); DELETE FROM staged")?;
    Ok(conn.execute("DELETE FROM sources WHERE outcome = 0", [])? as u64)
}

/// Drops one half-staged source.
pub(crate) fn drop_one_staged(conn: &Connection, id: SourceId) -> Result<(), StoreError> {
    conn.execute("DELETE FROM bodies WHERE id IN (SELECT body FROM staged WHERE source = ?1)", [id.0])?;
    conn.execute("DELETE FROM staged WHERE source = ?1", [id.0])?;
    conn.execute("DELETE FROM sources WHERE id = ?1 AND outcome = 0", [id.0])?;
    Ok(())
}

fn insert(
    conn: &Connection,
    source: &Source,
    outcome: i64,
    reason: Option<&str>,
    of: Option<SourceId>,
    now: Millis,
) -> Result<SourceId, StoreError> {
    let sql = "INSERT INTO sources (rule, path, place, size, mtime_ns, hash, format, priority, outcome, reason, of, at)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)";
    let values = params![
        source.rule,
        source.path,
        place(&source.rule, &source.path),
        signed(source.size),
        source.mtime_ns,
        source.hash,
        source.format,
        i64::from(source.priority),
        outcome,
        reason,
        of.map(|of| of.0),
        now,
    ];
    conn.prepare_cached(sql)?.execute(values)?;
    Ok(SourceId(conn.last_insert_rowid()))
}

/// A short fingerprint of rule and path. The NUL between them occurs in neither.
pub(crate) fn place(rule: &str, path: &str) -> i64 {
    let mut hasher = blake3::Hasher::new();
    hasher.update(rule.as_bytes()).update(&[0]).update(path.as_bytes());
    let mut first = [0; 8];
    hasher.finalize_xof().fill(&mut first);
    i64::from_le_bytes(first)
}

/// The source and how many reports it answers for.
fn as_known(row: &Row<'_>) -> Result<(Known, i64), rusqlite::Error> {
    let known = Known {
        source: SourceId(row.get(0)?),
        outcome: SourceOutcome::from_sql(row.get(1)?),
        filed: row.get(2)?,
        path: row.get(3)?,
        reason: row.get(4)?,
        mtime_ns: row.get(5)?,
        account: Account::Whole,
    };
    Ok((known, row.get(6)?))
}
