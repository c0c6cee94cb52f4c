//! Whether a scan gets on. One that hangs in its file system cannot be ended, but it can be told apart from one that works.
//!
//! The scan only counts; when a folder counts as hanging is judged from outside, on the clock of whoever waits for it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// A folder that does not answer one question for this long counts as hanging.
const HANGING: Duration = Duration::from_secs(5);

/// What a scan shows of itself while it runs.
#[derive(Debug, Default)]
pub(super) struct Pulse {
    steps: AtomicU64,
    asking: AtomicBool,
}

impl Pulse {
    /// The folder has answered, and is asked the next question.
    pub(super) fn asks(&self) {
        self.steps.fetch_add(1, Ordering::Relaxed);
        self.asking.store(true, Ordering::Relaxed);
    }

    /// What comes now does not wait for the folder.
    pub(super) fn rests(&self) {
        self.asking.store(false, Ordering::Relaxed);
    }
}

/// The look at a running scan from outside.
#[derive(Debug)]
pub(super) struct Lookout {
    pulse: Arc<Pulse>,
    seen: u64,
    since: Instant,
    told: bool,
    hung: bool,
}

impl Lookout {
    pub(super) fn new(pulse: Arc<Pulse>, now: Instant) -> Lookout {
        Lookout { pulse, seen: 0, since: now, told: false, hung: false }
    }

    /// Whether the folder is found hanging now, which is said once until it has answered again.
    pub(super) fn finds_it_hanging(&mut self, now: Instant) -> bool {
        let steps = self.pulse.steps.load(Ordering::Relaxed);
        if steps != self.seen || !self.pulse.asking.load(Ordering::Relaxed) {
            (self.seen, self.since, self.told) = (steps, now, false);
        }
        let hangs = now.duration_since(self.since) >= HANGING;
        let news = hangs && !self.told;
        self.told = hangs;
        self.hung |= hangs;
        news
    }

    /// Whether it was ever found hanging.
    pub(super) fn has_hung(&self) -> bool {
        self.hung
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_question_that_is_not_answered_for_long_is_hanging_and_that_is_said_once() {
        let pulse = Arc::new(Pulse::default());
        let began = Instant::now();
        let mut lookout = Lookout::new(pulse.clone(), began);
        let mut found = |seconds: u64| lookout.finds_it_hanging(began + Duration::from_secs(seconds));
        assert!(!found(60), "its thread has not begun yet");
        pulse.asks();
        assert_eq!([61, 65, 66, 67].map(&mut found), [false, false, true, false]);
        pulse.asks();
        assert_eq!([100, 104, 105, 200].map(&mut found), [false, false, true, false]);
        pulse.rests();
        assert!(!found(300), "it waits for us, not for the folder");
        assert!(lookout.has_hung());
    }
}
