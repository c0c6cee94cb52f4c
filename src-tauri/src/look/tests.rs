//! Frozen instance folders, whole and damaged, and how each is shown. The one rule above all: never green for a worker that may not be well.

use std::fs;

use instance::{Guard, Scope};
use serde_json::{Value, json};
use store::{NewReport, Role, Source, Store};
use tempfile::TempDir;

use super::*;
use crate::observe::observe;
use crate::snapshot::{InstanceSnapshot, StateWord, Tone};

const NOW: &str = "2026-11-21T10:00:00Z";
/// The worker of the folders that have one.
const PID: u32 = 4711;
/// When its process began.
const BEGAN: u64 = 1_795_255_000;

/// A folder being made.
struct Folder {
    _dir: TempDir,
    layout: Layout,
    guard: Option<Guard>,
    process: Option<Process>,
}

impl Folder {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let layout = Layout::at(dir.path().join("ict"), Scope::User);
        layout.create().unwrap();
        let folder = Self { _dir: dir, layout, guard: None, process: None };
        folder
            .config(r#"{"schema_version": 3, "instance_name": "ICT", "station_name": "ICT-07", "service_address": "https://wats.example"}"#)
    }

    fn config(self, text: impl AsRef<[u8]>) -> Self {
        fs::write(self.layout.config(), text).unwrap();
        self
    }

    fn without_config(self) -> Self {
        fs::remove_file(self.layout.config()).unwrap();
        self
    }

    /// Somebody holds the guard.
    fn held(mut self) -> Self {
        self.guard = Some(Guard::acquire(&self.layout).unwrap());
        self.process = Some(Process { began: BEGAN, cpu: 3.4, memory: 20 << 20, suspended: false });
        self
    }

    fn lock_text(self, text: impl AsRef<[u8]>) -> Self {
        fs::write(self.layout.lock(), text).unwrap();
        self
    }

    fn lock(self) -> Self {
        let hash = instance::config::hash_of(&fs::read(self.layout.config()).unwrap_or_default());
        let lock = json!({"pid": PID, "instance_id": "ict", "instance_name": "ICT", "started_at": "2026-11-21T08:00:00Z", "version": "0.1.0",
            "process_started_at": BEGAN, "managed_by": "tray", "config_hash": hash});
        self.lock_text(lock.to_string())
    }

    fn status_text(self, text: impl AsRef<[u8]>) -> Self {
        fs::write(self.layout.status(), text).unwrap();
        self
    }

    fn says(self, word: &str) -> Self {
        self.beats(word, "2026-11-21T09:59:58Z", PID)
    }

    fn beats(self, word: &str, at: &str, pid: u32) -> Self {
        self.status_text(status(word, at, pid).to_string())
    }

    /// A worker that runs and says this word.
    fn running(word: &str) -> Self {
        Self::new().held().lock().says(word)
    }

    fn process(mut self, change: impl FnOnce(&mut Process)) -> Self {
        change(self.process.as_mut().unwrap());
        self
    }

    fn store_bytes(self, bytes: impl AsRef<[u8]>) -> Self {
        fs::write(self.layout.queue_db(), bytes).unwrap();
        self
    }

    /// A store with one report owed and one file rejected today.
    fn store(self) -> Self {
        let now: Timestamp = NOW.parse().unwrap();
        let at = now.as_millisecond();
        let (store, _) = Store::open(self.layout.queue_db(), Role::Owner, at - 60_000).unwrap();
        let mut intake = store.intake(source("a.json"), at - 60_000);
        intake.push(report()).unwrap();
        intake.commit().wait().unwrap();
        store.reject(source("b.json"), "no serial number", at - 30_000).wait().unwrap();
        self
    }

    fn seen(&self) -> Seen {
        let id = "ict".parse().unwrap();
        let liveness = liveness(&self.layout);
        let process = self.process.filter(|_| running(&liveness).is_some());
        Found::default().seen(&id, &self.layout, liveness, process, NOW.parse().unwrap())
    }

    fn snapshot(&self) -> InstanceSnapshot {
        observe(&self.seen(), NOW.parse().unwrap())
    }
}

fn status(word: &str, at: &str, pid: u32) -> Value {
    json!({"schema_version": 1, "status": word, "message": "what it says", "pid": pid, "updated_at": at, "config_hash": "",
        "queue": {"queued": 3, "processing": 1, "error": 0}, "sent": {"today": 5, "since_start": 7, "total": 9},
        "server": {"status": "ok", "latency_ms": 12, "since": "2026-11-21T09:00:00Z"}, "active": 2,
        "children": [{"name": "server", "status": "ok", "message": ""}, {"name": "intake", "status": "degraded", "message": "disk low"}],
        "stuck": [{"since": "2026-11-21T09:00:00Z", "what": "a.csv is still being converted", "journey": []}]})
}

fn source(name: &str) -> Source {
    Source {
        rule: "in".to_owned(),
        path: format!("/drop/{name}"),
        size: 10,
        mtime_ns: 7,
        hash: [name.as_bytes()[0]; 32],
        format: "wsjf".to_owned(),
        priority: 5,
    }
}

fn report() -> NewReport {
    NewReport {
        id: "6f0f3f2e-8a8e-4d60-9f3a-0d6a6f2f8a11".parse().unwrap(),
        index: 0,
        body: b"{}".to_vec(),
        kind: 'T',
        sn: "SN-1".to_owned(),
        pn: "PN-7".to_owned(),
        result: "Passed".to_owned(),
        process: "10".to_owned(),
        start: NOW.to_owned(),
        warnings: Vec::new(),
        step: String::new(),
    }
}

type Case = (&'static str, Folder, Tone, StateWord, &'static str);

/// Name, folder, shape, word, and a piece of the trouble that must be named; empty for none.
fn healthy_or_not() -> Vec<Case> {
    use StateWord as W;
    use Tone as T;
    vec![
        ("no worker ever", Folder::new(), T::Off, W::Stopped, ""),
        ("no worker, a status of one before", Folder::new().says("ok"), T::Off, W::Stopped, ""),
        ("no worker, a guard nobody holds", Folder::new().lock_text("").says("busy"), T::Off, W::Stopped, ""),
        ("idle", Folder::running("idle"), T::Ok, W::Idle, ""),
        ("ok", Folder::running("ok"), T::Ok, W::Ok, ""),
        ("busy", Folder::running("busy"), T::Busy, W::Busy, ""),
        ("degraded", Folder::running("degraded"), T::Warning, W::Degraded, ""),
        ("warning", Folder::running("warning"), T::Warning, W::Warning, ""),
        ("error", Folder::running("error"), T::Error, W::Error, ""),
        ("failed", Folder::running("failed"), T::Error, W::Failed, ""),
        ("startup", Folder::running("startup"), T::Starting, W::Startup, ""),
        ("shutdown", Folder::running("shutdown"), T::Starting, W::Shutdown, ""),
        ("a word of a later version", Folder::running("dancing"), T::Warning, W::Unknown, ""),
        ("no heartbeat yet", Folder::new().held().lock(), T::Starting, W::Startup, ""),
        ("the heartbeat of another worker", Folder::running("ok").beats("ok", NOW, 99), T::Starting, W::Startup, ""),
        ("silent for 12 s", Folder::running("ok").beats("ok", "2026-11-21T09:59:48Z", PID), T::Warning, W::NotResponding, ""),
        ("silent for 70 s", Folder::running("ok").beats("ok", "2026-11-21T09:58:50Z", PID), T::Error, W::NotResponding, ""),
        ("a heartbeat from tomorrow", Folder::running("ok").beats("ok", "2026-11-22T10:00:00Z", PID), T::Error, W::NotResponding, ""),
        ("a heartbeat that is no time", Folder::running("ok").beats("ok", "soon", PID), T::Error, W::NotResponding, ""),
        ("suspended a moment ago", Folder::running("ok").process(|process| process.suspended = true), T::Warning, W::NotResponding, ""),
        (
            "suspended a minute ago",
            Folder::running("ok").beats("ok", "2026-11-21T09:58:50Z", PID).process(|process| process.suspended = true),
            T::Error,
            W::NotResponding,
            "",
        ),
        ("suspended while in error", Folder::running("error").process(|process| process.suspended = true), T::Error, W::NotResponding, ""),
        ("killed", Folder::new().lock().says("busy"), T::Error, W::Crashed, ""),
        ("killed before its first heartbeat", Folder::new().lock(), T::Error, W::Crashed, ""),
        ("killed, and its guard deleted", Folder::new().held().lock().released(), T::Error, W::Crashed, ""),
    ]
}

impl Folder {
    /// The worker is gone as after a kill, and somebody deleted the guard.
    fn released(mut self) -> Self {
        self.guard = None;
        fs::remove_file(self.layout.guard()).unwrap();
        self
    }
}

fn damaged() -> Vec<Case> {
    use StateWord as W;
    use Tone as T;
    let newer = |folder: Folder| {
        let mut bytes = fs::read(folder.layout.queue_db()).unwrap();
        bytes[60..64].copy_from_slice(&99_u32.to_be_bytes());
        let _ = fs::remove_file(folder.layout.queue_db().with_file_name("queue.db-wal"));
        folder.store_bytes(bytes)
    };
    let utf16: Vec<u8> = "\u{feff}{\"schema_version\": 3}".encode_utf16().flat_map(u16::to_le_bytes).collect();
    vec![
        ("a guard without a lock", Folder::new().held().says("ok"), T::Warning, W::Unknown, ""),
        ("half a lock", Folder::new().held().lock_text("{\"pid\": 47").says("ok"), T::Warning, W::Unknown, ""),
        ("an empty lock", Folder::new().held().lock_text("").says("ok"), T::Warning, W::Unknown, ""),
        ("a lock of zeros", Folder::new().held().lock_text([0; 64]).says("ok"), T::Warning, W::Unknown, ""),
        ("a lock that is a list", Folder::new().held().lock_text("[4711]").says("ok"), T::Warning, W::Unknown, ""),
        ("half a lock, and nobody holds the guard", Folder::new().lock_text("{\"pid\": 47").says("ok"), T::Off, W::Stopped, ""),
        ("a status that is garbage", Folder::running("ok").status_text("<html>"), T::Warning, W::Startup, "status.json"),
        ("an empty status", Folder::running("ok").status_text(""), T::Warning, W::Startup, "status.json"),
        ("half a status", Folder::running("ok").status_text("{\"status\": \"ok\", \"pid\": 4711"), T::Warning, W::Startup, "status.json"),
        ("a status of numbers", Folder::running("ok").status_text("[1, 2]"), T::Warning, W::Startup, "status.json"),
        ("a status that is a folder", Folder::new().held().lock().with_folder("status.json"), T::Warning, W::Startup, "status.json"),
        ("settings cut off", Folder::new().config("{\"schema_version\": 3,"), T::Error, W::Stopped, "client_config.json"),
        ("settings with a wrong type", Folder::new().config("{\"schema_version\": 3, \"paused\": 7}"), T::Error, W::Stopped, "paused"),
        ("empty settings", Folder::new().config(""), T::Error, W::Stopped, "client_config.json"),
        ("settings of a later version", Folder::new().config("{\"schema_version\": 99}"), T::Error, W::Stopped, "99"),
        ("settings that are no UTF-8", Folder::new().config([0x7b, 0xff, 0x7d]), T::Error, W::Stopped, "client_config.json"),
        ("settings that are gone", Folder::new().without_config().lock(), T::Error, W::Crashed, "client_config.json"),
        (
            "settings that are a folder",
            Folder::new().without_config().with_folder("client_config.json"),
            T::Error,
            W::Stopped,
            "client_config",
        ),
        ("settings in UTF-16", Folder::new().config(utf16), T::Off, W::Stopped, ""),
        ("settings damaged under a running worker", Folder::running("ok").config("{"), T::Warning, W::Ok, "client_config.json"),
        ("settings deleted under a running worker", Folder::running("busy").without_config(), T::Warning, W::Busy, "client_config.json"),
        ("a store that is garbage", Folder::running("ok").store_bytes([7; 5000]), T::Warning, W::Ok, "queue.db"),
        ("a store that is garbage, nothing runs", Folder::new().store_bytes([7; 5000]), T::Warning, W::Stopped, "queue.db"),
        ("a store of a later version", newer(Folder::new().store()), T::Warning, W::Stopped, "queue.db"),
        ("an empty store", Folder::new().store_bytes([]), T::Off, W::Stopped, ""),
        ("a log that is a folder", Folder::new().lock().with_folder("logs/worker.2026-11-21.jsonl"), T::Error, W::Crashed, ""),
    ]
}

impl Folder {
    fn with_folder(self, name: &str) -> Self {
        fs::create_dir_all(self.layout.dir().join(name)).unwrap();
        self
    }
}

#[test]
fn every_folder_is_shown_as_it_is_and_never_better() {
    let cases: Vec<Case> = healthy_or_not().into_iter().chain(damaged()).collect();
    assert!(cases.len() >= 40, "{} folders", cases.len());
    for (name, folder, tone, word, trouble) in cases {
        let shown = folder.snapshot();
        assert_eq!((shown.tone, shown.word), (tone, word), "{name}: {shown:?}");
        assert_eq!(shown.running, folder.guard.is_some(), "{name}");
        match trouble {
            "" => assert_eq!(shown.troubles, [""; 0], "{name}"),
            part => assert!(shown.troubles.iter().any(|text| text.contains(part)), "{name}: {:?}", shown.troubles),
        }
        let worried = matches!(tone, Tone::Warning | Tone::Error);
        assert!(!worried || !shown.message.is_empty(), "{name}: a worry without a reason");
    }
}

#[test]
fn a_running_worker_is_shown_with_all_it_says() {
    let shown = Folder::running("busy").snapshot();
    assert_eq!((shown.name.as_str(), shown.station.as_str(), shown.service_address.as_str()), ("ICT", "ICT-07", "https://wats.example"));
    assert_eq!((shown.pid, shown.cpu_percent, shown.memory_bytes), (Some(PID), Some(3.0), Some(20 << 20)));
    assert_eq!(shown.started_at.as_deref(), Some("2026-11-21T08:00:00Z"));
    assert_eq!(shown.managed_by, Some(crate::snapshot::ManagedBy::Tray));
    let (queue, sent) = (shown.queue.unwrap(), shown.sent.unwrap());
    assert_eq!((queue.queued, queue.processing, sent.today, sent.since_start), (3, 1, 5, 7));
    let rooms: Vec<_> = shown.rooms.iter().map(|room| (room.count, room.tone, room.message.as_deref())).collect();
    let calm = (None, Tone::Ok, None);
    let held = (Some(1), Tone::Warning, Some("disk low"));
    assert_eq!(rooms, [calm, calm, held, (Some(3), Tone::Busy, None), (Some(1), Tone::Busy, None), calm]);
    assert_eq!(shown.stuck[0].what, "a.csv is still being converted");
    assert!(!shown.restart_needed);
}

#[test]
fn a_stopped_instance_shows_what_its_store_knows_and_nothing_a_dead_worker_said() {
    let shown = Folder::new().says("ok").store().snapshot();
    let queue = shown.queue.unwrap();
    assert_eq!((queue.queued, queue.error, queue.oldest_age_s), (1, 0, Some(60)));
    assert_eq!(shown.rejected_today, Some(1));
    assert_eq!(shown.last_rejected.as_deref(), Some("b.json: no serial number"));
    assert_eq!(shown.last_report.unwrap().sn, "SN-1");
    assert_eq!((shown.server, shown.pid, shown.cpu_percent), (None, None, None));
    assert!(shown.converters.is_empty() && shown.stuck.is_empty());
}

#[test]
fn settings_that_changed_need_a_restart() {
    let folder = Folder::running("ok");
    assert!(!folder.snapshot().restart_needed);
    let folder = folder.config(r#"{"schema_version": 3, "location": "Hall 4"}"#);
    assert!(folder.snapshot().restart_needed);
}

#[test]
fn a_process_that_was_given_the_workers_number_is_not_shown_as_the_worker() {
    let shown = Folder::running("ok").process(|process| process.began += 100).snapshot();
    assert_eq!((shown.cpu_percent, shown.memory_bytes, shown.word), (None, None, StateWord::Ok));
    let table = Folder::running("ok").process(|process| process.began += 2).snapshot();
    assert!(table.cpu_percent.is_some(), "a clock that was set by a second is no other process");
}

#[test]
fn a_crash_is_shown_with_the_last_lines_of_the_log() {
    let folder = Folder::new().lock();
    let lines: String = (1..=30).map(|n| format!("{{\"n\":{n}}}\n")).collect();
    fs::write(folder.layout.logs().join("worker.2026-11-21.jsonl"), lines).unwrap();
    let exit = folder.snapshot().unclean_exit.unwrap();
    assert_eq!((exit.pid, exit.log_tail.len(), exit.log_tail.last().unwrap().as_str()), (PID, 20, "{\"n\":30}"));
}

#[test]
fn a_looker_finds_instances_that_lost_their_settings_and_forgets_those_that_are_gone() {
    let dir = tempfile::tempdir().unwrap();
    let home = Home::at(dir.path(), Scope::User);
    let make = |id: &str| {
        let layout = home.instance(&id.parse().unwrap());
        layout.create().unwrap();
        layout
    };
    fs::write(make("ict").config(), "{\"schema_version\": 3}").unwrap();
    fs::write(make("lost").lock(), format!("{{\"pid\": {PID}}}")).unwrap();
    make("empty");
    let mut looker = Looker::new(home.clone(), Processes::new().unwrap());
    let ids = |looker: &mut Looker| looker.look(NOW.parse().unwrap()).0.into_iter().map(|seen| seen.id).collect::<Vec<_>>();
    assert_eq!(ids(&mut looker), ["ict", "lost"]);
    fs::remove_dir_all(home.instance(&"ict".parse().unwrap()).dir()).unwrap();
    assert_eq!(ids(&mut looker), ["lost"]);
}
