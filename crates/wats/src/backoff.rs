//! How long to wait before the same report is sent again.
//!
//! 1 s doubled with every attempt up to 5 minutes, full jitter, for ever. A server's `Retry-After` is a floor: jitter is only
//! added to it, over at least as long as the server asked for (10 s at most), so that stations told the same moment do not
//! all come back in it.

use std::time::Duration;

const FIRST: Duration = Duration::from_secs(1);
const LONGEST: Duration = Duration::from_secs(300);
/// A server may ask for an hour of patience, not for a year.
const LONGEST_FLOOR: Duration = Duration::from_secs(3600);
/// Who asks for one second of patience does not mean ten.
const LONGEST_SPREAD: Duration = Duration::from_secs(10);

/// The wait before the next attempt.
///
/// `attempts` counts the failed attempts before the one just made (0 after the first failure); `retry_after` is what the server
/// asked for; `random` is uniform in `0.0..=1.0`, anything else is clamped into it.
pub fn delay(attempts: u32, retry_after: Option<Duration>, random: f64) -> Duration {
    let step = FIRST.saturating_mul(2u32.saturating_pow(attempts)).min(LONGEST);
    let random = if random.is_nan() { 1.0 } else { random.clamp(0.0, 1.0) };
    match retry_after {
        None => step.mul_f64(random),
        Some(floor) => floor.min(LONGEST_FLOOR) + step.max(floor.min(LONGEST_SPREAD)).mul_f64(random),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wait_doubles_up_to_five_minutes_and_never_overflows() {
        let longest: Vec<u64> = [0, 1, 2, 3, 8, 9, 31, 32, u32::MAX].iter().map(|n| delay(*n, None, 1.0).as_secs()).collect();
        assert_eq!(longest, [1, 2, 4, 8, 256, 300, 300, 300, 300]);
    }

    #[test]
    fn jitter_covers_the_whole_step() {
        assert_eq!(delay(4, None, 0.0), Duration::ZERO);
        assert_eq!(delay(4, None, 0.5), Duration::from_secs(8));
        assert_eq!(delay(4, None, 7.0), Duration::from_secs(16));
        assert_eq!(delay(4, None, f64::NAN), Duration::from_secs(16));
    }

    #[test]
    fn retry_after_is_a_floor_capped_at_an_hour() {
        for random in [0.0, 0.3, 1.0] {
            assert!(delay(0, Some(Duration::from_secs(30)), random) >= Duration::from_secs(30));
        }
        assert_eq!(delay(0, Some(Duration::from_secs(365 * 86_400)), 0.0), Duration::from_secs(3600));
        assert_eq!(delay(9, Some(Duration::ZERO), 1.0), Duration::from_secs(300));
    }

    #[test]
    fn a_server_that_asks_for_a_second_is_not_made_to_wait_for_ten() {
        assert_eq!(delay(0, Some(Duration::from_secs(1)), 1.0), Duration::from_secs(2));
        assert_eq!(delay(2, Some(Duration::from_secs(1)), 1.0), Duration::from_secs(5));
        assert_eq!(delay(0, Some(Duration::from_secs(60)), 1.0), Duration::from_secs(70));
    }

    #[test]
    fn two_hundred_stations_do_not_come_back_together() {
        for (attempts, floor) in [(5, None), (9, None), (0, Some(Duration::from_secs(30)))] {
            let mut seed = 0x9E37_79B9_7F4A_7C15_u64;
            let mut random = || {
                seed ^= seed << 13;
                seed ^= seed >> 7;
                seed ^= seed << 17;
                (seed >> 11) as f64 / (1u64 << 53) as f64
            };
            let mut at: Vec<u128> = (0..200).map(|_| delay(attempts, floor, random()).as_millis()).collect();
            at.sort_unstable();
            let crowd = at.iter().map(|start| at.iter().filter(|t| (*start..start + 100).contains(*t)).count()).max();
            assert!(crowd <= Some(10), "{crowd:?} of 200 in one 100 ms window (attempts {attempts}, floor {floor:?})");
        }
    }
}
