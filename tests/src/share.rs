//! How much of a long list of cases a test goes through: a share in `cargo xtask test`, all of it in `cargo xtask soak`.
//!
//! The share moves with the seed, so that every case has its turn; the seed is told, so that a failure can be run again.

use std::time::{SystemTime, UNIX_EPOCH};

/// Set to `all`, tests go through everything they know; anything else, or nothing, is the share that fits into a test run.
const SHARE: &str = "LINESIDE_SHARE";
/// What chance starts from; without it the day does, so that runs of one day are alike.
const SEED: &str = "LINESIDE_SEED";

/// `small` in a test run, `large` in a soak.
#[must_use]
pub fn share(small: usize, large: usize) -> usize {
    if std::env::var_os(SHARE).is_some_and(|share| share == "all") { large } else { small }
}

/// What the chance of this run starts from; told on stderr, where a failed test shows it.
///
/// # Panics
/// When it was set to something that is no number.
#[must_use]
pub fn seed() -> u64 {
    let day = || SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs() / 86_400);
    let set = std::env::var(SEED).ok();
    let seed = set.map_or_else(day, |text| text.parse().unwrap_or_else(|error| panic!("{SEED} is {text:?}, which is no number: {error}")));
    eprintln!("{SEED}={seed}");
    seed
}

/// `small` of the cases, evenly spread and moving on with the seed; all of them in a soak. Their order stays.
#[must_use]
pub fn share_of<T>(cases: Vec<T>, small: usize) -> Vec<T> {
    let count = share(small.min(cases.len()), cases.len());
    if count == cases.len() { cases } else { spread(cases, count, seed()) }
}

fn spread<T>(cases: Vec<T>, count: usize, seed: u64) -> Vec<T> {
    let total = cases.len();
    let first = usize::try_from(seed % total.max(1) as u64).unwrap_or(0);
    // The n-th of `count` steps begins where n/count crosses a whole case; the seed turns the wheel.
    let chosen = |at: usize| (at * count) % total < count;
    cases.into_iter().enumerate().filter(|(at, _)| chosen((at + first) % total)).map(|(_, case)| case).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_spread_keeps_its_order_and_comes_round_with_the_seed() {
        let cases: Vec<u32> = (0..100).collect();
        let mut seen = std::collections::BTreeSet::new();
        for seed in 0..10 {
            let share = spread(cases.clone(), 10, seed);
            assert_eq!(share.len(), 10);
            assert!(share.is_sorted_by(|one, next| next - one == 10), "{share:?}");
            seen.extend(share);
        }
        assert_eq!(seen.len(), 100, "ten shares of a tenth are everything");
    }

    #[test]
    fn a_share_that_does_not_divide_has_as_many_as_was_asked() {
        for (total, count) in [(7, 3), (10, 9), (97, 13), (5, 1)] {
            for seed in 0..total {
                assert_eq!(
                    spread((0..total).collect(), usize::try_from(count).expect("small"), seed).len(),
                    usize::try_from(count).expect("small")
                );
            }
        }
    }
}
