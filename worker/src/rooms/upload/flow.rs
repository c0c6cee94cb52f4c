//! Whether reports may be sent now: what the answers of the server mean for the next ones. Pure; moments and chance are arguments.
//!
//! One report in trouble is its own affair. Three transport failures in a row are the server's: nothing more is sent until a
//! probe is answered, so that a large backlog costs nothing while the server is away and goes on within seconds when it is back.
//! One that answers probes and takes no report is doubted: it is asked ever more rarely, and one report goes first.
//! Eight answers with trouble in a row are the server's too: it is left alone, then tried with one report. Answers to what was
//! under way when that began are the same trouble, not more of it. All waits are partly chance: many stations lose a server in
//! the same moment, and must not come back in the same one.

use std::time::{Duration, Instant};

/// Transport failures in a row that mean the server is gone.
const GONE_AFTER: u32 = 3;
/// Probes of a server that is gone: the first and the longest pause. The longest leaves room for all stations of a plant.
const PROBE_FIRST: Duration = Duration::from_millis(500);
const PROBE_LONGEST: Duration = Duration::from_secs(8);
/// Probes of a server that does not let us in: the first and the longest pause.
const KNOCK_FIRST: Duration = Duration::from_secs(5);
const KNOCK_LONGEST: Duration = Duration::from_secs(60);
/// Answers with trouble in a row that mean the server is in trouble; one that fails every other time seldom gives so many.
const TROUBLED_AFTER: u32 = 8;
/// How long a server in trouble is left alone: at first and at most.
const REST_FIRST: Duration = Duration::from_millis(500);
const REST_LONGEST: Duration = Duration::from_secs(10);
/// How long a server is left alone that wants fewer requests: as long as it asks, else this, and at most so long.
const SLOWER_USUAL: Duration = Duration::from_secs(1);
const SLOWER_LONGEST: Duration = Duration::from_secs(60);

/// What one attempt says about the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sign {
    /// It answered as a WATS server does, whatever it thinks of the report.
    Works,
    /// It answered with trouble (5xx) and does not say for how long.
    Trouble,
    /// It wants fewer requests (429), or none for so long, if it says.
    Slower(Option<Duration>),
    /// No answer came.
    NoAnswer,
    /// It does not let us in.
    Closed,
}

/// The state of the way to the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Flow {
    Open,
    /// In trouble; nothing is sent before this moment.
    Resting(Instant),
    /// Gone; probed so many times, next at this moment.
    Gone {
        probes: u32,
        next: Instant,
    },
    /// It does not let us in; probed so many times, next at this moment.
    Closed {
        probes: u32,
        next: Instant,
    },
}

/// The flow and what led to it.
#[derive(Debug)]
pub(super) struct Course {
    flow: Flow,
    silent: u32,
    /// Answers with trouble in a row.
    troubled: u32,
    /// How often reports found the server gone since it last took one in.
    losses: u32,
    /// Probes since the server last let a report in: one that says yes to probes and no to reports is not knocked at faster.
    knocks: u32,
    /// After a pause one report goes first; the others follow when it was let in.
    trial: bool,
}

impl Course {
    pub(super) fn new() -> Course {
        Course { flow: Flow::Open, silent: 0, troubled: 0, losses: 0, knocks: 0, trial: false }
    }

    pub(super) fn flow(&self) -> Flow {
        self.flow
    }

    /// How many reports may be under way, where the pace would allow `pace`.
    pub(super) fn allowed(&self, pace: usize, now: Instant) -> usize {
        match self.flow {
            Flow::Open if self.trial => 1,
            Flow::Open => pace,
            Flow::Resting(until) if until <= now => 1,
            Flow::Resting(_) | Flow::Gone { .. } | Flow::Closed { .. } => 0,
        }
    }

    /// The moment at which something is to be done although nothing happens.
    pub(super) fn next(&self) -> Option<Instant> {
        match self.flow {
            Flow::Open => None,
            Flow::Resting(until) => Some(until),
            Flow::Gone { next, .. } | Flow::Closed { next, .. } => Some(next),
        }
    }

    /// Whether the server is to be asked now if it is there.
    pub(super) fn probe_due(&self, now: Instant) -> bool {
        matches!(self.flow, Flow::Gone { next, .. } | Flow::Closed { next, .. } if next <= now)
    }

    /// Takes in how one attempt went; `random` is in 0..1.
    pub(super) fn saw(&mut self, sign: Sign, now: Instant, random: f64) {
        self.silent = if sign == Sign::NoAnswer { self.silent + 1 } else { 0 };
        match sign {
            Sign::Works => {
                (self.knocks, self.losses, self.troubled, self.trial) = (0, 0, 0, false);
                if matches!(self.flow, Flow::Resting(_)) {
                    self.flow = Flow::Open;
                }
            }
            Sign::Trouble => {
                let rest = pause(REST_FIRST, REST_LONGEST, (self.troubled + 1).saturating_sub(TROUBLED_AFTER), random);
                self.rest(rest, now);
            }
            Sign::Slower(asked) => {
                self.troubled = self.troubled.min(TROUBLED_AFTER - 1);
                // As with one report, what the server asks for is a floor, and chance comes on top.
                let rest = wats::backoff::delay(0, Some(asked.unwrap_or(SLOWER_USUAL).min(SLOWER_LONGEST)), random);
                self.rest(rest, now);
            }
            Sign::NoAnswer if self.silent >= GONE_AFTER && matches!(self.flow, Flow::Open | Flow::Resting(_)) => {
                let probes = self.losses;
                self.losses += 1;
                self.flow = Flow::Gone { probes, next: now + pause(PROBE_FIRST, PROBE_LONGEST, probes, random) };
            }
            Sign::NoAnswer => {}
            Sign::Closed => self.close(now, random),
        }
    }

    /// Takes in how a probe went: it was answered, it was not, or the server does not let us in.
    pub(super) fn probed(&mut self, sign: Sign, now: Instant, random: f64) {
        match (sign, self.flow) {
            (Sign::Works, flow) => {
                self.trial |= matches!(flow, Flow::Closed { .. }) || self.is_doubted();
                (self.flow, self.silent, self.troubled) = (Flow::Open, 0, 0);
            }
            (Sign::Closed, _) => self.close(now, random),
            (_, Flow::Closed { probes, .. }) => {
                self.flow = Flow::Closed { probes: probes + 1, next: now + pause(KNOCK_FIRST, KNOCK_LONGEST, probes + 1, random) };
            }
            (_, Flow::Gone { probes, .. }) => {
                self.flow = Flow::Gone { probes: probes + 1, next: now + pause(PROBE_FIRST, PROBE_LONGEST, probes + 1, random) };
            }
            (_, Flow::Open | Flow::Resting(_)) => {
                self.flow = Flow::Gone { probes: 0, next: now + pause(PROBE_FIRST, PROBE_LONGEST, 0, random) }
            }
        }
    }

    /// Something was changed that may open the way (a token, a wish of the operator): probe at once.
    pub(super) fn hurry(&mut self, now: Instant) {
        if let Flow::Gone { next, .. } | Flow::Closed { next, .. } = &mut self.flow {
            *next = now;
        }
        (self.knocks, self.losses) = (0, 0);
    }

    /// Whether the server was gone again before it had taken in a report, though it answered a probe.
    pub(super) fn is_doubted(&self) -> bool {
        self.losses > 1
    }

    /// One more answer with trouble, or with too many requests; enough of them in a row and the server is left alone for `rest`.
    fn rest(&mut self, rest: Duration, now: Instant) {
        let open = match self.flow {
            Flow::Open => true,
            Flow::Resting(until) => until <= now,
            Flow::Gone { .. } | Flow::Closed { .. } => false,
        };
        if open {
            self.troubled += 1;
            if self.troubled >= TROUBLED_AFTER {
                self.flow = Flow::Resting(now + rest);
            }
        }
    }

    fn close(&mut self, now: Instant, random: f64) {
        // What else is under way comes back with the same answer; that is one refusal, not many.
        if matches!(self.flow, Flow::Closed { next, .. } if next > now) {
            return;
        }
        let probes = self.knocks;
        self.knocks += 1;
        self.flow = Flow::Closed { probes, next: now + pause(KNOCK_FIRST, KNOCK_LONGEST, probes, random) };
    }
}

/// Doubled with every probe up to the longest; half of it is chance, so that stations do not knock together.
fn pause(first: Duration, longest: Duration, probes: u32, random: f64) -> Duration {
    first.saturating_mul(1 << probes.min(16)).min(longest).mul_f64(1.0 - 0.5 * random.clamp(0.0, 1.0))
}

#[cfg(test)]
mod tests;
