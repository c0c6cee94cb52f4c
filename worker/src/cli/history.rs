//! `history`: what became of each source file.

use super::args::History;
use super::queue::unreadable;
use super::session::{Ending, Session, local};
use crate::exit::{Exit, Fatal};
use crate::output::{Column, counted, shortened};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use store::{SourceOutcome, SourceQuery, SourceRow};

/// Characters of a reason in the table.
const REASON: usize = 70;

pub(crate) fn history(session: &Session, history: &History) -> Ending {
    let instance = session.instance(None)?;
    let (from, to) = history.day.map(bounds).transpose()?.unzip();
    let query = SourceQuery {
        outcome: history.outcome.as_deref().map(outcome),
        rule: history.rule.clone(),
        text: history.search.clone(),
        from,
        to,
        before: None,
        limit: history.limit,
    };
    let all = SourceQuery { limit: history.limit, ..SourceQuery::default() };
    let rows = instance.view()?.map(|view| view.history(&query).map_err(unreadable)).transpose()?.unwrap_or_default();
    if session.out.json {
        session.out.json(&rows);
        return Ok(None);
    }
    if rows.is_empty() {
        session.out.note(if query == all { "no file was taken in yet" } else { "no file is like that" });
        return Ok(None);
    }
    let columns = [Column::Text("taken"), Column::Text("outcome"), Column::Text("format"), Column::Text("what"), Column::Text("source")];
    session.out.table(&columns, &rows.iter().map(cells).collect::<Vec<_>>());
    if rows.len() == history.limit as usize {
        session.out.note(&format!("the newest {}; --limit shows more", rows.len()));
    }
    Ok(None)
}

fn outcome(word: &str) -> SourceOutcome {
    match word {
        "converted" => SourceOutcome::Converted,
        "duplicate" => SourceOutcome::Duplicate,
        _ => SourceOutcome::Rejected,
    }
}

/// Where a day begins and ends on this computer.
fn bounds(day: Date) -> Result<(i64, i64), Fatal> {
    let begins = |day: Date| day.to_zoned(TimeZone::system()).map(|at| at.timestamp().as_millisecond());
    let bounds = day.tomorrow().and_then(|next| Ok((begins(day)?, begins(next)?)));
    bounds.map_err(|error| Fatal::new(Exit::Usage, format!("--day {day}: {error}")))
}

fn cells(row: &SourceRow) -> Vec<String> {
    let (outcome, what) = match row.outcome {
        SourceOutcome::Converted => ("converted", counted(row.reports, "report")),
        SourceOutcome::Rejected => ("rejected", shortened(row.reason.as_deref().unwrap_or_default(), REASON)),
        SourceOutcome::Duplicate => ("duplicate", "same content as one before".to_owned()),
    };
    vec![local(row.at), outcome.to_owned(), row.format.clone(), what, row.path.clone()]
}
