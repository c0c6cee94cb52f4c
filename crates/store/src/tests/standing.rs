//! The file deleted or replaced while it is open.

#![cfg(unix)]

use std::fs;

use super::{Ground, NOW, commit, deliver_all, id, lease, no_problems, report, settle, source};
use crate::{Role, Store, StoreError, View};

/// A ground whose store lies in a folder of its own, as the queue of an instance does.
fn in_a_folder() -> (Ground, std::path::PathBuf, Store) {
    let ground = Ground::new();
    let path = ground.folder.path().join("queue/queue.db");
    fs::create_dir(path.parent().unwrap()).unwrap();
    let store = Store::open(&path, Role::Owner, NOW).unwrap().0;
    (ground, path, store)
}

#[test]
fn what_was_owed_in_a_deleted_folder_is_still_owed_after_the_next_start() {
    let (_ground, path, store) = in_a_folder();
    commit(&store, source("before"), (0..300).map(report));
    let leased = lease(&store, 1);
    fs::remove_dir_all(path.parent().unwrap()).unwrap();
    commit(&store, source("after"), [report(300)]);
    assert_eq!(View::open(&path).unwrap().unwrap().counts().unwrap().queued, 300, "it is at its path again");
    settle(&store, leased[0].ticket, super::accepted());
    commit(&store, source("later"), [report(301)]);
    assert_eq!(store.in_place().wait(), Ok(()));
    assert_eq!(store.counts().unwrap().completed, 1);
    drop(store);
    let (store, opened) = Store::open(&path, Role::Owner, NOW).unwrap();
    assert_eq!(opened.rescue, None);
    assert_eq!(deliver_all(&store).len(), 301);
    drop(store);
    let names: Vec<_> = fs::read_dir(path.parent().unwrap()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names, ["queue.db"]);
}

#[test]
fn an_idle_worker_notices_that_its_file_was_deleted() {
    let (_ground, path, store) = in_a_folder();
    commit(&store, source("a"), [report(0)]);
    for _ in 0..2 {
        fs::remove_dir_all(path.parent().unwrap()).unwrap();
        assert_eq!(store.in_place().wait(), Ok(()));
        assert_eq!(View::open(&path).unwrap().unwrap().counts().unwrap().queued, 1);
    }
}

#[test]
fn where_another_file_took_the_path_nothing_is_acknowledged_any_more_and_what_was_open_is_saved() {
    let (ground, path, store) = in_a_folder();
    commit(&store, source("a"), [report(0)]);
    fs::remove_dir_all(path.parent().unwrap()).unwrap();
    fs::create_dir(path.parent().unwrap()).unwrap();
    let guest = Store::open(&path, Role::Guest, NOW).unwrap().0;
    commit(&guest, source("b"), [report(1)]);
    for name in ["c", "d"] {
        let refused = store.reject(source(name), "reason", NOW).wait().unwrap_err();
        assert!(matches!(refused, StoreError::CutOff { .. }), "{refused}");
    }
    assert!(matches!(store.in_place().wait(), Err(StoreError::CutOff { .. })));
    drop(store);
    drop(guest);
    let saved = path.with_file_name(format!("queue.db.damaged-{NOW}"));
    assert_eq!(View::open(&saved).unwrap().unwrap().counts().unwrap().queued, 1);
    assert_eq!(deliver_all(&Store::open(&path, Role::Owner, NOW).unwrap().0), [id(1)]);
    assert_eq!(ground.names(), ["queue"]);
}

#[test]
fn a_connection_lost_while_the_file_was_gone_makes_no_new_one_beside_it() {
    let (_ground, path, store) = in_a_folder();
    commit(&store, source("a"), [report(0)]);
    fs::remove_dir_all(path.parent().unwrap()).unwrap();
    // stands for SQLite giving the transaction up
    let given_up = store.hand.write(|conn| Ok(conn.execute_batch("ROLLBACK")?));
    assert!(given_up.wait().is_err());
    store.reject(source("b"), "reason", NOW).wait().unwrap();
    assert_eq!(deliver_all(&store), [id(0)], "the reader still had it open");
}

#[test]
fn a_guest_whose_file_was_exchanged_by_a_rescue_is_told_so() {
    let ground = Ground::new();
    let (store, guest) = (ground.owner(), ground.guest());
    commit(&store, source("a"), [report(0)]);
    let met = store.hand.write(|_| Err::<(), _>(StoreError::damaged("".as_ref(), "for this test")));
    assert!(met.wait().is_err());
    assert!(store.take_rescue().is_some());
    let mut intake = guest.intake(source("b"), NOW);
    intake.push(report(1)).unwrap();
    assert!(matches!(intake.commit().wait(), Err(StoreError::CutOff { .. })));
    commit(&ground.guest(), source("b"), [report(1)]);
    assert_eq!(deliver_all(&store), [id(0), id(1)]);
    no_problems(&ground);
}
