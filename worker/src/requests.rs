//! What the app and the command line ask of the running worker: taken from `requests/` once a second, carried out at once.

use crate::archive;
use crate::board::Board;
use crate::rooms::upload::Order;
use instance::{Ask, Guard, GuardError, Layout, Lock, Which};
use jiff::Timestamp;
use std::time::{Duration, Instant};
use store::{Select, Store, StoreError, Ticket, View};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

const EVERY: Duration = Duration::from_secs(1);
/// How often the lock and the guard are looked after.
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
        loop {
            tokio::select! {
                () = stop.cancelled() => return guard,
                () = tokio::time::sleep(EVERY) => {}
            }
            if looked_after.elapsed() >= LOOK_AFTER {
                looked_after = Instant::now();
                self.look_after(&mut guard, &lock).await;
            }
            match instance::requests::take(&self.layout) {
                Ok(taken) => {
                    readable = true;
                    for one in taken {
                        match one.ask {
                            Ok(ask) => self.obey(ask).await,
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

    async fn stop(&self, reason: String, deadline_s: Option<u32>) {
        // Nobody hears it when the worker is stopping already.
        let _stopping = self.stops.send((reason, deadline_s)).await;
    }

    async fn obey(&self, ask: Ask) {
        let now = (self.clock)().as_millisecond();
        tracing::info!("asked to {ask:?}");
        match ask {
            Ask::Stop { reason, deadline_s } => self.stop(format!("asked to stop: {reason}"), deadline_s).await,
            Ask::Pause => self.order(Order::Pause).await,
            Ask::Resume => self.order(Order::Resume).await,
            Ask::Retry(which) => {
                told("made due", self.store.retry(select(which), now).await);
                self.order(Order::Look).await;
            }
            Ask::Discard(which) => told("discarded", self.store.discard(select(which), now).await),
            Ask::Resend(which) => {
                self.resend(which).await;
                self.order(Order::Look).await;
            }
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

    async fn resend(&self, which: Which) {
        let (store, layout, now) = (self.store.clone(), self.layout.clone(), (self.clock)().as_millisecond());
        let sent = tokio::task::spawn_blocking(move || match which {
            Which::Ids(ids) => ids.into_iter().map(|id| (id, resend(&store, &layout, Ticket(id), now))).collect::<Vec<_>>(),
            Which::All => Vec::new(),
        });
        for (id, result) in sent.await.unwrap_or_default() {
            match result {
                Ok(()) => tracing::info!("ticket {id} is owed again"),
                Err(error) => tracing::warn!("ticket {id} cannot be sent again: {error}"),
            }
        }
    }
}

/// Owes a delivered report again; its body comes from the archive where the store has given it away.
fn resend(store: &Store, layout: &Layout, ticket: Ticket, now: i64) -> Result<(), String> {
    match store.resend(ticket, None, now).wait() {
        Err(StoreError::BodyGone(_)) => {
            let view = View::open(layout.queue_db()).map_err(|error| error.to_string())?;
            let place = view.map(|view| view.report(ticket.0)).transpose().map_err(|error| error.to_string())?;
            let place = place.flatten().and_then(|detail| detail.archived).ok_or("its body is neither in the queue nor in the archive")?;
            let body = archive::read(&layout.reports(), &place).map_err(|error| format!("reports/{}: {error}", place.file))?;
            store.resend(ticket, Some(body), now).wait().map_err(|error| error.to_string())
        }
        other => other.map_err(|error| error.to_string()),
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
