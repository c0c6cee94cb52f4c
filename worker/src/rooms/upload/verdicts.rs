//! From the server's verdict on one report to what the store notes of it and what it says about the server. Pure.

use super::flow::Sign;
use jiff::Timestamp;
use std::time::Duration;
use store::{Attempt, Settlement};
use wats::{Answer, Verdict};

const TOO_MANY_REQUESTS: u16 = 429;

/// What is written down about an answer: the attempt, and how the lease ends. `random` is in 0..1.
pub(super) fn settled(answer: &Answer, attempts: u32, now: Timestamp, random: f64) -> (Attempt, Settlement) {
    let at = now.as_millisecond();
    let (message, settlement) = match &answer.verdict {
        Verdict::Accepted { receipt } => {
            let receipt = receipt.to_string();
            (receipt.clone(), Settlement::Accepted { receipt })
        }
        Verdict::AlreadyThere { note } => (note.clone(), Settlement::AlreadyThere { note: note.clone() }),
        Verdict::Again { reason, retry_after } => {
            let delay = wats::backoff::delay(attempts, *retry_after, random);
            let wait = i64::try_from(delay.as_millis()).unwrap_or(i64::MAX);
            (reason.clone(), Settlement::Again { next_at: at.saturating_add(wait) })
        }
        Verdict::Refused { reason } => (reason.clone(), Settlement::Refused { reason: reason.clone() }),
        Verdict::Paused { reason, .. } => (reason.clone(), Settlement::Released),
    };
    (Attempt { at, latency_ms: millis(answer.latency), status: answer.status, message }, settlement)
}

/// What is written down when nothing was tried.
pub(super) fn released(now: Timestamp, why: &str) -> (Attempt, Settlement) {
    let attempt = Attempt { at: now.as_millisecond(), latency_ms: 0, status: None, message: why.to_owned() };
    (attempt, Settlement::Released)
}

/// What an answer says about the server.
pub(super) fn sign(answer: &Answer) -> Sign {
    match (&answer.verdict, answer.status) {
        (Verdict::Accepted { .. } | Verdict::AlreadyThere { .. } | Verdict::Refused { .. }, _) => Sign::Works,
        (Verdict::Again { retry_after, .. }, Some(TOO_MANY_REQUESTS)) => Sign::Slower(*retry_after),
        // Whatever its trouble is, it knows best when to come back.
        (Verdict::Again { retry_after: asked @ Some(_), .. }, Some(_)) => Sign::Slower(*asked),
        (Verdict::Again { .. }, Some(_)) => Sign::Trouble,
        (Verdict::Again { .. }, None) => Sign::NoAnswer,
        (Verdict::Paused { .. }, _) => Sign::Closed,
    }
}

fn millis(duration: Duration) -> u32 {
    u32::try_from(duration.as_millis()).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use wats::Cause;

    fn answer(verdict: Verdict, status: Option<u16>) -> Answer {
        Answer { verdict, status, latency: Duration::from_millis(7) }
    }

    #[test]
    fn every_verdict_ends_its_lease_and_says_something_about_the_server() {
        let reason = || "words".to_owned();
        let again = || Verdict::Again { reason: reason(), retry_after: None };
        let slower = || Verdict::Again { reason: reason(), retry_after: Some(Duration::from_secs(60)) };
        let now = Timestamp::from_second(1_000).unwrap();
        let table = [
            (answer(Verdict::Refused { reason: reason() }, Some(400)), Settlement::Refused { reason: reason() }, Sign::Works),
            (answer(Verdict::AlreadyThere { note: reason() }, Some(409)), Settlement::AlreadyThere { note: reason() }, Sign::Works),
            (answer(again(), Some(503)), Settlement::Again { next_at: 1_004_000 }, Sign::Trouble),
            (answer(slower(), Some(429)), Settlement::Again { next_at: 1_070_000 }, Sign::Slower(Some(Duration::from_secs(60)))),
            (answer(slower(), Some(503)), Settlement::Again { next_at: 1_070_000 }, Sign::Slower(Some(Duration::from_secs(60)))),
            (answer(again(), None), Settlement::Again { next_at: 1_004_000 }, Sign::NoAnswer),
            (answer(Verdict::Paused { cause: Cause::Token, reason: reason() }, Some(401)), Settlement::Released, Sign::Closed),
        ];
        for (answer, settlement, expected) in table {
            let (attempt, found) = settled(&answer, 2, now, 1.0);
            assert_eq!((found, sign(&answer)), (settlement, expected));
            assert_eq!((attempt.at, attempt.latency_ms, attempt.message.as_str()), (1_000_000, 7, "words"));
        }
    }
}
