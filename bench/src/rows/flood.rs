//! More files at once than the system keeps events for, while nobody takes the events: whether all are found, and how soon.

use crate::figure::{Figure, Reach};
use crate::ground::{RUNS, move_in, prepared, wait_looking_every};
use anyhow::{Context, Result};
use e2e::Station;
use std::time::{Duration, Instant};

/// Three times what Linux keeps events for.
const FILES: usize = 50_000;
/// Counting so many is work of its own.
const LOOK: Duration = Duration::from_millis(250);

/// From the end of the stall until no file lies in the watch folder, and until the server has them all.
pub(crate) fn measure() -> Result<Vec<Figure>> {
    let runs: Vec<(f64, f64)> = (0..RUNS).map(|_| run()).collect::<Result<_>>()?;
    Ok(vec![
        Figure::new("until all are taken in and filed", "s", runs.iter().map(|run| run.0).collect(), Reach::AtMost(60.0)),
        Figure::new("until the server has all", "s", runs.iter().map(|run| run.1).collect(), Reach::None),
    ])
}

fn run() -> Result<(f64, f64)> {
    let mut station = Station::new("wsjf");
    let files = prepared(&station, FILES)?;
    station.start();
    station.signal("STOP");
    move_in(&files, &station.folder())?;
    station.signal("CONT");
    let begun = Instant::now();
    let mut there = None;
    wait_looking_every(LOOK, || {
        if there.is_none() && station.server().reports().is_ok_and(|there| there >= FILES as u64) {
            there = Some(begun.elapsed().as_secs_f64());
        }
        there.is_some() && station.waiting().is_empty()
    })
    .context("all of them arrive and are filed")?;
    Ok((begun.elapsed().as_secs_f64(), there.unwrap_or_default()))
}
