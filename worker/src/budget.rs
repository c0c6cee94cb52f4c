//! How much may be owed and how full the disk may be before intake pauses: the decision, pure, and the gate it moves.

use std::sync::atomic::{AtomicU64, Ordering};
use tokio::sync::watch;

/// A gate that closed at a limit opens again this far below it (above it, for free space), so that it does not flutter.
const BACK: f64 = 0.05;
/// The share of a limit from which on somebody should look.
const NEARLY: f64 = 0.8;
/// So many times what must stay free is little.
const SPARE: f64 = 1.25;

/// The limits of the configuration; 0 is no limit.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    pub(crate) reports: u64,
    /// Bytes of owed reports.
    pub(crate) bytes: u64,
    /// Bytes that must stay free on the disk of the queue.
    pub(crate) free: u64,
}

/// What is used now.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Use {
    pub(crate) reports: u64,
    pub(crate) bytes: u64,
    /// `None` where the system does not tell.
    pub(crate) free: Option<u64>,
    /// Nothing can be stored; the room itself tells why.
    pub(crate) refused: bool,
}

/// Why intake must pause, if it must; `closed` says whether it pauses already.
pub(crate) fn full(limits: Limits, used: Use, closed: bool) -> Option<String> {
    let slack = if closed { BACK } else { 0.0 };
    let over = |used: u64, limit: u64| limit > 0 && used as f64 >= limit as f64 * (1.0 - slack);
    let free = used.free.filter(|free| limits.free > 0 && (*free as f64) < limits.free as f64 * (1.0 + slack));
    let stays = "new files stay in their folders until there is room";
    if used.refused {
        Some("The queue cannot be written; new files stay in their folders until it can".to_owned())
    } else if over(used.reports, limits.reports) {
        Some(format!("Queue full: {}/{} reports; {stays}", used.reports, limits.reports))
    } else if over(used.bytes, limits.bytes) {
        Some(format!("Queue full: {}/{} MiB of reports; {stays}", used.bytes >> 20, limits.bytes >> 20))
    } else {
        free.map(|free| format!("Disk nearly full: {} MiB free, {} MiB must stay free; {stays}", free >> 20, limits.free >> 20))
    }
}

/// What fills up so that somebody should look before intake pauses: four fifths of a limit are used, or a quarter more than must stay
/// free is all that is left. `told` says whether somebody was told already.
pub(crate) fn filling(limits: Limits, used: Use, told: bool) -> Option<String> {
    let slack = if told { BACK } else { 0.0 };
    let most = |used: u64, limit: u64| limit > 0 && used as f64 >= limit as f64 * (NEARLY - slack);
    let free = used.free.filter(|free| limits.free > 0 && (*free as f64) < limits.free as f64 * (SPARE + slack));
    let pauses = "beyond that new files stay in their folders";
    if most(used.reports, limits.reports) {
        Some(format!("the queue fills up: {} of {} reports; {pauses}", used.reports, limits.reports))
    } else if most(used.bytes, limits.bytes) {
        Some(format!("the queue fills up: {} of {} MiB of reports; {pauses}", used.bytes >> 20, limits.bytes >> 20))
    } else {
        free.map(|free| format!("the disk fills up: {} MiB are free, {} MiB must stay free; {pauses}", free >> 20, limits.free >> 20))
    }
}

/// The gate of intake: how much is owed by the last count, and why nothing is taken, if so.
pub(crate) struct Budget {
    limits: Limits,
    owed: AtomicU64,
    closed: watch::Sender<Option<String>>,
}

impl Budget {
    pub(crate) fn new(limits: Limits) -> Budget {
        Budget { limits, owed: AtomicU64::new(0), closed: watch::Sender::new(None) }
    }

    /// Tells when the gate moves, and at every count.
    pub(crate) fn gate(&self) -> watch::Receiver<Option<String>> {
        self.closed.subscribe()
    }

    /// So many reports more are owed than were counted.
    pub(crate) fn add(&self, reports: usize) {
        self.owed.fetch_add(reports as u64, Ordering::Relaxed);
    }

    /// Whether one more source may be taken while so many are under way, each of which brings a report at least.
    pub(crate) fn has_room(&self, under_way: usize) -> bool {
        let most = self.limits.reports;
        self.closed.borrow().is_none() && (most == 0 || self.owed.load(Ordering::Relaxed) + (under_way as u64) < most)
    }

    /// A new count; answers why intake pauses, if it does.
    pub(crate) fn count(&self, used: Use) -> Option<String> {
        self.owed.store(used.reports, Ordering::Relaxed);
        let reason = full(self.limits, used, self.closed.borrow().is_some());
        self.closed.send_replace(reason.clone());
        reason
    }

    /// What somebody should look at before intake pauses.
    pub(crate) fn filling(&self, used: Use, told: bool) -> Option<String> {
        filling(self.limits, used, told)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: Limits = Limits { reports: 100, bytes: 10 << 20, free: 500 << 20 };
    const USED: Use = Use { reports: 10, bytes: 1 << 20, free: Some(900 << 20), refused: false };

    #[test]
    fn intake_pauses_at_each_limit_and_says_which() {
        let table = [
            (USED, false, None),
            (Use { reports: 99, ..USED }, false, None),
            (Use { reports: 100, ..USED }, false, Some("Queue full: 100/100 reports")),
            (Use { reports: 97, ..USED }, true, Some("Queue full: 97/100 reports")),
            (Use { reports: 94, ..USED }, true, None),
            (Use { bytes: 10 << 20, ..USED }, false, Some("Queue full: 10/10 MiB")),
            (Use { free: Some(499 << 20), ..USED }, false, Some("Disk nearly full: 499 MiB free")),
            (Use { free: Some(510 << 20), ..USED }, true, Some("Disk nearly full: 510 MiB free")),
            (Use { free: Some(530 << 20), ..USED }, true, None),
            (Use { free: None, ..USED }, false, None),
            (Use { refused: true, ..USED }, false, Some("The queue cannot be written")),
        ];
        for (used, closed, expected) in table {
            let found = full(LIMITS, used, closed);
            assert!(
                found.is_some() == expected.is_some() && found.as_deref().unwrap_or("").starts_with(expected.unwrap_or("")),
                "{used:?} {closed}: {found:?}"
            );
        }
        let free = Limits { reports: 0, bytes: 0, free: 0 };
        assert_eq!(full(free, Use { reports: u64::MAX, bytes: u64::MAX, free: Some(0), refused: false }, true), None);
    }

    #[test]
    fn somebody_is_told_at_four_fifths_before_intake_pauses() {
        let table = [
            (Use { reports: 79, ..USED }, false, ""),
            (Use { reports: 80, ..USED }, false, "the queue fills up: 80 of 100 reports"),
            (Use { reports: 76, ..USED }, true, "the queue fills up: 76 of 100 reports"),
            (Use { reports: 74, ..USED }, true, ""),
            (Use { bytes: 8 << 20, ..USED }, false, "the queue fills up: 8 of 10 MiB"),
            (Use { free: Some(624 << 20), ..USED }, false, "the disk fills up: 624 MiB are free, 500 MiB"),
            (Use { free: Some(625 << 20), ..USED }, false, ""),
            (Use { free: None, ..USED }, false, ""),
        ];
        for (used, told, expected) in table {
            let found = filling(LIMITS, used, told);
            assert!(found.is_some() != expected.is_empty() && found.unwrap_or_default().starts_with(expected), "{used:?}");
        }
        assert_eq!(filling(Limits { reports: 0, bytes: 0, free: 0 }, Use { reports: 9, bytes: 9, free: Some(0), ..USED }, false), None);
    }

    #[test]
    fn what_is_under_way_counts_before_it_is_owed() {
        let budget = Budget::new(Limits { reports: 10, bytes: 0, free: 0 });
        assert!(budget.has_room(9));
        assert!(!budget.has_room(10));
        budget.add(4);
        assert!(budget.has_room(5));
        assert!(!budget.has_room(6));
        assert_eq!(budget.count(Use { reports: 0, bytes: 0, free: None, refused: false }), None);
        assert!(budget.has_room(9));
    }
}
