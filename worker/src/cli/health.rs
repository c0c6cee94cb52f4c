//! How an instance is, judged from its lock, its heartbeat and what it says itself. Never green for a worker that may not be well.

use crate::output::Mood;
use instance::{Liveness, State, Status};
use jiff::{SignedDuration, Timestamp};

/// A heartbeat older than this, twice as long as the slowest one takes, is worth a look: a busy computer can be the reason.
const SILENT: SignedDuration = SignedDuration::from_secs(10);
/// A heartbeat older than this means that the process hangs.
const DEAD: SignedDuration = SignedDuration::from_secs(60);

/// The word for a worker that runs and gives no heartbeat.
pub(crate) const NOT_RESPONDING: &str = "not responding";

/// The word for a worker that has not said yet how it is.
pub(crate) const STARTUP: &str = "startup";

/// One instance at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Health {
    pub(crate) symbol: char,
    pub(crate) mood: Mood,
    /// One word for the state.
    pub(crate) word: String,
    /// Why, and what to do about it where something has to be done.
    pub(crate) message: String,
    pub(crate) running: bool,
}

/// Judges an instance. The kernel's word on who runs comes first, then the heartbeat's age, then what the worker says.
pub(crate) fn judge(liveness: &Liveness, status: Option<&Status>, now: Timestamp) -> Health {
    match liveness {
        Liveness::Stopped => health('○', Mood::Quiet, "stopped", "", false),
        Liveness::Stale(lock) => {
            let message =
                format!("ended without tidying up (PID {}, since {}); its reports are kept, start it again", lock.pid, lock.started_at);
            health('×', Mood::Bad, "crashed", &message, false)
        }
        Liveness::RunningUnknown => health('?', Mood::Warning, "unknown", "running, but service.lock cannot be read", true),
        Liveness::Running(lock) => match status.filter(|status| status.pid == lock.pid) {
            None => health('○', Mood::Warning, STARTUP, "running, no heartbeat yet", true),
            Some(status) => alive(status, now),
        },
    }
}

fn alive(status: &Status, now: Timestamp) -> Health {
    // A heartbeat from the future is one of a clock that was set back since, and as old as that is long: a worker that lives
    // writes a new one within seconds.
    let age = status.updated_at.parse::<Timestamp>().map_or(SignedDuration::MAX, |at| now.duration_since(at).abs());
    if age >= DEAD {
        return health(
            '⚠',
            Mood::Bad,
            NOT_RESPONDING,
            &format!("no heartbeat since {}; `lineside restart --force` ends it", status.updated_at),
            true,
        );
    }
    if age >= SILENT {
        return health('⚠', Mood::Warning, NOT_RESPONDING, &format!("no heartbeat for {} s", age.as_secs()), true);
    }
    let (symbol, mood) = look(status.status);
    health(symbol, mood, word(status.status), &status.message, true)
}

fn look(state: State) -> (char, Mood) {
    match state {
        State::Ok | State::Idle | State::Busy => ('●', Mood::Good),
        State::Startup => ('○', Mood::Warning),
        State::Degraded | State::Warning => ('◐', Mood::Warning),
        State::Error | State::Failed => ('×', Mood::Bad),
        State::Shutdown => ('-', Mood::Warning),
        State::Unknown => ('?', Mood::Warning),
    }
}

/// What the symbols mean.
pub(crate) const LEGEND: [(char, Mood, &str); 8] = [
    ('●', Mood::Good, "ok, idle or busy: all is well"),
    ('○', Mood::Quiet, "stopped, or (yellow) starting"),
    ('◐', Mood::Warning, "degraded, or a warning"),
    ('×', Mood::Bad, "an error, a failure, or ended without tidying up"),
    ('⚠', Mood::Bad, "runs, but gave no heartbeat for 10 s (yellow) or a minute (red)"),
    ('-', Mood::Warning, "stopping"),
    ('?', Mood::Warning, "unknown"),
    ('⟳', Mood::Warning, "the settings have changed; a restart applies them"),
];

/// The state as it is written everywhere.
pub(crate) fn word(state: State) -> &'static str {
    match state {
        State::Unknown => "unknown",
        State::Startup => STARTUP,
        State::Ok => "ok",
        State::Idle => "idle",
        State::Busy => "busy",
        State::Degraded => "degraded",
        State::Warning => "warning",
        State::Error => "error",
        State::Shutdown => "shutdown",
        State::Failed => "failed",
    }
}

fn health(symbol: char, mood: Mood, word: &str, message: &str, running: bool) -> Health {
    Health { symbol, mood, word: word.to_owned(), message: message.to_owned(), running }
}

#[cfg(test)]
mod tests {
    use super::*;
    use instance::Lock;

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
            (Liveness::Stopped, None, "stopped", Mood::Quiet),
            (Liveness::Stopped, Some(status(State::Ok, 7, fresh)), "stopped", Mood::Quiet),
            (Liveness::Stale(lock()), Some(status(State::Busy, 7, fresh)), "crashed", Mood::Bad),
            (Liveness::RunningUnknown, Some(status(State::Ok, 7, fresh)), "unknown", Mood::Warning),
            (Liveness::Running(lock()), None, "startup", Mood::Warning),
            (Liveness::Running(lock()), Some(status(State::Ok, 6, fresh)), "startup", Mood::Warning),
            (Liveness::Running(lock()), Some(status(State::Ok, 7, fresh)), "ok", Mood::Good),
            (Liveness::Running(lock()), Some(status(State::Idle, 7, "2026-11-21T09:59:51Z")), "idle", Mood::Good),
            (Liveness::Running(lock()), Some(status(State::Idle, 7, "2026-11-21T09:59:50Z")), "not responding", Mood::Warning),
            (Liveness::Running(lock()), Some(status(State::Idle, 7, "2026-11-21T09:59:00Z")), "not responding", Mood::Bad),
            (Liveness::Running(lock()), Some(status(State::Idle, 7, "2026-11-21T10:00:09Z")), "idle", Mood::Good),
            (Liveness::Running(lock()), Some(status(State::Idle, 7, "2026-11-22T10:00:00Z")), "not responding", Mood::Bad),
            (Liveness::Running(lock()), Some(status(State::Idle, 7, "nonsense")), "not responding", Mood::Bad),
            (Liveness::Running(lock()), Some(status(State::Degraded, 7, fresh)), "degraded", Mood::Warning),
            (Liveness::Running(lock()), Some(status(State::Failed, 7, fresh)), "failed", Mood::Bad),
        ];
        for (liveness, status, word, mood) in table {
            let health = judge(&liveness, status.as_ref(), now);
            assert_eq!((health.word.as_str(), health.mood), (word, mood), "{liveness:?} {status:?}");
        }
    }
}
