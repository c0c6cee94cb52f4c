//! The questions that choose among reports and sources.

use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension, Row as SqlRow, params_from_iter};

use crate::error::StoreError;
use crate::pictures;
use crate::rows::{self, Detail, ROW, Row, SOURCE_ROW, SourceRow};
use crate::types::{Millis, SourceId, SourceOutcome, State, Ticket};

/// Rows when the query names no limit.
const LIMIT: u32 = 100;

/// Which reports to list, newest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Query {
    /// Only those in this state.
    pub state: Option<State>,
    /// Among those in error: `Some(true)` only discarded ones, `Some(false)` none of them.
    pub discarded: Option<bool>,
    /// Only those whose serial number, part number, report id or file contains this text.
    pub text: Option<String>,
    /// Only those this source holds, also where another one brought them first or last.
    pub source: Option<SourceId>,
    /// Only those older than this ticket: the last of the page before.
    pub before: Option<Ticket>,
    /// At most so many; 0 means 100.
    pub limit: u32,
}

/// Which sources to list, newest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SourceQuery {
    /// Only those with this outcome.
    pub outcome: Option<SourceOutcome>,
    /// Only those of this watch rule.
    pub rule: Option<String>,
    /// Only those whose path, or the serial or part number of a report of theirs, contains this text.
    pub text: Option<String>,
    /// Only those taken at this time or after.
    pub from: Option<Millis>,
    /// Only those taken before this time.
    pub to: Option<Millis>,
    /// Only those older than this source: the last of the page before.
    pub before: Option<SourceId>,
    /// At most so many; 0 means 100.
    pub limit: u32,
}

/// The conditions of a query and their values.
#[derive(Default)]
struct Filter {
    conditions: Vec<&'static str>,
    values: Vec<Value>,
}

impl Filter {
    fn add<V: Into<Value>>(&mut self, condition: &'static str, values: impl IntoIterator<Item = V>) {
        let before = self.values.len();
        self.values.extend(values.into_iter().map(Into::into));
        if self.values.len() > before {
            self.conditions.push(condition);
        }
    }

    fn all<T>(
        &self,
        conn: &Connection,
        select: &str,
        order: &str,
        read: fn(&SqlRow<'_>) -> Result<T, rusqlite::Error>,
    ) -> Result<Vec<T>, StoreError> {
        let conditions = if self.conditions.is_empty() { "true".to_owned() } else { self.conditions.join(" AND ") };
        let mut statement = conn.prepare_cached(&format!("{select} WHERE {conditions} {order}"))?;
        let rows = statement.query_map(params_from_iter(&self.values), read)?.collect::<Result<_, _>>()?;
        Ok(rows)
    }
}

impl Query {
    pub(crate) fn ask(&self, conn: &Connection) -> Result<Vec<Row>, StoreError> {
        let mut filter = Filter::default();
        filter.conditions.extend(self.states());
        let held = "r.id IN (SELECT id FROM reports WHERE source = ? UNION SELECT report FROM noted WHERE source = ?)";
        filter.add(held, self.source.into_iter().flat_map(|source| [source.0, source.0]));
        filter.add("r.id < ?", self.before.map(|before| before.0));
        if let Some(text) = &self.text {
            let condition = "(instr(lower(r.sn), lower(?)) OR instr(lower(r.pn), lower(?)) OR instr(lower(hex(r.report_id)), lower(?))
                OR instr(lower(s.path), lower(?)))";
            filter.add(condition, [text.clone(), text.clone(), text.replace('-', ""), text.clone()]);
        }
        let order = format!("ORDER BY r.id DESC LIMIT {}", limit(self.limit));
        filter.all(conn, ROW, &order, |row| rows::as_stored(row).map(|stored| stored.row))
    }

    fn states(&self) -> Option<&'static str> {
        match (self.state, self.discarded) {
            (None, None) => None,
            (Some(State::Queued), _) => Some("r.state = 0"),
            (Some(State::Processing), _) => Some("r.state = 1"),
            (Some(State::Completed), _) => Some("r.state = 2"),
            (Some(State::Error), None) => Some("r.state IN (3, 4)"),
            (Some(State::Error), Some(false)) => Some("r.state = 3"),
            (None, Some(false)) => Some("r.state <> 4"),
            (Some(State::Error) | None, Some(true)) => Some("r.state = 4"),
        }
    }
}

impl SourceQuery {
    pub(crate) fn ask(&self, conn: &Connection) -> Result<Vec<SourceRow>, StoreError> {
        let mut filter = Filter::default();
        filter.conditions.push("outcome > 0");
        filter.add("outcome = ?", self.outcome.map(SourceOutcome::code));
        filter.add("rule = ?", self.rule.clone());
        filter.add("id < ?", self.before.map(|before| before.0));
        if let Some(from) = self.from {
            filter.add("id >= ?", [pictures::first_since(conn, from)?]);
        }
        filter.add("at >= ?", self.from);
        if let Some(to) = self.to {
            filter.add("id < ?", [pictures::first_since(conn, to)?]);
        }
        filter.add("at < ?", self.to);
        if let Some(text) = &self.text {
            let condition = "(instr(lower(path), lower(?)) OR EXISTS (SELECT 1 FROM reports r INDEXED BY reports_source
                WHERE r.source = sources.id AND (instr(lower(r.sn), lower(?)) OR instr(lower(r.pn), lower(?)))))";
            filter.add(condition, [text.clone(), text.clone(), text.clone()]);
        }
        let order = format!("ORDER BY id DESC LIMIT {}", limit(self.limit));
        filter.all(conn, SOURCE_ROW, &order, rows::as_source)
    }
}

fn limit(asked: u32) -> u32 {
    if asked == 0 { LIMIT } else { asked }
}

/// One source of the history; `None` when there is no such one.
pub(crate) fn source(conn: &Connection, id: SourceId) -> Result<Option<SourceRow>, StoreError> {
    let sql = format!("{SOURCE_ROW} WHERE outcome > 0 AND id = ?1");
    Ok(conn.prepare_cached(&sql)?.query_row([id.0], rows::as_source).optional()?)
}

/// Everything about one report; `None` when there is no such ticket.
pub(crate) fn detail(conn: &Connection, id: i64) -> Result<Option<Detail>, StoreError> {
    let mut filter = Filter::default();
    filter.add("r.id = ?", [id]);
    let Some(stored) = filter.all(conn, ROW, "", rows::as_stored)?.pop() else { return Ok(None) };
    let body = stored.read_body(conn)?;
    let warnings = serde_json::from_str(&stored.warnings).unwrap_or_else(|_| vec![stored.warnings]);
    Ok(Some(Detail { row: stored.row, warnings, attempts: rows::attempts(conn, id)?, body, archived: stored.archived }))
}
