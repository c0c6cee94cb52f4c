//! Wishes: retry, discard, resend.

use super::{Ground, NOW, commit, deliver_all, id, lease, no_problems, refused, report, settle, source};
use crate::{ArchivePlace, Select, Settlement, Store, StoreError, Ticket};

/// A store with one report each: refused (ticket 1), waiting (2), in flight (3), delivered (4), queued (5).
fn mixed(ground: &Ground) -> Store {
    let store = ground.owner();
    commit(&store, source("a"), (0..5).map(report));
    let leased = lease(&store, 4);
    settle(&store, leased[0].ticket, refused());
    settle(&store, leased[1].ticket, Settlement::Again { next_at: NOW + 60_000 });
    settle(&store, leased[3].ticket, super::accepted());
    store
}

#[test]
fn retry_queues_what_is_in_error_and_makes_due_what_waits() {
    let ground = Ground::new();
    let store = mixed(&ground);
    assert_eq!(store.retry(Select::All, NOW).wait().unwrap(), 2);
    assert_eq!(deliver_all(&store), [id(0), id(1), id(4)]);
}

#[test]
fn retry_by_id_touches_no_other() {
    let ground = Ground::new();
    let store = mixed(&ground);
    assert_eq!(store.retry(Select::Ids(vec![1, 3, 4, 77]), NOW).wait().unwrap(), 1);
    assert_eq!(deliver_all(&store), [id(0), id(4)]);
}

#[test]
fn after_an_outage_what_waits_is_due_and_what_is_in_error_or_in_flight_stays_there() {
    let ground = Ground::new();
    let store = mixed(&ground);
    assert_eq!(store.due_now(NOW).wait().unwrap(), 1);
    let counts = store.counts().unwrap();
    assert_eq!((counts.queued, counts.processing, counts.error), (2, 1, 1));
    assert_eq!(deliver_all(&store), [id(1), id(4)]);
    assert_eq!(store.due_now(NOW).wait().unwrap(), 0);
}

#[test]
fn what_was_discarded_comes_back_only_by_name() {
    let ground = Ground::new();
    let store = mixed(&ground);
    assert_eq!(store.discard(Select::All, NOW).wait().unwrap(), 1);
    let counts = store.counts().unwrap();
    assert_eq!((counts.error, counts.discarded), (0, 1));
    store.retry(Select::All, NOW).wait().unwrap();
    assert_eq!(store.counts().unwrap().discarded, 1);
    assert_eq!(store.retry(Select::Ids(vec![1]), NOW).wait().unwrap(), 1);
    assert_eq!(store.counts().unwrap().discarded, 0);
    no_problems(&ground);
}

#[test]
fn discard_by_id_takes_queued_ones_but_never_one_in_flight_or_delivered() {
    let ground = Ground::new();
    let store = mixed(&ground);
    assert_eq!(store.discard(Select::Ids(vec![2, 3, 4, 5]), NOW).wait().unwrap(), 2);
    let counts = store.counts().unwrap();
    assert_eq!((counts.discarded, counts.processing, counts.completed), (2, 1, 1));
}

#[test]
fn a_delivered_report_is_sent_again_with_the_body_from_the_archive() {
    let ground = Ground::new();
    let store = ground.owner();
    commit(&store, source("a"), [report(0)]);
    deliver_all(&store);
    let frame = store.unarchived(1).unwrap().remove(0);
    let place = ArchivePlace { file: "2026-05-28.jsonl.zst".to_owned(), offset: 0, len: frame.frame.len() as u64 };
    store.archived(vec![(frame.ticket, place.clone())]).wait().unwrap();
    assert_eq!(store.resend(Ticket(1), None, NOW).wait(), Err(StoreError::BodyGone(Ticket(1))));
    store.resend(Ticket(1), Some(report(0).body), NOW).wait().unwrap();
    assert_eq!(deliver_all(&store), [id(0)]);
    assert_eq!(store.unarchived(1).unwrap(), [], "the same body keeps its place in the archive");
    assert_eq!(ground.view().report(1).unwrap().unwrap().archived, Some(place));
    no_problems(&ground);
}

#[test]
fn a_resent_report_with_another_body_is_archived_anew() {
    let ground = Ground::new();
    let store = ground.owner();
    commit(&store, source("a"), [report(0)]);
    deliver_all(&store);
    let frame = store.unarchived(1).unwrap().remove(0);
    let place = ArchivePlace { file: "day".to_owned(), offset: 0, len: frame.frame.len() as u64 };
    store.archived(vec![(frame.ticket, place)]).wait().unwrap();
    store.resend(Ticket(1), Some(b"{\"other\":true}".to_vec()), NOW).wait().unwrap();
    assert_eq!(lease(&store, 1)[0].body, b"{\"other\":true}");
    settle(&store, Ticket(1), super::accepted());
    assert_eq!(store.unarchived(5).unwrap().len(), 1);
    no_problems(&ground);
}

#[test]
fn only_what_has_ended_is_sent_again() {
    let ground = Ground::new();
    let store = mixed(&ground);
    assert_eq!(store.resend(Ticket(3), None, NOW).wait(), Err(StoreError::StillOwed(Ticket(3))));
    assert_eq!(store.resend(Ticket(5), None, NOW).wait(), Err(StoreError::StillOwed(Ticket(5))));
    assert_eq!(store.resend(Ticket(99), None, NOW).wait(), Err(StoreError::NoSuchReport(Ticket(99))));
    store.resend(Ticket(1), None, NOW).wait().unwrap();
    store.resend(Ticket(4), None, NOW).wait().unwrap();
    assert_eq!(store.counts().unwrap().queued, 4);
}
