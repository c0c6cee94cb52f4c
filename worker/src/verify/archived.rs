//! Delivered reports in the archive: each is read back from its place.

use super::{Check, Subject};
use crate::archive::{day_of, oldest_day};
use crate::output::counted;
use jiff::civil::Date;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use store::{ArchivePlace, CheckedReport, StoreError, Ticket, View};

/// Reads the archive along the reports; keeps one day's file open.
pub(super) struct Archived {
    folder: PathBuf,
    /// Days before this one are deleted by themselves.
    oldest: Option<Date>,
    open: Option<(String, File)>,
    /// Reports whose day's file is not there, by its name.
    missing: BTreeMap<String, u64>,
}

impl Archived {
    pub(super) fn new(subject: &Subject<'_>) -> Self {
        let oldest = subject.config.as_ref().and_then(|config| oldest_day(subject.now, config.reports_keep_days));
        Self { folder: subject.layout.reports(), oldest, open: None, missing: BTreeMap::new() }
    }

    /// Looks at the report's place, if it has one. What is wrong is looked at once more, for the report may have been
    /// replaced or forgotten since.
    pub(super) fn look(&mut self, view: &View, report: &CheckedReport, check: &mut Check) -> Result<(), StoreError> {
        let Some(place) = &report.archived else { return Ok(()) };
        if self.is_forgotten(place) {
            return Ok(());
        }
        check.looked(1);
        if self.wrong(report, place).is_none() {
            return Ok(());
        }
        self.open = None;
        let again = view.verify_reports(Ticket(report.ticket.0 - 1), 1)?.into_iter().next();
        let Some(report) = again.filter(|again| again.ticket == report.ticket && again.archived.as_ref() == Some(place)) else {
            return Ok(());
        };
        match self.wrong(&report, place) {
            None => {}
            Some(Bad::NoFile) => *self.missing.entry(place.file.clone()).or_default() += 1,
            Some(Bad::Content(what)) => {
                let about = format!("report {}", report.ticket);
                let what = format!("{} at byte {}: {what}", self.folder.join(&place.file).display(), place.offset);
                check.fault(about, what, "the server has the report; keep a copy of this file, and check the disk");
            }
        }
        Ok(())
    }

    /// Tells of the days that are missing as a whole.
    pub(super) fn done(self, check: &mut Check) {
        check.looked(0);
        for (file, count) in self.missing {
            let about = self.folder.join(file).display().to_string();
            let what = format!("is not there, and {} of it should be", counted(count, "report"));
            check.warning(about, what, "bring it back if somebody moved it; the server has the reports");
        }
    }

    fn is_forgotten(&self, place: &ArchivePlace) -> bool {
        let day = day_of(Path::new(&place.file));
        matches!((day, self.oldest), (Some(day), Some(oldest)) if day < oldest)
    }

    fn wrong(&mut self, report: &CheckedReport, place: &ArchivePlace) -> Option<Bad> {
        match self.frame(place) {
            Ok(frame) => report.proof.holds(&frame).err().map(|_| Bad::Content("not what was sent lies there".to_owned())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Some(Bad::NoFile),
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Some(Bad::Content("the file ends before it".to_owned())),
            Err(error) => Some(Bad::Content(error.to_string())),
        }
    }

    fn frame(&mut self, place: &ArchivePlace) -> io::Result<Vec<u8>> {
        let file = match self.open.take() {
            Some((name, file)) if name == place.file => file,
            _ => File::open(self.folder.join(&place.file))?,
        };
        let (_, file) = self.open.insert((place.file.clone(), file));
        // Before so much memory is asked for.
        if file.metadata()?.len() < place.offset.saturating_add(place.len) {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        file.seek(SeekFrom::Start(place.offset))?;
        let mut frame = Vec::new();
        file.take(place.len).read_to_end(&mut frame)?;
        Ok(frame)
    }
}

/// Why a report cannot be read back.
enum Bad {
    NoFile,
    Content(String),
}
