//! Damage: the file is set aside, what is readable is carried over, the worker goes on.

use std::fs;
use std::io::{Seek, SeekFrom, Write};
use std::path::Path;

use super::{Ground, NOW, accepted, commit, deliver_all, id, lease, no_problems, refused, report, report_with, settle, source};
use crate::{Role, Store, StoreError};

const PAGE: u64 = 4096;

/// 40 sources with 10 reports each, of which ten are delivered and ten refused; the file is closed.
fn filled(ground: &Ground) {
    let store = ground.owner();
    for lot in 0..40 {
        commit(&store, source(&lot.to_string()), (lot * 10..lot * 10 + 10).map(report));
    }
    for (n, leased) in lease(&store, 20).iter().enumerate() {
        settle(&store, leased.ticket, if n % 2 == 0 { accepted() } else { refused() });
    }
}

fn overwrite(path: &Path, at: u64, bytes: &[u8]) {
    let mut file = fs::OpenOptions::new().write(true).open(path).unwrap();
    file.seek(SeekFrom::Start(at)).unwrap();
    file.write_all(bytes).unwrap();
}

fn pages(path: &Path) -> u64 {
    fs::metadata(path).unwrap().len() / PAGE
}

/// How many report rows lie on pages that are the same before and after.
fn rows_on_whole_pages(before: &Path, after: &Path) -> u64 {
    let (old, new) = (fs::read(before).unwrap(), fs::read(after).unwrap());
    let page = |bytes: &[u8], number: usize| bytes.get((number - 1) * 4096..number * 4096).map(<[u8]>::to_vec);
    let conn = rusqlite::Connection::open(before).unwrap();
    let sql = "SELECT pageno, ncell FROM dbstat WHERE name = 'reports' AND pagetype = 'leaf'";
    let mut leaves = conn.prepare(sql).unwrap();
    let leaves = leaves.query_map([], |row| Ok((row.get::<_, u32>(0)? as usize, row.get::<_, u32>(1)?))).unwrap();
    let whole = leaves.map(Result::unwrap).filter(|(number, _)| page(&old, *number) == page(&new, *number));
    whole.map(|(_, rows)| u64::from(rows)).sum()
}

#[test]
fn a_damaged_file_is_set_aside_and_every_row_on_a_whole_page_is_rescued() {
    type Harm = fn(&Path);
    let table: [(&str, Harm); 8] = [
        ("garbage in the header", |path| overwrite(path, 0, &[0xa5; 100])),
        ("the first page zeroed", |path| overwrite(path, 0, &[0; 4096])),
        ("a page of garbage in the middle", |path| overwrite(path, pages(path) / 2 * PAGE, &[0xff; 4096])),
        ("every tenth page zeroed", |path| (3..pages(path)).step_by(10).for_each(|page| overwrite(path, page * PAGE, &[0; 4096]))),
        ("cut in the middle", |path| cut(path, pages(path) / 2 * PAGE)),
        ("cut inside a page", |path| cut(path, pages(path) * PAGE - 1_000)),
        ("a page map that calls every page free", |path| overwrite(path, PAGE, &[2; 4096])),
        ("all zeros", |path| overwrite(path, 0, &vec![0; (pages(path) * PAGE) as usize])),
    ];
    for (name, harm) in table {
        let ground = Ground::new();
        filled(&ground);
        let before = ground.crashed();
        harm(&ground.path());
        let least = rows_on_whole_pages(&before.path(), &ground.path());
        let (store, opened) = ground.reopened();
        let rescue = opened.rescue.unwrap_or_else(|| panic!("{name}: not noticed"));
        assert_eq!(rescue.aside, ground.folder.path().join(format!("queue.db.damaged-{NOW}")), "{name}");
        assert!(rescue.aside.exists(), "{name}");
        assert!((least..=400).contains(&rescue.reports), "{name}: {} of at least {least}", rescue.reports);
        let counts = store.counts().unwrap();
        assert_eq!(counts.queued + counts.completed + counts.error, rescue.reports, "{name}");
        commit(&store, source("new"), [report(9_999)]);
        assert!(deliver_all(&store).contains(&id(9_999)), "{name}: it works again");
        no_problems(&ground);
        drop(store);
        assert_eq!(ground.reopened().1.rescue, None, "{name}: the fresh file is sound");
    }
}

fn cut(path: &Path, len: u64) {
    fs::OpenOptions::new().write(true).open(path).unwrap().set_len(len).unwrap();
}

#[test]
fn a_rescue_keeps_tickets_states_attempts_and_sent_numbers() {
    let ground = Ground::new();
    filled(&ground);
    let before = ground.view().list(&crate::Query { limit: 1_000, ..Default::default() }).unwrap();
    let books = ground.view().books().unwrap();
    overwrite(&ground.path(), 0, &[0; 100]);
    let store = ground.owner();
    assert_eq!(ground.view().list(&crate::Query { limit: 1_000, ..Default::default() }).unwrap(), before);
    assert_eq!(ground.view().books().unwrap(), books);
    assert_eq!(ground.view().report(1).unwrap().unwrap().attempts.len(), 1);
    assert_eq!(store.sent_since(0).unwrap(), 10);
    assert_eq!(deliver_all(&store).len(), 380);
}

#[test]
fn a_rescue_reads_what_only_the_log_had_committed() {
    let ground = Ground::new();
    let store = ground.owner();
    store.checkpoint().wait().unwrap();
    commit(&store, source("a"), (0..50).map(report));
    let after = ground.crashed();
    // the roots of tables the log has no newer page of
    let look = after.crashed();
    let conn = rusqlite::Connection::open(look.path()).unwrap();
    let root = conn.query_row("SELECT rootpage FROM sqlite_schema WHERE name = 'attempts'", [], |row| row.get::<_, u32>(0)).unwrap();
    overwrite(&after.path(), u64::from(root - 1) * PAGE, &[0xa5; 4096]);
    let (store, opened) = after.reopened();
    assert_eq!(opened.rescue.unwrap().reports, 50);
    assert_eq!(deliver_all(&store).len(), 50);
    no_problems(&after);
}

#[test]
fn reports_deleted_long_ago_do_not_come_back() {
    let ground = Ground::new();
    let store = ground.owner();
    commit(&store, source("a"), (0..300).map(report));
    store.discard(crate::Select::Ids((1..=290).collect()), NOW).wait().unwrap();
    store.retention(crate::Retention { history_before: i64::MIN, discarded_before: NOW + 1 }).wait().unwrap();
    drop(store);
    overwrite(&ground.path(), 0, &[0; 100]);
    assert_eq!(ground.reopened().1.rescue.unwrap().reports, 10);
}

#[test]
fn large_bodies_are_rescued_whole() {
    let ground = Ground::new();
    let store = ground.owner();
    let body: String = (0..40_000_u32).map(|n| format!("{:x}", n.wrapping_mul(2_654_435_761))).collect();
    commit(&store, source("a"), [report_with(0, &body)]);
    drop(store);
    overwrite(&ground.path(), 0, &[0; 100]);
    assert_eq!(lease(&ground.owner(), 1)[0].body, body.as_bytes());
}

#[test]
fn a_body_whose_row_was_lost_is_owed_again_and_a_row_whose_body_was_lost_says_so() {
    let ground = Ground::new();
    let store = ground.owner();
    commit(&store, source("a"), [report(0), report(1)]);
    drop(store);
    let conn = rusqlite::Connection::open(ground.path()).unwrap();
    conn.execute_batch("DELETE FROM reports WHERE id = 1; DELETE FROM bodies WHERE id = 2").unwrap();
    drop(conn);
    overwrite(&ground.path(), 0, &[0; 100]);
    let store = ground.owner();
    let leased = lease(&store, 5);
    assert_eq!((leased.len(), leased[0].report_id), (1, id(0)));
    let row = &ground.view().list(&crate::Query { state: Some(crate::State::Error), ..Default::default() }).unwrap()[0];
    assert_eq!(row.report_id, id(1));
    assert!(row.note.as_deref().unwrap().contains("lost"));
    no_problems(&ground);
}

#[test]
fn one_damaged_body_goes_to_error_and_its_neighbours_flow() {
    let ground = Ground::new();
    let store = ground.owner();
    commit(&store, source("a"), (0..3).map(report));
    drop(store);
    let conn = rusqlite::Connection::open(ground.path()).unwrap();
    conn.execute("UPDATE bodies SET frame = CAST(substr(frame, 1, length(frame) - 1) || x'00' AS BLOB) WHERE id = 2", []).unwrap();
    drop(conn);
    let store = ground.owner();
    assert_eq!(deliver_all(&store), [id(0), id(2)]);
    assert_eq!(store.counts().unwrap().error, 1);
    no_problems(&ground);
    commit(&store, source("b"), [report(1)]);
    assert_eq!(deliver_all(&store), [id(1)], "a better copy brings it back");
}

#[test]
fn damage_met_while_running_is_rescued_under_the_running_worker() {
    let ground = Ground::new();
    let store = ground.owner();
    commit(&store, source("a"), [report(0), report(1)]);
    let leased = lease(&store, 1);
    let met = store.hand.write(|_| {
        let corrupt = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_CORRUPT);
        Err::<(), _>(StoreError::from(rusqlite::Error::SqliteFailure(corrupt, None)))
    });
    assert!(met.wait().unwrap_err().is_damage());
    assert_eq!(store.take_rescue().unwrap().reports, 2);
    assert_eq!(store.take_rescue(), None, "told once");
    settle(&store, leased[0].ticket, accepted());
    assert_eq!(deliver_all(&store), [id(1)]);
    assert_eq!(store.counts().unwrap().completed, 2);
    no_problems(&ground);
}

#[test]
fn a_guest_leaves_a_damaged_file_alone() {
    let ground = Ground::new();
    filled(&ground);
    overwrite(&ground.path(), 0, &[0; 100]);
    let error = Store::open(ground.path(), Role::Guest, NOW).err().unwrap();
    assert!(error.is_damage(), "{error}");
    assert_eq!(ground.names(), ["queue.db"]);
}

#[test]
fn a_rescue_that_was_cut_off_is_finished_or_begun_again() {
    let ground = Ground::new();
    filled(&ground);
    // before the renames: the half-made file is forgotten
    fs::write(ground.folder.path().join("queue.db.rescue"), b"half").unwrap();
    assert_eq!(ground.owner().counts().unwrap().queued, 380);
    assert_eq!(ground.names(), ["queue.db"]);
    // between them: the whole one takes its place, and the log of the damaged one is kept away from it
    fs::rename(ground.path(), ground.folder.path().join("queue.db.rescue")).unwrap();
    fs::write(ground.folder.path().join("queue.db-wal"), b"of the damaged file").unwrap();
    assert_eq!(ground.owner().counts().unwrap().queued, 380);
    assert_eq!(ground.names(), ["queue.db", "queue.db.damaged-leftover-wal"]);
}

#[test]
fn two_rescues_in_one_moment_keep_both_damaged_files() {
    let ground = Ground::new();
    for _ in 0..2 {
        fs::write(ground.path(), [0xa5; 9_000]).unwrap();
        drop(ground.owner());
    }
    let names = ground.names();
    assert_eq!(names, ["queue.db".to_owned(), format!("queue.db.damaged-{NOW}"), format!("queue.db.damaged-{NOW}-2")]);
}

#[test]
fn damaged_pages_met_while_running_cost_only_what_was_on_them() {
    let ground = Ground::new();
    let store = ground.owner();
    for lot in 0..40 {
        commit(&store, source(&lot.to_string()), (lot * 10..lot * 10 + 10).map(report));
    }
    store.checkpoint().wait().unwrap();
    // another process's commit makes the owner read its pages anew
    commit(&ground.guest(), source("guest"), [report(400)]);
    let middle = pages(&ground.path()) / 2;
    overwrite(&ground.path(), middle * PAGE, &vec![0xff; (pages(&ground.path()) - middle - 2) as usize * PAGE as usize]);
    let answers: Vec<_> = (0..401).map(|_| store.lease(1, NOW).wait()).collect();
    assert!(answers.iter().flatten().all(|leased| leased.len() <= 1));
    assert!(answers.iter().any(|answer| answer.as_ref().is_err_and(StoreError::is_damage)), "the damage was met");
    assert!(store.take_rescue().unwrap().aside.exists());
    commit(&store, source("new"), [report(9_999)]);
    no_problems(&ground);
}

#[test]
fn between_the_renames_of_a_rescue_a_guest_makes_no_file() {
    for mark in ["queue.db.rescue".to_owned(), format!("queue.db.damaged-{NOW}")] {
        let ground = Ground::new();
        fs::write(ground.folder.path().join(&mark), b"").unwrap();
        let error = Store::open(ground.path(), Role::Guest, NOW).err().unwrap();
        assert_eq!(error, StoreError::Repairing { path: ground.path() });
        assert_eq!(ground.names(), [mark]);
    }
}

#[test]
fn a_rescue_that_knows_more_than_the_file_at_the_path_is_never_deleted() {
    let ground = Ground::new();
    filled(&ground);
    let (rescue, aside) = (ground.folder.path().join("queue.db.rescue"), format!("queue.db.damaged-{NOW}"));
    // it knows no more: it was made, and not yet renamed
    fs::copy(ground.path(), &rescue).unwrap();
    assert_eq!(ground.owner().counts().unwrap().queued, 380);
    assert_eq!(ground.names(), ["queue.db"]);
    // somebody made a new file between the renames
    fs::rename(ground.path(), &rescue).unwrap();
    let other = Ground::new();
    commit(&other.owner(), source("guest"), [report(9_999)]);
    fs::copy(other.path(), ground.path()).unwrap();
    assert_eq!(deliver_all(&ground.owner()), [id(9_999)]);
    assert!(ground.names().contains(&aside) && !rescue.exists(), "{:?}", ground.names());
    assert_eq!(crate::View::open(ground.folder.path().join(aside)).unwrap().unwrap().counts().unwrap().queued, 380);
}

#[test]
fn after_a_rescue_that_failed_the_next_waits_a_minute() {
    let ground = Ground::new();
    let store = ground.owner();
    commit(&store, source("a"), [report(0)]);
    // stands for a full disk: the fresh file cannot be made
    let obstacle = ground.folder.path().join("queue.db.rescue");
    fs::create_dir(&obstacle).unwrap();
    let meet = |now| {
        store.due_now(now).wait().unwrap();
        store.hand.write(|_| Err::<(), _>(StoreError::damaged(Path::new(""), "for this test"))).wait().unwrap_err();
        store.take_rescue().is_some()
    };
    assert!(!meet(NOW));
    fs::remove_dir(&obstacle).unwrap();
    assert!(!meet(NOW + 59_999), "it is not tried again yet");
    assert!(meet(NOW + 60_000));
    assert_eq!(deliver_all(&store), [id(0)]);
}
