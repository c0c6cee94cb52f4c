//! A server that was away for long: whether the store gets slower with what it owes, and what the worker needs then.

use crate::figure::{Figure, Reach, quantile};
use crate::ground::{RUNS, memory_mb};
use anyhow::{Context, Result};
use e2e::Station;
use sandbox::Faults;
use std::path::Path;
use std::time::{Duration, Instant};
use store::{NewReport, Role, Source, Store, View};
use uuid::Uuid;

const NOW: i64 = 1_790_000_000_000;
/// Reports a source has while the store is being filled.
const BULK: u64 = 1_000;
/// Files on their way at the same time while the rate is measured, files a run, and runs: the disk makes single ones differ by a third.
const TOGETHER: u64 = 16;
const FILES: u64 = 2_048;
const RATES: usize = 15;
/// What a worker does at its start is over by then.
const SETTLED: Duration = Duration::from_secs(10);

pub(crate) fn measure() -> Result<Vec<Figure>> {
    let mut station = Station::new("wsjf");
    let path = station.instance().join("queue/queue.db");
    let mut figures = Vec::new();
    let (mut owed, mut usual) = (0, Vec::new());
    for (aim, shown) in [(1_000, "1,000"), (100_000, "100,000"), (1_000_000, "1,000,000")] {
        fill(&path, owed, aim)?;
        owed = aim;
        let rates = (0..RATES).map(|_| rate(&path, &mut owed)).collect::<Result<Vec<_>>>()?;
        if usual.is_empty() {
            usual.clone_from(&rates);
        }
        let read = (0..RUNS).map(|_| counts_ms(&path)).collect::<Result<_>>()?;
        let name = |what: &str| format!("{what}, {shown} owed");
        figures
            .push(Figure::new(name("commits, one report each"), "/s", rates, Reach::RatioAtLeast(0.8)).beside("at 1,000", usual.clone()));
        figures.push(Figure::new(name("reading the counts"), "ms", read, Reach::AtMost(50.0)));
    }
    station.faults(Faults { outage: true, ..Faults::default() });
    let peaks = (0..RUNS).map(|_| peak_mb(&mut station)).collect::<Result<_>>()?;
    figures.push(Figure::new("peak memory of the worker, 1,000,000 owed", "MB", peaks, Reach::AtMost(64.0)));
    Ok(figures)
}

/// Brings a store from owing `from` to owing `to` reports.
pub(crate) fn fill(path: &Path, from: u64, to: u64) -> Result<()> {
    let (store, _) = Store::open(path, Role::Owner, NOW)?;
    let mut n = from;
    while n < to {
        let count = BULK.min(to - n);
        let mut intake = store.intake(source(n), NOW);
        (n..n + count).try_for_each(|n| intake.push(report(n)))?;
        intake.commit().wait()?;
        n += count;
    }
    Ok(())
}

/// Commits a second while sixteen files are on their way at a time, as the rooms have them.
fn rate(path: &Path, owed: &mut u64) -> Result<f64> {
    let (store, _) = Store::open(path, Role::Owner, NOW)?;
    let begun = Instant::now();
    for _ in 0..FILES / TOGETHER {
        let commits: Vec<_> = (*owed..*owed + TOGETHER)
            .map(|n| {
                let mut intake = store.intake(source(n), NOW);
                intake.push(report(n))?;
                Ok(intake.commit())
            })
            .collect::<Result<_>>()?;
        *owed += TOGETHER;
        for commit in commits {
            commit.wait()?;
        }
    }
    Ok(FILES as f64 / begun.elapsed().as_secs_f64())
}

/// Milliseconds the counts take as another process reads them; the median of a few, with the file open.
fn counts_ms(path: &Path) -> Result<f64> {
    let view = View::open(path)?.context("the store is there")?;
    let one = |_| {
        let begun = Instant::now();
        view.counts()?;
        Ok(begun.elapsed().as_secs_f64() * 1e3)
    };
    Ok(quantile(&(0..RUNS).map(one).collect::<Result<Vec<_>>>()?, 0.5))
}

fn peak_mb(station: &mut Station) -> Result<f64> {
    station.start();
    std::thread::sleep(SETTLED);
    let peak = memory_mb(station.pid(), "VmHWM")?;
    station.terminate();
    Ok(peak)
}

fn source(n: u64) -> Source {
    let hash = hash(n);
    Source { rule: "wsjf".into(), path: format!("/in/{n:09}.json"), size: 3_000, mtime_ns: 1, hash, format: "wsjf".into(), priority: 5 }
}

/// The same for the same number, and in no order: as the hash of a content is.
fn hash(n: u64) -> [u8; 32] {
    let mut hash = [0; 32];
    hash[..16].copy_from_slice(Uuid::new_v5(&Uuid::NAMESPACE_URL, &n.to_le_bytes()).as_bytes());
    hash
}

fn report(n: u64) -> NewReport {
    let id = Uuid::new_v5(&Uuid::NAMESPACE_OID, &n.to_le_bytes());
    let body = e2e::report("backlog", usize::try_from(n).unwrap_or(usize::MAX)).bytes;
    let text = |text: &str| text.to_owned();
    NewReport {
        step: String::new(),
        id,
        index: u32::try_from(n % BULK).unwrap_or(0),
        body,
        kind: 'T',
        sn: format!("backlog-{n:06}"),
        pn: text("PSU-24-10"),
        result: text("P"),
        process: text("20"),
        start: text("2026-11-21T09:00:00+01:00"),
        warnings: vec![],
    }
}
