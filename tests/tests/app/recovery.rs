//! What crashes: the app, the worker. Neither takes the other along, and each is told.

use e2e::{Books, Desktop, Station, Window, launch_again, report, signal, until, worker};
use sandbox::Faults;

use crate::SOON;

#[test]
fn the_app_is_killed_while_reports_are_sent_and_the_next_one_finds_the_same_worker() {
    let (desktop, station) = (Desktop::new(), Station::new("wsjf"));
    station.faults(Faults { latency_ms: 500, ..Faults::default() });
    let window = Window::open(&desktop, &station);
    window.click("Start");
    window.sees("Idle");
    let pid = worker(&station).expect("it runs");
    let began = station.status()["started_at"].clone();
    let units: Vec<_> = (0..60).map(|n| report("crash", n)).collect();
    units.iter().for_each(|unit| station.drop_file(&format!("{}.json", unit.sn), &unit.bytes));
    until("the first have arrived", SOON, || station.server().reports().expect("books") > 0);
    window.crash();
    assert!(station.server().reports().expect("books") < 60, "all had been sent before the crash");
    Books::close(&station, &units, SOON);
    assert_eq!(worker(&station), Some(pid), "the same worker, without the app");

    let window = Window::open(&desktop, &station);
    window.sees(&format!("PID {pid}, started by this app"));
    window.sees("Sent today 60");
    assert_eq!(station.status()["started_at"], began, "it was not started again");
    assert!(launch_again(&desktop, &station).success(), "a second launch ends well");
    assert_eq!(desktop.windows("Lineside"), 1, "and shows the window there is");
}

#[test]
fn a_worker_that_dies_again_and_again_is_told_with_its_restarts_counted_and_loses_nothing() {
    let (desktop, station) = (Desktop::new(), Station::new("wsjf"));
    let window = Window::open(&desktop, &station);
    window.click("Start");
    window.sees("Idle");
    station.faults(Faults { latency_ms: 5000, ..Faults::default() });
    let unit = report("killed", 1);
    station.drop_file("unit.json", &unit.bytes);
    until("it is being sent", SOON, || station.status()["queue"]["processing"] == 1);
    for n in 1..=2 {
        let pid = worker(&station).expect("it runs");
        signal(pid, "KILL");
        window.sees(&format!("Restarting ({n}/5): ended by signal 9"));
        until("another worker runs", SOON, || worker(&station).is_some_and(|next| next != pid));
        window.sees_no_more("Restarting");
    }
    station.faults(Faults::default());
    Books::close(&station, &[unit], SOON);
    signal(worker(&station).expect("it runs"), "STOP");
    window.sees("Not responding");
    window.sees("the process is suspended and does nothing");
    window.click("Force stop");
    window.sees("Force ict to stop?");
    window.click("Force stop");
    window.sees("ended by force; what it owed is kept");
    assert_eq!(worker(&station), None);
}
