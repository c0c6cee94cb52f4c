//! Pictures over time, from what the store holds anyway: what went out and what went wrong, and how many units passed at once.
//!
//! Promises that a picture of a day costs what the day holds, not what the history holds. Sources are numbered in the order in
//! which they were taken, so that a time is found among them by halving; where a clock was set back meanwhile, a picture that
//! begins there may miss some of the sources taken before.

mod activity;
mod yields;

use rusqlite::{Connection, OptionalExtension, Row};

use crate::error::StoreError;
use crate::types::Millis;

pub(crate) use activity::activity;
pub use activity::{Activity, Lately};
pub(crate) use yields::yield_of;
pub use yields::{FailingStep, HourYield, PartYield, Yield, YieldRange};

const MINUTE: Millis = 60 * 1000;
const HOUR: Millis = 60 * MINUTE;

/// Every question that reads rows of a time, for the test of what they cost.
#[cfg(test)]
pub(crate) const QUESTIONS: [&str; 5] = [yields::TESTS, activity::REJECTED, activity::REFUSED, activity::COUNTED, activity::SINGLE];

/// The number of the first source taken at this time or after; one more than the last one's where there is none.
pub(crate) fn first_since(conn: &Connection, at: Millis) -> Result<i64, StoreError> {
    let mut next = conn.prepare_cached("SELECT id, at FROM sources WHERE id >= ?1 ORDER BY id LIMIT 1")?;
    let last: i64 = conn.prepare_cached("SELECT coalesce(max(id), 0) FROM sources")?.query_row([], |row| row.get(0))?;
    let (mut low, mut high) = (1, last + 1);
    while low < high {
        let middle = low + (high - low) / 2;
        let found = |row: &Row<'_>| Ok((row.get::<_, i64>(0)?, row.get::<_, Millis>(1)?));
        match next.query_row([middle], found).optional()? {
            Some((id, taken)) if taken < at => low = id + 1,
            _ => high = middle,
        }
    }
    Ok(low)
}
