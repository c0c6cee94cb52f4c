//! The last step of every conversion, the same for all formats: what the source left out is filled in, the report is checked, and
//! only a report the server would take is handed over.
//!
//! The id is the source's own UUID, else one made of the content's hash and the report's position, so that converting the same
//! file again gives the same id.

mod fill;

use report::{Report, Severity};
use uuid::Uuid;

use crate::failure::{Failure, Rejection};
use crate::input::{Context, Conversion, Sink, Warning};
use crate::trace::Trace;

/// Completes the reports of one source and hands them over.
pub(crate) struct Completion<'a> {
    context: &'a Context,
    sink: &'a mut dyn Sink,
    tracing: bool,
    next: usize,
}

impl<'a> Completion<'a> {
    /// For a source of which no report was handed over yet.
    pub(crate) fn new(context: &'a Context, tracing: bool, sink: &'a mut dyn Sink) -> Self {
        Self { context, sink, tracing, next: 0 }
    }

    /// Position of the next report in the source.
    pub(crate) fn next_index(&self) -> usize {
        self.next
    }

    /// Completes, checks and hands over the next report. `places` tells where its values stood; it is asked only when tracing or
    /// when the report has to be refused.
    pub(crate) fn deliver(&mut self, mut report: Report, mut warnings: Vec<Warning>, places: &dyn Fn() -> Trace) -> Result<(), Failure> {
        let id = fill::fill(&mut report, self.context, self.next, &mut warnings);
        let issues = report.check();
        if issues.iter().any(|issue| issue.severity == Severity::Error) {
            return Err(refused(&issues, &places()));
        }
        warnings.extend(issues.iter().map(|issue| Warning::new(&*issue.pointer, format!("{}: {}", issue.message, issue.fix))));
        let mut trace = if self.tracing { places() } else { Trace::default() };
        for warning in &mut warnings {
            warning.at = warning.at.or_else(|| trace.nearest(&warning.pointer));
        }
        if let Some(value) = self.tracing.then(|| serde_json::to_value(&report).ok()).flatten() {
            trace.keep_those_in(&value);
        }
        let index = self.next;
        self.next += 1;
        Ok(self.sink.take(Conversion { index, report, id, warnings, trace })?)
    }
}

fn refused(issues: &[report::Issue], places: &Trace) -> Failure {
    let errors = issues.iter().filter(|issue| issue.severity == Severity::Error);
    Failure::Rejected(
        errors
            .map(|issue| Rejection {
                pointer: Some(issue.pointer.clone()),
                at: places.nearest(&issue.pointer),
                message: issue.message.clone(),
                fix: issue.fix.clone(),
            })
            .collect(),
    )
}

/// The id of a report that brings none of its own.
pub(crate) fn made_id(content_hash: &str, index: usize) -> Uuid {
    /// Lineside's own name space: changing it would make every report without an id a new one.
    const NAMESPACE: Uuid = Uuid::from_u128(0x9c2f_41d7_5b0e_4a63_8e1d_70c4_a2f6_3b95);
    Uuid::new_v5(&NAMESPACE, format!("{content_hash}:{index}").as_bytes())
}
