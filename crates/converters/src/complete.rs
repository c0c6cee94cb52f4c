//! The last step of every conversion, the same for all formats: what the source left out is filled in, the report is checked, and
//! only a report the server would take is handed over. Numbers that are none are taken out of it here (see `nonfinite`).
//!
//! The id is the source's own UUID, else one made of the content's hash and the report's position, so that converting the same
//! file again gives the same id.

mod fill;

use report::{ReadError, Report, Severity};
use uuid::Uuid;

use crate::failure::{Failure, Rejection};
use crate::input::{Context, Conversion, Sink, Warning};
use crate::named::Named;
use crate::nonfinite;
use crate::quoting::readable;
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

    /// Completes, checks and hands over the next report. `places` fills the trace it is given with where values stood; it is asked
    /// only when tracing, when the report has to be refused, or when a warning has no place yet.
    pub(crate) fn deliver(
        &mut self,
        mut report: Report,
        mut warnings: Named<Warning>,
        places: impl FnOnce(Trace) -> Trace,
    ) -> Result<(), Failure> {
        let moves = nonfinite::part(&mut report, &mut warnings);
        let tracing = self.tracing;
        let places = |wanted: Vec<String>| {
            // what moved is sought where it is now and stood elsewhere
            let all = tracing || !moves.is_empty();
            let mut trace = places(if all { Trace::new(true) } else { Trace::around(&wanted) });
            moves.carry(&mut trace);
            trace
        };
        let id = fill::fill(&mut report, self.context, self.next, &mut warnings);
        let mut issues = report.check();
        issues.extend(fill::beyond_the_calendar(&report));
        if issues.iter().any(|issue| issue.severity == Severity::Error) {
            return Err(refused(issues, places));
        }
        warnings.extend(issues.into_iter().map(|issue| Warning::new(issue.pointer, format!("{}: {}", issue.message, issue.fix))));
        let unplaced: Vec<String> = warnings.iter_mut().filter(|warning| warning.at.is_none()).map(|one| one.pointer.clone()).collect();
        let mut trace = if tracing || !unplaced.is_empty() {
            places(unplaced)
        } else {
            // it may hold the source, which is not to lie beside what is made of the report
            drop(places);
            Trace::default()
        };
        for warning in warnings.iter_mut() {
            warning.at = warning.at.or_else(|| trace.nearest(&warning.pointer));
            warning.pointer = readable(std::mem::take(&mut warning.pointer));
        }
        warnings.sort_by_place();
        if !tracing {
            trace = Trace::default();
        } else if let Ok(value) = serde_json::to_value(&report) {
            trace.keep_those_in(&value);
        }
        let index = self.next;
        self.next += 1;
        Ok(self.sink.take(Conversion { index, report, id, warnings: warnings.close(), trace })?)
    }
}

/// A value that no report can hold, with its place.
pub(crate) fn unreadable(error: ReadError, places: impl FnOnce(Trace) -> Trace) -> Failure {
    let at = places(Trace::around(std::slice::from_ref(&error.pointer))).nearest(&error.pointer);
    Rejection { at, ..Rejection::new(error.message, "correct the value or remove it").about(readable(error.pointer)) }.into()
}

fn refused(issues: Vec<report::Issue>, places: impl FnOnce(Vec<String>) -> Trace) -> Failure {
    let mut rejections = Named::default();
    for issue in issues.into_iter().filter(|issue| issue.severity == Severity::Error) {
        rejections.push(|| Rejection { pointer: Some(issue.pointer), ..Rejection::new(issue.message, issue.fix) });
    }
    let trace = places(rejections.iter_mut().filter_map(|rejection| rejection.pointer.clone()).collect());
    for rejection in rejections.iter_mut() {
        rejection.at = rejection.pointer.as_deref().and_then(|pointer| trace.nearest(pointer));
        rejection.pointer = rejection.pointer.take().map(readable);
    }
    Failure::Rejected(rejections.close())
}

/// The id of a report that brings none of its own.
pub(crate) fn made_id(content_hash: &str, index: usize) -> Uuid {
    /// Lineside's own name space: changing it would make every report without an id a new one.
    const NAMESPACE: Uuid = Uuid::from_u128(0x9c2f_41d7_5b0e_4a63_8e1d_70c4_a2f6_3b95);
    Uuid::new_v5(&NAMESPACE, format!("{content_hash}:{index}").as_bytes())
}
