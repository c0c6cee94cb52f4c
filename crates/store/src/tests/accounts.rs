//! Whether every report of a source is accounted for: what decides if a file brought again is converted again.

use super::{Ground, NOW, accepted, commit, deliver_all, id, lease, no_problems, refused, report, report_with, settle, source};
use crate::{Account, Retention, Select, SourceId, Store};

fn account(store: &Store, name: &str) -> Account {
    let source = source(name);
    let by_content = store.known_content(source.hash, &source.path).unwrap().unwrap();
    let by_place = store.known(&source.rule, &source.path, source.size, source.mtime_ns).unwrap().unwrap();
    assert_eq!(by_content, by_place);
    by_content.account
}

/// A store whose file was changed by hand while it was closed.
fn changed(ground: &Ground, store: Store, sql: &str) -> Store {
    drop(store);
    rusqlite::Connection::open(ground.path()).unwrap().execute_batch(sql).unwrap();
    ground.owner()
}

#[test]
fn a_source_whose_reports_are_owed_or_delivered_is_whole() {
    let ground = Ground::new();
    let store = ground.owner();
    commit(&store, source("a"), [report(0), report(1)]);
    assert_eq!(account(&store, "a"), Account::Whole, "queued");
    let leased = lease(&store, 1);
    assert_eq!(account(&store, "a"), Account::Whole, "on its way");
    settle(&store, leased[0].ticket, accepted());
    assert_eq!(account(&store, "a"), Account::Whole, "half delivered");
    deliver_all(&store);
    assert_eq!(account(&store, "a"), Account::Whole, "delivered");
}

#[test]
fn a_report_refused_or_discarded_is_asked_for_by_bringing_its_file_again() {
    let ground = Ground::new();
    let store = ground.owner();
    commit(&store, source("a"), [report(0), report(1)]);
    let leased = lease(&store, 2);
    settle(&store, leased[0].ticket, accepted());
    settle(&store, leased[1].ticket, refused());
    assert_eq!(account(&store, "a"), Account::Refused);
    store.discard(Select::All, NOW).wait().unwrap();
    assert_eq!(account(&store, "a"), Account::Refused, "discarded");
    commit(&store, source("a"), [report(0), report(1)]);
    assert_eq!(account(&store, "a"), Account::Whole, "owed again");
    assert_eq!(deliver_all(&store), [id(1)], "and only what was not delivered");
}

#[test]
fn reports_that_came_with_another_source_as_well_are_accounted_for_in_both() {
    let ground = Ground::new();
    let store = ground.owner();
    commit(&store, source("a"), [report(0), report(1)]);
    commit(&store, source("b"), [report(1), report(2)]);
    commit(&store, source("c"), [report_with(1, "{\"newer\":1}")]);
    assert_eq!(["a", "b", "c"].map(|name| account(&store, name)), [Account::Whole; 3]);
}

#[test]
fn two_reports_with_one_id_in_one_source_are_one() {
    let ground = Ground::new();
    let store = ground.owner();
    commit(&store, source("a"), [report_with(0, "{\"v\":1}"), report_with(0, "{\"v\":2}")]);
    assert_eq!(account(&store, "a"), Account::Whole);
}

#[test]
fn a_source_that_lost_a_row_or_a_body_to_damage_is_missing_it_until_its_file_comes_again() {
    for damage in ["DELETE FROM reports WHERE id = 2", "DELETE FROM bodies WHERE id = 2"] {
        let ground = Ground::new();
        let store = ground.owner();
        commit(&store, source("a"), (0..3).map(report));
        let store = changed(&ground, store, damage);
        lease(&store, 3);
        assert_eq!(account(&store, "a"), Account::Missing, "{damage}");
        commit(&store, source("a"), (0..3).map(report));
        assert_eq!(account(&store, "a"), Account::Whole, "{damage}");
        assert_eq!(deliver_all(&store), [id(1)], "{damage}");
        no_problems(&ground);
    }
}

#[test]
fn what_retention_forgot_is_not_missing_and_what_was_discarded_is_still_to_be_asked_for() {
    let ground = Ground::new();
    let store = ground.owner();
    let sent = commit(&store, source("sent"), (0..2).map(report));
    commit(&store, source("discarded"), [report(1), report(2)]);
    for leased in lease(&store, 2) {
        settle(&store, leased.ticket, accepted());
    }
    for one in store.unarchived(10).unwrap() {
        let place = crate::ArchivePlace { file: "day".to_owned(), offset: 0, len: one.frame.len() as u64 };
        store.archived(vec![(one.ticket, place)]).wait().unwrap();
    }
    store.discard(Select::Ids(vec![3]), NOW).wait().unwrap();
    let swept = store.retention(Retention { history_before: NOW + 1, discarded_before: NOW + 1 }).wait().unwrap();
    assert_eq!((swept.reports, sent), (3, SourceId(1)));
    assert_eq!(account(&store, "sent"), Account::Whole);
    assert_eq!(account(&store, "discarded"), Account::Refused);
}
