//! `queue retry`, `queue discard`, `resend`, `rescan`: wishes. Each is left as a request while a worker runs, and carried out here when none does.

use super::args::{self, Ids};
use super::queue::{detail, kept, tickets, unreadable};
use super::session::{Ending, Instance, Session, now};
use crate::exit::{Exit, Fatal};
use crate::output::counted;
use instance::{Ask, Which};
use serde_json::json;
use store::{Select, State, Store, StoreError, Ticket};

/// The reports that were named, of which there must be one at least.
pub(super) fn chosen(ids: &Ids) -> Result<Vec<i64>, Fatal> {
    if ids.tickets.is_empty() {
        return Err(Fatal::new(Exit::Usage, "say which reports by their numbers, or --all"));
    }
    Ok(ids.tickets.clone())
}

/// Asks the running worker, or does it here. Nothing is done when one of the reports that were named does not exist.
pub(super) fn wish(
    session: &Session,
    instance: &Instance,
    ids: &Ids,
    done: &str,
    ask: fn(Which) -> Ask,
    work: impl Fn(&Store, Select, i64) -> Result<u64, StoreError>,
) -> Ending {
    let which = if ids.all { Which::All } else { Which::Ids(existing(instance, chosen(ids)?)?) };
    if instance.is_running() {
        return asked(session, instance, &ask(which));
    }
    let select = match which {
        Which::All => Select::All,
        Which::Ids(ids) => Select::Ids(ids),
    };
    let count = work(&instance.store()?, select, now().as_millisecond()).map_err(unreadable)?;
    told(session, instance, count, done)
}

fn existing(instance: &Instance, tickets: Vec<i64>) -> Result<Vec<i64>, Fatal> {
    let view = instance.view()?;
    tickets.iter().try_for_each(|ticket| detail(view.as_ref(), *ticket).map(|_| ()))?;
    Ok(tickets)
}

fn asked(session: &Session, instance: &Instance, ask: &Ask) -> Ending {
    instance.ask(ask)?;
    if session.out.json {
        session.out.json(&json!({"instance": instance.id, "asked": true}));
    }
    session.out.note(&format!("{}: the worker has been asked and does it within a second", instance.id));
    Ok(None)
}

fn told(session: &Session, instance: &Instance, count: u64, done: &str) -> Ending {
    if session.out.json {
        session.out.json(&json!({"instance": instance.id, "asked": false, "reports": count}));
    }
    session.out.note(&format!("{}: {} {done}", instance.id, counted(count, "report")));
    Ok(None)
}

pub(crate) fn resend(session: &Session, ids: &Ids) -> Ending {
    let instance = session.instance(None)?;
    let view = instance.view()?;
    let tickets = match (ids.all, &view) {
        (true, Some(view)) => tickets(view, &[State::Completed])?,
        (true, None) => Vec::new(),
        (false, _) => existing(&instance, chosen(ids)?)?,
    };
    if instance.is_running() {
        return asked(session, &instance, &Ask::Resend(Which::Ids(tickets)));
    }
    let store = instance.store()?;
    let progress = session.out.progress(tickets.len(), false);
    let mut count = 0_u64;
    for ticket in tickets {
        let body = kept(&instance, &detail(view.as_ref(), ticket)?)?;
        store.resend(Ticket(ticket), Some(body), now().as_millisecond()).wait().map_err(unreadable)?;
        count += 1;
        progress.step();
    }
    drop(progress);
    told(session, &instance, count, "queued again")
}

pub(crate) fn rescan(session: &Session, which: &args::Which) -> Ending {
    let instance = session.instance(which.id.as_deref())?;
    if !instance.is_running() {
        let message = format!("{}: no worker is running; it looks through its folders when it starts", instance.id);
        return Err(Fatal::new(Exit::NotRunning, message));
    }
    asked(session, &instance, &Ask::Rescan)
}
