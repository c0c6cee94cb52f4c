//! The heartbeat: measures store and disk, moves the gate of intake, replaces `status.json`, says now and then how it goes.
//!
//! Every 2 s while busy, every 5 s while idle, at once when a state changes. Decides nothing itself: see `status` and `budget`.

use crate::board::Board;
use crate::budget::{Budget, Use};
use crate::status::{Identity, Pulse, is_busy, status};
use crate::still::Still;
use crate::stuck::{self, Waiting};
use instance::logs::Dropped;
use instance::{Layout, State};
use jiff::{Timestamp, Zoned};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use store::Store;
use tokio_util::sync::CancellationToken;

const BUSY: Duration = Duration::from_secs(2);
const IDLE: Duration = Duration::from_secs(5);
/// Between two writes, however often the bell rings.
const LEAST: Duration = Duration::from_millis(200);
/// How often the log says how it goes.
const HEALTH: Duration = Duration::from_secs(300);

/// Beats; a copy beats for the same worker.
#[derive(Clone)]
pub(crate) struct Heartbeat {
    pub(crate) layout: Layout,
    pub(crate) identity: Identity,
    pub(crate) board: Board,
    pub(crate) store: Store,
    pub(crate) budget: Arc<Budget>,
    pub(crate) dropped: Dropped,
    pub(crate) clock: fn() -> Timestamp,
    /// The last measure, for the last word of a worker whose disk hangs.
    pub(crate) last: Arc<Mutex<Pulse>>,
}

impl Heartbeat {
    /// Beats until `stop`.
    pub(crate) async fn run(self, stop: CancellationToken) {
        let mut told_at = Instant::now();
        let mut could_write = true;
        let (mut still, mut looked_at) = (Still::default(), Instant::now());
        while !stop.is_cancelled() {
            let pulse = self.measure().await;
            let elapsed = std::mem::replace(&mut looked_at, Instant::now()).elapsed();
            stuck::look(&mut still, &self.board, pulse.waiting, elapsed, (self.clock)());
            could_write = self.write(&pulse, could_write);
            if told_at.elapsed() >= HEALTH {
                told_at = Instant::now();
                self.tell(&pulse);
            }
            let rest = if is_busy(&self.board.read(), Instant::now()) { BUSY } else { IDLE };
            tokio::select! {
                () = stop.cancelled() => return,
                () = async {
                    tokio::time::sleep(LEAST).await;
                    tokio::select! {
                        () = self.board.bell.notified() => {}
                        () = tokio::time::sleep(rest - LEAST) => {}
                    }
                } => {}
            }
        }
    }

    /// One beat outside the rhythm, for the moments of starting and stopping.
    pub(crate) async fn once(&self) {
        let pulse = self.measure().await;
        self.write(&pulse, true);
    }

    /// One last beat with what was measured last: asks neither store nor disk.
    pub(crate) fn last_word(&self) {
        let pulse = self.last.lock().unwrap_or_else(PoisonError::into_inner).clone();
        self.write(&pulse, true);
    }

    async fn measure(&self) -> Pulse {
        let (store, now, folder) = (self.store.clone(), (self.clock)(), self.layout.dir().to_owned());
        let pulse = tokio::task::spawn_blocking(move || measure(&store, now, &folder)).await.unwrap_or_default();
        let used = Use {
            reports: pulse.counts.queued + pulse.counts.processing,
            bytes: pulse.counts.owed_bytes,
            free: pulse.free,
            refused: pulse.refused,
        };
        let reason = self.budget.count(used);
        if let Some(reason) = reason.as_ref().filter(|_| self.board.read().intake_closed.is_none()) {
            tracing::warn!("intake pauses: {reason}");
        } else if reason.is_none() && self.board.read().intake_closed.is_some() {
            tracing::info!("there is room again: intake goes on");
        }
        self.board.note(|posted| &mut posted.intake_closed, reason);
        let told = self.board.read().filling.is_some();
        let filling = self.budget.filling(used, told);
        if let Some(why) = filling.as_ref().filter(|_| !told) {
            tracing::warn!("{why}");
        }
        self.board.note(|posted| &mut posted.filling, filling);
        pulse.clone_into(&mut self.last.lock().unwrap_or_else(PoisonError::into_inner));
        pulse
    }

    /// Writes the status; whether that worked. A failure is said once, not every two seconds.
    fn write(&self, pulse: &Pulse, could_write: bool) -> bool {
        let status = status(&self.identity, &self.board.read(), pulse, self.dropped.count(), (self.clock)(), Instant::now());
        match instance::status::write(&self.layout, &status) {
            Ok(()) => true,
            Err(error) => {
                if could_write {
                    tracing::warn!("the status cannot be written: {error}");
                }
                false
            }
        }
    }

    fn tell(&self, pulse: &Pulse) {
        let posted = self.board.read();
        let status = status(&self.identity, &posted, pulse, self.dropped.count(), (self.clock)(), Instant::now());
        let running = status.converters.iter().filter(|rule| rule.status == State::Ok).count();
        let (all, counts) = (status.converters.len(), &pulse.counts);
        tracing::info!(
            queued = counts.queued,
            error = counts.error,
            sent_today = pulse.sent_today,
            "Health check: {running}/{all} converters running, {}",
            status.message
        );
    }
}

fn measure(store: &Store, now: Timestamp, folder: &Path) -> Pulse {
    let midnight = Zoned::new(now, jiff::tz::TimeZone::system()).start_of_day().map_or(now, |day| day.timestamp());
    let asked = store.counts().and_then(|counts| {
        Ok(Pulse {
            counts,
            sent_today: store.sent_since(midnight.as_millisecond())?,
            sent_total: store.sent_since(0)?,
            free: None,
            waiting: Waiting {
                due: counts.processing > 0 || store.next_due()?.is_some_and(|due| due <= now.as_millisecond()),
                unarchived: store.oldest_unarchived()?,
            },
            refused: false,
            trouble: store.take_rescue().map(|rescue| {
                format!("the queue file was damaged; what was readable was rescued, the rest is in {}", rescue.aside.display())
            }),
        })
    });
    let pulse = asked.unwrap_or_else(|error| Pulse { trouble: Some(format!("the queue cannot be read: {error}")), ..Pulse::default() });
    let pulse = Pulse { free: fs4::available_space(folder).ok(), ..pulse };
    match store.trouble() {
        // Tried again with every beat, and with nothing else: files that wait for it must not be read over and over.
        Some(error) => Pulse { refused: true, trouble: Some(format!("nothing can be queued now: {error}")), ..pulse },
        None => pulse,
    }
}
