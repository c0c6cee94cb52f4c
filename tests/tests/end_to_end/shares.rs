//! Folders on shares: no events, a server that goes in the middle of a read, one that hangs. The share is `bindfs`, a mirror of a folder over FUSE.
//!
//! Where `bindfs` or the right to mount is missing these tests are skipped and say so.
#![allow(clippy::print_stderr, reason = "a test that is skipped says so")]
#![cfg(target_os = "linux")]

use e2e::{Books, ID, Produced, Station, report, until};
use serde_json::{Value, json};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

const SOON: Duration = Duration::from_secs(60);

/// A share, and the disk of its server.
struct Share {
    disk: PathBuf,
    mount: PathBuf,
    server: Child,
}

impl Share {
    /// Mounts `disk` at `mount`; `options` are those of bindfs. `None` where that cannot be done here.
    fn mount(disk: &Path, mount: &Path, options: &[&str]) -> Option<Share> {
        fs::create_dir_all(disk).expect("the station's disk");
        fs::create_dir_all(mount).expect("the station's disk");
        let said = fs::File::create(disk.with_extension("said.txt")).expect("the station's disk");
        let mut server = Command::new("bindfs");
        server.arg("-f").args(options).args([disk, mount]).stdin(Stdio::null()).stdout(Stdio::null()).stderr(said);
        let Ok(server) = server.spawn() else {
            eprintln!("skipped: bindfs is not installed");
            return None;
        };
        let mut share = Share { disk: disk.to_owned(), mount: mount.to_owned(), server };
        let mut ended = false;
        until("the share is mounted", SOON, || {
            ended = share.server.try_wait().expect("our own child").is_some();
            ended || is_mounted(mount)
        });
        if ended {
            eprintln!("skipped: {}", fs::read_to_string(disk.with_extension("said.txt")).unwrap_or_default());
            return None;
        }
        Some(share)
    }

    fn signal(&self, name: &str) {
        let status = Command::new("sh").args(["-c", &format!("kill -{name} {}", self.server.id())]).status().expect("a shell");
        assert!(status.success(), "the server of the share does not run");
    }

    /// Its server does not answer any more.
    fn hangs(&self) {
        self.signal("STOP");
    }

    fn answers_again(&self) {
        self.signal("CONT");
    }

    /// Puts a file on the server's disk, as another computer does.
    fn drop_file(&self, name: &str, bytes: &[u8]) {
        let beside = self.disk.with_extension(format!("{name}.being-written"));
        fs::write(&beside, bytes).expect("the server's disk");
        fs::rename(beside, self.disk.join(name)).expect("the server's disk");
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        // Whoever waits for an answer gets an error now.
        let _gone_already = self.server.kill();
        let _ = self.server.wait();
        let _ = Command::new("umount").arg("--lazy").arg(&self.mount).stderr(Stdio::null()).status();
    }
}

fn is_mounted(place: &Path) -> bool {
    let mounts = fs::read_to_string("/proc/self/mounts").expect("Linux");
    let place = fs::canonicalize(place.parent().expect("it has one")).expect("it is there").join(place.file_name().expect("it has one"));
    mounts.lines().any(|line| line.split(' ').nth(1) == place.to_str())
}

fn message(station: &Station, rule: usize) -> String {
    station.status()["converters"][rule]["message"].as_str().unwrap_or_default().to_owned()
}

/// Adds a rule like the first one for another folder below the station's home.
fn also_watch(station: &Station, name: &str) -> PathBuf {
    let folder = station.home().join(name);
    fs::create_dir_all(&folder).expect("the station's disk");
    let config = fs::read(station.instance().join("client_config.json")).expect("the settings");
    let config: Value = serde_json::from_slice(&config).expect("JSON");
    let mut rules = config["converters"].as_array().expect("rules").clone();
    let mut rule = rules[0].clone();
    (rule["name"], rule["watch_folder"]) = (json!(name), json!(folder));
    rules.push(rule);
    station.does(&["config", "set", "converters", &json!(rules).to_string()]);
    folder
}

/// A report of about this many bytes.
fn large(test: &str, n: usize, bytes: usize) -> Produced {
    let mut produced = report(test, n);
    produced.bytes.splice(0..0, std::iter::repeat_n(b' ', bytes));
    produced
}

#[test]
fn what_others_put_on_a_share_is_found_by_scans_and_a_growing_file_is_waited_for() {
    let mut station = Station::new("wsjf");
    let Some(share) = Share::mount(&station.home().join("disk"), &station.folder(), &[]) else { return };
    station.start();
    until("the status says how it is watched", SOON, || message(&station, 0).contains("share"));
    let mut produced: Vec<Produced> = (0..20).map(|n| report("share", n)).collect();
    for report in &produced {
        share.drop_file(&format!("{}.json", report.sn), &report.bytes);
    }
    let slow = report("share", 20);
    let mut file = fs::File::create(share.disk.join("slow.json")).expect("the server's disk");
    for piece in slow.bytes.chunks(slow.bytes.len() / 16 + 1) {
        file.write_all(piece).expect("the server's disk");
        std::thread::sleep(Duration::from_millis(1000));
    }
    drop(file);
    produced.push(slow);
    Books::close(&station, &produced, SOON);
    assert!(!station.folder().join("Error").exists(), "a half-written file was rejected");
    station.kill();
}

#[test]
fn a_share_that_goes_in_the_middle_of_a_read_and_comes_back_loses_and_doubles_nothing() {
    let mut station = Station::new("wsjf");
    let disk = station.home().join("disk");
    // A file of a megabyte takes ten seconds to read.
    let Some(share) = Share::mount(&disk, &station.folder(), &["--read-rate=100k"]) else { return };
    let produced: Vec<Produced> = (0..3).map(|n| large("cut", n, 1 << 20)).collect();
    for report in &produced {
        share.drop_file(&format!("{}.json", report.sn), &report.bytes);
    }
    station.start();
    until("something is read", SOON, || station.status()["active"].as_u64() > Some(0));
    share.signal("KILL");
    until("the status says that the folder cannot be read", SOON, || message(&station, 0).contains("cannot be read"));
    let late = report("cut", 3);
    fs::write(disk.join("late.json"), &late.bytes).expect("the server's disk");
    drop(share);
    let Some(_share) = Share::mount(&disk, &station.folder(), &[]) else { return };
    Books::close(&station, &[produced, vec![late]].concat(), SOON);
    until("the status is well again", SOON, || station.status()["converters"][0]["status"] == "ok");
    let received = station.server().received().expect("the sandbox's books");
    assert!(received.iter().all(|report| report.count == 1), "a report was sent twice");
    station.kill();
}

#[test]
fn a_share_that_hangs_is_named_by_the_status_stops_no_other_folder_and_not_the_end_of_the_worker() {
    let mut station = Station::new("wsjf");
    let local = also_watch(&station, "local");
    station.does(&["config", "set", "shutdown_timeout_s", "5"]);
    let Some(share) = Share::mount(&station.home().join("disk"), &station.folder(), &[]) else { return };
    station.start();
    let first = report("hang", 0);
    share.drop_file("first.json", &first.bytes);
    until("it is filed", SOON, || !share.disk.join("first.json").exists());
    share.hangs();
    until("the status names the folder", SOON, || message(&station, 0).contains("does not answer"));
    assert!(message(&station, 0).contains(station.folder().to_str().expect("a plain name")), "{}", message(&station, 0));
    assert_eq!(station.status()["status"], "degraded");
    let other: Vec<Produced> = (1..21).map(|n| report("hang", n)).collect();
    for report in &other {
        fs::write(local.join(format!("{}.json", report.sn)), &report.bytes).expect("the station's disk");
    }
    until("the other folder's files are filed", SOON, || e2e::files(&local).is_empty());
    let threads = fs::read_dir(format!("/proc/{}/task", station.pid())).expect("the worker runs").count();
    assert!(threads < 40, "{threads} threads wait for the share");
    share.answers_again();
    until("the status is well again", SOON, || station.status()["converters"][0]["status"] == "ok");
    let last = report("hang", 21);
    share.drop_file("last.json", &last.bytes);
    let mut produced = [vec![first, last], other].concat();
    Books::close(&station, &produced, SOON);
    share.hangs();
    until("the status names the folder again", SOON, || message(&station, 0).contains("does not answer"));
    station.terminate();
    assert_ne!(station.run(&["status", ID]).status.code(), Some(0), "a worker still runs");
    // And one that hangs from the beginning does not keep a worker from starting.
    station.start();
    let late = report("hang", 22);
    fs::write(local.join("late.json"), &late.bytes).expect("the station's disk");
    until("the other folder's file is filed", SOON, || e2e::files(&local).is_empty());
    until("the status names the folder", SOON, || message(&station, 0).contains("does not answer"));
    share.answers_again();
    produced.push(late);
    Books::close(&station, &produced, SOON);
    station.kill();
}

#[test]
fn a_share_mounted_in_a_folder_with_sub_folders_is_found_by_scans_and_hangs_alone() {
    let mut station = Station::new("wsjf");
    let local = also_watch(&station, "local");
    station.does(&["config", "set", "converters[0].recursive", "true"]);
    let Some(share) = Share::mount(&station.home().join("disk"), &station.folder().join("line-1"), &[]) else { return };
    station.start();
    let mut produced = vec![report("below", 0)];
    share.drop_file("first.json", &produced[0].bytes);
    until("it is filed", SOON, || !share.disk.join("first.json").exists());
    share.hangs();
    until("the status names the folder", SOON, || message(&station, 0).contains("does not answer"));
    station.does(&["rescan", ID]);
    for n in 1..6 {
        produced.push(report("below", n));
        fs::write(local.join(format!("{n}.json")), &produced[n].bytes).expect("the station's disk");
    }
    until("the other folder's files are filed", SOON, || e2e::files(&local).is_empty());
    assert_eq!(station.status()["converters"][1]["status"], "ok");
    share.answers_again();
    until("the status is well again", SOON, || station.status()["converters"][0]["status"] == "ok");
    Books::close(&station, &produced, SOON);
    station.kill();
}

#[test]
fn two_shares_that_hang_while_they_are_read_leave_the_slots_to_the_folders_that_answer() {
    let mut station = Station::new("wsjf");
    let (second, local) = (also_watch(&station, "second"), also_watch(&station, "local"));
    station.does(&["config", "set", "max_concurrent_conversions", "1"]);
    let places = [("disk", station.folder()), ("second disk", second)];
    let mount = |(disk, place): (&str, PathBuf)| Share::mount(&station.home().join(disk), &place, &["--read-rate=20k"]);
    let [Some(one), Some(two)] = places.map(mount) else { return };
    let slow = [large("slots", 0, 400 << 10), large("slots", 1, 400 << 10)];
    one.drop_file("slow.json", &slow[0].bytes);
    two.drop_file("slow.json", &slow[1].bytes);
    station.start();
    until("one of them is read", SOON, || station.status()["active"].as_u64() > Some(0));
    one.hangs();
    two.hangs();
    let hang = |rule| message(&station, rule).contains("does not answer");
    until("the status names both folders", SOON, || hang(0) && hang(1));
    let other: Vec<Produced> = (2..22).map(|n| report("slots", n)).collect();
    for report in &other {
        fs::write(local.join(format!("{}.json", report.sn)), &report.bytes).expect("the station's disk");
    }
    until("the other folder's files are filed", SOON, || e2e::files(&local).is_empty());
    one.answers_again();
    two.answers_again();
    until("the slow ones are filed", SOON * 3, || [&one, &two].iter().all(|share| !share.disk.join("slow.json").exists()));
    Books::close(&station, &[slow.to_vec(), other].concat(), SOON);
    station.kill();
}
