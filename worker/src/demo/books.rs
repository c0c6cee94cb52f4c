//! The demo's sum: what was written against what the server has, the store owes and the worker rejected.

use super::plan::{Drop, Manner};
use jiff::Timestamp;
use sandbox::Received;
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeSet;
use store::{Books as Held, SourceOutcome, State};

/// The closing table.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Books {
    /// Files that were written.
    pub(crate) files: usize,
    /// Different reports in them.
    pub(crate) reports: usize,
    /// Different reports that the server has.
    pub(crate) accepted: usize,
    /// Files that were rejected.
    pub(crate) rejected: usize,
    /// Files with the content of an earlier one.
    pub(crate) duplicates: usize,
    /// Reports still in the store.
    pub(crate) owed: usize,
    /// Reports that are nowhere.
    pub(crate) lost: usize,
    /// From the first file to the last receipt.
    pub(crate) seconds: f64,
}

/// Serial number and start: what a report is recognised by, whatever became of it.
type Key = (String, Timestamp);

impl Books {
    pub(crate) fn new(day: &[Drop], received: &[Received], held: &Held, seconds: f64) -> Self {
        let written: BTreeSet<&Key> = day.iter().flat_map(|drop| &drop.reports).collect();
        let arrived: BTreeSet<Key> = received.iter().filter_map(key).collect();
        let owed: Vec<_> =
            held.sources.iter().flat_map(|source| &source.reports).filter(|report| report.state != State::Completed).collect();
        let missing = written.iter().filter(|key| !arrived.contains(**key)).count();
        let count = |outcome| held.sources.iter().filter(|source| source.outcome == outcome).count();
        Self {
            files: day.len(),
            reports: written.len(),
            accepted: received.len(),
            rejected: count(SourceOutcome::Rejected),
            duplicates: count(SourceOutcome::Duplicate),
            owed: owed.len(),
            lost: missing.saturating_sub(owed.len()),
            seconds,
        }
    }

    /// Everything that was written has arrived once, and only the odd files were treated oddly.
    pub(crate) fn balance(&self, day: &[Drop]) -> bool {
        let odd = |manner| day.iter().filter(|drop| drop.manner == manner).count();
        self.lost == 0
            && self.owed == 0
            && self.accepted == self.reports
            && self.rejected == odd(Manner::Corrupt)
            && self.duplicates == odd(Manner::Duplicate)
    }
}

fn key(received: &Received) -> Option<Key> {
    let body: Value = serde_json::from_slice(&received.body).ok()?;
    let start = body["startUTC"].as_str()?.parse().ok()?;
    Some((received.sn.clone(), start))
}
