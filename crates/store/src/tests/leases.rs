//! Leases: the order of what is due, and how a lease ends.

use super::{Ground, NOW, accepted, attempt, commit, deliver_all, id, lease, refused, report, settle, source};
use crate::{Attempt, Millis, Settlement, Source, State, Store, StoreError, Ticket};

fn ids(store: &Store, n: usize, now: Millis) -> Vec<uuid::Uuid> {
    store.lease(n, now).wait().unwrap().into_iter().map(|leased| leased.report_id).collect()
}

#[test]
fn priority_one_overtakes_and_inside_a_priority_the_first_goes_first() {
    let ground = Ground::new();
    let store = ground.owner();
    for (n, priority) in [(0, 10), (1, 5), (2, 1), (3, 5), (4, 0), (5, 200)] {
        commit(&store, Source { priority, ..source(&n.to_string()) }, [report(n)]);
    }
    assert_eq!(ids(&store, 2, NOW), [id(2), id(4)], "0 counts as 1");
    assert_eq!(ids(&store, 10, NOW), [id(1), id(3), id(0), id(5)], "200 counts as 10");
}

#[test]
fn a_leased_report_is_not_leased_twice() {
    let ground = Ground::new();
    let store = ground.owner();
    commit(&store, source("a"), [report(0), report(1)]);
    assert_eq!(ids(&store, 1, NOW), [id(0)]);
    assert_eq!(ids(&store, 5, NOW), [id(1)]);
    assert!(ids(&store, 5, NOW).is_empty());
}

#[test]
fn a_report_to_be_tried_again_waits_for_its_time_and_then_keeps_its_place() {
    let ground = Ground::new();
    let store = ground.owner();
    commit(&store, source("a"), [report(0), report(1)]);
    let first = store.lease(1, NOW).wait().unwrap();
    settle(&store, first[0].ticket, Settlement::Again { next_at: NOW + 5_000 });
    assert_eq!(ids(&store, 1, NOW + 4_999), [id(1)]);
    assert_eq!(store.next_due().unwrap(), Some(NOW + 5_000));
    let again = store.lease(5, NOW + 5_000).wait().unwrap();
    assert_eq!((again[0].report_id, again[0].attempts), (id(0), 1));
}

#[test]
fn next_due_tells_of_nothing_of_now_and_of_later() {
    let ground = Ground::new();
    let store = ground.owner();
    assert_eq!(store.next_due().unwrap(), None);
    commit(&store, source("a"), [report(0)]);
    assert_eq!(store.next_due().unwrap(), Some(Millis::MIN));
    let ticket = lease(&store, 1)[0].ticket;
    assert_eq!(store.next_due().unwrap(), None);
    settle(&store, ticket, Settlement::Again { next_at: NOW + 9 });
    assert_eq!(store.next_due().unwrap(), Some(NOW + 9));
}

#[test]
fn a_clock_set_back_makes_waiting_reports_due() {
    let ground = Ground::new();
    let store = ground.owner();
    commit(&store, source("a"), [report(0)]);
    let ticket = lease(&store, 1)[0].ticket;
    settle(&store, ticket, Settlement::Again { next_at: NOW + 5_000 });
    assert_eq!(ids(&store, 1, NOW - 3_600_000), [id(0)]);
}

#[test]
fn a_clock_set_back_while_the_worker_was_down_makes_waiting_reports_due() {
    let ground = Ground::new();
    let store = ground.owner();
    commit(&store, source("a"), [report(0)]);
    let ticket = store.lease(1, NOW + 3_600_000).wait().unwrap()[0].ticket;
    settle(&store, ticket, Settlement::Again { next_at: NOW + 3_605_000 });
    drop(store);
    assert_eq!(ids(&ground.owner(), 1, NOW), [id(0)]);
}

#[test]
fn a_released_lease_counts_no_attempt_and_is_due_at_once() {
    let ground = Ground::new();
    let store = ground.owner();
    commit(&store, source("a"), [report(0)]);
    let ticket = lease(&store, 1)[0].ticket;
    settle(&store, ticket, Settlement::Released);
    assert_eq!(lease(&store, 1)[0].attempts, 0);
    assert_eq!(ground.view().report(ticket.0).unwrap().unwrap().attempts, []);
}

#[test]
fn each_settlement_leads_to_its_state() {
    let table = [
        (accepted(), State::Completed, None, Some("receipt 1"), "accepted"),
        (Settlement::AlreadyThere { note: "seen".to_owned() }, State::Completed, Some("seen"), None, "already there"),
        (refused(), State::Error, Some("no such process"), None, "refused"),
        (Settlement::Again { next_at: NOW + 1 }, State::Queued, None, None, "again"),
        (Settlement::Released, State::Queued, None, None, ""),
    ];
    for (settlement, state, note, receipt, word) in table {
        let ground = Ground::new();
        let store = ground.owner();
        commit(&store, source("a"), [report(0)]);
        let ticket = lease(&store, 1)[0].ticket;
        settle(&store, ticket, settlement.clone());
        let detail = ground.view().report(ticket.0).unwrap().unwrap();
        let row = detail.row;
        assert_eq!(detail.attempts.first().map_or("", |attempt| attempt.verdict.as_str()), word);
        assert_eq!((row.state, row.note.as_deref(), row.receipt.as_deref()), (state, note, receipt), "{settlement:?}");
        assert_eq!(row.settled_at.is_some(), state != State::Queued);
    }
}

#[test]
fn a_ticket_settled_twice_is_an_error_and_changes_nothing() {
    let ground = Ground::new();
    let store = ground.owner();
    commit(&store, source("a"), [report(0)]);
    let ticket = lease(&store, 1)[0].ticket;
    settle(&store, ticket, accepted());
    let again = store.settle(ticket, attempt(NOW), refused()).wait();
    assert_eq!(again, Err(StoreError::NotLeased(ticket)));
    let never = store.settle(Ticket(99), attempt(NOW), refused()).wait();
    assert_eq!(never, Err(StoreError::NotLeased(Ticket(99))));
    assert_eq!(store.counts().unwrap().completed, 1);
}

#[test]
fn of_many_attempts_the_first_and_the_last_twenty_are_kept() {
    let ground = Ground::new();
    let store = ground.owner();
    commit(&store, source("a"), [report(0)]);
    for _ in 0..65 {
        let ticket = lease(&store, 1)[0].ticket;
        settle(&store, ticket, Settlement::Again { next_at: NOW });
    }
    let detail = ground.view().report(1).unwrap().unwrap();
    let kept: Vec<_> = detail.attempts.iter().map(|attempt| attempt.n).collect();
    assert_eq!(kept, (1..=20).chain(46..=65).collect::<Vec<_>>());
    assert_eq!(detail.row.attempts, 65);
}

#[test]
fn each_report_has_its_own_attempts() {
    let ground = Ground::new();
    let store = ground.owner();
    commit(&store, source("a"), [report(0), report(1)]);
    for round in 1..=3 {
        for leased in lease(&store, 2) {
            let attempt = Attempt { message: format!("{round} of {}", leased.ticket), ..attempt(NOW) };
            store.settle(leased.ticket, attempt, Settlement::Again { next_at: NOW }).wait().unwrap();
        }
    }
    for ticket in [1, 2] {
        let kept = ground.view().report(ticket).unwrap().unwrap().attempts;
        let words: Vec<_> = kept.into_iter().map(|kept| kept.message).collect();
        assert_eq!(words, (1..=3).map(|round| format!("{round} of {}", Ticket(ticket))).collect::<Vec<_>>());
    }
}

#[test]
fn an_owner_queues_what_was_leased_when_the_last_one_died() {
    let ground = Ground::new();
    let store = ground.owner();
    commit(&store, source("a"), [report(0), report(1)]);
    let ticket = lease(&store, 1)[0].ticket;
    std::mem::forget(store);
    let (store, opened) = ground.reopened();
    assert_eq!(opened.leases_returned, 1);
    assert_eq!(store.settle(ticket, attempt(NOW), accepted()).wait(), Err(StoreError::NotLeased(ticket)));
    assert_eq!(deliver_all(&store), [id(0), id(1)]);
}

#[test]
fn sent_counts_survive_and_are_cut_by_the_quarter_hour() {
    let ground = Ground::new();
    let store = ground.owner();
    commit(&store, source("a"), (0..3).map(report));
    let quarter = NOW - NOW % 900_000;
    for (leased, at) in lease(&store, 3).iter().zip([quarter - 1, quarter, quarter + 899_999]) {
        store.settle(leased.ticket, attempt(at), accepted()).wait().unwrap();
    }
    drop(store);
    let store = ground.owner();
    assert_eq!(store.sent_since(0).unwrap(), 3);
    assert_eq!(store.sent_since(quarter).unwrap(), 2);
    assert_eq!(store.sent_since(quarter + 900_000).unwrap(), 0);
}

#[test]
fn counts_follow_every_change_of_state() {
    let ground = Ground::new();
    let store = ground.owner();
    commit(&store, source("a"), (0..4).map(report));
    let leased = lease(&store, 3);
    settle(&store, leased[0].ticket, accepted());
    settle(&store, leased[1].ticket, refused());
    let counts = store.counts().unwrap();
    assert_eq!((counts.queued, counts.processing, counts.completed, counts.error), (1, 1, 1, 1));
    assert_eq!(counts.oldest_queued_at, Some(NOW));
    assert!(counts.owed_bytes > 0);
    super::no_problems(&ground);
}

#[test]
fn one_lease_hands_out_no_more_body_than_memory_can_hold() {
    let ground = Ground::new();
    let store = ground.owner();
    let sizes = [32 << 20, 32 << 20, 65 << 20];
    commit(&store, source("a"), (0..3).zip(sizes).map(|(n, size)| super::report_with(n, &"x".repeat(size))));
    assert_eq!(ids(&store, 3, NOW), [id(0), id(1)], "as much as may be, and no more");
    assert_eq!(ids(&store, 3, NOW), [id(2)], "a single one goes out however large");
}

#[test]
fn when_the_last_report_was_sent_is_known_after_a_restart_and_about_known_when_it_is_owed_again() {
    let ground = Ground::new();
    let store = ground.owner();
    assert_eq!(store.last_sent().unwrap(), None);
    commit(&store, source("a"), [report(0)]);
    let leased = lease(&store, 1);
    settle(&store, leased[0].ticket, accepted());
    let sent = store.last_sent().unwrap();
    assert_eq!(sent, Some(NOW));
    drop(store);
    let store = ground.owner();
    assert_eq!(store.last_sent().unwrap(), sent);
    store.resend(leased[0].ticket, None, NOW).wait().unwrap();
    let about = store.last_sent().unwrap().unwrap();
    assert!(sent.is_some_and(|sent| (0..900_000).contains(&(sent - about))), "{sent:?} {about}");
}
