//! One report against its body, its attempts and its source.

use rusqlite::{Connection, Row};
use serde::Deserialize;
use uuid::Uuid;

use super::Wrong;
use crate::archive::{ArchivePlace, as_place};
use crate::body;
use crate::error::StoreError;
use crate::types::{Code, Millis, State, Ticket};

/// A report that was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckedReport {
    /// Its number.
    pub ticket: Ticket,
    /// Where it stands.
    pub state: State,
    /// What is wrong with it.
    pub wrong: Vec<Wrong>,
    /// Where it was archived.
    pub archived: Option<ArchivePlace>,
    /// What its body must be.
    pub proof: Proof,
    /// When it was delivered, refused or discarded.
    pub settled_at: Option<Millis>,
}

/// What tells the body of a report from every other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    report_id: Uuid,
    size: usize,
    hash: [u8; 32],
}

impl Proof {
    /// Whether this is the frame of that body; else what is wrong with it.
    ///
    /// # Errors
    /// [`Wrong::BodyDamaged`] or [`Wrong::BodySwapped`].
    pub fn holds(&self, frame: &[u8]) -> Result<(), Wrong> {
        let body = body::unpack(frame, self.size, &self.hash).ok_or(Wrong::BodyDamaged)?;
        match serde_json::from_slice::<Named>(&body) {
            Ok(named) if named.id == self.report_id => Ok(()),
            _ => Err(Wrong::BodySwapped),
        }
    }
}

/// What a body says of itself.
#[derive(Deserialize)]
struct Named {
    id: Uuid,
}

/// What is known of a report, for the judgement.
struct Evidence {
    code: Code,
    /// Why the body in the file is not the one it must be; `None` where none is named.
    body: Option<Result<(), Wrong>>,
    /// Its place in the archive is settled: it has one, or it is known to have none.
    archived: bool,
    has_copy: bool,
    proven: bool,
    /// Its source is there, or was never known: a rescue brings back bodies without one.
    has_source: bool,
}

fn judge(evidence: &Evidence) -> Vec<Wrong> {
    let needed = match evidence.code {
        Code::Queued | Code::Processing => true,
        Code::Completed => !evidence.archived,
        Code::Error | Code::Discarded => false,
    };
    let body = match &evidence.body {
        Some(Err(wrong)) => Some(wrong.clone()),
        None if needed => Some(Wrong::BodyGone),
        None if evidence.code == Code::Error => Some(Wrong::BodyLost),
        Some(Ok(())) | None => None,
    };
    let delivered = evidence.code == Code::Completed;
    let proof = (delivered && !evidence.proven).then_some(Wrong::NotProven);
    let copy = (delivered && evidence.archived && !evidence.has_copy).then_some(Wrong::NoCopy);
    let source = (!evidence.has_source).then_some(Wrong::SourceGone);
    [body, proof, copy, source].into_iter().flatten().collect()
}

const PAGE: &str = "SELECT r.id, r.report_id, r.state, r.size, r.body_hash, r.body, b.report_id, b.frame, r.archive_file, r.archive_offset,
    r.archive_len, r.settled_at, r.source = 0 OR s.id IS NOT NULL,
    r.settled_at IS NOT NULL AND (r.receipt IS NOT NULL OR r.note IS NOT NULL) AND EXISTS (SELECT 1 FROM attempts a
      WHERE a.id BETWEEN r.id * 64 AND r.id * 64 + 63 AND a.n = r.attempts AND a.verdict IN ('accepted', 'already there'))
    FROM reports r LEFT JOIN sources s ON s.id = r.source LEFT JOIN bodies b ON b.id = r.body
    WHERE r.id > ?1 ORDER BY r.id LIMIT ?2";

/// The next reports after a ticket.
pub(crate) fn page(conn: &Connection, after: i64, n: u32) -> Result<Vec<CheckedReport>, StoreError> {
    let mut statement = conn.prepare_cached(PAGE)?;
    let checked = statement.query_map([after, i64::from(n)], checked)?.collect::<Result<_, _>>()?;
    Ok(checked)
}

fn checked(row: &Row<'_>) -> Result<CheckedReport, rusqlite::Error> {
    let (id, size): ([u8; 16], i64) = (row.get(1)?, row.get(3)?);
    let code = Code::from_sql(row.get(2)?);
    let proof = Proof { report_id: Uuid::from_bytes(id), size: usize::try_from(size).unwrap_or(usize::MAX), hash: row.get(4)? };
    let archived: Option<String> = row.get(8)?;
    let place = as_place(row, 8)?;
    let evidence = Evidence {
        code,
        body: body_of(row, id, &proof)?,
        archived: archived.is_some(),
        has_copy: place.is_some(),
        proven: row.get(13)?,
        has_source: row.get(12)?,
    };
    Ok(CheckedReport {
        ticket: Ticket(row.get(0)?),
        state: code.state(),
        wrong: judge(&evidence),
        archived: place,
        proof,
        settled_at: row.get(11)?,
    })
}

fn body_of(row: &Row<'_>, id: [u8; 16], proof: &Proof) -> Result<Option<Result<(), Wrong>>, rusqlite::Error> {
    if row.get::<_, Option<i64>>(5)?.is_none() {
        return Ok(None);
    }
    let Some(owner) = row.get::<_, Option<[u8; 16]>>(6)? else { return Ok(Some(Err(Wrong::BodyGone))) };
    let frame = row.get_ref(7)?.as_blob_or_null()?.unwrap_or_default();
    Ok(Some(if owner == id { proof.holds(frame) } else { Err(Wrong::BodySwapped) }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_report_must_have_follows_from_where_it_stands() {
        use Code::{Completed, Discarded, Error, Processing, Queued};
        let sound = || Some(Ok(()));
        // state, body, archived, has a copy, proven, has a source
        let table = [
            ((Queued, sound(), false, false, false, true), vec![]),
            ((Queued, None, false, false, false, true), vec![Wrong::BodyGone]),
            ((Processing, Some(Err(Wrong::BodyDamaged)), false, false, false, true), vec![Wrong::BodyDamaged]),
            // owed once more after it was archived
            ((Queued, sound(), true, true, false, true), vec![]),
            ((Completed, sound(), false, false, true, true), vec![]),
            ((Completed, None, false, false, true, true), vec![Wrong::BodyGone]),
            ((Completed, None, true, true, true, true), vec![]),
            ((Completed, None, true, false, true, true), vec![Wrong::NoCopy]),
            ((Completed, None, true, true, false, true), vec![Wrong::NotProven]),
            ((Error, sound(), false, false, false, true), vec![]),
            ((Error, None, false, false, false, true), vec![Wrong::BodyLost]),
            ((Error, Some(Err(Wrong::BodyGone)), false, false, false, true), vec![Wrong::BodyGone]),
            ((Discarded, None, false, false, false, true), vec![]),
            ((Queued, sound(), false, false, false, false), vec![Wrong::SourceGone]),
        ];
        for ((code, body, archived, has_copy, proven, has_source), expected) in table {
            let evidence = Evidence { code, body, archived, has_copy, proven, has_source };
            assert_eq!(judge(&evidence), expected, "{code:?} {archived} {has_copy} {proven} {has_source}");
        }
    }
}
