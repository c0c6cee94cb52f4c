//! A kill before or after each single thing that a worker does to a disk or to a socket, on its whole way from the folder to the archive.
//!
//! One run counts them; then each number has a run that ends there, and another one, unharmed, that goes on from what is left.

use super::{refused, reports};
use e2e::{Books, Fault, Faulty, Produced, Station, all_files, counted, eventually, no_report, share_of, until};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use store::{Query, State, View};

/// Everything that leaves a trace outside of the process.
const KINDS: &str = "create,write,sync,truncate,rename,link,unlink,mkdir,copy,net";
/// Runs side by side: most of the time they wait.
const LANES: usize = 6;
/// Kills in a test run; each number has its turn by and by.
const SHARE: usize = 48;
const LONG: Duration = Duration::from_secs(60);

/// Where on its way a report was when the worker was killed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Step {
    /// In its folder, and unknown.
    Converting,
    /// Owed, and its source still in the folder.
    Filing,
    /// Owed, and not at the server.
    Sending,
    /// At the server, and still owed.
    Settling,
    /// Delivered, and not in the archive.
    Archiving,
    /// In the archive.
    Archived,
}

/// Files of every kind, and a station on which they lie and no worker has run.
struct Scene {
    station: Station,
    /// Reports that the server takes.
    accepted: Vec<Produced>,
    /// Those, and what it refuses and what is no report.
    all: Vec<Produced>,
}

impl Scene {
    fn new(name: &str) -> Self {
        let station = Station::new("wsjf");
        station.does(&["config", "set", "converters[0].settle_s", "0.2"]);
        let accepted = reports(name, 2);
        let all = [accepted.clone(), vec![refused(name, 2), no_report(name.as_bytes())]].concat();
        let same = accepted[0].clone();
        for (n, report) in all.iter().chain([&same]).enumerate() {
            station.drop_file(&format!("{n}.json"), &report.bytes);
        }
        Self { station, accepted, all }
    }

    fn rows(&self, state: State) -> BTreeSet<String> {
        let view = View::open(self.station.instance().join("queue/queue.db")).expect("a readable store");
        let query = Query { state: Some(state), limit: 100, ..Query::default() };
        view.map(|view| view.list(&query).expect("a readable store")).unwrap_or_default().into_iter().map(|row| row.sn).collect()
    }

    fn is_archived(&self) -> bool {
        !all_files(&self.station.instance().join("reports")).is_empty()
    }

    /// Everything is where it belongs in the end.
    fn is_at_rest(&self) -> bool {
        let books = Books::of(&self.station);
        self.station.waiting().is_empty()
            && books.rejected.len() == 1
            && self.rows(State::Error).len() == 1
            && self.rows(State::Completed).len() == self.accepted.len()
            && self.is_archived()
    }

    /// Where the reports are that the server takes.
    fn steps(&self) -> BTreeSet<Step> {
        let (books, completed) = (Books::of(&self.station), self.rows(State::Completed));
        let sources: BTreeSet<Vec<u8>> = self.station.waiting().iter().filter_map(|path| std::fs::read(path).ok()).collect();
        let step = |report: &Produced| match (books.delivered.contains_key(&report.sn), sources.contains(&report.bytes)) {
            _ if completed.contains(&report.sn) => {
                if self.is_archived() {
                    Step::Archived
                } else {
                    Step::Archiving
                }
            }
            _ if !books.owed.contains(&report.sn) => Step::Converting,
            (true, _) => Step::Settling,
            (false, true) => Step::Filing,
            (false, false) => Step::Sending,
        };
        self.accepted.iter().map(step).collect()
    }

    /// Nothing lost, doubled or sent more than twice, and each file filed once.
    fn close(&self) {
        let station = &self.station;
        Books::of(station).balance(&self.all);
        for report in station.server().received().expect("the sandbox's books") {
            assert!(report.count <= 2 && report.changed == 0, "{} was sent {} times", report.sn, report.count);
        }
        let files = all_files(&station.folder());
        let filed = files.iter().filter(|path| !path.to_string_lossy().ends_with(".error.txt")).count();
        assert_eq!(filed, self.all.len() + 1, "{files:?}");
    }
}

/// How many calls a run makes that is not harmed, its stop included.
fn calls() -> u64 {
    let mut scene = Scene::new("whole");
    let count = scene.station.home().join("count");
    let disk = Faulty::root(scene.station.home(), KINDS).counting(&count);
    scene.station.spawn_with(|command| disk.under(command));
    until("everything is where it belongs", LONG, || scene.is_at_rest());
    assert!(scene.station.terminate().0.success());
    scene.close();
    counted(&count).0
}

/// A run that is killed at its n-th call, and one that goes on from there; where the kill fell, unless it was never reached.
fn killed_at(n: u64) -> BTreeSet<Step> {
    let mut scene = Scene::new(&format!("kill{n}"));
    let count = scene.station.home().join("count");
    let disk = Faulty::root(scene.station.home(), KINDS).counting(&count).at(n, Fault::Kills);
    // Every other one after the call: what is done and what is not known to be done are different things.
    let disk = if n.is_multiple_of(2) { disk.after() } else { disk };
    scene.station.spawn_with(|command| disk.under(command));
    let ended = eventually(LONG, || scene.station.has_ended() || scene.is_at_rest());
    assert!(ended, "call {n}: neither killed nor done");
    scene.station.terminate();
    let reached = counted(&count).1 > 0;
    let steps = scene.steps();
    Books::of(&scene.station).balance(&scene.all);
    scene.station.start();
    until(&format!("call {n}: everything is where it belongs"), LONG, || scene.is_at_rest());
    scene.close();
    if reached { steps } else { BTreeSet::new() }
}

#[cfg(target_os = "linux")]
#[test]
fn a_kill_at_every_single_step_loses_nothing_doubles_nothing_and_costs_one_more_attempt_at_most() {
    let calls = calls();
    let chosen = share_of((1..=calls).collect(), SHARE);
    let (next, fell) = (AtomicUsize::new(0), Mutex::new(BTreeMap::<Step, usize>::new()));
    let lane = || {
        while let Some(n) = chosen.get(next.fetch_add(1, Ordering::Relaxed)) {
            let steps = killed_at(*n);
            let mut fell = fell.lock().expect("no lane has failed");
            steps.into_iter().for_each(|step| *fell.entry(step).or_default() += 1);
        }
    };
    std::thread::scope(|scope| (0..LANES).for_each(|_| drop(scope.spawn(lane))));
    let fell = fell.into_inner().expect("no lane has failed");
    eprintln!("{} of {calls} calls; kills by step: {fell:?}", chosen.len());
    assert!(calls >= 50, "only {calls} calls were seen: the faulty disk is blind");
    // Of a share none may fall into the shortest step.
    let all = [Step::Converting, Step::Filing, Step::Sending, Step::Settling, Step::Archiving, Step::Archived];
    let missed: Vec<Step> = all.into_iter().filter(|step| !fell.contains_key(step)).collect();
    let most = if chosen.len() as u64 == calls { 0 } else { 2 };
    assert!(missed.len() <= most, "no kill fell into {missed:?}: {fell:?}");
}
