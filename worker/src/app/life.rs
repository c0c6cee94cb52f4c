//! The life of the house: coming up, waiting for a reason to stop, closing room by room, and the last word.

use super::house::{House, Rooms};
use super::{Outcome, once};
use crate::board::{Condition, Posted, Server};
use crate::exit::{Exit, Fatal};
use crate::signals::Signals;
use instance::{Config, Guard};
use std::future::Future;
use std::pin::Pin;
use std::task::Poll;
use std::time::Duration;
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout, timeout_at};

/// After the time for a good stop, so long for the rest before the process just ends.
const GRACE: Duration = Duration::from_secs(5);
/// How long the guard may take to come back when everything else has ended.
const LAST: Duration = Duration::from_secs(1);
/// How long the start waits for folders and server to say how they are.
const STARTING: Duration = Duration::from_secs(2);

impl House {
    /// Waits until each rule and the server have said how they are, but not for one that hangs.
    pub(super) async fn settle_in(&self) {
        let settled = async {
            let starting = |posted: &Posted| {
                let rules = posted.rules.iter().any(|rule| rule.watching == Condition::Starting);
                rules || (posted.server == Server::Unknown && !posted.paused)
            };
            while starting(&self.board.read()) {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        // What has not answered by then is told when it does.
        let _hangs = timeout(STARTING, settled).await;
    }

    /// Waits for a reason to stop, then stops. Ends well only when nothing was left behind. For `once`, the reports that stood in error before.
    pub(super) async fn run(mut self, signals: &mut Signals, config: &Config, once: Option<u64>) -> Outcome {
        let mut deadline_s = config.shutdown_timeout_s;
        let mut result = Ok(None);
        let store = self.store.clone();
        let reason = tokio::select! {
            signal = signals.next() => signal.to_owned(),
            Some((reason, asked)) = self.stops.recv() => {
                deadline_s = asked.unwrap_or(deadline_s);
                result = self.board.read().failed.map_or(Ok(None), |why| Err(Fatal::new(Exit::Failed, why)));
                reason
            }
            room = ended([&mut self.taking, &mut self.sends, &mut self.keeps], &mut self.guard) => {
                let why = format!("the {room} room has failed; see the newest panic file in {}", self.beat.layout.logs().display());
                if room == GUARD {
                    self.take_guard_again();
                }
                self.board.note(|posted| &mut posted.failed, Some(why.clone()));
                result = Err(Fatal::new(Exit::Failed, &why));
                why
            }
            done = once::done(&self.progress, self.rules, move || store.counts(), once.unwrap_or(0), &self.board), if once.is_some() => {
                result = done;
                "everything is done that could be done".to_owned()
            }
        };
        tracing::info!("stopping: {reason}");
        self.board.note(|posted| &mut posted.stopping, true);
        let limit = Duration::from_secs(u64::from(deadline_s));
        let closed = tokio::select! {
            closed = timeout(limit + GRACE, self.close(limit)) => {
                closed.unwrap_or_else(|_| Err(Fatal::new(Exit::Timeout, "something did not end in time")))
            }
            signal = signals.next() => Err(Fatal::new(Exit::Stop, format!("stopped at once: {signal} again"))),
        };
        let left = self.leave(closed).await;
        result.and_then(|well| left.map(|()| well))
    }

    /// Who holds the guard has failed, and with it the guard is free: it is taken again, so that nobody begins before we end.
    fn take_guard_again(&mut self) {
        let (guard, keeping) = (Guard::acquire(&self.beat.layout).ok(), self.keeping.clone());
        self.guard = tokio::spawn(async move {
            keeping.cancelled().await;
            guard
        });
    }

    /// Closes the rooms. Taking and sending close side by side: a share that hangs must not eat the time in which what is
    /// under way to the server may end.
    async fn close(&mut self, limit: Duration) -> Result<(), Fatal> {
        let deadline = Instant::now() + limit;
        self.beat.once().await;
        self.intake.cancel();
        self.sending.cancel();
        let (taken, sent) = tokio::join!(end_all(&mut self.taking, deadline), end_all(&mut self.sends, deadline));
        self.keeping.cancel();
        let kept = end_all(&mut self.keeps, deadline.max(Instant::now() + LAST)).await;
        if let Err(error) = self.store.checkpoint().await {
            tracing::warn!("the queue file could not be tidied up, the next start does it: {error}");
        }
        taken.and(sent).and(kept)
    }

    /// The last word: status, log, lock. Waits for nothing that may hang.
    async fn leave(&mut self, closed: Result<(), Fatal>) -> Result<(), Fatal> {
        self.keeping.cancel();
        self.board.note(|posted| &mut posted.stopped, true);
        if timeout(LAST, self.beat.once()).await.is_err() {
            self.beat.last_word();
        }
        match &closed {
            Err(left) => tracing::warn!("✗ {left}; the worker ends all the same, and the next start goes on from here"),
            Ok(()) if self.board.read().failed.is_some() => tracing::info!("✗ stopped after a failure"),
            Ok(()) => tracing::info!("✓ stopped"),
        }
        let removed = match timeout(LAST, &mut self.guard).await {
            Ok(Ok(Some(guard))) => guard.retire(),
            // Another worker runs here now: the lock is its own.
            Ok(Ok(None) | Err(_)) => Ok(()),
            // Held until the process ends, so the lock is still ours.
            Err(_) => std::fs::remove_file(self.beat.layout.lock()),
        };
        let removed = removed.map_err(|error| Fatal::new(Exit::Failed, format!("the lock cannot be removed: {error}")));
        closed.and(removed)
    }
}

/// Waits for the rooms one after the other; one that does not end in time is told and left.
///
/// # Errors
/// Which one failed or was left.
async fn end_all(rooms: &mut Rooms, deadline: Instant) -> Result<(), Fatal> {
    let mut all = Ok(());
    for (name, mut room) in rooms.drain(..) {
        let ended = match timeout_at(deadline, &mut room).await {
            Ok(Ok(())) => {
                tracing::info!("✓ {name} stopped");
                Ok(())
            }
            Ok(Err(error)) => Err(Fatal::new(Exit::Failed, format!("the {name} room ended in a fault: {error}"))),
            Err(_) => {
                room.abort();
                Err(Fatal::new(
                    Exit::Timeout,
                    format!("the {name} room did not end in time; what it had is taken up again at the next start"),
                ))
            }
        };
        if let Err(fatal) = &ended {
            tracing::warn!("✗ {fatal}");
        }
        all = all.and(ended);
    }
    all
}

/// The name under which the task that holds the guard fails.
const GUARD: &str = "requests";

/// Waits until a room ends although nobody asked it to, takes it off its list, and gives its name.
async fn ended<T>(mut lists: [&mut Rooms; 3], guard: &mut JoinHandle<T>) -> &'static str {
    std::future::poll_fn(|context| {
        for rooms in &mut lists {
            if let Some(at) = rooms.iter_mut().position(|(_, room)| Pin::new(room).poll(context).is_ready()) {
                return Poll::Ready(rooms.remove(at).0);
            }
        }
        Pin::new(&mut *guard).poll(context).map(|_| GUARD)
    })
    .await
}

#[cfg(test)]
mod tests;
