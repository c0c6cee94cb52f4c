//! Reads a document: parsed, repaired and made a typed report step by step.
//!
//! Of a report with tens of thousands of steps only the typed ones are kept; as bare JSON, which takes ten times its text, there is
//! never more than one step at a time, and the header at the end. What stands at a misspelt `root` or `steps` goes the long way:
//! it is bare JSON until what is around it was repaired.

use report::{ReadError, Report, Step};
use serde_json::Value;

use super::repair::Repairs;
use crate::json::{Parser, Remark, Wrong};
use crate::named::Named;

/// A report as the document has it, nothing completed yet.
pub(super) struct Read {
    pub(super) report: Report,
    /// What is not quite JSON.
    pub(super) remarks: Named<Remark>,
}

/// Why a document is no report.
pub(super) enum Unreadable {
    /// It is no JSON.
    Json(Wrong),
    /// A value is of a wrong kind.
    Value(ReadError),
}

impl From<Wrong> for Unreadable {
    fn from(wrong: Wrong) -> Self {
        Self::Json(wrong)
    }
}

/// Reads the text of one object and repairs what is in it.
pub(super) fn read(text: &str, repairs: &mut Repairs) -> Result<Read, Unreadable> {
    let mut parser = Parser::new(text);
    let mut root = None;
    let mut fields = parser.object(|parser, key| {
        if key != "root" {
            return parser.value().map_err(Unreadable::Json);
        }
        root = None;
        if parser.peek() != Some(b'{') {
            return parser.value().map_err(Unreadable::Json);
        }
        root = Some(step(parser, repairs)?);
        Ok(Value::Null)
    })?;
    let remarks = parser.end()?;
    repairs.report(&mut fields);
    let mut report = Report::from_value(fields.into()).map_err(Unreadable::Value)?;
    report.root = root.or(report.root);
    Ok(Read { report, remarks })
}

/// Reads a step and all below it. Steps that were read stand as null, which is nothing, among the fields of the one around them.
fn step(parser: &mut Parser<'_>, repairs: &mut Repairs) -> Result<Step, Unreadable> {
    let mut steps = Vec::new();
    let mut fields = parser.object(|parser, key| {
        if key != "steps" {
            return parser.value().map_err(Unreadable::Json);
        }
        steps = Vec::new();
        if parser.peek() != Some(b'[') {
            return parser.value().map_err(Unreadable::Json);
        }
        steps = parser.list(|parser| match parser.peek() {
            Some(b'{') => step(parser, repairs),
            _ => typed(parser.value()?, parser.pointer()),
        })?;
        Ok(if steps.is_empty() { Value::Array(Vec::new()) } else { Value::Null })
    })?;
    repairs.step(parser.pointer(), &mut fields);
    let mut step = typed(fields.into(), parser.pointer())?;
    if !steps.is_empty() {
        steps.shrink_to_fit();
        step.steps = steps;
    }
    Ok(step)
}

/// The step that a value at `pointer` says.
fn typed(value: Value, pointer: &str) -> Result<Step, Unreadable> {
    Step::from_value(value).map_err(|error| Unreadable::Value(ReadError { pointer: format!("{pointer}{}", error.pointer), ..error }))
}
