//! What the demo tells: a live line on a terminal, plain lines elsewhere, and the closing table.

use super::books::Books;
use super::run::OUTAGE;
use super::stage::Stage;
use crate::output::{Column, Mood, Output, Progress, counted};
use std::path::Path;
use std::time::{Duration, Instant};
use store::{Counts, SourceOutcome, SourceQuery};

/// How often the counts are told where there is no live line.
const EVERY: Duration = Duration::from_secs(1);

/// How far it is.
pub(super) struct Live {
    out: Output,
    progress: Progress,
    files: usize,
    back_at: Option<Instant>,
    told_at: Instant,
}

impl Live {
    pub(super) fn new(out: Output, files: usize) -> Self {
        Self { out, progress: out.progress(files, false), files, back_at: None, told_at: Instant::now() }
    }

    /// The server is gone for so long.
    pub(super) fn server_leaves(&mut self, length: Duration) {
        self.back_at = Some(Instant::now() + length);
        self.event(&format!("the server goes away for {} s; the stations go on writing", length.as_secs()));
    }

    /// So many files are written, and the store holds so much.
    pub(super) fn show(&mut self, written: usize, counts: Counts) {
        let now = Instant::now();
        let back = self.back_at.is_some_and(|back| back <= now);
        if back {
            self.back_at = None;
            self.event("the server is back");
        }
        let text = format!("{} delivered, {} waiting", counted(counts.completed, "report"), counts.queued + counts.processing);
        let away = if self.back_at.is_some() { " · the server is away" } else { "" };
        self.progress.at(written, format!("files written · {text}{away}"));
        if now.duration_since(self.told_at) >= EVERY {
            self.told_at = now;
            self.plain(&format!("{written}/{} files written · {text}{away}", self.files));
        }
    }

    fn event(&self, text: &str) {
        self.progress.aside(|| self.out.note(text));
    }

    /// Where nobody sees the live line.
    fn plain(&self, text: &str) {
        if !self.progress.is_shown() {
            self.out.note(text);
        }
    }
}

/// The closing table, and what it means.
pub(super) fn tell(out: Output, stage: &Stage, books: &Books, balanced: bool, stays: bool) {
    if out.json {
        return out.json(books);
    }
    let reasons = reasons(stage);
    let rows = [
        ("files written by the stations", books.files.to_string(), String::new()),
        ("  rejected, with the reason beside the file", books.rejected.to_string(), reasons.join("; ")),
        ("  with the content of an earlier file", books.duplicates.to_string(), "taken once".to_owned()),
        ("reports in the files", books.reports.to_string(), "each counted once".to_owned()),
        ("reports the server has", books.accepted.to_string(), "read back from the server".to_owned()),
        ("reports still owed", books.owed.to_string(), String::new()),
        ("reports lost", books.lost.to_string(), String::new()),
        ("seconds", format!("{:.1}", books.seconds), pace(books)),
    ];
    let cells: Vec<Vec<String>> = rows.into_iter().map(|(what, count, remark)| vec![what.to_owned(), count, remark]).collect();
    out.raw("");
    out.table(&[Column::Text(""), Column::Number(""), Column::Text("")], &cells);
    out.raw("");
    if balanced {
        out.line(Mood::Good, "✓ the books balance: every report arrived, once");
    } else {
        out.line(Mood::Bad, &format!("✗ the books do not balance; the worker's log is in {}", stage.layout.logs().display()));
    }
    if stays {
        out.line(Mood::Plain, &format!("see the reports on the server's page: {}", stage.server.url()));
    } else {
        out.note("the demo's server has ended; `lineside sandbox` runs one that stays, with a page that shows what arrives");
    }
}

fn pace(books: &Books) -> String {
    let rate = books.files as f64 / books.seconds.max(0.1);
    format!("{rate:.0} files/s, {} s of them without the server", OUTAGE.as_secs())
}

/// Why files were rejected, in short: the whole reason lies beside each.
fn reasons(stage: &Stage) -> Vec<String> {
    let query = SourceQuery { outcome: Some(SourceOutcome::Rejected), ..SourceQuery::default() };
    let rows = stage.view().ok().flatten().and_then(|view| view.history(&query).ok()).unwrap_or_default();
    let name = |path: &str| Path::new(path).file_name().unwrap_or_default().to_string_lossy().into_owned();
    let why = |reason: &str| reason.lines().next().unwrap_or_default().splitn(3, ": ").take(2).collect::<Vec<_>>().join(": ");
    rows.iter().map(|row| format!("{}: {}", name(&row.path), why(row.reason.as_deref().unwrap_or_default()))).collect()
}
