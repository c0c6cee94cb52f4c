//! What happens although no report is under way: probes, new tokens, wishes of the operator, the passing of time.

use super::due::{Due, due};
use super::flow::{Flow, Sign};
use super::{CHECK, LOOK, Order, Room};
use crate::board::Server;
use std::time::Instant;
use wats::Problem;

impl Room {
    /// A new client; without one nothing is sent, and the reason is on the board.
    pub(super) fn connect(&mut self) {
        match self.connect.client() {
            Ok(client) => self.client = Some(client),
            Err(why) => {
                self.client = None;
                self.course.saw(Sign::Closed, Instant::now(), 0.0);
                self.board.server(Server::Closed(why), (self.clock)());
            }
        }
    }

    pub(super) fn start_probe(&mut self) {
        if self.client.is_none() || self.connect.changed() {
            self.connect();
        }
        match self.client.clone() {
            Some(client) => {
                self.probe.spawn(async move { client.version().await });
            }
            None => self.course.probed(Sign::Closed, Instant::now(), rand::random()),
        }
    }

    /// Whether so long nothing was heard of a server that should be well that nobody knows whether it is.
    pub(super) fn check_due(&self, now: Instant) -> bool {
        let quiet = self.flights.is_empty() && now.saturating_duration_since(self.heard_at) >= CHECK;
        quiet && !self.paused && self.course.flow() == Flow::Open
    }

    pub(super) fn probed(&mut self, probed: Result<Result<wats::ServerVersion, Problem>, tokio::task::JoinError>) {
        let (now, random) = (Instant::now(), rand::random::<f64>());
        self.heard_at = now;
        // A panic has been told by the panic hook; what it cut short counts as no answer, and is tried again by and by.
        let Ok(probed) = probed else { return self.course.probed(Sign::NoAnswer, now, random) };
        let was = self.course.flow();
        match probed {
            Ok(version) => {
                self.course.probed(Sign::Works, now, random);
                self.due = true;
                self.board.answered(version.latency);
                let gone = matches!(was, Flow::Gone { .. });
                let doubted = gone && self.course.is_doubted();
                // One that kept us out, or answers probes alone, shows with the next report whether it takes reports again.
                if !(doubted || matches!(was, Flow::Closed { .. })) {
                    self.board.server(Server::Good, (self.clock)());
                }
                if gone && !doubted {
                    self.make_due();
                }
            }
            Err(problem) => {
                let closed = !matches!(problem.cause, wats::Cause::Unreachable | wats::Cause::Server);
                self.course.probed(if closed { Sign::Closed } else { Sign::NoAnswer }, now, random);
                let said = format!("{}; reports are kept. {}", problem.message, problem.fix);
                self.board.server(if closed { Server::Closed(said) } else { Server::Down(said) }, (self.clock)());
            }
        }
    }

    /// Everything that waits is due now.
    fn make_due(&mut self) {
        self.due = true;
        let made_due = self.store.due_now((self.clock)().as_millisecond());
        self.writes.spawn(async move {
            if let Err(error) = made_due.await {
                tracing::warn!("what waited for the server keeps its own times: {error}");
            }
            false
        });
    }

    pub(super) fn obey(&mut self, order: Order) {
        match order {
            Order::Pause => self.paused = true,
            Order::Resume => {
                self.paused = false;
                self.course.hurry(Instant::now());
            }
            Order::Look => {}
        }
        self.due = true;
        self.board.note(|posted| &mut posted.paused, self.paused);
    }

    /// Time has passed: reports may have come due, other processes may have queued some, the token may be new.
    pub(super) async fn tick(&mut self) {
        let now = Instant::now();
        if matches!(self.course.flow(), Flow::Closed { .. }) && self.connect.changed() {
            self.course.hurry(now);
        }
        if self.look_at > now {
            return;
        }
        self.look_at = now + LOOK;
        let store = self.store.clone();
        let next = tokio::task::spawn_blocking(move || store.next_due()).await;
        let clock = (self.clock)();
        match next {
            Ok(Ok(Some(next))) => match due(next, clock, std::mem::replace(&mut self.looked, clock)) {
                Due::Now => self.due = true,
                Due::In(wait) => self.look_at = now + wait.min(LOOK),
                Due::WrongClock => {
                    tracing::info!("the clock was set back: what waits for a time that was never meant is sent now");
                    self.make_due();
                }
            },
            Ok(Ok(None)) => self.looked = clock,
            Err(_) => {}
            Ok(Err(error)) => tracing::warn!("owed reports cannot be read: {error}"),
        }
    }
}
