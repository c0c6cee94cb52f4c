//! The engine on real folders, with ports that write down what is done.

use std::fs;

use instance::{Guard, Home, Layout, Scope, Status};
use tempfile::TempDir;

use super::*;
use crate::processes::Processes;
use crate::snapshot::StateWord;

#[derive(Clone, Default)]
struct Recorded(Arc<Mutex<Vec<String>>>);

impl Recorded {
    fn note(&self, text: String) {
        self.0.lock().unwrap().push(text);
    }

    fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.0.lock().unwrap())
    }
}

impl Ports for Recorded {
    fn launch(&mut self, instance: &InstanceSnapshot) -> Result<(), String> {
        self.note(format!("launch {}", instance.id));
        if instance.id == "bad" { Err("no such program".to_owned()) } else { Ok(()) }
    }

    fn ask(&mut self, instance: &InstanceSnapshot, ask: &Ask) -> Result<(), String> {
        let word = if matches!(ask, Ask::Stop { .. }) { "stop" } else { "other" };
        self.note(format!("{word} {}", instance.id));
        Ok(())
    }

    fn kill(&mut self, instance: &InstanceSnapshot) -> Result<(), String> {
        self.note(format!("kill {}", instance.id));
        Ok(())
    }

    fn tell(&mut self, notice: &Notice) {
        self.note(format!("tell {:?} {}", notice.cause, notice.id));
    }

    fn show(&mut self, snapshot: &Snapshot) {
        let words: Vec<_> = snapshot.instances.iter().map(|one| format!("{}:{:?}", one.id, one.word)).collect();
        self.note(format!("show {}", words.join(" ")));
    }
}

struct Ground {
    _dir: TempDir,
    home: Home,
    engine: Engine<Recorded>,
    recorded: Recorded,
}

impl Ground {
    fn new(ids: &[&str]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let home = Home::at(dir.path(), Scope::User);
        let recorded = Recorded::default();
        let (line, _calls) = line(dir.path().display().to_string());
        let looker = Looker::new(home.clone(), Processes::new().unwrap());
        let ground = Self { _dir: dir, engine: Engine::new(looker, line, recorded.clone()), home, recorded };
        for id in ids {
            ground.layout(id).create().unwrap();
            fs::write(ground.layout(id).config(), "{\"schema_version\": 3}").unwrap();
        }
        ground
    }

    fn layout(&self, id: &str) -> Layout {
        self.home.instance(&id.parse().unwrap())
    }

    /// A worker as this very process: it holds the guard and says that it is idle.
    fn works(&self, id: &str) -> Guard {
        let layout = self.layout(id);
        let guard = Guard::acquire(&layout).unwrap();
        let lock = instance::Lock { pid: std::process::id(), managed_by: instance::ManagedBy::Tray, ..instance::Lock::default() };
        guard.write_lock(&lock).unwrap();
        let now = Timestamp::now().to_string();
        let status = Status { status: instance::State::Idle, pid: lock.pid, updated_at: now, ..Status::default() };
        instance::status::write(&layout, &status).unwrap();
        guard
    }

    fn turn(&mut self) -> Vec<String> {
        self.engine.turn();
        self.recorded.take()
    }
}

#[test]
fn a_snapshot_is_shown_once_until_something_is_different() {
    let mut ground = Ground::new(&["ict"]);
    assert_eq!(ground.turn(), ["show ict:Stopped"]);
    assert_eq!(ground.turn(), [""; 0]);
    fs::write(ground.layout("ict").config(), "{").unwrap();
    assert_eq!(ground.turn(), ["show ict:Stopped"], "the trouble is new");
    assert_eq!(ground.turn(), [""; 0]);
}

#[test]
fn a_wish_becomes_a_deed_and_the_pending_state_is_shown() {
    let mut ground = Ground::new(&["ict"]);
    ground.turn();
    ground.engine.wish(Wish::Start, "ict").unwrap();
    assert_eq!(ground.turn(), ["launch ict", "show ict:Stopped"]);
    assert!(ground.engine.line.latest().instances[0].pending.is_some() && ground.engine.control.awaits());
    let _guard = ground.works("ict");
    assert_eq!(ground.turn(), ["show ict:Idle"]);
    ground.engine.wish(Wish::Stop, "ict").unwrap();
    assert_eq!(ground.turn()[0], "stop ict");
    assert_eq!(ground.engine.wish(Wish::Start, "nobody").unwrap_err().code, "not_found");
}

#[test]
fn a_worker_that_vanishes_is_told_of_and_its_instance_never_green_again() {
    let mut ground = Ground::new(&["ict"]);
    ground.turn();
    let guard = ground.works("ict");
    assert_eq!(ground.turn(), ["show ict:Idle"]);
    drop(guard);
    assert_eq!(ground.turn(), ["tell Crashed ict", "show ict:Crashed"]);
    assert_eq!(ground.engine.line.latest().instances[0].word, StateWord::Crashed);
    let again = ground.turn();
    assert!(!again.iter().any(|done| done.starts_with("tell")), "{again:?}");
}

#[test]
fn a_deed_that_fails_is_told_to_who_wished_it_and_shown() {
    let mut ground = Ground::new(&["bad"]);
    ground.turn();
    let error = ground.engine.wish(Wish::Start, "bad").unwrap_err();
    assert_eq!((error.code.as_str(), error.message.as_str()), ("failed", "bad: no such program"));
    ground.turn();
    assert_eq!(ground.engine.line.latest().instances[0].message, "no such program");
}
