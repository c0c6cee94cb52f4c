//! Bytes of a tester's file in, WATS reports out.
//!
//! Promises: a source is read once and in order, one report at a time in memory; each report handed to the [`Sink`] is complete
//! (id, start, station) and free of anything the server would refuse; whatever had to be repaired is named in a [`Warning`]; on
//! request every value can be traced to its place in the source. Whatever cannot be converted is a [`Failure`] that names the
//! place and what to do.
//!
//! Deliberately absent: no clock, no file system, no network, no threads. All-or-nothing per source is the caller's business: a
//! format may hand over some reports and then fail.

mod complete;
mod failure;
mod format;
mod formats;
mod input;
mod json;
mod named;
mod nonfinite;
mod number;
mod options;
mod quoting;
mod reading;
mod text;
mod time;
mod trace;
mod xml;

pub use failure::{Failure, Rejection};
pub use format::{About, Confidence, Format, Guess};
pub use formats::{check_options, detect, format, formats};
pub use input::{Context, Conversion, Defaults, Input, Sink, Stopped, Warning};
pub use options::OptionProblem;
pub use reading::Coding;
pub use trace::{Span, Trace};
