//! Taking in: all or nothing, durable at the answer, never doubled.

use super::{Ground, NOW, commit, id, lease, no_problems, report, report_with, source};
use crate::{NewReport, SourceOutcome, StoreError};

#[test]
fn what_a_commit_answered_is_there_after_a_power_cut() {
    let ground = Ground::new();
    let store = ground.owner();
    commit(&store, source("a"), [report(0), report(1)]);
    let after = ground.crashed();
    assert_eq!(after.owner().counts().unwrap().queued, 2);
}

#[test]
fn nothing_of_an_uncommitted_source_is_visible_however_large_it_is() {
    let ground = Ground::new();
    let store = ground.owner();
    let mut intake = store.intake(source("lot"), NOW);
    (0..600).for_each(|n| intake.push(report(n)).unwrap());
    assert_eq!(store.counts().unwrap().queued, 0);
    assert_eq!(lease(&store, 10), []);
    assert_eq!(store.known("bench", "/drop/lot", 10, 7).unwrap(), None);
    assert_eq!(ground.view().books().unwrap().sources, []);
    let id = intake.commit().wait().unwrap();
    assert_eq!(store.counts().unwrap().queued, 600);
    assert_eq!(ground.view().history(&crate::SourceQuery::default()).unwrap()[0].reports, 600);
    assert_eq!(store.known("bench", "/drop/lot", 10, 7).unwrap().unwrap().source, id);
    no_problems(&ground);
}

#[test]
fn a_large_source_goes_out_in_its_own_order() {
    let ground = Ground::new();
    let store = ground.owner();
    commit(&store, source("lot"), (0..600).map(report));
    let order: Vec<_> = lease(&store, 600).into_iter().map(|leased| leased.report_id).collect();
    assert_eq!(order, (0..600).map(id).collect::<Vec<_>>());
}

/// The reports that wait invisibly.
fn staged(ground: &Ground) -> i64 {
    let conn = rusqlite::Connection::open(ground.path()).unwrap();
    conn.query_row("SELECT count(*) FROM staged", [], |row| row.get(0)).unwrap()
}

#[test]
fn a_batch_is_staged_when_it_has_many_reports_or_many_bytes_and_not_before() {
    let ground = Ground::new();
    let store = ground.owner();
    let mut intake = store.intake(source("lot"), NOW);
    (0..255).for_each(|n| intake.push(report(n)).unwrap());
    assert_eq!(staged(&ground), 0);
    intake.push(report(255)).unwrap();
    assert_eq!(staged(&ground), 256);
    let mut seed = 1u32;
    let mut noise = |n| {
        let byte = |_| {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (seed >> 24) as u8
        };
        NewReport { body: (0..3 << 19).map(byte).collect(), ..report(n) }
    };
    for (n, expected) in [(256, 256), (257, 256), (258, 259), (259, 259)] {
        intake.push(noise(n)).unwrap();
        assert_eq!(staged(&ground), expected, "with report {n}");
    }
    intake.commit().wait().unwrap();
    assert_eq!(staged(&ground), 0, "what is owed waits no more");
}

#[test]
fn a_dropped_intake_leaves_nothing() {
    let ground = Ground::new();
    let store = ground.owner();
    let mut intake = store.intake(source("lot"), NOW);
    (0..600).for_each(|n| intake.push(report(n)).unwrap());
    drop(intake);
    drop(store);
    let (_store, opened) = ground.reopened();
    assert_eq!(opened.sources_dropped, 0, "the drop itself cleaned up");
    let conn = rusqlite::Connection::open(ground.path()).unwrap();
    for table in ["staged", "bodies", "reports", "sources"] {
        let rows: i64 = conn.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0)).unwrap();
        assert_eq!(rows, 0, "{table}");
    }
}

#[test]
fn a_source_half_staged_at_a_crash_is_dropped_and_can_be_taken_again() {
    let ground = Ground::new();
    let store = ground.owner();
    let mut intake = store.intake(source("lot"), NOW);
    (0..300).for_each(|n| intake.push(report(n)).unwrap());
    let after = ground.crashed();
    let (store, opened) = after.reopened();
    assert_eq!(opened.sources_dropped, 1);
    commit(&store, source("lot"), (0..300).map(report));
    assert_eq!(store.counts().unwrap().queued, 300);
    no_problems(&after);
}

#[test]
fn a_guest_whose_staging_was_dropped_by_the_owner_is_told_to_take_the_file_again() {
    let ground = Ground::new();
    let guest = ground.guest();
    let mut intake = guest.intake(source("lot"), NOW);
    (0..300).for_each(|n| intake.push(report(n)).unwrap());
    let owner = ground.owner();
    let lost = intake.commit().wait();
    assert_eq!(lost, Err(StoreError::IntakeLost("/drop/lot".to_owned())));
    assert_eq!(owner.counts().unwrap().queued, 0);
}

#[test]
fn a_body_comes_back_byte_for_byte() {
    let ground = Ground::new();
    let store = ground.owner();
    let body = "{ \"sn\" : \"ÄÖ\u{1f600}\",\t\"v\":1.500}";
    commit(&store, source("a"), [report_with(0, body)]);
    assert_eq!(lease(&store, 1)[0].body, body.as_bytes());
}

#[test]
fn the_ledger_knows_a_file_by_its_place_and_by_its_content() {
    let ground = Ground::new();
    let store = ground.owner();
    let taken = commit(&store, source("a"), [report(0)]);
    let known = store.known("bench", "/drop/a", 10, 7).unwrap().unwrap();
    assert_eq!((known.source, known.outcome, known.filed), (taken, SourceOutcome::Converted, false));
    for (rule, path, size, mtime) in
        [("other", "/drop/a", 10, 7), ("bench", "/drop/b", 10, 7), ("bench", "/drop/a", 11, 7), ("bench", "/drop/a", 10, 8)]
    {
        assert_eq!(store.known(rule, path, size, mtime).unwrap(), None, "{rule} {path} {size} {mtime}");
    }
    assert_eq!(store.known_content(source("a").hash, "/elsewhere").unwrap().unwrap().source, taken);
    assert_eq!(store.known_content(source("b").hash, "/drop/b").unwrap(), None);
    store.filed(taken, Some("/drop/Done/a"), NOW).wait().unwrap();
    assert!(store.known("bench", "/drop/a", 10, 7).unwrap().unwrap().filed);
}

#[test]
fn a_rejected_and_a_duplicate_source_are_remembered_with_their_reasons() {
    let ground = Ground::new();
    let store = ground.owner();
    let first = commit(&store, source("a"), [report(0)]);
    store.reject(source("bad"), "line 3: no serial number", NOW).wait().unwrap();
    let again = crate::Source { path: "/drop/a2".to_owned(), ..source("a") };
    store.duplicate(again, first, NOW).wait().unwrap();
    let rejected = store.known_content(source("bad").hash, "/drop/bad").unwrap().unwrap();
    assert_eq!((rejected.outcome, rejected.reason.as_deref()), (SourceOutcome::Rejected, Some("line 3: no serial number")));
    assert_eq!(store.known("bench", "/drop/a2", 10, 7).unwrap().unwrap().outcome, SourceOutcome::Duplicate);
    assert_eq!(store.known_content(source("a").hash, "/elsewhere").unwrap().unwrap().source, first, "the conversion, not its duplicate");
}

#[test]
fn of_a_content_taken_at_several_places_the_one_asked_about_is_told() {
    let ground = Ground::new();
    let store = ground.owner();
    let (here, there) = (source("a"), crate::Source { path: "/drop/there".to_owned(), ..source("a") });
    let (first, second) = (commit(&store, here.clone(), [report(0)]), commit(&store, there, [report(0)]));
    let known = |path| store.known_content(here.hash, path).unwrap().unwrap().source;
    assert_eq!([known("/drop/a"), known("/drop/there"), known("/drop/elsewhere")], [first, second, second]);
}

#[test]
fn a_source_without_reports_is_a_source_all_the_same() {
    let ground = Ground::new();
    let store = ground.owner();
    commit(&store, source("empty"), []);
    assert_eq!(ground.view().books().unwrap().sources.len(), 1);
}
