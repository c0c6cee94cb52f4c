//! Measurements with numbers that JSON does not know: the common rule, applied to a step.
//!
//! One value that is none makes string measurements of ALL measurements of its step, because a step has one kind of result; the
//! digits and limits of the others are kept as text.

use report::{CompOp, Number};
use serde_json::{Map, Value};

use super::fields::{Notes, Pointer};
use crate::Span;
use crate::nonfinite;
use crate::xml::Element;

/// Settles the numeric measurements of a step: limits that are words go, values that are words make them string measurements.
pub(super) fn settle(notes: &mut Notes, step: &mut Map<String, Value>, element: &Element, pointer: &Pointer<'_>) {
    let Some(Value::Array(mut all)) = step.remove("numericMeas") else {
        return;
    };
    let numeric = pointer.key("numericMeas");
    if all.iter().any(|one| one.get("value").is_some_and(Value::is_string)) {
        let string = pointer.key("stringMeas");
        notes.trace.moved(&numeric.to_string(), &string.to_string());
        let mut words = Vec::new();
        for (one, source) in all.into_iter().zip(element.named("NumericLimit")) {
            let at = source.attribute("NumericValue").map_or(source.at, |value| value.at);
            words.push(in_words(notes, one, at, &string.index(words.len())));
        }
        if let Some(kind) = step.get_mut("stepType") {
            match kind.as_str() {
                Some("ET_NLT") => *kind = "ET_SVT".into(),
                Some("ET_MNLT") => *kind = "ET_MSVT".into(),
                _ => {}
            }
        }
        step.insert("stringMeas".into(), words.into());
        return;
    }
    for (place, (one, source)) in all.iter_mut().zip(element.named("NumericLimit")).enumerate() {
        reduce_limits(notes, one, source, &numeric.index(place));
    }
    step.insert("numericMeas".into(), all.into());
}

/// A numeric measurement as a string measurement: value, operator, limits and unit as text.
fn in_words(notes: &mut Notes, measurement: Value, at: Span, pointer: &Pointer<'_>) -> Value {
    let word = |key: &str| match measurement.get(key) {
        None | Some(Value::Null) => None,
        Some(Value::String(text)) => Some(text.clone()),
        Some(other) => Some(other.to_string()),
    };
    let parts = [word("compOp").filter(|op| !op.eq_ignore_ascii_case("LOG")), word("lowLimit"), word("highLimit"), word("unit")];
    let mut text = Map::new();
    for key in ["name", "status", "value"] {
        if let Some(value) = word(key) {
            text.insert(key.into(), value.into());
        }
    }
    text.insert("compOp".into(), "LOG".into());
    if let Some(limit) = nonfinite::limits_as_text(parts.each_ref().map(|part| part.as_deref())) {
        text.insert("limit".into(), limit.into());
    }
    // what the limit's text is made of has no value of its own any more
    for key in ["unit", "highLimit", "lowLimit", "compOp"] {
        notes.trace.moved(&pointer.key(key).to_string(), &pointer.key("limit").to_string());
    }
    if measurement.get("value").is_some_and(Value::is_string) {
        let message = "the value is no number, so the step's measurements are string measurements, limits as text";
        notes.warn(&pointer.key("value"), at, message);
    }
    text.into()
}

fn reduce_limits(notes: &mut Notes, measurement: &mut Value, source: &Element, pointer: &Pointer<'_>) {
    let Some(fields) = measurement.as_object_mut() else { return };
    let gone = ["lowLimit", "highLimit"].map(|key| fields.get(key).is_some_and(Value::is_string));
    if gone == [false, false] {
        return;
    }
    let before = fields.get("compOp").and_then(Value::as_str).unwrap_or("LOG").to_owned();
    let limit = |key: &str| fields.get(key).and_then(|limit| Number::parse(&limit.to_string()));
    let reduced = nonfinite::reduce(CompOp::parse(&before), limit("lowLimit"), limit("highLimit"));
    let after = reduced.op.as_str().to_owned();
    for (key, limit) in [("lowLimit", reduced.low), ("highLimit", reduced.high)] {
        fields.remove(key);
        if let Some(limit) = limit {
            fields.insert(key.into(), limit.into());
        }
    }
    move_places(notes, gone, pointer);
    let at = source.attribute("CompOperator").map_or(source.at, |op| op.at);
    let message = format!("a limit is no number and was left out; the operator {before} became {after}");
    fields.insert("compOp".into(), after.into());
    notes.warn(&pointer.key("compOp"), at, message);
}

/// The limit that remains is the low one; a limit that is gone is part of why the operator is what it is.
fn move_places(notes: &mut Notes, gone: [bool; 2], pointer: &Pointer<'_>) {
    let [low, high, op] = ["lowLimit", "highLimit", "compOp"].map(|key| pointer.key(key));
    let place = notes.trace.get(&op.to_string());
    for (pointer, _) in [&low, &high].into_iter().zip(gone).filter(|(_, gone)| *gone) {
        notes.trace.moved(&pointer.to_string(), &op.to_string());
    }
    if let Some(place) = place {
        notes.place(&op, place);
    }
    if gone == [true, false] {
        notes.trace.moved(&high.to_string(), &low.to_string());
    }
}
