//! What happens to the files and folders of the station: post actions, folders that come and go, limits on what is taken in.

use e2e::{Books, ID, Produced, Station, files, no_report, report, until};
use sandbox::Faults;
use std::fs;
use std::time::Duration;

const SOON: Duration = Duration::from_secs(30);

fn log(station: &Station) -> String {
    files(&station.instance().join("logs")).iter().map(|path| fs::read_to_string(path).expect("a log")).collect()
}

fn received(station: &Station) -> Vec<sandbox::Received> {
    station.server().received().expect("the sandbox's books")
}

fn with_post_action(action: &str) -> Station {
    let mut station = Station::new("wsjf");
    station.does(&["config", "set", "converters[0].post_action", action]);
    station.start();
    station
}

#[test]
fn a_file_that_is_kept_is_sent_once_also_after_a_restart_and_again_when_its_content_changes() {
    let mut station = with_post_action("keep");
    let Produced { sn, bytes, .. } = report("keep", 4);
    station.drop_file("unit.json", &bytes);
    until("it arrives", SOON, || received(&station).len() == 1);
    station.terminate();
    station.start();
    // Written anew with the same content: a new time, nothing new to say.
    fs::write(station.folder().join("unit.json"), &bytes).expect("the watch folder");
    let other = report("keep", 2).bytes;
    station.drop_file("other.json", &other);
    until("the other one arrives", SOON, || received(&station).len() == 2);
    assert!(station.folder().join("unit.json").exists(), "a kept file went away");
    let count = |station: &Station| received(station).iter().find(|report| report.sn == sn).map(|report| report.count);
    assert_eq!(count(&station), Some(1), "a kept file was sent again");
    let changed = String::from_utf8(bytes).expect("UTF-8").replace("Hall 3", "Hall 5");
    fs::write(station.folder().join("unit.json"), &changed).expect("the watch folder");
    until("its new content arrives", SOON, || count(&station) == Some(2));
    let held = received(&station).into_iter().find(|report| report.sn == sn).expect("it is there").body;
    assert!(String::from_utf8_lossy(&held).contains("Hall 5"), "the server has the old content");
}

#[test]
fn a_file_that_is_to_be_deleted_goes_when_its_report_is_safe() {
    let station = with_post_action("delete");
    station.faults(Faults { outage: true, ..Faults::default() });
    let produced = report("delete", 1);
    station.drop_file("unit.json", &produced.bytes);
    until("the source goes", SOON, || station.waiting().is_empty());
    let books = Books::of(&station);
    assert!(books.owed.contains(&produced.sn), "the source is gone and nothing is owed");
    station.faults(Faults::default());
    Books::close(&station, &[produced], SOON);
}

#[test]
fn a_file_that_is_to_be_zipped_lies_in_done_as_an_archive() {
    let station = with_post_action("zip");
    let produced = report("zip", 1);
    station.drop_file("unit.json", &produced.bytes);
    until("the archive is there", SOON, || station.folder().join("Done/unit.json.zip").exists());
    Books::close(&station, &[produced], SOON);
    let zipped = fs::read(station.folder().join("Done/unit.json.zip")).expect("the archive");
    assert!(zipped.starts_with(b"PK"), "this is no archive");
    assert_eq!(files(&station.folder().join("Done")).len(), 1);
}

#[test]
fn a_watch_folder_that_comes_later_or_comes_back_is_watched() {
    let mut station = Station::new("wsjf");
    fs::remove_dir(station.folder()).expect("an empty folder");
    station.start();
    until("the status says what is missing", SOON, || station.status()["converters"][0]["message"].to_string().contains("missing"));
    fs::create_dir(station.folder()).expect("the station's disk");
    let first = report("later", 1);
    station.drop_file("first.json", &first.bytes);
    until("it is found", SOON, || received(&station).len() == 1);
    until("it is filed", SOON, || station.waiting().is_empty());
    fs::remove_dir_all(station.folder()).expect("the station's disk");
    until("the status says so again", SOON, || station.status()["converters"][0]["message"].to_string().contains("missing"));
    fs::create_dir(station.folder()).expect("the station's disk");
    let second = report("later", 2);
    station.drop_file("second.json", &second.bytes);
    Books::close(&station, &[first, second], SOON);
}

#[test]
fn a_watch_folder_that_is_renamed_away_is_said_once_and_what_takes_its_place_is_watched() {
    let mut station = Station::new("wsjf");
    station.does(&["config", "set", "log_level", "debug"]);
    station.start();
    let first = report("away", 1);
    station.drop_file("first.json", &first.bytes);
    until("it is filed", SOON, || station.waiting().is_empty());
    let away = station.home().join("away");
    fs::rename(station.folder(), &away).expect("the station's disk");
    until("the status says what is missing", SOON, || station.status()["converters"][0]["message"].to_string().contains("missing"));
    let scans = |station: &Station| log(station).lines().filter(|line| line.contains("\"scanned\"")).count();
    let before = scans(&station);
    fs::write(away.join("not ours.json"), report("away", 2).bytes).expect("the station's disk");
    std::thread::sleep(Duration::from_secs(6));
    assert!(scans(&station) - before <= 3, "the worker is busy with a folder that is not there");
    assert_eq!(log(&station).matches("is missing").count(), 1, "said more than once");
    fs::create_dir(station.folder()).expect("the station's disk");
    let second = report("away", 3);
    station.drop_file("second.json", &second.bytes);
    Books::close(&station, &[first, second], SOON);
    assert!(away.join("not ours.json").exists(), "a file in a folder that nobody watches was taken");
}

#[test]
fn beyond_its_limit_the_queue_takes_nothing_in_and_the_sources_stay_where_they_are() {
    let mut station = Station::new("wsjf");
    station.does(&["config", "set", "max_queue_size", "10"]);
    station.faults(Faults { outage: true, ..Faults::default() });
    station.start();
    let produced: Vec<Produced> = (0..60).map(|n| report("limit", n)).collect();
    for (n, report) in produced.iter().enumerate() {
        station.drop_file(&format!("{n:03}.json"), &report.bytes);
    }
    until("the status says that nothing is taken in", SOON, || {
        let status = station.status();
        status["status"] == "degraded" && status["queue"]["queued"].as_u64() >= Some(10)
    });
    let books = Books::of(&station);
    books.balance(&produced);
    assert!(!books.waiting.is_empty() && books.owed.len() < 60, "everything was taken in: {} owed", books.owed.len());
    station.faults(Faults::default());
    Books::close(&station, &produced, Duration::from_secs(60));
}

#[test]
fn only_files_that_match_are_taken_and_sub_folders_only_when_asked() {
    let mut station = Station::new("wsjf");
    station.does(&["config", "set", "converters[0].file_patterns", "[\"*.json\"]"]);
    station.does(&["config", "set", "converters[0].recursive", "true"]);
    let deep = report("match", 1);
    let other = no_report(b"notes of the operator");
    let below = station.folder().join("line 2/today");
    fs::create_dir_all(&below).expect("the station's disk");
    fs::write(below.join("unit.json"), &deep.bytes).expect("the station's disk");
    station.drop_file("notes.txt", &other.bytes);
    station.start();
    until("the one below arrives", SOON, || received(&station).len() == 1);
    until("it is filed", SOON, || !below.join("unit.json").exists());
    assert!(station.folder().join("notes.txt").exists(), "a file that does not match was touched");
    Books::of(&station).balance(&[deep, other]);
    assert_eq!(station.run(&["status", ID]).status.code(), Some(0));
}
