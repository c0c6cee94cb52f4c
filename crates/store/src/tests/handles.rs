//! Several handles and processes on one file, and files of other versions.

use std::fs;

use super::{Ground, NOW, accepted, attempt, commit, deliver_all, id, lease, report, source};
use crate::{Role, Store, StoreError};

#[test]
fn a_guest_adds_to_the_queue_beside_the_owner() {
    let ground = Ground::new();
    let owner = ground.owner();
    commit(&owner, source("a"), [report(0)]);
    let guest = ground.guest();
    assert!(!owner.changed().wait().unwrap());
    commit(&guest, source("b"), [report(1)]);
    assert!(owner.changed().wait().unwrap());
    assert!(!owner.changed().wait().unwrap(), "told once");
    commit(&owner, source("c"), [report(2)]);
    assert!(!owner.changed().wait().unwrap(), "its own commits are no news");
    assert_eq!(deliver_all(&owner), [id(0), id(1), id(2)]);
}

#[test]
fn a_guest_does_not_touch_the_owners_leases() {
    let ground = Ground::new();
    let owner = ground.owner();
    commit(&owner, source("a"), [report(0)]);
    let ticket = lease(&owner, 1)[0].ticket;
    let guest = ground.guest();
    assert_eq!(lease(&guest, 1), []);
    owner.settle(ticket, attempt(NOW), accepted()).wait().unwrap();
}

#[test]
fn many_threads_on_owner_and_guest_lose_and_double_nothing() {
    let ground = Ground::new();
    let (owner, guest) = (ground.owner(), ground.guest());
    std::thread::scope(|scope| {
        for lane in 0..4_u32 {
            let store = if lane % 2 == 0 { &owner } else { &guest };
            scope.spawn(move || {
                for n in 0..25 {
                    commit(store, source(&format!("{lane}-{n}")), [report(lane * 100 + n)]);
                }
            });
        }
    });
    let mut delivered = deliver_all(&owner);
    delivered.sort();
    delivered.dedup();
    assert_eq!(delivered.len(), 100);
}

#[test]
fn dropping_the_last_handle_finishes_what_was_given() {
    let ground = Ground::new();
    let store = ground.owner();
    let replies: Vec<_> = (0..50).map(|n| store.reject(source(&n.to_string()), "reason", NOW)).collect();
    drop(store);
    assert!(replies.into_iter().all(|reply| reply.wait().is_ok()));
    assert_eq!(ground.names(), ["queue.db"], "a closed store leaves no log behind");
}

#[test]
fn a_file_of_a_newer_version_is_not_touched() {
    let ground = Ground::new();
    drop(ground.owner());
    let conn = rusqlite::Connection::open(ground.path()).unwrap();
    conn.pragma_update(None, "user_version", 99).unwrap();
    drop(conn);
    let before = fs::read(ground.path()).unwrap();
    for role in [Role::Owner, Role::Guest] {
        let error = Store::open(ground.path(), role, NOW).err().unwrap();
        assert_eq!(error, StoreError::Newer { path: ground.path(), found: 99, known: crate::schema::VERSION });
    }
    assert_eq!(ground.names(), ["queue.db"]);
    assert!(matches!(crate::View::open(ground.path()), Err(StoreError::Newer { .. })));
    assert_eq!(fs::read(ground.path()).unwrap(), before);
}

#[test]
fn a_missing_folder_is_named() {
    let ground = Ground::new();
    let path = ground.folder.path().join("nowhere/queue.db");
    let error = Store::open(&path, Role::Owner, NOW).err().unwrap();
    assert!(error.to_string().contains("nowhere"), "{error}");
}

#[test]
fn two_processes_may_make_the_file_at_the_same_time() {
    let ground = Ground::new();
    std::thread::scope(|scope| {
        let openings: Vec<_> = (0..4).map(|_| scope.spawn(|| ground.guest())).collect();
        let stores: Vec<_> = openings.into_iter().map(|opening| opening.join().unwrap()).collect();
        for (store, n) in stores.iter().zip(0..) {
            commit(store, source(&n.to_string()), [report(n)]);
        }
    });
    assert_eq!(ground.owner().counts().unwrap().queued, 4);
}
