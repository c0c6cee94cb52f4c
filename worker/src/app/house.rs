//! The rooms, joined by their channels. Nothing here runs before all of it is joined.

use super::connect::Configured;
use super::setup::Ready;
use crate::board::Board;
use crate::budget::{Budget, Limits};
use crate::heartbeat::Heartbeat;
use crate::requests::Requests;
use crate::retention::{self, Keep};
use crate::rooms::{archive, convert, enqueue, settle, upload, watch};
use crate::rule::Rule;
use crate::status::Identity;
use instance::{Config, Guard, Layout, Lock};
use jiff::Timestamp;
use std::sync::Arc;
use store::Store;
use tokio::sync::{Notify, mpsc, watch as latest};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// Running rooms with their names, in the order of the way.
pub(super) type Rooms = Vec<(&'static str, JoinHandle<()>)>;

/// All rooms and what is needed to close them again.
pub(super) struct House {
    /// How many watch rules there are.
    pub(super) rules: usize,
    pub(super) board: Board,
    pub(super) store: Store,
    pub(super) beat: Heartbeat,
    /// Stops taking in.
    pub(super) intake: CancellationToken,
    /// Stops sending and archiving.
    pub(super) sending: CancellationToken,
    /// Stops what keeps the house: heartbeat, requests, retention.
    pub(super) keeping: CancellationToken,
    pub(super) taking: Rooms,
    pub(super) sends: Rooms,
    pub(super) keeps: Rooms,
    /// Keeps the guard and gives it back; `None` when it was lost to another worker.
    pub(super) guard: JoinHandle<Option<Guard>>,
    pub(super) stops: mpsc::Receiver<(String, Option<u32>)>,
    pub(super) progress: latest::Receiver<settle::Progress>,
}

/// What more than one room needs.
struct Site {
    layout: Layout,
    config: Config,
    rules: Vec<Arc<Rule>>,
    board: Board,
    store: Store,
    budget: Arc<Budget>,
    clock: fn() -> Timestamp,
    /// Rung when reports are owed.
    owed: Arc<Notify>,
    intake: CancellationToken,
    sending: CancellationToken,
    keeping: CancellationToken,
}

impl House {
    pub(super) fn build(ready: Ready, board: Board, store: Store) -> House {
        let Ready { layout, config, rules, guard, lock, dropped, defaults } = ready;
        let limits = Limits { reports: config.max_queue_size, bytes: mib(config.max_queue_mib), free: mib(config.min_free_mib) };
        let new = CancellationToken::new;
        let (budget, owed, clock) = (Arc::new(Budget::new(limits)), Arc::new(Notify::new()), Timestamp::now);
        let site = Site { layout, config, rules, board, store, budget, clock, owed, intake: new(), sending: new(), keeping: new() };
        let (orders, ordered) = mpsc::channel(16);
        let (scans, asks) = mpsc::channel(1);
        let (stopper, stops) = mpsc::channel(4);
        let (progress, progressed) = latest::channel(settle::Progress::default());
        let identity = Identity { pid: lock.pid, started_at: lock.started_at.clone(), config_hash: lock.config_hash.clone() };
        let beat = Heartbeat {
            layout: site.layout.clone(),
            identity,
            board: site.board.clone(),
            store: site.store.clone(),
            budget: site.budget.clone(),
            dropped,
            clock,
            last: Arc::default(),
        };
        let requests = Requests {
            layout: site.layout.clone(),
            store: site.store.clone(),
            board: site.board.clone(),
            orders,
            scans,
            stops: stopper,
            clock,
        };
        House {
            rules: site.rules.len(),
            taking: site.taking(defaults, asks, progress),
            sends: site.sends(ordered),
            keeps: vec![("heartbeat", tokio::spawn(beat.clone().run(site.keeping.clone()))), ("retention", site.retention())],
            guard: tokio::spawn(keep(requests, guard, lock, site.keeping.clone())),
            board: site.board,
            store: site.store,
            beat,
            intake: site.intake,
            sending: site.sending,
            keeping: site.keeping,
            stops,
            progress: progressed,
        }
    }
}

impl Site {
    /// From the folder to the store.
    fn taking(&self, defaults: converters::Defaults, asks: mpsc::Receiver<()>, progress: latest::Sender<settle::Progress>) -> Rooms {
        let conversions = self.config.max_concurrent_conversions as usize;
        let (sights, seen) = mpsc::channel(16);
        let (settled, to_convert) = mpsc::channel(conversions);
        let (taken, to_commit) = mpsc::channel(256);
        let (landings, landed) = mpsc::channel(1024);
        let max_bytes = mib(u64::from(self.config.max_file_mib));
        let shop = convert::Shop::new(self.store.clone(), self.board.clone(), defaults, max_bytes, self.clock);
        let watching = watch::Doors { sights, asks, board: self.board.clone() };
        let settling = settle::Doors { sights: seen, landings: landed, settled, budget: self.budget.clone(), progress };
        let converting = convert::Doors { settled: to_convert, taken, landings: landings.clone() };
        let enqueuing = enqueue::Doors {
            store: self.store.clone(),
            landings,
            owed: self.owed.clone(),
            board: self.board.clone(),
            budget: self.budget.clone(),
            clock: self.clock,
        };
        vec![
            ("watch", tokio::spawn(watch::run(self.rules.clone(), watching, self.intake.clone()))),
            ("settle", tokio::spawn(settle::run(settling, self.intake.clone()))),
            ("convert", tokio::spawn(convert::run(converting, Arc::new(shop), conversions))),
            ("enqueue", tokio::spawn(enqueue::run(to_commit, enqueuing))),
        ]
    }

    /// From the store to the server, and to the archive.
    fn sends(&self, orders: mpsc::Receiver<upload::Order>) -> Rooms {
        let delivered = Arc::new(Notify::new());
        let uploading = upload::Doors {
            store: self.store.clone(),
            owed: self.owed.clone(),
            delivered: delivered.clone(),
            orders,
            connect: Box::new(Configured::new(self.layout.clone(), self.config.clone())),
            board: self.board.clone(),
            clock: self.clock,
            concurrent: self.config.max_concurrent_uploads as usize,
            paused: self.config.paused,
        };
        let archiving = archive::Doors { store: self.store.clone(), delivered, folder: self.layout.reports() };
        vec![
            ("upload", tokio::spawn(upload::run(uploading, self.sending.clone()))),
            ("archive", tokio::spawn(archive::run(archiving, self.sending.clone()))),
        ]
    }

    fn retention(&self) -> JoinHandle<()> {
        let keep = Keep {
            reports_days: self.config.reports_keep_days,
            history_days: self.config.history_keep_days,
            done_days: self.config.done_keep_days,
            reports: self.layout.reports(),
            done: Keep::done_folders(&self.rules),
            filled: Keep::filled_folders(&self.rules),
        };
        tokio::spawn(retention::run(keep, self.store.clone(), self.clock, self.keeping.clone()))
    }
}

async fn keep(requests: Requests, guard: Guard, lock: Lock, stop: CancellationToken) -> Option<Guard> {
    Some(requests.run(guard, lock, stop).await)
}

fn mib(count: u64) -> u64 {
    count << 20
}
