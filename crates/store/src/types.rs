//! The words the store shares with everyone: times, tickets, states, outcomes.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A moment in Unix milliseconds, UTC.
pub type Millis = i64;

/// The number of an owed or sent report: its row in the store, never used twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Ticket(pub i64);

impl fmt::Display for Ticket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The number of a source in the ledger, never used twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct SourceId(pub i64);

impl fmt::Display for SourceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Where a report stands. A discarded report is in `Error` with the time of its discarding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// Waits to be sent.
    Queued,
    /// Leased: being sent.
    Processing,
    /// Delivered.
    Completed,
    /// Refused by the server, damaged, or discarded by a person: sent again only on demand.
    Error,
}

/// What became of a source file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SourceOutcome {
    /// Its reports are in the store.
    Converted,
    /// It could not be converted; the reason is kept.
    Rejected,
    /// Its content had been taken before.
    Duplicate,
}

/// Which reports a wish is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Select {
    /// Every one the wish can apply to.
    All,
    /// These tickets; those the wish cannot apply to are passed over.
    Ids(Vec<i64>),
}

/// The state as the file holds it: a discarded report has a code of its own, so that counts and lists need no second look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Code {
    Queued = 0,
    Processing = 1,
    Completed = 2,
    Error = 3,
    Discarded = 4,
}

impl Code {
    pub(crate) fn from_sql(code: i64) -> Self {
        match code {
            0 => Self::Queued,
            1 => Self::Processing,
            2 => Self::Completed,
            4 => Self::Discarded,
            _ => Self::Error,
        }
    }

    pub(crate) fn state(self) -> State {
        match self {
            Self::Queued => State::Queued,
            Self::Processing => State::Processing,
            Self::Completed => State::Completed,
            Self::Error | Self::Discarded => State::Error,
        }
    }
}

impl SourceOutcome {
    pub(crate) fn code(self) -> i64 {
        match self {
            Self::Converted => 1,
            Self::Rejected => 2,
            Self::Duplicate => 3,
        }
    }

    pub(crate) fn from_sql(code: i64) -> Self {
        match code {
            1 => Self::Converted,
            3 => Self::Duplicate,
            _ => Self::Rejected,
        }
    }
}

/// A count SQLite gives (never negative) as the unsigned number it is.
pub(crate) fn unsigned(count: i64) -> u64 {
    u64::try_from(count).unwrap_or(0)
}

/// A length as SQLite takes it; lengths beyond i64 do not exist.
pub(crate) fn signed(len: u64) -> i64 {
    i64::try_from(len).unwrap_or(i64::MAX)
}
