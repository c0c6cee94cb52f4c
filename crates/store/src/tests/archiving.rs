//! The archive, retention, and files that shrink.

use std::fs;

use super::{Ground, NOW, accepted, commit, deliver_all, lease, no_problems, refused, report, report_with, settle, source};
use crate::{ArchivePlace, Retention, Select, Settlement, Store, Swept, Ticket};

const DAY: i64 = 24 * 60 * 60 * 1000;

fn archive_all(store: &Store) {
    loop {
        let some = store.unarchived(100).unwrap();
        if some.is_empty() {
            return;
        }
        let place = |len: usize| ArchivePlace { file: "day".to_owned(), offset: 3, len: len as u64 };
        store.archived(some.iter().map(|one| (one.ticket, place(one.frame.len()))).collect()).wait().unwrap();
    }
}

fn sweep(store: &Store, history_before: i64, discarded_before: i64) -> Swept {
    let mut total = Swept::default();
    loop {
        let step = store.retention(Retention { history_before, discarded_before }).wait().unwrap();
        total.reports += step.reports;
        total.sources += step.sources;
        if !step.more {
            return total;
        }
    }
}

#[test]
fn frames_appended_to_one_file_read_as_json_lines() {
    let ground = Ground::new();
    let store = ground.owner();
    commit(&store, source("a"), [report_with(0, "{\"v\":0}"), report_with(1, "{\"v\":1}")]);
    deliver_all(&store);
    let frames = store.unarchived(10).unwrap();
    assert!(frames.iter().all(|one| one.day == "2026-05-28"), "{frames:?}");
    let file: Vec<u8> = frames.into_iter().flat_map(|one| one.frame).collect();
    assert_eq!(zstd::decode_all(file.as_slice()).unwrap(), b"{\"v\":0}\n{\"v\":1}\n");
}

#[test]
fn a_body_leaves_only_after_its_place_is_known() {
    let ground = Ground::new();
    let store = ground.owner();
    commit(&store, source("a"), [report(0)]);
    assert_eq!(store.unarchived(10).unwrap(), [], "owed bodies are not for the archive");
    deliver_all(&store);
    assert!(ground.view().report(1).unwrap().unwrap().body.is_some());
    archive_all(&store);
    let detail = ground.view().report(1).unwrap().unwrap();
    assert_eq!(detail.body, None);
    assert_eq!(detail.archived.unwrap().offset, 3);
    no_problems(&ground);
}

#[test]
fn a_place_for_an_older_body_does_not_take_the_newer_one_away() {
    let ground = Ground::new();
    let store = ground.owner();
    commit(&store, source("a"), [report_with(0, "{\"v\":1}")]);
    deliver_all(&store);
    let old = store.unarchived(1).unwrap().remove(0);
    commit(&store, source("b"), [report_with(0, "{\"v\":2,\"longer\":\"than the first\"}")]);
    deliver_all(&store);
    let place = ArchivePlace { file: "day".to_owned(), offset: 0, len: old.frame.len() as u64 };
    store.archived(vec![(old.ticket, place)]).wait().unwrap();
    assert_eq!(store.unarchived(1).unwrap().len(), 1);
    no_problems(&ground);
}

#[test]
fn an_archived_report_that_is_sent_again_keeps_its_body_until_it_is_delivered_and_its_place() {
    let ground = Ground::new();
    let store = ground.owner();
    commit(&store, source("a"), [report(0)]);
    deliver_all(&store);
    archive_all(&store);
    let body = report(0).body;
    store.resend(Ticket(1), Some(body.clone()), NOW).wait().unwrap();
    for settlement in [refused(), Settlement::Again { next_at: NOW }] {
        settle(&store, lease(&store, 1)[0].ticket, settlement);
        store.retry(Select::All, NOW).wait().unwrap();
    }
    let leased = lease(&store, 1);
    assert_eq!(leased[0].body, body);
    settle(&store, leased[0].ticket, accepted());
    let detail = ground.view().report(1).unwrap().unwrap();
    assert_eq!((detail.body, detail.archived.unwrap().offset), (None, 3));
    assert_eq!(store.unarchived(10).unwrap(), []);
    no_problems(&ground);
}

#[test]
fn a_report_whose_body_was_given_up_as_damaged_is_archived_once_it_was_sent_again_whole() {
    let ground = Ground::new();
    let store = ground.owner();
    commit(&store, source("a"), [report(0)]);
    deliver_all(&store);
    let spoil = store.hand.write(|conn| Ok(conn.execute("UPDATE bodies SET frame = zeroblob(10)", [])?));
    spoil.wait().unwrap();
    assert_eq!(store.unarchived(10).unwrap(), []);
    let body = report(0).body;
    store.resend(Ticket(1), Some(body.clone()), NOW).wait().unwrap();
    let leased = lease(&store, 1);
    assert_eq!(leased[0].body, body);
    settle(&store, leased[0].ticket, accepted());
    assert_eq!(store.unarchived(10).unwrap().len(), 1);
}

#[test]
fn retention_forgets_old_history_but_nothing_owed_refused_or_unarchived() {
    let ground = Ground::new();
    let store = ground.owner();
    let gone = commit(&store, source("sent"), [report(0)]);
    let kept = commit(&store, source("refused"), [report(1)]);
    let leased = lease(&store, 2);
    settle(&store, leased[0].ticket, super::accepted());
    settle(&store, leased[1].ticket, refused());
    commit(&store, source("owed"), [report(2)]);
    for source in [gone, kept] {
        store.filed(source, Some("/Done"), NOW).wait().unwrap();
    }
    assert_eq!(sweep(&store, NOW + DAY, NOW + DAY), Swept::default(), "not archived yet");
    archive_all(&store);
    assert_eq!(sweep(&store, NOW, NOW), Swept::default(), "not old enough");
    let swept = sweep(&store, NOW + DAY, NOW + DAY);
    assert_eq!((swept.reports, swept.sources), (1, 1));
    let counts = store.counts().unwrap();
    assert_eq!((counts.queued, counts.error, counts.completed), (1, 1, 0));
    assert_eq!(store.sent_since(0).unwrap(), 1, "what was sent stays counted");
    no_problems(&ground);
}

#[test]
fn a_source_that_stays_in_its_folder_is_remembered_for_ever() {
    let ground = Ground::new();
    let store = ground.owner();
    let stays = commit(&store, source("a"), [report(0)]);
    deliver_all(&store);
    archive_all(&store);
    store.filed(stays, None, NOW).wait().unwrap();
    assert_eq!(sweep(&store, NOW + DAY, NOW).sources, 0);
    assert!(store.known("bench", "/drop/a", 10, 7).unwrap().is_some());
}

#[test]
fn a_discarded_body_is_kept_until_its_days_are_over() {
    let ground = Ground::new();
    let store = ground.owner();
    commit(&store, source("a"), [report(0)]);
    store.discard(Select::Ids(vec![1]), NOW).wait().unwrap();
    sweep(&store, i64::MIN, NOW);
    assert!(ground.view().report(1).unwrap().unwrap().body.is_some());
    assert_eq!(sweep(&store, i64::MIN, NOW + 1).reports, 1);
    assert_eq!(ground.view().report(1).unwrap(), None);
    no_problems(&ground);
}

#[test]
fn retention_works_in_bounded_steps() {
    let ground = Ground::new();
    let store = ground.owner();
    commit(&store, source("a"), (0..1_200).map(report));
    store.discard(Select::Ids((1..=1_200).collect()), NOW).wait().unwrap();
    let step = store.retention(Retention { history_before: i64::MIN, discarded_before: NOW + 1 }).wait().unwrap();
    assert_eq!((step.reports, step.more), (500, true));
    assert_eq!(sweep(&store, i64::MIN, NOW + 1).reports, 700);
}

/// A body of 20,000 characters that hardly compresses.
fn noise(n: u32) -> String {
    let mut text = vec![0; 20_000];
    blake3::Hasher::new().update(&n.to_le_bytes()).finalize_xof().fill(&mut text);
    text.iter().map(|byte| char::from(byte % 64 + b'0')).filter(|c| *c != '\\').collect()
}

#[test]
fn the_log_stays_bounded_without_anybody_asking() {
    let ground = Ground::new();
    let store = ground.owner();
    for lot in 0..30 {
        commit(&store, source(&lot.to_string()), (lot * 100..lot * 100 + 100).map(|n| report_with(n, &noise(n))));
    }
    let log = fs::metadata(ground.path().with_extension("db-wal")).unwrap().len();
    assert!(log < 24 << 20, "{log}");
}

#[test]
fn the_file_and_its_log_shrink_after_a_backlog_has_drained() {
    let ground = Ground::new();
    let store = ground.owner();
    commit(&store, source("a"), (0..400).map(|n| report_with(n, &noise(n))));
    store.checkpoint().wait().unwrap();
    let full = fs::metadata(ground.path()).unwrap().len();
    deliver_all(&store);
    archive_all(&store);
    while store.checkpoint().wait().unwrap() {}
    let drained = fs::metadata(ground.path()).unwrap().len();
    assert!(drained * 4 < full, "{drained} of {full}");
    assert_eq!(fs::metadata(ground.path().with_extension("db-wal")).unwrap().len(), 0);
    no_problems(&ground);
}

#[test]
fn the_known_end_of_an_archive_file_is_that_of_its_last_body_of_the_day() {
    let ground = Ground::new();
    let store = ground.owner();
    commit(&store, source("a"), [report(0), report(1)]);
    deliver_all(&store);
    assert_eq!(store.archive_end("day", i64::MIN, i64::MAX).unwrap(), 0);
    let len = store.unarchived(10).unwrap().iter().map(|one| one.frame.len() as u64).max().unwrap();
    archive_all(&store);
    let ends = [("day", NOW, NOW + 1), ("day", NOW + 1, NOW + 2), ("other", NOW, NOW + 1)];
    assert_eq!(ends.map(|(file, from, until)| store.archive_end(file, from, until).unwrap()), [3 + len, 0, 0]);
}
