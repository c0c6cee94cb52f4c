//! A worker that has nothing to do: what it takes from the machine all day.

use crate::figure::{Figure, Reach};
use crate::ground::{RUNS, cpu_s, memory_mb, threads, wait};
use anyhow::Result;
use e2e::Station;
use std::fs;
use std::time::{Duration, Instant};

const FOLDERS: usize = 5;
const WATCHED: Duration = Duration::from_secs(60);
/// What starting costs is over by then.
const SETTLED: Duration = Duration::from_secs(15);

pub(crate) fn measure() -> Result<Vec<Figure>> {
    // side by side: none of them does anything that could be in another's way
    let mut stations = (0..RUNS).map(|_| started()).collect::<Result<Vec<_>>>()?;
    std::thread::sleep(SETTLED);
    let before = stations.iter().map(|station| cpu_s(station.pid())).collect::<Result<Vec<_>>>()?;
    let begun = Instant::now();
    std::thread::sleep(WATCHED);
    let watched = begun.elapsed().as_secs_f64();
    let mut cpu = Vec::new();
    for (station, before) in stations.iter().zip(before) {
        cpu.push((cpu_s(station.pid())? - before) / watched * 100.0);
    }
    let memory = stations.iter().map(|station| memory_mb(station.pid(), "VmRSS")).collect::<Result<_>>()?;
    let threads = stations.iter().map(|station| threads(station.pid())).collect::<Result<_>>()?;
    stations.iter_mut().for_each(Station::kill);
    Ok(vec![
        Figure::new("resident memory", "MB", memory, Reach::AtMost(20.0)),
        Figure::new("threads", "", threads, Reach::AtMost(5.0)),
        Figure::new("CPU", "%", cpu, Reach::AtMost(0.1)),
    ])
}

fn started() -> Result<Station> {
    let mut station = Station::new("wsjf");
    for n in 1..FOLDERS {
        let folder = station.home().join(format!("more-{n}"));
        fs::create_dir_all(&folder)?;
        let rule = serde_json::json!({"name": format!("more {n}"), "watch_folder": folder, "format": "wsjf"});
        station.does(&["config", "set", &format!("converters[{n}]"), &rule.to_string()]);
    }
    station.start();
    wait(|| station.status()["converters"].as_array().is_some_and(|rules| rules.len() == FOLDERS))?;
    Ok(station)
}
