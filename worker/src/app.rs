//! The worker from start to stop, and the order of the rooms, which is known here alone.
//!
//! ```text
//! watch ─Sight→ settle ─SettledFile→ convert ─Taken→ enqueue ─(store)→ upload ─(store)→ archive
//!                  └──────────────── Landing ──────────┘
//! ```
//!
//! Start: settings, guard, log, lock, store, rooms. Stop: taking in and sending close side by side, each room by room in the
//! order of the way; what is under way may end within the time allowed, the rest is given back; the lock goes last. A fault
//! that ends the worker itself leaves a status that says so, and exit code 1.

mod connect;
mod house;
mod life;
mod once;
mod outliving;
mod setup;

use crate::board::Board;
use crate::exit::{Exit, Fatal};
use crate::logging;
use crate::signals::Signals;
use house::House;
use instance::{InstanceId, Layout, ManagedBy};
use jiff::Timestamp;
use setup::Ready;
use std::time::Duration;

/// How a run ends: well, with a code that tells what is left, or because it had to.
pub(crate) type Outcome = Result<Option<Exit>, Fatal>;

/// How a worker is to run.
#[derive(Debug, Clone)]
pub(crate) struct Options {
    pub(crate) instance: InstanceId,
    pub(crate) layout: Layout,
    /// Take what is there, send it, end.
    pub(crate) once: bool,
    /// A worker that runs already is as good.
    pub(crate) if_not_running: bool,
    /// Who restarts the worker.
    pub(crate) managed_by: ManagedBy,
}

/// Runs a worker on a runtime of its own until it has ended. What still hangs in a file system then is left behind.
pub(crate) fn start(options: Options) -> Outcome {
    let Some(ready) = setup::prepare(&options)? else { return Ok(None) };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .max_blocking_threads(most_threads(ready.config.max_concurrent_conversions as usize, ready.rules.len()))
        // Idle threads cost memory; the next burst makes new ones in a millisecond.
        .thread_keep_alive(Duration::from_secs(2))
        .build()
        .map_err(|error| Fatal::new(Exit::Failed, format!("the runtime cannot be started: {error}")))?;
    let layout = options.layout.clone();
    let result = outliving::outliving(&layout, || runtime.block_on(run(ready, options.once)));
    runtime.shutdown_background();
    result
}

/// The threads that may wait for a disk at once: each conversion, per rule as many that hang, a scan and a filing, and what
/// keeps the house: heartbeat, archive, retention, two questions to the store, a name to look up.
fn most_threads(conversions: usize, rules: usize) -> usize {
    (1 + rules) * conversions + 2 * rules + 6
}

/// Runs a worker that may start until it has ended.
async fn run(ready: Ready, once: bool) -> Outcome {
    let mut signals = Signals::listen().map_err(|error| Fatal::new(Exit::Failed, format!("signals cannot be heard: {error}")))?;
    let config = ready.config.clone();
    let board = Board::new(ready.rules.iter().map(|rule| rule.name.clone()), Timestamp::now());
    logging::tell_of_panics(ready.layout.logs(), board.clone());
    let store = setup::open_store(&ready.layout)?;
    board.note(|posted| &mut posted.last_sent, setup::last_sent(&store));
    let once = if once { Some(once::refused(&store).await?) } else { None };
    let house = House::build(ready, board.clone(), store);
    house.settle_in().await;
    board.note(|posted| &mut posted.started, true);
    tracing::info!("WORKER RUNNING");
    tracing::info!("Active converters: {}", house.rules);
    if setup::is_watched() {
        tracing::info!("Press Ctrl+C to stop");
    }
    house.run(&mut signals, &config, once).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn threads_are_bounded_by_what_may_wait_for_a_disk() {
        assert_eq!((most_threads(10, 5), most_threads(1, 0)), (76, 7));
    }
}
