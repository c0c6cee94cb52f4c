//! The rows of the table, each with its work and how it is measured.

mod backlog;
mod burst;
mod drain;
mod flood;
mod idle;
mod large;
mod single;
mod start;
mod tray;
mod trouble;

use crate::figure::Figure;
use anyhow::Result;

/// One row: what is done, and the figures it gives.
pub(crate) struct Row {
    pub(crate) id: &'static str,
    pub(crate) work: &'static str,
    pub(crate) measure: fn() -> Result<Vec<Figure>>,
}

pub(crate) const ROWS: &[Row] = &[
    Row { id: "drain", work: "100 owed reports, the server answers after 200 ms", measure: drain::measure },
    Row { id: "burst", work: "5,000 reports of 3 kB moved in at once, the server answers at once", measure: burst::measure },
    Row { id: "large", work: "one report of 20,000 steps and 11 MB", measure: large::measure },
    Row { id: "flood", work: "50,000 files of 3 kB while the worker is stalled", measure: flood::measure },
    Row { id: "single", work: "one file dropped into an idle worker, 50 times", measure: single::measure },
    Row { id: "outage", work: "50 files while the server is away for 30 s", measure: trouble::outage },
    Row { id: "flaky", work: "300 files at a server that fails a fifth of the reports", measure: trouble::flaky },
    Row { id: "stop", work: "SIGTERM with 500 owed, the server answers after 200 ms", measure: trouble::stop },
    Row { id: "idle", work: "five folders, 60 s", measure: idle::measure },
    Row { id: "start", work: "from the start of the process to ready", measure: start::measure },
    Row { id: "backlog", work: "a store that owes 1,000, 100,000 and 1,000,000 reports", measure: backlog::measure },
    Row { id: "tray", work: "the tray app without and with its window, and with 40 instances that run", measure: tray::measure },
];
