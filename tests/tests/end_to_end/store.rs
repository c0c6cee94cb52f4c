//! What harm done to the store's file costs: a report whose body is damaged, state that was deleted, a file of a newer version.

use e2e::{Books, ID, Produced, Station, files, report, until};
use rusqlite::{Connection, params};
use sandbox::Faults;
use std::fs;
use std::time::Duration;

const SOON: Duration = Duration::from_secs(30);

/// A station whose worker has ended and owes these reports; their sources lie in Done.
fn owing(test: &str, count: usize) -> (Station, Vec<Produced>) {
    let mut station = Station::new("wsjf");
    station.faults(Faults { outage: true, ..Faults::default() });
    station.start();
    let produced: Vec<Produced> = (0..count).map(|n| report(test, n)).collect();
    for (n, report) in produced.iter().enumerate() {
        station.drop_file(&format!("{n}.json"), &report.bytes);
    }
    until("all is owed", SOON, || Books::of(&station).owed.len() == count && station.waiting().is_empty());
    station.terminate();
    station.faults(Faults::default());
    (station, produced)
}

/// What a person does when told to bring the files again.
fn bring_back_from_done(station: &Station) {
    for file in files(&station.folder().join("Done")) {
        fs::rename(&file, station.folder().join(file.file_name().expect("a name"))).expect("both are ours");
    }
}

fn queue(station: &Station) -> Connection {
    Connection::open(station.instance().join("queue/queue.db")).expect("the queue file")
}

fn is_set_aside(station: &Station, count: u64) -> bool {
    station.status()["queue"]["error"] == count
}

#[test]
fn a_queued_report_that_was_cut_flipped_or_zeroed_is_set_aside_and_the_others_arrive() {
    let (mut station, produced) = owing("harmed", 6);
    let conn = queue(&station);
    let harms: [fn(&mut Vec<u8>); 3] = [|frame| frame.truncate(frame.len() / 2), |frame| frame[40] ^= 4, |frame| frame.fill(0)];
    for (harm, id) in harms.iter().zip([1, 3, 5]) {
        let mut frame: Vec<u8> = conn.query_row("SELECT frame FROM bodies WHERE id = ?1", [id], |row| row.get(0)).expect("a body");
        harm(&mut frame);
        conn.execute("UPDATE bodies SET frame = ?2 WHERE id = ?1", params![id, frame]).expect("our own file");
    }
    drop(conn);
    station.start();
    until("the whole ones arrive and the others are set aside", SOON, || {
        Books::of(&station).delivered.len() == 3 && is_set_aside(&station, 3)
    });
    Books::of(&station).balance(&produced);
    let told = station.does(&["--instance", ID, "queue", "list", "--state", "error"]);
    assert!(told.contains("bring the source file"), "{told}");
    bring_back_from_done(&station);
    Books::close(&station, &produced, SOON);
}

#[test]
fn a_worker_whose_state_was_deleted_takes_its_files_again_and_the_server_has_each_report_once() {
    let (mut station, mut produced) = owing("deleted", 4);
    // delivered under the old state, and kept where it is
    station.does(&["config", "set", "converters[0].post_action", "keep"]);
    station.start();
    let kept = report("kept", 1);
    station.drop_file("kept.json", &kept.bytes);
    produced.push(kept);
    let all_are_there = |station: &Station| Books::of(station).delivered.len() == 5;
    until("all arrive", SOON, || all_are_there(&station));
    station.faults(Faults { outage: true, ..Faults::default() });
    let late = report("late", 1);
    station.drop_file("late.json", &late.bytes);
    produced.push(late);
    until("the late one is owed", SOON, || Books::of(&station).owed.len() == 1);
    station.terminate();
    for folder in ["queue", "requests", "reports", "logs"] {
        fs::remove_dir_all(station.instance().join(folder)).expect("our own folder");
    }
    for file in files(&station.instance()) {
        let settings = ["client_config.json", "secret.json"].iter().any(|name| file.ends_with(name));
        assert!(settings || fs::remove_file(&file).is_ok(), "{}", file.display());
    }
    station.faults(Faults::default());
    bring_back_from_done(&station);
    station.start();
    until("what was owed arrives", SOON, || Books::of(&station).delivered.len() == 6);
    let sent_again = |station: &Station| station.server().received().expect("its books").iter().filter(|report| report.count > 1).count();
    until("what nobody remembers is sent again, under its own id", SOON, || sent_again(&station) == 5);
    Books::of(&station).balance(&produced);
}

#[test]
fn a_queue_of_a_newer_version_is_refused_by_name_and_left_as_it_is() {
    let (mut station, produced) = owing("newer", 2);
    let path = station.instance().join("queue/queue.db");
    let version = |version: i64| queue(&station).pragma_update(None, "user_version", version).expect("our own file");
    let known: i64 = queue(&station).pragma_query_value(None, "user_version", |row| row.get(0)).expect("a version");
    version(known + 1);
    let before = fs::read(&path).expect("the queue file");
    let output = station.run(&["run", ID]);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.code() == Some(1) && said.contains("newer version"), "{}: {said}", output.status);
    assert_eq!(fs::read(&path).expect("the queue file"), before, "it was touched");
    version(known);
    station.start();
    Books::close(&station, &produced, SOON);
}
