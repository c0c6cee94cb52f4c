//! Verification of an instance: the queue file, every report and source in it, the archive, the rejected files, and what lies about.
//!
//! Promises to change nothing, to need no worker and to disturb none, and to find nothing where only things are on their way.
//! A damaged queue file is a finding, not an error. Memory does not grow with what is looked at: of each kind of finding the
//! first hundred are kept, and all are counted. Whether a report arrived is the server's to say; nobody is asked here.

mod archived;
mod aside;
mod lying;
mod rows;

use crate::rule::Rule;
use instance::{Config, Layout};
use jiff::Timestamp;
use serde::Serialize;
use store::{StoreError, View};

/// Findings of one check that are kept.
const MOST: usize = 100;
/// What a quick look takes in of the newest reports and sources, and the size of a file it reads through.
const NEWEST: i64 = 1_000;
const READ_THROUGH: u64 = 64 << 20;

/// How much is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Depth {
    /// What takes a moment whatever there is: the newest reports and sources, and small files as a whole.
    Quick,
    /// Everything.
    Thorough,
}

/// One kind of thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Check {
    pub(crate) name: &'static str,
    /// How many were looked at; `None` where damage or the depth prevented it.
    pub(crate) checked: Option<u64>,
    /// Findings by which a report may be lost or wrong.
    pub(crate) faults: u64,
    /// Findings that are only odd.
    pub(crate) warnings: u64,
    /// The first of them.
    pub(crate) findings: Vec<Found>,
}

/// One thing that is not as it should be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Found {
    /// A fault, or only odd.
    pub(crate) fault: bool,
    pub(crate) about: String,
    pub(crate) what: String,
    pub(crate) remedy: String,
}

impl Check {
    fn new(name: &'static str) -> Self {
        Self { name, checked: None, faults: 0, warnings: 0, findings: Vec::new() }
    }

    fn looked(&mut self, more: usize) {
        *self.checked.get_or_insert(0) += more as u64;
    }

    fn fault(&mut self, about: impl Into<String>, what: impl Into<String>, remedy: impl Into<String>) {
        self.add(Found { fault: true, about: about.into(), what: what.into(), remedy: remedy.into() });
    }

    fn warning(&mut self, about: impl Into<String>, what: impl Into<String>, remedy: impl Into<String>) {
        self.add(Found { fault: false, about: about.into(), what: what.into(), remedy: remedy.into() });
    }

    fn add(&mut self, found: Found) {
        *(if found.fault { &mut self.faults } else { &mut self.warnings }) += 1;
        if self.findings.len() < MOST {
            self.findings.push(found);
        }
    }
}

/// What is verified.
pub(crate) struct Subject<'a> {
    pub(crate) layout: &'a Layout,
    /// A worker runs, so that files may be on their way.
    pub(crate) running: bool,
    /// A worker ended without tidying up.
    pub(crate) crashed: bool,
    /// The settings, where they can be read.
    pub(crate) config: Option<Config>,
    pub(crate) now: Timestamp,
}

impl Subject<'_> {
    fn rules(&self) -> Vec<Rule> {
        let rules = self.config.iter().flat_map(|config| &config.converters).enumerate();
        rules.filter_map(|(index, rule)| Rule::new(index, rule).ok()).collect()
    }
}

/// Verifies it; `step` is told how many reports and sources were looked at.
///
/// # Errors
/// That the queue file is of a newer version, or cannot be read for another reason than damage.
pub(crate) fn verify(subject: &Subject<'_>, depth: Depth, step: &dyn Fn(u64)) -> Result<Vec<Check>, StoreError> {
    let mut file = Check::new("queue file");
    lying::beside_the_queue(subject, &mut file);
    let cut_off = lying::log_is_gone(subject, &mut file);
    let mut inside = rows::Inside::new();
    if !cut_off {
        let read = View::open(subject.layout.queue_db()).and_then(|view| match view {
            Some(view) => inside.read(&view, subject, depth, &mut file, step),
            None => Ok(()),
        });
        match read {
            Err(error) if error.is_damage() => file.fault(
                subject.layout.queue_db().display().to_string(),
                format!("cannot be read to its end: {error}"),
                "start the worker: it sets the damaged file aside and rescues what is readable; then verify again",
            ),
            read => read?,
        }
    }
    let mut checks = vec![file];
    checks.extend(inside.checks());
    if depth == Depth::Thorough {
        let mut lying = Check::new("left behind");
        lying::about(subject, &mut lying);
        checks.push(lying);
    }
    Ok(checks)
}

#[cfg(test)]
mod tests;
