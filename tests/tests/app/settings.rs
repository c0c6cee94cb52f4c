//! Settings changed while the worker runs: safely, with everything that can come in between.

use std::fs;

use e2e::{Desktop, Station, Window, until, worker};

use crate::SOON;

fn setting(station: &Station, name: &str) -> String {
    station.does(&["config", "get", name]).trim().to_owned()
}

#[test]
fn a_change_asks_for_a_restart_a_wrong_value_is_refused_at_its_field_and_somebody_elses_change_is_shown() {
    let (desktop, station) = (Desktop::new(), Station::new("wsjf"));
    let window = Window::open(&desktop, &station);
    window.click("Start");
    window.sees("Idle");
    let first = worker(&station);
    window.click("Station");
    window.fill("Name of the station", "ICT-08");
    window.click("Save");
    window.sees("The settings changed since the worker started.");
    assert_eq!(worker(&station), first, "nothing restarts by itself");
    window.click("Restart to apply");
    window.sees_no_more("The settings changed since the worker started.");
    until("another worker runs", SOON, || worker(&station).is_some_and(|pid| Some(pid) != first));

    window.click("Connection");
    window.fill("Most reports sent at the same time", "0");
    window.sees("1 field needs attention");
    assert!(!window.offers("Save"), "a wrong value can be saved");
    window.click("Discard changes");

    window.click("Station");
    window.fill("Location", "Hall 4");
    station.does(&["config", "set", "purpose", "Debug"]);
    window.click("Save");
    window.sees("The settings were changed meanwhile");
    assert!(window.shows("Debug") && window.shows("Hall 4"), "both sides are shown");
    assert_eq!(setting(&station, "location"), "Hall 3", "nothing is overwritten");
    window.click("Put my changes on top");
    window.click("Save");
    until("both changes are in the file", SOON, || setting(&station, "location") == "Hall 4" && setting(&station, "purpose") == "Debug");
}

#[test]
fn an_earlier_version_is_brought_back_and_settings_damaged_by_hand_are_told_with_their_place_and_restored() {
    let (desktop, station) = (Desktop::new(), Station::new("wsjf"));
    for n in 1..=12 {
        station.does(&["config", "set", "location", &format!("Hall {n}")]);
    }
    let window = Window::open(&desktop, &station);
    window.click("Station");
    window.click("Earlier versions…");
    window.sees("Earlier versions of these settings");
    until("the last ten are there", SOON, || window.text().matches("Bring back").count() == 10);
    window.click_first("Bring back");
    assert_eq!(setting(&station, "location"), "Hall 12", "only the screen changes");
    window.click("Save");
    until("the file is as it was", SOON, || setting(&station, "location") == "Hall 11");

    fs::write(station.instance().join("client_config.json"), "{\n  \"location\": Hall 5\n}\n").expect("the station's disk");
    window.sees("Some files of this instance cannot be read");
    window.sees("line 2, column 15");
    window.click("Connection");
    window.sees("The settings cannot be read");
    window.click("Restore the last backup");
    window.sees_no_more("Some files of this instance cannot be read");
    let address = station.server().url();
    until("the form is there again", SOON, || window.value("Address of the WATS server").as_ref() == Some(&address));
}
