//! When a worker that crashed is started again: on failure, after five seconds, five times in five minutes at most. Pure.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// Between the crash and the next start.
const PAUSE: Duration = Duration::from_secs(5);
/// Starts within [`WINDOW`].
const MOST: usize = 5;
/// The time over which crashes are counted.
const WINDOW: Duration = Duration::from_secs(300);

/// The crashes of late, and when the next start is due.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Restarts {
    crashes: VecDeque<Instant>,
    due: Option<Instant>,
}

/// What comes of a crash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Again {
    /// It is started again, for the n-th time of so many.
    In { n: usize, of: usize },
    /// It crashed too often.
    No { of: usize, within: Duration },
}

impl Restarts {
    /// Counts a crash.
    pub(super) fn crashed(&mut self, now: Instant) -> Again {
        self.forget(now);
        if self.crashes.len() >= MOST {
            self.due = None;
            return Again::No { of: MOST, within: WINDOW };
        }
        self.crashes.push_back(now);
        self.due = Some(now + PAUSE);
        Again::In { n: self.crashes.len(), of: MOST }
    }

    /// When the next start is due.
    pub(super) fn due(&self) -> Option<Instant> {
        self.due
    }

    /// The start that was due is made.
    pub(super) fn begun(&mut self) {
        self.due = None;
    }

    /// Makes no start; whether one was due.
    pub(super) fn call_off(&mut self) -> bool {
        self.due.take().is_some()
    }

    pub(super) fn has_crashed(&self) -> bool {
        !self.crashes.is_empty()
    }

    /// Forgets what is long past.
    pub(super) fn forget(&mut self, now: Instant) {
        self.crashes.retain(|at| now.saturating_duration_since(*at) < WINDOW);
    }
}
