//! A day at the line: what an operator sees while all is well, and while the network is away.

use e2e::{Books, Desktop, Station, TrayApp, Window, report, until};
use sandbox::Faults;

use crate::SOON;

#[test]
fn a_shift_is_counted_in_the_tray_and_in_the_window_and_nothing_pops_up() {
    let (desktop, mut station) = (Desktop::new(), Station::new("wsjf"));
    let panel = desktop.panel();
    station.start();
    let app = TrayApp::start(&desktop, &station, true);
    // The eleventh unit fails.
    let units: Vec<_> = (0..12).map(|n| report("shift", n)).collect();
    units.iter().for_each(|unit| station.drop_file(&format!("{}.json", unit.sn), &unit.bytes));
    Books::close(&station, &units, SOON);
    until("the tray is calm", SOON, || panel.tooltip() == "1 of 1 running · 0 queued · 0 failed");
    assert_eq!(desktop.windows("Lineside"), 0, "no window by itself");
    drop(app);
    let window = Window::open(&desktop, &station);
    window.sees("Sent today 12");
    window.sees("First-pass yield 91.7%");
    window.sees("24 V rail");
    window.click("Overview");
    window.sees("Sent today 12 Failed today 0");
    until("the last unit is told", SOON, || units.iter().any(|unit| window.shows(&format!("Last report {}", unit.sn))));
}

#[test]
fn while_the_server_is_away_everything_is_kept_and_told_and_goes_out_when_it_is_back() {
    let (desktop, station) = (Desktop::new(), Station::new("wsjf"));
    let panel = desktop.panel();
    let window = Window::open(&desktop, &station);
    window.click("Start");
    window.sees("Idle");
    until("the tray is green", SOON, || panel.text().contains("ict: idle"));
    let green = panel.picture();
    station.faults(Faults { outage: true, ..Faults::default() });
    let units: Vec<_> = (0..30).map(|n| report("away", n)).collect();
    units.iter().for_each(|unit| station.drop_file(&format!("{}.json", unit.sn), &unit.bytes));
    until("all of them are kept", SOON, || panel.tooltip().starts_with("1 of 1 running · 30 queued"));
    window.sees("Degraded");
    assert!(panel.picture() != green, "an outage looks like all is well");
    window.sees("Waiting to be sent 30");
    window.click("Queue");
    window.sees("Waiting 30");
    station.faults(Faults::default());
    Books::close(&station, &units, SOON * 3);
    window.sees("Nothing waits");
    until("the tray is green again", SOON, || panel.picture() == green);
}
