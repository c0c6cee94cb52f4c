//! How an instance is shown, from what was found in its folder. Pure: a table of what was found in, a snapshot out.
//!
//! Promises: the judgement is `instance::health`, made worse and never better by what else was found: a suspended process, a file that cannot
//! be read. What is not known is absent, never a guess.

mod rooms;

use std::path::PathBuf;

use instance::{Health, Liveness, Lock, State, Status, Tone, Word, judge};
use jiff::Timestamp;
use store::Counts;

use crate::snapshot::{
    AppSnapshot, ConverterSnapshot, InstanceSnapshot, LastReport, QueueSnapshot, SentSnapshot, ServerSnapshot, Snapshot, StuckSnapshot,
    Tone as Shape, Totals, UncleanExit,
};

/// Seconds by which two looks at the same process may disagree on when it began: the system's clock may have been set between them.
const SAME_START: u64 = 2;

/// What was found in the folder of one instance, and of its process.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    pub(crate) id: String,
    pub(crate) folder: PathBuf,
    pub(crate) settings: Result<Settings, String>,
    pub(crate) liveness: Liveness,
    pub(crate) status: Result<Option<Status>, String>,
    pub(crate) store: Result<Option<Standing>, String>,
    /// The process the lock names, while there is one of that number.
    pub(crate) process: Option<Process>,
    /// Of a worker that ended without tidying up.
    pub(crate) log_tail: Vec<String>,
}

/// What is shown of the settings.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Settings {
    pub(crate) name: String,
    pub(crate) station: String,
    pub(crate) service_address: String,
    pub(crate) hash: String,
    pub(crate) paused: bool,
}

/// What the store says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Standing {
    pub(crate) counts: Counts,
    pub(crate) sent_today: u64,
    pub(crate) rejected_today: u64,
    /// The newest of them and why it was rejected.
    pub(crate) last_rejected: Option<String>,
    pub(crate) last_report: Option<LastReport>,
}

/// What the system says of a process.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Process {
    /// When it began, in Unix seconds.
    pub(crate) began: u64,
    /// Share of one processor, in per cent.
    pub(crate) cpu: f32,
    /// Resident bytes.
    pub(crate) memory: u64,
    /// It was suspended from outside (SIGSTOP) and does nothing at all.
    pub(crate) suspended: bool,
}

/// All instances at one moment.
pub(crate) fn overall(instances: Vec<InstanceSnapshot>, root: String, root_trouble: Option<String>, app: AppSnapshot) -> Snapshot {
    // What concerns the app itself is worth a look too.
    let own = (root_trouble.is_some() || app.sidecar_trouble.is_some()).then_some(Shape::Warning);
    let tone = instances.iter().map(|one| one.tone).chain(own).max_by_key(|tone| tone.badness()).unwrap_or(Shape::Off);
    let mut totals = Totals { instances: u32::try_from(instances.len()).unwrap_or(u32::MAX), ..Totals::default() };
    for one in &instances {
        totals.running += u32::from(one.running);
        if let Some(queue) = &one.queue {
            totals.owed += queue.queued + queue.processing;
            totals.refused += queue.error;
        }
        totals.sent_today += one.sent.as_ref().map_or(0, |sent| sent.today);
        totals.rejected_today += one.rejected_today.unwrap_or(0);
    }
    Snapshot { instances, tone, totals, root, root_trouble, app }
}

/// One instance at one moment.
pub(crate) fn observe(seen: &Seen, now: Timestamp) -> InstanceSnapshot {
    let status = seen.status.as_ref().ok().and_then(Option::as_ref);
    let lock = match &seen.liveness {
        Liveness::Running(lock) | Liveness::Stale(lock) => Some(lock),
        Liveness::RunningUnknown | Liveness::Stopped => None,
    };
    let process = seen.process.as_ref().zip(lock).filter(|(process, lock)| is_worker(process, lock)).map(|(process, _)| process);
    let troubles = troubles(seen);
    let health = judged(seen, status, process, &troubles, now);
    let running = health.running;
    let lives = lock.filter(|_| running);
    // What a worker said before it ended is history, except for counts that nothing else knows.
    let says = status.filter(|status| running && lock.is_some_and(|lock| lock.pid == status.pid));
    let settings = seen.settings.as_ref().ok();
    let named = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    let queue = queue(seen, says, now);
    InstanceSnapshot {
        id: seen.id.clone(),
        name: settings
            .and_then(|settings| named(&settings.name))
            .or_else(|| lock.and_then(|lock| named(&lock.instance_name)))
            .unwrap_or_else(|| seen.id.clone()),
        folder: seen.folder.display().to_string(),
        station: settings.map(|settings| settings.station.clone()).unwrap_or_default(),
        service_address: settings.map(|settings| settings.service_address.clone()).unwrap_or_default(),
        tone: health.tone.into(),
        word: health.word.into(),
        message: health.message,
        running,
        pending: None,
        pid: lives.map(|lock| lock.pid),
        started_at: lives.map(|lock| lock.started_at.clone()),
        version: lives.map(|lock| lock.version.clone()),
        managed_by: lock.map(|lock| lock.managed_by.into()),
        cpu_percent: process.map(|process| process.cpu.round()),
        memory_bytes: process.map(|process| process.memory >> 20 << 20),
        paused: says.map_or_else(|| settings.is_some_and(|settings| settings.paused), |status| status.paused),
        restart_needed: lives
            .zip(settings)
            .is_some_and(|(lock, settings)| !lock.config_hash.is_empty() && lock.config_hash != settings.hash),
        troubles,
        rooms: rooms::rooms(says, queue.as_ref(), running),
        queue,
        sent: sent(seen, says, status),
        rejected_today: seen.store.as_ref().ok().and_then(Option::as_ref).map(|store| store.rejected_today),
        last_rejected: seen.store.as_ref().ok().and_then(Option::as_ref).and_then(|store| store.last_rejected.clone()),
        last_report: seen.store.as_ref().ok().and_then(Option::as_ref).and_then(|store| store.last_report.clone()),
        server: says.map(server),
        converters: says.map(converters).unwrap_or_default(),
        stuck: says.map(stuck).unwrap_or_default(),
        unclean_exit: match &seen.liveness {
            Liveness::Stale(lock) => Some(UncleanExit { pid: lock.pid, log_tail: seen.log_tail.clone() }),
            Liveness::Running(_) | Liveness::RunningUnknown | Liveness::Stopped => None,
        },
    }
}

/// Whether a process is the worker the lock tells of, and not one that was given its number later.
pub(crate) fn is_worker(process: &Process, lock: &Lock) -> bool {
    process.began.abs_diff(lock.process_started_at) <= SAME_START
}

/// The rule book's judgement, and what makes it worse.
fn judged(seen: &Seen, status: Option<&Status>, process: Option<&Process>, troubles: &[String], now: Timestamp) -> Health {
    let mut health = judge(&seen.liveness, status, now);
    let suspended = process.is_some_and(|process| process.suspended);
    if health.running && suspended && health.word != Word::NotResponding {
        let message = "the process is suspended and does nothing; let it go on, or restart it by force".to_owned();
        return Health { tone: health.tone.max(Tone::Warning), word: Word::NotResponding, message, ..health };
    }
    let Some(trouble) = troubles.first() else { return health };
    // Without settings no worker can start; one that runs read them when they were good.
    let worse = if seen.settings.is_err() && !health.running { Tone::Error } else { Tone::Warning };
    if health.tone < worse {
        health.tone = worse;
        health.message.clone_from(trouble);
    }
    health
}

fn troubles(seen: &Seen) -> Vec<String> {
    let found = [seen.settings.as_ref().err(), seen.status.as_ref().err(), seen.store.as_ref().err()];
    found.into_iter().flatten().cloned().collect()
}

fn queue(seen: &Seen, says: Option<&Status>, now: Timestamp) -> Option<QueueSnapshot> {
    if let Ok(Some(store)) = &seen.store {
        let counts = &store.counts;
        let age = |at: i64| u64::try_from((now.as_millisecond() - at) / 1000).unwrap_or(0);
        return Some(QueueSnapshot {
            queued: counts.queued,
            processing: counts.processing,
            error: counts.error,
            oldest_age_s: counts.oldest_queued_at.map(age),
        });
    }
    says.map(|status| QueueSnapshot {
        queued: status.queue.queued,
        processing: status.queue.processing,
        error: status.queue.error,
        oldest_age_s: status.queue.oldest_age_s,
    })
}

fn sent(seen: &Seen, says: Option<&Status>, last: Option<&Status>) -> Option<SentSnapshot> {
    if let Some(status) = says {
        let sent = &status.sent;
        return Some(SentSnapshot { today: sent.today, since_start: sent.since_start, total: sent.total, last: sent.last.clone() });
    }
    let store = seen.store.as_ref().ok().and_then(Option::as_ref)?;
    Some(SentSnapshot {
        today: store.sent_today,
        since_start: 0,
        total: last.map_or(store.counts.completed, |status| status.sent.total.max(store.counts.completed)),
        last: last.and_then(|status| status.sent.last.clone()),
    })
}

fn server(status: &Status) -> ServerSnapshot {
    let server = &status.server;
    ServerSnapshot {
        status: server.status.as_str().to_owned(),
        message: server.message.clone(),
        latency_ms: server.latency_ms,
        since: server.since.clone().filter(|_| server.status != State::Unknown),
    }
}

fn converters(status: &Status) -> Vec<ConverterSnapshot> {
    let shown = status.converters.iter().map(|rule| ConverterSnapshot {
        name: rule.name.clone(),
        status: rule.status.as_str().to_owned(),
        message: rule.message.clone(),
        ok: rule.ok,
        failed: rule.failed,
        last_ok: rule.last_ok.clone(),
        last_error: rule.last_error.clone(),
    });
    shown.collect()
}

fn stuck(status: &Status) -> Vec<StuckSnapshot> {
    let list = status.extra.get("stuck").and_then(|stuck| stuck.as_array());
    let text = |value: &serde_json::Value, field: &str| value[field].as_str().unwrap_or_default().to_owned();
    list.into_iter().flatten().map(|stuck| StuckSnapshot { since: text(stuck, "since"), what: text(stuck, "what") }).collect()
}
