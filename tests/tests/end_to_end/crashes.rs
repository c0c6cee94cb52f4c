//! What a crash, a reboot or a careless hand leaves behind, and that the next worker goes on from it.

mod every_step;

use e2e::{Books, ID, Produced, Station, all_files, no_report, report, share, until};
use sandbox::Faults;
use serde_json::{Value, json};
use std::fs;
use std::process::Command;
use std::time::Duration;

const SOON: Duration = Duration::from_secs(30);

fn reports(name: &str, count: usize) -> Vec<Produced> {
    (0..count).map(|n| report(name, n)).collect()
}

fn drop_all(station: &Station, produced: &[Produced]) {
    for (n, report) in produced.iter().enumerate() {
        station.drop_file(&format!("{n:03}.json"), &report.bytes);
    }
}

fn answer(station: &Station, args: &[&str]) -> Value {
    let output = station.run(args);
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("no JSON ({error}): {}", String::from_utf8_lossy(&output.stderr)))
}

/// A report of a process that the server does not know.
fn refused(name: &str, n: usize) -> Produced {
    let mut produced = report(name, n);
    let text = String::from_utf8(produced.bytes).expect("UTF-8");
    produced.bytes = text.replace("\"processCode\":20", "\"processName\":\"No such process\"").into_bytes();
    produced
}

#[test]
fn no_lock_file_that_a_power_cut_or_a_reboot_left_keeps_a_worker_from_starting() {
    let mut station = Station::new("wsjf");
    let lock = station.instance().join("service.lock");
    // A process that lives, and that no worker is: the PID was given away again.
    let mut other = Command::new("sleep").arg("600").spawn().expect("sleep can be started");
    let reused = json!({"pid": other.id(), "instance_id": ID, "process_started_at": 1, "started_at": "2026-01-01T00:00:00Z"}).to_string();
    let own = json!({"pid": std::process::id(), "process_started_at": 1}).to_string();
    let torn = &reused[..reused.len() / 2];
    let table =
        [("", "stopped"), (torn, "stopped"), ("\0\0\0\0\0\0\0\0", "stopped"), ("[]", "stopped"), (&reused, "crashed"), (&own, "crashed")];
    let mut produced = Vec::new();
    for (n, (text, told)) in table.into_iter().enumerate() {
        fs::write(&lock, text).expect("our own file");
        let seen = answer(&station, &["status", ID, "--json"]);
        assert_eq!((&seen["state"], &seen["running"]), (&told.into(), &false.into()), "{text:?}");
        assert_eq!(station.run(&["stop", ID, "--force"]).status.code(), Some(32), "{text:?}");
        station.start();
        produced.push(report("lock", n));
        station.drop_file(&format!("{n}.json"), &produced[n].bytes);
        Books::close(&station, &produced, SOON);
        station.kill();
    }
    assert!(other.try_wait().expect("our own child").is_none(), "another process was ended for a worker");
    other.kill().and_then(|()| other.wait()).expect("our own child");
}

#[test]
fn lock_status_and_guard_that_somebody_deletes_under_a_worker_come_back_and_a_second_one_stays_out() {
    let mut station = Station::new("wsjf");
    station.start();
    let ours = ["service.lock", "status.json", "service.guard"].map(|name| station.instance().join(name));
    for path in &ours {
        fs::remove_file(path).expect("the worker's file");
    }
    until("they are back", SOON, || ours.iter().all(|path| path.exists()));
    assert_eq!(station.run(&["run", ID]).status.code(), Some(30));
    assert_eq!(answer(&station, &["status", ID, "--json"])["lock"]["pid"], station.pid());
    let produced = reports("deleted", 3);
    drop_all(&station, &produced);
    Books::close(&station, &produced, SOON);
    assert!(station.terminate().0.success());
    assert!(!ours[0].exists(), "the lock was left behind");
}

#[test]
fn everything_beside_the_queue_may_be_deleted_while_nothing_runs_and_nothing_is_lost_or_doubled() {
    let mut station = Station::new("wsjf");
    station.start();
    let produced = reports("state", 20);
    drop_all(&station, &produced[..10]);
    Books::close(&station, &produced[..10], SOON);
    station.faults(Faults { outage: true, ..Faults::default() });
    drop_all(&station, &produced[10..]);
    until("the rest is owed", SOON, || Books::of(&station).owed.len() == 10);
    station.kill();
    let kept = ["queue", "client_config.json", "secret.json"];
    for entry in fs::read_dir(station.instance()).expect("the instance").filter_map(Result::ok) {
        let path = entry.path();
        if !kept.iter().any(|name| path.ends_with(name)) {
            if path.is_dir() { fs::remove_dir_all(&path) } else { fs::remove_file(&path) }.expect("it can be deleted");
        }
    }
    Books::of(&station).balance(&produced);
    station.faults(Faults::default());
    station.start();
    Books::close(&station, &produced, SOON);
    assert!(station.server().received().expect("books").iter().all(|report| report.count == 1), "a report was sent twice");
}

#[test]
fn a_stopped_instance_that_is_moved_goes_on_where_it_is_with_all_it_owes_and_all_it_has_sent() {
    let mut station = Station::new("wsjf");
    station.start();
    let produced = reports("moved", 8);
    drop_all(&station, &produced[..4]);
    Books::close(&station, &produced[..4], SOON);
    until("what was sent is archived", SOON, || !all_files(&station.instance().join("reports")).is_empty());
    station.faults(Faults { outage: true, ..Faults::default() });
    for (n, report) in produced[4..].iter().enumerate() {
        station.drop_file(&format!("owed-{n}.json"), &report.bytes);
    }
    until("the rest is owed", SOON, || Books::of(&station).owed.len() == 4);
    assert!(station.terminate().0.success());
    let aside = station.home().join("another name for it");
    fs::rename(station.home().join("instances"), &aside).expect("the same disk");
    fs::create_dir_all(station.home().join("instances")).expect("the station's disk");
    fs::rename(aside.join(ID), station.home().join("instances/moved")).expect("the same disk");
    station.faults(Faults::default());
    station.does(&["run", "moved", "--once"]);
    let received = || station.server().received().expect("the sandbox's books");
    assert_eq!(received().len(), 8);
    let rows = answer(&station, &["-i", "moved", "queue", "list", "--state", "completed", "--json"]);
    let first = rows.as_array().and_then(|rows| rows.iter().find(|row| row["sn"] == produced[0].sn)).expect("it was sent");
    // Its body is in the archive by now, which moved too.
    station.does(&["-i", "moved", "resend", &first["ticket"].to_string()]);
    station.does(&["run", "moved", "--once"]);
    let again = received();
    assert!(again.iter().all(|report| report.changed == 0), "something else arrived under the same id");
    assert_eq!(
        again.iter().filter(|report| report.count == 2).map(|report| report.sn.as_str()).collect::<Vec<_>>(),
        [produced[0].sn.as_str()]
    );
}

#[test]
fn what_the_server_refused_outlives_a_hundred_restarts_and_can_be_retried_then() {
    const LANES: usize = 5;
    let restarts = share(100, 500) / LANES;
    let lane = |lane: usize| {
        let mut station = Station::new("wsjf");
        let name = format!("refused{lane}");
        let produced = [vec![refused(&name, 1), refused(&name, 2)], vec![report(&name, 3), no_report(name.as_bytes())]].concat();
        drop_all(&station, &produced);
        for n in 0..restarts {
            station.start();
            if n == 0 {
                until("two are refused", SOON, || station.status()["queue"]["error"] == 2);
            }
            // Every other one ends as in a power cut.
            if n.is_multiple_of(2) { station.kill() } else { assert!(station.terminate().0.success()) }
        }
        let rows = answer(&station, &["queue", "list", "--state", "error", "--json"]);
        let rows = rows.as_array().expect("a list");
        assert!(rows.len() == 2 && rows.iter().all(|row| row["reason"].to_string().contains("No such process")), "{rows:?}");
        let attempts = || -> Vec<usize> {
            let shown = rows.iter().map(|row| answer(&station, &["queue", "show", &row["ticket"].to_string(), "--json"]));
            shown.map(|shown| shown["history"].as_array().map_or(0, Vec::len)).collect()
        };
        let before = attempts();
        station.does(&["queue", "retry", "--all"]);
        assert_eq!(station.run(&["run", ID, "--once"]).status.code(), Some(1), "they were not refused again");
        assert!(attempts().iter().zip(&before).all(|(after, before)| after > before), "the retry was no attempt: {before:?}");
        let books = Books::of(&station);
        books.balance(&produced);
        assert_eq!((books.owed.len(), books.rejected.len(), books.delivered.len()), (2, 1, 1));
    };
    std::thread::scope(|scope| (0..LANES).for_each(|n| drop(scope.spawn(move || lane(n)))));
}
