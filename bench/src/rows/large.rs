//! One very large report: what the whole way takes beside parsing its bytes once.

use crate::figure::{Figure, Reach};
use crate::ground::{RUNS, arrived, cpu_s, memory_mb, own_cpu_s};
use anyhow::{Result, ensure};
use e2e::Station;
use serde_json::Value;

const STEPS: usize = 20_000;

pub(crate) fn measure() -> Result<Vec<Figure>> {
    let bytes = e2e::large("large", STEPS).bytes;
    let runs = (0..RUNS).map(|_| run(&bytes)).collect::<Result<Vec<_>>>()?;
    let parsed = (0..RUNS).map(|_| parse(&bytes)).collect::<Result<_>>()?;
    let megabytes = bytes.len() as f64 / 1e6;
    let (cpu, peaks): (Vec<f64>, Vec<f64>) = runs.into_iter().unzip();
    Ok(vec![
        Figure::new(format!("CPU of the worker, {megabytes:.1} MB"), "s", cpu, Reach::RatioAtMost(4.0))
            .beside("serde_json reading the same bytes into a Value", parsed),
        Figure::new("peak memory of the worker", "MB", peaks, Reach::AtMost(100.0)),
    ])
}

/// Seconds of processor time from drop to rest, and the peak memory in megabytes.
fn run(bytes: &[u8]) -> Result<(f64, f64)> {
    let mut station = Station::new("wsjf");
    station.start();
    let pid = station.pid();
    let before = cpu_s(pid)?;
    station.drop_file("large.json", bytes);
    arrived(&station, 1)?;
    crate::ground::wait(|| station.status()["queue"]["processing"] == 0 && station.waiting().is_empty())?;
    Ok((cpu_s(pid)? - before, memory_mb(pid, "VmHWM")?))
}

fn parse(bytes: &[u8]) -> Result<f64> {
    let before = own_cpu_s()?;
    let value: Value = serde_json::from_slice(bytes)?;
    let took = own_cpu_s()? - before;
    ensure!(value.is_object());
    Ok(took)
}
