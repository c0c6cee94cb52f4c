//! What an answer of the server does: to the course of things, to the board and the log, and to the books.

use super::flow::{Flow, Sign};
use super::{Flight, Room, verdicts};
use crate::board::Server;
use std::time::{Duration, Instant};
use store::{Attempt, Settlement, StoreError, Ticket};
use tokio::task::{Id, JoinError};
use wats::{Answer, Verdict};

/// Between two attempts to write down an answer on a disk that refuses.
const WRITE_AGAIN: Duration = Duration::from_secs(1);

impl Room {
    /// Takes in how a flight ended. One that ended in a panic says nothing about the server, and its report stays owed.
    pub(super) fn flown(&mut self, flown: Result<(Id, Answer), JoinError>) {
        self.board.attempted();
        let id = flown.as_ref().map_or_else(JoinError::id, |(id, _)| *id);
        match (self.aloft.remove(&id), flown) {
            (Some(flight), Ok((_, answer))) => self.landed(flight, &answer),
            (Some(flight), Err(_)) => {
                let reason = "the sending ended in a fault of Lineside; see the newest panic file in the folder of the logs".to_owned();
                let answer = Answer { verdict: Verdict::Again { reason, retry_after: None }, status: None, latency: Duration::ZERO };
                self.write_down(&flight, &answer, rand::random());
            }
            (None, _) => {}
        }
    }

    fn landed(&mut self, flight: Flight, answer: &Answer) {
        let (now, random) = (Instant::now(), rand::random::<f64>());
        self.heard_at = now;
        self.pace.settled(&answer.verdict, answer.latency);
        let sign = verdicts::sign(answer);
        self.course.saw(sign, now, random);
        self.tell(sign, answer, flight.ticket);
        self.write_down(&flight, answer, random);
    }

    fn write_down(&mut self, flight: &Flight, answer: &Answer, random: f64) {
        let (attempt, settlement) = verdicts::settled(answer, flight.attempts, (self.clock)(), random);
        self.write(flight.ticket, attempt, settlement);
    }

    /// Says on the board and in the log what the answer means.
    fn tell(&self, sign: Sign, answer: &Answer, ticket: Ticket) {
        let now = (self.clock)();
        match &answer.verdict {
            Verdict::Accepted { .. } => {
                self.board.sent(now);
                tracing::debug!(%ticket, latency = ?answer.latency, "sent");
            }
            Verdict::AlreadyThere { note } => {
                self.board.sent(now);
                tracing::info!(%ticket, "the server had it already: {note}");
            }
            Verdict::Again { reason, .. } => tracing::info!(%ticket, "not sent, tried again: {reason}"),
            Verdict::Refused { reason } => tracing::warn!(%ticket, "refused by the server, kept in the queue: {reason}"),
            Verdict::Paused { .. } => {}
        }
        match (sign, self.course.flow(), &answer.verdict) {
            (Sign::Works, ..) => {
                self.board.answered(answer.latency);
                self.board.server(Server::Good, now);
            }
            (_, Flow::Closed { .. }, Verdict::Paused { cause, reason }) => {
                self.board.server(Server::Closed(format!("{reason}; nothing is sent until this changes. {}", cause.fix())), now);
            }
            (_, Flow::Gone { .. }, Verdict::Again { reason, .. }) => {
                self.board.server(Server::Down(format!("{reason}; reports are kept and sent when it is back")), now);
            }
            (_, Flow::Resting(_), Verdict::Again { reason, .. }) => {
                self.board.server(Server::Down(format!("{reason}; it is left alone for a moment")), now);
            }
            _ => {}
        }
    }

    /// Writes down how a lease ended, again and again where the disk refuses: what was delivered must not be forgotten.
    pub(super) fn write(&mut self, ticket: Ticket, attempt: Attempt, settlement: Settlement) {
        let (store, delivered) = (self.store.clone(), self.delivered.clone());
        self.writes.spawn(async move {
            loop {
                match store.settle(ticket, attempt.clone(), settlement.clone()).await {
                    Err(error @ StoreError::Database { .. }) => {
                        tracing::warn!(%ticket, "an answer of the server cannot be written down, tried again: {error}");
                        tokio::time::sleep(WRITE_AGAIN).await;
                    }
                    Err(error) => {
                        tracing::warn!(%ticket, "{error}");
                        return true;
                    }
                    Ok(()) => break,
                }
            }
            if matches!(settlement, Settlement::Accepted { .. } | Settlement::AlreadyThere { .. }) {
                delivered.notify_one();
            }
            matches!(settlement, Settlement::Again { .. })
        });
    }
}
