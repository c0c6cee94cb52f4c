//! How much was sent, rejected and refused, and how long the server took, in equal stretches of time.

use rusqlite::{Connection, Row, params};
use serde::Serialize;

use super::{HOUR, MINUTE};
use crate::error::StoreError;
use crate::lease::SLOT_MS;
use crate::types::{Millis, unsigned};

/// How far back a picture of the activity goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lately {
    /// 60 minutes, each on its own.
    Hour,
    /// 24 hours by their quarters.
    Day,
    /// 168 hours.
    Week,
}

impl Lately {
    /// By the number of hours: 1, 24 or 168.
    #[must_use]
    pub fn of_hours(hours: u32) -> Option<Self> {
        match hours {
            1 => Some(Self::Hour),
            24 => Some(Self::Day),
            168 => Some(Self::Week),
            _ => None,
        }
    }

    /// Length and number of the stretches.
    fn stretches(self) -> (Millis, usize) {
        match self {
            Self::Hour => (MINUTE, 60),
            Self::Day => (SLOT_MS, 96),
            Self::Week => (HOUR, 168),
        }
    }
}

/// What went on in equal stretches of time, the last of which is now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Activity {
    /// When the first stretch begins.
    pub from_at: Millis,
    /// Length of a stretch in seconds.
    pub bucket_s: u32,
    /// Reports delivered.
    pub sent: Vec<u64>,
    /// Source files rejected.
    pub rejected: Vec<u64>,
    /// Reports the server refused, as far as they still are.
    pub refused: Vec<u64>,
    /// What the deliveries took in the mean; none where nothing was delivered, or it is not known.
    pub latency_ms: Vec<Option<u64>>,
}

pub(super) const REJECTED: &str = "SELECT at FROM sources INDEXED BY sources_rejected WHERE outcome = 2 AND at >= ?1 AND at < ?2";
pub(super) const REFUSED: &str =
    "SELECT settled_at FROM reports INDEXED BY reports_refused WHERE state = 3 AND settled_at >= ?1 AND settled_at < ?2";
pub(super) const COUNTED: &str = "SELECT slot, n, ms FROM sent WHERE slot >= ?1 AND slot < ?2";
pub(super) const SINGLE: &str = "SELECT settled_at, (SELECT latency_ms FROM attempts a WHERE a.id BETWEEN r.id * 64 AND r.id * 64 + 63
        ORDER BY n DESC LIMIT 1)
    FROM reports r INDEXED BY reports_settled WHERE state = 2 AND settled_at >= ?1 AND settled_at < ?2";

/// The stretches as they are filled.
struct Chart {
    from: Millis,
    length: Millis,
    n: usize,
}

/// The deliveries of one stretch: how many, and how long they took together.
#[derive(Clone, Copy, Default)]
struct Deliveries {
    n: i64,
    ms: Option<i64>,
}

impl Activity {
    /// Of an instance that has no store yet.
    #[must_use]
    pub fn none(lately: Lately, now: Millis) -> Self {
        let Chart { from, length, n } = Chart::of(lately, now);
        let zeros = || vec![0; n];
        Self { from_at: from, bucket_s: seconds(length), sent: zeros(), rejected: zeros(), refused: zeros(), latency_ms: vec![None; n] }
    }
}

fn seconds(length: Millis) -> u32 {
    u32::try_from(length / 1000).unwrap_or(u32::MAX)
}

pub(crate) fn activity(conn: &Connection, lately: Lately, now: Millis) -> Result<Activity, StoreError> {
    let chart = Chart::of(lately, now);
    let sent = if chart.length < SLOT_MS { chart.single_deliveries(conn)? } else { chart.counted_deliveries(conn)? };
    let mean = |one: &Deliveries| one.ms.filter(|_| one.n > 0).map(|ms| unsigned(ms / one.n));
    Ok(Activity {
        from_at: chart.from,
        bucket_s: seconds(chart.length),
        sent: sent.iter().map(|one| unsigned(one.n)).collect(),
        rejected: chart.counted(conn, REJECTED)?,
        refused: chart.counted(conn, REFUSED)?,
        latency_ms: sent.iter().map(mean).collect(),
    })
}

impl Chart {
    fn of(lately: Lately, now: Millis) -> Self {
        let (length, n) = lately.stretches();
        Self { from: (now.div_euclid(length) + 1) * length - length * n as Millis, length, n }
    }

    fn until(&self) -> Millis {
        self.from + self.length * self.n as Millis
    }

    fn place(&self, at: Millis) -> Option<usize> {
        usize::try_from((at - self.from).div_euclid(self.length)).ok().filter(|place| *place < self.n)
    }

    /// How many of the times that are asked for fall into each stretch.
    fn counted(&self, conn: &Connection, sql: &str) -> Result<Vec<u64>, StoreError> {
        let mut counts = vec![0; self.n];
        let mut statement = conn.prepare_cached(sql)?;
        for at in statement.query_map(params![self.from, self.until()], |row| row.get(0))? {
            if let Some(place) = self.place(at?) {
                counts[place] += 1;
            }
        }
        Ok(counts)
    }

    /// From the numbers that are kept per quarter of an hour: also what was forgotten since, or is owed again.
    fn counted_deliveries(&self, conn: &Connection) -> Result<Vec<Deliveries>, StoreError> {
        let read = |row: &Row<'_>| Ok((row.get::<_, i64>(0)? * SLOT_MS, Deliveries { n: row.get(1)?, ms: row.get(2)? }));
        self.delivered(conn, COUNTED, self.from / SLOT_MS, self.until() / SLOT_MS, read)
    }

    /// From the reports themselves, for stretches shorter than that.
    fn single_deliveries(&self, conn: &Connection) -> Result<Vec<Deliveries>, StoreError> {
        self.delivered(conn, SINGLE, self.from, self.until(), |row| Ok((row.get(0)?, Deliveries { n: 1, ms: row.get(1)? })))
    }

    /// A stretch of which one time is not known has none.
    fn delivered(
        &self,
        conn: &Connection,
        sql: &str,
        from: i64,
        until: i64,
        read: fn(&Row<'_>) -> Result<(Millis, Deliveries), rusqlite::Error>,
    ) -> Result<Vec<Deliveries>, StoreError> {
        let mut sums = vec![Deliveries { n: 0, ms: Some(0) }; self.n];
        let mut statement = conn.prepare_cached(sql)?;
        for one in statement.query_map([from, until], read)? {
            let (at, one) = one?;
            if let Some(place) = self.place(at) {
                let sum = &mut sums[place];
                *sum = Deliveries { n: sum.n + one.n, ms: sum.ms.zip(one.ms).map(|(sum, one)| sum + one) };
            }
        }
        Ok(sums)
    }
}
