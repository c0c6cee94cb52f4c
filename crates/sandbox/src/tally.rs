//! What the server has done since it started: answers by status, connections cut, calls in flight.

use std::{
    collections::BTreeMap,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use serde::Serialize;

/// Why a connection was reset.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Cause {
    ResetBefore,
    ResetAfter,
    Outage,
}

/// The running counts.
#[derive(Default)]
pub(crate) struct Tally {
    counts: Mutex<Counts>,
    in_flight: AtomicU64,
    peak_in_flight: AtomicU64,
}

/// A copy of the counts.
#[derive(Debug, Clone, Default, Serialize)]
pub(crate) struct Counts {
    /// Answers to calls under `/api`.
    answers: BTreeMap<u16, u64>,
    resets: Resets,
}

#[derive(Debug, Clone, Default, Serialize)]
struct Resets {
    before: u64,
    after: u64,
    outage: u64,
}

impl Tally {
    pub(crate) fn answered(&self, status: u16) {
        *self.lock().answers.entry(status).or_default() += 1;
    }

    pub(crate) fn reset(&self, cause: Cause) {
        let resets = &mut self.lock().resets;
        match cause {
            Cause::ResetBefore => resets.before += 1,
            Cause::ResetAfter => resets.after += 1,
            Cause::Outage => resets.outage += 1,
        }
    }

    pub(crate) fn counts(&self) -> Counts {
        self.lock().clone()
    }

    /// Reports being received at this moment.
    pub(crate) fn in_flight(&self) -> u64 {
        self.in_flight.load(Ordering::SeqCst)
    }

    /// The most reports that were ever being received at one moment.
    pub(crate) fn peak_in_flight(&self) -> u64 {
        self.peak_in_flight.load(Ordering::SeqCst)
    }

    /// Counts a report as in flight until the guard is dropped, which also happens when its connection dies.
    pub(crate) fn enter(&self) -> InFlight<'_> {
        let now = self.in_flight.fetch_add(1, Ordering::SeqCst) + 1;
        self.peak_in_flight.fetch_max(now, Ordering::SeqCst);
        InFlight(self)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Counts> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One report being received.
pub(crate) struct InFlight<'a>(&'a Tally);

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        self.0.in_flight.fetch_sub(1, Ordering::SeqCst);
    }
}
