//! One file into an idle worker: from its close to the server's record.

use crate::figure::{Figure, Reach, quantile};
use crate::ground::{arrived, prepared};
use anyhow::Result;
use e2e::Station;
use std::fs;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

const FILES: usize = 50;
/// Between two files, so that the worker is idle again.
const PAUSE: Duration = Duration::from_millis(400);

pub(crate) fn measure() -> Result<Vec<Figure>> {
    let mut station = Station::new("wsjf");
    let files = prepared(&station, FILES)?;
    station.start();
    let mut took = Vec::new();
    let mut before = 0;
    for (n, file) in files.iter().enumerate() {
        std::thread::sleep(PAUSE);
        let bytes = fs::read(file)?;
        // written in place, as a tester does; the write ends with the close
        fs::write(station.folder().join(format!("{n:06}.json")), bytes)?;
        let closed = SystemTime::now().duration_since(UNIX_EPOCH)?.as_millis() as i64;
        arrived(&station, n as u64 + 1)?;
        let last = station.server().received()?.iter().map(|one| one.first_at).max().unwrap_or(0);
        assert!(last >= before, "the record's own clock went back");
        before = last;
        took.push((last - closed) as f64);
    }
    let late = quantile(&took, 0.95);
    Ok(vec![
        Figure::new("close to the server's record", "ms", took, Reach::AtMost(150.0)),
        Figure::new("the same, 95th percentile", "ms", vec![late], Reach::AtMost(300.0)),
    ])
}
