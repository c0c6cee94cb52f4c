//! What is wrong with a report, all of it at once.
//!
//! An [`Severity::Error`] is what the server is documented to refuse, or what it could only store wrongly. What WATS's own exports
//! contain is at most a [`Severity::Warning`], such as `ET_NLT` steps without a measurement.

mod files;
mod header;
mod meas;
mod steps;
mod unit;

use std::fmt;

use serde::Serialize;

use crate::{Report, Timestamp};

/// Deepest nesting of steps, the root included, that stays readable: JSON readers stop at 128 levels, and a step takes two.
pub const MAX_STEP_DEPTH: usize = 60;

/// How bad an [`Issue`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The report can be sent; something looks wrong.
    Warning,
    /// The server will refuse the report.
    Error,
}

/// One thing that is wrong with a report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Issue {
    /// JSON pointer of the place in the written report. A missing key is pointed at where it should be.
    pub pointer: String,
    /// How bad it is.
    pub severity: Severity,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub fix: String,
}

impl fmt::Display for Issue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}: {}", self.pointer, self.message, self.fix)
    }
}

impl Report {
    /// Every issue of the report, in the order of its parts. Empty means: nothing known against it.
    pub fn check(&self) -> Vec<Issue> {
        let mut inspection = Inspection::default();
        header::check(&mut inspection, self);
        unit::check(&mut inspection, self);
        files::check(&mut inspection, self);
        if let Some(root) = &self.root {
            inspection.at("root", |inspection| steps::check_root(inspection, root));
        }
        inspection.issues
    }
}

/// A walk through a report: where it is, and what it found.
#[derive(Default)]
struct Inspection {
    pointer: String,
    issues: Vec<Issue>,
}

impl Inspection {
    /// Looks at a part under a key that needs no escaping.
    fn at(&mut self, key: &str, look: impl FnOnce(&mut Self)) {
        let length = self.pointer.len();
        self.pointer.push('/');
        self.pointer.push_str(key);
        look(self);
        self.pointer.truncate(length);
    }

    /// Looks at each item of a list.
    fn each<T>(&mut self, key: &str, items: &[T], mut look: impl FnMut(&mut Self, &T)) {
        for (index, item) in items.iter().enumerate() {
            self.at(key, |here| here.at(&index.to_string(), |here| look(here, item)));
        }
    }

    fn issue(&mut self, severity: Severity, message: impl Into<String>, fix: impl Into<String>) {
        self.issues.push(Issue { pointer: self.pointer.clone(), severity, message: message.into(), fix: fix.into() });
    }

    fn error(&mut self, key: &str, message: impl Into<String>, fix: impl Into<String>) {
        self.at(key, |here| here.issue(Severity::Error, message, fix));
    }

    fn warning(&mut self, key: &str, message: impl Into<String>, fix: impl Into<String>) {
        self.at(key, |here| here.issue(Severity::Warning, message, fix));
    }

    /// A text that must be there and no longer than `max`.
    fn required(&mut self, key: &str, text: &str, max: usize) {
        if text.trim().is_empty() {
            self.error(key, format!("{key} is missing"), format!("give it a text of 1 to {max} characters"));
        }
        self.within(key, text, max);
    }

    /// A text that may be missing.
    fn optional(&mut self, key: &str, text: Option<&String>, max: usize) {
        if let Some(text) = text {
            self.within(key, text, max);
        }
    }

    fn within(&mut self, key: &str, text: &str, max: usize) {
        // the server counts in UTF-16, which never takes more units than UTF-8 takes bytes
        if text.len() <= max {
            return;
        }
        let length = text.encode_utf16().count();
        if length > max {
            self.error(key, format!("{key} has {length} characters"), format!("shorten it to {max}"));
        }
    }

    /// A point in time that may be missing.
    fn time(&mut self, severity: Severity, key: &str, time: Option<&Timestamp>) {
        if let Some(time) = time.filter(|time| time.civil().is_none()) {
            let message = format!("\"{time}\" is not a point in time");
            self.at(key, |here| here.issue(severity, message, "write it as 2026-01-31T08:00:00+01:00"));
        }
    }
}

#[cfg(test)]
mod tests;
