//! What a store shows.

use std::path::Path;

use super::*;
use store::{NewReport, Role, Source, Store};

fn filled(dir: &Path) -> (Store, View) {
    let path = dir.join("queue.db");
    let (store, _) = Store::open(&path, Role::Owner, 1_000).unwrap();
    let source = Source {
        rule: "in".to_owned(),
        path: "/drop/a.json".to_owned(),
        size: 10,
        mtime_ns: 7,
        hash: [1; 32],
        format: "wsjf".to_owned(),
        priority: 5,
    };
    let mut intake = store.intake(source, 1_000);
    for n in 0..5_u128 {
        let report = NewReport {
            id: uuid::Uuid::from_u128(n + 1),
            index: u32::try_from(n).unwrap(),
            body: b"{}".to_vec(),
            kind: 'T',
            sn: format!("SN-{n}"),
            pn: "PN-7".to_owned(),
            result: "Passed".to_owned(),
            process: "10".to_owned(),
            start: String::new(),
            warnings: Vec::new(),
            step: String::new(),
        };
        intake.push(report).unwrap();
    }
    intake.commit().wait().unwrap();
    store.discard(store::Select::Ids(vec![2]), 1_500).wait().unwrap();
    store.lease(1, 2_000).wait().unwrap();
    let view = View::open(&path).unwrap().unwrap();
    (store, view)
}

fn tickets(view: &View, state: Option<QueueState>, before: Option<i64>, limit: u32) -> (Vec<i64>, u64) {
    let page = page(view, &QueueFilter { state, text: None, before, limit }).unwrap();
    (page.rows.iter().map(|row| row.ticket).collect(), page.total)
}

#[test]
fn what_is_owed_is_what_waits_and_what_is_being_sent_newest_first_in_pages() {
    let dir = tempfile::tempdir().unwrap();
    let (_store, view) = filled(dir.path());
    assert_eq!(tickets(&view, Some(QueueState::Owed), None, 100), (vec![5, 4, 3, 1], 4));
    assert_eq!(tickets(&view, Some(QueueState::Owed), None, 3), (vec![5, 4, 3], 4));
    assert_eq!(tickets(&view, Some(QueueState::Owed), Some(3), 3), (vec![1], 4));
    assert_eq!(tickets(&view, Some(QueueState::Discarded), None, 100), (vec![2], 1));
    assert_eq!(tickets(&view, Some(QueueState::Error), None, 100), (vec![], 0));
    assert_eq!(tickets(&view, None, None, 100), (vec![5, 4, 3, 2, 1], 5));
}

#[test]
fn a_text_finds_serials() {
    let dir = tempfile::tempdir().unwrap();
    let (_store, view) = filled(dir.path());
    let filter = QueueFilter { state: None, text: Some("sn-3".to_owned()), before: None, limit: 10 };
    let found = page(&view, &filter).unwrap();
    assert_eq!((found.rows.len(), found.rows[0].sn.as_str(), found.total), (1, "SN-3", 5));
}

#[test]
fn a_day_begins_and_ends_at_midnight_here() {
    let (from, to) = bounds("2026-11-21").unwrap();
    assert_eq!(to - from, 86_400_000);
    assert_eq!(bounds("21.11.2026").unwrap_err().code, "invalid");
}
