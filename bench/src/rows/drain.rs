//! Owed reports to a slow server: how close the uploads come to what the number of connections allows.

use crate::figure::{Figure, Reach};
use crate::ground::{RUNS, move_in, prepared, wait};
use anyhow::{Context, Result};
use e2e::Station;
use sandbox::Faults;

const OWED: usize = 100;
const LATENCY_MS: u64 = 200;
/// The most uploads at once the settings allow.
const MOST: u64 = 32;

pub(crate) fn measure() -> Result<Vec<Figure>> {
    let runs = |at_once| (0..RUNS).map(|_| run(at_once)).collect::<Result<Vec<_>>>();
    let figure = |what: &str, runs: Vec<(f64, u64)>, reach| {
        let ideal = runs.iter().map(|(_, used)| (OWED as u64).div_ceil(*used) as f64 * LATENCY_MS as f64 / 1e3).collect();
        Figure::new(what, "s", runs.iter().map(|(took, _)| *took).collect(), reach).beside("⌈100 / uploads at once⌉ × 200 ms", ideal)
    };
    Ok(vec![
        figure("default settings", runs(None)?, Reach::AtMost(1.5)),
        figure("32 uploads at once from the start", runs(Some(MOST))?, Reach::RatioAtMost(1.1)),
    ])
}

/// Seconds from the first request to the last receipt, and the most uploads at once that were used.
fn run(at_once: Option<u64>) -> Result<(f64, u64)> {
    let mut station = Station::new("wsjf");
    if let Some(at_once) = at_once {
        station.does(&["config", "set", "max_concurrent_uploads", &at_once.to_string()]);
    }
    station.faults(Faults { outage: true, ..Faults::default() });
    let files = prepared(&station, OWED)?;
    station.start();
    move_in(&files, &station.folder())?;
    wait(|| station.status()["queue"]["queued"] == OWED).context("everything is owed")?;
    station.terminate();
    station.faults(Faults { latency_ms: LATENCY_MS, ..Faults::default() });
    station.start();
    crate::ground::arrived(&station, OWED as u64)?;
    let received = station.server().received()?;
    let (first, last) = (received.iter().map(|one| one.first_at).min(), received.iter().map(|one| one.first_at).max());
    // a report is recorded when the server's wait is over: the first request came one wait before the first record
    let took = (last.unwrap_or(0) - first.unwrap_or(0)) as f64 / 1e3 + LATENCY_MS as f64 / 1e3;
    Ok((took, station.server().peak_in_flight()))
}
