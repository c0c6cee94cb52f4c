//! `queue list`, `queue show`, `queue export` (and the way to the others of `queue`): what is owed to the server and what it refused. Reading works beside a running worker.

use super::args::{self, Ids, Queue};
use super::session::{Ending, Instance, Session, age, local};
use super::verify;
use super::wishes;
use crate::exit::{Exit, Fatal};
use crate::output::{Column, Mood, Progress, counted, shortened};
use instance::Ask;
use jiff::Timestamp;
use serde_json::{Value, json};
use std::io;
use std::path::Path;
use store::{Detail, Query, Row, State, StoreError, Ticket, View};

/// Rows asked of the store at a time.
const PAGE: u32 = 1000;
/// Characters of a reason in a table.
const WHY: usize = 60;
const COLUMNS: [Column; 8] = [
    Column::Number("ticket"),
    Column::Text("state"),
    Column::Text("serial"),
    Column::Text("part"),
    Column::Text("result"),
    Column::Number("age"),
    Column::Number("tries"),
    Column::Text("why"),
];

pub(crate) fn queue(session: &Session, verb: &Queue) -> Ending {
    let named = if let Queue::Verify(which) = verb { which.id.as_deref() } else { None };
    let instance = session.instance(named)?;
    match verb {
        Queue::List(list) => listed(session, &instance, list),
        Queue::Show { ticket } => show(session, &instance, *ticket),
        Queue::Retry(ids) => {
            wishes::wish(session, &instance, ids, "queued again", Ask::Retry, |store, which, now| store.retry(which, now).wait())
        }
        Queue::Discard(ids) => {
            wishes::wish(session, &instance, ids, "given up", Ask::Discard, |store, which, now| store.discard(which, now).wait())
        }
        Queue::Export { folder, ids } => export(session, &instance, folder, ids),
        Queue::Verify(_) => verify::verify(session, &instance),
    }
}

fn listed(session: &Session, instance: &Instance, list: &args::QueueList) -> Ending {
    let states = states(list.state.as_deref())?;
    let rows = match instance.view()? {
        None => Vec::new(),
        Some(view) => list_rows(&view, &states, list)?,
    };
    if session.out.json {
        session.out.json(&rows.iter().map(as_json).collect::<Vec<_>>());
        return Ok(None);
    }
    if rows.is_empty() {
        let all = list.state.is_none() && list.search.is_none();
        session.out.note(if all { "nothing is owed and nothing was refused" } else { "no report is like that" });
        return Ok(None);
    }
    session.out.table(&COLUMNS, &rows.iter().map(as_cells).collect::<Vec<_>>());
    if rows.len() == list.limit as usize {
        session.out.note(&format!("the newest {}; --limit shows more", rows.len()));
    }
    if let Some(view) = instance.view()? {
        let counts = view.counts().map_err(unreadable)?;
        let (queued, processing, error, sent) = (counts.queued, counts.processing, counts.error, counts.completed);
        session.out.note(&format!("in all: {queued} queued, {processing} processing, {error} in error, {sent} sent"));
    }
    Ok(None)
}

/// Without a state: what is owed or refused, not what is done with.
fn states(word: Option<&str>) -> Result<Vec<State>, Fatal> {
    match word {
        None => Ok(vec![State::Queued, State::Processing, State::Error]),
        Some("queued") => Ok(vec![State::Queued]),
        Some("processing") => Ok(vec![State::Processing]),
        Some("completed") => Ok(vec![State::Completed]),
        Some("error") => Ok(vec![State::Error]),
        Some(other) => Err(Fatal::new(Exit::Usage, format!("{other:?} is no state; use queued, processing, completed or error"))),
    }
}

fn list_rows(view: &View, states: &[State], list: &args::QueueList) -> Result<Vec<Row>, Fatal> {
    let mut rows = Vec::new();
    for state in states {
        let query = Query { state: Some(*state), discarded: Some(false), text: list.search.clone(), limit: list.limit, ..Query::default() };
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
    let why = shortened(row.note.as_deref().unwrap_or_default(), WHY);
    let (ticket, tries) = (row.ticket.to_string(), row.attempts.to_string());
    vec![
        ticket,
        state,
        row.sn.clone(),
        row.pn.clone(),
        row.result.clone(),
        Timestamp::from_millisecond(row.queued_at).map_or_else(|_| String::new(), age),
        tries,
        why,
    ]
}

fn show(session: &Session, instance: &Instance, ticket: i64) -> Ending {
    let detail = detail(instance.view()?.as_ref(), ticket)?;
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
    let line = |mood, text: &str| session.out.line(mood, text);
    session.out.table(&COLUMNS, &[as_cells(&detail.row)]);
    line(Mood::Plain, &format!("report   {}", detail.row.report_id));
    line(Mood::Plain, &format!("source   {}", detail.row.path));
    journey(&detail.row).iter().for_each(|(step, at)| line(Mood::Plain, &format!("{step:<8} {}", local(*at))));
    if let Some(why) = &detail.row.note {
        line(Mood::Plain, &format!("why      {why}"));
    }
    detail.warnings.iter().for_each(|warning| line(Mood::Warning, &format!("warning  {warning}")));
    for attempt in &detail.attempts {
        let status = attempt.status.map_or_else(|| "no answer".to_owned(), |status| status.to_string());
        let (at, ms) = (local(attempt.at), attempt.latency_ms);
        line(Mood::Plain, &format!("try {:<4} {at} {status} in {ms} ms, {}: {}", attempt.n, attempt.verdict, attempt.message));
    }
    match body {
        Value::Null => session.out.note("its body is kept no more"),
        body => session.out.raw(&crate::plain::lines(&format!("{body:#}"))),
    }
    Ok(None)
}

/// The steps of its way that are known, in their order.
fn journey(row: &Row) -> Vec<(&'static str, i64)> {
    let waits = row.next_at.filter(|_| row.state == State::Queued);
    let ended = match (row.discarded_at, row.state) {
        (Some(at), _) => Some(("given up", at)),
        (None, State::Completed) => row.settled_at.map(|at| ("sent", at)),
        (None, State::Error) => row.settled_at.map(|at| ("refused", at)),
        (None, State::Queued | State::Processing) => None,
    };
    let steps = [Some(("owed", row.queued_at)), row.leased_at.map(|at| ("leased", at)), waits.map(|at| ("next try", at)), ended];
    steps.into_iter().flatten().collect()
}

/// One report, or that there is none.
pub(super) fn detail(view: Option<&View>, ticket: i64) -> Result<Detail, Fatal> {
    let found = view.map(|view| view.report(ticket).map_err(unreadable)).transpose()?.flatten();
    found.ok_or_else(|| {
        let hint = "`lineside queue list` and `lineside queue list --state completed` show the numbers";
        Fatal::new(Exit::NotFound, format!("there is no report {ticket}; {hint}"))
    })
}

/// The JSON text of a report, from the store or from the archive; none where it is kept no more.
fn body(instance: &Instance, detail: &Detail) -> Result<Option<Vec<u8>>, Fatal> {
    match (&detail.body, &detail.archived) {
        (Some(body), _) => Ok(Some(body.clone())),
        (None, Some(place)) => {
            let unreadable = |error| Fatal::new(Exit::Failed, format!("{}: {error}", place.file));
            place.read(&instance.layout.reports()).map(Some).map_err(unreadable)
        }
        (None, None) => Ok(None),
    }
}

/// The JSON text of a report that must still be there.
pub(super) fn kept(instance: &Instance, detail: &Detail) -> Result<Vec<u8>, Fatal> {
    let gone = || Fatal::new(Exit::NotFound, format!("the body of report {} is kept no more", detail.row.ticket));
    body(instance, detail)?.ok_or_else(gone)
}

fn export(session: &Session, instance: &Instance, folder: &Path, ids: &Ids) -> Ending {
    let view = instance.view()?;
    let tickets = match (&view, ids.all) {
        (Some(view), true) => tickets(view, &[State::Queued, State::Processing, State::Error])?,
        (None, true) => Vec::new(),
        (_, false) => wishes::chosen(ids)?,
    };
    std::fs::create_dir_all(folder).map_err(|error| unwritable(folder, &error))?;
    let progress = session.out.progress(tickets.len(), false);
    let (mut worst, mut written) = (None, 0_u64);
    for ticket in &tickets {
        match write(instance, view.as_ref(), folder, *ticket) {
            Ok(()) => written += 1,
            Err(fatal) => {
                worst = Some(fatal.exit);
                progress.aside(|| session.out.error(&fatal.message));
            }
        }
        progress.step();
    }
    done(session, &progress, written, folder);
    Ok(worst)
}

fn done(session: &Session, progress: &Progress, written: u64, folder: &Path) {
    if session.out.json {
        session.out.json(&json!({"folder": folder, "reports": written}));
    }
    progress.aside(|| session.out.note(&format!("{} written to {}", counted(written, "report"), folder.display())));
}

/// One body into the folder, under the report's id.
fn write(instance: &Instance, view: Option<&View>, folder: &Path, ticket: i64) -> Result<(), Fatal> {
    let detail = detail(view, ticket)?;
    let path = folder.join(format!("{}.json", detail.row.report_id));
    std::fs::write(&path, kept(instance, &detail)?).map_err(|error| unwritable(&path, &error))
}

fn unwritable(path: &Path, error: &io::Error) -> Fatal {
    let exit = if error.kind() == io::ErrorKind::PermissionDenied { Exit::Permission } else { Exit::Failed };
    Fatal::new(exit, format!("{}: {error}", path.display()))
}

/// The numbers of every report in these states, page by page.
pub(super) fn tickets(view: &View, states: &[State]) -> Result<Vec<i64>, Fatal> {
    let mut tickets = Vec::new();
    for state in states {
        let mut before: Option<Ticket> = None;
        loop {
            let page = view.list(&Query { state: Some(*state), before, limit: PAGE, ..Query::default() }).map_err(unreadable)?;
            let Some(last) = page.last() else { break };
            before = Some(last.ticket);
            tickets.extend(page.iter().map(|row| row.ticket.0));
        }
    }
    Ok(tickets)
}

pub(super) fn unreadable(error: StoreError) -> Fatal {
    Fatal::new(Exit::Failed, error)
}

#[cfg(test)]
mod tests {
    use super::*;
    use store::SourceId;

    fn row(state: State) -> Row {
        Row {
            ticket: Ticket(1),
            report_id: uuid::Uuid::nil(),
            state,
            discarded_at: None,
            priority: 5,
            source: SourceId(1),
            rule: String::new(),
            path: String::new(),
            kind: "T".to_owned(),
            sn: String::new(),
            pn: String::new(),
            result: "P".to_owned(),
            process: String::new(),
            start: String::new(),
            size: 1,
            queued_at: 10,
            next_at: Some(40),
            leased_at: Some(20),
            settled_at: Some(30),
            attempts: 1,
            note: None,
            receipt: None,
        }
    }

    #[test]
    fn the_way_of_a_report_is_told_by_the_times_that_count_where_it_stands() {
        let table = [
            (row(State::Queued), vec![("owed", 10), ("leased", 20), ("next try", 40)]),
            (row(State::Processing), vec![("owed", 10), ("leased", 20)]),
            (row(State::Completed), vec![("owed", 10), ("leased", 20), ("sent", 30)]),
            (row(State::Error), vec![("owed", 10), ("leased", 20), ("refused", 30)]),
            (Row { discarded_at: Some(50), ..row(State::Error) }, vec![("owed", 10), ("leased", 20), ("given up", 50)]),
            (Row { leased_at: None, next_at: None, ..row(State::Queued) }, vec![("owed", 10)]),
        ];
        for (row, expected) in table {
            assert_eq!(journey(&row), expected, "{row:?}");
        }
    }
}
