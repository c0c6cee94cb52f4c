//! The step rows of a WSTF report, put together to a tree.
//!
//! A measurement row belongs to the step before it when it is of the same type and its step name is empty or the same; the same
//! measurement name again, or a second measurement without a name, begins a new step (a retest; the vendor's article does not say
//! what becomes of those). A `Multiple…` row opens a step that lasts until its `EndMultiple…` row.

mod details;

use std::collections::HashSet;

use report::{Group, Outcome, SeqCall, Step};

use super::chart;
use super::measure::{Test, measurements, name_the_first, worst};
use super::reading::Reading;
use super::row::Row;
use super::step_row::{Column, Kind, Order, StepRow};
use crate::failure::Failure;
use crate::input::Warning;
use details::{set_details, set_sequence_status};

/// A sequence whose end did not come yet; the first one is the root.
struct Open {
    step: Step,
    pointer: String,
}

/// The step that further measurement rows may belong to: the last one of the innermost open sequence.
#[derive(Clone, Copy)]
struct Current {
    test: Test,
    multiple: bool,
}

/// The tree so far.
pub(super) struct Steps {
    open: Vec<Open>,
    current: Option<Current>,
    /// Names of the measurements in the last step.
    names: HashSet<String>,
    /// Whether a chart can go to the last step.
    leaf: bool,
    order: Order,
}

impl Default for Steps {
    fn default() -> Self {
        let root = Open { step: Step::default(), pointer: "/root".into() };
        Self { open: vec![root], current: None, names: HashSet::new(), leaf: false, order: Order::default() }
    }
}

impl Steps {
    /// Takes one row.
    pub(super) fn take(&mut self, row: &Row<'_>, reading: &mut Reading<'_>) -> Result<(), Failure> {
        // the first cell tells a line of column headers, whatever the order of the columns was so far
        if let Some(order) = Order::named_by(row) {
            self.order = order;
            return Ok(());
        }
        let row = StepRow::new(row, self.order, reading);
        let word = row.cell(Column::StepType);
        let Some(kind) = Kind::of(word.text) else {
            let fix =
                "write SequenceCall, NumericLimitTest, PassFailTest, StringValueTest, ActionStep, Chart or another type of the format";
            return Err(reading.refuse(word, format!("`{}` is not a step type", word.text), fix));
        };
        match kind {
            Kind::Sequence => self.begin_sequence(&row, reading)?,
            Kind::EndSequence => self.end_sequence(&row, reading)?,
            Kind::Single(test) => self.measure(test, &row, reading)?,
            Kind::Multiple(test) => self.begin_multiple(test, &row, reading)?,
            Kind::EndMultiple(test) => self.end_multiple(test, &row, reading)?,
            Kind::Action => {
                let status = reading.outcome(row.cell(Column::StepStatus))?.unwrap_or(Outcome::Passed);
                self.begin("ET_A", &row, reading);
                self.set_details(&row, reading)?;
                self.last(|step, _| step.status = Some(status));
            }
            Kind::Chart => self.chart(&row, reading)?,
            Kind::Series => self.series(&row, reading)?,
        }
        Ok(())
    }

    /// The steps of the root; sequences that were never ended are ended here.
    pub(super) fn finish(mut self, reading: &mut Reading<'_>) -> Vec<Step> {
        while self.open.len() > 1 {
            if let Some(open) = self.open.pop() {
                let message = "EndSequenceCall is missing; the sequence ends with the step data";
                reading.warnings.push(|| Warning::new(&*open.pointer, message));
                self.put(open.step);
            }
        }
        self.open.pop().map(|root| root.step.steps).unwrap_or_default()
    }

    fn top(&mut self) -> &mut Open {
        // the root is never taken off while rows are read: `end_sequence` refuses to
        self.open.last_mut().expect("the root is always open")
    }

    /// Does something with the last step of the innermost sequence and its pointer.
    fn last<T>(&mut self, act: impl FnOnce(&mut Step, &str) -> T) -> Option<T> {
        let top = self.top();
        let index = top.step.steps.len().checked_sub(1)?;
        let pointer = format!("{}/steps/{index}", top.pointer);
        top.step.steps.last_mut().map(|step| act(step, &pointer))
    }

    /// Puts a finished sequence into the one around it.
    fn put(&mut self, mut step: Step) {
        step.status = step.status.or_else(|| worst(step.steps.iter().filter_map(|step| step.status.clone()))).or(Some(Outcome::Passed));
        self.top().step.steps.push(step);
        self.current = None;
        self.leaf = false;
    }

    /// Adds a new step with what all rows have.
    fn begin(&mut self, step_type: &str, row: &StepRow<'_>, reading: &mut Reading<'_>) {
        let name = row.cell(Column::StepName);
        let step = Step { step_type: step_type.to_owned(), name: name.text.to_owned(), group: Some(Group::Main), ..Step::default() };
        self.top().step.steps.push(step);
        self.current = None;
        self.names.clear();
        self.leaf = true;
        self.last(|_, pointer| {
            reading.note(|| pointer.to_owned(), row.cell(Column::StepType));
            reading.note(|| format!("{pointer}/name"), name);
            reading.note(|| format!("{pointer}/status"), row.cell(Column::StepStatus));
        });
    }

    fn begin_sequence(&mut self, row: &StepRow<'_>, reading: &mut Reading<'_>) -> Result<(), Failure> {
        if self.open.len() >= MAX_DEPTH {
            return Err(reading.refuse(row.cell(Column::StepType), "sequences are nested deeper than 50 levels", "flatten them"));
        }
        let name = row.cell(Column::StepName);
        let top = self.top();
        let pointer = format!("{}/steps/{}", top.pointer, top.step.steps.len());
        reading.note(|| pointer.clone(), row.cell(Column::StepType));
        reading.note(|| format!("{pointer}/name"), name);
        let mut step = Step {
            step_type: "SequenceCall".into(),
            name: name.text.to_owned(),
            group: Some(Group::Main),
            seq_call: Some(Box::new(SeqCall { name: name.owned(), ..SeqCall::default() })),
            ..Step::default()
        };
        set_sequence_status(row, &mut step, &pointer, reading)?;
        set_details(row, &mut step, &pointer, reading)?;
        self.open.push(Open { step, pointer });
        self.current = None;
        self.leaf = false;
        Ok(())
    }

    fn end_sequence(&mut self, row: &StepRow<'_>, reading: &mut Reading<'_>) -> Result<(), Failure> {
        let name = row.cell(Column::StepName);
        if self.open.len() == 1 {
            let cell = row.cell(Column::StepType);
            return Err(reading.refuse(cell, "EndSequenceCall without a SequenceCall", "remove it or begin the sequence"));
        }
        let top = self.top();
        if !name.is_empty() && name.text != top.step.name {
            let message = format!("EndSequenceCall names `{}`, but `{}` is open", name.text, top.step.name);
            return Err(reading.refuse(name, message, "end the sequences in the reverse order of their beginnings"));
        }
        set_sequence_status(row, &mut top.step, &top.pointer, reading)?;
        set_details(row, &mut top.step, &top.pointer, reading)?;
        let passed = top.step.status == Some(Outcome::Passed);
        if passed && worst(top.step.steps.iter().filter_map(|step| step.status.clone())).is_some_and(|worst| worst.severity() > 0) {
            reading.warn(
                format!("{}/status", top.pointer),
                row.cell(Column::StepType),
                "the sequence says passed, but a step in it did not",
            );
        }
        if let Some(open) = self.open.pop() {
            self.put(open.step);
        }
        Ok(())
    }

    /// A measurement row, in the current step or in a new one.
    fn measure(&mut self, test: Test, row: &StepRow<'_>, reading: &mut Reading<'_>) -> Result<(), Failure> {
        if !self.continues(test, row) {
            self.begin_measured(test, row, reading)?;
        }
        let named = self.last(|step, pointer| {
            let first = (measurements(step) == 1).then(|| step.name.clone());
            if let Some(name) = &first {
                name_the_first(step, name);
            }
            test.measure(row, step, pointer, reading).map(|()| first)
        });
        let measure = row.cell(Column::MeasureName).owned();
        self.names.extend(named.transpose()?.flatten().into_iter().chain(measure));
        self.set_details(row, reading)
    }

    /// A new step for a measurement row. A row without a name is one of the step before it that cannot stay in it, because its
    /// measurement name is taken.
    fn begin_measured(&mut self, test: Test, row: &StepRow<'_>, reading: &mut Reading<'_>) -> Result<(), Failure> {
        let same = self.current.is_some_and(|current| current.test == test);
        let before = if same { self.last(|step, _| step.name.clone()) } else { None };
        let multiple = same && self.current.is_some_and(|current| current.multiple);
        self.begin("", row, reading);
        if row.cell(Column::StepName).is_empty() {
            let Some(name) = before else {
                let cell = row.cell(Column::StepType);
                return Err(reading.refuse(cell, "the step has no name and no step before it to belong to", "write a name into StepName"));
            };
            self.last(|step, _| step.name = name);
        }
        self.current = Some(Current { test, multiple });
        Ok(())
    }

    /// Whether a measurement row belongs to the current step.
    fn continues(&mut self, test: Test, row: &StepRow<'_>) -> bool {
        if self.current.is_none_or(|current| current.test != test) {
            return false;
        }
        let (name, measure) = (row.cell(Column::StepName).text, row.cell(Column::MeasureName).text);
        let known = measure.is_empty() || self.names.contains(measure);
        let belongs = |step: &mut Step, _: &str| (name.is_empty() || name == step.name) && (measurements(step) == 0 || !known);
        self.last(belongs).unwrap_or(false)
    }

    fn begin_multiple(&mut self, test: Test, row: &StepRow<'_>, reading: &mut Reading<'_>) -> Result<(), Failure> {
        let value = row.cell(Column::Value);
        if self.current.is_some_and(|current| current.multiple) && !value.is_empty() && self.continues(test, row) {
            return self.measure(test, row, reading);
        }
        self.begin("", row, reading);
        self.current = Some(Current { test, multiple: true });
        if !value.is_empty() {
            return self.measure(test, row, reading);
        }
        let status = reading.outcome(row.cell(Column::StepStatus))?;
        self.last(|step, _| {
            step.step_type = test.step_type(step).to_owned();
            step.status = status;
        });
        self.set_details(row, reading)
    }

    fn end_multiple(&mut self, test: Test, row: &StepRow<'_>, reading: &mut Reading<'_>) -> Result<(), Failure> {
        let word = row.cell(Column::StepType);
        if !self.current.is_some_and(|current| current.multiple && current.test == test) {
            return Err(reading.refuse(word, format!("{} without its beginning", word.text), "remove it or begin the step"));
        }
        let name = row.cell(Column::StepName);
        if !name.is_empty() && self.last(|step, _| step.name != name.text).unwrap_or(false) {
            return Err(reading.refuse(name, format!("{} names another step", word.text), "end the step that is open"));
        }
        let status = reading.outcome(row.cell(Column::StepStatus))?;
        self.last(|step, pointer| {
            if status.is_some() {
                reading.note_anew(&format!("{pointer}/status"), row.cell(Column::StepStatus));
                step.status = status;
            }
        });
        self.set_details(row, reading)?;
        self.current = None;
        Ok(())
    }

    /// A chart goes to the step before it, or becomes a step of its own where there is none or that one has a chart.
    fn chart(&mut self, row: &StepRow<'_>, reading: &mut Reading<'_>) -> Result<(), Failure> {
        let host = self.leaf && self.last(|step, _| step.chart.is_none()).unwrap_or(false);
        if !host {
            let label = row.cell(Column::MeasureName).owned().unwrap_or_else(|| "Chart".into());
            let step = Step {
                step_type: "WATS_XYGMNLT".into(),
                name: label,
                group: Some(Group::Main),
                status: Some(Outcome::Passed),
                ..Step::default()
            };
            self.top().step.steps.push(step);
            (self.current, self.leaf) = (None, true);
            self.last(|_, pointer| reading.note(|| pointer.to_owned(), row.cell(Column::StepType)));
        }
        self.last(|step, pointer| chart::begin(row, step, pointer, reading)).transpose().map(|_| ())
    }

    fn series(&mut self, row: &StepRow<'_>, reading: &mut Reading<'_>) -> Result<(), Failure> {
        let done = if self.leaf { self.last(|step, pointer| chart::add_series(row, step, pointer, reading)) } else { None };
        match done {
            Some(done) => done,
            None => Err(reading.refuse(row.cell(Column::StepType), "a Series without a Chart", "write the Chart line before it")),
        }
    }

    fn set_details(&mut self, row: &StepRow<'_>, reading: &mut Reading<'_>) -> Result<(), Failure> {
        self.last(|step, pointer| set_details(row, step, pointer, reading)).transpose().map(|_| ())
    }
}

/// Deepest nesting of sequences: with the report around them they stay within the 128 levels of JSON.
const MAX_DEPTH: usize = 50;
