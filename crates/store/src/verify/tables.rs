//! The tables against each other: what belongs to nobody, and numbers that are kept and can be counted.

use rusqlite::{Connection, Row};

use super::{About, Finding, MOST, Wrong};
use crate::error::StoreError;
use crate::types::{SourceId, Ticket};

type Read = fn(&Row<'_>) -> Result<Finding, rusqlite::Error>;

/// Each finds rows that a sound store does not hold.
const CHECKS: [(&str, Read); 5] = [
    (
        "SELECT b.id, EXISTS (SELECT 1 FROM reports r WHERE r.report_id = b.report_id) FROM bodies b
         WHERE NOT EXISTS (SELECT 1 FROM reports r WHERE r.report_id = b.report_id AND r.body = b.id)
         AND b.id NOT IN (SELECT body FROM staged)",
        |row| {
            let wrong = if row.get(1)? { Wrong::LeftOver } else { Wrong::Ownerless };
            Ok(Finding { about: About::Body(row.get(0)?), wrong })
        },
    ),
    (
        "SELECT id / 64, max(n), verdict IN ('accepted', 'already there') FROM attempts a
         WHERE NOT EXISTS (SELECT 1 FROM reports r WHERE r.id = a.id / 64) GROUP BY id / 64",
        |row| Ok(Finding { about: About::Report(Ticket(row.get(0)?)), wrong: Wrong::RowGone { delivered: row.get(2)? } }),
    ),
    (
        "SELECT n.source FROM noted n WHERE NOT EXISTS (SELECT 1 FROM reports r WHERE r.id = n.report)
         OR NOT EXISTS (SELECT 1 FROM sources s WHERE s.id = n.source)",
        |row| Ok(Finding { about: About::Source(SourceId(row.get(0)?)), wrong: Wrong::LooseMark }),
    ),
    (
        "SELECT c.state FROM counts c LEFT JOIN (SELECT state, count(*) AS n, sum(bytes) AS bytes FROM reports GROUP BY state) r
         ON r.state = c.state WHERE (c.n, c.bytes) <> (coalesce(r.n, 0), coalesce(r.bytes, 0))",
        |row| Ok(Finding { about: About::State(word(row.get(0)?)), wrong: Wrong::Miscounted }),
    ),
    ("SELECT 1 WHERE (SELECT coalesce(sum(n), 0) FROM sent) < (SELECT count(*) FROM reports WHERE state = 2)", |_| {
        Ok(Finding { about: About::Deliveries, wrong: Wrong::SentMiscounted })
    }),
];

/// The first findings of each kind.
pub(crate) fn check(conn: &Connection) -> Result<Vec<Finding>, StoreError> {
    let mut findings = Vec::new();
    for (sql, read) in CHECKS {
        let mut statement = conn.prepare(&format!("{sql} LIMIT {MOST}"))?;
        for finding in statement.query_map([], read)? {
            findings.push(finding?);
        }
    }
    Ok(findings)
}

fn word(state: i64) -> &'static str {
    ["queued", "processing", "completed", "error", "discarded"][usize::try_from(state).map_or(4, |state| state.min(4))]
}
