//! Files that are no plain files, carry odd times or names, are empty, huge or locked away: none of them stops its neighbours.
#![allow(clippy::print_stderr, reason = "a test that is skipped says so")]
#![cfg(target_os = "linux")]

use crate::bursts::under;
use e2e::{Books, ID, Produced, Station, files, no_report, report, until};
use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;
use std::time::{Duration, SystemTime};

const SOON: Duration = Duration::from_secs(60);

fn log(station: &Station) -> String {
    files(&station.instance().join("logs")).iter().map(|path| fs::read_to_string(path).expect("a log")).collect()
}

#[test]
fn what_the_clock_of_a_share_says_of_a_file_decides_nothing() {
    let mut station = Station::new("wsjf");
    station.start();
    let hour = Duration::from_secs(3600);
    let now = SystemTime::now();
    let times = [
        now + hour,
        now - 24 * hour,
        SystemTime::UNIX_EPOCH,
        SystemTime::UNIX_EPOCH - hour,
        // The year 2107, where the times of FAT end.
        SystemTime::UNIX_EPOCH + Duration::from_secs(4_354_819_198),
    ];
    let produced: Vec<Produced> = (0..times.len()).map(|n| report("clock", n)).collect();
    for (report, time) in produced.iter().zip(times) {
        let beside = station.home().join(&report.sn);
        fs::write(&beside, &report.bytes).expect("the station's disk");
        fs::File::options().write(true).open(&beside).and_then(|file| file.set_modified(time)).expect("any time can be set");
        fs::rename(beside, station.folder().join(format!("{}.json", report.sn))).expect("the watch folder");
    }
    Books::close(&station, &produced, SOON);
    station.kill();
    // The same found by the scan of a start, without any event.
    let produced: Vec<Produced> = (0..times.len()).map(|n| report("clock", n + 100)).chain(produced).collect();
    for (report, time) in produced.iter().zip(times) {
        let path = station.folder().join(format!("{}.json", report.sn));
        fs::write(&path, &report.bytes).expect("the watch folder");
        fs::File::options().write(true).open(&path).and_then(|file| file.set_modified(time)).expect("any time can be set");
    }
    station.start();
    Books::close(&station, &produced, SOON);
}

#[test]
fn links_pipes_sockets_devices_and_folders_are_left_alone_and_named_once() {
    let mut station = Station::new("wsjf");
    station.does(&["config", "set", "converters[0].recursive", "true"]);
    let outside = station.home().join("outside");
    fs::create_dir(&outside).expect("the station's disk");
    fs::write(outside.join("not ours.json"), report("odd", 9).bytes).expect("the station's disk");
    let odd = ["loop", "out", "out.json", "pipe.json", "socket.json", "device.json"];
    let [to_itself, out, out_file, pipe, socket, device] = odd.map(|name| station.folder().join(name));
    std::os::unix::fs::symlink(station.folder(), to_itself).expect("a link");
    std::os::unix::fs::symlink(&outside, out).expect("a link");
    std::os::unix::fs::symlink(outside.join("not ours.json"), out_file).expect("a link");
    assert!(Command::new("mkfifo").arg(pipe).status().expect("mkfifo").success());
    let _socket = std::os::unix::net::UnixListener::bind(socket).expect("a socket");
    let is_made = Command::new("mknod").arg(&device).args(["c", "1", "5"]).status().expect("mknod").success();
    if !is_made {
        eprintln!("skipped: a device can be made by root only");
    }
    fs::create_dir(station.folder().join("folder.json")).expect("the station's disk");
    station.start();
    let produced: Vec<Produced> = (0..5).map(|n| report("odd", n)).collect();
    for report in &produced {
        station.drop_file(&format!("{}.json", report.sn), &report.bytes);
    }
    until("the neighbours are filed", SOON, || files(&station.folder().join("Done")).len() == 5);
    for _ in 0..3 {
        station.does(&["rescan", ID]);
        std::thread::sleep(Duration::from_millis(500));
    }
    let log = log(&station);
    for name in odd.iter().filter(|name| is_made || **name != "device.json") {
        let told = log.lines().filter(|line| line.contains(&format!("/{name} is")) && line.contains("left alone")).count();
        assert_eq!(told, 1, "{name} was named {told} times");
        assert!(fs::symlink_metadata(station.folder().join(name)).is_ok(), "{name} was touched");
    }
    assert!(outside.join("not ours.json").exists(), "a link was followed");
    assert!(station.folder().join("folder.json").is_dir());
    assert_eq!(station.run(&["status", ID]).status.code(), Some(0));
    let mut books = Books::of(&station);
    books.waiting.clear();
    books.all_delivered(&produced);
}

#[test]
fn a_file_that_stays_empty_is_rejected_as_such_after_its_writer_had_time() {
    let mut station = Station::new("wsjf");
    station.start();
    let begun = SystemTime::now();
    station.drop_file("empty.json", b"");
    let produced = report("beside", 1);
    station.drop_file("unit.json", &produced.bytes);
    let note = station.folder().join("Error/empty.json.error.txt");
    until("it is rejected", SOON * 2, || note.exists());
    assert!(begun.elapsed().expect("a steady clock") > Duration::from_secs(20), "its writer had no time");
    assert!(fs::read_to_string(&note).expect("the reason").contains("is empty"));
    let empty = no_report(b"");
    Books::close(&station, std::slice::from_ref(&produced), SOON);
    Books::of(&station).balance(&[produced, empty]);
}

#[test]
fn a_file_beyond_the_cap_is_refused_unread_with_its_reason_and_stays_as_it_is() {
    let mut station = Station::new("wsjf");
    station.start();
    let size = 5 << 30;
    let beside = station.home().join("huge");
    fs::File::create(&beside).and_then(|file| file.set_len(size)).expect("a sparse file");
    fs::rename(beside, station.folder().join("huge.json")).expect("the watch folder");
    let produced = report("cap", 1);
    station.drop_file("unit.json", &produced.bytes);
    let note = station.folder().join("Error/huge.json.error.txt");
    until("it is refused", SOON, || note.exists());
    let reason = fs::read_to_string(&note).expect("the reason");
    assert!(reason.contains("5120 MiB, more than the 256 MiB") && reason.contains("max_file_mib"), "{reason}");
    until("it is set aside", SOON, || station.folder().join("Error/huge.json").exists());
    let kept = fs::metadata(station.folder().join("Error/huge.json")).expect("the source");
    assert_eq!(kept.len(), size, "the source was changed");
    // The books would read it whole.
    fs::remove_file(station.folder().join("Error/huge.json")).expect("the station's disk");
    Books::close(&station, &[produced], SOON);
}

#[test]
fn any_name_a_file_can_have_is_processed_and_shown_without_harm() {
    let mut station = Station::new("wsjf");
    station.start();
    let longest = format!("{}.json", "ö".repeat(125));
    let names: Vec<&OsStr> = vec![
        OsStr::new("line\nend.json"),
        OsStr::new("\u{1b}[2J\u{1b}]0;owned\u{7}.json"),
        OsStr::new("unit\u{202e}nosj.exe.json"),
        OsStr::new(&longest),
        OsStr::from_bytes(b"latin-1 \xe4\xf6\xfc \xff.json"),
        OsStr::new(" -rf; $(reboot) `x` '\" & %s\\.json"),
    ];
    let good: Vec<Produced> = (0..names.len()).map(|n| report("name", n)).collect();
    let bad: Vec<Produced> = (0..names.len()).map(|n| no_report(format!("{{\"sn\": {n} oops}}").as_bytes())).collect();
    for (name, report) in names.iter().zip(&good) {
        fs::write(station.folder().join(name), &report.bytes).expect("the watch folder");
    }
    until("the good ones are filed", SOON, || station.waiting().is_empty() && files(&station.folder().join("Done")).len() == names.len());
    for (name, report) in names.iter().zip(&good) {
        assert_eq!(fs::read(station.folder().join("Done").join(name)).ok().as_ref(), Some(&report.bytes), "{name:?} changed its name");
    }
    for (name, report) in names.iter().zip(&bad) {
        fs::write(station.folder().join(name), &report.bytes).expect("the watch folder");
    }
    until("the bad ones are filed", SOON, || {
        station.waiting().is_empty() && files(&station.folder().join("Error")).len() == 2 * names.len()
    });
    Books::close(&station, &good, SOON);
    Books::of(&station).balance(&[good, bad].concat());
    let notes = files(&station.folder().join("Error")).into_iter().filter(|path| path.to_string_lossy().ends_with(".error.txt"));
    let mut shown: Vec<String> = notes.map(|path| fs::read_to_string(path).expect("a note")).collect();
    shown.extend([station.does(&["history"]), station.does(&["logs", ID]), log(&station)]);
    for text in &shown {
        let harm = text.chars().find(|c| (c.is_control() && *c != '\n') || ('\u{202a}'..='\u{202e}').contains(c));
        assert!(harm.is_none(), "{harm:?} is in\n{text}");
    }
    assert!(shown.iter().any(|text| text.contains("line\\nend.json")), "a name is not told at all");
}

#[test]
fn a_file_that_may_not_be_read_is_told_and_taken_as_soon_as_it_may() {
    let mut station = Station::new("wsjf");
    let owned = Command::new("chown").args(["-R", "65534:65534"]).arg(station.home()).status().expect("chown");
    if !owned.success() || !Command::new("setpriv").arg("--version").output().is_ok_and(|output| output.status.success()) {
        eprintln!("skipped: only root can be somebody else, by setpriv");
        return;
    }
    let locked = report("locked", 1);
    station.drop_file("locked.json", &locked.bytes);
    let path = station.folder().join("locked.json");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o000)).expect("ours");
    station.start_with(|command| under(command, &["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]));
    let produced: Vec<Produced> = (2..7).map(|n| report("locked", n)).collect();
    for report in &produced {
        station.drop_file(&format!("{}.json", report.sn), &report.bytes);
    }
    until("the neighbours are filed", SOON, || station.waiting().len() == 1);
    let told = || station.status()["converters"][0]["message"].to_string();
    until("the status names the file", SOON, || told().contains("locked.json cannot be read now"));
    std::thread::sleep(Duration::from_secs(5));
    let lines = log(&station).lines().filter(|line| line.contains("locked.json cannot be read now")).count();
    assert!(lines <= 2, "the log says it at every try: {lines} times");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).expect("ours");
    Books::close(&station, &[produced, vec![locked]].concat(), SOON);
    until("the status is well again", SOON, || station.status()["converters"][0]["status"] == "ok");
}
