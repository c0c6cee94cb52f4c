//! Many instances on one computer: each on its own, and each small.

use super::own_kib;
use e2e::{ID, Produced, Station, files, lineside, report, until};
use serde_json::Value;
use std::fs;
use std::path::PathBuf;
use std::process::{Child, Stdio};
use std::time::Duration;

/// Instances beside the station's own.
const OTHERS: usize = 20;
/// Of those, the one whose folder is full of what is no report, whose queue is no queue, and whose server is not there.
const POISONED: usize = 7;

/// Workers that end with the test.
struct Workers(Vec<Child>);

impl Drop for Workers {
    fn drop(&mut self) {
        for worker in &mut self.0 {
            // One that has ended already is what the test complains about.
            let _ended = worker.kill().and_then(|()| worker.wait());
        }
    }
}

fn id(n: usize) -> String {
    format!("line-{n:02}")
}

fn folder(station: &Station, n: usize) -> PathBuf {
    station.home().join(id(n))
}

fn status(station: &Station, n: usize) -> Value {
    let text = fs::read(station.home().join("instances").join(id(n)).join("status.json")).unwrap_or_default();
    serde_json::from_slice(&text).unwrap_or_default()
}

/// Makes the n-th instance, with a folder of its own and the server and token of the station.
fn init(station: &Station, n: usize) {
    let folder = folder(station, n);
    fs::create_dir_all(&folder).expect("the station's disk");
    let token = station.home().join("token.txt");
    fs::write(&token, e2e::TOKEN).expect("the station's disk");
    let watch = format!("{}=wsjf", folder.display());
    let url = if n == POISONED { "http://127.0.0.1:9".to_owned() } else { station.server().url() };
    let place = ["--token-file", token.to_str().expect("plain"), "--station", "ICT-07", "--location", "Hall 3"];
    station.does(&[&["init", &id(n), "--server", &url, "--watch", &watch], &place[..]].concat());
}

fn poison(station: &Station) {
    for n in 0..300 {
        fs::write(folder(station, POISONED).join(format!("{n}.json")), format!("this is no report: {n}")).expect("the station's disk");
    }
    let queue = station.home().join("instances").join(id(POISONED)).join("queue");
    fs::create_dir_all(&queue).expect("the station's disk");
    fs::write(queue.join("queue.db"), "this is no queue").expect("the station's disk");
}

fn run(station: &Station, n: usize) -> Child {
    let mut command = lineside();
    command.env("LINESIDE_HOME", station.home()).args(["run", &id(n)]);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("lineside can be started")
}

#[test]
fn of_twenty_instances_on_one_computer_a_poisoned_one_changes_nothing_for_the_others_and_each_is_small() {
    let station = Station::new("wsjf");
    (0..OTHERS).for_each(|n| init(&station, n));
    poison(&station);
    let workers = Workers((0..OTHERS).map(|n| run(&station, n)).collect());
    let long = Duration::from_secs(120);
    until("all of them run", long, || (0..OTHERS).all(|n| status(&station, n)["pid"] == workers.0[n].id()));
    let healthy: Vec<usize> = (0..OTHERS).filter(|n| *n != POISONED).collect();
    let produced: Vec<Produced> = healthy.iter().map(|n| report("many", *n)).collect();
    for (n, report) in healthy.iter().zip(&produced) {
        let beside = station.home().join("being-written");
        fs::write(&beside, &report.bytes).expect("the station's disk");
        fs::rename(beside, folder(&station, *n).join("unit.json")).expect("the watch folder is there");
    }
    let arrived = || station.server().received().expect("the sandbox's books");
    until("one report of each has arrived", long, || arrived().len() == produced.len());
    assert!(produced.iter().all(|report| arrived().iter().any(|received| received.sn == report.sn && received.count == 1)));
    until("each has filed its own", long, || healthy.iter().all(|n| files(&folder(&station, *n).join("Done")).len() == 1));
    until("the others are well", long, || healthy.iter().all(|n| status(&station, *n)["status"] == "idle"));
    until("the poisoned one says so", long, || status(&station, POISONED)["server"]["status"] == "degraded");
    for (n, worker) in workers.0.iter().enumerate().filter(|(n, _)| *n != POISONED) {
        let own = own_kib(worker.id());
        // Its own memory: the pages of the program are shared between them, and depend on how it was built.
        assert!(own > 0 && own <= 12 * 1024, "{} has {own} KiB of its own", id(n));
    }
    until("the poisoned one has its 300 files and their notes in Error", long, || {
        files(&folder(&station, POISONED).join("Error")).len() == 600
    });
    assert!(station.run(&["list", "--json"]).stdout.len() > 1000 && station.run(&["status", ID]).status.code() == Some(32));
}
