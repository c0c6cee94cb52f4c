//! When the next owed report may be sent, by a clock that people set. Pure; the moments are arguments.

use jiff::Timestamp;
use std::time::Duration;

/// No report waits longer: an hour that a server may ask for, the longest back-off on top, and some slack. A longer wait was
/// written by a clock that was set back since, maybe before this worker started.
const LONGEST: Duration = Duration::from_secs(70 * 60);
/// A clock that is corrected by less (milliseconds) was not set back.
const CORRECTED: i64 = 1_000;
/// The least pause between two looks at the store.
const LEAST: Duration = Duration::from_millis(50);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Due {
    Now,
    /// Not before so long.
    In(Duration),
    /// The times in the store are of a clock that is not this one any more.
    WrongClock,
}

/// What it means that the next report is due at `next` (Unix milliseconds), when the last look was at `looked`.
pub(super) fn due(next: i64, now: Timestamp, looked: Timestamp) -> Due {
    let wait = Duration::from_millis(u64::try_from(next.saturating_sub(now.as_millisecond())).unwrap_or(0));
    if looked.as_millisecond() - now.as_millisecond() > CORRECTED || wait > LONGEST {
        Due::WrongClock
    } else if wait.is_zero() {
        Due::Now
    } else {
        Due::In(wait.max(LEAST))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_was_set_back_makes_nobody_wait_for_a_time_that_was_never_meant() {
        let at = |seconds: i64| Timestamp::from_second(100_000 + seconds).unwrap();
        let wait = |seconds| Due::In(Duration::from_secs(seconds));
        let table = [
            (0, 0, -5, Due::Now),
            (-100, 0, -5, Due::Now),
            (300, 0, -5, wait(300)),
            (3_900, 0, -5, wait(3_900)),
            (4_200, 0, -5, wait(4_200)),
            (4_201, 0, -5, Due::WrongClock),
            (300, 0, 1, wait(300)),
            (300, 0, 2, Due::WrongClock),
            // Behind what is due others may wait.
            (-100, 0, 600, Due::WrongClock),
        ];
        for (next, now, looked, expected) in table {
            let found = due(at(next).as_millisecond(), at(now), at(looked));
            assert_eq!(found, expected, "{next} {now} {looked}");
        }
        assert_eq!(due(i64::MIN, at(0), at(0)), Due::Now);
        assert_eq!(due(at(0).as_millisecond() + 1, at(0), at(0)), Due::In(LEAST));
    }
}
