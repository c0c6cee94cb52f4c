//! One source against the reports it came with.

use std::path::PathBuf;

use rusqlite::{Connection, Row};

use super::Wrong;
use crate::error::StoreError;
use crate::types::{SourceId, SourceOutcome, unsigned};

/// A source that was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckedSource {
    /// Its number.
    pub id: SourceId,
    /// Its path when it was taken.
    pub path: String,
    /// What is wrong with it.
    pub wrong: Vec<Wrong>,
    /// Of a rejected one whose content was not taken again since: where it was put aside.
    pub aside: Option<PathBuf>,
    /// Its length in bytes.
    pub size: u64,
}

/// What is known of a source, for the judgement.
struct Evidence {
    id: i64,
    outcome: SourceOutcome,
    has_reason: bool,
    of: Option<i64>,
    /// Reports it must hold, and those it holds.
    must: u64,
    there: u64,
    /// A later source took the same content: that one answers for the reports.
    again: bool,
}

fn judge(evidence: &Evidence) -> Option<Wrong> {
    let Evidence { must, there, .. } = *evidence;
    match evidence.outcome {
        SourceOutcome::Converted if there < must && evidence.again => None,
        SourceOutcome::Converted if there < must => Some(Wrong::ReportsGone { there, must }),
        SourceOutcome::Converted if there > must => Some(Wrong::ReportsMiscounted),
        SourceOutcome::Rejected | SourceOutcome::Duplicate if there > 0 => {
            Some(Wrong::Inconsistent("was not taken in, and yet has reports"))
        }
        SourceOutcome::Rejected if !evidence.has_reason => Some(Wrong::Inconsistent("was rejected without a reason")),
        SourceOutcome::Duplicate if evidence.of.is_none_or(|of| of >= evidence.id) => {
            Some(Wrong::Inconsistent("is a duplicate of nothing"))
        }
        _ => None,
    }
}

/// The two counts are of the source's own reports, and of those that name another one.
const PAGE: &str = "SELECT s.id, s.path, s.outcome, s.reason IS NOT NULL, s.of, s.reports,
      (SELECT count(*) FROM reports r WHERE r.source = s.id)
      + (SELECT count(*) FROM noted n JOIN reports r ON r.id = n.report WHERE n.source = s.id AND r.source <> s.id),
    iif(s.outcome = 2 AND s.filed = 1, s.filed_at, NULL), s.size,
    EXISTS (SELECT 1 FROM sources t
      WHERE substr(t.hash, 1, 8) = substr(s.hash, 1, 8) AND t.hash = s.hash AND t.id > s.id AND t.outcome IN (1, 2))
    FROM sources s WHERE s.outcome > 0 AND s.id > ?1 ORDER BY s.id LIMIT ?2";

/// The next sources after one.
pub(crate) fn page(conn: &Connection, after: i64, n: u32) -> Result<Vec<CheckedSource>, StoreError> {
    let mut statement = conn.prepare_cached(PAGE)?;
    let checked = statement.query_map([after, i64::from(n)], checked)?.collect::<Result<_, _>>()?;
    Ok(checked)
}

fn checked(row: &Row<'_>) -> Result<CheckedSource, rusqlite::Error> {
    let evidence = Evidence {
        id: row.get(0)?,
        outcome: SourceOutcome::from_sql(row.get(2)?),
        has_reason: row.get(3)?,
        of: row.get(4)?,
        must: unsigned(row.get(5)?),
        there: unsigned(row.get(6)?),
        again: row.get(9)?,
    };
    let aside: Option<String> = row.get(7)?;
    Ok(CheckedSource {
        id: SourceId(evidence.id),
        path: row.get(1)?,
        wrong: judge(&evidence).into_iter().collect(),
        aside: aside.filter(|_| !evidence.again).map(PathBuf::from),
        size: unsigned(row.get(8)?),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_source_must_have_follows_from_what_became_of_it() {
        use SourceOutcome::{Converted, Duplicate, Rejected};
        // outcome, reason, of, must, there
        let table = [
            ((Converted, false, None, 3, 3), true),
            ((Converted, false, None, 0, 0), true),
            ((Converted, false, None, 3, 2), false),
            ((Converted, false, None, 2, 3), false),
            ((Rejected, true, None, 0, 0), true),
            ((Rejected, false, None, 0, 0), false),
            ((Rejected, true, None, 0, 1), false),
            ((Duplicate, false, Some(4), 0, 0), true),
            ((Duplicate, false, Some(5), 0, 0), false),
            ((Duplicate, false, None, 0, 0), false),
        ];
        for ((outcome, has_reason, of, must, there), sound) in table {
            let found = judge(&Evidence { id: 5, outcome, has_reason, of, must, there, again: false });
            assert_eq!(found.is_none(), sound, "{outcome:?} {has_reason} {of:?} {must} {there}: {found:?}");
        }
    }

    #[test]
    fn a_source_that_was_brought_again_does_not_answer_for_what_was_lost_of_it() {
        let lost =
            |again| judge(&Evidence { id: 5, outcome: SourceOutcome::Converted, has_reason: false, of: None, must: 3, there: 2, again });
        assert_eq!((lost(false), lost(true)), (Some(Wrong::ReportsGone { there: 2, must: 3 }), None));
    }
}
