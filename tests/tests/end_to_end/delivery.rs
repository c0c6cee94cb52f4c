//! From the tester's folder to the server, on a good day.

use e2e::{Books, Produced, Station, files, no_report, report, until};
use std::fs;
use std::io::Write;
use std::time::Duration;

const SOON: Duration = Duration::from_secs(30);

fn delivered(station: &Station) -> usize {
    station.server().received().expect("the sandbox's books").len()
}

#[test]
fn a_dropped_file_arrives_once_and_its_source_is_filed() {
    let mut station = Station::new("wsjf");
    station.start();
    let produced = report("drop", 1);
    station.drop_file("unit.json", &produced.bytes);
    until("the source is filed", SOON, || station.folder().join("Done/unit.json").exists());
    assert_eq!(fs::read(station.folder().join("Done/unit.json")).expect("the filed source"), produced.bytes);
    assert!(station.waiting().is_empty());
    let received = station.server().received().expect("the sandbox's books");
    assert_eq!(received[0].count, 1, "sent more than once on a good day");
    Books::close(&station, &[produced], SOON);
}

#[test]
fn files_dropped_while_no_worker_runs_are_found_at_the_start() {
    let mut station = Station::new("wsjf");
    let produced: Vec<Produced> = (0..20).map(|n| report("before", n)).collect();
    for (n, report) in produced.iter().enumerate() {
        station.drop_file(&format!("{n}.json"), &report.bytes);
    }
    station.start();
    Books::close(&station, &produced, SOON);
}

#[test]
fn a_file_that_grows_for_five_seconds_is_one_report() {
    let mut station = Station::new("wsjf");
    station.start();
    let produced = report("grow", 1);
    let path = station.folder().join("slow.json");
    for piece in produced.bytes.chunks(produced.bytes.len() / 50 + 1) {
        // Opened and closed for every piece, as careless testers do: each close looks like the end.
        let mut file = fs::OpenOptions::new().create(true).append(true).open(&path).expect("the watch folder");
        file.write_all(piece).expect("the station's disk");
        drop(file);
        std::thread::sleep(Duration::from_millis(100));
    }
    Books::close(&station, &[produced], SOON);
    assert!(files(&station.folder().join("Error")).is_empty(), "a half-written file was rejected");
}

#[test]
fn a_file_held_open_while_it_grows_is_one_report() {
    let mut station = Station::new("wsjf");
    station.start();
    let produced = report("held", 1);
    let mut file = fs::File::create(station.folder().join("held.json")).expect("the watch folder");
    for piece in produced.bytes.chunks(produced.bytes.len() / 8 + 1) {
        file.write_all(piece).expect("the station's disk");
        file.flush().expect("the station's disk");
        std::thread::sleep(Duration::from_millis(600));
    }
    drop(file);
    Books::close(&station, &[produced], SOON);
    assert!(files(&station.folder().join("Error")).is_empty(), "a half-written file was rejected");
}

#[test]
fn a_file_created_empty_and_written_later_is_one_report() {
    let mut station = Station::new("wsjf");
    station.start();
    let produced = report("empty", 1);
    let path = station.folder().join("empty.json");
    fs::write(&path, b"").expect("the watch folder");
    std::thread::sleep(Duration::from_millis(1500));
    fs::write(&path, &produced.bytes).expect("the watch folder");
    Books::close(&station, &[produced], SOON);
}

#[test]
fn the_same_name_twice_keeps_both_sources() {
    let mut station = Station::new("wsjf");
    station.start();
    let first = report("twice", 1);
    let second = report("twice", 2);
    station.drop_file("unit.json", &first.bytes);
    until("the first is filed", SOON, || files(&station.folder().join("Done")).len() == 1);
    station.drop_file("unit.json", &second.bytes);
    until("both are filed", SOON, || files(&station.folder().join("Done")).len() == 2);
    let mut kept: Vec<Vec<u8>> = files(&station.folder().join("Done")).iter().map(|path| fs::read(path).expect("a filed source")).collect();
    kept.sort();
    let mut expected = vec![first.bytes.clone(), second.bytes.clone()];
    expected.sort();
    assert_eq!(kept, expected);
    Books::close(&station, &[first, second], SOON);
}

#[test]
fn the_same_content_under_two_names_is_sent_once_and_both_sources_are_kept() {
    let mut station = Station::new("wsjf");
    station.start();
    let produced = report("copy", 1);
    station.drop_file("a.json", &produced.bytes);
    until("the first is filed", SOON, || files(&station.folder().join("Done")).len() == 1);
    station.drop_file("b.json", &produced.bytes);
    until("both are filed", SOON, || files(&station.folder().join("Done")).len() == 2);
    Books::close(&station, std::slice::from_ref(&produced), SOON);
    assert_eq!(station.server().received().expect("the sandbox's books")[0].count, 1, "a duplicate was sent");
}

#[test]
fn a_corrupt_file_is_rejected_with_its_reason_beside_it_and_its_neighbours_flow() {
    let mut station = Station::new("wsjf");
    station.start();
    let good: Vec<Produced> = (0..10).map(|n| report("neighbour", n)).collect();
    let corrupt = no_report(b"{\"type\": \"T\",\n \"sn\": oops}");
    station.drop_file("corrupt.json", &corrupt.bytes);
    for (n, report) in good.iter().enumerate() {
        station.drop_file(&format!("{n}.json"), &report.bytes);
    }
    until("the neighbours arrive", SOON, || delivered(&station) == 10);
    let note = station.folder().join("Error/corrupt.json.error.txt");
    until("the reason is written", SOON, || note.exists());
    let reason = fs::read_to_string(&note).expect("the reason");
    assert!(reason.contains("line 2"), "the reason does not say where: {reason}");
    assert!(reason.contains("corrupt.json"), "the reason does not name the file: {reason}");
    assert_eq!(fs::read(station.folder().join("Error/corrupt.json")).expect("the rejected source"), corrupt.bytes);
    let books = Books::of(&station);
    books.balance(&[good, vec![corrupt]].concat());
}
