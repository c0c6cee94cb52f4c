//! When a server fails again and again, it is probed now and then instead of being hammered with the whole queue.

use std::time::Duration;

use crate::Verdict;

const OPENS_AFTER: u32 = 5;
const FIRST: Duration = Duration::from_secs(2);
const LONGEST: Duration = Duration::from_secs(60);

/// Counts failures in a row over all reports. Open after five; any answer that shows a working server closes it.
#[derive(Debug, Clone, Default)]
pub struct Breaker {
    failures: u32,
}

impl Breaker {
    /// Takes in one verdict. A pause is neither: the instance is paused for another reason then.
    pub fn settled(&mut self, verdict: &Verdict) {
        match verdict {
            Verdict::Accepted { .. } | Verdict::AlreadyThere { .. } | Verdict::Refused { .. } => self.failures = 0,
            Verdict::Again { .. } => self.failures = self.failures.saturating_add(1),
            Verdict::Paused { .. } => {}
        }
    }

    /// None: send freely. Some: send nothing for this long, then one report as a probe (2 s, doubled up to 60 s).
    pub fn wait(&self) -> Option<Duration> {
        let steps = self.failures.checked_sub(OPENS_AFTER)?;
        Some(FIRST.saturating_mul(2u32.saturating_pow(steps)).min(LONGEST))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Cause;

    fn after(failures: u32) -> Breaker {
        let mut breaker = Breaker::default();
        (0..failures).for_each(|_| breaker.settled(&Verdict::Again { reason: String::new(), retry_after: None }));
        breaker
    }

    #[test]
    fn it_opens_after_five_failures_in_a_row_and_probes_ever_more_rarely() {
        let waits: Vec<Option<u64>> = [0, 4, 5, 6, 9, 10, 5000].iter().map(|n| after(*n).wait().map(|d| d.as_secs())).collect();
        assert_eq!(waits, [None, None, Some(2), Some(4), Some(32), Some(60), Some(60)]);
    }

    #[test]
    fn any_answer_of_a_working_server_closes_it_and_a_pause_does_not() {
        let mut breaker = after(9);
        breaker.settled(&Verdict::Paused { cause: Cause::Token, reason: String::new() });
        assert!(breaker.wait().is_some());
        breaker.settled(&Verdict::Refused { reason: String::new() });
        assert_eq!(breaker.wait(), None);
    }
}
