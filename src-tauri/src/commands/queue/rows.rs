//! Reports and files as the page has them.

use serde::{Deserialize, Serialize};
use specta::Type;
use store::{Row, SourceOutcome, State as Standing};

use crate::commands::log::LogLine;
use crate::commands::look::Span;

/// Which reports to list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub(crate) struct QueueFilter {
    pub(super) state: Option<QueueState>,
    pub(super) text: Option<String>,
    pub(super) before: Option<i64>,
    pub(super) limit: u32,
}

/// The states as people ask for them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "lowercase")]
pub(crate) enum QueueState {
    /// Queued or being sent.
    Owed,
    /// Refused.
    Error,
    /// Given up by a person.
    Discarded,
    /// Delivered.
    Completed,
}

/// One report in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub(crate) struct QueueRow {
    pub(super) ticket: i64,
    pub(super) report_id: String,
    pub(super) state: ReportState,
    pub(super) discarded_at: Option<i64>,
    pub(super) priority: u8,
    pub(super) source: i64,
    pub(super) rule: String,
    pub(super) path: String,
    pub(super) sn: String,
    pub(super) pn: String,
    pub(super) result: String,
    pub(super) process: String,
    pub(super) start: String,
    pub(super) size: u64,
    pub(super) queued_at: i64,
    pub(super) next_at: Option<i64>,
    pub(super) settled_at: Option<i64>,
    pub(super) attempts: u32,
    pub(super) note: Option<String>,
}

/// Where a report stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "lowercase")]
pub(crate) enum ReportState {
    /// Waits.
    Queued,
    /// Is being sent.
    Processing,
    /// Delivered.
    Completed,
    /// Refused or given up.
    Error,
}

/// A page of reports, newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub(crate) struct QueuePage {
    pub(super) rows: Vec<QueueRow>,
    /// Of this state, without the text.
    pub(super) total: u64,
}

/// Everything about one report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub(crate) struct ReportDetail {
    pub(super) row: QueueRow,
    pub(super) warnings: Vec<String>,
    pub(super) attempts: Vec<ReportAttempt>,
    /// The JSON text, while it is kept.
    pub(super) body: Option<String>,
}

/// One attempt to deliver a report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub(crate) struct ReportAttempt {
    pub(super) n: u32,
    pub(super) at: i64,
    pub(super) latency_ms: u32,
    pub(super) status: Option<u16>,
    pub(super) message: String,
    pub(super) verdict: String,
}

/// Which files to list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub(crate) struct HistoryFilter {
    pub(super) outcome: Option<Outcome>,
    pub(super) rule: Option<String>,
    pub(super) text: Option<String>,
    pub(super) day: Option<String>,
    pub(super) before: Option<i64>,
    pub(super) limit: u32,
}

/// What became of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Outcome {
    /// Its reports are in the store.
    Converted,
    /// It could not be read.
    Rejected,
    /// Its content had been taken before.
    Duplicate,
}

/// One file in the history.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub(crate) struct SourceRow {
    pub(super) id: i64,
    pub(super) rule: String,
    pub(super) path: String,
    pub(super) size: u64,
    pub(super) hash: String,
    pub(super) format: String,
    pub(super) outcome: Outcome,
    pub(super) reason: Option<String>,
    pub(super) of: Option<i64>,
    pub(super) at: i64,
    pub(super) filed: bool,
    pub(super) filed_at: Option<String>,
    pub(super) reports: u64,
}

/// A page of files, newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub(crate) struct HistoryPage {
    pub(super) rows: Vec<SourceRow>,
}

/// Everything about one file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub(crate) struct SourceDetail {
    pub(super) row: SourceRow,
    pub(in crate::commands) reports: Vec<QueueRow>,
    /// Where it is now, when it can be found.
    pub(super) file: Option<String>,
    pub(super) marked: Option<Span>,
    pub(super) text: Option<String>,
    pub(super) first_line: u64,
    pub(super) log: Vec<LogLine>,
}

impl From<Row> for QueueRow {
    fn from(row: Row) -> QueueRow {
        QueueRow {
            ticket: row.ticket.0,
            report_id: row.report_id.to_string(),
            state: match row.state {
                Standing::Queued => ReportState::Queued,
                Standing::Processing => ReportState::Processing,
                Standing::Completed => ReportState::Completed,
                Standing::Error => ReportState::Error,
            },
            discarded_at: row.discarded_at,
            priority: row.priority,
            source: row.source.0,
            rule: row.rule,
            path: row.path,
            sn: row.sn,
            pn: row.pn,
            result: row.result,
            process: row.process,
            start: row.start,
            size: row.size,
            queued_at: row.queued_at,
            next_at: row.next_at,
            settled_at: row.settled_at,
            attempts: row.attempts,
            note: row.note,
        }
    }
}

impl From<store::SourceRow> for SourceRow {
    fn from(row: store::SourceRow) -> SourceRow {
        SourceRow {
            id: row.id.0,
            rule: row.rule,
            path: row.path,
            size: row.size,
            hash: row.hash,
            format: row.format,
            outcome: match row.outcome {
                SourceOutcome::Converted => Outcome::Converted,
                SourceOutcome::Rejected => Outcome::Rejected,
                SourceOutcome::Duplicate => Outcome::Duplicate,
            },
            reason: row.reason,
            of: row.of.map(|of| of.0),
            at: row.at,
            filed: row.filed,
            filed_at: row.filed_at,
            reports: row.reports,
        }
    }
}
