//! What is inside the queue file, and what its rows say is outside of it.

use super::archived::Archived;
use super::aside::Aside;
use super::{Check, Depth, NEWEST, READ_THROUGH, Subject};
use store::{About, SourceId, StoreError, Ticket, View, Wrong};

/// Rows looked at in one state of the file.
const PAGE: u32 = 256;
/// Up to so many reports the tables are held against each other in a moment.
const FEW: i64 = 100_000;

/// The checks of all that is in the queue file.
pub(super) struct Inside {
    reports: Check,
    sources: Check,
    archive: Check,
    rejected: Check,
    tables: Check,
}

impl Inside {
    pub(super) fn new() -> Self {
        let [reports, sources, archive, rejected, tables] = ["reports", "sources", "archive", "rejected files", "counts"].map(Check::new);
        Self { reports, sources, archive, rejected, tables }
    }

    pub(super) fn checks(self) -> [Check; 5] {
        [self.reports, self.sources, self.archive, self.rejected, self.tables]
    }

    /// Looks at everything the depth asks for.
    ///
    /// # Errors
    /// That the file cannot be read.
    pub(super) fn read(
        &mut self,
        view: &View,
        subject: &Subject<'_>,
        depth: Depth,
        file: &mut Check,
        step: &dyn Fn(u64),
    ) -> Result<(), StoreError> {
        let path = subject.layout.queue_db();
        let size = std::fs::metadata(&path).map_or(0, |file| file.len());
        if depth == Depth::Thorough || size <= READ_THROUGH {
            for line in view.verify_file(depth == Depth::Thorough)? {
                file.fault(path.display().to_string(), format!("is damaged: {line}"), REPAIR);
            }
            file.looked(1);
        }
        let (ticket, source) = view.newest()?;
        let (mut from, mut first) = (0, 0);
        if depth == Depth::Quick {
            (from, first) = ((ticket.0 - NEWEST).max(0), (source.0 - NEWEST).max(0));
        }
        self.reports(view, subject, depth, from, step)?;
        self.sources(view, depth, first, step)?;
        if depth == Depth::Thorough || ticket.0 <= FEW {
            self.tables(view)?;
        }
        Ok(())
    }

    fn reports(&mut self, view: &View, subject: &Subject<'_>, depth: Depth, from: i64, step: &dyn Fn(u64)) -> Result<(), StoreError> {
        let mut archive = Archived::new(subject);
        let mut last = Ticket(from);
        loop {
            let page = view.verify_reports(last, PAGE)?;
            let Some(end) = page.last() else { break };
            last = end.ticket;
            self.reports.looked(page.len());
            for report in &page {
                for wrong in &report.wrong {
                    told(&mut self.reports, format!("report {}", report.ticket), wrong);
                }
                if depth == Depth::Thorough {
                    archive.look(view, report, &mut self.archive)?;
                }
            }
            step(page.len() as u64);
        }
        archive.done(&mut self.archive);
        self.reports.looked(0);
        Ok(())
    }

    fn sources(&mut self, view: &View, depth: Depth, from: i64, step: &dyn Fn(u64)) -> Result<(), StoreError> {
        let mut aside = Aside::default();
        let mut last = SourceId(from);
        loop {
            let page = view.verify_sources(last, PAGE)?;
            let Some(end) = page.last() else { break };
            last = end.id;
            self.sources.looked(page.len());
            for source in &page {
                for wrong in &source.wrong {
                    told(&mut self.sources, format!("source {} ({})", source.id, source.path), wrong);
                }
                if depth == Depth::Thorough {
                    aside.look(source, &mut self.rejected);
                }
            }
            step(page.len() as u64);
        }
        aside.done(&mut self.rejected);
        self.sources.looked(0);
        Ok(())
    }

    fn tables(&mut self, view: &View) -> Result<(), StoreError> {
        for finding in view.verify_tables()? {
            let about = match &finding.about {
                About::Report(ticket) => format!("report {ticket}"),
                About::Source(source) => format!("source {source}"),
                About::Body(body) => format!("body {body}"),
                About::State(state) => format!("reports that are {state}"),
                About::Deliveries => "deliveries".to_owned(),
            };
            told(&mut self.tables, about, &finding.wrong);
        }
        self.tables.looked(1);
        Ok(())
    }
}

const REPAIR: &str = "stop the worker, copy the queue folder and start it again: it rescues what is readable where SQLite finds damage";

fn told(check: &mut Check, about: String, wrong: &Wrong) {
    if wrong.is_grave() {
        check.fault(about, wrong.what(), wrong.remedy());
    } else {
        check.warning(about, wrong.what(), wrong.remedy());
    }
}
