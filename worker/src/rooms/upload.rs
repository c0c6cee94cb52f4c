//! The upload room: owed reports to the server, several at a time, for ever.
//!
//! Promises: what the server did not take stays owed; an outage is probed for and not hammered at; a server that does not
//! let us in pauses everything, says why and is tried again by itself, also with a new token; at a stop what is under way
//! may end and the rest is given back; that status tells whether the server can be reached also when there is nothing to
//! send. The decisions are in `due`, `flow`, `shelf` and `verdicts`, the judgement of answers in `wats`.

mod answers;
mod due;
mod flow;
mod probing;
mod shelf;
mod verdicts;

use crate::board::{Board, Working};
use bytes::Bytes;
use flow::Course;
use jiff::Timestamp;
use shelf::Shelf;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};
use store::{Leased, Reply, Store, StoreError, Ticket};
use tokio::sync::{Notify, mpsc};
use tokio::task::{Id, JoinSet};
use tokio_util::sync::CancellationToken;
use wats::{Answer, Client, Problem};

/// How often the store is asked what is due when nobody tells.
const LOOK: Duration = Duration::from_secs(5);
/// Reports under way at once, whatever the pace.
const MOST: usize = 32;
/// A server from which nothing was heard so long is asked how it is; with the time a connection may take to fail, its state is
/// never older than a minute.
const CHECK: Duration = Duration::from_secs(45);

/// What the operator wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Order {
    Pause,
    Resume,
    /// Something became owed or due by another way than the rooms.
    Look,
}

/// Makes clients: again when the token has changed.
pub(crate) trait Connect: Send {
    /// A client with what is configured now, or in words why there is none.
    fn client(&self) -> Result<Client, String>;
    /// Whether the token changed since the last client was made.
    fn changed(&self) -> bool;
}

/// The doors of the upload room.
pub(crate) struct Doors {
    pub(crate) store: Store,
    pub(crate) owed: Arc<Notify>,
    /// Rung when a report was delivered.
    pub(crate) delivered: Arc<Notify>,
    pub(crate) orders: mpsc::Receiver<Order>,
    pub(crate) connect: Box<dyn Connect>,
    pub(crate) board: Board,
    pub(crate) clock: fn() -> Timestamp,
    /// Reports under way at the start; adapted from there.
    pub(crate) concurrent: usize,
    pub(crate) paused: bool,
}

/// A report under way.
struct Flight {
    ticket: Ticket,
    attempts: u32,
    _working: Working,
}

struct Room {
    store: Store,
    board: Board,
    clock: fn() -> Timestamp,
    connect: Box<dyn Connect>,
    client: Option<Client>,
    course: Course,
    pace: wats::pace::Pace,
    shelf: Shelf,
    flights: JoinSet<Answer>,
    /// What is under way, kept apart from the tasks: a task that panics takes nothing with it.
    aloft: HashMap<Id, Flight>,
    /// What is being written down; each tells whether something is owed again afterwards.
    writes: JoinSet<bool>,
    probe: JoinSet<Result<wats::ServerVersion, Problem>>,
    lease: Option<Reply<Vec<Leased>>>,
    /// There may be something due in the store.
    due: bool,
    /// When to ask the store again.
    look_at: Instant,
    /// When it was asked last, by the clock of the world, to notice that this was set back.
    looked: Timestamp,
    /// When the server last answered or failed to.
    heard_at: Instant,
    paused: bool,
    delivered: Arc<Notify>,
}

/// Runs until `stop`, then until what is under way has ended and the rest is given back.
pub(crate) async fn run(doors: Doors, stop: CancellationToken) {
    let (mut room, owed, mut orders) = Room::new(doors);
    room.board.note(|posted| &mut posted.paused, room.paused);
    room.connect();
    if !room.paused && room.client.is_some() {
        room.start_probe();
    }
    while !stop.is_cancelled() {
        room.fill();
        let wake = room.course.next().map_or(room.look_at, |next| next.min(room.look_at)).max(Instant::now() + Duration::from_millis(5));
        tokio::select! {
            () = stop.cancelled() => {}
            Some(flown) = room.flights.join_next_with_id() => room.flown(flown),
            Some(owes) = room.writes.join_next() => room.look_again(owes.unwrap_or(true)),
            Some(probed) = room.probe.join_next() => room.probed(probed),
            leased = answered(&mut room.lease) => room.leased(leased),
            () = owed.notified() => room.due = true,
            Some(order) = orders.recv() => room.obey(order),
            () = tokio::time::sleep_until(wake.into()) => room.tick().await,
        }
    }
    room.drain().await;
}

/// The answer to the lease that was asked for; never, where none was.
async fn answered(lease: &mut Option<Reply<Vec<Leased>>>) -> Result<Vec<Leased>, StoreError> {
    match lease {
        Some(reply) => {
            let answer = reply.await;
            *lease = None;
            answer
        }
        None => std::future::pending().await,
    }
}

impl Room {
    /// The room, and the doors at which it is called.
    fn new(doors: Doors) -> (Room, Arc<Notify>, mpsc::Receiver<Order>) {
        let Doors { store, owed, delivered, orders, connect, board, clock, concurrent, paused } = doors;
        let now = Instant::now();
        let room = Room {
            store,
            board,
            clock,
            connect,
            client: None,
            course: Course::new(),
            pace: wats::pace::Pace::new(concurrent, MOST),
            shelf: Shelf::default(),
            flights: JoinSet::new(),
            aloft: HashMap::new(),
            writes: JoinSet::new(),
            probe: JoinSet::new(),
            lease: None,
            due: true,
            look_at: now + LOOK,
            looked: clock(),
            heard_at: now,
            paused,
            delivered,
        };
        (room, owed, orders)
    }

    /// Sends what may be sent and leases what will be sent next.
    fn fill(&mut self) {
        let open = self.fill_up();
        let idle = self.flights.is_empty() && self.writes.is_empty() && self.shelf.is_empty();
        self.board.sending(open, idle);
    }

    /// Whether anything may be sent now.
    fn fill_up(&mut self) -> bool {
        let now = Instant::now();
        if self.probe.is_empty() && (self.course.probe_due(now) || self.check_due(now)) {
            self.start_probe();
        }
        let allowed = if self.paused || self.client.is_none() { 0 } else { self.course.allowed(self.pace.limit(), now) };
        while self.flights.len() < allowed
            && let (Some(client), Some(leased)) = (self.client.clone(), self.shelf.take())
        {
            let Leased { ticket, report_id, body, attempts } = leased;
            let task = self.flights.spawn(async move { client.submit(report_id, Bytes::from(body)).await });
            self.aloft.insert(task.id(), Flight { ticket, attempts, _working: self.board.working() });
        }
        if allowed == 0 {
            self.give_back("sending is paused");
            return false;
        }
        let wanted = self.shelf.wanted(allowed);
        if self.due && self.lease.is_none() && wanted > 0 {
            self.due = false;
            self.lease = Some(self.store.lease(wanted, (self.clock)().as_millisecond()));
        }
        true
    }

    fn leased(&mut self, leased: Result<Vec<Leased>, StoreError>) {
        match leased {
            Ok(leased) => {
                // Something was there, so there may be more; an empty hand ends the asking until someone rings.
                self.due |= !leased.is_empty();
                self.look_again(leased.is_empty());
                self.shelf.put(leased);
            }
            Err(error) => tracing::warn!("owed reports cannot be read: {error}"),
        }
    }

    /// Asks the store at once when its next report is due, if that may have changed: what waits for a later try is due by its own time.
    fn look_again(&mut self, changed: bool) {
        if changed {
            self.look_at = Instant::now();
        }
    }

    fn give_back(&mut self, why: &str) {
        let waiting: Vec<Ticket> = self.shelf.clear().map(|leased| leased.ticket).collect();
        self.due |= !waiting.is_empty();
        for ticket in waiting {
            let (attempt, settlement) = verdicts::released((self.clock)(), why);
            self.write(ticket, attempt, settlement);
        }
    }

    /// Ends in good order: what is under way may end, what only waited is given back, every answer is written down.
    async fn drain(&mut self) {
        if let Some(reply) = self.lease.take()
            && let Ok(leased) = reply.await
        {
            self.shelf.put(leased);
        }
        self.give_back("the worker is stopping");
        while let Some(flown) = self.flights.join_next_with_id().await {
            self.flown(flown);
        }
        while self.writes.join_next().await.is_some() {}
    }
}

#[cfg(test)]
mod tests;
