//! The trait every format implements.

use serde_json::Value;

use crate::failure::Failure;
use crate::input::{Input, Sink};
use crate::options::OptionProblem;

/// A file format of testers.
pub trait Format: Sync {
    /// The name used in configurations, such as `wsjf`.
    fn name(&self) -> &'static str;

    /// What the format is, for people.
    fn about(&self) -> About;

    /// JSON Schema of this format's options.
    fn options_schema(&self) -> Value;

    /// Every problem with the given options; empty when they can be used.
    fn option_problems(&self, options: &Value) -> Vec<OptionProblem>;

    /// How surely a file is of this format, judged by its name and its first bytes (at most the first 64 KiB).
    fn detect(&self, file_name: &str, head: &[u8]) -> Confidence;

    /// Reads the source and hands over its reports, one at a time.
    ///
    /// # Errors
    /// See [`Failure`]. Reports handed over before a failure are the caller's to discard.
    fn convert(&self, input: Input<'_>, sink: &mut dyn Sink) -> Result<(), Failure>;
}

/// A format described for people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct About {
    /// Its full name.
    pub title: &'static str,
    /// Usual file extensions, without the dot.
    pub extensions: &'static [&'static str],
    /// One or two sentences.
    pub summary: &'static str,
    /// Its files are no text.
    pub binary: bool,
    /// Where the rules of the conversion come from.
    pub source_of_rules: &'static str,
}

/// How surely a file is of a format: 0 (not at all) to 100 (certain).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
pub struct Confidence(pub u8);

impl Confidence {
    /// Certainly something else.
    pub const NONE: Self = Self(0);
}

/// A format a file may be of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct Guess {
    /// The format's name.
    pub format: &'static str,
    /// How surely.
    pub confidence: Confidence,
}
