//! `history`: what became of each source file.

use super::args::History;
use super::queue::unreadable;
use super::session::{Ending, Session, local};
use crate::output::{Column, counted, shortened};
use store::{SourceOutcome, SourceQuery, SourceRow};

/// Characters of a reason in the table.
const REASON: usize = 70;

pub(crate) fn history(session: &Session, history: &History) -> Ending {
    let instance = session.instance(None)?;
    let query = SourceQuery { text: history.search.clone(), limit: history.limit, ..SourceQuery::default() };
    let rows = instance.view()?.map(|view| view.history(&query).map_err(unreadable)).transpose()?.unwrap_or_default();
    if session.out.json {
        session.out.json(&rows);
        return Ok(None);
    }
    if rows.is_empty() {
        session.out.note(if history.search.is_none() { "no file was taken in yet" } else { "no file is like that" });
        return Ok(None);
    }
    let columns = [Column::Text("taken"), Column::Text("outcome"), Column::Text("format"), Column::Text("what"), Column::Text("source")];
    session.out.table(&columns, &rows.iter().map(cells).collect::<Vec<_>>());
    if rows.len() == history.limit as usize {
        session.out.note(&format!("the newest {}; --limit shows more", rows.len()));
    }
    Ok(None)
}

fn cells(row: &SourceRow) -> Vec<String> {
    let (outcome, what) = match row.outcome {
        SourceOutcome::Converted => ("converted", counted(row.reports, "report")),
        SourceOutcome::Rejected => ("rejected", shortened(row.reason.as_deref().unwrap_or_default(), REASON)),
        SourceOutcome::Duplicate => ("duplicate", "same content as one before".to_owned()),
    };
    vec![local(row.at), outcome.to_owned(), row.format.clone(), what, row.path.clone()]
}
