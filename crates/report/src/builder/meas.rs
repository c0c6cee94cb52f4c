//! Steps that measure.

use super::chart::Plot;
use super::limits::{Limits, TextLimit};
use super::steps::Draft;
use crate::{BooleanMeas, Number, NumericMeas, Outcome, StringMeas, compare, compare_text};

/// A name given to two measurements of one step.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{name}\" is there already: give each a name of its own")]
pub struct DuplicateName {
    /// The name.
    pub name: String,
}

/// A measured number. Its status follows from the limits unless it is given.
#[derive(Debug, Clone)]
pub struct Numeric {
    value: Number,
    unit: Option<String>,
    limits: Limits,
    status: Option<Outcome>,
}

impl Numeric {
    /// A number that is recorded.
    pub fn new(value: impl Into<Number>) -> Numeric {
        Numeric { value: value.into(), unit: None, limits: Limits::None, status: None }
    }

    /// Unit of value and limits.
    pub fn unit(mut self, unit: impl Into<String>) -> Self {
        self.unit = Some(unit.into());
        self
    }

    /// What it is compared with.
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// How it ended, where the source says so.
    pub fn status(mut self, status: Outcome) -> Self {
        self.status = Some(status);
        self
    }

    fn into_meas(self, name: Option<String>) -> NumericMeas {
        let (op, low, high) = self.limits.into_parts();
        let [low_value, high_value] = [&low, &high].map(|limit| limit.as_ref().map(Number::as_f64));
        let status = self.status.or_else(|| compare(&op, self.value.as_f64(), low_value, high_value).map(judged));
        NumericMeas {
            name,
            value: Some(self.value.into()),
            unit: self.unit,
            comp_op: Some(op),
            low_limit: low,
            high_limit: high,
            status,
            ..NumericMeas::default()
        }
    }
}

/// A measured text. Its status follows from the limit unless it is given.
#[derive(Debug, Clone)]
pub struct Text {
    value: String,
    limit: TextLimit,
    status: Option<Outcome>,
}

impl Text {
    /// A text that is recorded.
    pub fn new(value: impl Into<String>) -> Text {
        Text { value: value.into(), limit: TextLimit::None, status: None }
    }

    /// What it is compared with.
    pub fn limit(mut self, limit: TextLimit) -> Self {
        self.limit = limit;
        self
    }

    /// How it ended, where the source says so.
    pub fn status(mut self, status: Outcome) -> Self {
        self.status = Some(status);
        self
    }

    fn into_meas(self, name: Option<String>) -> StringMeas {
        let (op, limit) = self.limit.into_parts();
        let status = self.status.or_else(|| compare_text(&op, &self.value, limit.as_deref()).map(judged));
        StringMeas { name, value: Some(self.value), limit, comp_op: Some(op), status, ..StringMeas::default() }
    }
}

fn judged(passed: bool) -> Outcome {
    if passed { Outcome::Passed } else { Outcome::Failed }
}

fn boolean(name: Option<String>, passed: bool) -> BooleanMeas {
    BooleanMeas { name, status: Some(judged(passed)), ..BooleanMeas::default() }
}

fn free<'a>(name: &str, mut taken: impl Iterator<Item = Option<&'a String>>) -> Result<(), DuplicateName> {
    match taken.any(|other| other.is_some_and(|other| other.trim() == name.trim())) {
        true => Err(DuplicateName { name: name.to_owned() }),
        false => Ok(()),
    }
}

/// One kind of measurement, one of them.
#[derive(Debug, Clone)]
pub struct One<M>(std::marker::PhantomData<M>);
/// One kind of measurement, any number of them, each with a name.
#[derive(Debug, Clone)]
pub struct Many<M>(std::marker::PhantomData<M>);

/// One number.
pub type NumericStep = Draft<One<NumericMeas>>;
/// Named numbers, with a chart if need be.
pub type MultiNumericStep = Draft<Many<NumericMeas>>;
/// One text.
pub type StringStep = Draft<One<StringMeas>>;
/// Named texts.
pub type MultiStringStep = Draft<Many<StringMeas>>;
/// One yes-or-no check.
pub type BooleanStep = Draft<One<BooleanMeas>>;
/// Named yes-or-no checks.
pub type MultiBooleanStep = Draft<Many<BooleanMeas>>;

impl NumericStep {
    /// Begins a step with its number.
    pub fn new(name: impl Into<String>, numeric: Numeric) -> Self {
        let mut draft = Draft::begin("ET_NLT", name);
        draft.step.numeric.push(numeric.into_meas(None));
        draft
    }
}

impl MultiNumericStep {
    /// Begins a step for named numbers.
    pub fn new(name: impl Into<String>) -> Self {
        Draft::begin("ET_MNLT", name)
    }

    /// Adds a number.
    ///
    /// # Errors
    /// When the step has one of this name already.
    pub fn add(mut self, name: impl Into<String>, numeric: Numeric) -> Result<Self, DuplicateName> {
        let name = name.into();
        free(&name, self.step.numeric.iter().map(|meas| meas.name.as_ref()))?;
        self.step.numeric.push(numeric.into_meas(Some(name)));
        Ok(self)
    }

    /// Shows a chart beside the numbers.
    pub fn chart(mut self, plot: Plot) -> Self {
        self.step.chart = Some(Box::new(plot.into_chart()));
        self.step_type("WATS_XYGMNLT")
    }
}

impl StringStep {
    /// Begins a step with its text.
    pub fn new(name: impl Into<String>, text: Text) -> Self {
        let mut draft = Draft::begin("ET_SVT", name);
        draft.step.string.push(text.into_meas(None));
        draft
    }
}

impl MultiStringStep {
    /// Begins a step for named texts.
    pub fn new(name: impl Into<String>) -> Self {
        Draft::begin("ET_MSVT", name)
    }

    /// Adds a text.
    ///
    /// # Errors
    /// When the step has one of this name already.
    pub fn add(mut self, name: impl Into<String>, text: Text) -> Result<Self, DuplicateName> {
        let name = name.into();
        free(&name, self.step.string.iter().map(|meas| meas.name.as_ref()))?;
        self.step.string.push(text.into_meas(Some(name)));
        Ok(self)
    }
}

impl BooleanStep {
    /// Begins a step that passed or failed.
    pub fn new(name: impl Into<String>, passed: bool) -> Self {
        let mut draft = Draft::begin("ET_PFT", name);
        draft.step.boolean.push(boolean(None, passed));
        draft
    }
}

impl MultiBooleanStep {
    /// Begins a step for named checks.
    pub fn new(name: impl Into<String>) -> Self {
        Draft::begin("ET_MPFT", name)
    }

    /// Adds a check that passed or failed.
    ///
    /// # Errors
    /// When the step has one of this name already.
    pub fn add(mut self, name: impl Into<String>, passed: bool) -> Result<Self, DuplicateName> {
        let name = name.into();
        free(&name, self.step.boolean.iter().map(|meas| meas.name.as_ref()))?;
        self.step.boolean.push(boolean(Some(name), passed));
        Ok(self)
    }
}
