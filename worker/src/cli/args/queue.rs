//! What can be typed about what is owed, what was sent and what became of files.

use clap::{Args, Subcommand};
use std::path::PathBuf;

#[derive(Debug, Subcommand)]
pub(crate) enum Queue {
    /// List what is owed, and what was refused
    List(QueueList),
    /// Show one report with its attempts and its body
    Show {
        /// Number of the report, as `queue list` shows it
        ticket: i64,
    },
    /// Send refused reports again
    Retry(Ids),
    /// Give reports up: they are not sent; kept for 30 days, and can be retried
    Discard(Ids),
    /// Check that nothing is lost or wrong in the queue, the archive and the folders; changes nothing
    Verify(super::Which),
    /// Write the bodies of reports to a folder, one JSON file each
    Export {
        /// Folder to write to
        folder: PathBuf,
        #[command(flatten)]
        ids: Ids,
    },
}

#[derive(Debug, Args)]
pub(crate) struct QueueList {
    /// Only reports in this state: queued, processing, completed or error
    #[arg(long, value_name = "STATE")]
    pub(crate) state: Option<String>,
    /// Only reports whose serial, part or file has this in it
    #[arg(long, value_name = "TEXT")]
    pub(crate) search: Option<String>,
    /// At most this many
    #[arg(long, default_value_t = 50)]
    pub(crate) limit: u32,
}

#[derive(Debug, Args)]
pub(crate) struct Ids {
    /// Numbers of the reports, as `queue list` shows them
    #[arg(value_name = "TICKET")]
    pub(crate) tickets: Vec<i64>,
    /// All of them
    #[arg(long, conflicts_with = "tickets")]
    pub(crate) all: bool,
}

#[derive(Debug, Args)]
pub(crate) struct History {
    /// Only sources whose file, serial or part has this in it
    #[arg(long, value_name = "TEXT")]
    pub(crate) search: Option<String>,
    /// Only sources with this outcome: converted, rejected or duplicate
    #[arg(long, value_name = "OUTCOME", value_parser = ["converted", "rejected", "duplicate"])]
    pub(crate) outcome: Option<String>,
    /// Only sources of this watch rule
    #[arg(long, value_name = "NAME")]
    pub(crate) rule: Option<String>,
    /// Only sources taken on this day (YYYY-MM-DD)
    #[arg(long, value_name = "DAY")]
    pub(crate) day: Option<jiff::civil::Date>,
    /// At most this many
    #[arg(long, default_value_t = 50)]
    pub(crate) limit: u32,
}
