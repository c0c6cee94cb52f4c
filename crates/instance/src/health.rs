//! How an instance is, judged from its lock, its heartbeat and what it says itself: one rule book for the command line and the tray app.
//!
//! Promises: never green for a worker that may not be well. Deliberately not here: symbols and colours, reading any file, the clock.

use std::fmt;

use jiff::{SignedDuration, Timestamp};

use crate::{Liveness, State, Status};

/// A heartbeat older than this, twice as long as the slowest one takes, is worth a look: a busy computer can be the reason.
const SILENT: SignedDuration = SignedDuration::from_secs(10);
/// A heartbeat older than this means that the process hangs.
const DEAD: SignedDuration = SignedDuration::from_secs(60);

/// How worried to be, least first: of several instances the greatest counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Tone {
    /// Nothing runs.
    Off,
    /// All is well.
    Ok,
    /// All is well, and there is something to do.
    Busy,
    /// On the way up or down.
    Starting,
    /// Somebody should look.
    Warning,
    /// Does not do its work.
    Error,
}

/// The one word for an instance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Word {
    /// No worker runs.
    Stopped,
    /// The worker ended without tidying up.
    Crashed,
    /// The worker runs and gives no heartbeat.
    NotResponding,
    /// The worker's own word; unknown where it runs and cannot say.
    Says(State),
}

impl Word {
    /// The word as it is written everywhere.
    pub fn as_str(self) -> &'static str {
        match self {
            Word::Stopped => "stopped",
            Word::Crashed => "crashed",
            Word::NotResponding => "not responding",
            Word::Says(state) => state.as_str(),
        }
    }
}

impl fmt::Display for Word {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// One instance at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Health {
    /// How worried to be.
    pub tone: Tone,
    /// One word for the state.
    pub word: Word,
    /// Why, and what to do about it where something has to be done.
    pub message: String,
    /// Whether a worker holds the guard.
    pub running: bool,
}

/// Judges an instance. The kernel's word on who runs comes first, then the heartbeat's age, then what the worker says.
pub fn judge(liveness: &Liveness, status: Option<&Status>, now: Timestamp) -> Health {
    match liveness {
        Liveness::Stopped => health(Tone::Off, Word::Stopped, "", false),
        Liveness::Stale(lock) => {
            let message =
                format!("ended without tidying up (PID {}, since {}); its reports are kept, start it again", lock.pid, lock.started_at);
            health(Tone::Error, Word::Crashed, &message, false)
        }
        Liveness::RunningUnknown => health(Tone::Warning, Word::Says(State::Unknown), "running, but service.lock cannot be read", true),
        Liveness::Running(lock) => match status.filter(|status| status.pid == lock.pid) {
            None => health(Tone::Starting, Word::Says(State::Startup), "running, no heartbeat yet", true),
            Some(status) => alive(status, now),
        },
    }
}

fn alive(status: &Status, now: Timestamp) -> Health {
    // A heartbeat from the future is one of a clock that was set back since, and as old as that is long: a worker that lives
    // writes a new one within seconds.
    let age = status.updated_at.parse::<Timestamp>().map_or(SignedDuration::MAX, |at| now.duration_since(at).abs());
    if age >= DEAD {
        let message = format!("no heartbeat since {}; it hangs: restart it by force", status.updated_at);
        return health(Tone::Error, Word::NotResponding, &message, true);
    }
    if age >= SILENT {
        return health(Tone::Warning, Word::NotResponding, &format!("no heartbeat for {} s", age.as_secs()), true);
    }
    health(tone(status.status), Word::Says(status.status), &status.message, true)
}

/// How worried to be about a worker or a part of it that says this of itself.
pub fn tone(state: State) -> Tone {
    match state {
        State::Ok | State::Idle => Tone::Ok,
        State::Busy => Tone::Busy,
        State::Startup | State::Shutdown => Tone::Starting,
        State::Degraded | State::Warning | State::Unknown => Tone::Warning,
        State::Error | State::Failed => Tone::Error,
    }
}

fn health(tone: Tone, word: Word, message: &str, running: bool) -> Health {
    Health { tone, word, message: message.to_owned(), running }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Lock;

    fn lock() -> Lock {
        Lock { pid: 7, ..Lock::default() }
    }

    fn status(state: State, pid: u32, updated_at: &str) -> Status {
        Status { status: state, pid, updated_at: updated_at.to_owned(), ..Status::default() }
    }

    #[test]
    fn only_a_live_worker_with_a_fresh_heartbeat_is_green() {
        let now: Timestamp = "2026-11-21T10:00:00Z".parse().expect("a time");
        let fresh = "2026-11-21T11:59:58+02:00";
        let table = [
            (Liveness::Stopped, None, "stopped", Tone::Off),
            (Liveness::Stopped, Some(status(State::Ok, 7, fresh)), "stopped", Tone::Off),
            (Liveness::Stale(lock()), Some(status(State::Busy, 7, fresh)), "crashed", Tone::Error),
            (Liveness::RunningUnknown, Some(status(State::Ok, 7, fresh)), "unknown", Tone::Warning),
            (Liveness::Running(lock()), None, "startup", Tone::Starting),
            (Liveness::Running(lock()), Some(status(State::Ok, 6, fresh)), "startup", Tone::Starting),
            (Liveness::Running(lock()), Some(status(State::Ok, 7, fresh)), "ok", Tone::Ok),
            (Liveness::Running(lock()), Some(status(State::Busy, 7, fresh)), "busy", Tone::Busy),
            (Liveness::Running(lock()), Some(status(State::Idle, 7, "2026-11-21T09:59:51Z")), "idle", Tone::Ok),
            (Liveness::Running(lock()), Some(status(State::Idle, 7, "2026-11-21T09:59:50Z")), "not responding", Tone::Warning),
            (Liveness::Running(lock()), Some(status(State::Idle, 7, "2026-11-21T09:59:00Z")), "not responding", Tone::Error),
            (Liveness::Running(lock()), Some(status(State::Idle, 7, "2026-11-21T10:00:09Z")), "idle", Tone::Ok),
            (Liveness::Running(lock()), Some(status(State::Idle, 7, "2026-11-22T10:00:00Z")), "not responding", Tone::Error),
            (Liveness::Running(lock()), Some(status(State::Idle, 7, "nonsense")), "not responding", Tone::Error),
            (Liveness::Running(lock()), Some(status(State::Shutdown, 7, fresh)), "shutdown", Tone::Starting),
            (Liveness::Running(lock()), Some(status(State::Degraded, 7, fresh)), "degraded", Tone::Warning),
            (Liveness::Running(lock()), Some(status(State::Failed, 7, fresh)), "failed", Tone::Error),
        ];
        for (liveness, status, word, tone) in table {
            let health = judge(&liveness, status.as_ref(), now);
            assert_eq!((health.word.as_str(), health.tone), (word, tone), "{liveness:?} {status:?}");
        }
    }

    #[test]
    fn the_worst_of_several_counts_and_a_stopped_one_least() {
        let order = [Tone::Off, Tone::Ok, Tone::Busy, Tone::Starting, Tone::Warning, Tone::Error];
        assert!(order.is_sorted());
    }
}
