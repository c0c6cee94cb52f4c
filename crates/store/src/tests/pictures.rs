//! Pictures over time: what is counted where, and at what cost.

use super::{Ground, NOW, accepted, attempt, commit, deliver_all, id, lease, refused, report, source};
use crate::{Attempt, Lately, Millis, NewReport, Settlement, SourceQuery, Store, YieldRange};

const MINUTE: Millis = 60_000;
const HOUR: Millis = 60 * MINUTE;

/// A source with one test of a unit, taken at a time.
fn test(store: &Store, n: u32, at: Millis, sn: &str, result: &str, change: impl FnOnce(&mut NewReport)) {
    let mut one = NewReport { sn: sn.to_owned(), result: result.to_owned(), ..report(n) };
    if result != "P" {
        one.step = "24 V rail".to_owned();
    }
    change(&mut one);
    let mut intake = store.intake(source(&format!("{n}")), at);
    intake.push(one).unwrap();
    intake.commit().wait().unwrap();
}

#[test]
fn a_unit_is_tested_once_however_often_it_is_tested_and_its_first_result_stays() {
    let ground = Ground::new();
    let store = ground.owner();
    test(&store, 0, NOW - HOUR, "A", "P", |_| ());
    // failed, then passed: the file of the second test came first
    test(&store, 2, NOW - HOUR, "B", "P", |one| one.start = "2026-05-28T09:05:00+02:00".to_owned());
    test(&store, 1, NOW - HOUR + 1, "B", "F", |one| one.start = "2026-05-28T07:04:00Z".to_owned());
    test(&store, 3, NOW, "C", "F", |_| ());
    test(&store, 4, NOW, "C", "F", |one| one.step = "12 V rail".to_owned());
    // the same number of another part, and in another process, is another unit
    test(&store, 5, NOW, "A", "P", |one| one.pn = "PN-8".to_owned());
    test(&store, 6, NOW, "A", "E", |one| one.process = "20".to_owned());
    test(&store, 7, NOW, "A", "F", |one| one.kind = 'R');
    let found = ground.view().yield_of(YieldRange::Day, NOW).unwrap();
    assert_eq!((found.units, found.first_pass, found.passed, found.failed, found.reports), (5, 2, 3, 2, 7));
    assert_eq!(found.first_pass_yield, Some(0.4));
    let parts: Vec<_> = found.by_part.iter().map(|part| (part.pn.as_str(), part.units, part.first_pass, part.passed)).collect();
    assert_eq!(parts, [("PN-7", 4, 1, 2), ("PN-8", 1, 1, 1)]);
    let steps: Vec<_> = found.failures.iter().map(|one| (one.step.as_str(), one.units)).collect();
    assert_eq!(steps, [("24 V rail", 3), ("12 V rail", 1)]);
    let hours: Vec<_> = found.by_hour.iter().rev().take(2).map(|hour| (hour.units, hour.first_pass)).collect();
    assert_eq!(hours, [(3, 1), (2, 1)]);
    assert_eq!(found.by_hour.len(), 25);
}

#[test]
fn a_yield_looks_back_a_day_or_a_week_and_no_further() {
    let ground = Ground::new();
    let store = ground.owner();
    for (n, ago) in [(0, 8 * 24), (1, 6 * 24), (2, 25), (3, 23), (4, 0)] {
        test(&store, n, NOW - ago * HOUR, &format!("SN-{n}"), "P", |_| ());
    }
    let units = |range| ground.view().yield_of(range, NOW).unwrap().units;
    assert_eq!((units(YieldRange::Day), units(YieldRange::Week)), (2, 4));
    let none = ground.view().yield_of(YieldRange::Day, NOW + 30 * 24 * HOUR).unwrap();
    assert_eq!((none.units, none.first_pass_yield), (0, None));
}

#[test]
fn what_is_sent_rejected_and_refused_stands_in_its_stretch_with_what_it_took() {
    let ground = Ground::new();
    let store = ground.owner();
    commit(&store, source("a"), [report(0), report(1), report(2)]);
    let taken = lease(&store, 3);
    let settled = |n: usize, at, latency_ms, how: Settlement| {
        store.settle(taken[n].ticket, Attempt { at, latency_ms, ..attempt(at) }, how).wait().unwrap();
    };
    settled(0, NOW - 2 * MINUTE, 10, accepted());
    settled(1, NOW - 2 * MINUTE, 30, accepted());
    settled(2, NOW - MINUTE, 50, refused());
    store.reject(source("bad"), "no serial number", NOW).wait().unwrap();
    for (lately, bucket, n) in [(Lately::Hour, 60, 60), (Lately::Day, 900, 96), (Lately::Week, 3600, 168)] {
        let found = ground.view().activity(lately, NOW).unwrap();
        assert_eq!((found.bucket_s, found.sent.len(), found.latency_ms.len()), (bucket, n, n));
        assert!(found.from_at + i64::from(bucket) * 1000 * n as i64 > NOW && found.from_at % (i64::from(bucket) * 1000) == 0);
        let sums = [&found.sent, &found.rejected, &found.refused].map(|counts| counts.iter().sum::<u64>());
        assert_eq!(sums, [2, 1, 1], "{lately:?}");
        let latencies: Vec<u64> = found.latency_ms.iter().copied().flatten().collect();
        assert_eq!(latencies, [20], "{lately:?}");
        let place = |counts: &[u64]| counts.iter().position(|n| *n > 0).unwrap();
        assert_eq!(found.latency_ms[place(&found.sent)], Some(20));
        if lately == Lately::Hour {
            assert_eq!((place(&found.sent), place(&found.refused), place(&found.rejected)), (57, 58, 59));
        }
    }
    let later = ground.view().activity(Lately::Week, NOW + 8 * 24 * HOUR).unwrap();
    assert_eq!((later.sent.iter().sum::<u64>(), later.rejected.iter().sum::<u64>()), (0, 0));
}

#[test]
fn a_quarter_of_an_hour_of_an_older_version_has_no_latency() {
    let ground = Ground::new();
    let store = ground.owner();
    commit(&store, source("a"), [report(0)]);
    assert_eq!(deliver_all(&store), [id(0)]);
    let conn = rusqlite::Connection::open(ground.path()).unwrap();
    conn.execute("UPDATE sent SET ms = NULL", []).unwrap();
    commit(&store, source("b"), [report(1)]);
    assert_eq!(deliver_all(&store), [id(1)]);
    let found = ground.view().activity(Lately::Day, NOW).unwrap();
    assert_eq!((found.sent.iter().sum::<u64>(), found.latency_ms.iter().flatten().count()), (2, 0));
}

#[test]
fn the_history_is_asked_by_day_and_by_serial_and_part() {
    let ground = Ground::new();
    let store = ground.owner();
    for n in 0..20 {
        test(&store, n, NOW + i64::from(n) * HOUR, &format!("SERIAL-{n}"), "P", |one| one.pn = format!("PN-{}", n % 2));
    }
    let ids = |query: SourceQuery| -> Vec<i64> { ground.view().history(&query).unwrap().iter().map(|row| row.id.0).collect() };
    let between = |from, to| SourceQuery { from: Some(NOW + from * HOUR), to: Some(NOW + to * HOUR), ..SourceQuery::default() };
    assert_eq!(ids(between(3, 6)), [6, 5, 4]);
    assert_eq!(ids(between(-5, 1)), [1]);
    assert_eq!(ids(between(30, 40)), [] as [i64; 0]);
    let like = |text: &str| SourceQuery { text: Some(text.to_owned()), ..SourceQuery::default() };
    assert_eq!(ids(like("serial-17")), [18]);
    assert_eq!(ids(SourceQuery { limit: 2, ..like("pn-1") }), [20, 18]);
    assert_eq!(ids(like("/drop/7")), [8]);
    let row = ground.view().source(crate::SourceId(8)).unwrap().unwrap();
    assert_eq!(row.path, "/drop/7");
    assert_eq!(ground.view().source(crate::SourceId(99)).unwrap(), None);
}

/// A picture is read through indexes, or it would take the longer the longer the history is.
#[test]
fn no_picture_reads_the_whole_history() {
    let ground = Ground::new();
    let _store = ground.owner();
    let conn = crate::connection::reader(&ground.path()).unwrap();
    for sql in crate::pictures::QUESTIONS {
        let mut plan = conn.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
        let lines: Vec<String> = plan.query_map([0, 0], |row| row.get(3)).unwrap().map(Result::unwrap).collect();
        assert!(!lines.is_empty() && !lines.iter().any(|line| line.starts_with("SCAN")), "{sql}: {lines:?}");
    }
}
