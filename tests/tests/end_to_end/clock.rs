//! The clock of the world jumps, goes over midnight and over the changes to and from summer time, for the worker alone: libfaketime, preloaded, tells it
//! another time from one moment to the next. The steady clock, by which timers go, is left alone, as people leave it who set a clock.

use e2e::{Books, ID, Produced, Station, report, until};
use jiff::Timestamp;
use sandbox::Faults;
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

const SOON: Duration = Duration::from_secs(60);
/// Where Debian's package faketime puts it; the folder in the middle is named after the machine.
const LIBRARY: &str = "faketime/libfaketimeMT.so.1";

/// A clock that a test sets.
struct Clock {
    library: PathBuf,
    offset: PathBuf,
}

impl Clock {
    /// A clock that is right; none, and a word about it, where there is no libfaketime.
    #[allow(clippy::print_stderr, reason = "a test that is skipped says why")]
    fn right(station: &Station) -> Option<Self> {
        let there = |folder: fs::DirEntry| Some(folder.path().join(LIBRARY)).filter(|path| path.exists());
        let Some(library) = fs::read_dir("/usr/lib").into_iter().flatten().filter_map(Result::ok).find_map(there) else {
            eprintln!("skipped: the clock cannot be set without libfaketime (Debian: apt-get install faketime)");
            return None;
        };
        let clock = Self { library, offset: station.home().join("clock") };
        clock.set("+0");
        Some(clock)
    }

    /// Sets the clock so far from the right time, such as `+365d`.
    fn set(&self, offset: &str) {
        let beside = self.offset.with_extension("new");
        fs::write(&beside, offset).expect("the station's disk");
        fs::rename(beside, &self.offset).expect("the station's disk");
    }

    /// Sets the clock to so many seconds before a moment of the world.
    fn set_before(&self, moment: Timestamp, seconds: i64) {
        self.set(&format!("+{}", moment.as_second() - seconds - Timestamp::now().as_second()));
    }

    fn under(&self, command: &mut Command) {
        command.env("LD_PRELOAD", &self.library).env("FAKETIME_TIMESTAMP_FILE", &self.offset).env("FAKETIME_NO_CACHE", "1");
        command.env("FAKETIME_DONT_FAKE_MONOTONIC", "1").env("NO_FAKE_STAT", "1");
    }

    /// What somebody at this clock sees of the worker.
    fn state(&self, station: &Station) -> Value {
        let mut command = e2e::lineside();
        self.under(&mut command);
        let output = command.env("LINESIDE_HOME", station.home()).args(["--json", "status", ID]).output().expect("lineside can be started");
        serde_json::from_slice(&output.stdout).unwrap_or_default()
    }
}

fn drop_all(station: &Station, produced: &[Produced]) {
    produced.iter().for_each(|report| station.drop_file(&format!("{}.json", report.sn), &report.bytes));
}

fn logs(station: &Station) -> Vec<String> {
    let mut names: Vec<String> = e2e::files(&station.instance().join("logs")).iter().filter_map(|path| name(path)).collect();
    names.sort();
    names
}

fn name(path: &Path) -> Option<String> {
    path.file_name().and_then(|name| name.to_str()).map(str::to_owned)
}

/// Reports wait for their next try by one clock and are sent by another.
#[test]
fn a_clock_that_jumps_by_a_year_or_a_day_makes_no_report_wait_and_no_worker_look_dead() {
    let mut station = Station::new("wsjf");
    let Some(clock) = Clock::right(&station) else { return };
    station.start_with(|command| clock.under(command));
    let produced: Vec<Produced> = (0..40).map(|n| report("jump", n)).collect();
    let mut dropped = 0;
    for jump in ["+365d", "+0", "-1d", "+0"] {
        station.faults(Faults { rate_503: 1.0, ..Faults::default() });
        drop_all(&station, &produced[dropped..dropped + 5]);
        until("they wait for another try", SOON, || {
            Books::of(&station).owed.len() == 5 && station.status()["server"]["message"].to_string().contains("503")
        });
        clock.set(jump);
        drop_all(&station, &produced[dropped + 5..dropped + 10]);
        dropped += 10;
        until("the others are owed too", SOON, || Books::of(&station).owed.len() == 10);
        until("the worker is seen to live", SOON, || {
            let seen = clock.state(&station)["state"].as_str().unwrap_or_default().to_owned();
            !seen.is_empty() && !["stale", "not responding", "crashed", "stopped"].contains(&seen.as_str())
        });
        station.faults(Faults::default());
        Books::close(&station, &produced[..dropped], SOON);
    }
    // What is written now is what is read first: no file is of a day to come.
    until("the log is of today again", SOON, || {
        drop_all(&station, &produced[..1]);
        let today = format!("worker.{}", jiff::Zoned::now().date());
        logs(&station).last().is_some_and(|name| name.starts_with(&today))
    });
    assert!(station.terminate().0.success());
}

/// As computers do whose battery is empty.
#[test]
fn a_worker_that_starts_in_another_century_and_is_set_right_delivers_what_it_was_left_and_what_comes() {
    let mut station = Station::new("wsjf");
    let Some(clock) = Clock::right(&station) else { return };
    let produced: Vec<Produced> = (0..30).map(|n| report("battery", n)).collect();
    station.faults(Faults { rate_503: 1.0, ..Faults::default() });
    station.start_with(|command| clock.under(command));
    drop_all(&station, &produced[..10]);
    until("they wait for another try", SOON, || {
        Books::of(&station).owed.len() == 10 && station.status()["server"]["message"].to_string().contains("503")
    });
    station.kill();
    station.faults(Faults::default());
    clock.set("-10000d");
    drop_all(&station, &produced[10..20]);
    station.start_with(|command| clock.under(command));
    Books::close(&station, &produced[..20], SOON);
    clock.set("+0");
    drop_all(&station, &produced[20..]);
    Books::close(&station, &produced, SOON);
    assert!(station.terminate().0.success());
}

/// Moments, each with the day in Berlin before and after it.
const MOMENTS: [(&str, &str, &str, &str); 3] = [
    ("midnight", "2027-01-15T23:00:00Z", "2027-01-15", "2027-01-16"),
    ("the hour that does not exist", "2027-03-28T01:00:00Z", "2027-03-28", "2027-03-28"),
    ("the hour that comes twice", "2027-10-31T01:00:00Z", "2027-10-31", "2027-10-31"),
];

#[test]
fn midnight_and_the_changes_of_summer_time_stop_nobody_and_the_log_goes_on_in_the_file_of_its_day() {
    let mut station = Station::new("wsjf");
    let Some(clock) = Clock::right(&station) else { return };
    let produced: Vec<Produced> = (0..30).map(|n| report("moment", n)).collect();
    for (n, (what, moment, before, after)) in MOMENTS.into_iter().enumerate() {
        let moment: Timestamp = moment.parse().expect("a moment");
        clock.set_before(moment, 3600);
        station.start_with(|command| {
            clock.under(command);
            command.env("TZ", "Europe/Berlin");
        });
        drop_all(&station, &produced[n * 10..n * 10 + 5]);
        Books::close(&station, &produced[..n * 10 + 5], SOON);
        clock.set_before(moment, 2);
        until("the worker's clock is past it", SOON, || {
            let beat = station.status()["updated_at"].as_str().and_then(|at| at.parse::<Timestamp>().ok());
            beat.is_some_and(|at| at > moment)
        });
        drop_all(&station, &produced[n * 10 + 5..n * 10 + 10]);
        Books::close(&station, &produced[..n * 10 + 10], SOON);
        until("the worker is seen to live", SOON, || clock.state(&station)["running"] == true && clock.state(&station)["state"] == "idle");
        for day in [before, after] {
            assert!(logs(&station).contains(&format!("worker.{day}.jsonl")), "{what}: no log of {day} in {:?}", logs(&station));
        }
        assert!(station.terminate().0.success(), "{what}");
    }
}

#[test]
fn a_clock_that_jumps_a_year_ahead_deletes_nothing_that_is_kept_for_days() {
    let mut station = Station::new("wsjf");
    let Some(clock) = Clock::right(&station) else { return };
    for setting in ["done_keep_days", "reports_keep_days", "history_keep_days"] {
        station.does(&["config", "set", setting, "1"]);
    }
    station.start_with(|command| clock.under(command));
    let produced: Vec<Produced> = (0..5).map(|n| report("kept", n)).collect();
    drop_all(&station, &produced);
    Books::close(&station, &produced, SOON);
    let kept = || (e2e::files(&station.folder().join("Done")).len(), e2e::files(&station.instance().join("reports")).len());
    until("all of it is archived", SOON, || kept() == (5, 1));
    clock.set("+365d");
    until("the hour comes in which old things are deleted", Duration::from_secs(120), || {
        let logs = e2e::files(&station.instance().join("logs"));
        logs.iter().any(|log| fs::read_to_string(log).unwrap_or_default().contains("the clock jumped ahead"))
    });
    assert_eq!(kept(), (5, 1));
    Books::of(&station).all_delivered(&produced);
}
