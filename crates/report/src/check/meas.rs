//! Measurements, their limits, and charts.

use std::collections::HashSet;

use super::Inspection;
use crate::comp_op::Needs;
use crate::{BooleanMeas, Chart, CompOp, Number, NumericMeas, Outcome, Scalar, Series, Step, StringMeas};

pub(super) fn check(inspection: &mut Inspection, step: &Step) {
    check_count(inspection, step);
    check_names(inspection, "numericMeas", &step.numeric, |meas| meas.name.as_deref());
    check_names(inspection, "stringMeas", &step.string, |meas| meas.name.as_deref());
    check_names(inspection, "booleanMeas", &step.boolean, |meas| meas.name.as_deref());
    let passed = step.status == Some(Outcome::Passed);
    inspection.each("numericMeas", &step.numeric, |here, meas| check_numeric(here, meas, passed));
    inspection.each("stringMeas", &step.string, |here, meas| check_string(here, meas, passed));
    inspection.each("booleanMeas", &step.boolean, |here, meas| check_boolean(here, meas, passed));
    if let Some(chart) = &step.chart {
        inspection.at("chart", |here| check_chart(here, chart));
    }
}

/// Step types named for one measurement. Exports of the server break this, so it is no error.
fn check_count(inspection: &mut Inspection, step: &Step) {
    let (key, count) = match step.step_type.as_str() {
        "ET_NLT" | "NumericLimitTest" => ("numericMeas", step.numeric.len()),
        "ET_PFT" | "PassFailTest" => ("booleanMeas", step.boolean.len()),
        "ET_SVT" | "StringValueTest" => ("stringMeas", step.string.len()),
        _ => return,
    };
    let not_run = matches!(step.status, Some(Outcome::Skipped | Outcome::Error | Outcome::Terminated));
    if count > 1 || (count == 0 && !not_run) {
        inspection.warning(
            key,
            format!("a step of type {} has {count} measurements", step.step_type),
            "give it exactly one, or another type",
        );
    }
}

fn check_names<T>(inspection: &mut Inspection, key: &str, list: &[T], name: fn(&T) -> Option<&str>) {
    if list.len() < 2 {
        return;
    }
    let mut seen = HashSet::new();
    inspection.each(key, list, |here, meas| match name(meas).map(str::trim) {
        None | Some("") => here.error("name", "one of several measurements has no name", "give each a name of its own"),
        Some(name) if !seen.insert(name.to_owned()) => {
            here.error("name", format!("two measurements of one step are named \"{name}\""), "give each a name of its own");
        }
        Some(_) => {}
    });
}

fn check_outcome(inspection: &mut Inspection, status: Option<&Outcome>, step_passed: bool) {
    match status {
        Some(Outcome::Other(word)) => inspection.error("status", format!("\"{word}\" is not a status"), "say P, F or S"),
        Some(Outcome::Failed) if step_passed => {
            inspection.warning("status", "a failed measurement in a passed step", "let the step fail, or the measurement pass");
        }
        _ => {}
    }
}

fn check_numeric(inspection: &mut Inspection, meas: &NumericMeas, step_passed: bool) {
    check_value(inspection, meas.value.as_ref());
    for (key, limit) in [("lowLimit", &meas.low_limit), ("highLimit", &meas.high_limit)] {
        check_range(inspection, key, limit.as_ref());
    }
    check_limits(inspection, meas);
    check_outcome(inspection, meas.status.as_ref(), step_passed);
}

/// A text is no error where it says a number or `NaN`, for the server's own libraries send those.
fn check_value(inspection: &mut Inspection, value: Option<&Scalar>) {
    match value {
        None => inspection.warning("value", "value is missing", "give the measured number, or make it a string measurement"),
        Some(Scalar::Number(number)) => check_range(inspection, "value", Some(number)),
        Some(Scalar::Text(text)) if text.trim().parse::<f64>().is_ok() => {
            inspection.warning("value", format!("the value is the text \"{text}\""), "give a number, or make it a string measurement");
        }
        Some(Scalar::Text(text)) => {
            inspection.error("value", format!("\"{text}\" is not a number"), "make it a string measurement");
        }
    }
}

fn check_range(inspection: &mut Inspection, key: &str, number: Option<&Number>) {
    if let Some(number) = number.filter(|number| number.is_beyond_f64()) {
        inspection.error(key, format!("{number} is beyond the range of a double"), "leave it out");
    }
}

fn check_limits(inspection: &mut Inspection, meas: &NumericMeas) {
    let (low, high) = (meas.low_limit.is_some(), meas.high_limit.is_some());
    let Some(op) = &meas.comp_op else {
        if low || high {
            inspection.warning("compOp", "limits without an operator", "say how value and limits are compared, such as GELE");
        }
        return;
    };
    match op.needs() {
        Needs::Unknown => inspection.error("compOp", format!("\"{op}\" does not compare numbers"), "use one such as GELE, or LOG"),
        Needs::Nothing if low || high => inspection.warning("compOp", "LOG compares nothing, yet there are limits", "use one such as GELE"),
        Needs::One if !low && high => {
            inspection.warning("lowLimit", format!("{op} looks for its limit in lowLimit"), "move highLimit there")
        }
        Needs::One if !low => inspection.error("lowLimit", format!("{op} needs a lowLimit"), "give it, or use LOG"),
        Needs::Nothing | Needs::One => {}
        Needs::Both => {
            for (key, there) in [("lowLimit", low), ("highLimit", high)] {
                if !there {
                    inspection.error(key, format!("{op} needs a {key}"), "give it, or use an operator of one limit");
                }
            }
        }
    }
}

fn check_string(inspection: &mut Inspection, meas: &StringMeas, step_passed: bool) {
    if let Some(op) = &meas.comp_op {
        if !op.is_for_text() {
            inspection.error("compOp", format!("\"{op}\" does not compare texts"), "use EQ, NE, CASESENSIT, IGNORECASE or LOG");
        } else if *op != CompOp::Log && meas.limit.is_none() {
            inspection.warning("limit", format!("{op} has no limit"), "give it, or use LOG");
        }
    }
    check_outcome(inspection, meas.status.as_ref(), step_passed);
}

fn check_boolean(inspection: &mut Inspection, meas: &BooleanMeas, step_passed: bool) {
    if meas.status.is_none() {
        inspection.warning("status", "a boolean measurement without a status", "say P or F");
    }
    check_outcome(inspection, meas.status.as_ref(), step_passed);
}

fn check_chart(inspection: &mut Inspection, chart: &Chart) {
    const TYPES: [&str; 4] = ["Line", "LineLogX", "LineLogY", "LineLogXY"];
    match chart.chart_type.as_deref() {
        Some(kind) if TYPES.contains(&kind) => {}
        kind => inspection.error(
            "chartType",
            format!("\"{}\" is not a chart type", kind.unwrap_or_default()),
            "say Line, LineLogX, LineLogY or LineLogXY",
        ),
    }
    for (key, text, max) in [
        ("label", &chart.label, 100),
        ("xLabel", &chart.x_label, 100),
        ("xUnit", &chart.x_unit, 50),
        ("yLabel", &chart.y_label, 100),
        ("yUnit", &chart.y_unit, 50),
    ] {
        inspection.optional(key, text.as_ref(), max);
    }
    if chart.series.len() > Chart::MAX_SERIES {
        inspection.error("series", format!("the chart has {} series", chart.series.len()), format!("keep to {}", Chart::MAX_SERIES));
    }
    inspection.each("series", &chart.series, check_series);
}

fn check_series(inspection: &mut Inspection, series: &Series) {
    inspection.required("name", &series.name, 100);
    for (key, text) in [("xdata", &series.xdata), ("ydata", &series.ydata)] {
        let strange = points(text.as_deref()).find(|point| point.trim().parse::<f64>().is_err());
        if let Some(point) = strange {
            inspection.error(key, format!("\"{point}\" is not a number"), "separate numbers by ; and write them with a decimal point");
        }
    }
    let [x, y] = [&series.xdata, &series.ydata].map(|text| points(text.as_deref()).count());
    if x != y {
        inspection.error("ydata", format!("{y} y values for {x} x values"), "give as many of one as of the other");
    }
    if x.max(y) > Chart::MAX_POINTS {
        inspection.error("xdata", format!("the series has {} points", x.max(y)), format!("keep to {}", Chart::MAX_POINTS));
    }
}

/// The points of a series; a separator at the end is not followed by a point.
fn points(text: Option<&str>) -> impl Iterator<Item = &str> {
    let text = text.filter(|text| !text.is_empty());
    text.into_iter().flat_map(|text| text.strip_suffix(';').unwrap_or(text).split(';'))
}
