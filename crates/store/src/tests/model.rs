//! The store against a plain model: whatever is done in whatever order, with kills and power cuts at any moment in
//! between, both agree; and a damaged page costs what was on it, tells so, and nothing else.

mod damage;
mod paper;

use std::collections::BTreeSet;

use proptest::prelude::{Just, Strategy, any, prop_oneof};
use proptest::test_runner::Config;
use proptest::{collection, proptest};

use super::disk::{Disk, Image, Luck};
use super::{Ground, NOW, attempt, id, report_with, source};
use crate::{Millis, Opened, Query, Retention, Role, Row, Select, Settlement, Store, Ticket};
use paper::Paper;

#[derive(Debug, Clone)]
enum Step {
    /// Commits a source with these (report, version of its body).
    Take(Vec<(u32, u8)>),
    /// Commits several sources of one report each, without waiting in between.
    TakeTogether(Vec<(u32, u8)>),
    /// Takes in without committing.
    GiveUp(u32),
    Lease(usize),
    /// Settles the n-th running lease.
    Settle(usize, Ending),
    Retry,
    Discard(u32),
    /// The clock goes on.
    Wait(Millis),
    Archive,
    /// Forgets what ended longer ago than this.
    Forget(Millis),
    Checkpoint,
    /// The worker stops and starts.
    Reopen,
    /// The process dies, at a moment some of the latest writes ago.
    Kill(usize),
    /// The power fails, at a moment some of the latest writes ago.
    PowerCut(usize, u64),
}

#[derive(Debug, Clone, Copy)]
enum Ending {
    Accepted,
    Refused,
    Again(Millis),
    Released,
}

fn step() -> impl Strategy<Value = Step> {
    let ending = prop_oneof![
        3 => Just(Ending::Accepted),
        1 => Just(Ending::Refused),
        1 => (1..5_000_i64).prop_map(Ending::Again),
        1 => Just(Ending::Released),
    ];
    let reports = || collection::vec((0..12_u32, 0..3_u8), 1..4);
    prop_oneof![
        6 => reports().prop_map(Step::Take),
        3 => reports().prop_map(Step::TakeTogether),
        1 => (0..12_u32).prop_map(Step::GiveUp),
        6 => (1..4_usize).prop_map(Step::Lease),
        9 => (any::<usize>(), ending).prop_map(|(n, ending)| Step::Settle(n, ending)),
        2 => Just(Step::Retry),
        2 => (0..12_u32).prop_map(Step::Discard),
        3 => (1..4_000_i64).prop_map(Step::Wait),
        2 => Just(Step::Archive),
        2 => (-1..4_000_i64).prop_map(Step::Forget),
        3 => Just(Step::Checkpoint),
        1 => Just(Step::Reopen),
        1 => any::<usize>().prop_map(Step::Kill),
        3 => (any::<usize>(), any::<u64>()).prop_map(|(back, seed)| Step::PowerCut(back, seed)),
    ]
}

/// How many cases a run tries; a long run tries many more.
fn cases() -> Config {
    let cases = if std::env::var("LINESIDE_SHARE").is_ok_and(|share| share == "all") { 4_096 } else { 256 };
    Config { cases, failure_persistence: None, ..Config::default() }
}

/// The paper after a command: what it says may be on the disk from `begun` on, and must be from `answered` on.
struct Written {
    begun: usize,
    answered: usize,
    paper: Paper,
}

/// The store under test, its disk, its clock and its running leases.
struct Run {
    disk: Disk,
    ground: Ground,
    store: Option<Store>,
    paper: Paper,
    written: Vec<Written>,
    now: Millis,
    running: Vec<i64>,
    taken: Vec<Vec<(u32, u8)>>,
    forgotten: BTreeSet<u32>,
}

fn body(n: u32, version: u8) -> String {
    format!("{{\"report\":{n},\"version\":{version}}}")
}

fn version(body: &[u8]) -> u8 {
    body[body.len() - 2] - b'0'
}

impl Run {
    fn new() -> Self {
        let ground = Ground::new();
        let disk = Disk::new(ground.folder.path(), Image::new());
        let written = vec![Written { begun: 0, answered: 0, paper: Paper::default() }];
        let mut run = Self {
            disk,
            ground,
            store: None,
            paper: Paper::default(),
            written,
            now: NOW,
            running: Vec::new(),
            taken: Vec::new(),
            forgotten: BTreeSet::new(),
        };
        run.open();
        run
    }

    fn store(&self) -> &Store {
        self.store.as_ref().unwrap()
    }

    fn open(&mut self) -> Opened {
        let (store, opened) = Store::open(self.ground.path(), Role::Owner, self.now).unwrap();
        self.store = Some(store);
        opened
    }

    fn carry_out(&mut self, step: Step) {
        let begun = self.disk.moment();
        match step {
            Step::Take(reports) => self.take(reports),
            Step::TakeTogether(reports) => self.take_together(&reports),
            Step::GiveUp(n) => self.store().intake(source("given up"), self.now).push(report_with(n, "{}")).unwrap(),
            Step::Lease(n) => self.lease(n),
            Step::Settle(n, ending) => self.settle(n, ending),
            Step::Retry => {
                self.paper.retry();
                self.store().retry(Select::All, self.now).wait().unwrap();
            }
            Step::Discard(n) => {
                let ids = self.paper.discard(n, self.now).into_iter().collect();
                self.store().discard(Select::Ids(ids), self.now).wait().unwrap();
            }
            Step::Wait(wait) => self.now += wait,
            Step::Archive => self.archive(),
            Step::Forget(age) => self.forget(self.now - age),
            Step::Checkpoint => assert!(!self.store().checkpoint().wait().unwrap(), "the file is small"),
            Step::Reopen => self.reopen(),
            Step::Kill(back) => return self.crash(back, None),
            Step::PowerCut(back, seed) => return self.crash(back, Some(seed)),
        }
        self.written.push(Written { begun, answered: self.disk.moment(), paper: self.paper.clone() });
    }

    fn take(&mut self, reports: Vec<(u32, u8)>) {
        let mut intake = self.store().intake(source(&self.taken.len().to_string()), self.now);
        for (n, version) in &reports {
            self.paper.take(*n, *version);
            intake.push(report_with(*n, &body(*n, *version))).unwrap();
        }
        self.taken.push(reports);
        intake.commit().wait().unwrap();
    }

    fn take_together(&mut self, reports: &[(u32, u8)]) {
        let begun = self.disk.moment();
        let mut replies = Vec::new();
        for (n, version) in reports {
            let mut intake = self.store().intake(source(&self.taken.len().to_string()), self.now);
            intake.push(report_with(*n, &body(*n, *version))).unwrap();
            replies.push(intake.commit());
            self.paper.take(*n, *version);
            self.taken.push(vec![(*n, *version)]);
            // any number of the first ones may be in one commit
            self.written.push(Written { begun, answered: usize::MAX, paper: self.paper.clone() });
        }
        assert!(replies.into_iter().all(|reply| reply.wait().is_ok()));
    }

    fn lease(&mut self, n: usize) {
        let leased = self.store().lease(n, self.now).wait().unwrap();
        let seen: Vec<_> = leased.iter().map(|one| (one.ticket.0, version(&one.body))).collect();
        assert_eq!(seen, self.paper.lease(n, self.now));
        self.running.extend(seen.iter().map(|(ticket, _)| ticket));
    }

    fn settle(&mut self, n: usize, ending: Ending) {
        if self.running.is_empty() {
            return;
        }
        let ticket = self.running.swap_remove(n % self.running.len());
        self.paper.settle(ticket, ending, self.now);
        let settlement = match ending {
            Ending::Accepted => super::accepted(),
            Ending::Refused => super::refused(),
            Ending::Again(wait) => Settlement::Again { next_at: self.now + wait },
            Ending::Released => Settlement::Released,
        };
        self.store().settle(Ticket(ticket), attempt(self.now), settlement).wait().unwrap();
    }

    fn archive(&mut self) {
        let place = |len: usize| crate::ArchivePlace { file: "day".to_owned(), offset: 0, len: len as u64 };
        let places = self.store().unarchived(100).unwrap().iter().map(|one| (one.ticket, place(one.frame.len()))).collect();
        self.paper.archive();
        self.store().archived(places).wait().unwrap();
    }

    fn forget(&mut self, before: Millis) {
        let forgotten = self.paper.forget(before);
        let swept = self.store().retention(Retention { history_before: before, discarded_before: before }).wait().unwrap();
        assert_eq!((swept.reports, swept.more), (forgotten.len() as u64, false));
        self.forgotten.extend(forgotten);
    }

    fn reopen(&mut self) {
        self.store = None;
        self.running.clear();
        let returned = self.paper.begin_again();
        assert_eq!(self.open(), Opened { leases_returned: returned, ..Opened::default() });
    }

    /// Goes back some writes (up to half a dozen commands), and on with what was on the disk then.
    fn crash(&mut self, back: usize, power_cut: Option<u64>) {
        self.agrees();
        let now = self.disk.moment();
        let earliest = self.written[self.written.len().saturating_sub(6)..].iter().map(|written| written.answered).min().unwrap_or(0);
        let moment = now - back % (now - earliest + 1);
        let image = self.disk.image(moment, power_cut);
        let must = self.written.iter().rposition(|written| written.answered <= moment).unwrap();
        let may = self.written[must + 1..].iter().take_while(|written| written.begun < moment);
        let possible: Vec<Paper> = self.written[must..=must].iter().chain(may).map(|written| written.paper.clone()).collect();
        self.store = None;
        self.running.clear();
        self.ground = Ground::new();
        self.disk = Disk::new(self.ground.folder.path(), image);
        let opened = self.open();
        let seen = (self.lines(), opened.leases_returned);
        let agrees = possible.iter().find(|paper| {
            let mut paper = (*paper).clone();
            let returned = paper.begin_again();
            (said(&paper), returned) == seen
        });
        let Some(before) = agrees else { panic!("none of {possible:#?} is {seen:#?}") };
        // a power cut damages nothing, and what was half taken in is dropped
        assert_eq!(opened, Opened { leases_returned: seen.1, ..Opened::default() });
        self.paper = before.clone();
        self.paper.begin_again();
        let opened = Written { begun: 0, answered: self.disk.moment(), paper: self.paper.clone() };
        self.written = vec![Written { begun: 0, answered: 0, paper: before.clone() }, opened];
    }

    fn rows(&self) -> Vec<Row> {
        let mut rows = self.ground.view().list(&Query { limit: 1_000, ..Query::default() }).unwrap();
        rows.sort_by_key(|row| row.report_id);
        rows
    }

    fn agrees(&self) {
        assert_eq!(self.lines(), said(&self.paper));
        super::no_problems(&self.ground);
    }

    fn lines(&self) -> Vec<Line> {
        let view = self.ground.view();
        let line = |row: Row| {
            let detail = view.report(row.ticket.0).unwrap().unwrap();
            let times = [row.next_at, row.settled_at, row.discarded_at];
            Line { id: row.report_id, ticket: row.ticket.0, state: row.state, times, version: detail.body.map(|body| version(&body)) }
        };
        self.rows().into_iter().map(line).collect()
    }
}

/// What of a report can be seen. The body is there till it is archived.
#[derive(Debug, PartialEq)]
struct Line {
    id: uuid::Uuid,
    ticket: i64,
    state: crate::State,
    times: [Option<Millis>; 3],
    version: Option<u8>,
}

fn said(paper: &Paper) -> Vec<Line> {
    let line = |(n, known): (&u32, &paper::Known)| Line {
        id: id(*n),
        ticket: known.ticket,
        state: known.state,
        times: [known.next_at, known.settled_at, known.discarded_at],
        version: (!known.archived).then_some(known.version),
    };
    paper.reports.iter().map(line).collect()
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn the_store_does_what_the_model_does_and_loses_nothing_it_answered_for(steps in collection::vec(step(), 1..40)) {
        let mut run = Run::new();
        for step in steps {
            run.carry_out(step);
        }
        run.agrees();
    }
}
