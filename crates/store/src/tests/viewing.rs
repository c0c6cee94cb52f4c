//! The view of other processes.

use super::{Ground, NOW, accepted, commit, id, lease, refused, report, settle, source};
use crate::{Query, SourceId, SourceOutcome, SourceQuery, State, Store, Ticket, View};

fn filled(ground: &Ground) -> Store {
    let store = ground.owner();
    commit(&store, source("a"), [report(0), report(1)]);
    commit(&store, source("b"), [report(2)]);
    store.reject(source("bad"), "no serial number", NOW).wait().unwrap();
    let leased = lease(&store, 2);
    settle(&store, leased[0].ticket, accepted());
    settle(&store, leased[1].ticket, refused());
    store
}

fn tickets(ground: &Ground, query: Query) -> Vec<i64> {
    ground.view().list(&query).unwrap().iter().map(|row| row.ticket.0).collect()
}

#[test]
fn there_is_no_view_before_there_is_a_store() {
    assert!(View::open(Ground::new().path()).unwrap().is_none());
}

#[test]
fn the_view_sees_the_same_with_a_worker_after_it_and_after_a_crash() {
    let ground = Ground::new();
    let store = filled(&ground);
    let running = ground.view().counts().unwrap();
    assert_eq!(running, store.counts().unwrap());
    assert_eq!(ground.crashed().view().counts().unwrap(), running);
    drop(store);
    assert_eq!(ground.view().counts().unwrap(), running);
}

#[test]
fn the_view_reads_a_file_it_may_not_write_beside() {
    let ground = Ground::new();
    drop(filled(&ground));
    // what a read-only folder leads to; a test that runs as root cannot take the right away from itself
    let conn = crate::connection::immutable(&ground.path()).unwrap();
    assert_eq!(crate::read::counts(&conn).unwrap().completed, 1);
    assert_eq!(ground.names(), ["queue.db"]);
}

#[cfg(unix)]
#[test]
fn a_log_deleted_under_a_worker_is_not_made_anew_by_who_only_looks() {
    let ground = Ground::new();
    let store = filled(&ground);
    store.checkpoint().wait().unwrap();
    std::fs::remove_file(ground.folder.path().join("queue.db-wal")).unwrap();
    assert_eq!(ground.view().counts().unwrap().completed, 1);
    assert_eq!(ground.names(), ["queue.db", "queue.db-shm"]);
}

#[test]
fn an_open_view_keeps_nobody_from_writing() {
    let ground = Ground::new();
    let store = filled(&ground);
    let view = ground.view();
    view.list(&Query::default()).unwrap();
    commit(&store, source("c"), [report(3)]);
    assert_eq!(view.counts().unwrap().queued, 2);
    store.checkpoint().wait().unwrap();
    assert_eq!(view.counts().unwrap().queued, 2);
}

#[test]
fn reports_are_listed_newest_first_and_by_what_is_asked() {
    let ground = Ground::new();
    let _store = filled(&ground);
    let table = [
        (Query::default(), vec![3, 2, 1]),
        (Query { state: Some(State::Completed), ..Query::default() }, vec![1]),
        (Query { state: Some(State::Error), ..Query::default() }, vec![2]),
        (Query { discarded: Some(true), ..Query::default() }, vec![]),
        (Query { text: Some("sn-2".to_owned()), ..Query::default() }, vec![3]),
        (Query { text: Some("pn-7".to_owned()), limit: 2, ..Query::default() }, vec![3, 2]),
        (Query { text: Some(id(1).to_string()), ..Query::default() }, vec![2]),
        (Query { before: Some(Ticket(3)), ..Query::default() }, vec![2, 1]),
        (Query { source: Some(SourceId(1)), ..Query::default() }, vec![2, 1]),
    ];
    for (query, expected) in table {
        assert_eq!(tickets(&ground, query.clone()), expected, "{query:?}");
    }
}

#[test]
fn a_report_is_shown_with_its_source_its_attempts_and_its_body() {
    let ground = Ground::new();
    let _store = filled(&ground);
    let detail = ground.view().report(2).unwrap().unwrap();
    assert_eq!(detail.row.path, "/drop/a");
    assert_eq!(detail.row.note.as_deref(), Some("no such process"));
    assert_eq!(detail.warnings, ["a warning"]);
    assert_eq!(detail.attempts.len(), 1);
    assert_eq!((detail.attempts[0].status, detail.attempts[0].verdict.as_str()), (Some(200), "refused"));
    assert_eq!(detail.body, Some(report(1).body));
    assert_eq!(ground.view().report(99).unwrap(), None);
}

#[test]
fn sources_are_listed_newest_first_and_by_what_is_asked() {
    let ground = Ground::new();
    let _store = filled(&ground);
    let list = |query: SourceQuery| -> Vec<i64> { ground.view().history(&query).unwrap().iter().map(|row| row.id.0).collect() };
    assert_eq!(list(SourceQuery::default()), [3, 2, 1]);
    assert_eq!(list(SourceQuery { outcome: Some(SourceOutcome::Rejected), ..SourceQuery::default() }), [3]);
    assert_eq!(list(SourceQuery { text: Some("/B".to_owned()), ..SourceQuery::default() }), [3, 2]);
    assert_eq!(list(SourceQuery { rule: Some("other".to_owned()), ..SourceQuery::default() }), [] as [i64; 0]);
    assert_eq!(list(SourceQuery { before: Some(SourceId(2)), limit: 5, ..SourceQuery::default() }), [1]);
    assert_eq!(list(SourceQuery { from: Some(NOW), to: Some(NOW + 1), ..SourceQuery::default() }), [3, 2, 1]);
    assert_eq!(list(SourceQuery { from: Some(NOW + 1), ..SourceQuery::default() }), [] as [i64; 0]);
    assert_eq!(list(SourceQuery { to: Some(NOW), ..SourceQuery::default() }), [] as [i64; 0]);
}

#[test]
fn rejected_sources_are_counted_since_any_time() {
    let ground = Ground::new();
    let store = ground.owner();
    for n in 0..20 {
        let (name, at) = (format!("s{n}"), NOW + n * 100);
        if n % 3 == 0 {
            store.reject(source(&name), "no serial number", at).wait().unwrap();
        } else {
            let mut intake = store.intake(source(&name), at);
            intake.push(report(u32::try_from(n).unwrap())).unwrap();
            intake.commit().wait().unwrap();
        }
    }
    let view = ground.view();
    for since in -1..=2_000 {
        let expected = (0..20).filter(|n| n % 3 == 0 && n * 100 >= since).count() as u64;
        assert_eq!(view.rejected_since(NOW + since).unwrap(), expected, "since {since}");
    }
}

#[test]
fn the_books_name_every_source_with_its_reports() {
    let ground = Ground::new();
    let _store = filled(&ground);
    let books = ground.view().books().unwrap();
    let seen: Vec<_> = books.sources.iter().map(|source| (source.outcome, source.reports.len())).collect();
    assert_eq!(seen, [(SourceOutcome::Converted, 2), (SourceOutcome::Converted, 1), (SourceOutcome::Rejected, 0)]);
    assert_eq!(books.sources[0].reports[0].state, State::Completed);
    assert_eq!(books.sources[0].hash, blake3::hash(b"a").to_hex().as_str());
    assert_eq!(books.problems, Vec::<String>::new());
}

#[test]
fn books_that_do_not_add_up_say_so() {
    let ground = Ground::new();
    drop(filled(&ground));
    let conn = rusqlite::Connection::open(ground.path()).unwrap();
    conn.execute_batch("DELETE FROM bodies WHERE id = 3; UPDATE counts SET n = 7 WHERE state = 2").unwrap();
    drop(conn);
    let problems = ground.view().books().unwrap().problems;
    assert_eq!(problems, ["3 is owed or delivered but its body is gone", "2 is counted wrongly under its state"]);
}
