//! Stopping, with rooms made by hand: ones that end, that hang, that panic.

use super::*;
use crate::board::Board;
use crate::budget::{Budget, Limits};
use crate::heartbeat::Heartbeat;
use crate::rooms::settle::Progress;
use crate::status::Identity;
use instance::{Layout, Lock, Scope, State};
use jiff::Timestamp;
use std::sync::Arc;
use store::{Role, Store};
use tokio::sync::{Notify, mpsc, watch};
use tokio_util::sync::CancellationToken;

struct Ground {
    _folder: tempfile::TempDir,
    house: House,
    stop: mpsc::Sender<(String, Option<u32>)>,
    _progress: watch::Sender<Progress>,
}

/// A house without rooms, whose guard is kept as long as the house is.
fn house() -> Ground {
    let folder = tempfile::tempdir().unwrap();
    let layout = Layout::at(folder.path(), Scope::User);
    layout.create().unwrap();
    let guard = Guard::acquire(&layout).unwrap();
    guard.write_lock(&Lock { pid: std::process::id(), ..Lock::default() }).unwrap();
    let (store, _) = Store::open(layout.queue_db(), Role::Owner, 0).unwrap();
    let board = Board::new([], Timestamp::UNIX_EPOCH);
    let (stop, stops) = mpsc::channel(1);
    let (told, progress) = watch::channel(Progress::default());
    let keeping = CancellationToken::new();
    let beat = Heartbeat {
        layout,
        identity: Identity { pid: std::process::id(), started_at: String::new(), config_hash: String::new() },
        board: board.clone(),
        store: store.clone(),
        budget: Arc::new(Budget::new(Limits { reports: 0, bytes: 0, free: 0 })),
        dropped: instance::logs::Dropped::default(),
        clock: Timestamp::now,
        last: Arc::default(),
    };
    let kept = keeping.clone();
    let guard = tokio::spawn(async move {
        kept.cancelled().await;
        Some(guard)
    });
    let (intake, sending) = (CancellationToken::new(), CancellationToken::new());
    let (taking, sends, keeps) = (vec![], vec![], vec![]);
    let house = House { rules: 0, board, store, beat, intake, sending, keeping, taking, sends, keeps, guard, stops, progress };
    Ground { _folder: folder, house, stop, _progress: told }
}

/// Runs the house to its end; how that was, the last status, and whether the lock is still there.
async fn run(ground: Ground) -> (Outcome, instance::status::Status, bool) {
    let layout = ground.house.beat.layout.clone();
    let mut signals = Signals::listen().unwrap();
    let ended = ground.house.run(&mut signals, &Config::default(), None).await;
    let last = instance::status::read(&layout).unwrap().unwrap();
    (ended, last, layout.lock().exists())
}

fn exit(ended: &Outcome) -> Option<Exit> {
    ended.as_ref().err().map(|fatal| fatal.exit)
}

#[tokio::test]
async fn a_stop_in_good_order_says_stopped_takes_the_lock_away_and_is_well() {
    let ground = house();
    ground.stop.send(("asked".to_owned(), None)).await.unwrap();
    let (ended, last, locked) = run(ground).await;
    assert_eq!((ended, last.status, last.message.as_str(), locked), (Ok(None), State::Shutdown, "stopped", false));
}

#[tokio::test]
async fn a_stop_that_runs_out_of_time_still_takes_the_lock_away_and_says_that_something_was_left() {
    let mut ground = house();
    ground.house.taking = vec![("watch", tokio::spawn(std::future::pending()))];
    ground.stop.send(("asked".to_owned(), Some(0))).await.unwrap();
    let (ended, last, locked) = run(ground).await;
    assert_eq!((exit(&ended), last.status, last.message.as_str(), locked), (Some(Exit::Timeout), State::Shutdown, "stopped", false));
}

#[tokio::test]
async fn an_intake_that_hangs_takes_no_time_from_what_is_under_way_to_the_server() {
    let mut ground = house();
    let house = &mut ground.house;
    let sent = Arc::new(Notify::new());
    let (sending, delivered) = (house.sending.clone(), sent.clone());
    house.sends = vec![(
        "upload",
        tokio::spawn(async move {
            sending.cancelled().await;
            delivered.notify_one();
        }),
    )];
    // Hangs until the last report is delivered.
    house.taking = vec![("convert", tokio::spawn(async move { sent.notified().await }))];
    assert_eq!(house.close(Duration::from_secs(20)).await, Ok(()));
}

#[tokio::test]
async fn a_panic_in_what_keeps_the_house_ends_the_worker_as_failed() {
    let mut ground = house();
    ground.house.keeps = vec![("heartbeat", tokio::spawn(async { panic!("a fault made by this test") }))];
    let (ended, last, locked) = run(ground).await;
    assert_eq!((exit(&ended), last.status, locked), (Some(Exit::Failed), State::Failed, false));
    assert!(last.message.contains("heartbeat"), "{}", last.message);
}

#[tokio::test]
async fn a_panic_of_who_holds_the_guard_ends_the_worker_as_failed_and_lets_no_other_in_before() {
    let mut ground = house();
    let layout = ground.house.beat.layout.clone();
    ground.house.guard.abort();
    let _freed = (&mut ground.house.guard).await;
    ground.house.take_guard_again();
    assert!(Guard::acquire(&layout).is_err(), "a second worker could begin");
    ground.house.guard.abort();
    let (ended, last, locked) = run(ground).await;
    assert_eq!((exit(&ended), last.status, locked), (Some(Exit::Failed), State::Failed, false));
}
