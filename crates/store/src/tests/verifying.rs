//! Verification: what is damaged by hand is found and named, and nothing in a sound store.

use rusqlite::Connection;

use super::{Ground, NOW, accepted, commit, deliver_all, id, lease, refused, report, report_with, settle, source};
use crate::rows::hex;
use crate::{ArchivePlace, Finding, Settlement, SourceId, Store, Ticket, View};

/// Everything the verification finds, as `what: wrong`.
fn found(view: &View) -> Vec<String> {
    let mut found: Vec<String> = view.verify_file(true).unwrap();
    for report in view.verify_reports(Ticket(0), 1000).unwrap() {
        found.extend(report.wrong.iter().map(|wrong| format!("report {}: {wrong:?}", report.ticket)));
    }
    for source in view.verify_sources(SourceId(0), 1000).unwrap() {
        found.extend(source.wrong.iter().map(|wrong| format!("source {}: {wrong:?}", source.id)));
    }
    let tables = view.verify_tables().unwrap();
    found.extend(tables.iter().map(|Finding { about, wrong }| format!("{about:?}: {wrong:?}")));
    found
}

/// Sources 1 (reports 1 delivered and archived, 2 refused, 3 queued) and 2 (4 delivered), 3 rejected, 4 a duplicate of 1;
/// report 3 came with source 5 too.
fn filled(ground: &Ground) -> Store {
    let store = ground.owner();
    let first = commit(&store, source("a"), [report(0), report(1), report(2)]);
    commit(&store, source("b"), [report(3)]);
    store.reject(source("bad"), "no serial number", NOW).wait().unwrap();
    store.duplicate(source("a again"), first, NOW).wait().unwrap();
    commit(&store, source("c"), [report(2)]);
    let leased = lease(&store, 4);
    settle(&store, leased[0].ticket, accepted());
    settle(&store, leased[1].ticket, refused());
    settle(&store, leased[2].ticket, Settlement::Again { next_at: NOW + 1 });
    settle(&store, leased[3].ticket, Settlement::AlreadyThere { note: "there".to_owned() });
    let len = store.unarchived(1).unwrap()[0].frame.len() as u64;
    store.archived(vec![(Ticket(1), ArchivePlace { file: "day".to_owned(), offset: 0, len })]).wait().unwrap();
    store
}

fn empty(ground: &Ground) -> View {
    drop(ground.owner());
    ground.view()
}

#[test]
fn a_sound_store_has_nothing_to_find() {
    let ground = Ground::new();
    assert_eq!(found(&empty(&ground)), Vec::<String>::new(), "an empty one");
    let store = filled(&ground);
    assert_eq!(found(&ground.view()), Vec::<String>::new(), "one that is open");
    assert_eq!(found(&ground.crashed().view()), Vec::<String>::new(), "after a power cut");
    drop(store);
    assert_eq!(found(&ground.view()), Vec::<String>::new(), "one that was closed");
}

#[test]
fn what_people_and_retention_do_is_nothing_to_find() {
    let ground = Ground::new();
    let store = filled(&ground);
    store.retry(crate::Select::All, NOW).wait().unwrap();
    let body = ground.view().report(3).unwrap().unwrap().body;
    store.discard(crate::Select::Ids(vec![3]), NOW).wait().unwrap();
    deliver_all(&store);
    store.resend(Ticket(1), Some(report(0).body), NOW).wait().unwrap();
    assert_eq!(found(&ground.view()), Vec::<String>::new(), "owed once more");
    deliver_all(&store);
    commit(&store, source("newer"), [report_with(1, &format!("{{\"sn\":\"newer\",\"id\":\"{}\"}}", id(1)))]);
    assert!(body.is_some());
    assert_eq!(found(&ground.view()), Vec::<String>::new(), "replaced by a newer body");
    deliver_all(&store);
    for source in 1..=6 {
        store.filed(SourceId(source), Some("/done"), NOW).wait().unwrap();
    }
    store.retention(crate::Retention { history_before: NOW + 1, discarded_before: NOW + 1 }).wait().unwrap();
    assert_eq!(found(&ground.view()), Vec::<String>::new(), "forgotten");
}

#[test]
fn each_damage_is_found_and_named() {
    let other = crate::body::pack(id(9), report(9).body).unwrap();
    let table: [(&str, &[&str]); 17] = [
        ("DELETE FROM bodies WHERE id = (SELECT body FROM reports WHERE id = 3)", &["report 3: BodyGone"]),
        ("UPDATE bodies SET frame = x'00' WHERE id = (SELECT body FROM reports WHERE id = 3)", &["report 3: BodyDamaged"]),
        ("UPDATE reports SET body_hash = zeroblob(32) WHERE id = 4", &["report 4: BodyDamaged"]),
        ("UPDATE reports SET size = size + 1 WHERE id = 4", &["report 4: BodyDamaged"]),
        ("UPDATE reports SET body = (SELECT body FROM reports WHERE id = 4) WHERE id = 3", &["report 3: BodySwapped", "Body(3): LeftOver"]),
        (
            "UPDATE bodies SET frame = x'FRAME', hash = x'HASH', size = SIZE WHERE id = 3;
             UPDATE reports SET body_hash = x'HASH', size = SIZE WHERE id = 3",
            &["report 3: BodySwapped"],
        ),
        (
            "DELETE FROM reports WHERE id = 3",
            &[
                "source 1: ReportsGone { there: 2, must: 3 }",
                "source 5: ReportsGone { there: 0, must: 1 }",
                "Body(3): Ownerless",
                "Report(Ticket(3)): RowGone { delivered: false }",
                "Source(SourceId(5)): LooseMark",
            ],
        ),
        (
            "DELETE FROM reports WHERE id = 1",
            &["source 1: ReportsGone { there: 2, must: 3 }", "Report(Ticket(1)): RowGone { delivered: true }"],
        ),
        ("DELETE FROM attempts WHERE id / 64 = 1", &["report 1: NotProven"]),
        ("UPDATE reports SET receipt = NULL WHERE id = 1", &["report 1: NotProven"]),
        ("UPDATE reports SET archive_file = '' WHERE id = 1", &["report 1: NoCopy"]),
        ("DELETE FROM sources WHERE id = 2", &["report 4: SourceGone"]),
        ("UPDATE sources SET reason = NULL WHERE id = 3", &["source 3: Inconsistent(\"was rejected without a reason\")"]),
        ("UPDATE sources SET of = NULL WHERE id = 4", &["source 4: Inconsistent(\"is a duplicate of nothing\")"]),
        ("UPDATE sources SET reports = 0 WHERE id = 2", &["source 2: ReportsMiscounted"]),
        ("UPDATE counts SET n = n + 1 WHERE state = 0", &["State(\"queued\"): Miscounted"]),
        ("DELETE FROM sent", &["Deliveries: SentMiscounted"]),
    ];
    let ground = Ground::new();
    drop(filled(&ground));
    for (damage, expected) in table {
        let hurt = ground.crashed();
        let damage =
            damage.replace("FRAME", &hex(&other.frame)).replace("HASH", &hex(&other.hash)).replace("SIZE", &other.size.to_string());
        Connection::open(hurt.path()).unwrap().execute_batch(&damage).unwrap();
        assert_eq!(found(&hurt.view()), expected, "{damage}");
    }
}
