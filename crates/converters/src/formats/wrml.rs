//! WRML, the older WATS XML: one flat list of steps and results that name their step by number.
//!
//! The list is brought into WSXF's nested shape and converted by its rules, options included. What is WRML's own:
//!
//! - `StepID` numbers a step, `ParentStepID` names the one it is in (none, or a negative number, for the root). The steps may come
//!   in any order; among their siblings they stay in the order of the file. A `StepIndex` does not reorder them: writers
//!   number loops and groups in their own ways.
//! - A result's `StepID` must be a step of the report. Results of a step are ordered by `MeasIndex`, equals by the file.
//! - A `<Chart>` with a `ChartType` opens a chart; those after it (by `idx`) are its series, their points as base64 of
//!   little-endian doubles, x and y in turn. A `ChartType` of `ATTACHMENT` makes them an attached file.
//! - `<PartInfo>` is a sub-unit.

mod nest;
mod plot;
#[cfg(test)]
mod tests;

use serde_json::Value;

use super::wsxf::{Namespace, Options, Signs, convert};
use crate::{About, Confidence, Failure, Format, Input, OptionProblem, Sink, options};

/// The format.
pub(crate) struct Wrml;

impl Format for Wrml {
    fn name(&self) -> &'static str {
        "wrml"
    }

    fn about(&self) -> About {
        About {
            title: "WATS Report Markup Language",
            extensions: &["xml", "wrml"],
            summary: "The older WATS XML: a flat list of steps and results that refer to each other by number.",
            binary: false,
            source_of_rules: "files of the vendor's client; the WSXF rules of support.virinco.com, article 360013383500",
        }
    }

    fn options_schema(&self) -> Value {
        options::schema::<Options>()
    }

    fn option_problems(&self, options: &Value) -> Vec<OptionProblem> {
        options::problems::<Options>(options)
    }

    fn detect(&self, _file_name: &str, head: &[u8]) -> Confidence {
        let signs = Signs::of(head);
        Confidence(match signs.namespace {
            _ if !signs.reports => 0,
            Some(Namespace::Wrml) if signs.nested => 40,
            Some(Namespace::Wrml) => 100,
            Some(Namespace::Wsxf) if signs.flat => 60,
            Some(Namespace::Wsxf) => 0,
            None if signs.flat => 90,
            None if signs.unit && !signs.nested => 30,
            None => 0,
        })
    }

    fn convert(&self, input: Input<'_>, sink: &mut dyn Sink) -> Result<(), Failure> {
        convert(input, sink, nest::nest)
    }
}
