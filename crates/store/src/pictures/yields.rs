//! How many units passed at once. A unit is a serial number of a part in a process: who tests it again tests the same unit, and
//! neither makes it two nor mends its first result. Which report of a unit was first is told by the starts of the tests, for
//! files come in any order; when the test was is told by when its file was taken. What happened before the range begins is not
//! looked at: a unit that failed then and passes now counts as passed at once.

use std::collections::{HashMap, HashSet};

use rusqlite::{Connection, Row, params};
use serde::Serialize;

use super::{HOUR, first_since};
use crate::error::StoreError;
use crate::types::Millis;

/// Most failing steps that are named.
const STEPS: usize = 20;

/// How far back a yield goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum YieldRange {
    /// 24 hours.
    Day,
    /// Seven days.
    Week,
}

impl YieldRange {
    fn from(self, now: Millis) -> Millis {
        match self {
            Self::Day => now - 24 * HOUR,
            Self::Week => now - 7 * 24 * HOUR,
        }
    }
}

impl Yield {
    /// Of an instance that has no store yet.
    #[must_use]
    pub fn none(range: YieldRange, now: Millis) -> Self {
        Tally::default().told(range, range.from(now), now)
    }
}

/// How the units of a time did. Repairs and what was discarded do not count.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Yield {
    /// What was asked.
    pub range: YieldRange,
    /// Where the time begins.
    pub from_at: Millis,
    /// Units tested.
    pub units: u64,
    /// Of these, passed in their first report.
    pub first_pass: u64,
    /// Their share, 0 to 1; none without units.
    pub first_pass_yield: Option<f64>,
    /// Units whose last report passed.
    pub passed: u64,
    /// Units whose last report did not.
    pub failed: u64,
    /// Test reports taken.
    pub reports: u64,
    /// The same by part number, most units first.
    pub by_part: Vec<PartYield>,
    /// The steps at which most units failed.
    pub failures: Vec<FailingStep>,
    /// By the hours in which units were tested first, empty ones included.
    pub by_hour: Vec<HourYield>,
}

/// The units of one part number.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct PartYield {
    /// Part number.
    pub pn: String,
    /// Units tested.
    pub units: u64,
    /// Passed in their first report.
    pub first_pass: u64,
    /// Passed in their last report.
    pub passed: u64,
}

/// A step that made reports fail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FailingStep {
    /// Its name.
    pub step: String,
    /// Part number of the units.
    pub pn: String,
    /// Units that failed there at least once.
    pub units: u64,
}

/// The units of one hour.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct HourYield {
    /// When the hour begins.
    pub at: Millis,
    /// Units tested first in it.
    pub units: u64,
    /// Passed in that first report.
    pub first_pass: u64,
}

/// A report of a unit, as far as it matters here.
#[derive(Clone, Copy)]
struct Test {
    /// Start of the test, then the report's number: tests of a unit in their order.
    order: (Millis, i64),
    passed: bool,
    /// When its file was taken.
    taken: Millis,
}

struct Unit {
    pn: usize,
    first: Test,
    last: Test,
}

/// Serial number, number of the part, process.
type Name = (String, usize, String);

/// The units as they are found.
#[derive(Default)]
struct Tally {
    parts: HashMap<String, usize>,
    numbers: HashMap<Name, usize>,
    units: Vec<Unit>,
    failed: HashMap<(String, usize), HashSet<usize>>,
    reports: u64,
}

pub(super) const TESTS: &str = "SELECT r.sn, r.pn, r.process, r.result, r.start, r.step, s.at, r.id
    FROM sources s CROSS JOIN reports r INDEXED BY reports_source ON r.source = s.id
    WHERE s.id >= ?1 AND s.at >= ?2 AND r.kind = 'T' AND r.state <> 4";

pub(crate) fn yield_of(conn: &Connection, range: YieldRange, now: Millis) -> Result<Yield, StoreError> {
    let from = range.from(now);
    let mut tally = Tally::default();
    let mut statement = conn.prepare_cached(TESTS)?;
    let mut rows = statement.query(params![first_since(conn, from)?, from])?;
    while let Some(row) = rows.next()? {
        tally.take(row)?;
    }
    Ok(tally.told(range, from, now))
}

impl Tally {
    fn take(&mut self, row: &Row<'_>) -> Result<(), StoreError> {
        let text = |column: usize| row.get_ref(column).and_then(|value| Ok(value.as_str()?));
        let (pn, step, taken): (&str, &str, Millis) = (text(1)?, text(5)?, row.get(6)?);
        let started = start(text(4)?).unwrap_or(taken);
        let test = Test { order: (started, row.get(7)?), passed: passed(text(3)?), taken };
        let parts = self.parts.len();
        let pn = match self.parts.get(pn) {
            Some(number) => *number,
            None => *self.parts.entry(pn.to_owned()).or_insert(parts),
        };
        let next = self.units.len();
        let unit = *self.numbers.entry((text(0)?.to_owned(), pn, text(2)?.to_owned())).or_insert(next);
        match self.units.get_mut(unit) {
            None => self.units.push(Unit { pn, first: test, last: test }),
            Some(known) if test.order < known.first.order => known.first = test,
            Some(known) if test.order > known.last.order => known.last = test,
            Some(_) => {}
        }
        if !test.passed && !step.is_empty() {
            self.failed.entry((step.to_owned(), pn)).or_default().insert(unit);
        }
        self.reports += 1;
        Ok(())
    }

    fn told(self, range: YieldRange, from: Millis, now: Millis) -> Yield {
        let mut names = vec![String::new(); self.parts.len()];
        self.parts.into_iter().for_each(|(name, number)| names[number] = name);
        let mut by_part: Vec<PartYield> = names.iter().map(|pn| PartYield { pn: pn.clone(), ..PartYield::default() }).collect();
        let first_hour = from.div_euclid(HOUR);
        let hour = |at| HourYield { at: at * HOUR, units: 0, first_pass: 0 };
        let mut by_hour: Vec<HourYield> = (first_hour..=now.div_euclid(HOUR)).map(hour).collect();
        for unit in &self.units {
            let (first, last) = (u64::from(unit.first.passed), u64::from(unit.last.passed));
            let part = &mut by_part[unit.pn];
            (part.units, part.first_pass, part.passed) = (part.units + 1, part.first_pass + first, part.passed + last);
            let place = usize::try_from(unit.first.taken.div_euclid(HOUR) - first_hour).ok();
            if let Some(hour) = place.and_then(|place| by_hour.get_mut(place)) {
                (hour.units, hour.first_pass) = (hour.units + 1, hour.first_pass + first);
            }
        }
        by_part.sort_by(|one, other| other.units.cmp(&one.units).then_with(|| one.pn.cmp(&other.pn)));
        let failing =
            |((step, pn), units): ((String, usize), HashSet<usize>)| FailingStep { step, pn: names[pn].clone(), units: units.len() as u64 };
        let mut failures: Vec<FailingStep> = self.failed.into_iter().map(failing).collect();
        failures.sort_by(|one, other| other.units.cmp(&one.units).then_with(|| (&one.step, &one.pn).cmp(&(&other.step, &other.pn))));
        failures.truncate(STEPS);
        let sum = |of: fn(&PartYield) -> u64| by_part.iter().map(of).sum::<u64>();
        let (units, first_pass, passed) = (sum(|part| part.units), sum(|part| part.first_pass), sum(|part| part.passed));
        Yield {
            range,
            from_at: from,
            units,
            first_pass,
            first_pass_yield: (units > 0).then(|| first_pass as f64 / units as f64),
            passed,
            failed: units - passed,
            reports: self.reports,
            by_part,
            failures,
            by_hour,
        }
    }
}

/// Whether this is the letter or a word for "passed".
fn passed(result: &str) -> bool {
    result.starts_with(['P', 'p'])
}

/// The moment a test began. Without an offset it is taken for UTC: all that is asked is which of a unit's tests came first.
fn start(text: &str) -> Option<Millis> {
    let moment = text.parse::<jiff::Timestamp>().ok();
    let local = || text.parse::<jiff::civil::DateTime>().ok()?.to_zoned(jiff::tz::TimeZone::UTC).ok().map(|at| at.timestamp());
    moment.or_else(local).map(jiff::Timestamp::as_millisecond)
}
