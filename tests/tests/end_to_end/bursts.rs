//! More files at once than the system has events for, and folders of which it cannot tell: the scan is the truth.
#![cfg(target_os = "linux")]
#![allow(clippy::print_stderr, reason = "how long it took is worth knowing, and nothing to fail on")]

use e2e::{Books, Produced, Station, eventually, report, share, until};
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

const SOON: Duration = Duration::from_secs(60);
/// What any machine manages in this time; only a broken build does not.
const LONG: Duration = Duration::from_secs(280);

fn signal(pid: u32, name: &str) {
    let status = Command::new("sh").args(["-c", &format!("kill -{name} {pid}")]).status().expect("a shell");
    assert!(status.success(), "the worker does not run");
}

fn dropped(station: &Station, below: &str, report: &Produced) {
    let folder = station.folder().join(below);
    fs::create_dir_all(&folder).expect("the station's disk");
    fs::write(folder.join(format!("{}.json", report.sn)), &report.bytes).expect("the station's disk");
}

#[test]
fn files_whose_events_are_lost_because_the_handler_was_stalled_are_all_found() {
    let most: usize = fs::read_to_string("/proc/sys/fs/inotify/max_queued_events").expect("Linux").trim().parse().expect("a number");
    let count = share(400, 50_000);
    let mut station = Station::new("wsjf");
    station.does(&["config", "set", "converters[0].post_action", "delete"]);
    station.start();
    // Events have shown that they work, so that scans are rare: only the overflow itself asks for one.
    let first = report("burst", count);
    dropped(&station, "", &first);
    until("the first arrives", SOON, || station.waiting().is_empty());
    let pool = station.home().join("pool");
    fs::create_dir(&pool).expect("the station's disk");
    let produced: Vec<Produced> = (0..count).map(|n| report("burst", n)).collect();
    for report in &produced {
        fs::write(pool.join(&report.sn), &report.bytes).expect("the station's disk");
    }
    signal(station.pid(), "STOP");
    // One file that is none of ours goes to and fro until the system's queue is full; each time makes two events.
    let to_and_fro = [station.folder().join("a.tmp"), station.folder().join("b.tmp")];
    fs::write(&to_and_fro[0], "").expect("the watch folder");
    for n in 0..=most / 2 {
        fs::rename(&to_and_fro[n % 2], &to_and_fro[(n + 1) % 2]).expect("the watch folder");
    }
    for report in &produced {
        fs::rename(pool.join(&report.sn), station.folder().join(format!("{}.json", report.sn))).expect("the watch folder is there");
    }
    signal(station.pid(), "CONT");
    let begun = Instant::now();
    let mut left = count;
    let found = eventually(LONG, || {
        left = fs::read_dir(station.folder()).expect("the watch folder").count() - 1;
        left == 0
    });
    eprintln!("{count} files were taken in {:?} after the stall", begun.elapsed());
    assert!(found, "{left} of {count} files were not found");
    fs::remove_file(&to_and_fro[(most / 2 + 1) % 2]).expect("the watch folder");
    Books::close(&station, &[produced, vec![first]].concat(), LONG);
}

#[test]
fn a_sub_folder_that_comes_together_with_its_files_is_found_whole() {
    let mut station = Station::new("wsjf");
    station.does(&["config", "set", "converters[0].recursive", "true"]);
    station.start();
    let produced: Vec<Produced> = (0..40).map(|n| report("sub", n)).collect();
    for (n, pair) in produced.chunks(2).enumerate() {
        // Every second folder is moved in with what lies in it, the others are made in place.
        let made = if n % 2 == 0 { station.folder().join(format!("day {n}/line")) } else { station.home().join(format!("made {n}/line")) };
        fs::create_dir_all(&made).expect("the station's disk");
        for report in pair {
            fs::write(made.join(format!("{}.json", report.sn)), &report.bytes).expect("the station's disk");
        }
        if n % 2 == 1 {
            fs::rename(made.parent().expect("it has one"), station.folder().join(format!("day {n}"))).expect("the station's disk");
        }
    }
    until("all are filed", SOON, || sources_below(&station.folder()) == 0);
    Books::close(&station, &produced, SOON);
}

/// Sources in the folders below, those that are filed not counted.
fn sources_below(folder: &Path) -> usize {
    e2e::all_files(folder).iter().filter(|path| !path.starts_with(folder.join("Done"))).count()
}

/// Starts a worker whose system has no more than `most` of this, for all that run as its user.
fn start_with(most: usize, what: &str, station: &mut Station) {
    station.start_with(|command| {
        let lower = format!("echo {most} > /proc/sys/user/{what} && exec \"$@\"");
        under(command, &["unshare", "--user", "--map-root-user", "sh", "-c", &lower, "sh"]);
    });
}

fn says_that_it_scans(station: &Station) -> bool {
    let rule = &station.status()["converters"][0];
    rule["status"] == "degraded" && rule["message"].to_string().contains("refuses to watch")
}

/// Runs the command under another program.
pub(crate) fn under(command: &mut Command, words: &[&str]) {
    let mut wrapped = Command::new(words[0]);
    wrapped.args(&words[1..]).arg(command.get_program()).args(command.get_args());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => wrapped.env(name, value),
            None => wrapped.env_remove(name),
        };
    }
    wrapped.stdin(std::process::Stdio::null()).stdout(std::process::Stdio::null());
    *command = wrapped;
}

#[test]
fn where_the_system_watches_no_more_folders_the_status_says_so_and_scans_find_everything() {
    for (most, what) in [(4, "max_inotify_watches"), (0, "max_inotify_instances")] {
        let mut station = Station::new("wsjf");
        station.does(&["config", "set", "converters[0].recursive", "true"]);
        let below = |n: usize| format!("line {}", n % 10);
        let produced: Vec<Produced> = (0..40).map(|n| report(what, n)).collect();
        produced[..10].iter().enumerate().for_each(|(n, report)| dropped(&station, &below(n), report));
        start_with(most, what, &mut station);
        until("the status says so", SOON, || says_that_it_scans(&station));
        produced[10..].iter().enumerate().for_each(|(n, report)| dropped(&station, &below(n), report));
        until("all are filed", SOON, || sources_below(&station.folder()) == 0);
        assert!(says_that_it_scans(&station), "it forgot that it is not told everything");
        Books::close(&station, &produced, SOON);
    }
}

#[test]
fn a_sub_folder_for_which_there_is_no_watch_left_is_said_too_and_its_files_are_found() {
    let mut station = Station::new("wsjf");
    station.does(&["config", "set", "converters[0].recursive", "true"]);
    start_with(4, "max_inotify_watches", &mut station);
    let first = report("left", 0);
    dropped(&station, "line 0", &first);
    until("the first is filed", SOON, || sources_below(&station.folder()) == 0);
    assert!(!says_that_it_scans(&station), "there were watches enough for it: {}", station.status());
    let produced: Vec<Produced> = (1..30).map(|n| report("left", n)).collect();
    produced.iter().enumerate().for_each(|(n, report)| dropped(&station, &format!("line {}", n % 10), report));
    until("the status says so", SOON, || says_that_it_scans(&station));
    until("all are filed", SOON, || sources_below(&station.folder()) == 0);
    Books::close(&station, &[produced, vec![first]].concat(), SOON);
}
