//! The faulty disk itself: were it blind, every test on it would be worth nothing.

use e2e::{Books, Fault, Faulty, Station, counted, report, until};
use std::fs;
use std::process::Command;
use std::time::Duration;

const SOON: Duration = Duration::from_secs(30);

/// What a shell under this disk answers to each of five writes, as `0` or `1`.
fn five_writes(faulty: &Faulty, into: &std::path::Path) -> String {
    let mut shell = Command::new("sh");
    let script = "for n in 1 2 3 4 5; do if echo $n >> \"$0\" 2>/dev/null; then printf 0; else printf 1; fi; done";
    faulty.under(shell.args(["-c", script]).arg(into));
    String::from_utf8(shell.output().expect("a shell").stdout).expect("digits")
}

#[test]
fn exactly_the_nth_call_below_the_folder_fails_and_all_are_counted() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (inside, count, switch) = (folder.path().join("in"), folder.path().join("count"), folder.path().join("switch"));
    fs::create_dir(&inside).expect("our own folder");
    let disk = || Faulty::root(&inside, "write").counting(&count);
    let table = [
        (disk().at(2, Fault::Fails("EIO")), "01000", (5, 1), "1345"),
        (disk().at(2, Fault::Fails("EIO")).times(2), "01100", (5, 2), "145"),
        (disk().at(4, Fault::Fails("ENOSPC")).forever(), "00011", (5, 2), "123"),
        (disk().at(2, Fault::Fails("EIO")).after(), "01000", (5, 1), "12345"),
        (disk().at(3, Fault::Kills), "00", (3, 1), "12"),
        (disk().at(1, Fault::Fails("EIO")).while_there_is(&switch), "00000", (0, 0), "12345"),
        (disk().at(1, Fault::Fails("EIO")).only("elsewhere"), "00000", (0, 0), "12345"),
    ];
    for (faulty, answers, counts, written) in table {
        let file = inside.join("file");
        assert_eq!(five_writes(&faulty, &file), answers, "{faulty:?}");
        assert_eq!(counted(&count), counts, "{faulty:?}");
        assert_eq!(fs::read_to_string(&file).expect("our own file").replace('\n', ""), written, "{faulty:?}");
        fs::remove_file(&file).expect("our own file");
        fs::remove_file(&count).expect("our own file");
    }
    assert_eq!(five_writes(&disk().at(1, Fault::Fails("EIO")), &folder.path().join("beside")), "00000");
}

#[test]
fn the_workers_syncs_writes_and_moves_are_seen() {
    let mut station = Station::new("wsjf");
    let produced = report("seen", 1);
    let beside = |name: &str| station.home().join(name);
    let folders = [("queue/queue.db", "sync"), ("queue/queue.db", "write"), ("/in/Done/", "rename"), ("status.json", "rename")];
    station.drop_file("unit.json", &produced.bytes);
    let counts: Vec<_> = folders.iter().enumerate().map(|(n, _)| beside(&format!("count-{n}"))).collect();
    let disks: Vec<_> =
        folders.iter().zip(&counts).map(|((part, kinds), count)| Faulty::root(station.home(), kinds).only(part).counting(count)).collect();
    for (n, disk) in disks.iter().enumerate() {
        station.start_with(|command| disk.under(command));
        let unit = report("seen", 10 + n);
        station.drop_file(&format!("unit-{n}.json"), &unit.bytes);
        until("the source is filed", SOON, || station.folder().join(format!("Done/unit-{n}.json")).exists());
        let (calls, _) = counted(&counts[n]);
        assert!(calls > 0, "of {:?} the faulty disk sees nothing", folders[n]);
        assert!(station.terminate().0.success());
    }
    let all: Vec<_> = std::iter::once(produced).chain((0..folders.len()).map(|n| report("seen", 10 + n))).collect();
    station.start();
    Books::close(&station, &all, SOON);
}
