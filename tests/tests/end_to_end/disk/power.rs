//! The power goes at any moment of a whole run: what the disk is left with is enough. A report the server took is not needed again; every
//! other one is in the store or its file is there.
//!
//! A share of the moments is tried in every test run, all of them in a soak.

mod model;
mod trace;

use super::sweep::{LIMIT, is_over, laden};
use e2e::{Books, Fault, Faulty, Produced, Station, eventually, share_of};
use model::{Cut, Disk};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::thread;
use store::{Role, Store};
use tempfile::TempDir;
use trace::Record;

type Image = BTreeMap<PathBuf, Option<Vec<u8>>>;

/// A whole run of a worker, and all it did to its disk.
struct Lived {
    station: Station,
    produced: Vec<Produced>,
    before: Disk,
    records: Vec<Record>,
    /// When the server took each report, in milliseconds since 1970.
    taken: BTreeMap<String, i64>,
}

impl Lived {
    fn of(name: &str, fault: impl FnOnce(Faulty) -> Faulty) -> Lived {
        let (mut station, produced) = laden(name);
        let beside = TempDir::new().expect("a temporary folder");
        let (before, file) = (Disk::of(&home(&station)), beside.path().join("trace"));
        let disk = || Faulty::root(station.home(), "sync").only("/queue").tracing(&file);
        let (good, faulty) = (disk(), fault(disk()));
        station.spawn_with(|command| faulty.under(command));
        let over = || {
            // A worker that could not even begin is started again, and finds what the system still knows.
            if station.ended().is_some() {
                station.spawn_with(|command| good.under(command));
            }
            is_over(&station)
        };
        assert!(eventually(LIMIT, over), "the run does not end");
        assert!(station.terminate().0.success());
        let received = station.server().received().expect("the sandbox's books");
        let taken = received.into_iter().map(|report| (report.sn, report.first_at)).collect();
        Lived { station, produced, before, records: trace::read(&file), taken }
    }

    /// The moments at which the power can go, by the number of calls before it: one in `step`.
    fn calls(&self, step: usize) -> Vec<usize> {
        (0..self.records.len()).step_by(step.max(1)).collect()
    }

    /// After how many calls the power goes, when that was, and the disk then.
    fn moments(&self, chosen: Vec<usize>) -> Vec<(usize, i64, Disk)> {
        let chosen: BTreeSet<usize> = chosen.into_iter().collect();
        let (mut disk, mut moments) = (self.before.clone(), Vec::new());
        for (n, record) in self.records.iter().enumerate() {
            disk.play(record);
            if chosen.contains(&n) {
                moments.push((n, record.ms, disk.clone()));
            }
        }
        moments
    }

    fn was_taken(&self, report: &Produced, ms: i64) -> bool {
        self.taken.get(&report.sn).is_some_and(|at| *at <= ms)
    }

    /// The reports that are nowhere after a cut, if any; looked for with a store opened on what is left.
    fn lost(&self, image: &Image, ms: i64) -> Vec<String> {
        let owed = owed(image, &home(&self.station));
        let folder = home(&self.station).join("in");
        let (error, nobody) = (folder.join("Error"), Vec::new());
        let lies = |within: &Path, report: &Produced, noted: bool| {
            let is_it = |path: &PathBuf, bytes: &Option<Vec<u8>>| {
                let note = PathBuf::from(format!("{}.error.txt", path.display()));
                bytes.as_ref().unwrap_or(&nobody) == &report.bytes && (!noted || image.contains_key(&note))
            };
            image.iter().any(|(path, bytes)| path.parent() == Some(within) && is_it(path, bytes))
        };
        let has = |report: &&Produced| {
            self.was_taken(report, ms) || owed.contains(&report.sn) || lies(&folder, report, false) || lies(&error, report, true)
        };
        let name = |report: &Produced| if report.sn.is_empty() { "the file that is no report".to_owned() } else { report.sn.clone() };
        self.produced.iter().filter(|report| !has(report)).map(name).collect()
    }
}

fn home(station: &Station) -> PathBuf {
    fs::canonicalize(station.home()).expect("the station's folder")
}

/// What the store owes that is found there.
fn owed(image: &Image, home: &Path) -> BTreeSet<String> {
    let queue = home.join("instances").join(e2e::ID).join("queue");
    if !image.contains_key(&queue) {
        return BTreeSet::new();
    }
    // In memory: there are many of them, and each is synced.
    let memory = Path::new("/dev/shm");
    let place = if memory.is_dir() { TempDir::new_in(memory) } else { TempDir::new() }.expect("a temporary folder");
    let left = image.iter().filter(|(path, _)| path.parent() == Some(&queue) && path.extension().is_none_or(|kind| kind != "db-shm"));
    for (path, bytes) in left {
        let bytes = bytes.as_ref().expect("the store has no folders");
        fs::write(place.path().join(path.file_name().expect("it has a name")), bytes).expect("there is room");
    }
    let db = place.path().join("queue.db");
    drop(Store::open(&db, Role::Owner, 0).expect("whatever is left can be opened"));
    Books::owed_in(&db)
}

/// Looks at the moments with each kind of cut; what was lost, in words.
fn losses(lived: &Lived, chosen: Vec<usize>, seeds: u64) -> Vec<String> {
    let moments = lived.moments(chosen);
    let look = |(n, ms, disk): &(usize, i64, Disk)| {
        let seed = *n as u64;
        let cuts = [Cut::Lost, Cut::Torn(seed)].into_iter().chain((0..seeds).map(|more| Cut::Random(seed * 100 + more)));
        let lost = cuts.map(|cut| (cut, lived.lost(&disk.after(cut), *ms))).filter(|(_, lost)| !lost.is_empty());
        let record = &lived.records[*n];
        lost.map(|(cut, lost)| format!("{cut:?} after call {n}, {:?} of {}: {lost:?}", record.what, record.names[0].display()))
            .collect::<Vec<_>>()
    };
    thread::scope(|scope| {
        let halves = [0, 1].map(|half| {
            let moments = &moments;
            scope.spawn(move || moments.iter().skip(half).step_by(2).flat_map(look).collect::<Vec<_>>())
        });
        halves.into_iter().flat_map(|half| half.join().expect("told by itself")).collect()
    })
}

#[test]
fn power_that_goes_at_any_moment_loses_no_report() {
    let lived = Lived::of("power", |disk| disk);
    let losses = losses(&lived, share_of(lived.calls(1), 90), 2);
    assert!(losses.is_empty(), "of {} calls: {losses:#?}", lived.records.len());
}

#[test]
fn power_that_goes_after_a_sync_has_failed_loses_no_report() {
    // What a sync failed on is lost even if the next one succeeds: were the next one trusted, a report would be.
    for n in share_of((1..25).collect(), 4) {
        let lived = Lived::of(&format!("nosync-{n}"), |disk| disk.at(n, Fault::Fails("EIO")));
        let failed = lived.records.iter().any(|record| record.failed && record.what == trace::What::Sync);
        assert!(failed, "no sync failed");
        let losses = losses(&lived, lived.calls(lived.records.len() / 60), 1);
        assert!(losses.is_empty(), "sync {n} failed, of {} calls: {losses:#?}", lived.records.len());
    }
}

#[test]
fn a_worker_that_starts_after_the_power_came_back_delivers_what_was_left() {
    let mut lived = Lived::of("again", |disk| disk);
    let home = home(&lived.station);
    // Of all moments a few: each is a start of a worker.
    for (n, ms, disk) in lived.moments(share_of(lived.calls(lived.records.len().div_ceil(40)), 8)) {
        for entry in fs::read_dir(&home).expect("our own folder").map(|entry| entry.expect("our own folder").path()) {
            let _gone = if entry.is_dir() { fs::remove_dir_all(&entry) } else { fs::remove_file(&entry) };
        }
        for (path, bytes) in disk.after(Cut::Random(n as u64)) {
            match bytes {
                _ if path.extension().is_some_and(|kind| kind == "db-shm") => {}
                Some(bytes) => {
                    fs::write(&path, bytes).expect("there is room");
                    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).expect("our own file");
                }
                None => fs::create_dir_all(path).expect("there is room"),
            }
        }
        let counts = |station: &Station| -> BTreeMap<String, u64> {
            let received = station.server().received().expect("the sandbox's books");
            received.into_iter().map(|report| (report.sn, report.count)).collect()
        };
        let before = counts(&lived.station);
        lived.station.start();
        let (station, produced) = (&lived.station, &lived.produced);
        let done = || station.waiting().is_empty() && Books::of(station).owed.is_empty();
        assert!(eventually(LIMIT, done), "after call {n} it does not come to an end: {:?}", station.waiting());
        Books::of(station).balance(produced);
        let now = counts(station);
        let arrived =
            |report: &&Produced| report.sn.is_empty() || lived.was_taken(report, ms) || now.get(&report.sn) > before.get(&report.sn);
        let lost: Vec<_> = produced.iter().filter(|report| !arrived(report)).map(|report| &report.sn).collect();
        assert!(lost.is_empty(), "after call {n}: {lost:?}");
        lived.station.kill();
    }
}
