//! Measurement rows: values, limits, and the outcome where the source does not say it.

use report::{BooleanMeas, CompOp, NumericMeas, Outcome, Scalar, Step, StringMeas, compare, compare_text};

use super::reading::Reading;
use super::row::Cell;
use super::step_row::{Column, StepRow};
use crate::failure::Failure;
use crate::nonfinite::{self, Reduced};

/// The three kinds of tests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Test {
    Numeric,
    PassFail,
    Text,
}

/// The worst of some outcomes; where nothing went wrong and they differ, passed.
pub(super) fn worst(outcomes: impl Iterator<Item = Outcome>) -> Option<Outcome> {
    outcomes.reduce(|a, b| match (a.severity(), b.severity()) {
        (0, 0) if a != b => Outcome::Passed,
        (first, second) if second > first => b,
        _ => a,
    })
}

impl Test {
    /// Adds the measurement of a row to a step at `pointer`.
    pub(super) fn measure(self, row: &StepRow<'_>, step: &mut Step, pointer: &str, reading: &mut Reading<'_>) -> Result<(), Failure> {
        let name = row.cell(Column::MeasureName).owned();
        let before = if measurements(step) == 0 { None } else { step.status.clone() };
        let (list, index) = match self {
            Test::Numeric => ("numericMeas", step.numeric.len()),
            Test::PassFail => ("booleanMeas", step.boolean.len()),
            Test::Text => ("stringMeas", step.string.len()),
        };
        let at = format!("{pointer}/{list}/{index}");
        reading.note(|| at.clone(), row.cell(Column::StepType));
        let outcome = match self {
            Test::Numeric => numeric(row, name, step, &at, reading)?,
            Test::PassFail => pass_fail(row, name, step, &at, reading)?,
            Test::Text => text(row, name, step, &at, reading)?,
        };
        step.step_type = self.step_type(step).to_owned();
        let status = worst(before.into_iter().chain([outcome]));
        if step.status != status {
            reading.note_anew(&format!("{pointer}/status"), row.cell(Column::StepStatus));
            step.status = status;
        }
        Ok(())
    }

    /// The step type for what the step holds by now.
    pub(super) fn step_type(self, step: &Step) -> &'static str {
        let single = measurements(step) == 1 && names(step).next().is_none();
        match (self, single) {
            (Test::Numeric, true) => "ET_NLT",
            (Test::Numeric, false) => "ET_MNLT",
            (Test::PassFail, true) => "ET_PFT",
            (Test::PassFail, false) => "ET_MPFT",
            (Test::Text, true) => "ET_SVT",
            (Test::Text, false) => "ET_MSVT",
        }
    }
}

/// How many measurements a step has.
pub(super) fn measurements(step: &Step) -> usize {
    step.numeric.len() + step.boolean.len() + step.string.len()
}

/// The names of a step's measurements.
pub(super) fn names(step: &Step) -> impl Iterator<Item = &str> {
    let numeric = step.numeric.iter().filter_map(|meas| meas.name.as_deref());
    let boolean = step.boolean.iter().filter_map(|meas| meas.name.as_deref());
    numeric.chain(boolean).chain(step.string.iter().filter_map(|meas| meas.name.as_deref()))
}

/// Gives the only measurement of a step a name, because a second one follows.
pub(super) fn name_the_first(step: &mut Step, name: &str) {
    let numeric = step.numeric.iter_mut().map(|meas| &mut meas.name);
    let boolean = step.boolean.iter_mut().map(|meas| &mut meas.name);
    let slots = numeric.chain(boolean).chain(step.string.iter_mut().map(|meas| &mut meas.name));
    for slot in slots {
        slot.get_or_insert_with(|| name.to_owned());
    }
}

fn numeric(row: &StepRow<'_>, name: Option<String>, step: &mut Step, at: &str, reading: &mut Reading<'_>) -> Result<Outcome, Failure> {
    let cell = row.cell(Column::Value);
    let Reduced { op, low, high } = limits(row, at, reading)?;
    let (value, computed) = match reading.finite(cell)? {
        Some(number) => {
            let [low, high] = [&low, &high].map(|limit| limit.as_ref().map(report::Number::as_f64));
            let computed = compare(&op, number.as_f64(), low, high);
            (Scalar::Number(number), computed)
        }
        // no value can be within limits; without any there is nothing to fail
        None => {
            let limited = !row.cell(Column::LowLimit).is_empty() || !row.cell(Column::HighLimit).is_empty();
            (Scalar::Text(cell.text.to_owned()), Some(row.cell(Column::CompOperator).is("LOG") || !limited))
        }
    };
    let status = status(row, computed, at, reading)?;
    reading.place(|| format!("{at}/value"), cell);
    note(row, at, &[("name", Column::MeasureName), ("unit", Column::Unit)], reading);
    note(row, at, &[("compOp", Column::CompOperator), ("status", Column::StepStatus)], reading);
    push(
        &mut step.numeric,
        NumericMeas {
            name,
            value: Some(value),
            unit: row.cell(Column::Unit).owned(),
            comp_op: Some(op),
            low_limit: low,
            high_limit: high,
            status: Some(status.clone()),
            ..NumericMeas::default()
        },
    );
    Ok(status)
}

/// The operator and its limits. Without an operator it follows from the limits that are there; a limit that is missing, NaN or an
/// infinity reduces it.
fn limits(row: &StepRow<'_>, at: &str, reading: &mut Reading<'_>) -> Result<Reduced, Failure> {
    let (low_cell, high_cell) = (row.cell(Column::LowLimit), row.cell(Column::HighLimit));
    let (low, high) = (reading.finite(low_cell)?, reading.finite(high_cell)?);
    // where only the high limit is a number, it is what the reduced operator has in its one limit
    let only_source = if low.is_some() { low_cell } else { high_cell };
    let given = reading.comp_op(row.cell(Column::CompOperator))?;
    let (op, low, high) = match given.clone() {
        None => (CompOp::GeLe, low, high),
        Some(CompOp::Log) => {
            if low.is_some() || high.is_some() {
                reading.warn(at, row.cell(Column::CompOperator), "LOG takes no limits; they were left out");
            }
            return Ok(Reduced { op: CompOp::Log, low: None, high: None });
        }
        Some(op @ (CompOp::Lt | CompOp::Le)) if low.is_none() => (op, high, None),
        Some(op @ (CompOp::Eq | CompOp::Eqt | CompOp::Ne | CompOp::Gt | CompOp::Ge | CompOp::Lt | CompOp::Le)) => (op, low, None),
        Some(op @ (CompOp::CaseSensit | CompOp::IgnoreCase)) => {
            let cell = row.cell(Column::CompOperator);
            return Err(reading.refuse(cell, format!("{op} compares texts, not numbers"), "write an operator for numbers, such as GELE"));
        }
        Some(op) => (op, low, high),
    };
    let reduced = nonfinite::reduce(op, low, high);
    if let Some(given) = given.filter(|given| *given != reduced.op) {
        let message = nonfinite::reduction(&given, &reduced.op);
        reading.warn(format!("{at}/compOp"), row.cell(Column::CompOperator), message);
    }
    if reduced.low.is_some() {
        reading.note(|| format!("{at}/lowLimit"), only_source);
    }
    if reduced.high.is_some() {
        reading.note(|| format!("{at}/highLimit"), high_cell);
    }
    Ok(reduced)
}

fn pass_fail(row: &StepRow<'_>, name: Option<String>, step: &mut Step, at: &str, reading: &mut Reading<'_>) -> Result<Outcome, Failure> {
    let cell = row.cell(Column::Value);
    let value = match cell.text.to_ascii_lowercase().as_str() {
        "true" | "1" => Some(true),
        "false" | "0" => Some(false),
        "" => None,
        _ => return Err(reading.refuse(cell, format!("`{}` is neither TRUE nor FALSE", cell.text), "write TRUE or FALSE")),
    };
    let status = status(row, value, at, reading)?;
    if value == Some(true) && status == Outcome::Failed {
        reading.warn(format!("{at}/status"), cell, "the value is TRUE but the status Failed; the status counts");
    }
    note(row, at, &[("name", Column::MeasureName), ("status", Column::StepStatus)], reading);
    if row.cell(Column::StepStatus).is_empty() {
        reading.note(|| format!("{at}/status"), cell);
    }
    push(&mut step.boolean, BooleanMeas { name, status: Some(status.clone()), ..BooleanMeas::default() });
    Ok(status)
}

fn text(row: &StepRow<'_>, name: Option<String>, step: &mut Step, at: &str, reading: &mut Reading<'_>) -> Result<Outcome, Failure> {
    let (value, limit) = (row.cell(Column::Value), row.cell(Column::LowLimit));
    let op_cell = row.cell(Column::CompOperator);
    let op = match reading.comp_op(op_cell)? {
        None => {
            if limit.is_empty() {
                CompOp::Log
            } else {
                CompOp::Eq
            }
        }
        Some(op @ (CompOp::Log | CompOp::Eq | CompOp::Ne | CompOp::CaseSensit | CompOp::IgnoreCase)) => op,
        Some(op) => {
            return Err(reading.refuse(op_cell, format!("{op} does not compare texts"), "write EQ, NE, CASESENSIT, IGNORECASE or LOG"));
        }
    };
    let status = status(row, compare_text(&op, value.text, Some(limit.text)), at, reading)?;
    note(row, at, &[("name", Column::MeasureName), ("value", Column::Value), ("limit", Column::LowLimit)], reading);
    note(row, at, &[("compOp", Column::CompOperator), ("status", Column::StepStatus)], reading);
    push(
        &mut step.string,
        StringMeas {
            name,
            value: Some(value.text.to_owned()),
            limit: limit.owned(),
            comp_op: Some(op),
            status: Some(status.clone()),
            ..StringMeas::default()
        },
    );
    Ok(status)
}

/// The outcome of a measurement: the source's word; without it the computed one, or in an import passed.
fn status(row: &StepRow<'_>, computed: Option<bool>, at: &str, reading: &mut Reading<'_>) -> Result<Outcome, Failure> {
    let cell = row.cell(Column::StepStatus);
    if let Some(given) = reading.outcome(cell)? {
        return Ok(given);
    }
    if reading.import {
        reading.warn(format!("{at}/status"), row.cell(Column::StepType), "an import says each status, this row does not; taken as passed");
        return Ok(Outcome::Passed);
    }
    match computed {
        Some(true) => Ok(Outcome::Passed),
        Some(false) => Ok(Outcome::Failed),
        None => Err(reading.refuse(cell, "the status is missing and cannot be computed", "write Passed or Failed into StepStatus")),
    }
}

fn note(row: &StepRow<'_>, at: &str, columns: &[(&str, Column)], reading: &mut Reading<'_>) {
    for (key, column) in columns {
        let cell: Cell<'_> = row.cell(*column);
        reading.note(|| format!("{at}/{key}"), cell);
    }
}

/// Most steps have one measurement: room for the four that a list begins with would be most of a large report.
fn push<T>(list: &mut Vec<T>, one: T) {
    if list.is_empty() {
        list.reserve_exact(1);
    }
    list.push(one);
}
