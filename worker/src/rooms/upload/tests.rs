//! The upload room by itself: a store on the disk, a server that may or may not be there, a clock that is set by hand.

use super::*;
use crate::board::Server;
use std::cell::Cell;
use store::{Attempt, NewReport, Role, Settlement, Source};
use wats::Connection;

/// A moment in 2026, in Unix milliseconds.
const NOW: i64 = 1_780_000_000_000;

thread_local! {
    static CLOCK: Cell<i64> = const { Cell::new(NOW) };
}

fn clock() -> Timestamp {
    Timestamp::from_millisecond(CLOCK.get()).unwrap()
}

/// A server at a port where nobody listens.
struct Nowhere;

impl Connect for Nowhere {
    fn client(&self) -> Result<Client, String> {
        Client::new(&Connection::new("http://127.0.0.1:9", "test")).map_err(|error| error.to_string())
    }

    fn changed(&self) -> bool {
        false
    }
}

struct Ground {
    _folder: tempfile::TempDir,
    room: Room,
}

/// A room with so many owed reports, none of them under way.
async fn room(owed: u32) -> Ground {
    let folder = tempfile::tempdir().unwrap();
    let (store, _) = Store::open(folder.path().join("queue.db"), Role::Owner, NOW).unwrap();
    if owed > 0 {
        let source =
            Source { rule: "r".into(), path: "/in/a".into(), size: 1, mtime_ns: 1, hash: [1; 32], format: "wsjf".into(), priority: 5 };
        let mut intake = store.intake(source, NOW);
        (0..owed).for_each(|index| intake.push(report(index)).unwrap());
        intake.commit().await.unwrap();
    }
    let (_, orders) = mpsc::channel(1);
    let doors = Doors {
        store,
        owed: Arc::default(),
        delivered: Arc::default(),
        orders,
        connect: Box::new(Nowhere),
        board: Board::new([], clock()),
        clock,
        concurrent: 4,
        paused: false,
    };
    let (mut room, ..) = Room::new(doors);
    room.connect();
    Ground { _folder: folder, room }
}

fn report(index: u32) -> NewReport {
    NewReport {
        step: String::new(),
        id: uuid::Uuid::from_u128(u128::from(index) + 1),
        index,
        body: "{}".into(),
        kind: 'T',
        sn: String::new(),
        pn: String::new(),
        result: String::new(),
        process: String::new(),
        start: String::new(),
        warnings: vec![],
    }
}

/// Leases the only report and settles it as one that waits until then.
async fn waits(room: &Room, next_at: i64) {
    let leased = room.store.lease(1, NOW).await.unwrap();
    let attempt = Attempt { at: NOW, latency_ms: 1, status: Some(503), message: "later".into() };
    room.store.settle(leased[0].ticket, attempt, Settlement::Again { next_at }).await.unwrap();
}

async fn ticks(room: &mut Room) {
    room.due = false;
    room.look_at = Instant::now();
    room.tick().await;
    while room.writes.join_next().await.is_some() {}
}

#[tokio::test]
async fn a_clock_that_is_set_back_leaves_no_report_waiting_for_the_jump() {
    let mut ground = room(1).await;
    let room = &mut ground.room;
    waits(room, NOW + 60_000).await;
    ticks(room).await;
    assert!(!room.due, "in a minute is not now");
    CLOCK.set(NOW - 30 * 60_000);
    ticks(room).await;
    assert!(room.due, "the back-off of a minute became half an hour");
    assert_eq!(room.store.next_due().unwrap(), Some(i64::MIN));
}

#[tokio::test]
async fn a_wait_that_no_back_off_makes_was_written_by_another_clock_and_is_over() {
    let mut ground = room(1).await;
    let room = &mut ground.room;
    waits(room, NOW + 2 * 3_600_000).await;
    ticks(room).await;
    assert!(room.due);
    assert_eq!(room.store.next_due().unwrap(), Some(i64::MIN));
}

#[tokio::test]
async fn what_is_tried_again_is_looked_for_at_its_own_time_and_not_with_the_next_round() {
    let mut ground = room(1).await;
    let room = &mut ground.room;
    let leased = room.store.lease(1, NOW).await.unwrap();
    let attempt = Attempt { at: NOW, latency_ms: 1, status: Some(503), message: "later".into() };
    room.write(leased[0].ticket, attempt, Settlement::Again { next_at: NOW + 700 });
    room.due = false;
    let owes = room.writes.join_next().await.unwrap().unwrap();
    room.look_again(owes);
    let before = Instant::now();
    room.tick().await;
    assert!(room.look_at < before + LOOK / 2, "asked again only after {:?}", room.look_at - before);
}

#[tokio::test]
async fn a_panic_while_a_report_is_sent_gives_the_report_back_and_blames_no_server() {
    let mut ground = room(1).await;
    let room = &mut ground.room;
    let leased = room.store.lease(1, NOW).await.unwrap();
    let working = room.board.working();
    let task = room.flights.spawn(async { panic!("a fault made by this test") });
    room.aloft.insert(task.id(), Flight { ticket: leased[0].ticket, attempts: 0, _working: working });
    let flown = room.flights.join_next_with_id().await.unwrap();
    room.flown(flown);
    while room.writes.join_next().await.is_some() {}
    let counts = room.store.counts().unwrap();
    assert_eq!((counts.queued, counts.processing), (1, 0));
    assert_eq!((room.board.read().active, room.board.read().server), (0, Server::Unknown));
    assert_eq!(room.course.allowed(4, Instant::now()), 4);
}

#[tokio::test]
async fn a_server_that_went_away_while_there_was_nothing_to_send_is_noticed() {
    let mut ground = room(0).await;
    let room = &mut ground.room;
    room.board.server(Server::Good, clock());
    room.fill();
    assert!(room.probe.is_empty(), "what was heard a moment ago is not asked again");
    room.heard_at = Instant::now().checked_sub(CHECK).unwrap();
    room.fill();
    let probed = room.probe.join_next().await.expect("the server is asked");
    room.probed(probed);
    assert!(matches!(room.board.read().server, Server::Down(_)), "{:?}", room.board.read().server);
    room.paused = true;
    room.course = Course::new();
    room.heard_at = Instant::now().checked_sub(CHECK).unwrap();
    room.fill();
    assert!(room.probe.is_empty(), "a paused worker asks nobody");
}

#[tokio::test]
async fn a_panic_in_a_probe_counts_as_no_answer_and_is_no_endless_loop() {
    let mut ground = room(0).await;
    let room = &mut ground.room;
    room.probe.spawn(async { panic!("a fault made by this test") });
    let probed = room.probe.join_next().await.unwrap();
    room.probed(probed);
    assert!(room.course.next().is_some_and(|next| next > Instant::now()));
}

mod simulation;
