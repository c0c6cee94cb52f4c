//! When a file may be taken: the settle decision, pure.
//!
//! Everything is measured from the moment a change was *noticed*, on a monotonic clock: what a share's clock says about a
//! file is never compared with ours.

use std::time::{Duration, Instant};

/// Quiet after the writer closed the file. One copy tool in two closes twice.
const AFTER_CLOSE: Duration = Duration::from_millis(50);
/// Where the system tells nothing about closing but the file can be asked whether someone holds it.
const BEFORE_PROBE: Duration = Duration::from_millis(300);
/// A writer that was seen writing and not closing may pause this long in the middle of a file.
const OPEN_WRITER: Duration = Duration::from_secs(20);
/// A file that ended too early and was closed: this long, then it is judged as it is.
const CUT_AND_CLOSED: Duration = Duration::from_secs(5);
/// A file that ended too early and whose writer we know nothing about, or that is still open.
const CUT: Duration = Duration::from_secs(30);
/// A file without a byte.
const EMPTY: Duration = Duration::from_secs(30);
/// The longest wait before a file that could not be read, committed or filed is tried again: it goes on within ten seconds of
/// the end of what hindered it.
const LONGEST_RETRY: Duration = Duration::from_secs(8);

/// Failures before this one, after which a file counts as one in trouble.
const LASTING: u32 = 2;

/// What is known of the program that writes the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Writer {
    Unknown,
    /// Seen writing, not seen closing.
    Open,
    Closed,
}

/// How the last attempt to take the file in its present state ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trial {
    None,
    /// It changed while it was read.
    Hasty,
    Incomplete,
    Empty,
    /// It could not be read, committed or filed, so many times in a row.
    Failed(u32),
}

impl Trial {
    pub(crate) fn failed_again(self) -> Trial {
        Trial::Failed(if let Trial::Failed(times) = self { times + 1 } else { 0 })
    }

    /// It failed so often that it is no passing thing, like a virus scanner that holds the file for a second.
    pub(crate) fn is_lasting_trouble(self) -> bool {
        matches!(self, Trial::Failed(LASTING..))
    }
}

/// The waiting times of the rule a file belongs to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Patience {
    pub(crate) settle: Duration,
    pub(crate) min_age: Duration,
    /// Whether the convert room can ask the system if a writer still holds the file.
    pub(crate) probes: bool,
}

/// The next attempt at a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Attempt {
    pub(crate) at: Instant,
    /// What is wrong then is final.
    pub(crate) last_try: bool,
}

/// When the file is tried next, if nothing about it changes until then.
pub(crate) fn next_attempt(changed_at: Instant, writer: Writer, trial: Trial, patience: Patience) -> Attempt {
    let quiet = match (trial, writer) {
        (Trial::None, Writer::Closed) => AFTER_CLOSE,
        (Trial::None, Writer::Open) if patience.probes => BEFORE_PROBE,
        (Trial::None | Trial::Hasty, Writer::Open) if !patience.probes => patience.settle.max(OPEN_WRITER),
        (Trial::None | Trial::Hasty, _) => patience.settle,
        (Trial::Incomplete, Writer::Closed) => patience.settle.max(CUT_AND_CLOSED),
        (Trial::Incomplete, _) => patience.settle.max(CUT),
        (Trial::Empty, _) => patience.settle.max(EMPTY),
        (Trial::Failed(times), _) => Duration::from_secs(1 << times.min(5)).min(LONGEST_RETRY),
    };
    Attempt { at: changed_at + quiet.max(patience.min_age), last_try: matches!(trial, Trial::Incomplete | Trial::Empty) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wait_follows_from_what_is_known_of_the_writer_and_of_the_last_attempt() {
        use Trial::{Empty, Failed, Hasty, Incomplete, None};
        use Writer::{Closed, Open, Unknown};
        let table = [
            (None, Closed, 0.05, false),
            (None, Unknown, 2.0, false),
            (None, Open, 20.0, false),
            (Hasty, Closed, 2.0, false),
            (Hasty, Unknown, 2.0, false),
            (Hasty, Open, 20.0, false),
            (Incomplete, Closed, 5.0, true),
            (Incomplete, Unknown, 30.0, true),
            (Incomplete, Open, 30.0, true),
            (Empty, Closed, 30.0, true),
            (Failed(1), Closed, 2.0, false),
            (Failed(40), Unknown, 8.0, false),
        ];
        let patience = Patience { settle: Duration::from_secs(2), min_age: Duration::ZERO, probes: false };
        let now = Instant::now();
        for (trial, writer, wait, last_try) in table {
            let at = now + Duration::from_secs_f64(wait);
            assert_eq!(next_attempt(now, writer, trial, patience), Attempt { at, last_try }, "{trial:?} {writer:?}");
        }
    }

    #[test]
    fn where_files_can_be_asked_an_open_writer_is_asked_early_and_then_once_per_settle_time() {
        let patience = Patience { settle: Duration::from_secs(2), min_age: Duration::ZERO, probes: true };
        let now = Instant::now();
        assert_eq!(next_attempt(now, Writer::Open, Trial::None, patience).at, now + Duration::from_millis(300));
        assert_eq!(next_attempt(now, Writer::Open, Trial::Hasty, patience).at, now + Duration::from_secs(2));
    }

    #[test]
    fn a_minimum_age_and_a_longer_settle_time_are_floors() {
        let patience = Patience { settle: Duration::from_secs(60), min_age: Duration::from_secs(9), probes: false };
        let now = Instant::now();
        assert_eq!(next_attempt(now, Writer::Closed, Trial::None, patience).at, now + Duration::from_secs(9));
        assert_eq!(next_attempt(now, Writer::Closed, Trial::Incomplete, patience).at, now + Duration::from_secs(60));
    }
}
