//! What the rows have in common: reports in folders, waiting for the server's count, and what a process costs.

use anyhow::{Context, Result, bail};
use e2e::{Station, large};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Runs of a row.
pub(crate) const RUNS: usize = 5;
/// Nothing takes so long unless something is broken.
const PATIENCE: Duration = Duration::from_secs(120);
/// Steps of a report of 3 kB.
const STEPS: usize = 4;

/// Writes so many reports of about 3 kB each into a new folder beside the watch folder.
pub(crate) fn prepared(station: &Station, count: usize) -> Result<Vec<PathBuf>> {
    let folder = station.home().join("prepared");
    fs::create_dir_all(&folder)?;
    (0..count)
        .map(|n| {
            let path = folder.join(format!("{n:06}.json"));
            fs::write(&path, sendable(&large(&format!("bench-{n:06}"), STEPS).bytes)?)?;
            Ok(path)
        })
        .collect()
}

/// The report with what a server asks for and a tester need not write, for who sends files as they are.
fn sendable(report: &[u8]) -> Result<String> {
    Ok(str::from_utf8(report)?.replacen("\"start\":", "\"startUTC\":\"2026-11-21T08:00:00Z\",\"start\":", 1))
}

/// Moves files into a folder under their own names.
pub(crate) fn move_in(files: &[PathBuf], folder: &Path) -> Result<()> {
    for file in files {
        let name = file.file_name().context("a file has a name")?;
        fs::rename(file, folder.join(name)).with_context(|| file.display().to_string())?;
    }
    Ok(())
}

/// Waits until the server has so many reports.
pub(crate) fn arrived(station: &Station, count: u64) -> Result<()> {
    wait(|| station.server().reports().is_ok_and(|there| there >= count))
        .with_context(|| format!("the server has {:?} of {count} reports", station.server().reports()))
}

/// Looks every two milliseconds until it holds.
pub(crate) fn wait(holds: impl FnMut() -> bool) -> Result<()> {
    wait_looking_every(Duration::from_millis(2), holds)
}

/// As [`wait`], for what is dear to look at.
pub(crate) fn wait_looking_every(rest: Duration, mut holds: impl FnMut() -> bool) -> Result<()> {
    let begun = Instant::now();
    while !holds() {
        if begun.elapsed() > PATIENCE {
            bail!("did not come about within {PATIENCE:?}");
        }
        std::thread::sleep(rest);
    }
    Ok(())
}

/// Seconds of processor time a process has used, all its threads together; in hundredths.
pub(crate) fn cpu_s(pid: u32) -> Result<f64> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat"))?;
    let fields: Vec<&str> = stat.rsplit(") ").next().unwrap_or_default().split(' ').collect();
    let ticks = |n: usize| fields.get(n).and_then(|field| field.parse::<f64>().ok()).context("a line of /proc/…/stat");
    // user and system time, in the kernel's unit for this file
    Ok((ticks(11)? + ticks(12)?) / 100.0)
}

/// Megabytes (10⁶ bytes) of a line in `/proc/…/status`, such as `VmHWM`, the peak of its resident memory.
pub(crate) fn memory_mb(pid: u32, line: &str) -> Result<f64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
    let value = status.lines().find_map(|found| found.strip_prefix(line)?.strip_prefix(':'));
    let kib: f64 = value.and_then(|value| value.trim().strip_suffix(" kB")?.parse().ok()).with_context(|| format!("{line} of {pid}"))?;
    Ok(kib * 1024.0 / 1e6)
}

/// Threads of a process.
pub(crate) fn threads(pid: u32) -> Result<f64> {
    Ok(fs::read_dir(format!("/proc/{pid}/task"))?.count() as f64)
}

/// Seconds this thread has been on a processor, to the nanosecond.
pub(crate) fn own_cpu_s() -> Result<f64> {
    let text = fs::read_to_string("/proc/thread-self/schedstat")?;
    let spent: f64 = text.split(' ').next().unwrap_or_default().parse().context("/proc/thread-self/schedstat")?;
    Ok(spent / 1e9)
}
