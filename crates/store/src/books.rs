//! The books: every source with its outcome and its reports, and what in the file does not add up.

use std::collections::HashMap;

use rusqlite::Connection;
use serde::Serialize;
use uuid::Uuid;

use crate::error::StoreError;
use crate::rows::hex;
use crate::types::{Code, SourceId, SourceOutcome, State, Ticket};

/// Everything the store answers for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Books {
    /// Every source, oldest first. Reports whose source row is gone stand under a source with the id 0 at the end.
    pub sources: Vec<BookedSource>,
    /// What does not add up; empty in a sound store.
    pub problems: Vec<String>,
}

/// One source in the books.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BookedSource {
    /// Its number.
    pub id: SourceId,
    /// The watch rule.
    pub rule: String,
    /// Its path when it was taken.
    pub path: String,
    /// blake3 of its content, hexadecimal.
    pub hash: String,
    /// What became of it.
    pub outcome: SourceOutcome,
    /// Whether its post action is done.
    pub filed: bool,
    /// Its reports; one that came with several sources stands under each of them.
    pub reports: Vec<BookedReport>,
}

/// One report in the books.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BookedReport {
    /// Its number.
    pub ticket: Ticket,
    /// The report's id.
    pub report_id: Uuid,
    /// Where it stands.
    pub state: State,
    /// Whether it was discarded.
    pub discarded: bool,
}

/// Each finds tickets that cannot be in a sound store.
const CHECKS: [(&str, &str); 3] = [
    (
        "is owed or delivered but its body is gone",
        "SELECT id FROM reports WHERE (state IN (0, 1) OR (state = 2 AND archive_file IS NULL))
           AND (body IS NULL OR body NOT IN (SELECT id FROM bodies))",
    ),
    ("has a body that another report has too", "SELECT max(id) FROM reports WHERE body IS NOT NULL GROUP BY body HAVING count(*) > 1"),
    (
        "is counted wrongly under its state",
        "SELECT c.state FROM counts c WHERE (c.n, c.bytes) <>
           (SELECT count(*), coalesce(sum(bytes), 0) FROM reports r WHERE r.state = c.state)",
    ),
];

pub(crate) fn read(conn: &Connection) -> Result<Books, StoreError> {
    let mut books = Books { sources: sources(conn)?, problems: problems(conn)? };
    let place: HashMap<i64, usize> = books.sources.iter().enumerate().map(|(at, source)| (source.id.0, at)).collect();
    let mut orphans = Vec::new();
    let sql = "SELECT source, id, report_id, state FROM reports
               UNION SELECT n.source, r.id, r.report_id, r.state FROM noted n JOIN reports r ON r.id = n.report ORDER BY 2, 1";
    let mut statement = conn.prepare_cached(sql)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let code = Code::from_sql(row.get(3)?);
        let report = BookedReport {
            ticket: Ticket(row.get(1)?),
            report_id: Uuid::from_bytes(row.get(2)?),
            state: code.state(),
            discarded: code == Code::Discarded,
        };
        match place.get(&row.get(0)?).and_then(|at| books.sources.get_mut(*at)) {
            Some(source) => source.reports.push(report),
            None => orphans.push(report),
        }
    }
    if !orphans.is_empty() {
        books.sources.push(sourceless(orphans));
    }
    Ok(books)
}

fn sources(conn: &Connection) -> Result<Vec<BookedSource>, StoreError> {
    let sql = "SELECT id, rule, path, hash, outcome, filed FROM sources WHERE outcome > 0 ORDER BY id";
    let mut statement = conn.prepare_cached(sql)?;
    let sources = statement.query_map([], |row| {
        Ok(BookedSource {
            id: SourceId(row.get(0)?),
            rule: row.get(1)?,
            path: row.get(2)?,
            hash: hex(&row.get::<_, Vec<u8>>(3)?),
            outcome: SourceOutcome::from_sql(row.get(4)?),
            filed: row.get(5)?,
            reports: Vec::new(),
        })
    })?;
    Ok(sources.collect::<Result<_, _>>()?)
}

fn sourceless(reports: Vec<BookedReport>) -> BookedSource {
    BookedSource {
        id: SourceId(0),
        rule: String::new(),
        path: String::new(),
        hash: String::new(),
        outcome: SourceOutcome::Converted,
        filed: true,
        reports,
    }
}

fn problems(conn: &Connection) -> Result<Vec<String>, StoreError> {
    let mut problems = Vec::new();
    for (what, sql) in CHECKS {
        let mut statement = conn.prepare_cached(sql)?;
        let ids = statement.query_map([], |row| row.get::<_, i64>(0))?;
        for id in ids {
            problems.push(format!("{} {what}", id?));
        }
    }
    Ok(problems)
}
