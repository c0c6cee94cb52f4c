//! Without a mouse: from nothing to a running instance, and from a failed file to its report.

use std::fs;

use e2e::{Desktop, Key, Station, TOKEN, Window, report, until, worker};

use crate::SOON;

#[test]
fn an_instance_is_set_up_and_a_failed_file_mended_by_the_keyboard_alone() {
    let (desktop, station) = (Desktop::new(), Station::bare());
    let window = Window::open(&desktop, &station);
    let enter = |words: &str| {
        window.reach(words);
        window.press(&[Key::Enter]);
    };
    let fill = |label: &str, text: &str| {
        window.reach(label);
        window.write(text);
    };
    window.sees("Welcome to Lineside");
    fill("Name", "ict");
    // Enter goes on from a field, too.
    window.press(&[Key::Enter]);
    window.sees("Where do the reports go?");
    fill("Address of the WATS server", &station.server().url());
    fill("Token", TOKEN);
    enter("Test the connection");
    window.sees("Connected");
    enter("Next");
    window.sees("Where does it stand?");
    enter("Next");
    fill("Folder to watch", &station.folder().display().to_string());
    window.sees("Empty so far");
    enter("Next");
    enter("Finish");
    window.sees("Idle");
    assert!(worker(&station).is_some());

    let unit = report("keys", 1);
    station.drop_file("unit.json", &unit.bytes[..unit.bytes.len() - 2]);
    until("it is rejected", SOON, || station.folder().join("Error/unit.json").exists());
    enter("History");
    window.reach("Files");
    window.press(&[Key::Down]);
    window.press(&[Key::Enter]);
    window.sees("It could not be converted");
    fs::write(station.folder().join("Error/unit.json"), &unit.bytes).expect("the station's disk");
    enter("Convert again");
    until("its report arrives", SOON, || station.server().reports().expect("books") == 1);
}
