//! The store against a plain model: whatever is done in whatever order, with crashes in between, both agree.

use std::collections::BTreeMap;

use proptest::prelude::{Strategy, any, prop_oneof};
use proptest::test_runner::Config;
use proptest::{collection, proptest};

use super::{Ground, NOW, attempt, id, report_with, source};
use crate::{Millis, Select, Settlement, State, Store, Ticket};

#[derive(Debug, Clone)]
enum Step {
    /// Commits a source with these (report, version of its body).
    Take(Vec<(u32, u8)>),
    /// Takes in without committing.
    GiveUp(u32),
    Lease(usize),
    /// Settles the n-th running lease.
    Settle(usize, Ending),
    Retry,
    Discard(u32),
    /// The clock goes on.
    Wait(Millis),
    /// The process dies; only what was committed remains.
    Crash,
    Archive,
}

#[derive(Debug, Clone, Copy)]
enum Ending {
    Accepted,
    Refused,
    Again(Millis),
    Released,
}

fn step() -> impl Strategy<Value = Step> {
    let ending = prop_oneof![Just(Ending::Accepted), Just(Ending::Refused), (1..5_000_i64).prop_map(Ending::Again), Just(Ending::Released)];
    prop_oneof![
        4 => collection::vec((0..12_u32, 0..3_u8), 1..4).prop_map(Step::Take),
        1 => (0..12_u32).prop_map(Step::GiveUp),
        4 => (1..4_usize).prop_map(Step::Lease),
        6 => (any::<usize>(), ending).prop_map(|(n, ending)| Step::Settle(n, ending)),
        1 => Just(Step::Retry),
        1 => (0..12_u32).prop_map(Step::Discard),
        2 => (1..4_000_i64).prop_map(Step::Wait),
        1 => Just(Step::Crash),
        1 => Just(Step::Archive),
    ]
}
use proptest::prelude::Just;

/// What the model knows of one report id.
#[derive(Debug, Clone)]
struct Known {
    ticket: i64,
    state: State,
    discarded: bool,
    version: u8,
    next_at: Option<Millis>,
    replaced: bool,
}

/// The store as anybody would write it down on paper.
#[derive(Default)]
struct Paper {
    reports: BTreeMap<u32, Known>,
    tickets: i64,
}

impl Paper {
    fn take(&mut self, n: u32, version: u8) {
        let Some(known) = self.reports.get_mut(&n) else {
            self.tickets += 1;
            let new = Known { ticket: self.tickets, state: State::Queued, discarded: false, version, next_at: None, replaced: false };
            self.reports.insert(n, new);
            return;
        };
        let other = known.version != version;
        if known.state == State::Processing {
            if other {
                (known.replaced, known.next_at) = (true, None);
            }
        } else if other || known.state == State::Error {
            (known.state, known.discarded, known.next_at) = (State::Queued, false, None);
        }
        known.version = version;
    }

    fn lease(&mut self, n: usize, now: Millis) -> Vec<(i64, u8)> {
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

    fn settle(&mut self, ticket: i64, ending: Ending, now: Millis) {
        let Some(known) = self.reports.values_mut().find(|known| known.ticket == ticket) else { return };
        let replaced = std::mem::take(&mut known.replaced);
        (known.state, known.next_at) = match ending {
            Ending::Released => (State::Queued, known.next_at),
            _ if replaced => (State::Queued, None),
            Ending::Accepted => (State::Completed, None),
            Ending::Refused => (State::Error, None),
            Ending::Again(wait) => (State::Queued, Some(now + wait)),
        };
    }

    fn retry(&mut self) {
        for known in self.reports.values_mut() {
            if known.state == State::Error && !known.discarded {
                known.state = State::Queued;
            }
            if known.state == State::Queued {
                known.next_at = None;
            }
        }
    }

    fn discard(&mut self, n: u32) -> Option<i64> {
        let known = self.reports.get_mut(&n)?;
        if matches!(known.state, State::Queued | State::Error) {
            (known.state, known.discarded, known.next_at) = (State::Error, true, None);
        }
        Some(known.ticket)
    }

    fn crash(&mut self) {
        for known in self.reports.values_mut().filter(|known| known.state == State::Processing) {
            (known.state, known.next_at, known.replaced) = (State::Queued, None, false);
        }
    }
}

/// The store under test, its clock and its running leases.
struct Run {
    ground: Ground,
    store: Option<Store>,
    now: Millis,
    running: Vec<i64>,
    taken: u32,
}

fn body(n: u32, version: u8) -> String {
    format!("{{\"report\":{n},\"version\":{version}}}")
}

impl Run {
    fn store(&self) -> &Store {
        self.store.as_ref().unwrap()
    }

    fn carry_out(&mut self, paper: &mut Paper, step: Step) {
        match step {
            Step::Take(reports) => self.take(paper, &reports),
            Step::GiveUp(n) => self.store().intake(source("given up"), self.now).push(report_with(n, "{}")).unwrap(),
            Step::Lease(n) => self.lease(paper, n),
            Step::Settle(n, ending) => self.settle(paper, n, ending),
            Step::Retry => {
                paper.retry();
                self.store().retry(Select::All, self.now).wait().unwrap();
            }
            Step::Discard(n) => {
                let ids = paper.discard(n).into_iter().collect();
                self.store().discard(Select::Ids(ids), self.now).wait().unwrap();
            }
            Step::Wait(wait) => self.now += wait,
            Step::Crash => self.crash(paper),
            Step::Archive => self.archive(),
        }
    }

    fn take(&mut self, paper: &mut Paper, reports: &[(u32, u8)]) {
        self.taken += 1;
        let mut intake = self.store().intake(source(&self.taken.to_string()), self.now);
        for (n, version) in reports {
            paper.take(*n, *version);
            intake.push(report_with(*n, &body(*n, *version))).unwrap();
        }
        intake.commit().wait().unwrap();
    }

    fn lease(&mut self, paper: &mut Paper, n: usize) {
        let leased = self.store().lease(n, self.now).wait().unwrap();
        let seen: Vec<_> = leased.iter().map(|one| (one.ticket.0, one.body[one.body.len() - 2] - b'0')).collect();
        assert_eq!(seen, paper.lease(n, self.now));
        self.running.extend(seen.iter().map(|(ticket, _)| ticket));
    }

    fn settle(&mut self, paper: &mut Paper, n: usize, ending: Ending) {
        if self.running.is_empty() {
            return;
        }
        let ticket = self.running.swap_remove(n % self.running.len());
        paper.settle(ticket, ending, self.now);
        let settlement = match ending {
            Ending::Accepted => super::accepted(),
            Ending::Refused => super::refused(),
            Ending::Again(wait) => Settlement::Again { next_at: self.now + wait },
            Ending::Released => Settlement::Released,
        };
        self.store().settle(Ticket(ticket), attempt(self.now), settlement).wait().unwrap();
    }

    fn crash(&mut self, paper: &mut Paper) {
        paper.crash();
        self.running.clear();
        let after = self.ground.crashed();
        drop(self.store.take());
        self.store = Some(Store::open(after.path(), crate::Role::Owner, self.now).unwrap().0);
        self.ground = after;
    }

    fn archive(&self) {
        let place = |len: usize| crate::ArchivePlace { file: "day".to_owned(), offset: 0, len: len as u64 };
        let places = self.store().unarchived(100).unwrap().iter().map(|one| (one.ticket, place(one.frame.len()))).collect();
        self.store().archived(places).wait().unwrap();
    }

    fn agrees(&self, paper: &Paper) {
        let view = self.ground.view();
        let mut rows = view.list(&crate::Query { limit: 1_000, ..Default::default() }).unwrap();
        rows.sort_by_key(|row| row.report_id);
        let seen: Vec<_> =
            rows.iter().map(|row| (row.report_id, row.ticket.0, row.state, row.discarded_at.is_some(), row.next_at)).collect();
        let expected: Vec<_> =
            paper.reports.iter().map(|(n, known)| (id(*n), known.ticket, known.state, known.discarded, known.next_at)).collect();
        assert_eq!(seen, expected);
        assert_eq!(view.books().unwrap().problems, Vec::<String>::new());
    }
}

proptest! {
    #![proptest_config(Config { cases: 64, failure_persistence: None, ..Config::default() })]

    #[test]
    fn the_store_does_what_the_model_does(steps in collection::vec(step(), 1..40)) {
        let ground = Ground::new();
        let store = Some(ground.owner());
        let mut run = Run { ground, store, now: NOW, running: Vec::new(), taken: 0 };
        let mut paper = Paper::default();
        for step in steps {
            run.carry_out(&mut paper, step);
        }
        run.agrees(&paper);
    }
}
