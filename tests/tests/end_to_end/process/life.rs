//! How a worker begins, ends, hangs, and outlives who started it.

use crate::process::alive;
use e2e::{Books, ID, Produced, Station, report, until};
use sandbox::Faults;
use serde_json::Value;
use std::fs;
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const SOON: Duration = Duration::from_secs(30);

fn drop_all(station: &Station, produced: &[Produced]) {
    for report in produced {
        station.drop_file(&format!("{}.json", report.sn), &report.bytes);
    }
}

fn reports(name: &str, count: usize) -> Vec<Produced> {
    (0..count).map(|n| report(name, n)).collect()
}

fn asked(station: &Station, args: &[&str]) -> Value {
    let output = station.run(args);
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("no JSON ({error}): {}", String::from_utf8_lossy(&output.stderr)))
}

/// A worker with ten reports under way to a server that takes its time.
fn with_ten_in_flight(name: &str, latency: Duration) -> (Station, Vec<Produced>) {
    let mut station = Station::new("wsjf");
    station.does(&["config", "set", "max_concurrent_uploads", "10"]);
    station.start();
    station.faults(Faults { latency_ms: u64::try_from(latency.as_millis()).expect("small"), ..Faults::default() });
    let produced = reports(name, 30);
    drop_all(&station, &produced);
    until("all are owed", SOON, || Books::of(&station).owed.len() == 30);
    until("ten are under way", SOON, || {
        station.status()["queue"]["processing"].as_u64() >= Some(10) && station.status()["active"].as_u64() >= Some(10)
    });
    (station, produced)
}

#[test]
fn sigterm_lets_ten_uploads_that_are_under_way_end_and_gives_back_the_rest() {
    let (mut station, produced) = with_ten_in_flight("flight", Duration::from_secs(3));
    let (status, took) = station.terminate();
    assert!(status.success(), "ended with {status}");
    assert!(took < Duration::from_secs(30), "took {took:?}");
    let books = Books::of(&station);
    books.balance(&produced);
    assert!(books.delivered.len() >= 10, "only {} of ten uploads under way have ended", books.delivered.len());
    assert!(books.delivered.keys().all(|sn| !books.owed.contains(sn)), "what has arrived is owed all the same");
    station.faults(Faults::default());
    station.start();
    Books::close(&station, &produced, SOON);
    let again = station.server().received().expect("the sandbox's books").iter().filter(|report| report.count > 1).count();
    assert_eq!(again, 0, "reports were sent again after a good stop");
}

#[test]
fn a_second_sigterm_ends_the_worker_at_once_and_loses_nothing() {
    let (mut station, produced) = with_ten_in_flight("twice", Duration::from_secs(60));
    station.signal("TERM");
    until("it is stopping", SOON, || station.status()["status"] == "shutdown");
    let (status, took) = station.terminate();
    assert_eq!(status.code(), Some(31), "ended with {status}");
    // The uploads take a minute, and the settings allow half of it.
    assert!(took < Duration::from_secs(20), "took {took:?}");
    Books::of(&station).balance(&produced);
    station.faults(Faults::default());
    station.start();
    Books::close(&station, &produced, SOON);
}

#[test]
fn a_worker_that_hangs_is_told_as_not_responding_and_goes_on_when_it_may() {
    let mut station = Station::new("wsjf");
    station.start();
    station.signal("STOP");
    let hung = Instant::now();
    let produced = reports("hung", 3);
    drop_all(&station, &produced);
    until("the status tells that it does not respond", SOON, || asked(&station, &["status", ID, "--json"])["state"] == "not responding");
    assert!(hung.elapsed() > Duration::from_secs(3), "a worker that was well a moment ago is told as hanging");
    let doctor = asked(&station, &["doctor", ID, "--json"]);
    let worker = doctor["checks"].as_array().and_then(|checks| checks.iter().find(|check| check["name"] == "worker"));
    assert!(worker.is_some_and(|check| check["result"] == "failed" && check["remedy"].to_string().contains("--force")), "{worker:?}");
    station.signal("CONT");
    until("it responds again", SOON, || station.run(&["status", ID]).status.success());
    Books::close(&station, &produced, SOON);
}

#[test]
fn a_worker_that_hangs_is_ended_by_force_and_started_anew() {
    let mut station = Station::new("wsjf");
    station.start();
    let hung = station.pid();
    station.signal("STOP");
    assert_eq!(station.run(&["restart", ID, "--timeout", "1"]).status.code(), Some(33));
    let produced = reports("forced", 3);
    drop_all(&station, &produced);
    station.does(&["restart", ID, "--timeout", "1", "--force"]);
    assert_ne!(station.status()["pid"], hung);
    Books::close(&station, &produced, SOON);
    station.does(&["stop", ID]);
}

#[test]
fn a_start_after_a_crash_tells_of_the_new_worker_and_not_of_the_dead_one() {
    for _ in 0..5 {
        let mut station = Station::new("wsjf");
        station.start();
        let dead = station.pid();
        station.kill();
        let started = asked(&station, &["start", ID, "--json"]);
        let lock: Value = serde_json::from_slice(&fs::read(station.instance().join("service.lock")).expect("a lock")).expect("JSON");
        assert_ne!(lock["pid"], dead, "the lock of the dead one was taken for that of the new one");
        assert_eq!((&lock["pid"], &station.status()["pid"]), (&started["pid"], &started["pid"]));
        station.does(&["stop", ID]);
    }
}

#[test]
fn one_restart_right_after_another_is_a_new_worker_each_time() {
    let station = Station::new("wsjf");
    station.does(&["start", ID]);
    let produced = reports("restarts", 10);
    let mut pids = std::collections::BTreeSet::new();
    for report in &produced {
        station.drop_file(&format!("{}.json", report.sn), &report.bytes);
        pids.insert(asked(&station, &["restart", ID, "--json"])["pid"].as_u64().expect("a PID"));
    }
    assert_eq!(pids.len(), produced.len());
    Books::close(&station, &produced, SOON);
    station.does(&["stop", ID]);
}

#[test]
fn a_worker_whose_output_nobody_reads_any_more_works_on_and_ends_well() {
    let mut station = Station::new("wsjf");
    station.does(&["config", "set", "log_level", "debug"]);
    let mut command = e2e::lineside();
    command.env("LINESIDE_HOME", station.home()).args(["run", ID, "--verbose"]);
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("lineside can be started");
    drop((child.stdout.take(), child.stderr.take()));
    station.adopt(child);
    let produced = [reports("unread", 10), vec![e2e::no_report(b"no report")]].concat();
    for (n, report) in produced.iter().enumerate() {
        station.drop_file(&format!("{n}.json"), &report.bytes);
    }
    until("all have arrived and one is rejected", SOON, || {
        let books = Books::of(&station);
        books.delivered.len() == 10 && books.rejected.len() == 1 && books.owed.is_empty()
    });
    Books::of(&station).balance(&produced);
    let (status, _) = station.terminate();
    assert!(status.success(), "ended with {status}");
}

#[test]
fn a_worker_outlives_everything_that_was_killed_around_who_started_it() {
    let station = Station::new("wsjf");
    let program = e2e::lineside().get_program().to_owned();
    // The group of an app: itself, its shell, and what else it has started.
    let line = format!("\"$0\" start {ID} && echo started > \"$1\" && sleep 600");
    let flag = station.home().join("started");
    let mut app = Command::new("sh");
    app.arg("-c").arg(line).arg(program).arg(&flag).env("LINESIDE_HOME", station.home());
    let mut app = app.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).process_group(0).spawn().expect("a shell");
    until("the app has started the worker", Duration::from_secs(60), || flag.exists());
    let worker = station.status()["pid"].as_u64().expect("it runs");
    assert!(Command::new("sh").args(["-c", &format!("kill -KILL -{}", app.id())]).status().expect("a shell").success());
    app.wait().expect("our own child");
    assert!(alive(worker), "the worker went with who started it");
    let told = asked(&station, &["status", ID, "--json"]);
    assert_eq!((&told["running"], &told["status"]["pid"]), (&true.into(), &worker.into()), "{told}");
    let produced = reports("orphan", 5);
    drop_all(&station, &produced);
    Books::close(&station, &produced, SOON);
    station.does(&["stop", ID]);
    until("it has ended", SOON, || !alive(worker));
}

#[test]
fn settings_that_are_wrong_end_the_worker_each_time_at_once_with_one_code_and_leave_nothing_behind() {
    let station = Station::new("wsjf");
    let config = station.instance().join("client_config.json");
    let good = fs::read_to_string(&config).expect("the config");
    for text in ["", "{", "[]", "\0\0\0\0", &good.replace("\"wsjf\"", "\"wsjx\"")] {
        fs::write(&config, text).expect("our own file");
        for _ in 0..5 {
            assert_eq!(station.run(&["run", ID]).status.code(), Some(22), "{text:?}");
        }
    }
    // A supervisor that starts it without end fills no disk with it, and nothing looks as if it ran.
    let left: Vec<_> = e2e::all_files(&station.instance().join("logs"));
    assert!(left.is_empty(), "{left:?}");
    assert!(!station.instance().join("service.lock").exists());
    assert_eq!(asked(&station, &["status", ID, "--json"])["running"], false);
}

#[test]
fn settings_that_change_under_a_worker_at_work_take_nothing_from_it_and_say_that_a_restart_applies_them() {
    let (mut station, produced) = with_ten_in_flight("settings", Duration::from_secs(2));
    assert_eq!(asked(&station, &["status", ID, "--json"])["restart_needed"], false);
    station.does(&["config", "set", "location", "Hall 9"]);
    // Broken ones too, as an editor leaves them half saved.
    let config = station.instance().join("client_config.json");
    let good = fs::read_to_string(&config).expect("the config");
    fs::write(&config, &good[..good.len() / 2]).expect("our own file");
    station.faults(Faults::default());
    Books::close(&station, &produced, SOON);
    fs::write(&config, good).expect("our own file");
    let told = asked(&station, &["status", ID, "--json"]);
    assert_eq!((&told["restart_needed"], &told["running"]), (&true.into(), &true.into()), "{told}");
    let pid = station.pid();
    station.does(&["restart", ID]);
    assert_ne!(station.status()["pid"], pid);
    assert_eq!(asked(&station, &["status", ID, "--json"])["restart_needed"], false);
    station.does(&["stop", ID]);
    station.kill();
}
