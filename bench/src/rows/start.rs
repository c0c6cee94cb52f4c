//! From the start of the process until its status says that it runs.

use super::backlog;
use crate::figure::{Figure, Reach};
use crate::ground::{RUNS, wait};
use anyhow::Result;
use e2e::{Station, lineside};
use sandbox::Faults;
use std::time::Instant;

const OWED: u64 = 100_000;

pub(crate) fn measure() -> Result<Vec<Figure>> {
    let mut station = Station::new("wsjf");
    let empty = (0..RUNS).map(|_| ready_ms(&mut station)).collect::<Result<_>>()?;
    // what is owed stays owed
    station.faults(Faults { outage: true, ..Faults::default() });
    backlog::fill(&station.instance().join("queue/queue.db"), 0, OWED)?;
    let owing = (0..RUNS).map(|_| ready_ms(&mut station)).collect::<Result<_>>()?;
    Ok(vec![
        Figure::new("empty", "ms", empty, Reach::AtMost(100.0)).beside("`lineside --version`", versions()?),
        Figure::new("100,000 owed", "ms", owing, Reach::AtMost(1_000.0)).beside("`lineside --version`", versions()?),
    ])
}

fn ready_ms(station: &mut Station) -> Result<f64> {
    let begun = Instant::now();
    station.spawn();
    let pid = station.pid();
    wait(|| station.status()["pid"] == pid)?;
    let took = begun.elapsed();
    station.terminate();
    Ok(took.as_secs_f64() * 1e3)
}

/// What starting any process and this program at all takes, in milliseconds.
fn versions() -> Result<Vec<f64>> {
    let one = |_| {
        let begun = Instant::now();
        lineside().arg("--version").output()?;
        Ok(begun.elapsed().as_secs_f64() * 1e3)
    };
    (0..RUNS).map(one).collect()
}
