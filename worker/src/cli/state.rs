//! `status` and `list`: how one instance is, and how all of them are.

use super::args::{List, Which};
use super::health::{LEGEND, mood, symbol};
use super::session::{Ending, Instance, Session, age, clock_time, now};
use crate::exit::Exit;
use crate::output::{Mood, counted};
use instance::{Health, Liveness, Lock, State, Status, Tone, judge};
use jiff::Timestamp;
use serde_json::{Value, json};
use std::path::PathBuf;
use store::Counts;

/// Characters of a message in the list.
const MESSAGE: usize = 60;

/// Everything one look at an instance finds.
struct Look {
    id: String,
    folder: PathBuf,
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
    let (status, mut trouble) = match instance::status::read(&instance.layout) {
        Ok(status) => (status, None),
        Err(error) => (None, Some(error.to_string())),
    };
    let health = judge(&liveness, status.as_ref(), now());
    let lock = match liveness {
        Liveness::Running(lock) | Liveness::Stale(lock) => Some(lock),
        Liveness::RunningUnknown | Liveness::Stopped => None,
    };
    let counts = instance.view().and_then(|view| view.map(|view| view.counts().map_err(super::queue::unreadable)).transpose());
    let counts = counts.unwrap_or_else(|fatal| {
        trouble = Some(fatal.message);
        None
    });
    let hash = instance.loaded().map(|loaded| loaded.hash);
    if let Err(fatal) = &hash {
        trouble = Some(fatal.message.clone());
    }
    let restart_needed = health.running && matches!((&hash, &lock), (Ok(hash), Some(lock)) if *hash != lock.config_hash);
    Look { id: instance.id.to_string(), folder: instance.layout.dir().to_owned(), health, lock, status, trouble, counts, restart_needed }
}

impl Look {
    fn json(&self) -> Value {
        let queue = self.counts.as_ref().map(|counts| {
            json!({"queued": counts.queued, "processing": counts.processing, "completed": counts.completed, "error": counts.error})
        });
        json!({
            "id": self.id, "state": self.health.word.as_str(), "running": self.health.running, "message": self.health.message, "folder": self.folder,
            "uptime": self.uptime(), "restart_needed": self.restart_needed, "lock": self.lock, "status": self.status,
            "trouble": self.trouble, "queue": queue,
        })
    }

    fn uptime(&self) -> Option<String> {
        let lock = self.lock.as_ref().filter(|_| self.health.running)?;
        lock.started_at.parse::<Timestamp>().ok().map(age)
    }

    /// One line: symbol, name, state, since when, what is owed. Names and states are as wide as asked.
    fn line(&self, id: usize, state: usize) -> String {
        let mut line = format!("{} {:<id$} {:<state$}", symbol(&self.health), self.id, format!("[{}]", self.health.word));
        if let (Some(uptime), Some(lock)) = (self.uptime(), &self.lock) {
            line += &format!(" up:{uptime} pid:{}", lock.pid);
        }
        if let Some(counts) = &self.counts {
            line += &format!(" owed:{} refused:{}", counts.queued + counts.processing, counts.error);
        }
        line + if self.restart_needed { " ⟳" } else { "" }
    }

    fn mood(&self) -> Mood {
        if self.trouble.is_some() && self.health.tone != Tone::Error { Mood::Warning } else { mood(&self.health) }
    }

    /// Why it is as it is.
    fn why(&self) -> &str {
        self.trouble.as_deref().unwrap_or(&self.health.message)
    }

    fn exit(&self) -> Option<Exit> {
        match self.health.tone {
            Tone::Error => Some(Exit::Failed),
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
    tell(session, &found, 0, 0);
    Ok(found.exit())
}

/// The line of an instance and what there is to say about it.
fn tell(session: &Session, found: &Look, id: usize, state: usize) {
    let fact = |mood, name: &str, text: &str| session.out.line(mood, &format!("  {name:<9} {text}"));
    session.out.line(found.mood(), found.line(id, state).trim_end());
    if found.restart_needed {
        fact(Mood::Warning, "settings", "have changed since it started: `lineside restart` applies them");
    }
    if let Some(trouble) = &found.trouble {
        fact(Mood::Bad, "trouble", &trouble.replace('\n', "\n          "));
    }
    let status = found.status.as_ref().filter(|_| found.health.running);
    // The server's and the rules' troubles have lines of their own.
    let told = status.is_some_and(|status| status.server.message.as_deref().is_some_and(|why| why == found.health.message));
    if !found.health.message.is_empty() && !told {
        fact(mood(&found.health), "message", &found.health.message);
    }
    if let Some(status) = status {
        details(status, &fact);
    }
    if session.out.verbose {
        background(found, &fact);
    }
}

fn details(status: &Status, fact: &dyn Fn(Mood, &str, &str)) {
    let server = &status.server;
    let latency = server.latency_ms.map_or_else(String::new, |ms| format!(", answers in {ms} ms"));
    let why = server.message.as_deref().map_or_else(String::new, |why| format!(": {why}"));
    let shown = |healthy| if healthy { Mood::Plain } else { Mood::Bad };
    fact(shown(server.message.is_none()), "server", &format!("{}{latency}{why}", server.status.as_str()));
    let last = status.sent.last.as_deref().map_or_else(|| "never".to_owned(), ago);
    fact(Mood::Plain, "sent", &format!("{} today, {} in all, last {last}", status.sent.today, status.sent.total));
    for stuck in status.extra.get("stuck").and_then(|stuck| stuck.as_array()).into_iter().flatten() {
        let text = |field: &str| stuck[field].as_str().unwrap_or_default();
        fact(Mood::Bad, "stands", &format!("still since {}: {}", ago(text("since")), text("what")));
    }
    for rule in &status.converters {
        let error = rule.last_error.as_deref().map_or_else(String::new, |error| format!("; last rejected: {error}"));
        let well = rule.status == State::Ok;
        let why = rule.message.as_deref().filter(|_| !well).map_or_else(String::new, |why| format!("; {why}"));
        let (ok, state) = (counted(rule.ok, "file"), rule.status.as_str());
        let line = format!("{} [{state}] {ok} converted, {} rejected{why}{error}", rule.name, rule.failed);
        fact(shown(well), "rule", &line);
    }
}

/// What is seldom asked for.
fn background(found: &Look, fact: &dyn Fn(Mood, &str, &str)) {
    fact(Mood::Quiet, "folder", &found.folder.display().to_string());
    if let Some(lock) = &found.lock {
        fact(Mood::Quiet, "started", &format!("{}, version {}, by {}", ago(&lock.started_at), lock.version, managed_by(lock)));
        fact(Mood::Quiet, "address", &lock.service_url);
    }
    if let Some(status) = &found.status {
        fact(Mood::Quiet, "heartbeat", &ago(&status.updated_at));
    }
}

fn managed_by(lock: &Lock) -> String {
    serde_json::to_value(lock.managed_by).ok().and_then(|by| by.as_str().map(str::to_owned)).unwrap_or_default()
}

/// A moment in local time and how long ago it was.
fn ago(at: &str) -> String {
    at.parse::<Timestamp>().map_or_else(|_| at.to_owned(), |at| format!("{} ({} ago)", clock_time(at), age(at)))
}

pub(crate) fn list(session: &Session, list: &List) -> Ending {
    let out = session.out;
    let part = list.filter.as_deref().unwrap_or_default().to_lowercase();
    let there = session.instances()?;
    let found: Vec<Look> = there.iter().filter(|instance| instance.id.as_str().contains(&part)).map(look).collect();
    let bad = found.iter().any(|look| look.health.tone == Tone::Error).then_some(Exit::Failed);
    if out.json {
        out.json(&found.iter().map(Look::json).collect::<Vec<_>>());
        return Ok(bad);
    }
    let widest = |width: fn(&Look) -> usize| found.iter().map(width).max().unwrap_or(0);
    let (id, state) = (widest(|look| look.id.len()), widest(|look| look.health.word.as_str().len() + 2));
    for look in &found {
        if out.verbose || list.detailed {
            tell(session, look, id, state);
            continue;
        }
        let why = crate::output::shortened(look.why(), MESSAGE);
        let line = if why.is_empty() { look.line(id, state) } else { format!("{} - {why}", look.line(id, state)) };
        out.line(look.mood(), line.trim_end());
    }
    if list.legend {
        LEGEND.iter().for_each(|(symbol, mood, meaning)| out.line(*mood, &format!("{symbol} {meaning}")));
    }
    let running = found.iter().filter(|look| look.health.running).count();
    out.note(&format!("{running} of {} running in {}", found.len(), session.home.root().display()));
    Ok(bad)
}
