//! The fault switches, and the fate of the n-th report: the same for the same seed, on every machine.

use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::SandboxError;

/// The fault switches. Rates are shares of the reports posted with a good token, 0 to 1, together at most 1.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Faults {
    /// Milliseconds every call under `/api` waits before anything else happens to it.
    pub latency_ms: u64,
    /// Share of reports answered 503 and not recorded.
    pub rate_503: f64,
    /// Share of reports answered 429 with `Retry-After` and not recorded.
    pub rate_429: f64,
    /// The seconds `Retry-After` names.
    pub retry_after_s: u64,
    /// Share of reports read in full, not recorded, and the connection reset without an answer.
    pub rate_reset_before: f64,
    /// Share of reports recorded, and the connection reset without an answer.
    pub rate_reset_after: f64,
    /// While true every call under `/api` finds its connection reset; the sandbox's own page goes on.
    pub outage: bool,
    /// Decides which reports are hit.
    pub seed: u64,
}

impl Default for Faults {
    fn default() -> Self {
        Faults {
            latency_ms: 0,
            rate_503: 0.0,
            rate_429: 0.0,
            retry_after_s: 1,
            rate_reset_before: 0.0,
            rate_reset_after: 0.0,
            outage: false,
            seed: 0,
        }
    }
}

/// What happens to one report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    Served,
    Unavailable,
    TooMany { retry_after_s: u64 },
    ResetBefore,
    ResetAfter,
}

impl Faults {
    /// Refuses rates that are no shares, or that leave less than nothing for the rest.
    pub(crate) fn check(&self) -> Result<(), SandboxError> {
        let rates = [
            ("rate_503", self.rate_503),
            ("rate_429", self.rate_429),
            ("rate_reset_before", self.rate_reset_before),
            ("rate_reset_after", self.rate_reset_after),
        ];
        if let Some((name, rate)) = rates.iter().find(|(_, rate)| !(0.0..=1.0).contains(rate)) {
            return Err(SandboxError::Faults(format!("{name} is {rate}; give a share from 0 to 1")));
        }
        let sum: f64 = rates.iter().map(|(_, rate)| rate).sum();
        if sum > 1.0 + 1e-9 {
            return Err(SandboxError::Faults(format!("the rates add up to {sum}; lower them to 1 or less together")));
        }
        Ok(())
    }

    /// These switches with the ones named in `patch` changed.
    pub(crate) fn patched(&self, patch: Map<String, Value>) -> Result<Faults, SandboxError> {
        let refuse = |error: serde_json::Error| SandboxError::Faults(format!("{error}; GET /sandbox/faults shows the switches"));
        let mut all = match serde_json::to_value(self).map_err(refuse)? {
            Value::Object(all) => all,
            _ => Map::new(),
        };
        all.extend(patch);
        serde_json::from_value(Value::Object(all)).map_err(refuse)
    }

    /// What happens to the `n`-th report, counted from 0.
    pub(crate) fn fate(&self, n: u64) -> Fate {
        let mut draw = share(self.seed, n);
        let fates = [
            (self.rate_503, Fate::Unavailable),
            (self.rate_429, Fate::TooMany { retry_after_s: self.retry_after_s }),
            (self.rate_reset_before, Fate::ResetBefore),
            (self.rate_reset_after, Fate::ResetAfter),
        ];
        for (rate, fate) in fates {
            if draw < rate {
                return fate;
            }
            draw -= rate;
        }
        Fate::Served
    }
}

/// The `n`-th number of the sequence that belongs to `seed`, evenly spread over 0 to 1 (SplitMix64).
fn share(seed: u64, n: u64) -> f64 {
    let mut z = seed.wrapping_add(n.wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15));
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    ((z ^ (z >> 31)) >> 11) as f64 / (1u64 << 53) as f64
}

/// The switches in force, and how far their sequence has been used up.
#[derive(Debug, Default)]
pub(crate) struct Trouble {
    faults: Faults,
    drawn: u64,
    outage_until: Option<Instant>,
}

impl Trouble {
    /// New switches; the sequence starts again, so the same seed gives the same fates.
    pub(crate) fn set(&mut self, faults: Faults) {
        self.faults = faults;
        self.drawn = 0;
    }

    pub(crate) fn faults(&self) -> &Faults {
        &self.faults
    }

    /// An outage from `now` on, for this long; zero ends a running one.
    pub(crate) fn outage(&mut self, now: Instant, length: Duration) {
        self.outage_until = now.checked_add(length).filter(|_| !length.is_zero());
    }

    pub(crate) fn is_out(&self, now: Instant) -> bool {
        self.faults.outage || !self.outage_left(now).is_zero()
    }

    /// What is left of a timed outage.
    pub(crate) fn outage_left(&self, now: Instant) -> Duration {
        self.outage_until.map_or(Duration::ZERO, |until| until.saturating_duration_since(now))
    }

    /// The fate of the next report.
    pub(crate) fn next_fate(&mut self) -> Fate {
        let fate = self.faults.fate(self.drawn);
        self.drawn += 1;
        fate
    }
}

#[cfg(test)]
mod tests;
