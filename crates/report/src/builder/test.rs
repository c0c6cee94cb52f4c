//! The report of a test.

use super::{Header, Sequence};
use crate::{Asset, BinaryFile, Kind, MiscInfo, Number, Outcome, Report, Scalar, Step, SubUnit, Uut};

/// A test of one unit, waiting for its root sequence.
#[derive(Debug, Clone)]
pub struct TestReport {
    report: Report,
    uut: Uut,
}

impl TestReport {
    /// Begins a test.
    pub fn new(header: Header) -> TestReport {
        TestReport { report: header.into_report(Kind::Test), uut: Uut::default() }
    }

    /// How it ended, where the source says so; else the root decides.
    pub fn result(mut self, result: Outcome) -> Self {
        self.report.result = Some(result);
        self
    }

    /// Who tested.
    pub fn operator(mut self, name: impl Into<String>) -> Self {
        self.uut.user = Some(name.into());
        self
    }

    /// A remark.
    pub fn comment(mut self, text: impl Into<String>) -> Self {
        self.uut.comment = Some(text.into());
        self
    }

    /// Serial number of the batch.
    pub fn batch(mut self, sn: impl Into<String>) -> Self {
        self.uut.batch_sn = Some(sn.into());
        self
    }

    /// The fixture.
    pub fn fixture(mut self, id: impl Into<String>) -> Self {
        self.uut.fixture_id = Some(id.into());
        self
    }

    /// The socket of a parallel tester.
    pub fn socket(mut self, index: i64) -> Self {
        self.uut.test_socket_index = Some(index.into());
        self
    }

    /// How long the test took, in seconds.
    pub fn seconds(mut self, seconds: Number) -> Self {
        self.uut.exec_time = Some(seconds);
        self
    }

    /// What went wrong.
    pub fn error(mut self, code: impl Into<Scalar>, message: impl Into<String>) -> Self {
        self.uut.error_code = Some(code.into());
        self.uut.error_message = Some(message.into());
        self
    }

    /// A free text with a name.
    pub fn misc(mut self, description: impl Into<String>, text: impl Into<String>) -> Self {
        let info = MiscInfo { description: description.into(), text: Some(text.into()), ..MiscInfo::default() };
        self.report.misc_infos.push(info);
        self
    }

    /// A unit inside the unit.
    pub fn sub_unit(mut self, unit: SubUnit) -> Self {
        self.report.sub_units.push(unit);
        self
    }

    /// A tool or fixture used.
    pub fn asset(mut self, asset: Asset) -> Self {
        self.report.assets.push(asset);
        self
    }

    /// A file that belongs to the report.
    pub fn file(mut self, file: BinaryFile) -> Self {
        self.report.binary_data.push(file);
        self
    }

    /// The whole report. Where no result was given it is that of the root: passed, failed, error or terminated.
    pub fn build(self, root: Sequence) -> Report {
        let root = Step::from(root);
        let of_root = root.status.clone().filter(|status| status.severity() > 0).unwrap_or(Outcome::Passed);
        let mut report = self.report;
        report.result.get_or_insert(of_root);
        report.root = Some(root);
        report.uut = Some(self.uut);
        report
    }
}
