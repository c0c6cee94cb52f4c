//! The life of the house: coming up, waiting for a reason to stop, closing room by room in the order of the way.

use super::house::{House, Rooms};
use super::{Outcome, once};
use crate::board::{Condition, Posted, Server};
use crate::exit::{Exit, Fatal};
use crate::signals::Signals;
use instance::Config;
use std::future::Future;
use std::pin::Pin;
use std::task::Poll;
use std::time::Duration;

/// After the time for a good stop, so long for the rest before the process just ends.
const GRACE: Duration = Duration::from_secs(5);
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
        let _hangs = tokio::time::timeout(STARTING, settled).await;
    }

    /// Waits for a reason to stop, then stops.
    pub(super) async fn run(mut self, signals: &mut Signals, config: &Config, once: bool) -> Outcome {
        let mut deadline_s = config.shutdown_timeout_s;
        let mut result = Ok(None);
        let reason = tokio::select! {
            signal = signals.next() => signal.to_owned(),
            Some((reason, asked)) = self.stops.recv() => {
                deadline_s = asked.unwrap_or(deadline_s);
                reason
            }
            room = ended(&mut self.taking, &mut self.sends) => {
                let why = format!("the {room} room has failed; see the newest panic file in {}", self.beat.layout.logs().display());
                self.taking.retain(|(name, _)| *name != room);
                self.sends.retain(|(name, _)| *name != room);
                self.board.note(|posted| &mut posted.failed, Some(why.clone()));
                result = Err(Fatal::new(Exit::Failed, &why));
                why
            }
            done = once::done(&self.progress, self.rules, &self.store, &self.board), if once => {
                result = done;
                "everything is done that could be done".to_owned()
            }
        };
        tracing::info!("stopping: {reason}");
        self.board.note(|posted| &mut posted.stopping, true);
        let limit = Duration::from_secs(u64::from(deadline_s));
        tokio::select! {
            closed = tokio::time::timeout(limit + GRACE, self.close(limit, result.is_err())) => match closed {
                Ok(stopped) => stopped.and(result),
                Err(_) => {
                    tracing::warn!("something did not end in time; the worker ends without it, and the next start goes on from here");
                    result
                }
            },
            signal = signals.next() => {
                tracing::warn!("stopping at once: {signal} again");
                result
            }
        }
    }

    /// Closes the rooms in the order of the way. `failed` leaves a status that says so.
    async fn close(&mut self, limit: Duration, failed: bool) -> Result<(), Fatal> {
        let deadline = tokio::time::Instant::now() + limit;
        self.beat.once().await;
        self.intake.cancel();
        end_all(&mut self.taking, deadline).await;
        self.sending.cancel();
        end_all(&mut self.sends, deadline).await;
        self.keeping.cancel();
        for keep in &mut self.keeps {
            // A panic has been told already.
            let _ended = keep.await;
        }
        if let Err(error) = self.store.checkpoint().await {
            tracing::warn!("the queue file could not be tidied up, the next start does it: {error}");
        }
        self.beat.once().await;
        tracing::info!("{}", if failed { "✗ stopped after a failure" } else { "✓ stopped" });
        let guard = (&mut self.guard).await.map_err(|error| Fatal::new(Exit::Failed, format!("the guard was lost: {error}")))?;
        guard.remove_lock().map_err(|error| Fatal::new(Exit::Failed, format!("the lock cannot be removed: {error}")))
    }
}

/// Waits for the rooms one after the other; one that does not end in time is told and left.
async fn end_all(rooms: &mut Rooms, deadline: tokio::time::Instant) {
    for (name, mut room) in rooms.drain(..) {
        match tokio::time::timeout_at(deadline, &mut room).await {
            Ok(Ok(())) => tracing::info!("✓ {name} stopped"),
            Ok(Err(error)) => tracing::warn!("✗ {name} ended in a fault: {error}"),
            Err(_) => {
                tracing::warn!("✗ {name} did not end in time; what it had is taken up again at the next start");
                room.abort();
            }
        }
    }
}

/// Waits until a room ends although nobody asked it to, takes it off its list, and gives its name.
async fn ended(taking: &mut Rooms, sends: &mut Rooms) -> &'static str {
    std::future::poll_fn(|context| {
        for rooms in [&mut *taking, &mut *sends] {
            if let Some(at) = rooms.iter_mut().position(|(_, room)| Pin::new(room).poll(context).is_ready()) {
                return Poll::Ready(rooms.remove(at).0);
            }
        }
        Poll::Pending
    })
    .await
}
