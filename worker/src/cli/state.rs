//! `status` and `list`: how one instance is, and how all of them are.

use super::args::Which;
use super::health::{Health, judge};
use super::session::{Ending, Instance, Session, now};
use crate::exit::Exit;
use crate::output::Mood;
use instance::{Liveness, Lock, Status};
use jiff::Timestamp;
use serde_json::{Value, json};
use store::Counts;

/// Everything one look at an instance finds.
struct Look {
    id: String,
    health: Health,
    lock: Option<Lock>,
    status: Option<Status>,
    /// What makes a file unreadable, when one is.
    trouble: Option<String>,
    counts: Option<Counts>,
    restart_needed: bool,
}

fn look(instance: &Instance) -> Look {
    let liveness = instance.liveness();
    let (status, trouble) = match instance::status::read(&instance.layout) {
        Ok(status) => (status, None),
        Err(error) => (None, Some(error.to_string())),
    };
    let health = judge(&liveness, status.as_ref(), now());
    let lock = match liveness {
        Liveness::Running(lock) | Liveness::Stale(lock) => Some(lock),
        Liveness::RunningUnknown | Liveness::Stopped => None,
    };
    let counts = instance.view().ok().flatten().and_then(|view| view.counts().ok());
    let hash = instance.loaded().ok().map(|loaded| loaded.hash);
    let restart_needed = health.running && matches!((&hash, &lock), (Some(hash), Some(lock)) if *hash != lock.config_hash);
    Look { id: instance.id.to_string(), health, lock, status, trouble, counts, restart_needed }
}

impl Look {
    fn json(&self) -> Value {
        json!({
            "id": self.id, "state": self.health.word, "running": self.health.running, "message": self.health.message,
            "uptime": self.uptime(), "restart_needed": self.restart_needed, "lock": self.lock, "status": self.status, "trouble": self.trouble,
            "queue": self.counts.as_ref().map(|counts| json!({"queued": counts.queued, "processing": counts.processing, "completed": counts.completed, "error": counts.error})),
        })
    }

    fn uptime(&self) -> Option<String> {
        let since = self.lock.as_ref().filter(|_| self.health.running)?.started_at.parse::<Timestamp>().ok()?;
        Some(instance::status::uptime(now().duration_since(since).try_into().ok()))
    }

    /// One line: symbol, name, state, since when, what is owed, why.
    fn line(&self) -> String {
        let mut line = format!("{} {} [{}]", self.health.symbol, self.id, self.health.word);
        if let (Some(uptime), Some(lock)) = (self.uptime(), &self.lock) {
            line += &format!(" up:{uptime} pid:{}", lock.pid);
        }
        if let Some(counts) = &self.counts {
            line += &format!(" queued:{} failed:{}", counts.queued + counts.processing, counts.error);
        }
        for more in [&self.health.message, self.trouble.as_ref().unwrap_or(&String::new())].into_iter().filter(|more| !more.is_empty()) {
            line += &format!(" - {more}");
        }
        line
    }

    fn exit(&self) -> Option<Exit> {
        match self.health.mood {
            Mood::Bad => Some(Exit::Failed),
            _ if !self.health.running => Some(Exit::NotRunning),
            _ => None,
        }
    }
}

pub(crate) fn status(session: &Session, which: &Which) -> Ending {
    let found = look(&session.instance(which.id.as_deref())?);
    if session.out.json {
        session.out.json(&found.json());
        return Ok(found.exit());
    }
    session.out.line(found.health.mood, &found.line());
    if found.restart_needed {
        session.out.line(Mood::Warning, "  the settings have changed since it started: `lineside restart` applies them");
    }
    if let Some(status) = &found.status {
        details(session, status);
    }
    Ok(found.exit())
}

fn details(session: &Session, status: &Status) {
    let latency = status.server.latency_ms.map_or_else(String::new, |ms| format!(", answers in {ms} ms"));
    let why = status.server.message.as_deref().map_or_else(String::new, |why| format!(": {why}"));
    session.out.line(Mood::Plain, &format!("  server   {}{latency}{why}", super::health::word(status.server.status)));
    let last = status.sent.last.as_deref().unwrap_or("never");
    session.out.line(Mood::Plain, &format!("  sent     {} today, {} in all, last {last}", status.sent.today, status.sent.total));
    for converter in &status.converters {
        let error = converter.last_error.as_deref().map_or_else(String::new, |error| format!(", last error: {error}"));
        let line = format!(
            "  rule     {} [{}] {} ok, {} failed{error}",
            converter.name,
            super::health::word(converter.status),
            converter.ok,
            converter.failed
        );
        session.out.line(Mood::Plain, &line);
    }
}

pub(crate) fn list(session: &Session) -> Ending {
    let found: Vec<Look> = session.instances()?.iter().map(look).collect();
    if session.out.json {
        session.out.json(&found.iter().map(Look::json).collect::<Vec<_>>());
    } else {
        found.iter().for_each(|look| session.out.line(look.health.mood, &look.line()));
        let running = found.iter().filter(|look| look.health.running).count();
        session.out.note(&format!("{running} of {} running in {}", found.len(), session.home.root().display()));
    }
    Ok(found.iter().any(|look| look.health.mood == Mood::Bad).then_some(Exit::Failed))
}
