//! How the worker goes, as a value: from the board and the counts of the store to `status.json`. Pure.

use crate::board::{CALM, Condition, Posted, RuleBoard, Server};
use crate::stuck::Waiting;
use instance::State;
use instance::status::{ConverterStatus, QueueStatus, STATUS_VERSION, SentStatus, ServerStatus, Status};
use jiff::Timestamp;
use serde_json::json;
use std::time::Instant;

/// What does not change while the worker runs.
#[derive(Debug, Clone)]
pub(crate) struct Identity {
    pub(crate) pid: u32,
    pub(crate) started_at: String,
    pub(crate) config_hash: String,
}

/// What the store and the disk say.
#[derive(Debug, Clone, Default)]
pub(crate) struct Pulse {
    pub(crate) counts: store::Counts,
    pub(crate) sent_today: u64,
    pub(crate) sent_total: u64,
    /// Free bytes on the disk of the queue, where the system tells.
    pub(crate) free: Option<u64>,
    /// What waits in it.
    pub(crate) waiting: Waiting,
    /// Nothing can be stored.
    pub(crate) refused: bool,
    /// What is wrong with the store.
    pub(crate) trouble: Option<String>,
}

/// The status of the whole worker.
pub(crate) fn status(identity: &Identity, posted: &Posted, pulse: &Pulse, dropped: u64, now: Timestamp, tick: Instant) -> Status {
    let busy = is_busy(posted, tick);
    let children = children(posted, pulse);
    let (state, message) = overall(posted, &children, busy);
    let age = |millis: i64| u64::try_from((now.as_millisecond() - millis) / 1000).unwrap_or(0);
    let mut status = Status {
        schema_version: STATUS_VERSION,
        status: state,
        message,
        pid: identity.pid,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        started_at: identity.started_at.clone(),
        updated_at: moment(now),
        config_hash: identity.config_hash.clone(),
        paused: posted.paused,
        queue: QueueStatus {
            queued: pulse.counts.queued,
            processing: pulse.counts.processing,
            error: pulse.counts.error,
            oldest_age_s: pulse.counts.oldest_queued_at.map(age),
        },
        sent: SentStatus { today: pulse.sent_today, since_start: posted.sent, total: pulse.sent_total, last: posted.last_sent.map(moment) },
        converters: posted.rules.iter().map(converter).collect(),
        server: server(posted),
        log_lines_dropped: dropped,
        ..Status::default()
    };
    let list: Vec<_> = children.iter().map(|child| json!({"name": child.name, "status": child.state, "message": child.message})).collect();
    status.extra.insert("children".to_owned(), list.into());
    status.extra.insert("active".to_owned(), posted.active.into());
    if !posted.stuck.is_empty() {
        status.extra.insert("stuck".to_owned(), json!(posted.stuck));
    }
    status
}

/// Busy at once, and for a moment longer than there is work.
pub(crate) fn is_busy(posted: &Posted, tick: Instant) -> bool {
    posted.active > 0 || posted.idle_since.is_some_and(|since| tick.saturating_duration_since(since) < CALM)
}

/// A moment as the status writes it: UTC, milliseconds.
fn moment(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
}

struct Child {
    name: &'static str,
    state: State,
    message: String,
}

/// The rooms, each with its own state.
fn children(posted: &Posted, pulse: &Pulse) -> Vec<Child> {
    let child = |name, trouble: Option<&String>, state: State| Child {
        name,
        state: if trouble.is_some() { state } else { State::Ok },
        message: trouble.cloned().unwrap_or_default(),
    };
    let rules: Vec<ConverterStatus> = posted.rules.iter().map(converter).collect();
    let worst = rules.iter().find(|rule| rule.status == State::Degraded).map(|rule| {
        let why = rule.message.as_deref().unwrap_or("not well");
        format!("{}: {why}", rule.name)
    });
    let server = server(posted);
    let refused = (pulse.counts.error > 0).then(|| {
        let count = pulse.counts.error;
        format!("{count} report{} refused by the server; look at the queue", if count == 1 { " was" } else { "s were" })
    });
    let stuck = posted.stuck.first().map(|stuck| format!("standing still since {}: {}", stuck.since, stuck.what));
    let paused = posted.paused.then(|| "sending is paused on demand".to_owned());
    vec![
        Child {
            name: "server",
            // A server nobody has talked to yet is no reason to worry.
            state: if server.status == State::Unknown { State::Ok } else { server.status },
            message: server.message.unwrap_or_default(),
        },
        child("store", pulse.trouble.as_ref().or(posted.fault.as_ref()), State::Error),
        child("intake", posted.intake_closed.as_ref().or(posted.filling.as_ref()), State::Degraded),
        child("flow", stuck.as_ref(), State::Warning),
        child("queue", refused.as_ref(), State::Warning),
        child("sending", paused.as_ref(), State::Degraded),
        child("watch", worst.as_ref(), State::Degraded),
    ]
}

fn overall(posted: &Posted, children: &[Child], busy: bool) -> (State, String) {
    if let Some(why) = &posted.failed {
        return (State::Failed, why.clone());
    }
    if posted.stopped || posted.stopping {
        return (State::Shutdown, if posted.stopped { "stopped" } else { "Stopping" }.to_owned());
    }
    if !posted.started {
        return (State::Startup, "Starting".to_owned());
    }
    let load = if busy { State::Busy } else { State::Idle };
    let state = State::aggregate(children.iter().map(|child| child.state).chain([load]));
    let worst = children.iter().find(|child| child.state == state && !child.message.is_empty());
    let message = match worst {
        Some(child) => child.message.clone(),
        None if busy => format!("Processing tasks ({} active)", posted.active),
        None => "No active tasks".to_owned(),
    };
    (state, message)
}

fn converter(rule: &RuleBoard) -> ConverterStatus {
    let (status, message) = match (&rule.watching, &rule.trouble) {
        (Condition::Degraded(why), _) | (_, Some(why)) => (State::Degraded, Some(why.clone())),
        (Condition::Starting, None) => (State::Startup, None),
        (Condition::Good(what), None) => (State::Ok, Some(what.clone())),
    };
    ConverterStatus {
        name: rule.name.clone(),
        status,
        message,
        ok: rule.ok,
        failed: rule.failed,
        last_ok: rule.last_ok.map(moment),
        last_error: rule.last_error.clone(),
    }
}

fn server(posted: &Posted) -> ServerStatus {
    let (status, message) = match &posted.server {
        Server::Unknown => (State::Unknown, None),
        Server::Good => (State::Ok, None),
        Server::Down(why) => (State::Degraded, Some(why.clone())),
        Server::Closed(why) => (State::Error, Some(why.clone())),
    };
    ServerStatus { status, message, latency_ms: posted.latency_ms, since: Some(moment(posted.server_since)) }
}

#[cfg(test)]
mod tests;
