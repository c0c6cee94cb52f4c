//! Workers outlive the app, and no trouble of a worker ever looks green.

use std::time::{Duration, Instant};

use e2e::{Books, Desktop, Panel, Station, TrayApp, signal, until, worker};
use sandbox::Faults;

const SOON: Duration = Duration::from_secs(20);

fn click(panel: &Panel, text: &str) {
    until(&format!("{text} can be clicked"), SOON, || panel.click(text));
}

/// Starts the worker through the menu; its process.
fn started(panel: &Panel, station: &Station) -> u32 {
    click(panel, "Start");
    let mut pid = None;
    until("the worker runs", SOON, || {
        pid = worker(station);
        pid.is_some()
    });
    until("the menu says idle", SOON, || panel.text().contains("ict: idle"));
    pid.expect("it runs")
}

#[test]
fn the_worker_goes_on_when_the_app_is_killed_and_the_next_app_finds_it() {
    let (desktop, station) = (Desktop::new(), Station::new("wsjf"));
    let panel = desktop.panel();
    let mut app = TrayApp::start(&desktop, &station, true);
    let pid = started(&panel, &station);
    app.kill();
    let report = e2e::report("after the kill", 1);
    station.drop_file("unit.json", &report.bytes);
    until("a report arrives without the app", SOON, || !station.server().received().expect("books").is_empty());
    assert_eq!(worker(&station), Some(pid), "the same worker");
    let _next = TrayApp::start(&desktop, &station, true);
    until("the next app shows it", SOON, || panel.tooltip().starts_with("1 of 1 running"));
    assert_eq!(worker(&station), Some(pid));
    click(&panel, "Stop");
    until("and can stop it", Duration::from_secs(60), || worker(&station).is_none());
}

#[test]
fn quitting_leaves_the_worker_running() {
    let (desktop, station) = (Desktop::new(), Station::new("wsjf"));
    let panel = desktop.panel();
    let mut app = TrayApp::start(&desktop, &station, true);
    let pid = started(&panel, &station);
    click(&panel, "Quit (workers keep running)");
    assert!(app.wait().success());
    assert_eq!(worker(&station), Some(pid));
}

#[test]
fn a_worker_that_is_killed_is_red_and_started_again() {
    let (desktop, station) = (Desktop::new(), Station::new("wsjf"));
    let panel = desktop.panel();
    let _app = TrayApp::start(&desktop, &station, true);
    let pid = started(&panel, &station);
    let green = panel.picture();
    signal(pid, "KILL");
    until("the icon is not green", SOON, || panel.picture() != green);
    until("another worker runs", Duration::from_secs(30), || worker(&station).is_some_and(|next| next != pid));
    until("the menu says idle", SOON, || panel.text().contains("ict: idle"));
}

#[test]
fn a_suspended_worker_is_never_green() {
    let (desktop, station) = (Desktop::new(), Station::new("wsjf"));
    let panel = desktop.panel();
    let _app = TrayApp::start(&desktop, &station, true);
    let pid = started(&panel, &station);
    let green = panel.picture();
    signal(pid, "STOP");
    until("the menu says that it does not respond", SOON, || panel.text().contains("ict: not responding"));
    // Over the age at which its heartbeat counts as old, and a look more.
    let until_old = Instant::now() + Duration::from_secs(14);
    while Instant::now() < until_old {
        assert!(panel.picture() != green && panel.text().contains("ict: not responding"), "{}", panel.text());
        std::thread::sleep(Duration::from_millis(200));
    }
    signal(pid, "CONT");
    until("it is well again", SOON, || panel.text().contains("ict: idle") && panel.picture() == green);
}

#[test]
fn quitting_with_the_workers_asks_first_and_ends_when_they_have_sent_what_they_were_sending() {
    let (desktop, station) = (Desktop::new(), Station::new("wsjf"));
    let panel = desktop.panel();
    let mut app = TrayApp::start(&desktop, &station, true);
    started(&panel, &station);
    let question = "Quit and stop workers";
    click(&panel, "Quit and stop workers…");
    until("it asks", SOON, || desktop.windows(question) == 1);
    desktop.press("Escape");
    until("no is no", SOON, || desktop.windows(question) == 0);
    assert!(worker(&station).is_some() && app.runs());
    station.faults(Faults { latency_ms: 5000, ..Faults::default() });
    let unit = e2e::report("last", 1);
    station.drop_file("unit.json", &unit.bytes);
    until("it is being sent", SOON, || station.status()["queue"]["processing"] == 1);
    click(&panel, "Quit and stop workers…");
    until("it asks again", SOON, || desktop.windows(question) == 1);
    desktop.press("Return");
    assert!(app.wait().success());
    Books::close(&station, &[unit], SOON);
    assert_eq!(worker(&station), None, "the app waited for it");
}
