//! The WATS report as a typed domain; WSJF in and out.
//!
//! It promises: reading a WSJF document ([`Report::from_json`]) and writing it again ([`Report::to_json`]) loses nothing. Unknown
//! keys are kept at every level in `extra`, unknown words (status, operator, group, step type) as they are, numbers with the
//! digits of the source. A non-finite number cannot be held, so none can reach JSON. [`Report::check`] names every issue at once,
//! each with a JSON pointer and what to do. The [`builder`] makes an invalid report hard to write.
//!
//! What may differ after a round trip: a `null` means "absent" and is not written again, the order of keys, the spelling of
//! exponents (`1E5` becomes `1e+5`), and the spelling of words WATS knows (`Passed` becomes `P`, `Log` becomes `LOG`).
//!
//! It deliberately does not: read clocks or files, fill in defaults, repair what a source got wrong, or ask a server.

pub mod builder;
mod check;
mod comp_op;
mod limits;
mod meas;
mod number;
mod object;
mod outcome;
mod read;
mod report;
mod scalar;
mod step;
mod timestamp;
mod unit;
mod value;
mod words;

pub use check::{Issue, MAX_STEP_DEPTH, Severity};
pub use comp_op::CompOp;
pub use limits::{compare, compare_text};
pub use meas::{BooleanMeas, Chart, NumericMeas, Series, StringMeas};
pub use number::{NotFinite, Number};
pub use outcome::Outcome;
pub use read::ReadError;
pub use report::{AdditionalData, Asset, BinaryFile, Kind, MiscInfo, Property, Report};
pub use scalar::Scalar;
pub use step::{Attachment, CallExe, Group, Loop, MessagePopup, SeqCall, Step};
pub use timestamp::Timestamp;
pub use unit::{Failure, SubUnit, Uur, Uut};

/// Keys a type does not know, in the order of the source. Also holds known keys that were there but empty (`""`, `[]`) where the
/// typed field cannot tell "empty" from "absent"; on writing, a filled typed field wins over them.
pub type Extra = serde_json::Map<String, serde_json::Value>;
