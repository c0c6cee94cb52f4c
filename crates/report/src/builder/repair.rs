//! The report of a repair.

use uuid::Uuid;

use super::Header;
use crate::{Failure, Kind, Number, Outcome, Report, SubUnit, Timestamp, Uur};

/// A repair of one unit. The unit itself is always the first sub-unit, with idx 0.
#[derive(Debug, Clone)]
pub struct RepairReport {
    report: Report,
    uur: Uur,
}

impl RepairReport {
    /// Begins a repair of a unit that failed in this test operation. The header names the repair operation.
    pub fn new(header: Header, test_operation: i64) -> RepairReport {
        let mut report = header.into_report(Kind::Repair);
        report.result = Some(Outcome::Passed);
        report.sub_units.push(SubUnit {
            pn: report.pn.clone(),
            sn: report.sn.clone(),
            rev: Some(report.rev.clone()),
            idx: Some(0.into()),
            ..SubUnit::default()
        });
        let uur = Uur { process_code: Some(test_operation.into()), ..Uur::default() };
        RepairReport { report, uur }
    }

    /// How the repair ended; passed where nothing is said.
    pub fn result(mut self, result: Outcome) -> Self {
        self.report.result = Some(result);
        self
    }

    /// The test in which the unit failed.
    pub fn failed_test(mut self, id: Uuid) -> Self {
        self.uur.ref_uut = Some(id.to_string());
        self
    }

    /// Who repaired.
    pub fn operator(mut self, name: impl Into<String>) -> Self {
        self.uur.user = Some(name.into());
        self
    }

    /// A remark.
    pub fn comment(mut self, text: impl Into<String>) -> Self {
        self.uur.comment = Some(text.into());
        self
    }

    /// How long the repair took, in seconds.
    pub fn seconds(mut self, seconds: Number) -> Self {
        self.uur.exec_time = Some(seconds);
        self
    }

    /// When the failure was confirmed and when the repair was finished.
    pub fn times(mut self, confirmed: Timestamp, finalized: Timestamp) -> Self {
        self.uur.confirm_date = Some(confirmed);
        self.uur.finalize_date = Some(finalized);
        self
    }

    /// What was wrong with the unit itself.
    pub fn failure(mut self, failure: Failure) -> Self {
        if let Some(main) = self.report.sub_units.first_mut() {
            main.failures.push(failure);
        }
        self
    }

    /// A unit inside the unit, with its failures; it gets the next idx and hangs on the unit itself unless it says otherwise.
    pub fn sub_unit(mut self, mut unit: SubUnit) -> Self {
        unit.idx = Some(self.report.sub_units.len().into());
        unit.parent_idx.get_or_insert(0.into());
        self.report.sub_units.push(unit);
        self
    }

    /// The whole report.
    pub fn build(self) -> Report {
        Report { uur: Some(self.uur), ..self.report }
    }
}
