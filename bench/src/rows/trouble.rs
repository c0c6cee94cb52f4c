//! What goes wrong on an ordinary day: a server that is away, one that fails now and then, and a stop with much still owed.

use crate::figure::{Figure, Reach};
use crate::ground::{RUNS, arrived, move_in, prepared, wait};
use anyhow::{Context, Result};
use e2e::Station;
use sandbox::Faults;
use std::time::{Duration, Instant};

/// How long the server is away, and the files that come meanwhile.
const AWAY: Duration = Duration::from_secs(30);
const MEANWHILE: usize = 50;
/// Files for the server that fails now and then.
const FLAKY: usize = 300;
/// Reports that are owed when the worker is asked to stop, and the milliseconds its server takes for each.
const OWED: usize = 500;
const LATENCY_MS: u64 = 200;

/// From the server's return to the last of the files that came while it was away.
pub(crate) fn outage() -> Result<Vec<Figure>> {
    // Side by side while they wait: none of them does anything then that could be in another's way.
    let stations = (0..RUNS).map(|_| without_server()).collect::<Result<Vec<_>>>()?;
    std::thread::sleep(AWAY);
    let runs = stations.iter().map(|station| {
        station.faults(Faults::default());
        let back = Instant::now();
        arrived(station, MEANWHILE as u64)?;
        Ok(back.elapsed().as_secs_f64())
    });
    Ok(vec![Figure::new("from its return until it has all 50", "s", runs.collect::<Result<_>>()?, Reach::None)])
}

fn without_server() -> Result<Station> {
    let mut station = Station::new("wsjf");
    station.faults(Faults { outage: true, ..Faults::default() });
    station.start();
    move_in(&prepared(&station, MEANWHILE)?, &station.folder())?;
    Ok(station)
}

/// From the first file to the last receipt at a server that answers a fifth of the reports with a failure.
pub(crate) fn flaky() -> Result<Vec<Figure>> {
    let runs = (0..RUNS).map(|run| {
        let mut station = Station::new("wsjf");
        let rates = Faults { rate_503: 0.10, rate_429: 0.05, rate_reset_before: 0.03, rate_reset_after: 0.03, ..Faults::default() };
        station.faults(Faults { seed: run as u64, ..rates });
        let files = prepared(&station, FLAKY)?;
        station.start();
        let begun = Instant::now();
        move_in(&files, &station.folder())?;
        wait(|| station.server().reports().is_ok_and(|there| there >= FLAKY as u64) && station.status()["queue"]["queued"] == 0)
            .context("all of them arrive and are settled")?;
        Ok((begun.elapsed().as_secs_f64(), FLAKY as f64 - station.server().received()?.len() as f64))
    });
    let runs: Vec<(f64, f64)> = runs.collect::<Result<_>>()?;
    Ok(vec![
        Figure::new("until all are there and settled", "s", runs.iter().map(|run| run.0).collect(), Reach::None),
        Figure::new("reports that are not there exactly once", "", runs.iter().map(|run| run.1.abs()).collect(), Reach::AtMost(0.0)),
    ])
}

/// From SIGTERM to the end of the process while uploads are under way; the rest stays owed.
pub(crate) fn stop() -> Result<Vec<Figure>> {
    let runs = (0..RUNS).map(|_| {
        let mut station = Station::new("wsjf");
        station.faults(Faults { outage: true, ..Faults::default() });
        let files = prepared(&station, OWED)?;
        station.start();
        move_in(&files, &station.folder())?;
        wait(|| station.status()["queue"]["queued"] == OWED).context("everything is owed")?;
        station.faults(Faults { latency_ms: LATENCY_MS, ..Faults::default() });
        arrived(&station, 1)?;
        Ok(station.terminate().1.as_secs_f64())
    });
    Ok(vec![Figure::new("from SIGTERM to the end of the process", "s", runs.collect::<Result<_>>()?, Reach::None)])
}
