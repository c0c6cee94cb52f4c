//! What goes into a conversion and what comes out of it.

use std::io::BufRead;

use report::Report;
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::quoting::readable;
use crate::trace::{Span, Trace};

/// One source and everything a format may know about it.
pub struct Input<'a> {
    /// Name of the file, without folders.
    pub file_name: &'a str,
    /// Size in bytes, as known when reading began.
    pub size: u64,
    /// The bytes, from the first one.
    pub reader: &'a mut dyn BufRead,
    /// The format's options as configured; see [`crate::Format::options_schema`].
    pub options: &'a Map<String, Value>,
    /// What the station knows about itself.
    pub context: &'a Context,
    /// Whether each value's place in the source is wanted.
    pub tracing: bool,
    /// Whether the file may still be written to: a text that ends too early is then incomplete and not wrong.
    pub may_grow: bool,
}

/// What the station knows about itself and about the source.
#[derive(Debug, Clone)]
pub struct Context {
    /// The zone of local times that carry no offset.
    pub time_zone: jiff::tz::TimeZone,
    /// blake3 of the source, in hex: makes the ids of reports without one of their own repeatable.
    pub content_hash: String,
    /// Filled in where the source is silent.
    pub defaults: Defaults,
}

/// Header values for reports whose source does not have them; empty means nothing to fill in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Defaults {
    /// For `machineName`.
    pub station_name: String,
    /// For `location`.
    pub location: String,
    /// For `purpose`.
    pub purpose: String,
    /// For `processCode`, where the source has neither code nor name.
    pub process_code: Option<i64>,
    /// For `rev`.
    pub part_revision: Option<String>,
    /// For the user of the test or repair.
    pub operator: Option<String>,
}

/// Takes the reports of a source one at a time, in the order of the source.
pub trait Sink {
    /// Takes one report. An error ends the conversion with [`crate::Failure::Stopped`].
    fn take(&mut self, conversion: Conversion) -> Result<(), Stopped>;
}

/// The receiver wants no more reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the receiver of the reports has stopped")]
pub struct Stopped;

/// One report, ready to be sent.
#[derive(Debug, Clone)]
pub struct Conversion {
    /// Position in the source, from 0.
    pub index: usize,
    /// The report, completed and checked.
    pub report: Report,
    /// Its id, as in the report.
    pub id: Uuid,
    /// What was repaired or is doubtful.
    pub warnings: Vec<Warning>,
    /// Where each value stood; empty unless asked for.
    pub trace: Trace,
}

/// Something repaired or doubtful in a report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning {
    /// JSON pointer of the value in the report; empty for the whole.
    pub pointer: String,
    /// What was found and what was done.
    pub message: String,
    /// Place in the source, where known.
    pub at: Option<Span>,
}

impl Warning {
    /// A warning about the value at `pointer`, without a place.
    pub(crate) fn new(pointer: impl Into<String>, message: impl Into<String>) -> Self {
        Self { pointer: pointer.into(), message: readable(message.into()), at: None }
    }

    /// The same warning with its place in the source.
    pub(crate) fn at(mut self, span: Span) -> Self {
        self.at = Some(span);
        self
    }
}
