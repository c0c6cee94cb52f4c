//! From the tester's folder to the server, on a good day.

use e2e::{Books, Produced, Station, files, no_report, report, share, until};
use std::fs;
use std::io::{Seek, Write};
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
    until("it arrives", SOON, || delivered(&station) == 1);
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
fn a_file_dribbled_byte_by_byte_is_one_report() {
    let mut station = Station::new("wsjf");
    station.start();
    let produced = report("dribble", 1);
    let mut file = fs::File::create(station.folder().join("slow.json")).expect("the watch folder");
    let (slowly, rest) = produced.bytes.split_at(share(80, 600));
    for byte in slowly {
        file.write_all(&[*byte]).expect("the station's disk");
        std::thread::sleep(Duration::from_millis(100));
    }
    file.write_all(rest).expect("the station's disk");
    drop(file);
    Books::close(&station, &[produced], SOON);
    assert!(files(&station.folder().join("Error")).is_empty(), "a half-written file was rejected");
}

#[test]
fn a_file_made_as_large_as_it_will_be_and_filled_later_is_one_report() {
    let mut station = Station::new("wsjf");
    station.start();
    let produced: Vec<Produced> = (0..2).map(|n| report("allocated", n)).collect();
    let paths = ["held.json", "closed.json"].map(|name| station.folder().join(name));
    let mut open = Vec::new();
    for (path, report) in paths.iter().zip(&produced) {
        let file = fs::File::create(path).expect("the watch folder");
        file.set_len(report.bytes.len() as u64).expect("the station's disk");
        open.push(file);
    }
    // One copy tool keeps it open, the other closes it and comes back, for the second half once more.
    open.truncate(1);
    std::thread::sleep(Duration::from_secs(3));
    for part in [true, false] {
        let mut closed = fs::OpenOptions::new().write(true).open(&paths[1]).expect("the file is still there");
        for (file, report) in [&mut open[0], &mut closed].into_iter().zip(&produced) {
            let (first, second) = report.bytes.split_at(report.bytes.len() / 2);
            file.seek(std::io::SeekFrom::Start(if part { 0 } else { first.len() as u64 })).expect("the station's disk");
            file.write_all(if part { first } else { second }).expect("the station's disk");
        }
        drop(closed);
        std::thread::sleep(Duration::from_secs(2));
    }
    drop(open);
    Books::close(&station, &produced, SOON);
    assert!(files(&station.folder().join("Error")).is_empty(), "a file that was not filled yet was rejected");
}

#[test]
fn a_writer_may_pause_in_the_middle_as_long_as_the_rule_allows() {
    let mut station = Station::new("wsjf");
    // Longer than a closed file that ends too early is waited for by itself.
    station.does(&["config", "set", "converters[0].settle_s", "12"]);
    station.start();
    let produced: Vec<Produced> = (0..2).map(|n| report("pause", n)).collect();
    let halves = |n: usize| produced[n].bytes.split_at(produced[n].bytes.len() / 2);
    let mut held = fs::File::create(station.folder().join("held.json")).expect("the watch folder");
    held.write_all(halves(0).0).expect("the station's disk");
    let closed = station.folder().join("closed.json");
    fs::write(&closed, halves(1).0).expect("the watch folder");
    std::thread::sleep(Duration::from_secs(10));
    held.write_all(halves(0).1).expect("the station's disk");
    drop(held);
    let mut again = fs::OpenOptions::new().append(true).open(&closed).expect("the file is still there");
    again.write_all(halves(1).1).expect("the station's disk");
    drop(again);
    Books::close(&station, &produced, Duration::from_secs(60));
    assert!(files(&station.folder().join("Error")).is_empty(), "a half-written file was rejected");
}

#[test]
fn a_file_that_was_taken_too_early_is_never_filed_as_done() {
    let mut station = Station::new("wsjf");
    station.does(&["config", "set", "converters[0].post_action", "keep"]);
    station.start();
    let produced = report("early", 2);
    let half = produced.bytes.len() / 2;
    let path = station.folder().join("unit.json");
    fs::write(&path, &produced.bytes[..half]).expect("the watch folder");
    let note = station.folder().join("Error/unit.json.error.txt");
    until("it is judged as it is", SOON, || note.exists());
    assert!(path.exists() && delivered(&station) == 0);
    let mut file = fs::OpenOptions::new().append(true).open(&path).expect("the file is still there");
    file.write_all(&produced.bytes[half..]).expect("the station's disk");
    drop(file);
    until("the whole file arrives", SOON, || delivered(&station) == 1);
    Books::of(&station).balance(&[produced]);
}

#[test]
fn a_file_written_under_a_passing_name_is_taken_once_under_its_own() {
    let mut station = Station::new("wsjf");
    station.start();
    let produced: Vec<Produced> = (0..4).map(|n| report("passing", n)).collect();
    for (ending, report) in [".tmp", ".part", ".filepart", ".crdownload"].iter().zip(&produced) {
        let passing = station.folder().join(format!("{}.json{ending}", report.sn));
        // Whole and closed: only its name says that it is not to be taken.
        fs::write(&passing, &report.bytes).expect("the watch folder");
    }
    std::thread::sleep(Duration::from_secs(3));
    assert_eq!((delivered(&station), station.waiting().len()), (0, 4), "a file was taken under its passing name");
    for path in station.waiting() {
        fs::rename(&path, path.with_extension("")).expect("the watch folder");
    }
    Books::close(&station, &produced, SOON);
    let done = files(&station.folder().join("Done"));
    assert!(done.len() == 4 && done.iter().all(|path| path.extension().is_some_and(|ending| ending == "json")), "{done:?}");
}

#[test]
fn a_file_replaced_while_it_is_taken_is_never_filed_unread() {
    let mut station = Station::new("wsjf");
    station.start();
    // Large enough that reading it takes a while; one wait in ten hits each step of its way.
    let produced: Vec<Produced> = (0..share(60, 600))
        .map(|n| {
            let mut report = report("replaced", n);
            report.bytes.splice(0..0, std::iter::repeat_n(b' ', 2 << 20));
            report
        })
        .collect();
    for (n, report) in produced.iter().enumerate() {
        station.drop_file("unit.json", &report.bytes);
        std::thread::sleep(Duration::from_millis(10 * (n as u64 % 20)));
    }
    until("the last one is filed", SOON, || station.waiting().is_empty());
    let last = &produced[produced.len() - 1].sn;
    until("all that was filed has arrived", SOON, || {
        let books = Books::of(&station);
        books.owed.is_empty() && books.delivered.contains_key(last)
    });
    // Who was replaced before anybody read it is gone by its tester's will; who was filed was read, and nobody is there twice.
    let received = station.server().received().expect("the sandbox's books");
    let filed: Vec<Vec<u8>> = files(&station.folder().join("Done")).iter().map(|path| fs::read(path).expect("a filed source")).collect();
    let taken: Vec<Produced> = produced.into_iter().filter(|report| received.iter().any(|one| one.sn == report.sn)).collect();
    let unread = filed.iter().filter(|bytes| !taken.iter().any(|report| report.bytes == **bytes)).count();
    assert_eq!(unread, 0, "of {} filed sources some were not read", filed.len());
    assert!(files(&station.folder().join("Error")).is_empty(), "a whole file was rejected");
    Books::of(&station).all_delivered(&taken);
}

#[test]
fn a_log_that_goes_on_after_it_was_queued_brings_its_new_reports_and_none_twice() {
    for (action, whole) in [("move", false), ("keep", true)] {
        let mut station = Station::new("wsjf");
        station.does(&["config", "set", "converters[0].post_action", action]);
        station.faults(sandbox::Faults { outage: true, ..sandbox::Faults::default() });
        station.start();
        let produced: Vec<Produced> = (0..3).map(|n| report(&format!("log-{action}"), 2 * n)).collect();
        for (n, report) in produced.iter().enumerate() {
            // A new file where the old one was filed; the same one, longer, where it is kept.
            let mut file = fs::OpenOptions::new().create(true).append(true).open(station.folder().join("log.json")).expect("the folder");
            file.write_all(&report.bytes).and_then(|()| file.write_all(b"\n")).expect("the station's disk");
            drop(file);
            until("it is queued", SOON, || Books::of(&station).owed.len() == n + 1);
            until("it is filed", SOON, || whole || station.waiting().is_empty());
        }
        station.faults(sandbox::Faults::default());
        until("all arrive", SOON, || delivered(&station) == 3 && Books::of(&station).owed.is_empty());
        Books::of(&station).all_delivered(&produced);
        assert!(station.server().received().expect("the sandbox's books").iter().all(|report| report.count == 1), "sent twice");
    }
}

#[test]
fn two_files_that_are_equal_for_long_and_differ_at_their_end_are_two_reports() {
    let mut station = Station::new("wsjf");
    station.start();
    let produced: Vec<Produced> = (0..2)
        .map(|n| {
            let mut report = report("tail", 1);
            report.sn = format!("tail-{n:06}");
            let text = String::from_utf8(report.bytes).expect("UTF-8");
            // The serial number, the only difference, comes last.
            let rest = text.replace("\"sn\":\"tail-000001\",", "").trim_end_matches('}').to_owned();
            let closed = "}".repeat(text.len() - text.trim_end_matches('}').len() - 1);
            report.bytes = format!("{}{rest}{closed},\"sn\":\"{}\"}}", " ".repeat(70 << 10), report.sn).into_bytes();
            report
        })
        .collect();
    assert_eq!(produced[0].bytes[..70 << 10], produced[1].bytes[..70 << 10]);
    station.drop_file("a.json", &produced[0].bytes);
    station.drop_file("b.json", &produced[1].bytes);
    Books::close(&station, &produced, SOON);
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
