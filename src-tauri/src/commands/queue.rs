//! What is owed, what was sent, what became of files: read from the store directly; changes go through the worker's program, which knows whether
//! a worker has to be asked.

mod rows;

use instance::Layout;
use serde_json::Value;
use store::{Query, SourceId, SourceOutcome, SourceQuery, State as Standing, StoreError, Ticket, View};
use tauri::State;

use super::{Answer, Place};
use crate::error::CommandError;
use crate::sidecar::{Job, Sidecar};
pub(super) use rows::SourceDetail;
use rows::{HistoryFilter, HistoryPage, Outcome, QueueFilter, QueuePage, QueueRow, QueueState, ReportAttempt, ReportDetail, SourceRow};

/// The store of an instance, to read from; none while nothing was ever queued.
fn view(layout: &Layout) -> Answer<Option<View>> {
    View::open(layout.queue_db()).map_err(|error| unreadable(layout, &error))
}

fn unreadable(layout: &Layout, error: &StoreError) -> CommandError {
    CommandError::at(&layout.queue_db(), error)
}

/// A page of reports, newest first.
#[tauri::command(async)]
#[specta::specta]
pub(crate) fn queue(place: State<'_, Place>, id: String, filter: QueueFilter) -> Answer<QueuePage> {
    let layout = place.instance(&id)?;
    let Some(view) = view(&layout)? else { return Ok(QueuePage { rows: Vec::new(), total: 0 }) };
    page(&view, &filter).map_err(|error| unreadable(&layout, &error))
}

fn page(view: &View, filter: &QueueFilter) -> Result<QueuePage, StoreError> {
    let base = Query {
        text: filter.text.clone().filter(|text| !text.is_empty()),
        before: filter.before.map(Ticket),
        limit: filter.limit.clamp(1, 1000),
        ..Query::default()
    };
    let in_state = |state, discarded| Query { state: Some(state), discarded, ..base.clone() };
    let asked = match filter.state {
        None => vec![base.clone()],
        Some(QueueState::Owed) => vec![in_state(Standing::Queued, None), in_state(Standing::Processing, None)],
        Some(QueueState::Error) => vec![in_state(Standing::Error, Some(false))],
        Some(QueueState::Discarded) => vec![in_state(Standing::Error, Some(true))],
        Some(QueueState::Completed) => vec![in_state(Standing::Completed, None)],
    };
    let mut rows = Vec::new();
    for query in &asked {
        rows.extend(view.list(query)?);
    }
    rows.sort_by_key(|row| std::cmp::Reverse(row.ticket));
    rows.truncate(base.limit as usize);
    let counts = view.counts()?;
    let owed = counts.queued + counts.processing;
    let total = match filter.state {
        None => owed + counts.completed + counts.error + counts.discarded,
        Some(QueueState::Owed) => owed,
        Some(QueueState::Error) => counts.error,
        Some(QueueState::Discarded) => counts.discarded,
        Some(QueueState::Completed) => counts.completed,
    };
    Ok(QueuePage { rows: rows.into_iter().map(QueueRow::from).collect(), total })
}

/// Everything about one report.
#[tauri::command(async)]
#[specta::specta]
pub(crate) fn queue_report(place: State<'_, Place>, id: String, ticket: i64) -> Answer<ReportDetail> {
    let layout = place.instance(&id)?;
    let found = view(&layout)?.map(|view| view.report(ticket)).transpose().map_err(|error| unreadable(&layout, &error))?.flatten();
    let mut detail = found.ok_or_else(|| CommandError::new("not_found", format!("there is no report {ticket} any more")))?;
    let body = match (detail.body, &detail.archived) {
        (Some(body), _) => Some(body),
        (None, Some(place)) => {
            let told = |error: &std::io::Error| format!("{}: {error}", layout.reports().join(&place.file).display());
            place.read(&layout.reports()).inspect_err(|error| detail.warnings.push(told(error))).ok()
        }
        (None, None) => None,
    };
    let attempts = detail.attempts.into_iter().map(|one| ReportAttempt {
        n: one.n,
        at: one.at,
        latency_ms: one.latency_ms,
        status: one.status,
        message: one.message,
        verdict: one.verdict,
    });
    Ok(ReportDetail {
        row: detail.row.into(),
        warnings: detail.warnings,
        attempts: attempts.collect(),
        body: body.map(|body| String::from_utf8_lossy(&body).into_owned()),
    })
}

/// Queues refused reports again.
#[tauri::command]
#[specta::specta]
pub(crate) async fn retry(sidecar: State<'_, Sidecar>, id: String, tickets: Vec<i64>) -> Answer<()> {
    about(&sidecar, &["queue", "retry"], &id, &tickets).await
}

/// Gives refused reports up; they are kept a while.
#[tauri::command]
#[specta::specta]
pub(crate) async fn discard(sidecar: State<'_, Sidecar>, id: String, tickets: Vec<i64>) -> Answer<()> {
    about(&sidecar, &["queue", "discard"], &id, &tickets).await
}

/// Sends completed reports again.
#[tauri::command]
#[specta::specta]
pub(crate) async fn resend(sidecar: State<'_, Sidecar>, id: String, tickets: Vec<i64>) -> Answer<()> {
    about(&sidecar, &["resend"], &id, &tickets).await
}

/// As many tickets as fit an argument list everywhere.
const AT_ONCE: usize = 1000;

async fn about(sidecar: &Sidecar, verb: &[&str], id: &str, tickets: &[i64]) -> Answer<()> {
    for some in tickets.chunks(AT_ONCE) {
        let numbers: Vec<String> = some.iter().map(ToString::to_string).collect();
        let numbers: Vec<&str> = numbers.iter().map(String::as_str).collect();
        let _done: Value = sidecar.run(Job::new(verb).and(&["--instance", id]).and(&numbers)).await?;
    }
    Ok(())
}

/// A page of files, newest first.
#[tauri::command(async)]
#[specta::specta]
pub(crate) fn history(place: State<'_, Place>, id: String, filter: HistoryFilter) -> Answer<HistoryPage> {
    let layout = place.instance(&id)?;
    let Some(view) = view(&layout)? else { return Ok(HistoryPage { rows: Vec::new() }) };
    let day = filter.day.as_deref().filter(|day| !day.is_empty()).map(bounds).transpose()?;
    let query = SourceQuery {
        outcome: filter.outcome.map(|outcome| match outcome {
            Outcome::Converted => SourceOutcome::Converted,
            Outcome::Rejected => SourceOutcome::Rejected,
            Outcome::Duplicate => SourceOutcome::Duplicate,
        }),
        rule: filter.rule.filter(|rule| !rule.is_empty()),
        text: filter.text.filter(|text| !text.is_empty()),
        from: day.map(|(from, _)| from),
        to: day.map(|(_, to)| to),
        before: filter.before.map(SourceId),
        limit: filter.limit.clamp(1, 1000),
    };
    let rows = view.history(&query).map_err(|error| unreadable(&layout, &error))?;
    Ok(HistoryPage { rows: rows.into_iter().map(SourceRow::from).collect() })
}

/// Beginning and end of a day, where this computer stands.
fn bounds(day: &str) -> Answer<(i64, i64)> {
    let wrong = |error: jiff::Error| CommandError::new("invalid", format!("{day:?} is no day like 2026-11-21: {error}"));
    let day: jiff::civil::Date = day.parse().map_err(wrong)?;
    let zone = jiff::tz::TimeZone::system();
    let start = |day: jiff::civil::Date| day.to_zoned(zone.clone()).map(|at| at.timestamp().as_millisecond()).map_err(wrong);
    Ok((start(day)?, start(day.tomorrow().map_err(wrong)?)?))
}

/// Everything about one file.
#[tauri::command]
#[specta::specta]
pub(crate) async fn source(sidecar: State<'_, Sidecar>, id: String, source: i64) -> Answer<SourceDetail> {
    sidecar.run(Job::new(&["source", &id, &source.to_string()])).await
}

/// Reads a file once more.
#[tauri::command]
#[specta::specta]
pub(crate) async fn convert_again(sidecar: State<'_, Sidecar>, id: String, source: i64) -> Answer<()> {
    let _done: Value = sidecar.run(Job::new(&["convert-again", &id, &source.to_string()])).await?;
    Ok(())
}

#[cfg(test)]
mod tests;
