//! The columns of step data and what a row of it can be.

use super::measure::Test;
use super::reading::Reading;
use super::row::{Cell, Row};

/// The columns of step data, in their usual order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Column {
    StepType,
    StepName,
    MeasureName,
    Value,
    LowLimit,
    HighLimit,
    CompOperator,
    Unit,
    StepStatus,
    StepExecutionTime,
    StepReportText,
    StepErrorCode,
    StepErrorMessage,
    CausedSequenceFailure,
}

/// Their names in the line of column headers.
const NAMES: [&str; 14] = [
    "StepType",
    "StepName",
    "MeasureName",
    "Value",
    "LowLimit",
    "HighLimit",
    "CompOperator",
    "Unit",
    "StepStatus",
    "StepExecutionTime",
    "StepReportText",
    "StepErrorCode",
    "StepErrorMessage",
    "CausedSequenceFailure",
];

/// A row of step data whose cells are found by column.
pub(super) struct StepRow<'r> {
    row: &'r Row<'r>,
    order: Order,
}

impl<'r> StepRow<'r> {
    /// A row; warns of cells that stand in no column of the format, for nothing is to vanish without a word.
    pub(super) fn new(row: &'r Row<'r>, order: Order, reading: &mut Reading<'_>) -> Self {
        let strays = row.cells.iter().enumerate().filter(|(place, cell)| !cell.is_empty() && !order.0.contains(place));
        for (_, cell) in strays {
            reading.warn("", *cell, format!("`{}` stands in no column of the format; it was left out", cell.text));
        }
        Self { row, order }
    }

    /// The cell of a column.
    pub(super) fn cell(&self, column: Column) -> Cell<'_> {
        self.row.cell(self.order.0[column as usize])
    }
}

/// What a row of step data is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Sequence,
    EndSequence,
    Single(Test),
    Multiple(Test),
    EndMultiple(Test),
    Action,
    Chart,
    Series,
}

impl Kind {
    /// The kind a word of the first column names, upper and lower case alike.
    pub(super) fn of(word: &str) -> Option<Self> {
        let kind = match word.to_ascii_lowercase().as_str() {
            "sequencecall" => Kind::Sequence,
            "endsequencecall" => Kind::EndSequence,
            "numericlimittest" => Kind::Single(Test::Numeric),
            "passfailtest" => Kind::Single(Test::PassFail),
            "stringvaluetest" => Kind::Single(Test::Text),
            "multiplenumericlimittest" => Kind::Multiple(Test::Numeric),
            "multiplepassfailtest" => Kind::Multiple(Test::PassFail),
            "multiplestringvaluetest" => Kind::Multiple(Test::Text),
            "endmultiplenumericlimittest" => Kind::EndMultiple(Test::Numeric),
            "endmultiplepassfailtest" => Kind::EndMultiple(Test::PassFail),
            "endmultiplestringvaluetest" => Kind::EndMultiple(Test::Text),
            "actionstep" => Kind::Action,
            "chart" => Kind::Chart,
            "series" => Kind::Series,
            _ => return None,
        };
        Some(kind)
    }
}

/// Where each column stands in a line.
#[derive(Debug, Clone, Copy)]
pub(super) struct Order([usize; 14]);

impl Default for Order {
    fn default() -> Self {
        Self(std::array::from_fn(|column| column))
    }
}

impl Order {
    /// The order a line of column headers gives; `None` for any other line. A column it does not name keeps its usual place unless
    /// another one has that.
    pub(super) fn named_by(row: &Row<'_>) -> Option<Self> {
        let named = |column: usize| row.cells.iter().position(|cell| cell.is(NAMES[column]));
        let free = |place: usize| !NAMES.iter().any(|name| row.cell(place).is(name));
        let place = |column: usize| named(column).unwrap_or(if free(column) { column } else { usize::MAX });
        row.cell(0).is(NAMES[0]).then(|| Self(std::array::from_fn(place)))
    }
}
