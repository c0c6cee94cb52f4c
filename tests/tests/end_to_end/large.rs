//! One large report on its whole way, in little memory.

use e2e::{Books, Station, large};
use std::time::Duration;

/// Resident memory at its peak, in MiB.
#[cfg(target_os = "linux")]
fn peak_mib(station: &Station) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", station.pid())).expect("the worker runs");
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("the kernel counts it");
    peak.trim().trim_end_matches(" kB").parse::<u64>().expect("a number") / 1024
}

#[test]
fn a_report_of_twenty_thousand_steps_arrives_whole_and_takes_a_hundred_mebibytes_at_most() {
    let mut station = Station::new("wsjf");
    station.start();
    let produced = large("large", 20_000);
    station.drop_file("large.json", &produced.bytes);
    Books::close(&station, &[produced], Duration::from_secs(180));
    #[cfg(target_os = "linux")]
    assert!(peak_mib(&station) <= 100, "the worker took {} MiB", peak_mib(&station));
}
