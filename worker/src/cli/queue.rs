//! `queue`, `resend`, `rescan`, `history`: what is owed, what was sent, and what became of each source.
//!
//! Reading works beside a running worker. A wish is left as a request while a worker runs, and carried out here when none does.

use super::args::{self, Ids, Queue};
use super::session::{Ending, Instance, Session, now};
use crate::archive;
use crate::exit::{Exit, Fatal};
use crate::output::Mood;
use instance::{Ask, Which};
use jiff::Timestamp;
use serde_json::{Value, json};
use std::path::Path;
use store::{Detail, Query, Row, Select, SourceOutcome, SourceQuery, State, StoreError, Ticket, View};

pub(crate) fn queue(session: &Session, verb: &Queue) -> Ending {
    let instance = session.instance(None)?;
    match verb {
        Queue::List(list) => listed(session, &instance, list),
        Queue::Show { ticket } => show(session, &instance, *ticket),
        Queue::Retry(ids) => wish(session, &instance, ids, "queued again", Ask::Retry, |store, which, now| store.retry(which, now).wait()),
        Queue::Discard(ids) => {
            wish(session, &instance, ids, "given up", Ask::Discard, |store, which, now| store.discard(which, now).wait())
        }
        Queue::Export { folder, ids } => export(session, &instance, folder, ids),
    }
}

fn listed(session: &Session, instance: &Instance, list: &args::QueueList) -> Ending {
    let rows = match instance.view()? {
        None => Vec::new(),
        Some(view) => list_rows(&view, list)?,
    };
    if session.out.json {
        session.out.json(&rows.iter().map(as_json).collect::<Vec<_>>());
        return Ok(None);
    }
    if rows.is_empty() {
        session.out.note("nothing is owed and nothing is stuck");
        return Ok(None);
    }
    let cells: Vec<Vec<String>> = rows.iter().map(as_cells).collect();
    session.out.table(&["ticket", "state", "serial", "part", "result", "age", "tries", "why"], &cells);
    Ok(None)
}

/// Without a state: what is owed or stuck, not what is done with.
fn list_rows(view: &View, list: &args::QueueList) -> Result<Vec<Row>, Fatal> {
    let states = match list.state.as_deref() {
        None => vec![State::Queued, State::Processing, State::Error],
        Some("queued") => vec![State::Queued],
        Some("processing") => vec![State::Processing],
        Some("completed") => vec![State::Completed],
        Some("error") => vec![State::Error],
        Some(other) => return Err(Fatal::new(Exit::Usage, format!("{other:?} is no state; use queued, processing, completed or error"))),
    };
    let mut rows = Vec::new();
    for state in states {
        let query = Query { state: Some(state), discarded: Some(false), text: list.search.clone(), limit: list.limit, ..Query::default() };
        rows.extend(view.list(&query).map_err(unreadable)?);
    }
    rows.sort_by_key(|row| std::cmp::Reverse(row.ticket));
    rows.truncate(list.limit as usize);
    Ok(rows)
}

fn as_json(row: &Row) -> Value {
    let mut value = serde_json::to_value(row).unwrap_or_default();
    if let Some(fields) = value.as_object_mut() {
        fields.insert("reason".to_owned(), row.note.clone().into());
    }
    value
}

fn as_cells(row: &Row) -> Vec<String> {
    let state = serde_json::to_value(row.state).ok().and_then(|state| state.as_str().map(str::to_owned)).unwrap_or_default();
    let why = row.note.clone().unwrap_or_default().lines().next().unwrap_or_default().chars().take(60).collect();
    vec![
        row.ticket.to_string(),
        state,
        row.sn.clone(),
        row.pn.clone(),
        row.result.clone(),
        age(row.queued_at),
        row.attempts.to_string(),
        why,
    ]
}

fn age(since: i64) -> String {
    let since = Timestamp::from_millisecond(since).ok();
    instance::status::uptime(since.and_then(|since| now().duration_since(since).try_into().ok()))
}

fn show(session: &Session, instance: &Instance, ticket: i64) -> Ending {
    let view = instance.view()?;
    let detail = view.map(|view| view.report(ticket).map_err(unreadable)).transpose()?.flatten().ok_or_else(|| no_report(ticket))?;
    let body: Value = body(instance, &detail)?.and_then(|body| serde_json::from_slice(&body).ok()).unwrap_or_default();
    if session.out.json {
        let mut value = as_json(&detail.row);
        if let Some(fields) = value.as_object_mut() {
            fields.insert("warnings".to_owned(), json!(detail.warnings));
            fields.insert("history".to_owned(), json!(detail.attempts));
            fields.insert("body".to_owned(), body);
        }
        session.out.json(&value);
        return Ok(None);
    }
    session.out.table(&["ticket", "state", "serial", "part", "result", "age", "tries", "why"], &[as_cells(&detail.row)]);
    session.out.line(Mood::Plain, &format!("report  {}\nsource  {}", detail.row.report_id, detail.row.path));
    detail.warnings.iter().for_each(|warning| session.out.line(Mood::Warning, &format!("warning {warning}")));
    for attempt in &detail.attempts {
        let status = attempt.status.map_or_else(|| "no answer".to_owned(), |status| status.to_string());
        session.out.line(
            Mood::Plain,
            &format!(
                "try {:<3} {} {status}, {} ms: {} {}",
                attempt.n,
                local(attempt.at),
                attempt.latency_ms,
                attempt.verdict,
                attempt.message
            ),
        );
    }
    session.out.raw(&serde_json::to_string_pretty(&body).unwrap_or_default());
    Ok(None)
}

fn local(at: i64) -> String {
    Timestamp::from_millisecond(at)
        .map_or_else(|_| at.to_string(), |at| at.to_zoned(jiff::tz::TimeZone::system()).strftime("%Y-%m-%d %H:%M:%S").to_string())
}

/// The JSON text of a report, from the store or from the archive; none where it is kept no more.
fn body(instance: &Instance, detail: &Detail) -> Result<Option<Vec<u8>>, Fatal> {
    match (&detail.body, &detail.archived) {
        (Some(body), _) => Ok(Some(body.clone())),
        (None, Some(place)) => {
            let unreadable = |error| Fatal::new(Exit::Failed, format!("{}: {error}", place.file));
            archive::read(&instance.layout.reports(), place).map(Some).map_err(unreadable)
        }
        (None, None) => Ok(None),
    }
}

fn export(session: &Session, instance: &Instance, folder: &Path, ids: &Ids) -> Ending {
    let view = instance.view()?;
    let Some(view) = view else { return Ok(None) };
    std::fs::create_dir_all(folder).map_err(|error| Fatal::new(Exit::Permission, format!("{}: {error}", folder.display())))?;
    let tickets = if ids.all { owed(&view)? } else { chosen(ids)? };
    for ticket in &tickets {
        let detail = view.report(*ticket).map_err(unreadable)?.ok_or_else(|| no_report(*ticket))?;
        let path = folder.join(format!("{}.json", detail.row.report_id));
        let body =
            body(instance, &detail)?.ok_or_else(|| Fatal::new(Exit::NotFound, format!("the body of report {ticket} is kept no more")))?;
        std::fs::write(&path, body).map_err(|error| Fatal::new(Exit::Permission, format!("{}: {error}", path.display())))?;
    }
    session.out.note(&format!("{} reports written to {}", tickets.len(), folder.display()));
    Ok(None)
}

/// Everything that is owed or stuck, page by page.
fn owed(view: &View) -> Result<Vec<i64>, Fatal> {
    let mut tickets = Vec::new();
    for state in [State::Queued, State::Processing, State::Error] {
        let mut before: Option<Ticket> = None;
        loop {
            let page = view.list(&Query { state: Some(state), before, limit: 1000, ..Query::default() }).map_err(unreadable)?;
            let Some(last) = page.last() else { break };
            before = Some(last.ticket);
            tickets.extend(page.iter().map(|row| row.ticket.0));
        }
    }
    Ok(tickets)
}

fn chosen(ids: &Ids) -> Result<Vec<i64>, Fatal> {
    if ids.tickets.is_empty() {
        return Err(Fatal::new(Exit::Usage, "say which reports by their numbers, or --all"));
    }
    Ok(ids.tickets.clone())
}

/// Asks the running worker, or does it here.
fn wish(
    session: &Session,
    instance: &Instance,
    ids: &Ids,
    done: &str,
    ask: fn(Which) -> Ask,
    work: impl Fn(&store::Store, Select, i64) -> Result<u64, StoreError>,
) -> Ending {
    let tickets = if ids.all { None } else { Some(chosen(ids)?) };
    if instance.is_running() {
        instance.ask(&ask(tickets.map_or(Which::All, Which::Ids)))?;
        session.out.note(&format!("{}: the worker has been asked", instance.id));
        return Ok(None);
    }
    let select = tickets.map_or(Select::All, Select::Ids);
    let count = work(&instance.store()?, select, now().as_millisecond()).map_err(unreadable)?;
    if session.out.json {
        session.out.json(&json!({"reports": count}));
    } else {
        session.out.note(&format!("{count} reports {done}"));
    }
    Ok(None)
}

pub(crate) fn resend(session: &Session, ids: &Ids) -> Ending {
    let instance = session.instance(None)?;
    let tickets = match (ids.all, instance.view()?) {
        (true, Some(view)) => completed(&view)?,
        (true, None) => Vec::new(),
        (false, _) => chosen(ids)?,
    };
    if instance.is_running() {
        instance.ask(&Ask::Resend(Which::Ids(tickets)))?;
        session.out.note(&format!("{}: the worker has been asked", instance.id));
        return Ok(None);
    }
    let store = instance.store()?;
    for ticket in tickets {
        let detail =
            instance.view()?.map(|view| view.report(ticket).map_err(unreadable)).transpose()?.flatten().ok_or_else(|| no_report(ticket))?;
        let body =
            body(&instance, &detail)?.ok_or_else(|| Fatal::new(Exit::NotFound, format!("the body of report {ticket} is kept no more")))?;
        store.resend(Ticket(ticket), Some(body), now().as_millisecond()).wait().map_err(unreadable)?;
    }
    Ok(None)
}

fn completed(view: &View) -> Result<Vec<i64>, Fatal> {
    let mut tickets: Vec<i64> = Vec::new();
    loop {
        let before = tickets.last().copied().map(Ticket);
        let page = view.list(&Query { state: Some(State::Completed), before, limit: 1000, ..Query::default() }).map_err(unreadable)?;
        if page.is_empty() {
            return Ok(tickets);
        }
        tickets.extend(page.iter().map(|row| row.ticket.0));
    }
}

pub(crate) fn rescan(session: &Session, which: &args::Which) -> Ending {
    let instance = session.instance(which.id.as_deref())?;
    if !instance.is_running() {
        return Err(Fatal::new(
            Exit::NotRunning,
            format!("{}: no worker is running; it looks through its folders when it starts", instance.id),
        ));
    }
    instance.ask(&Ask::Rescan)?;
    session.out.note(&format!("{}: the worker has been asked", instance.id));
    Ok(None)
}

pub(crate) fn history(session: &Session, history: &args::History) -> Ending {
    let instance = session.instance(None)?;
    let query = SourceQuery { text: history.search.clone(), limit: history.limit, ..SourceQuery::default() };
    let rows = instance.view()?.map(|view| view.history(&query).map_err(unreadable)).transpose()?.unwrap_or_default();
    if session.out.json {
        session.out.json(&rows);
        return Ok(None);
    }
    let cells: Vec<Vec<String>> = rows
        .iter()
        .map(|row| {
            let what = match row.outcome {
                SourceOutcome::Converted => format!("{} reports", row.reports),
                SourceOutcome::Rejected => {
                    row.reason.clone().unwrap_or_default().lines().next().unwrap_or_default().chars().take(70).collect()
                }
                SourceOutcome::Duplicate => "same content as one before".to_owned(),
            };
            vec![local(row.at), outcome(row.outcome).to_owned(), row.format.clone(), row.path.clone(), what]
        })
        .collect();
    session.out.table(&["taken", "outcome", "format", "source", "what"], &cells);
    Ok(None)
}

fn outcome(outcome: SourceOutcome) -> &'static str {
    match outcome {
        SourceOutcome::Converted => "converted",
        SourceOutcome::Rejected => "rejected",
        SourceOutcome::Duplicate => "duplicate",
    }
}

fn no_report(ticket: i64) -> Fatal {
    Fatal::new(Exit::NotFound, format!("there is no report {ticket}; `lineside queue list` shows the numbers"))
}

fn unreadable(error: StoreError) -> Fatal {
    Fatal::new(Exit::Failed, error)
}
