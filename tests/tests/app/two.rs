//! Two testers on one computer, each with a server of its own.

use std::fs;
use std::path::PathBuf;

use e2e::{Desktop, Station, TOKEN, Window, report, until};

use crate::SOON;

/// Sets up a second instance on the station, which sends to the server of another; the folder it watches.
fn second(station: &Station, other: &Station) -> PathBuf {
    let (folder, token) = (station.home().join("functional"), station.home().join("token.txt"));
    fs::create_dir(&folder).expect("the station's disk");
    fs::write(&token, TOKEN).expect("the station's disk");
    let watch = format!("{}=wsjf", folder.display());
    let token = token.display().to_string();
    station.does(&["init", "fct", "--server", &other.server().url(), "--token-file", &token, "--station", "FCT-01", "--watch", &watch]);
    folder
}

#[test]
fn two_instances_start_together_and_each_sends_to_its_own_server_only() {
    let (desktop, station, other) = (Desktop::new(), Station::new("wsjf"), Station::bare());
    let folder = second(&station, &other);
    let window = Window::open(&desktop, &station);
    window.sees("0 of 2 running");
    window.click("Start all");
    window.sees("2 of 2 running");
    let (ict, fct) = (report("ict", 1), report("fct", 1));
    station.drop_file("ict.json", &ict.bytes);
    fs::write(folder.join("fct.json"), &fct.bytes).expect("the station's disk");
    for (server, unit) in [(&station, &ict), (&other, &fct)] {
        until(&format!("{} arrives", unit.sn), SOON, || server.server().reports().expect("books") == 1);
        assert_eq!(server.server().received().expect("books")[0].sn, unit.sn, "at the other's server");
    }
    window.sees("2 sent today");
    window.click("Stop all");
    window.sees("0 of 2 running");
}
