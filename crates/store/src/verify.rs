//! Verification: every row held against its body, its attempts, its source and the counts, page by page.
//!
//! Promises to find what a sound store cannot hold, and nothing in a store that is sound, also while a worker writes to it:
//! every page is one state of the file. Memory does not grow with the store, and nobody who writes waits for longer than a
//! page takes. Judging is pure ([`report`], [`source`]); what lies outside of the file is for the caller to look at.

mod report;
mod source;
mod tables;

use rusqlite::Connection;
use serde::Serialize;

use crate::error::StoreError;
use crate::types::{SourceId, Ticket};

pub(crate) use report::page as reports;
pub use report::{CheckedReport, Proof};
pub use source::CheckedSource;
pub(crate) use source::page as sources;
pub(crate) use tables::check as tables;

/// Findings of one kind that are told at most: who has more of them is not helped by a list.
pub(crate) const MOST: i64 = 100;

/// What in the store does not add up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Wrong {
    /// The body that is still needed is not there.
    BodyGone,
    /// The body is there and cannot be read: frame, length and hash do not agree.
    BodyDamaged,
    /// The body is whole, but belongs to another report.
    BodySwapped,
    /// The body was lost before, and the report stands in error for it.
    BodyLost,
    /// Delivered, but its copy was damaged and is in no archive.
    NoCopy,
    /// Delivered, but nothing says when and how.
    NotProven,
    /// The row of its source is gone.
    SourceGone,
    /// A source holds fewer reports than it came with.
    ReportsGone {
        /// Reports that are there.
        there: u64,
        /// Reports there must be.
        must: u64,
    },
    /// A source holds more reports than are counted beside it.
    ReportsMiscounted,
    /// A rejected source with reports, or without a reason, or a duplicate of nothing.
    Inconsistent(&'static str),
    /// A body that belongs to no report.
    Ownerless,
    /// A body beside the one its report has.
    LeftOver,
    /// Attempts of a report whose row is gone; whether the last of them delivered it.
    RowGone {
        /// It was delivered.
        delivered: bool,
    },
    /// A mark that a source holds a report, one of which is gone.
    LooseMark,
    /// Another number is kept for this state than there are reports.
    Miscounted,
    /// Fewer deliveries are counted than reports are delivered.
    SentMiscounted,
}

impl Wrong {
    /// Whether a report may be lost or wrong; else it is only odd, or known and told elsewhere.
    #[must_use]
    pub fn is_grave(&self) -> bool {
        match self {
            Self::BodyGone | Self::BodyDamaged | Self::BodySwapped | Self::NotProven | Self::ReportsGone { .. } => true,
            Self::Ownerless | Self::Inconsistent(_) | Self::Miscounted => true,
            Self::BodyLost | Self::NoCopy | Self::SourceGone | Self::ReportsMiscounted => false,
            Self::LeftOver | Self::RowGone { .. } | Self::LooseMark | Self::SentMiscounted => false,
        }
    }

    /// What is wrong, in words that follow a name.
    #[must_use]
    pub fn what(&self) -> String {
        match self {
            Self::BodyGone => "its body is not in the queue file".to_owned(),
            Self::BodyDamaged => "its body in the queue file is damaged".to_owned(),
            Self::BodySwapped => "has the body of another report".to_owned(),
            Self::BodyLost => "stands in error, and its body is lost".to_owned(),
            Self::NoCopy => "was delivered; its own copy was damaged and is not in the archive".to_owned(),
            Self::NotProven => "counts as delivered, but no answer of the server is on record".to_owned(),
            Self::SourceGone => "the record of its source is gone".to_owned(),
            Self::ReportsGone { there, must } => format!("came with {must} reports, {there} of them are in the queue file"),
            Self::ReportsMiscounted => "holds more reports than are counted beside it".to_owned(),
            Self::Inconsistent(what) => (*what).to_owned(),
            Self::Ownerless => "belongs to no report: its row is gone".to_owned(),
            Self::LeftOver => "is one too many: its report has another one or needs none".to_owned(),
            Self::RowGone { delivered: true } => "was delivered, and its row is gone".to_owned(),
            Self::RowGone { delivered: false } => "was tried and not delivered, and its row is gone".to_owned(),
            Self::LooseMark => "a mark that it holds a report leads nowhere".to_owned(),
            Self::Miscounted => "the number that is kept is not the number of reports".to_owned(),
            Self::SentMiscounted => "fewer deliveries are counted than reports are delivered".to_owned(),
        }
    }

    /// What to do about it.
    #[must_use]
    pub fn remedy(&self) -> &'static str {
        match self {
            Self::BodyGone | Self::BodyDamaged | Self::BodySwapped | Self::BodyLost | Self::ReportsGone { .. } => {
                "bring its source file again (it is in the Done folder, where the rule keeps it)"
            }
            Self::NotProven => "look for it on the server; `lineside resend` sends it once more, which does no harm",
            Self::RowGone { delivered: false } | Self::Ownerless => {
                "copy the queue folder, and bring the source files of that time again: what the server has is not doubled"
            }
            Self::NoCopy | Self::RowGone { delivered: true } => "nothing: the server has it",
            Self::LeftOver | Self::SourceGone | Self::ReportsMiscounted | Self::LooseMark | Self::SentMiscounted => {
                "nothing: no report is touched by it"
            }
            Self::Inconsistent(_) | Self::Miscounted => "copy the queue folder and report this as a fault of the program",
        }
    }
}

/// What a finding is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum About {
    /// A report.
    Report(Ticket),
    /// A source.
    Source(SourceId),
    /// A body, by its row.
    Body(i64),
    /// The reports of a state, by its word.
    State(&'static str),
    /// All deliveries.
    Deliveries,
}

/// One thing that does not add up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What it is about.
    pub about: About,
    /// What is wrong with it.
    pub wrong: Wrong,
}

/// SQLite's own check of the file: what it finds, at most ten lines; nothing in a sound file. `thorough` also holds every
/// index against its table.
pub(crate) fn file(conn: &Connection, thorough: bool) -> Result<Vec<String>, StoreError> {
    let pragma = if thorough { "PRAGMA integrity_check(10)" } else { "PRAGMA quick_check(10)" };
    let said = conn.prepare(pragma)?.query_map([], |row| row.get(0))?.collect::<Result<Vec<String>, _>>()?;
    Ok(said.into_iter().filter(|line| line != "ok").collect())
}
