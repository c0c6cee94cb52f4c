//! How many uploads run at once: doubled at first, then one more per round while latency holds, fewer on trouble.
//!
//! The doubling ends at the first trouble or slowdown, or at the maximum; from then on the server's limit is near.
//! Verdicts are judged in rounds of as many as run at once, so one burst of failures counts once. A round that failed as a whole
//! halves the limit; one that failed in part lowers it in proportion, so a server that fails every other request still gets work.

use std::time::Duration;

use crate::Verdict;

/// Latency that is within this factor of the usual one (plus [`SLACK_S`]) still holds.
const TOLERANCE: f64 = 1.5;
/// Seconds of latency that never count as a slowdown.
const SLACK_S: f64 = 0.05;
/// How fast the usual latency follows a lasting slowdown, per round.
const DRIFT: f64 = 0.1;

/// The number of uploads to run at once, adapted to the server.
#[derive(Debug, Clone)]
pub struct Pace {
    limit: usize,
    max: usize,
    /// No round has shown trouble or a slowdown yet.
    doubling: bool,
    round: Round,
    usual_s: Option<f64>,
}

#[derive(Debug, Clone, Default)]
struct Round {
    good: usize,
    troubled: usize,
    latency_s: f64,
}

impl Pace {
    /// Starts with `start` uploads at once and never goes above `max`; both are at least 1.
    pub fn new(start: usize, max: usize) -> Pace {
        let max = max.max(1);
        Pace { limit: start.clamp(1, max), max, doubling: true, round: Round::default(), usual_s: None }
    }

    /// How many uploads may run at once now, `1..=max`.
    pub fn limit(&self) -> usize {
        self.limit
    }

    /// Takes in one verdict and how long the server took for it. A pause says nothing about capacity and is passed over.
    pub fn settled(&mut self, verdict: &Verdict, latency: Duration) {
        match verdict {
            Verdict::Accepted { .. } | Verdict::AlreadyThere { .. } | Verdict::Refused { .. } => {
                self.round.good += 1;
                self.round.latency_s += latency.as_secs_f64();
            }
            Verdict::Again { .. } => self.round.troubled += 1,
            Verdict::Paused { .. } => return,
        }
        if self.round.good + self.round.troubled >= self.limit {
            self.close_round();
        }
    }

    fn close_round(&mut self) {
        let Round { good, troubled, latency_s } = std::mem::take(&mut self.round);
        let holds = troubled == 0 && self.latency_holds(latency_s / good as f64);
        self.doubling &= holds;
        if troubled > 0 {
            let share = troubled as f64 / (good + troubled) as f64;
            // rounded up, so that only a round that failed as a whole brings the limit down to 1
            self.limit = ((self.limit as f64 * (1.0 - share / 2.0)).ceil() as usize).max(1);
        } else if holds {
            self.limit = (self.limit + if self.doubling { self.limit } else { 1 }).min(self.max);
        }
    }

    fn latency_holds(&mut self, mean_s: f64) -> bool {
        let usual = self.usual_s.unwrap_or(mean_s);
        // a faster round is the usual one at once, a slower one only by and by
        self.usual_s = Some(mean_s.min(usual + DRIFT * (mean_s - usual)));
        mean_s <= usual * TOLERANCE + SLACK_S
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Cause;

    const FAST: Duration = Duration::from_millis(80);

    fn good() -> Verdict {
        Verdict::Refused { reason: String::new() }
    }

    fn trouble() -> Verdict {
        Verdict::Again { reason: String::new(), retry_after: None }
    }

    fn round(pace: &mut Pace, verdict: &Verdict, latency: Duration) {
        for _ in 0..pace.limit() {
            pace.settled(verdict, latency);
        }
    }

    /// The limit after each of so many rounds.
    fn limits(pace: &mut Pace, rounds: usize, verdict: &Verdict, latency: Duration) -> Vec<usize> {
        let after = |_| {
            round(pace, verdict, latency);
            pace.limit()
        };
        (0..rounds).map(after).collect()
    }

    #[test]
    fn it_doubles_per_round_up_to_the_maximum_while_latency_holds() {
        let mut pace = Pace::new(5, 32);
        assert_eq!(limits(&mut pace, 4, &good(), FAST), [10, 20, 32, 32]);
    }

    #[test]
    fn after_the_first_trouble_it_grows_by_one_per_round() {
        let mut pace = Pace::new(5, 32);
        round(&mut pace, &good(), FAST);
        round(&mut pace, &trouble(), FAST);
        assert_eq!(limits(&mut pace, 3, &good(), FAST), [6, 7, 8]);
    }

    #[test]
    fn after_the_first_slowdown_it_grows_by_one_per_round() {
        let mut pace = Pace::new(4, 32);
        round(&mut pace, &good(), FAST);
        round(&mut pace, &good(), Duration::from_secs(2));
        assert_eq!(limits(&mut pace, 2, &good(), FAST), [9, 10]);
    }

    #[test]
    fn it_halves_per_failed_round_and_never_stops() {
        let mut pace = Pace::new(32, 32);
        assert_eq!(limits(&mut pace, 7, &trouble(), FAST), [16, 8, 4, 2, 1, 1, 1]);
    }

    #[test]
    fn one_burst_of_failures_counts_once() {
        let mut pace = Pace::new(8, 32);
        (0..7).for_each(|_| pace.settled(&trouble(), FAST));
        assert_eq!(pace.limit(), 8);
        pace.settled(&trouble(), FAST);
        assert_eq!(pace.limit(), 4);
    }

    #[test]
    fn a_server_that_fails_every_other_request_still_gets_work_and_the_pace_recovers() {
        let mut pace = Pace::new(5, 32);
        for _ in 0..500 {
            pace.settled(&good(), FAST);
            pace.settled(&trouble(), FAST);
        }
        assert!((2..5).contains(&pace.limit()), "{}", pace.limit());
        (0..40).for_each(|_| round(&mut pace, &good(), FAST));
        assert_eq!(pace.limit(), 32);
    }

    #[test]
    fn a_slower_server_is_not_pushed_harder_until_slow_is_usual() {
        let mut pace = Pace::new(5, 32);
        round(&mut pace, &good(), FAST);
        round(&mut pace, &good(), Duration::from_secs(2));
        assert_eq!(pace.limit(), 10);
        (0..40).for_each(|_| round(&mut pace, &good(), Duration::from_secs(2)));
        assert!(pace.limit() > 10);
    }

    #[test]
    fn slow_is_half_again_as_slow_as_usual_and_a_blink_of_slack() {
        for (usual, then, holds) in [(80, 165, true), (80, 175, false), (1_000, 1_500, true), (1_000, 1_600, false), (1_000, 10, true)] {
            let mut pace = Pace::new(5, 32);
            round(&mut pace, &good(), Duration::from_millis(usual));
            round(&mut pace, &good(), Duration::from_millis(then));
            assert_eq!(pace.limit(), if holds { 20 } else { 10 }, "{then} ms after {usual} ms");
        }
    }

    #[test]
    fn a_lasting_slowdown_is_usual_after_ten_rounds_and_a_fast_round_is_at_once() {
        let slow = Duration::from_secs(2);
        let mut pace = Pace::new(5, 32);
        round(&mut pace, &good(), FAST);
        assert_eq!(limits(&mut pace, 20, &good(), slow)[9..12], [10, 11, 12]);
        round(&mut pace, &good(), FAST);
        let limit = pace.limit();
        assert_eq!(limits(&mut pace, 5, &good(), slow), [limit; 5]);
    }

    #[test]
    fn a_pause_changes_nothing() {
        let mut pace = Pace::new(1, 4);
        pace.settled(&Verdict::Paused { cause: Cause::Token, reason: String::new() }, FAST);
        assert_eq!(pace.limit(), 1);
    }

    #[test]
    fn nonsense_settings_still_let_one_through() {
        assert_eq!(Pace::new(0, 0).limit(), 1);
        assert_eq!(Pace::new(99, 4).limit(), 4);
    }
}
