//! Takes what is no number out of the steps of a report, and says where everything went.

use report::{Chart, CompOp, NumericMeas, Outcome, Report, Scalar, Step, StringMeas};

use super::is;
use crate::input::Warning;
use crate::named::Named;
use crate::trace::{Trace, moved};

/// Pointers that changed, from and to, in the order of the changes.
#[derive(Debug, Default)]
pub(crate) struct Moves(Vec<(String, String)>);

impl Moves {
    /// Notes one more change.
    pub(crate) fn push(&mut self, from: String, to: String) {
        self.0.push((from, to));
    }

    /// Whether nothing changed.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Where the value at `pointer` is now.
    pub(crate) fn follow(&self, pointer: &mut String) {
        for (from, to) in &self.0 {
            if let Some(now) = moved(pointer, from, to) {
                *pointer = now;
            }
        }
    }

    /// Lets a trace follow.
    pub(crate) fn carry(&self, trace: &mut Trace) {
        self.0.iter().for_each(|(from, to)| trace.moved(from, to));
    }
}

/// Applies the rules to a report. The warnings told so far follow the values they are about.
pub(crate) fn part(report: &mut Report, warnings: &mut Named<Warning>) -> Moves {
    let mut walk = Walk { pointer: "/root".into(), warnings, moves: Moves::default() };
    if let Some(root) = &mut report.root {
        walk.root(root);
    }
    let Walk { moves, .. } = walk;
    warnings.iter_mut().for_each(|warning| moves.follow(&mut warning.pointer));
    moves
}

/// What was taken off a step.
struct Parted {
    /// The step to be put behind it.
    behind: Step,
    /// Where the measurements stood that went, and those that stayed.
    went: Vec<usize>,
    stayed: Vec<usize>,
}

struct Walk<'w> {
    pointer: String,
    warnings: &'w mut Named<Warning>,
    moves: Moves,
}

impl Walk<'_> {
    /// The root has no step behind it: what is taken off it becomes the first of its own.
    fn root(&mut self, root: &mut Step) {
        let parted = self.step(root);
        if let Some(parted) = parted {
            for index in (0..root.steps.len()).rev() {
                self.moves.push(format!("/root/steps/{index}"), format!("/root/steps/{}", index + 1));
            }
            self.follow(&parted, "/root", "/root/steps/0");
            root.steps.insert(0, parted.behind);
        }
    }

    /// Parts a step and all below it.
    fn step(&mut self, step: &mut Step) -> Option<Parted> {
        if let Some(chart) = &mut step.chart {
            self.chart(chart);
        }
        let here = self.pointer.len();
        self.pointer.push_str("/steps");
        self.list(&mut step.steps);
        self.pointer.truncate(here);
        self.measurements(step)
    }

    fn list(&mut self, steps: &mut Vec<Step>) {
        let here = self.pointer.len();
        let mut all_parted = Vec::new();
        for (index, step) in steps.iter_mut().enumerate() {
            self.pointer.push_str(&format!("/{index}"));
            all_parted.extend(self.step(step).map(|parted| (index, parted)));
            self.pointer.truncate(here);
        }
        if all_parted.is_empty() {
            return;
        }
        // from the last to the first, so that no place is moved onto another
        let mut before = all_parted.len();
        let mut rest = all_parted.iter().rev().peekable();
        for index in (0..steps.len()).rev() {
            let parted = rest.next_if(|(at, _)| *at == index);
            before -= usize::from(parted.is_some());
            let [old, now, behind] = [index, index + before, index + before + 1].map(|index| format!("{}/{index}", self.pointer));
            if let Some((_, parted)) = parted {
                self.moves.push(old, now.clone());
                self.follow(parted, &now, &behind);
            } else if before > 0 {
                self.moves.push(old, now);
            }
        }
        let mut all_parted = all_parted.into_iter().peekable();
        for (index, step) in std::mem::take(steps).into_iter().enumerate() {
            steps.push(step);
            steps.extend(all_parted.next_if(|(at, _)| *at == index).map(|(_, parted)| parted.behind));
        }
    }

    /// The measurements of a parted step at `step` follow to where they are now.
    fn follow(&mut self, parted: &Parted, step: &str, behind: &str) {
        for (place, old) in parted.went.iter().enumerate() {
            self.moves.push(format!("{step}/numericMeas/{old}"), format!("{behind}/stringMeas/{place}"));
        }
        for (place, old) in parted.stayed.iter().enumerate().filter(|(place, old)| place != *old) {
            self.moves.push(format!("{step}/numericMeas/{old}"), format!("{step}/numericMeas/{place}"));
        }
    }

    /// Makes texts of the measurements whose value is no number.
    fn measurements(&mut self, step: &mut Step) -> Option<Parted> {
        if !step.numeric.iter().any(is_none) {
            return None;
        }
        let (none, finite): (Vec<_>, Vec<_>) =
            std::mem::take(&mut step.numeric).into_iter().enumerate().partition(|(_, meas)| is_none(meas));
        let becomes_texts = finite.is_empty() && step.string.is_empty();
        let (went, texts): (Vec<usize>, Vec<StringMeas>) =
            none.into_iter().map(|(old, meas)| (old, self.text(old, meas, becomes_texts))).unzip();
        if becomes_texts {
            let at = &self.pointer;
            went.iter().for_each(|old| self.moves.push(format!("{at}/numericMeas/{old}"), format!("{at}/stringMeas/{old}")));
            step.step_type = type_of_texts(&step.step_type).to_owned();
            step.string = texts;
            return None;
        }
        let (stayed, finite) = finite.into_iter().unzip();
        step.numeric = finite;
        Some(Parted { behind: step_behind(step, texts), went, stayed })
    }

    /// A measurement as a text, with a warning and its places.
    fn text(&mut self, old: usize, meas: NumericMeas, in_its_step: bool) -> StringMeas {
        let NumericMeas { name, value, unit, comp_op, low_limit, high_limit, status, extra } = meas;
        let at = format!("{}/numericMeas/{old}", self.pointer);
        let value = value.map(|value| value.to_string()).unwrap_or_default();
        let what =
            if value.is_empty() { "the measured value is missing".to_owned() } else { format!("the measured value {value} is no number") };
        let goes =
            if in_its_step { "kept as a string measurement" } else { "kept as a string measurement in a step of its own right behind" };
        self.warnings.push(|| Warning::new(format!("{at}/value"), format!("{what}; {goes}")));
        let op = comp_op.filter(|op| *op != CompOp::Log);
        // the text of the limit is put together from these; the first of them is its place
        for key in ["unit", "highLimit", "lowLimit"].into_iter().chain(op.as_ref().map(|_| "compOp")) {
            self.moves.push(format!("{at}/{key}"), format!("{at}/limit"));
        }
        let parts =
            [op.map(|op| op.to_string()), low_limit.map(|limit| limit.to_string()), high_limit.map(|limit| limit.to_string()), unit];
        let limit = parts.into_iter().flatten().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ");
        StringMeas { name, value: Some(value), limit: (!limit.is_empty()).then_some(limit), comp_op: Some(CompOp::Log), status, extra }
    }

    /// Leaves out the points that are no numbers.
    fn chart(&mut self, chart: &mut Chart) {
        for (index, series) in chart.series.iter_mut().enumerate() {
            let (Some(x), Some(y)) = (&series.xdata, &series.ydata) else { continue };
            if ![x, y].into_iter().any(|axis| axis.split(';').any(is)) {
                continue;
            }
            let points = || x.split(';').zip(y.split(';'));
            let (all, same) = (points().count(), x.split(';').count() == y.split(';').count());
            let (xs, ys): (Vec<&str>, Vec<&str>) = points().filter(|(x, y)| !is(x) && !is(y)).unzip();
            if !same {
                continue;
            }
            let message = format!("{} of {all} points are no numbers; they were left out", all - xs.len());
            self.warnings.push(|| Warning::new(format!("{}/chart/series/{index}", self.pointer), message));
            (series.xdata, series.ydata) = (Some(xs.join(";")), Some(ys.join(";")));
        }
    }
}

fn is_none(meas: &NumericMeas) -> bool {
    match &meas.value {
        None => false,
        Some(Scalar::Number(number)) => number.is_beyond_f64(),
        Some(Scalar::Text(text)) => text.trim().is_empty() || is(text),
    }
}

/// The type a step of numbers has when it holds texts.
fn type_of_texts(step_type: &str) -> &str {
    match step_type {
        "ET_NLT" | "NumericLimitTest" => "ET_SVT",
        "ET_MNLT" | "MultiNumericLimitTest" => "ET_MSVT",
        other => other,
    }
}

/// A step for the texts taken off another one, with that one's name and group.
fn step_behind(step: &Step, texts: Vec<StringMeas>) -> Step {
    let single = matches!(&*texts, [only] if only.name.is_none());
    let worst = texts.iter().filter_map(|text| text.status.clone()).max_by_key(Outcome::severity);
    Step {
        group: step.group.clone(),
        step_type: if single { "ET_SVT" } else { "ET_MSVT" }.into(),
        name: step.name.clone(),
        status: worst.or_else(|| step.status.clone()),
        string: texts,
        ..Step::default()
    }
}

#[cfg(test)]
mod tests;
