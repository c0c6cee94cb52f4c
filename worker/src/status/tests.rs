//! From the board to the status.

use super::*;
use crate::board::Board;

fn posted() -> Posted {
    let mut posted = Board::new(["ict".to_owned(), "fct".to_owned()], Timestamp::UNIX_EPOCH).read();
    posted.started = true;
    for rule in &mut posted.rules {
        rule.watching = Condition::Good("watching".into());
    }
    posted.server = Server::Good;
    posted
}

fn state(posted: &Posted, pulse: &Pulse) -> (State, String) {
    let identity = Identity { pid: 1, started_at: String::new(), config_hash: String::new() };
    let status = status(&identity, posted, pulse, 0, Timestamp::UNIX_EPOCH, Instant::now());
    (status.status, status.message)
}

#[test]
fn the_worst_part_gives_the_state_and_the_words() {
    let calm = Pulse::default();
    let refused = Pulse { counts: store::Counts { error: 2, ..Default::default() }, ..Pulse::default() };
    type Change = fn(&mut Posted);
    let table: [(Change, &Pulse, State, &str); 15] = [
        (|_| {}, &calm, State::Idle, "No active tasks"),
        (|posted| posted.active = 3, &calm, State::Busy, "Processing tasks (3 active)"),
        (|posted| posted.rules[1].watching = Condition::Degraded("missing".into()), &calm, State::Degraded, "fct: missing"),
        (|posted| posted.rules[0].trouble = Some("locked".into()), &calm, State::Degraded, "ict: locked"),
        (|posted| posted.intake_closed = Some("Queue full".into()), &calm, State::Degraded, "Queue full"),
        (|posted| posted.filling = Some("Queue fills up".into()), &calm, State::Degraded, "Queue fills up"),
        (|posted| posted.server = Server::Down("away".into()), &calm, State::Degraded, "away"),
        (|posted| posted.server = Server::Closed("401".into()), &calm, State::Error, "401"),
        (|posted| posted.paused = true, &calm, State::Degraded, "sending is paused on demand"),
        (|_| {}, &refused, State::Warning, "2 reports were refused by the server; look at the queue"),
        (|posted| posted.started = false, &calm, State::Startup, "Starting"),
        (|posted| (posted.stopping, posted.active) = (true, 1), &calm, State::Shutdown, "Stopping"),
        (|posted| (posted.stopping, posted.stopped) = (true, true), &calm, State::Shutdown, "stopped"),
        (|posted| posted.failed = Some("panic".into()), &calm, State::Failed, "panic"),
        (|posted| (posted.failed, posted.stopped) = (Some("panic".into()), true), &calm, State::Failed, "panic"),
    ];
    for (change, pulse, expected, message) in table {
        let mut posted = posted();
        change(&mut posted);
        assert_eq!(state(&posted, pulse), (expected, message.to_owned()));
    }
}

#[test]
fn busy_lasts_a_moment_longer_than_the_work() {
    let mut posted = posted();
    let ended = Instant::now();
    posted.idle_since = Some(ended);
    assert!(is_busy(&posted, ended + CALM / 2));
    assert!(!is_busy(&posted, ended + CALM));
}

#[test]
fn a_server_nobody_has_asked_yet_is_no_trouble() {
    let mut posted = posted();
    posted.server = Server::Unknown;
    assert_eq!(state(&posted, &Pulse::default()).0, State::Idle);
}

#[test]
fn the_oldest_report_has_an_age_in_seconds() {
    let identity = Identity { pid: 1, started_at: String::new(), config_hash: String::new() };
    let counts = store::Counts { oldest_queued_at: Some(1_000), queued: 1, ..Default::default() };
    let now = Timestamp::from_second(61).unwrap();
    let status = status(&identity, &posted(), &Pulse { counts, ..Pulse::default() }, 7, now, Instant::now());
    assert_eq!((status.queue.oldest_age_s, status.log_lines_dropped), (Some(60), 7));
    assert_eq!(status.updated_at, "1970-01-01T00:01:01.000Z");
}
