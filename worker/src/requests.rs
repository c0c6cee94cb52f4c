//! What the app and the command line ask of the running worker: taken from `requests/` once a second, carried out at once.
//! As often, the store is asked whether another process has queued something.

mod resend;

use crate::board::Board;
use crate::rooms::upload::Order;
use instance::{Ask, Guard, GuardError, Layout, Lock, Which};
use jiff::Timestamp;
use std::time::{Duration, Instant};
use store::{Select, Store, StoreError};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

const EVERY: Duration = Duration::from_secs(1);
/// How often the lock, the guard and the queue file are looked after.
const LOOK_AFTER: Duration = Duration::from_secs(5);

/// Who is asked.
pub(crate) struct Requests {
    pub(crate) layout: Layout,
    pub(crate) store: Store,
    pub(crate) board: Board,
    pub(crate) orders: mpsc::Sender<Order>,
    /// Asks the watch room for a scan.
    pub(crate) scans: mpsc::Sender<()>,
    /// Why the worker is to stop, and in how many seconds.
    pub(crate) stops: mpsc::Sender<(String, Option<u32>)>,
    pub(crate) clock: fn() -> Timestamp,
}

impl Requests {
    /// Runs until `stop`; keeps the guard meanwhile and gives it back.
    pub(crate) async fn run(self, mut guard: Guard, lock: Lock, stop: CancellationToken) -> Guard {
        let mut looked_after = Instant::now();
        let mut readable = true;
        let mut resends = JoinSet::new();
        loop {
            tokio::select! {
                () = stop.cancelled() => break,
                () = tokio::time::sleep(EVERY) => {}
            }
            while resends.try_join_next().is_some() {}
            // A store that does not answer is told of by the heartbeat.
            if self.store.changed().await.unwrap_or(false) {
                self.order(Order::Look).await;
            }
            if looked_after.elapsed() >= LOOK_AFTER {
                looked_after = Instant::now();
                self.look_after(&mut guard, &lock).await;
                self.look_after_queue().await;
            }
            match instance::requests::take(&self.layout) {
                Ok(taken) => {
                    readable = true;
                    for one in taken {
                        match one.ask {
                            Ok(ask) => self.obey(ask, &mut resends, &stop).await,
                            Err(why) => {
                                tracing::warn!("a request could not be understood and is set aside as {}: {why}", one.path.display())
                            }
                        }
                    }
                }
                Err(error) if readable => {
                    readable = false;
                    tracing::warn!("requests cannot be read: {error}");
                }
                Err(_) => {}
            }
        }
        while resends.join_next().await.is_some() {}
        guard
    }

    /// A lock that somebody deleted is written again; a guard that somebody deleted is taken again, or we are not alone.
    async fn look_after(&self, guard: &mut Guard, lock: &Lock) {
        if let Err(error @ GuardError::Held { .. }) = guard.renew(&self.layout) {
            self.stop(format!("another worker took this instance after its guard was deleted: {error}"), None).await;
        }
        if !self.layout.lock().exists()
            && let Err(error) = guard.write_lock(lock)
        {
            tracing::warn!("the lock was deleted and cannot be written again: {error}");
        }
    }

    /// A queue file that somebody deleted is written anew by the store; one that cannot be ends the worker, before it takes
    /// in what it could not keep.
    async fn look_after_queue(&self) {
        if let Err(error @ StoreError::CutOff { .. }) = self.store.in_place().await {
            self.board.note(|posted| &mut posted.failed, Some(error.to_string()));
            self.stop(error.to_string(), None).await;
        }
    }

    async fn stop(&self, reason: String, deadline_s: Option<u32>) {
        // Nobody hears it when the worker is stopping already.
        let _stopping = self.stops.send((reason, deadline_s)).await;
    }

    async fn obey(&self, ask: Ask, resends: &mut JoinSet<()>, stop: &CancellationToken) {
        let now = (self.clock)().as_millisecond();
        tracing::info!("asked to {ask:?}");
        match ask {
            Ask::Stop { pid: Some(pid), .. } if pid != std::process::id() => tracing::info!("PID {pid} was meant, which is gone"),
            Ask::Stop { reason, deadline_s, .. } => self.stop(format!("asked to stop: {reason}"), deadline_s).await,
            Ask::Pause => self.order(Order::Pause).await,
            Ask::Resume => self.order(Order::Resume).await,
            Ask::Retry(which) => {
                told("made due", self.store.retry(select(which), now).await);
                self.order(Order::Look).await;
            }
            Ask::Discard(which) => told("discarded", self.store.discard(select(which), now).await),
            Ask::Resend(which) => self.resend(which, resends, stop.clone()),
            Ask::Rescan => {
                // A scan that is asked for already will do.
                let _asked_already = self.scans.try_send(());
            }
        }
        self.board.bell.notify_one();
    }

    async fn order(&self, order: Order) {
        let _stopping = self.orders.send(order).await;
    }

    /// Beside the other requests: with a long history it takes a while, and a stop must not wait for it.
    fn resend(&self, which: Which, resends: &mut JoinSet<()>, stop: CancellationToken) {
        let (store, layout, orders) = (self.store.clone(), self.layout.clone(), self.orders.clone());
        let now = (self.clock)().as_millisecond();
        resends.spawn_blocking(move || {
            let resent = resend::resend(&store, &layout, &which, now, || {
                // A full door has been rung already.
                let _rung = orders.try_send(Order::Look);
                !stop.is_cancelled()
            });
            match resent {
                Ok(resent) => resent.tell(),
                Err(error) => tracing::warn!("delivered reports cannot be found, none is sent again: {error}"),
            }
        });
    }
}

fn select(which: Which) -> Select {
    match which {
        Which::All => Select::All,
        Which::Ids(ids) => Select::Ids(ids),
    }
}

fn told(what: &str, result: Result<u64, StoreError>) {
    match result {
        Ok(count) => tracing::info!("{count} reports {what}"),
        Err(error) => tracing::warn!("reports could not be {what}: {error}"),
    }
}

#[cfg(test)]
mod tests;
