//! Where sources and sent reports go: to another disk, or to one that fails.

use super::{Mounted, SOON};
use e2e::{Books, Fault, Faulty, Produced, Station, files, report, until};
use std::fs;
use std::path::Path;
use std::thread;

fn quick(station: &Station) {
    station.does(&["config", "set", "converters[0].settle_s", "0.1"]);
}

/// The contents of the files in a folder, sorted.
fn contents(folder: &Path) -> Vec<Vec<u8>> {
    let mut contents: Vec<_> = files(folder).iter().map(|path| fs::read(path).expect("a filed source")).collect();
    contents.sort();
    contents
}

#[test]
fn sources_filed_on_another_disk_are_copied_whole_before_they_go() {
    let mut station = Station::new("wsjf");
    quick(&station);
    let done = station.folder().join("Done");
    let Some(_other) = Mounted::tmpfs(&done, "2m") else { return };
    let (first, second) = (report("volume", 1), report("volume", 2));
    fs::write(done.join("unit.json"), &second.bytes).expect("there is room");
    station.start();
    // A name that is taken there stays with what has it.
    station.drop_file("unit.json", &first.bytes);
    until("it is filed", SOON, || done.join("unit (2).json").exists());
    Books::close(&station, std::slice::from_ref(&first), SOON);
    let mut expected = vec![first.bytes, second.bytes];
    expected.sort();
    assert_eq!(contents(&done), expected, "{:?}", files(&done));
}

#[test]
fn a_copy_to_another_disk_that_fails_at_any_call_is_made_again_and_no_source_is_lost() {
    let fails_at = |n: u64, error: &'static str| {
        let mut station = Station::new("wsjf");
        quick(&station);
        let done = station.folder().join("Done");
        let Some(_other) = Mounted::tmpfs(&done, "2m") else { return };
        let produced = report(error, usize::try_from(n).unwrap_or(0));
        let disk = Faulty::root(&station.folder(), "create,write,sync,rename,unlink").at(n, Fault::Fails(error));
        station.start_with(|command| disk.under(command));
        station.drop_file("unit.json", &produced.bytes);
        Books::close(&station, std::slice::from_ref(&produced), SOON);
        let copies = contents(&done);
        assert!(!copies.is_empty() && copies.iter().all(|copy| *copy == produced.bytes), "{error} at call {n}: {:?}", files(&done));
    };
    let table: Vec<(u64, &str)> = (1..=9).flat_map(|n| [(n, "EIO"), (n, "ENOSPC")]).collect();
    let runs: Vec<_> = table.iter().map(|&(n, error)| thread::spawn(move || fails_at(n, error))).collect();
    let broken: Vec<_> = runs.into_iter().zip(&table).filter_map(|(run, one)| run.join().is_err().then_some(one)).collect();
    assert!(broken.is_empty(), "{broken:?}");
}

#[test]
fn an_archive_that_fails_after_the_server_took_the_report_is_tried_again_and_nothing_is_sent_again() {
    let mut station = Station::new("wsjf");
    quick(&station);
    let (reports, switch) = (station.instance().join("reports"), station.home().join("switch"));
    fs::create_dir_all(&reports).expect("our own folder");
    fs::write(&switch, "").expect("our own file");
    let disk = Faulty::root(&reports, "create,write,sync").at(1, Fault::Fails("ENOSPC")).forever().while_there_is(&switch);
    station.start_with(|command| disk.under(command));
    let produced: Vec<Produced> = (0..3).map(|n| report("archive", n)).collect();
    for (n, one) in produced.iter().enumerate() {
        station.drop_file(&format!("{n}.json"), &one.bytes);
    }
    Books::close(&station, &produced, SOON);
    let logs = || files(&station.instance().join("logs"));
    let told = || logs().iter().any(|log| fs::read_to_string(log).is_ok_and(|text| text.contains("cannot be archived now")));
    until("the log says that the archive waits", SOON, told);
    fs::remove_file(&switch).expect("our own file");
    until("the reports are archived", SOON, || files(&reports).iter().any(|day| day.metadata().is_ok_and(|day| day.len() > 0)));
    let received = station.server().received().expect("the sandbox's books");
    assert!(received.iter().all(|report| report.count == 1), "sent again: {received:?}");
    Books::close(&station, &produced, SOON);
}
