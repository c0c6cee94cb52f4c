//! Building a report from measured facts, so that an invalid one is hard to write.
//!
//! A test has a root because [`TestReport::build`] asks for it, and the root is a [`Sequence`] because nothing else fits. A step
//! has one payload because its type decides it. Limits bring their operator along. Points come in pairs. A name given twice is an
//! error at once. A status that was not given follows from the limits, and a failure travels up to the report.
//!
//! Empty texts and lengths are left to [`Report::check`](crate::Report::check).

mod chart;
mod limits;
mod meas;
mod repair;
mod sequence;
mod steps;
mod test;

pub use chart::{ChartError, ChartStep, ChartType, Plot};
pub use limits::{Edge, Limits, TextLimit};
pub use meas::{BooleanStep, DuplicateName, MultiBooleanStep, MultiNumericStep, MultiStringStep, Numeric, NumericStep, StringStep, Text};
pub use repair::RepairReport;
pub use sequence::Sequence;
pub use steps::{ActionStep, AttachmentStep, Draft, ExeStep, PopupStep};
pub use test::TestReport;

use uuid::Uuid;

use crate::{Kind, Number, Report, Timestamp};

/// What every report says of itself. Texts left empty are for the caller to fill in before sending.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Header {
    /// The report's UUID, where it is known already.
    pub id: Option<Uuid>,
    /// Part number.
    pub pn: String,
    /// Serial number.
    pub sn: String,
    /// Revision of the part.
    pub rev: String,
    /// Start of the test or repair.
    pub start: Option<Timestamp>,
    /// The test station.
    pub machine_name: String,
    /// Where the station stands.
    pub location: String,
    /// What the station is for.
    pub purpose: String,
    /// Number of the process on the server.
    pub process_code: Option<i64>,
    /// Name of the process on the server.
    pub process_name: Option<String>,
}

impl Header {
    fn into_report(self, kind: Kind) -> Report {
        Report {
            kind,
            id: self.id.map(|id| id.to_string()),
            pn: self.pn,
            sn: self.sn,
            rev: self.rev,
            start: self.start,
            machine_name: self.machine_name,
            location: self.location,
            purpose: self.purpose,
            process_code: self.process_code.map(Number::from),
            process_name: self.process_name,
            ..Report::default()
        }
    }
}

#[cfg(test)]
mod tests;
