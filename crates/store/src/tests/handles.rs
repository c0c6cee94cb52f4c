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

/// The names and the text of all tables, indexes and triggers.
fn schema_of(path: &std::path::Path) -> Vec<(String, Option<String>)> {
    let conn = rusqlite::Connection::open(path).unwrap();
    let mut schema = conn.prepare("SELECT name, sql FROM sqlite_schema ORDER BY name").unwrap();
    schema.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap().collect::<Result<_, _>>().unwrap()
}

#[test]
fn rows_of_an_older_version_are_carried_out_of_a_damaged_file_too() {
    let ground = Ground::new();
    let mut old = crate::connection::writer(&ground.path()).unwrap();
    old.execute_batch(&crate::schema::STEPS[..2].concat()).unwrap();
    old.pragma_update(None, "user_version", 2).unwrap();
    old.execute_batch(&format!(
        "INSERT INTO sources (rule, path, place, size, mtime_ns, hash, format, priority, outcome, at) VALUES ('r', '/a', 1, 1, 1, zeroblob(32), 'wsjf', 5, 1, {NOW});
         INSERT INTO reports (report_id, source, idx, state, priority, queued_at, settled_at, body_hash, size, bytes, archive_file, archive_offset, archive_len, kind, sn, pn, result, process, start, warnings)
         VALUES (zeroblob(16), 1, 0, 2, 5, {NOW}, {NOW}, zeroblob(32), 1, 1, 'f', 0, 1, 'T', 'SN-OLD', 'PN', 'F', '10', '', '[]');
         INSERT INTO sent VALUES (1978000, 3);"
    ))
    .unwrap();
    // the rows keep the shape they were written in
    crate::schema::migrate(&mut old).unwrap();
    drop(old);
    let mut bytes = std::fs::read(ground.path()).unwrap();
    bytes[..4096].fill(0);
    std::fs::write(ground.path(), bytes).unwrap();
    let (store, opened) = ground.reopened();
    assert!(opened.rescue.is_some());
    assert_eq!(store.sent_since(0).unwrap(), 3);
    drop(store);
    let rows = ground.view().list(&crate::Query::default()).unwrap();
    assert_eq!(rows.iter().map(|row| row.sn.as_str()).collect::<Vec<_>>(), ["SN-OLD"]);
    assert_eq!(ground.view().yield_of(crate::YieldRange::Day, NOW).unwrap().failed, 1);
}

#[test]
fn a_file_of_an_older_version_is_brought_up_to_date_with_all_that_is_in_it() {
    let (ground, fresh) = (Ground::new(), Ground::new());
    drop(fresh.owner());
    let old = crate::connection::writer(&ground.path()).unwrap();
    old.execute_batch(crate::schema::STEPS[0]).unwrap();
    let with = |sql: String| old.execute_batch(&sql).unwrap();
    for n in 0..300_u32 {
        let taken = source(&n.to_string());
        let (hash, place) = (crate::rows::hex(&taken.hash), crate::ledger::place(&taken.rule, &taken.path));
        with(format!(
            "INSERT INTO sources (rule, path, place, size, mtime_ns, hash, format, priority, outcome, at)
             VALUES ('{}', '{}', {place}, 10, 7, x'{hash}', 'wsjf', 5, 1, {NOW})",
            taken.rule, taken.path
        ));
    }
    with("PRAGMA user_version = 1".to_owned());
    drop(old);
    assert!(crate::View::open(ground.path()).unwrap().is_none(), "a reader leaves it to who writes");
    let store = ground.owner();
    for n in 0..300_u32 {
        let taken = source(&n.to_string());
        let by_file = store.known(&taken.rule, &taken.path, taken.size, taken.mtime_ns).unwrap();
        assert_eq!(by_file.unwrap().source.0, i64::from(n) + 1);
        assert_eq!(store.known_content(taken.hash, "/elsewhere").unwrap().unwrap().path, taken.path);
    }
    commit(&store, source("new"), [report(0)]);
    assert_eq!(deliver_all(&store), [id(0)]);
    drop(store);
    assert_eq!(schema_of(&ground.path()), schema_of(&fresh.path()));
}
