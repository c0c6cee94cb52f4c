//! A file that could not be converted: told, found, understood, mended, sent; and what is given to whoever helps.

use std::fs;
use std::io::Read;

use e2e::{Desktop, Station, TOKEN, Window, all_files, until};

use crate::{SOON, decimal_commas};

#[test]
fn a_failed_file_is_told_found_with_its_line_marked_mended_by_an_option_and_sent() {
    let (desktop, station) = (Desktop::new(), Station::new("wstf"));
    let (panel, notices) = (desktop.panel(), desktop.notices());
    let window = Window::open(&desktop, &station);
    window.click("Start");
    window.sees("Idle");
    let green = panel.picture();
    station.drop_file("board.txt", &decimal_commas());
    until("the tray says so", SOON, || panel.tooltip() == "1 of 1 running · 0 queued · 1 failed");
    until("and looks so", SOON, || panel.picture() != green);
    let told = |words: &str| notices.told().iter().any(|(headline, text)| format!("{headline} {text}").contains(words));
    until("a notification says so", SOON, || told("1 file could not be converted"));
    assert!(told("board.txt"), "which one? {:?}", notices.told());

    window.click("History");
    window.click("Rejected board.txt");
    window.sees("It could not be converted");
    window.sees("`20,1` is not a number");
    window.sees("Line 9 is marked.");
    assert!(window.marked().iter().any(|marked| marked.starts_with("20,1")), "{:?}", window.marked());
    window.sees("What the log says about it");

    window.click("Converters");
    window.click("in");
    window.fill("Culture", "nb-NO");
    window.click("Save");
    window.click("Restart to apply");
    window.sees_no_more("The settings changed since the worker started.");
    // What was said above the tabs is gone in this moment, and they move.
    until("the history is open", SOON, || {
        window.click("History");
        window.offers("Rejected board.txt")
    });
    window.click("Rejected board.txt");
    window.click("Convert again");
    until("the report arrives", SOON, || station.server().reports().expect("books") == 1);
    window.click("← All files");
    window.click("Converted board.txt");
    window.sees("Accepted");
}

#[test]
fn the_support_bundle_that_is_saved_from_the_window_holds_no_token() {
    let (desktop, mut station) = (Desktop::new(), Station::new("wsjf"));
    station.start();
    let (chooser, window) = (desktop.chooser(), Window::open(&desktop, &station));
    window.click("Settings");
    window.click("Save a support bundle…");
    let path = station.home().join("support.zip");
    chooser.choose(&path);
    window.sees("Saved, ");
    let mut zip = zip::ZipArchive::new(fs::File::open(&path).expect("the bundle")).expect("a zip");
    assert!(zip.len() > 3, "{} files", zip.len());
    for at in 0..zip.len() {
        let (mut entry, mut bytes) = (zip.by_index(at).expect("an entry"), Vec::new());
        entry.read_to_end(&mut bytes).expect("an entry");
        assert!(!String::from_utf8_lossy(&bytes).contains(TOKEN), "{:?} holds the token", entry.name());
    }
    assert!(all_files(&station.instance()).iter().any(|file| file.ends_with("secret.json")), "there is a token to be kept out");
}
