//! What the tray shows and what its menu does.

use std::time::Duration;

use e2e::{Desktop, Panel, Station, TrayApp, launch_again, until, worker};

/// For what takes a look or two of the app.
const SOON: Duration = Duration::from_secs(20);

fn click(panel: &Panel, text: &str) {
    until(&format!("{text} can be clicked"), SOON, || panel.click(text));
}

#[test]
fn the_menu_starts_and_stops_the_worker_and_says_how_it_is() {
    let (desktop, station) = (Desktop::new(), Station::new("wsjf"));
    let panel = desktop.panel();
    let _app = TrayApp::start(&desktop, &station, true);
    until("the icon is there", SOON, || panel.tooltip() == "0 of 1 running · 0 queued · 0 failed");
    until("the menu says stopped", SOON, || panel.text().contains("ict: stopped · 0 queued · 0 failed"));
    let off = panel.picture();
    click(&panel, "Start");
    until("the worker runs", SOON, || worker(&station).is_some());
    until("the tooltip says so", SOON, || panel.tooltip() == "1 of 1 running · 0 queued · 0 failed");
    until("the menu says idle", SOON, || panel.text().contains("ict: idle"));
    assert_ne!(panel.picture(), off, "another state is another picture");
    assert!(!panel.click("Start"), "a running worker cannot be started");
    click(&panel, "Stop");
    until("the worker is gone", Duration::from_secs(60), || worker(&station).is_none());
    until("the menu says stopped again", SOON, || panel.text().contains("ict: stopped"));
    until("and the picture is the one of before", SOON, || panel.picture() == off);
}

#[test]
fn a_paused_worker_is_said_to_be_and_resumed_by_the_menu() {
    let (desktop, mut station) = (Desktop::new(), Station::new("wsjf"));
    station.start();
    let panel = desktop.panel();
    let _app = TrayApp::start(&desktop, &station, true);
    click(&panel, "Pause uploads");
    until("the menu says paused", SOON, || panel.text().contains(", paused ·"));
    click(&panel, "Resume uploads");
    until("the menu says idle", SOON, || panel.text().contains("ict: idle"));
}

#[test]
fn a_panel_that_comes_late_or_again_gets_the_icon() {
    let (desktop, station) = (Desktop::new(), Station::new("wsjf"));
    let mut app = TrayApp::start(&desktop, &station, true);
    until("the app is up and has met nobody to give its icon to", SOON, || desktop.is_on_the_bus("io.lineside.tray.SingleInstance"));
    assert_eq!(desktop.windows("Lineside"), 0, "started hidden");
    for time in ["late", "again"] {
        let panel = desktop.panel();
        until(&format!("the panel that came {time} has the icon"), SOON, || panel.tooltip().starts_with("0 of 1 running"));
        assert!(app.runs());
    }
}

#[test]
fn the_window_is_opened_by_click_by_menu_and_by_a_second_launch_and_closing_it_leaves_the_tray() {
    let (desktop, station) = (Desktop::new(), Station::new("wsjf"));
    let panel = desktop.panel();
    let mut app = TrayApp::start(&desktop, &station, true);
    until("the icon is there", SOON, || panel.has_icon());
    let opened = |how: &str| {
        until(&format!("the window is opened by {how}"), SOON, || desktop.windows("Lineside") == 1);
        desktop.close_window("Lineside");
        until("it is closed", SOON, || desktop.windows("Lineside") == 0);
    };
    until("a left click", SOON, || panel.activate());
    opened("a left click");
    click(&panel, "Open Lineside");
    opened("the menu");
    assert!(launch_again(&desktop, &station).success(), "a second launch ends well");
    opened("a second launch");
    assert!(app.runs() && panel.has_icon());
}
