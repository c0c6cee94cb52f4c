//! Disks without room, that may only be read, or that give no more files: intake pauses, the state says so, and when that has passed
//! work goes on by itself.

use super::{Mounted, SOON};
use e2e::{Books, Fault, Faulty, Produced, Station, files, report, until};
use sandbox::Faults;
use std::fs;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

fn delivered(station: &Station) -> usize {
    station.server().received().expect("the sandbox's books").len()
}

/// What the status says of one of the worker's parts: its state, and in words.
fn child(station: &Station, name: &str) -> (String, String) {
    let status = station.status();
    let child = status["children"].as_array().into_iter().flatten().find(|child| child["name"] == name).cloned().unwrap_or_default();
    (child["status"].as_str().unwrap_or_default().to_owned(), child["message"].as_str().unwrap_or_default().to_owned())
}

fn quick(station: &Station) {
    station.does(&["config", "set", "converters[0].settle_s", "0.1"]);
}

/// The store cannot be written: the worker says so, takes nothing, and leaves the source where it is.
fn says_that_nothing_can_be_queued(station: &Station, produced: &Produced) {
    until("the status says that nothing can be queued", SOON, || child(station, "store").0 == "error");
    until("intake pauses", SOON, || child(station, "intake").0 == "degraded");
    assert_eq!(station.status()["status"], "error");
    let (_, why) = child(station, "store");
    assert!(why.contains("queue.db"), "it does not name the file: {why}");
    let waiting = station.waiting();
    assert_eq!(waiting.len(), 1, "{waiting:?}");
    assert_eq!(fs::read(&waiting[0]).expect("the source"), produced.bytes);
    assert_eq!(delivered(station), 1, "more was sent than could be queued");
}

/// It is over: everything arrives, and the state is good again.
fn goes_on_by_itself(station: &Station, produced: &[Produced]) {
    Books::close(station, produced, SOON);
    until("the state is good again", SOON, || matches!(station.status()["status"].as_str(), Some("idle" | "ok" | "busy")));
}

#[test]
fn a_store_that_cannot_be_written_for_a_while_pauses_intake_and_says_why() {
    let refuses = |error: &'static str, kinds: &'static str| {
        let mut station = Station::new("wsjf");
        quick(&station);
        let (first, second) = (report(error, 1), report(error, 2));
        let switch = station.home().join("switch");
        fs::create_dir_all(station.instance().join("queue")).expect("our own folder");
        let disk = Faulty::root(&station.instance().join("queue"), kinds).at(1, Fault::Fails(error)).forever().while_there_is(&switch);
        station.start_with(|command| disk.under(command));
        station.drop_file("first.json", &first.bytes);
        until("the first arrives", SOON, || delivered(&station) == 1 && Books::of(&station).owed.is_empty());
        fs::write(&switch, "").expect("our own file");
        station.drop_file("second.json", &second.bytes);
        says_that_nothing_can_be_queued(&station, &second);
        fs::remove_file(&switch).expect("our own file");
        goes_on_by_itself(&station, &[first, second]);
    };
    let table =
        [("ENOSPC", "create,write"), ("EDQUOT", "create,write"), ("EROFS", "create,write,truncate"), ("EIO", "sync"), ("EFBIG", "write")];
    let runs = table.map(|(error, kinds)| thread::spawn(move || refuses(error, kinds)));
    let broken: Vec<_> = runs.into_iter().zip(table).filter_map(|(run, (error, _))| run.join().is_err().then_some(error)).collect();
    assert!(broken.is_empty(), "{broken:?}");
}

#[test]
fn a_queue_on_a_full_disk_goes_on_when_there_is_room_again() {
    let mut station = Station::new("wsjf");
    quick(&station);
    let Some(_small) = Mounted::tmpfs(&station.instance().join("queue"), "2m") else { return };
    station.start();
    let (first, second) = (report("full", 1), report("full", 2));
    station.drop_file("first.json", &first.bytes);
    until("the first arrives", SOON, || delivered(&station) == 1 && Books::of(&station).owed.is_empty());
    let ballast = station.instance().join("queue/ballast");
    let _full = fs::write(&ballast, vec![7; 3 << 20]).expect_err("there are only 2 MiB");
    // The store has room of its own until its log has to grow.
    let mut more: Vec<Produced> = Vec::new();
    until("the store has no room left", SOON, || {
        if station.waiting().is_empty() {
            let next = report("full-more", more.len());
            station.drop_file(&format!("more-{}.json", more.len()), &next.bytes);
            more.push(next);
        }
        child(&station, "store").0 == "error"
    });
    station.drop_file("second.json", &second.bytes);
    until("intake pauses", SOON, || child(&station, "intake").0 == "degraded");
    assert!(child(&station, "store").1.contains("free space"), "it does not say what to do: {}", child(&station, "store").1);
    assert!(station.folder().join("second.json").exists(), "a source that could not be queued was moved");
    Books::of(&station).balance(&[vec![first.clone(), second.clone()], more.clone()].concat());
    fs::remove_file(&ballast).expect("our own file");
    more.extend([first, second]);
    goes_on_by_itself(&station, &more);
}

#[test]
fn a_watch_folder_that_may_only_be_read_for_a_while_sends_all_once_and_files_it_later() {
    let mut station = Station::new("wsjf");
    quick(&station);
    let Some(folder) = Mounted::tmpfs(&station.folder(), "2m") else { return };
    let produced: Vec<Produced> = (0..3).map(|n| report("readonly", n)).collect();
    for (n, one) in produced.iter().enumerate() {
        fs::write(station.folder().join(format!("{n}.json")), &one.bytes).expect("there is room");
    }
    folder.again("ro");
    station.start();
    until("all arrive", SOON, || delivered(&station) == 3);
    until("the status says that they cannot be filed", SOON, || child(&station, "watch").1.contains("cannot be filed"));
    assert_eq!(station.waiting().len(), 3);
    folder.again("rw");
    goes_on_by_itself(&station, &produced);
    assert_eq!(files(&station.folder().join("Done")).len(), 3);
    assert!(station.server().received().expect("the sandbox's books").iter().all(|report| report.count == 1), "sent more than once");
}

/// Sets a limit of the running worker, as `prlimit` of util-linux does.
fn limit(station: &Station, what: &str, most: &str) {
    let set = Command::new("prlimit").arg(format!("--pid={}", station.pid())).arg(format!("--{what}={most}:")).status();
    assert!(set.expect("prlimit comes with util-linux").success());
}

#[test]
fn a_file_size_limit_ends_no_worker_and_when_it_is_lifted_work_goes_on() {
    let mut station = Station::new("wsjf");
    quick(&station);
    station.faults(Faults { outage: true, ..Faults::default() });
    station.start();
    limit(&station, "fsize", "200000");
    let produced: Vec<Produced> = (0..60).map(|n| report("limited", n)).collect();
    let begun = Instant::now();
    for (n, one) in produced.iter().enumerate() {
        station.drop_file(&format!("{n:02}.json"), &one.bytes);
        // One by one, so that the store writes much for little.
        until("it is queued, or nothing can be", SOON, || station.waiting().is_empty() || child(&station, "store").0 == "error");
    }
    assert!(station.ended().is_none(), "the worker ended after {:?}", begun.elapsed());
    until("the status says that nothing can be queued", SOON, || child(&station, "store").0 == "error");
    Books::of(&station).balance(&produced);
    limit(&station, "fsize", "unlimited");
    station.faults(Faults::default());
    goes_on_by_itself(&station, &produced);
}

#[test]
fn a_worker_without_a_free_file_waits_and_does_not_flood_its_log() {
    let mut station = Station::new("wsjf");
    quick(&station);
    station.start();
    // Fewer than are open: nothing more can be opened.
    limit(&station, "nofile", "3");
    let produced: Vec<Produced> = (0..200).map(|n| report("files", n)).collect();
    for (n, one) in produced.iter().enumerate() {
        station.drop_file(&format!("{n:03}.json"), &one.bytes);
    }
    let lines = |station: &Station| {
        let logs = files(&station.instance().join("logs"));
        logs.iter().map(|log| fs::read_to_string(log).unwrap_or_default().lines().count()).sum::<usize>()
    };
    until("the log tells of it", SOON, || lines(&station) > 20);
    // Time in which a worker that does not back off would say it thousands of times.
    thread::sleep(Duration::from_secs(8));
    let said = lines(&station);
    assert!(said < 1000, "{said} lines in a few seconds");
    assert!(station.ended().is_none(), "the worker ended");
    assert_eq!(delivered(&station), 0);
    limit(&station, "nofile", "1024");
    goes_on_by_itself(&station, &produced);
}

#[test]
fn a_log_that_cannot_be_written_stops_nobody_and_its_lost_lines_are_counted() {
    for error in ["ENOSPC", "EACCES"] {
        let mut station = Station::new("wsjf");
        quick(&station);
        let logs = station.instance().join("logs");
        fs::create_dir_all(&logs).expect("our own folder");
        let disk = Faulty::root(&logs, "create,write").at(1, Fault::Fails(error)).forever();
        station.start_with(|command| disk.under(command));
        let produced = report(error, 1);
        station.drop_file("unit.json", &produced.bytes);
        Books::close(&station, &[produced], SOON);
        until("lost lines are counted", SOON, || station.status()["log_lines_dropped"].as_u64() > Some(0));
    }
}

#[test]
fn a_log_folder_on_a_full_disk_stops_nobody_and_has_lines_again_when_there_is_room() {
    let mut station = Station::new("wsjf");
    quick(&station);
    let logs = station.instance().join("logs");
    let Some(_small) = Mounted::tmpfs(&logs, "64k") else { return };
    let _full = fs::write(logs.join("ballast"), vec![7; 1 << 20]).expect_err("there are only 64 KiB");
    station.start();
    let produced = report("logs", 1);
    station.drop_file("unit.json", &produced.bytes);
    Books::close(&station, std::slice::from_ref(&produced), SOON);
    until("lost lines are counted", SOON, || station.status()["log_lines_dropped"].as_u64() > Some(0));
    fs::remove_file(logs.join("ballast")).expect("our own file");
    let second = report("logs", 2);
    station.drop_file("second.json", &second.bytes);
    Books::close(&station, &[produced, second], SOON);
    let told =
        || files(&logs).iter().any(|log| fs::read_to_string(log).is_ok_and(|text| text.contains("could not be written and are lost")));
    until("the log tells how much is missing", SOON, told);
}
