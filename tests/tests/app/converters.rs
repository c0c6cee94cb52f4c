//! A converter set up from a sample: what it would make of it is seen before anything is saved.

use std::fs;
use std::path::PathBuf;

use e2e::{Desktop, Station, Window, until};

use crate::{SOON, decimal_commas};

#[test]
fn a_sample_tells_its_format_its_preview_follows_the_options_and_what_was_saved_then_runs() {
    let (desktop, station) = (Desktop::new(), Station::new("wsjf"));
    let (sample_file, folder): (PathBuf, PathBuf) = (station.home().join("board.txt"), station.home().join("boards"));
    fs::write(&sample_file, decimal_commas()).expect("the station's disk");
    fs::create_dir(&folder).expect("the station's disk");
    let (chooser, window) = (desktop.chooser(), Window::open(&desktop, &station));
    window.click("Start");
    window.sees("Idle");
    window.click("Converters");
    window.click("Add a converter");
    window.click("Choose a sample…");
    chooser.choose(&sample_file);
    window.sees("Looks like");
    window.click("WATS Standard Text Format (WSTF) · 98 %");

    window.sees("`20,1` is not a number");
    window.sees("line 9, column 28");
    window.fill("Culture", "nb-NO");
    window.sees("Tx power");
    window.sees_no_more("is not a number");

    window.fill("Folder", &station.folder().display().to_string());
    window.sees("1 field needs attention");
    assert!(!window.offers("Save"), "two converters of one folder can be saved");
    window.fill("Folder", &folder.display().to_string());
    window.sees("The folder is empty.");
    let saved = station.instance().join("client_config.json");
    assert!(!fs::read_to_string(&saved).expect("the settings").contains("nb-NO"), "something was written before Save");
    window.click("Save");
    window.sees("Saved. Restart the worker to apply it.");
    window.click("Restart to apply");
    window.sees_no_more("The settings changed since the worker started.");
    window.sees("Idle");

    fs::copy(&sample_file, folder.join("unit.txt")).expect("the station's disk");
    until("the report arrives", SOON, || station.server().reports().expect("books") > 0);
    until("the file is put away", SOON, || folder.join("Done/unit.txt").exists());
    window.click("Queue");
    window.click("Sent");
    window.sees("RFX-0042");
    assert_eq!(station.server().reports().expect("books"), 1, "exactly one");
    window.click("Waiting");
    window.sees("Nothing waits");
}
