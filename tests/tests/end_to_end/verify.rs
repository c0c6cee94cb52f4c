//! `queue verify`: silent about a worker at work or killed, and never about damage.

use e2e::{Books, ID, Produced, Station, no_report, report, until};
use rusqlite::Connection;
use sandbox::Faults;
use serde_json::Value;
use std::fs;
use std::time::Duration;

/// What the verification says, and the exit code.
fn verified(station: &Station) -> (Value, Option<i32>) {
    let output = station.run(&["queue", "verify", ID, "--json"]);
    let said = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)));
    (said, output.status.code())
}

fn nothing_is_found(station: &Station, when: &str) {
    let (said, code) = verified(station);
    assert_eq!((&said["faults"], &said["warnings"], code), (&Value::from(0), &Value::from(0), Some(0)), "{when}: {said:#}");
}

/// The findings of a check, as `about: what`.
fn findings(said: &Value, check: &str) -> Vec<String> {
    let checks = said["checks"].as_array().expect("checks");
    let found = checks.iter().find(|one| one["name"] == check).and_then(|one| one["findings"].as_array()).expect("such a check");
    found.iter().map(|one| format!("{}: {}", one["about"].as_str().unwrap_or_default(), one["what"].as_str().unwrap_or_default())).collect()
}

#[test]
fn the_books_balance_at_every_moment_of_a_worker_at_work() {
    let mut station = Station::new("wsjf");
    nothing_is_found(&station, "before there is a queue");
    station.faults(Faults { latency_ms: 30, rate_503: 0.1, rate_reset_after: 0.05, seed: 3, ..Faults::default() });
    station.start();
    let produced: Vec<Produced> = (0..200).map(|n| report("live", n)).collect();
    for (round, some) in produced.chunks(10).enumerate() {
        for (n, report) in some.iter().enumerate() {
            station.drop_file(&format!("{round:02}-{n}.json"), &report.bytes);
        }
        // one that came before, and one that is none
        station.drop_file(&format!("{round:02}-twice.json"), &produced[0].bytes);
        station.drop_file(&format!("{round:02}-bad.json"), &no_report(format!("{{ {round}").as_bytes()).bytes);
        nothing_is_found(&station, "while traffic flows");
    }
    Books::close(&station, &produced, Duration::from_secs(120));
    until("what was sent is archived", Duration::from_secs(20), || {
        let (said, _) = verified(&station);
        said["checks"].as_array().is_some_and(|checks| checks.iter().any(|check| check["name"] == "archive" && check["checked"] == 200))
    });
    station.kill();
    nothing_is_found(&station, "when it was killed");
}

#[test]
fn the_books_of_a_killed_worker_balance() {
    let mut station = Station::new("wsjf");
    station.faults(Faults { latency_ms: 50, ..Faults::default() });
    let produced: Vec<Produced> = (0..100).map(|n| report("killed", n)).collect();
    for (round, some) in produced.chunks(20).enumerate() {
        station.start();
        for (n, report) in some.iter().enumerate() {
            station.drop_file(&format!("{round}-{n}.json"), &report.bytes);
        }
        until("some of it is in the queue", Duration::from_secs(20), || !Books::of(&station).owed.is_empty());
        station.kill();
        let (said, code) = verified(&station);
        assert_eq!((&said["faults"], code), (&Value::from(0), Some(0)), "{said:#}");
        Books::of(&station).balance(&produced[..(round + 1) * 20]);
    }
    station.start();
    Books::close(&station, &produced, Duration::from_secs(60));
}

#[test]
fn a_report_that_was_deleted_from_the_queue_is_missed_and_bringing_its_file_again_puts_the_books_right() {
    let mut station = Station::new("wsjf");
    station.faults(Faults { outage: true, ..Faults::default() });
    station.start();
    let produced: Vec<Produced> = (0..3).map(|n| report("deleted", n)).collect();
    for (n, report) in produced.iter().enumerate() {
        station.drop_file(&format!("{n}.json"), &report.bytes);
    }
    let done = station.folder().join("Done");
    until("all of it is owed and filed", Duration::from_secs(20), || Books::of(&station).owed.len() == 3 && e2e::files(&done).len() == 3);
    station.terminate();
    let queue = Connection::open(station.instance().join("queue/queue.db")).expect("the queue");
    queue.execute("DELETE FROM reports WHERE sn = 'deleted-000001'", []).expect("the queue is ours");
    drop(queue);
    let (said, code) = verified(&station);
    assert_eq!(code, Some(1), "{said:#}");
    assert!(findings(&said, "sources").iter().any(|found| found.contains("1.json") && found.contains("0 of them")), "{said:#}");
    let told = station.run(&["queue", "verify", ID]);
    let told = String::from_utf8_lossy(&told.stdout).into_owned();
    assert!(told.contains("✗ sources") && told.contains("→ bring its source file again"), "{told}");
    let doctor = station.run(&["doctor", ID]);
    assert!(String::from_utf8_lossy(&doctor.stdout).contains("✗ books"), "the doctor does not see it");
    station.faults(Faults::default());
    station.start();
    fs::rename(done.join("1.json"), station.folder().join("1.json")).expect("the file is in Done");
    Books::close(&station, &produced, Duration::from_secs(30));
}

#[test]
fn a_queue_file_that_is_no_database_is_told_with_what_to_do_and_the_start_of_the_worker_puts_it_right() {
    let mut station = Station::new("wsjf");
    station.start();
    let produced = [report("garbled", 0)];
    station.drop_file("0.json", &produced[0].bytes);
    Books::close(&station, &produced, Duration::from_secs(20));
    station.terminate();
    let queue = station.instance().join("queue/queue.db");
    let mut bytes = fs::read(&queue).expect("the queue");
    bytes[..64].fill(0x5a);
    fs::write(&queue, bytes).expect("the queue is ours");
    let (said, code) = verified(&station);
    let found = findings(&said, "queue file");
    assert!(code == Some(1) && found.len() == 1 && found[0].contains("cannot be read"), "{said:#}");
    station.start();
    let (said, code) = verified(&station);
    assert_eq!(code, Some(0), "{said:#}");
    assert!(findings(&said, "queue file")[0].contains("set aside"), "{said:#}");
    Books::close(&station, &produced, Duration::from_secs(20));
}
