//! An instance with reports in every state, and each thing that can go wrong with it done by hand.

use super::*;
use crate::archive;
use instance::Scope;
use std::fs;
use std::path::PathBuf;
use store::{Attempt, NewReport, Role, Settlement, Source, Store};
use tempfile::TempDir;

const NOW: i64 = 1_780_000_000_000;

/// An instance whose worker is not running.
struct Ground {
    home: TempDir,
}

impl Ground {
    /// Report 1 delivered and archived, 2 delivered, 3 owed; a rejected file with its note in Error.
    fn new() -> Self {
        let ground = Self { home: tempfile::tempdir().unwrap() };
        ground.layout().create().unwrap();
        fs::create_dir_all(ground.error()).unwrap();
        let (store, _) = Store::open(ground.layout().queue_db(), Role::Owner, NOW).unwrap();
        for n in 1..=3 {
            let mut intake = store.intake(source(n), NOW);
            intake.push(report(n)).unwrap();
            intake.commit().wait().unwrap();
        }
        for leased in store.lease(2, NOW).wait().unwrap() {
            let attempt = Attempt { at: NOW, latency_ms: 1, status: Some(200), message: String::new() };
            store.settle(leased.ticket, attempt, Settlement::Accepted { receipt: String::new() }).wait().unwrap();
            if leased.ticket.0 == 1 {
                let reports = store.unarchived(1).unwrap();
                let places = archive::append(&ground.layout().reports(), &reports[0].day, &reports).unwrap();
                store.archived(places).wait().unwrap();
            }
        }
        fs::write(ground.error().join("bad.json"), "x").unwrap();
        fs::write(ground.error().join("bad.json.error.txt"), "why").unwrap();
        let rejected = store.reject(source(9), "no serial number", NOW).wait().unwrap();
        store.filed(rejected, ground.error().join("bad.json").to_str(), NOW).wait().unwrap();
        ground
    }

    fn layout(&self) -> Layout {
        Layout::at(self.home.path().join("instance"), Scope::User)
    }

    fn watched(&self) -> PathBuf {
        self.home.path().join("in")
    }

    fn error(&self) -> PathBuf {
        self.watched().join("Error")
    }

    fn day(&self) -> PathBuf {
        fs::read_dir(self.layout().reports()).unwrap().next().unwrap().unwrap().path()
    }

    fn verify(&self, running: bool, depth: Depth) -> Vec<Check> {
        let rule = instance::WatchRule { watch_folder: self.watched().to_str().unwrap().to_owned(), ..Default::default() };
        let config = Config { converters: vec![rule], reports_keep_days: 30, ..Config::default() };
        let now = Timestamp::from_millisecond(NOW).unwrap();
        let layout = self.layout();
        verify(&Subject { layout: &layout, running, crashed: false, config: Some(config), now }, depth, &|_| {}).unwrap()
    }

    /// What is found, as `check: fault or warning: what`.
    fn found(&self) -> Vec<String> {
        let word = |fault| if fault { "fault" } else { "warning" };
        let checks = self.verify(false, Depth::Thorough);
        let lines = checks.iter().flat_map(|check| check.findings.iter().map(|found| (check.name, found)));
        lines.map(|(name, found)| format!("{name}: {}: {}", word(found.fault), found.what)).collect()
    }
}

fn source(n: u8) -> Source {
    Source { rule: "r".into(), path: format!("/in/{n}"), size: 1, mtime_ns: 1, hash: [n; 32], format: String::new(), priority: 5 }
}

fn report(n: u8) -> NewReport {
    let id = uuid::Uuid::from_u128(n.into());
    let text = |text: &str| text.to_owned();
    let (sn, pn, result, process, start) = (text("1"), text("2"), text("P"), text("10"), text(""));
    NewReport {
        step: String::new(),
        id,
        index: 0,
        body: format!("{{\"id\":\"{id}\"}}").into_bytes(),
        kind: 'T',
        sn,
        pn,
        result,
        process,
        start,
        warnings: Vec::new(),
    }
}

#[test]
fn a_sound_instance_has_nothing_to_find_and_everything_was_looked_at() {
    let ground = Ground::new();
    let checks = ground.verify(false, Depth::Thorough);
    assert_eq!(ground.found(), Vec::<String>::new());
    let looked: Vec<_> = checks.iter().map(|check| (check.name, check.checked)).collect();
    let expected = [
        ("queue file", Some(1)),
        ("reports", Some(3)),
        ("sources", Some(4)),
        ("archive", Some(1)),
        ("rejected files", Some(1)),
        ("counts", Some(1)),
        ("left behind", looked[6].1),
    ];
    assert_eq!(looked, expected);
}

#[test]
fn a_quick_look_reads_no_archive_and_no_folder() {
    let ground = Ground::new();
    fs::remove_file(ground.day()).unwrap();
    fs::remove_dir_all(ground.error()).unwrap();
    let checks = ground.verify(false, Depth::Quick);
    assert!(checks.iter().all(|check| check.findings.is_empty()), "{checks:?}");
    assert!(checks.iter().any(|check| check.name == "reports" && check.checked == Some(3)));
}

#[test]
fn each_damage_outside_of_the_rows_is_found_and_named() {
    type Damage = fn(&Ground);
    let table: [(&str, Damage, &[&str]); 12] = [
        ("archive cut", |ground| cut(&ground.day()), &["archive: fault: DAY at byte 0: the file ends before it"]),
        ("archive overwritten", |ground| garble(&ground.day()), &["archive: fault: DAY at byte 0: not what was sent lies there"]),
        ("day gone", |ground| fs::remove_file(ground.day()).unwrap(), &["archive: warning: is not there, and 1 report of it should be"]),
        (
            "note deleted",
            |ground| fs::remove_file(ground.error().join("bad.json.error.txt")).unwrap(),
            &["rejected files: warning: its note is gone"],
        ),
        (
            "rejected file taken",
            |ground| fs::remove_file(ground.error().join("bad.json")).unwrap(),
            &["rejected files: warning: only its note is left: somebody took the file"],
        ),
        (
            "rejected file and note taken",
            |ground| fs::remove_dir_all(ground.error()).unwrap(),
            &["rejected files: warning: 1 no longer where they were put, nor are their notes: somebody tidied up"],
        ),
        (
            "held file",
            |ground| fs::write(ground.watched().join(".lineside-held-00dead00-1-a.json.part"), "x").unwrap(),
            &["left behind: warning: was being filed when a worker died"],
        ),
        (
            "half a copy",
            |ground| fs::write(ground.error().join(".lineside-copy-00dead00-1.part"), "x").unwrap(),
            &["left behind: warning: is a copy that was not finished"],
        ),
        (
            "queue file set aside",
            |ground| fs::write(with(&ground.layout().queue_db(), ".damaged-1"), "x").unwrap(),
            &["queue file: warning: is a queue file that was set aside"],
        ),
        (
            "rescue interrupted",
            |ground| fs::write(with(&ground.layout().queue_db(), ".rescue"), "x").unwrap(),
            &["queue file: fault: is a rescue that was interrupted"],
        ),
        (
            "queue file overwritten",
            |ground| fs::write(ground.layout().queue_db(), vec![7; 8192]).unwrap(),
            &["queue file: fault: cannot be read to its end"],
        ),
        ("queue file cut", |ground| cut(&ground.layout().queue_db()), &["queue file: fault: "]),
    ];
    for (name, damage, expected) in table {
        let ground = Ground::new();
        let day = ground.day();
        damage(&ground);
        let found: Vec<String> = ground.found().iter().map(|line| line.replace(&*day.to_string_lossy(), "DAY")).collect();
        assert!(!found.is_empty() && found.len() >= expected.len(), "{name}: {found:?}");
        for (found, expected) in found.iter().zip(expected) {
            assert!(found.starts_with(expected), "{name}: {found}");
        }
    }
}

#[test]
fn what_is_on_its_way_under_a_running_worker_is_nothing_left_behind() {
    let ground = Ground::new();
    let (store, _) = Store::open(ground.layout().queue_db(), Role::Guest, NOW).unwrap();
    fs::write(ground.watched().join(".lineside-held-00dead00-1-a.json.part"), "x").unwrap();
    fs::write(with(&ground.layout().queue_db(), ".rescue"), "x").unwrap();
    let checks = ground.verify(true, Depth::Thorough);
    assert!(checks.iter().all(|check| check.findings.is_empty()), "{checks:?}");
    drop(store);
}

#[test]
fn the_log_of_the_queue_deleted_under_a_worker_is_a_fault_and_no_new_one_is_made() {
    let ground = Ground::new();
    let (store, _) = Store::open(ground.layout().queue_db(), Role::Guest, NOW).unwrap();
    let log = with(&ground.layout().queue_db(), "-wal");
    fs::remove_file(&log).unwrap();
    let checks = ground.verify(true, Depth::Thorough);
    assert_eq!((checks[0].faults, checks[1].checked), (1, None), "{checks:?}");
    assert!(!log.exists());
    drop(store);
}

#[test]
fn days_that_are_not_kept_are_not_missed() {
    let ground = Ground::new();
    fs::remove_file(ground.day()).unwrap();
    let layout = ground.layout();
    let config = Some(Config { reports_keep_days: 1, ..Config::default() });
    let now = Timestamp::from_millisecond(NOW + 3 * 86_400_000).unwrap();
    let subject = Subject { layout: &layout, running: false, crashed: false, config, now };
    let checks = verify(&subject, Depth::Thorough, &|_| {}).unwrap();
    assert!(checks.iter().all(|check| check.findings.is_empty()), "{checks:?}");
}

fn cut(path: &std::path::Path) {
    let len = fs::metadata(path).unwrap().len();
    fs::OpenOptions::new().write(true).open(path).unwrap().set_len(len / 2).unwrap();
}

fn garble(path: &std::path::Path) {
    let mut bytes = fs::read(path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 0xff;
    fs::write(path, bytes).unwrap();
}

fn with(path: &std::path::Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    name.into()
}
