//! What the rooms say of themselves, in one place: conditions, counters, and a bell for whoever shows them.
//!
//! The rooms write, the status room reads. Holds no history and decides nothing.

use crate::still::Told;
use crate::walks::Walks;
use jiff::Timestamp;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::Notify;

/// After the last piece of work the worker counts as busy this long, so that it does not flicker between two files.
pub(crate) const CALM: Duration = Duration::from_secs(1);

/// How a part of the worker is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Condition {
    /// Not known yet.
    Starting,
    /// As it should be; what it does.
    Good(String),
    /// It works less well than it should; what is wrong and what to do.
    Degraded(String),
}

/// How the server is, as far as the last answers tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Server {
    Unknown,
    Good,
    /// It does not answer or fails; tried again by itself.
    Down(String),
    /// It does not let us in; nothing is sent until that changes.
    Closed(String),
}

/// One watch rule.
#[derive(Debug, Clone)]
pub(crate) struct RuleBoard {
    pub(crate) name: String,
    pub(crate) watching: Condition,
    /// A file of it that cannot be read, committed or filed just now.
    pub(crate) trouble: Option<String>,
    pub(crate) ok: u64,
    pub(crate) failed: u64,
    pub(crate) last_ok: Option<Timestamp>,
    pub(crate) last_error: Option<String>,
}

/// How the sending goes, for who looks whether it stands still.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Sending {
    /// Reports may be sent now.
    pub(crate) open: bool,
    /// None is under way, on the shelf, or being written down.
    pub(crate) idle: bool,
    /// Attempts that ended.
    pub(crate) answers: u64,
}

/// Everything that is said.
#[derive(Debug, Clone)]
pub(crate) struct Posted {
    pub(crate) rules: Vec<RuleBoard>,
    pub(crate) server: Server,
    pub(crate) server_since: Timestamp,
    pub(crate) latency_ms: Option<u64>,
    pub(crate) last_sent: Option<Timestamp>,
    pub(crate) sent: u64,
    pub(crate) sending: Sending,
    /// What stands still.
    pub(crate) stuck: Vec<Told>,
    /// Sending is paused on demand.
    pub(crate) paused: bool,
    /// Why intake pauses, if it does.
    pub(crate) intake_closed: Option<String>,
    /// What fills up so that intake may pause before long.
    pub(crate) filling: Option<String>,
    /// A fault of the program itself, the first there was.
    pub(crate) fault: Option<String>,
    /// Conversions and uploads that run.
    pub(crate) active: usize,
    /// When the last of them ended.
    pub(crate) idle_since: Option<Instant>,
    pub(crate) started: bool,
    pub(crate) stopping: bool,
    /// Everything has ended in good order; only the lock is left.
    pub(crate) stopped: bool,
    /// The worker ends because something failed.
    pub(crate) failed: Option<String>,
}

/// The board; every copy shows the same.
#[derive(Clone)]
pub(crate) struct Board {
    posted: Arc<Mutex<Posted>>,
    /// Apart from the rest: it is set by who panics, maybe while that thread holds the rest.
    fault: Arc<OnceLock<String>>,
    /// Where the files are that were taken up.
    pub(crate) walks: Walks,
    /// Rung when something changed that a person would want to know at once.
    pub(crate) bell: Arc<Notify>,
}

impl Board {
    pub(crate) fn new(rules: impl IntoIterator<Item = String>, now: Timestamp) -> Board {
        let rule =
            |name| RuleBoard { name, watching: Condition::Starting, trouble: None, ok: 0, failed: 0, last_ok: None, last_error: None };
        let posted = Posted {
            rules: rules.into_iter().map(rule).collect(),
            server: Server::Unknown,
            server_since: now,
            latency_ms: None,
            last_sent: None,
            sent: 0,
            sending: Sending::default(),
            stuck: Vec::new(),
            paused: false,
            intake_closed: None,
            filling: None,
            fault: None,
            active: 0,
            idle_since: None,
            started: false,
            stopping: false,
            stopped: false,
            failed: None,
        };
        Board { posted: Arc::new(Mutex::new(posted)), fault: Arc::default(), walks: Walks::default(), bell: Arc::new(Notify::new()) }
    }

    /// Everything, as it is now.
    pub(crate) fn read(&self) -> Posted {
        Posted { fault: self.fault.get().cloned(), ..self.lock().clone() }
    }

    /// What the last scan says of a rule's folder; said in the log when it changes.
    pub(crate) fn watching(&self, rule: usize, condition: Condition) {
        let told = |entry: &mut RuleBoard| (entry.name.clone(), std::mem::replace(&mut entry.watching, condition.clone()));
        let changed = self.lock().rules.get_mut(rule).filter(|entry| entry.watching != condition).map(told);
        let Some((name, before)) = changed else { return };
        match (before, condition) {
            (Condition::Starting, Condition::Good(what)) => tracing::info!("✓ watch rule {name}: {what}"),
            (Condition::Starting, Condition::Degraded(what)) => tracing::warn!("✗ watch rule {name}: {what}"),
            (_, Condition::Good(what)) => tracing::info!(rule = name, "{what} again"),
            (_, Condition::Degraded(what)) => tracing::warn!(rule = name, "{what}"),
            (_, Condition::Starting) => {}
        }
        self.bell.notify_one();
    }

    /// A file of the rule cannot be taken now, or (`None`) files flow again.
    pub(crate) fn trouble(&self, rule: usize, trouble: Option<String>) {
        let told = |entry: &mut RuleBoard| {
            entry.trouble.clone_from(&trouble);
            entry.name.clone()
        };
        let changed = self.lock().rules.get_mut(rule).filter(|entry| entry.trouble != trouble).map(told);
        let Some(name) = changed else { return };
        if let Some(trouble) = trouble {
            tracing::warn!(rule = name, "{trouble}");
        }
        self.bell.notify_one();
    }

    pub(crate) fn converted(&self, rule: usize, at: Timestamp) {
        if let Some(entry) = self.lock().rules.get_mut(rule) {
            entry.ok += 1;
            entry.last_ok = Some(at);
        }
    }

    pub(crate) fn rejected(&self, rule: usize, reason: &str) {
        if let Some(entry) = self.lock().rules.get_mut(rule) {
            entry.failed += 1;
            entry.last_error = Some(reason.to_owned());
        }
    }

    /// How the server is now; said in the log when it changes.
    pub(crate) fn server(&self, server: Server, now: Timestamp) {
        let mut posted = self.lock();
        if posted.server == server {
            return;
        }
        (posted.server, posted.server_since) = (server.clone(), now);
        drop(posted);
        match server {
            Server::Good => tracing::info!("✓ server: it answers"),
            Server::Down(why) => tracing::warn!("✗ server: {why}"),
            Server::Closed(why) => tracing::error!("✗ server: {why}"),
            Server::Unknown => {}
        }
        self.bell.notify_one();
    }

    pub(crate) fn answered(&self, latency: Duration) {
        self.lock().latency_ms = u64::try_from(latency.as_millis()).ok();
    }

    pub(crate) fn sent(&self, at: Timestamp) {
        let mut posted = self.lock();
        posted.sent += 1;
        posted.last_sent = Some(at);
    }

    /// Whether reports may be sent, and whether none is on its way. Rings for nobody: it changes with every report.
    pub(crate) fn sending(&self, open: bool, idle: bool) {
        let sending = &mut self.lock().sending;
        (sending.open, sending.idle) = (open, idle);
    }

    /// An attempt to send has ended, however.
    pub(crate) fn attempted(&self) {
        self.lock().sending.answers += 1;
    }

    /// A fault of the program; waits for no lock, so that who panics can tell of it whatever it holds.
    pub(crate) fn fault(&self, fault: String) {
        // The first one is the one to look at.
        let _known = self.fault.set(fault);
        self.bell.notify_one();
    }

    /// Changes one of the plain facts, and rings when that makes a difference.
    pub(crate) fn note<T: PartialEq>(&self, fact: impl Fn(&mut Posted) -> &mut T, value: T) {
        let mut posted = self.lock();
        let fact = fact(&mut posted);
        if *fact != value {
            *fact = value;
            self.bell.notify_one();
        }
    }

    /// A conversion or an upload begins; it has ended when the returned value is dropped.
    pub(crate) fn working(&self) -> Working {
        let mut posted = self.lock();
        posted.active += 1;
        if posted.active == 1 && posted.idle_since.take().is_none_or(|since| since.elapsed() > CALM) {
            self.bell.notify_one();
        }
        Working(self.clone())
    }

    /// Held for moments only, and by nobody who logs: a log that panics tells the board.
    fn lock(&self) -> MutexGuard<'_, Posted> {
        self.posted.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A piece of work under way.
pub(crate) struct Working(Board);

impl Drop for Working {
    fn drop(&mut self) {
        let mut posted = self.0.lock();
        posted.active -= 1;
        if posted.active == 0 {
            posted.idle_since = Some(Instant::now());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_panics_while_it_holds_the_board_can_still_tell_of_it() {
        let board = Board::new([], Timestamp::UNIX_EPOCH);
        let held = board.lock();
        board.fault("a fault".to_owned());
        board.fault("what followed from it".to_owned());
        drop(held);
        assert_eq!(board.read().fault.as_deref(), Some("a fault"));
    }

    #[test]
    fn nobody_logs_while_it_holds_the_board() {
        /// A log that reads the board, as the panic hook may have to.
        struct Reads(Board);
        impl<S: tracing::Subscriber> tracing_subscriber::Layer<S> for Reads {
            fn on_event(&self, _: &tracing::Event<'_>, _: tracing_subscriber::layer::Context<'_, S>) {
                assert!(self.0.posted.try_lock().is_ok(), "a line was logged under the lock");
            }
        }
        use tracing_subscriber::layer::SubscriberExt;
        let board = Board::new(["r".to_owned()], Timestamp::UNIX_EPOCH);
        tracing::subscriber::with_default(tracing_subscriber::registry().with(Reads(board.clone())), || {
            board.watching(0, Condition::Good("watching".to_owned()));
            board.watching(0, Condition::Degraded("missing".to_owned()));
            board.trouble(0, Some("locked".to_owned()));
            board.server(Server::Down("away".to_owned()), Timestamp::UNIX_EPOCH);
        });
        let posted = board.read();
        assert_eq!((posted.rules[0].trouble.as_deref(), posted.server), (Some("locked"), Server::Down("away".to_owned())));
    }
}
