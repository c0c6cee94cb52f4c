//! Trouble at the door: each has its sentence, loses nothing, and is over when it is mended.

use std::fs;

use e2e::{Books, Desktop, Fault, Faulty, Station, TOKEN, Window, report};

use crate::SOON;

#[test]
fn a_watch_folder_that_vanishes_is_told_and_watched_again_when_it_is_back() {
    let (desktop, station) = (Desktop::new(), Station::new("wsjf"));
    let window = Window::open(&desktop, &station);
    window.click("Start");
    window.sees("Idle");
    let elsewhere = station.home().join("elsewhere");
    fs::rename(station.folder(), &elsewhere).expect("the station's disk");
    window.sees("Warning");
    window.sees("missing");
    fs::rename(&elsewhere, station.folder()).expect("the station's disk");
    window.sees("Idle");
    let unit = report("back", 1);
    station.drop_file("unit.json", &unit.bytes);
    Books::close(&station, &[unit], SOON);
}

#[test]
fn a_token_that_is_refused_is_told_and_replaced_in_the_window() {
    let (desktop, station) = (Desktop::new(), Station::new("wsjf"));
    let secret = station.instance().join("secret.json");
    let expired = fs::read_to_string(&secret).expect("the secret").replace(TOKEN, "ZXhwaXJlZA==");
    fs::write(&secret, expired).expect("the station's disk");
    let unit = report("token", 1);
    station.drop_file("unit.json", &unit.bytes);
    let (panel, window) = (desktop.panel(), Window::open(&desktop, &station));
    window.click("Start");
    window.sees("token");
    window.sees("Error");
    assert!(!panel.text().contains("ict: idle"), "{}", panel.text());
    window.click("Connection");
    window.click("Replace: Token");
    window.fill("Token", TOKEN);
    window.click("Test the connection");
    window.sees("Connected");
    window.click("Store");
    window.sees("The token is stored.");
    window.click("Restart");
    Books::close(&station, &[unit], SOON);
    window.sees("Idle");
}

#[test]
fn a_full_disk_is_told_and_over_when_there_is_room_again() {
    let (desktop, mut station) = (Desktop::new(), Station::new("wsjf"));
    let (queue, switch) = (station.instance().join("queue"), station.home().join("full"));
    fs::create_dir_all(&queue).expect("the station's disk");
    let disk = Faulty::root(&queue, "write").at(1, Fault::Fails("ENOSPC")).forever().while_there_is(&switch);
    station.start_with(|command| disk.under(command));
    let window = Window::open(&desktop, &station);
    window.sees("Idle");
    fs::write(&switch, "").expect("the station's disk");
    let unit = report("full", 1);
    station.drop_file("unit.json", &unit.bytes);
    window.sees("queue.db");
    window.sees("database or disk is full: free space on this disk");
    fs::remove_file(&switch).expect("the station's disk");
    Books::close(&station, &[unit], SOON);
    window.sees("Idle");
}
