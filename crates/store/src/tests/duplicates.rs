//! One report id is one report: what a second source with the same id means.

use super::{Ground, NOW, commit, deliver_all, id, lease, no_problems, refused, report, report_with, settle, source};
use crate::{Select, State, Store};

fn state(ground: &Ground, n: u32) -> (State, bool) {
    let rows = ground.view().list(&crate::Query { text: Some(id(n).to_string()), ..Default::default() }).unwrap();
    assert_eq!(rows.len(), 1, "one row per id");
    (rows[0].state, rows[0].discarded_at.is_some())
}

fn owed_bodies(store: &Store) -> Vec<String> {
    lease(store, 10).into_iter().map(|leased| String::from_utf8(leased.body).unwrap()).collect()
}

#[test]
fn the_same_source_committed_again_owes_nothing_twice() {
    let ground = Ground::new();
    let store = ground.owner();
    commit(&store, source("a"), [report(0), report(1)]);
    commit(&store, source("a"), [report(0), report(1)]);
    assert_eq!(store.counts().unwrap().queued, 2);
    let books = ground.view().books().unwrap();
    assert!(books.sources.iter().all(|source| source.reports.len() == 2), "both sources answer for both reports: {books:?}");
    no_problems(&ground);
}

#[test]
fn a_report_already_delivered_is_only_noted() {
    let ground = Ground::new();
    let store = ground.owner();
    commit(&store, source("a"), [report(0)]);
    deliver_all(&store);
    commit(&store, source("b"), [report(0)]);
    assert_eq!(state(&ground, 0), (State::Completed, false));
}

#[test]
fn a_report_already_delivered_is_owed_again_on_request() {
    let ground = Ground::new();
    let store = ground.owner();
    commit(&store, source("a"), [report(0)]);
    deliver_all(&store);
    let mut intake = store.intake(source("a"), NOW).sending_again();
    intake.push(report(0)).unwrap();
    intake.commit().wait().unwrap();
    assert_eq!(deliver_all(&store), [id(0)]);
    no_problems(&ground);
}

#[test]
fn the_newest_body_of_an_id_is_what_is_owed() {
    let ground = Ground::new();
    let store = ground.owner();
    commit(&store, source("a"), [report_with(0, "{\"v\":1}")]);
    commit(&store, source("b"), [report_with(0, "{\"v\":2}")]);
    assert_eq!(owed_bodies(&store), ["{\"v\":2}"]);
    no_problems(&ground);
}

#[test]
fn within_one_source_the_last_body_of_an_id_wins() {
    let ground = Ground::new();
    let store = ground.owner();
    commit(&store, source("a"), [report_with(0, "{\"v\":1}"), report_with(0, "{\"v\":2}")]);
    assert_eq!(owed_bodies(&store), ["{\"v\":2}"]);
}

#[test]
fn a_new_body_of_a_delivered_report_is_owed() {
    let ground = Ground::new();
    let store = ground.owner();
    commit(&store, source("a"), [report_with(0, "{\"v\":1}")]);
    deliver_all(&store);
    commit(&store, source("b"), [report_with(0, "{\"v\":2}")]);
    assert_eq!(owed_bodies(&store), ["{\"v\":2}"]);
    no_problems(&ground);
}

#[test]
fn a_new_body_during_an_attempt_is_owed_when_the_attempt_has_ended() {
    for settlement in [super::accepted(), refused(), crate::Settlement::Again { next_at: NOW + 60_000 }, crate::Settlement::Released] {
        let ground = Ground::new();
        let store = ground.owner();
        commit(&store, source("a"), [report_with(0, "{\"v\":1}")]);
        let running = lease(&store, 1);
        commit(&store, source("b"), [report_with(0, "{\"v\":2}")]);
        assert_eq!(lease(&store, 1), [], "never two attempts at once for one id");
        settle(&store, running[0].ticket, settlement.clone());
        assert_eq!(owed_bodies(&store), ["{\"v\":2}"], "{settlement:?}");
        no_problems(&ground);
    }
}

#[test]
fn bringing_the_file_of_a_refused_or_discarded_report_again_owes_it_again() {
    for discard in [false, true] {
        let ground = Ground::new();
        let store = ground.owner();
        commit(&store, source("a"), [report(0)]);
        let ticket = lease(&store, 1)[0].ticket;
        settle(&store, ticket, refused());
        if discard {
            store.discard(Select::All, NOW).wait().unwrap();
        }
        assert_eq!(state(&ground, 0), (State::Error, discard));
        commit(&store, source("b"), [report(0)]);
        assert_eq!(state(&ground, 0), (State::Queued, false));
        no_problems(&ground);
    }
}

#[test]
fn staged_duplicates_leave_no_bodies_behind() {
    let ground = Ground::new();
    let store = ground.owner();
    commit(&store, source("a"), (0..300).map(report));
    commit(&store, source("b"), (0..300).map(report));
    drop(store);
    let conn = rusqlite::Connection::open(ground.path()).unwrap();
    let bodies: i64 = conn.query_row("SELECT count(*) FROM bodies", [], |row| row.get(0)).unwrap();
    assert_eq!(bodies, 300);
}
