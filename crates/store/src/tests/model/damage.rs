//! A damaged page costs what was on it, and nothing else; the ledger knows which files bring that back.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use proptest::prelude::{Strategy, any, prop_oneof};
use proptest::{collection, proptest};
use rusqlite::Connection;

use super::{Luck, Run, cases, report_with, source, step};
use crate::{Account, Row, State};

const PAGE: usize = 4096;
const SECTOR: usize = 512;

#[derive(Debug, Clone, Copy)]
enum Harm {
    Zeros,
    /// Random bytes, from this seed.
    Garbage(u64),
    /// Zeros in one of its sectors; what else is on the page may look well.
    LostSector(usize),
}

fn harm() -> impl Strategy<Value = Harm> {
    prop_oneof![
        Strategy::prop_map(any::<()>(), |()| Harm::Zeros),
        any::<u64>().prop_map(Harm::Garbage),
        (0..PAGE / SECTOR).prop_map(Harm::LostSector),
    ]
}

impl Harm {
    fn overwrite(self, page: &mut [u8]) {
        match self {
            Self::Zeros => page.fill(0),
            Self::Garbage(seed) => {
                let mut luck = Luck(seed);
                page.fill_with(|| luck.below(256) as u8);
            }
            Self::LostSector(n) => page[n * SECTOR..(n + 1) * SECTOR].fill(0),
        }
    }
}

/// What is on one page: tickets of report rows, and tickets of reports whose bodies are there.
#[derive(Debug, Default)]
struct Hit {
    rows: BTreeSet<i64>,
    bodies: BTreeSet<i64>,
}

impl Hit {
    /// Asks SQLite, not our own reading of pages.
    fn of(path: &Path, page: usize) -> Self {
        let conn = Connection::open(path).unwrap();
        let owners: BTreeMap<i64, i64> = conn
            .prepare("SELECT body, id FROM reports WHERE body IS NOT NULL")
            .unwrap()
            .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))
            .unwrap()
            .collect::<Result<_, _>>()
            .unwrap();
        let bodies = ids_on(&conn, "bodies", page);
        Self {
            rows: ids_on(&conn, "reports", page).into_iter().collect(),
            bodies: bodies.iter().filter_map(|body| owners.get(body).copied()).collect(),
        }
    }
}

/// The ids of a table's rows on a page: its leaves have them in order.
fn ids_on(conn: &Connection, table: &str, page: usize) -> Vec<i64> {
    let mut ids = conn.prepare(&format!("SELECT id FROM {table} ORDER BY id")).unwrap();
    let mut ids = ids.query_map([], |row| row.get::<_, i64>(0)).unwrap().map(Result::unwrap);
    let mut leaves = conn.prepare("SELECT pageno, ncell FROM dbstat WHERE name = ?1 AND pagetype = 'leaf' ORDER BY path").unwrap();
    let leaves = leaves.query_map([table], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?))).unwrap();
    for leaf in leaves {
        let (number, cells) = leaf.unwrap();
        let here: Vec<i64> = ids.by_ref().take(cells as usize).collect();
        if number == page as i64 {
            return here;
        }
    }
    Vec::new()
}

impl Run {
    /// Closes the store, harms a page, and opens it again.
    fn damage(&mut self, page: usize, harm: Harm) {
        self.reopen();
        self.agrees();
        self.store = None;
        let path = self.ground.path();
        let mut bytes = fs::read(&path).unwrap();
        let page = page % (bytes.len() / PAGE);
        let hit = Hit::of(&path, page + 1);
        harm.overwrite(&mut bytes[page * PAGE..(page + 1) * PAGE]);
        fs::write(&path, bytes).unwrap();
        let opened = self.open();
        let rows = self.rows();
        self.only_what_was_hit_is_missing(&hit, &rows);
        if !matches!(harm, Harm::LostSector(_)) {
            assert!(rows.iter().all(|row| self.is_known(row)), "nothing is invented: {rows:?}");
            assert!(hit.rows.is_empty() || opened.rescue.is_some(), "{hit:?} {opened:?}");
        }
        self.bring_again_what_the_ledger_misses();
        let rows = self.rows();
        for n in self.paper.reports.keys() {
            assert!(rows.iter().any(|row| row.report_id == super::id(*n)), "{n} of {rows:?}");
        }
        super::super::deliver_all(self.store());
        super::super::no_problems(&self.ground);
    }

    fn is_known(&self, row: &Row) -> bool {
        self.paper.reports.keys().any(|n| super::id(*n) == row.report_id)
    }

    fn only_what_was_hit_is_missing(&self, hit: &Hit, rows: &[Row]) {
        for (n, known) in self.paper.reports.iter().filter(|(_, known)| !hit.rows.contains(&known.ticket)) {
            let row = rows.iter().find(|row| row.report_id == super::id(*n)).unwrap_or_else(|| panic!("{n} is gone: {hit:?}"));
            assert_eq!(row.ticket.0, known.ticket, "{n}");
            let says_so = row.state == State::Error && row.note.as_deref().is_some_and(|note| note.contains("bring the source file again"));
            assert!(row.state == known.state || (says_so && hit.bodies.contains(&known.ticket)), "{n}: {row:?} instead of {known:?}");
        }
    }

    /// What the worker does with the files that are still in their folders.
    fn bring_again_what_the_ledger_misses(&mut self) {
        // a body that is damaged is noticed when it is to be sent; a page that only then shows its damage fails the lease, which is
        // asked for again once the store has healed itself
        let lease = || self.store().lease(100, i64::MAX).wait();
        for leased in lease().or_else(|_| lease()).unwrap() {
            self.store().settle(leased.ticket, super::attempt(self.now), crate::Settlement::Released).wait().unwrap();
        }
        for (lot, reports) in self.taken.iter().enumerate() {
            let source = source(&lot.to_string());
            let known = self.store().known_content(source.hash, &source.path).unwrap();
            if known.is_some_and(|known| known.account != Account::Missing) {
                continue;
            }
            let mut intake = self.store().intake(source, self.now);
            for (n, version) in reports {
                intake.push(report_with(*n, &super::body(*n, *version))).unwrap();
            }
            intake.commit().wait().unwrap();
        }
    }
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn a_damaged_page_costs_what_was_on_it_until_the_files_are_brought_again(
        steps in collection::vec(step(), 1..40), page in any::<usize>(), harm in harm(),
    ) {
        let mut run = Run::new();
        for step in steps {
            run.carry_out(step);
        }
        run.damage(page, harm);
    }
}
