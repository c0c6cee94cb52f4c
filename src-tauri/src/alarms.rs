//! What a person is told of without looking: each cause once, from one snapshot to the next. Pure.
//!
//! Promises: a cause that lasts is told once, and again only after it was gone for a minute; what is counted is told as often as it grows, a minute
//! apart at least, with how many came; what was there when the app came up is no news, unless it still keeps reports from being sent.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};

use crate::snapshot::{InstanceSnapshot, Room, StateWord, Tone};

/// How long a server may be away before it is told.
const AWAY: SignedDuration = SignedDuration::from_secs(60);
/// How long a cause must be gone before it is another one, and between two of what is counted.
const QUIET: Duration = Duration::from_secs(60);

/// What can be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Cause {
    /// A worker is gone.
    Crashed,
    /// A worker hangs.
    Hangs,
    /// The server does not answer.
    Unreachable,
    /// The server does not let us in.
    Refuses,
    /// Nothing more is taken in: a full disk or queue.
    Intake,
    /// Reports the server refused.
    Reports,
    /// Files that could not be read.
    Files,
}

/// Something to tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Notice {
    /// Id of the instance.
    pub(crate) id: String,
    /// Its name.
    pub(crate) name: String,
    pub(crate) cause: Cause,
    /// How many, where that is counted.
    pub(crate) count: u64,
    /// The details, in the worker's words.
    pub(crate) detail: String,
}

/// What was told.
#[derive(Debug, Default)]
pub(crate) struct Alarms {
    lasting: HashMap<(String, Cause), Lasting>,
    counted: HashMap<(String, Cause), Counted>,
}

/// A cause that was told, and since when it has been gone.
#[derive(Debug)]
struct Lasting {
    gone_since: Option<Instant>,
}

#[derive(Debug)]
struct Counted {
    told: u64,
    at: Option<Instant>,
}

impl Alarms {
    /// What is to be told of these instances now.
    pub(crate) fn look(&mut self, instances: &[InstanceSnapshot], now: Instant, wall: Timestamp) -> Vec<Notice> {
        let mut notices = Vec::new();
        for one in instances {
            for (cause, detail) in lasting(one, wall) {
                notices.extend(self.lasts(one, cause, detail, now));
            }
            let refused = one.queue.as_ref().map(|queue| queue.error);
            for (cause, count) in [(Cause::Reports, refused), (Cause::Files, one.rejected_today)] {
                if let Some(count) = count {
                    notices.extend(self.grows(one, cause, count, now));
                }
            }
        }
        self.lasting.retain(|(id, _), _| instances.iter().any(|one| one.id == *id));
        self.counted.retain(|(id, _), _| instances.iter().any(|one| one.id == *id));
        notices
    }

    fn lasts(&mut self, one: &InstanceSnapshot, cause: Cause, detail: Option<String>, now: Instant) -> Option<Notice> {
        let key = (one.id.clone(), cause);
        match (self.lasting.get_mut(&key), detail) {
            (Some(told), Some(_)) => told.gone_since = None,
            (Some(told), None) => {
                if now.saturating_duration_since(*told.gone_since.get_or_insert(now)) >= QUIET {
                    self.lasting.remove(&key);
                }
            }
            (None, None) => {}
            (None, Some(detail)) => {
                self.lasting.insert(key, Lasting { gone_since: None });
                return Some(notice(one, cause, 1, detail));
            }
        }
        None
    }

    fn grows(&mut self, one: &InstanceSnapshot, cause: Cause, count: u64, now: Instant) -> Option<Notice> {
        let first = Counted { told: count, at: None };
        let known = self.counted.entry((one.id.clone(), cause)).or_insert(first);
        if count <= known.told {
            known.told = count;
            return None;
        }
        if known.at.is_some_and(|at| now.saturating_duration_since(at) < QUIET) {
            return None;
        }
        let more = count - known.told;
        *known = Counted { told: count, at: Some(now) };
        let detail = if cause == Cause::Files { one.last_rejected.clone().unwrap_or_default() } else { String::new() };
        Some(notice(one, cause, more, detail))
    }
}

/// A worker is gone: told by `control`, which knows whether that was wanted.
pub(crate) fn crashed(one: &InstanceSnapshot, detail: String) -> Notice {
    notice(one, Cause::Crashed, 1, detail)
}

fn notice(one: &InstanceSnapshot, cause: Cause, count: u64, detail: String) -> Notice {
    Notice { id: one.id.clone(), name: one.name.clone(), cause, count, detail }
}

/// Every cause that can last, with its details while it does.
fn lasting(one: &InstanceSnapshot, wall: Timestamp) -> [(Cause, Option<String>); 4] {
    let server = one.server.as_ref().filter(|_| one.running);
    let why = |status: &str| server.filter(|server| server.status == status).map(|server| server.message.clone().unwrap_or_default());
    let since = server.and_then(|server| server.since.as_deref()).and_then(|since| since.parse::<Timestamp>().ok());
    let long = since.is_some_and(|since| wall.duration_since(since) > AWAY);
    let held = one.rooms.iter().find(|room| room.room == Room::Convert && room.tone.badness() >= Tone::Warning.badness());
    let hangs = (one.word == StateWord::NotResponding && one.tone == Tone::Error).then(|| one.message.clone());
    [
        (Cause::Unreachable, why("degraded").filter(|_| long)),
        (Cause::Refuses, why("error")),
        (Cause::Intake, held.map(|room| room.message.clone().unwrap_or_default())),
        (Cause::Hangs, hangs),
    ]
}

#[cfg(test)]
mod tests;
