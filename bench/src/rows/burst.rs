//! Many small files at once: the whole way with every report committed durably first, beside a loop that does nothing but send.

use crate::bare;
use crate::figure::{Figure, Reach};
use crate::ground::{RUNS, arrived, cpu_s, memory_mb, move_in, prepared, threads};
use anyhow::Result;
use e2e::Station;
use std::time::Instant;

const FILES: usize = 5_000;
/// As many as the worker may have under way.
const CONNECTIONS: usize = 32;

pub(crate) fn measure() -> Result<Vec<Figure>> {
    let mut worker = Vec::new();
    let mut bare = Vec::new();
    for _ in 0..RUNS {
        worker.push(through_the_worker()?);
        bare.push(through_the_bare_loop()?);
    }
    let of = |pick: fn(&Cost) -> f64| worker.iter().map(pick).collect();
    Ok(vec![
        Figure::new("worker", "files/s", of(|cost| FILES as f64 / cost.took_s), Reach::RatioAtLeast(0.5)).beside("bare loop", bare),
        Figure::new("CPU of the worker, a file", "ms", of(|cost| cost.cpu_s * 1e3 / FILES as f64), Reach::None),
        Figure::new("peak memory", "MB", of(|cost| cost.peak_mb), Reach::None),
        Figure::new("threads at the end", "", of(|cost| cost.threads), Reach::None),
    ])
}

struct Cost {
    took_s: f64,
    cpu_s: f64,
    peak_mb: f64,
    threads: f64,
}

fn through_the_worker() -> Result<Cost> {
    let mut station = Station::new("wsjf");
    let files = prepared(&station, FILES)?;
    station.start();
    let pid = station.pid();
    let (begun, cpu) = (Instant::now(), cpu_s(pid)?);
    move_in(&files, &station.folder())?;
    arrived(&station, FILES as u64)?;
    let took_s = begun.elapsed().as_secs_f64();
    Ok(Cost { took_s, cpu_s: cpu_s(pid)? - cpu, peak_mb: memory_mb(pid, "VmHWM")?, threads: threads(pid)? })
}

/// Files a second.
fn through_the_bare_loop() -> Result<f64> {
    let station = Station::new("wsjf");
    let files = prepared(&station, FILES)?;
    let begun = Instant::now();
    bare::deliver(&station.server().url(), &files, &station.home().join("done"), CONNECTIONS)?;
    Ok(FILES as f64 / begun.elapsed().as_secs_f64())
}
