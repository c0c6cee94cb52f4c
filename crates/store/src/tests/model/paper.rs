//! The store as anybody would write it down on paper.

use std::collections::BTreeMap;

use super::Ending;
use crate::{Millis, State};

/// What the paper knows of one report id.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Known {
    pub(super) ticket: i64,
    pub(super) state: State,
    pub(super) version: u8,
    pub(super) next_at: Option<Millis>,
    pub(super) settled_at: Option<Millis>,
    pub(super) discarded_at: Option<Millis>,
    replaced: bool,
    pub(super) archived: bool,
}

#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Paper {
    pub(super) reports: BTreeMap<u32, Known>,
    tickets: i64,
}

impl Paper {
    pub(super) fn take(&mut self, n: u32, version: u8) {
        let new = Known {
            ticket: self.tickets + 1,
            state: State::Queued,
            version,
            next_at: None,
            settled_at: None,
            discarded_at: None,
            replaced: false,
            archived: false,
        };
        let Some(known) = self.reports.get_mut(&n) else {
            self.tickets += 1;
            self.reports.insert(n, new);
            return;
        };
        let other = known.version != version;
        if known.state == State::Processing && other {
            (known.replaced, known.next_at) = (true, None);
        } else if known.state != State::Processing && (other || known.state == State::Error) {
            *known = Known { ticket: known.ticket, ..new };
        }
        known.version = version;
    }

    pub(super) fn lease(&mut self, n: usize, now: Millis) -> Vec<(i64, u8)> {
        let due = |known: &&mut Known| known.state == State::Queued && known.next_at.is_none_or(|at| at <= now);
        let mut due: Vec<_> = self.reports.values_mut().filter(due).collect();
        // of those due again only the n due longest are looked at
        let mut again: Vec<_> = due.iter().filter_map(|known| known.next_at.map(|at| (at, known.ticket))).collect();
        again.sort_unstable();
        let looked_at: Vec<_> = again.iter().take(n).map(|(_, ticket)| *ticket).collect();
        due.retain(|known| known.next_at.is_none() || looked_at.contains(&known.ticket));
        due.sort_by_key(|known| known.ticket);
        due.into_iter()
            .take(n)
            .map(|known| {
                known.state = State::Processing;
                (known.ticket, known.version)
            })
            .collect()
    }

    pub(super) fn settle(&mut self, ticket: i64, ending: Ending, now: Millis) {
        let Some(known) = self.reports.values_mut().find(|known| known.ticket == ticket) else { return };
        let replaced = std::mem::take(&mut known.replaced);
        (known.state, known.next_at) = match ending {
            Ending::Released => (State::Queued, known.next_at),
            _ if replaced => (State::Queued, None),
            Ending::Accepted => (State::Completed, None),
            Ending::Refused => (State::Error, None),
            Ending::Again(wait) => (State::Queued, Some(now + wait)),
        };
        known.settled_at = (known.state != State::Queued).then_some(now);
    }

    pub(super) fn retry(&mut self) {
        for known in self.reports.values_mut() {
            if known.state == State::Error && known.discarded_at.is_none() {
                (known.state, known.settled_at) = (State::Queued, None);
            }
            if known.state == State::Queued {
                known.next_at = None;
            }
        }
    }

    pub(super) fn discard(&mut self, n: u32, now: Millis) -> Option<i64> {
        let known = self.reports.get_mut(&n)?;
        if matches!(known.state, State::Queued | State::Error) && known.discarded_at.is_none() {
            (known.state, known.discarded_at, known.next_at) = (State::Error, Some(now), None);
            known.settled_at = known.settled_at.or(Some(now));
        }
        Some(known.ticket)
    }

    pub(super) fn archive(&mut self) {
        self.reports.values_mut().filter(|known| known.state == State::Completed).for_each(|known| known.archived = true);
    }

    /// Forgets what ended before; answers what.
    pub(super) fn forget(&mut self, before: Millis) -> Vec<u32> {
        let is_old = |known: &Known| match known.state {
            State::Completed => known.archived && known.settled_at < Some(before),
            _ => known.discarded_at.is_some_and(|at| at < before),
        };
        let old: Vec<u32> = self.reports.iter().filter(|(_, known)| is_old(known)).map(|(n, _)| *n).collect();
        self.reports.retain(|n, _| !old.contains(n));
        old
    }

    /// The worker starts anew: what was on its way is due again.
    pub(super) fn begin_again(&mut self) -> u64 {
        let mut returned = 0;
        for known in self.reports.values_mut().filter(|known| known.state == State::Processing) {
            (known.state, known.next_at, known.replaced) = (State::Queued, None, false);
            returned += 1;
        }
        returned
    }
}
