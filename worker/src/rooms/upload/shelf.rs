//! Leased reports that wait for their turn: enough that no upload waits for the disk, few enough that they cost no memory.

use std::collections::VecDeque;
use store::Leased;

/// Reports on the shelf at most.
const MOST: usize = 128;
/// Bytes on the shelf that are aimed at.
const BYTES: usize = 8 << 20;
/// How much the newest report says about the size of the next ones.
const WEIGHT: f64 = 0.1;

#[derive(Default)]
pub(super) struct Shelf {
    waiting: VecDeque<Leased>,
    /// Bytes of a usual report; 0 before the first one.
    usual: f64,
}

impl Shelf {
    pub(super) fn put(&mut self, leased: Vec<Leased>) {
        for one in leased {
            let size = one.body.len() as f64;
            self.usual = if self.usual == 0.0 { size } else { self.usual + WEIGHT * (size - self.usual) };
            self.waiting.push_back(one);
        }
    }

    pub(super) fn take(&mut self) -> Option<Leased> {
        self.waiting.pop_front()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    pub(super) fn clear(&mut self) -> impl Iterator<Item = Leased> + '_ {
        self.waiting.drain(..)
    }

    /// How many reports to lease now, when `limit` may be under way at once; 0 while the shelf is full enough.
    pub(super) fn wanted(&self, limit: usize) -> usize {
        let aim = aim(limit, self.usual);
        if self.waiting.len() * 2 > aim { 0 } else { aim - self.waiting.len() }
    }
}

/// Before the first report is known to be small, no more than can go at once.
fn aim(limit: usize, usual: f64) -> usize {
    if usual == 0.0 {
        return limit.min(MOST);
    }
    let fits = (BYTES as f64 / usual) as usize;
    (limit * 4).min(fits.max(limit)).min(MOST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shelf_holds_four_rounds_of_small_reports_and_one_round_of_large_ones() {
        let table = [(5, 0.0, 5), (5, 3_000.0, 20), (32, 3_000.0, 128), (100, 3_000.0, 128), (8, 11e6, 8), (8, 600e3, 13)];
        for (limit, usual, expected) in table {
            assert_eq!(aim(limit, usual), expected, "{limit} {usual}");
        }
    }

    fn one(n: i64, size: usize) -> Leased {
        Leased { ticket: store::Ticket(n), report_id: uuid::Uuid::nil(), body: vec![0; size], attempts: 0 }
    }

    #[test]
    fn nothing_is_leased_before_the_shelf_is_half_empty() {
        let mut shelf = Shelf::default();
        assert_eq!((shelf.wanted(5), shelf.is_empty()), (5, true));
        shelf.put((0..11).map(|n| one(n, 3000)).collect());
        assert_eq!((shelf.wanted(5), shelf.is_empty()), (0, false));
        shelf.take();
        assert_eq!(shelf.wanted(5), 10);
        assert_eq!(shelf.clear().map(|leased| leased.ticket.0).collect::<Vec<_>>(), (1..11).collect::<Vec<_>>());
        assert_eq!((shelf.wanted(5), shelf.is_empty()), (20, true));
    }

    #[test]
    fn the_size_of_a_usual_report_follows_the_reports_by_and_by() {
        let mut shelf = Shelf::default();
        let mut usual = |size| {
            shelf.put(vec![one(0, size)]);
            shelf.usual
        };
        assert_eq!([usual(1_000), usual(2_000), usual(100)], [1_000.0, 1_100.0, 1_000.0]);
    }
}
