//! Steps: the tree, its payloads, and the vendor's rules about them.

use report::Step;
use serde_json::{Map, Value};

use super::chart::{attachment, chart};
use super::fields::Kind::{AnyNumber, Flag, Group, Measured, Number, NumberOrText, Outcome, Text};
use super::fields::{Field, Notes, Pointer};
use super::{Options, limits};
use crate::Rejection;
use crate::xml::Element;

const STEP: &[Field] = &[
    Field("Id", "id", NumberOrText),
    Field("Group", "group", Group),
    Field("StepType", "stepType", Text),
    Field("Name", "name", Text),
    Field("Start", "start", Text),
    Field("Status", "status", Outcome),
    Field("StepErrorCode", "errorCode", NumberOrText),
    Field("StepErrorCodeFormat", "errorCodeFormat", Text),
    Field("StepErrorMessage", "errorMessage", Text),
    Field("total_time", "totTime", Number),
    Field("total_timeFormat", "totTimeFormat", Text),
    Field("tsGuid", "tsGuid", Text),
    Field("StepCausedUUTFailure", "causedUUTFailure", Flag),
    Field("StepCausedSequenceFailure", "causedSeqFailure", Flag),
];
/// What numbers a step among its siblings (the order of the steps says it), and what is read apart.
const STEP_KNOWN: &[&str] = &["StepIndex", "Idx", "module_time"];
const LOOP: &[Field] = &[
    Field("num", "num", Number),
    Field("passed", "passed", Number),
    Field("failed", "failed", Number),
    Field("ending_index", "endingIndex", Number),
    Field("index", "idx", Number),
];
const SEQUENCE_CALL: &[Field] = &[Field("Filepath", "path", Text), Field("Name", "name", Text), Field("Version", "version", Text)];
const POPUP: &[Field] = &[Field("Button", "button", Number), Field("Response", "response", Text)];
const CALL_EXE: &[Field] = &[Field("ExitCode", "exitCode", Number), Field("ExitCodeFormat", "exitCodeFormat", Text)];
const NUMERIC: &[Field] = &[
    Field("CompOperator", "compOp", Text),
    Field("Name", "name", Text),
    Field("Status", "status", Outcome),
    Field("Units", "unit", Text),
    Field("NumericValue", "value", AnyNumber),
    Field("NumericValueFormat", "valueFormat", Text),
    Field("HighLimit", "highLimit", AnyNumber),
    Field("HighLimitFormat", "highLimitFormat", Text),
    Field("LowLimit", "lowLimit", AnyNumber),
    Field("LowLimitFormat", "lowLimitFormat", Text),
];
const STRING: &[Field] = &[
    Field("CompOperator", "compOp", Text),
    Field("Name", "name", Text),
    Field("Status", "status", Outcome),
    Field("StringValue", "value", Measured),
    Field("StringLimit", "limit", Measured),
];
const BOOLEAN: &[Field] = &[Field("Name", "name", Text), Field("Status", "status", Outcome)];
/// What numbers a measurement: the order of the measurements says it.
const ORDER: &[&str] = &["MeasIndex", "MeasOrderNumber", "idx"];

/// Payload elements; a step has one kind of the first group, and a chart and an attachment beside it.
const PAYLOADS: [&str; 6] = ["SequenceCall", "NumericLimit", "StringValue", "PassFail", "MessagePopup", "Callexe"];
const SINGLE: [&str; 6] = ["SequenceCall", "MessagePopup", "Callexe", "Chart", "Attachment", "Loop"];

/// How deep steps may be nested: JSON readers stop at 128 levels, and a step takes two.
const DEEPEST: usize = 60;

/// A step and all in it. Each is made a typed step at once: as bare JSON a report takes many times the room.
pub(super) fn step(notes: &mut Notes, options: &Options, element: &Element, pointer: &Pointer<'_>) -> Step {
    let mut step = notes.read(element, pointer, STEP, STEP_KNOWN);
    if pointer.depth() >= 2 * DEEPEST {
        notes.reject_at(Some(element.at), format!("steps are nested more than {DEEPEST} deep"), "nest fewer steps");
        return Step::default();
    }
    note_module_time(notes, element, pointer);
    check_payloads(notes, element, pointer);
    let mut steps = Vec::new();
    for child in &element.children {
        if child.is("Step") {
            let at = pointer.key("steps");
            steps.push(self::step(notes, options, child, &at.index(steps.len())));
        } else {
            payload(notes, options, &mut step, child, pointer);
        }
    }
    for (name, key) in [("NumericLimit", "numericMeas"), ("StringValue", "stringMeas"), ("PassFail", "booleanMeas")] {
        check_names(notes, element, name, &pointer.key(key));
    }
    settle_type(&mut step);
    limits::settle_limits(notes, &mut step, element, pointer);
    lower(notes, options, &mut step, element, pointer);
    steps.shrink_to_fit();
    Step { steps, ..typed(notes, step, element, pointer) }
}

/// The step that the fields say.
fn typed(notes: &mut Notes, fields: Map<String, Value>, element: &Element, pointer: &Pointer<'_>) -> Step {
    Step::from_value(fields.into()).unwrap_or_else(|error| {
        let pointer = format!("{pointer}{}", error.pointer);
        let at = notes.trace.nearest(&pointer).unwrap_or(element.at);
        notes.rejections.push(|| Rejection::new(error.message, "correct the value or remove it").about(pointer).at(at));
        Step::default()
    })
}

/// The time of the module alone: a WSJF step has only its total time.
fn note_module_time(notes: &mut Notes, element: &Element, pointer: &Pointer<'_>) {
    if let Some(time) = element.attribute("module_time")
        && !time.value.trim().is_empty()
        && time.value.trim().parse() != Ok(0.0)
    {
        let message = format!("module_time=\"{}\" has no place in a WSJF report and was left out", time.value);
        notes.warn(pointer, time.at, message);
    }
}

fn check_payloads(notes: &mut Notes, element: &Element, pointer: &Pointer<'_>) {
    let kinds: Vec<&str> = PAYLOADS.into_iter().filter(|kind| element.child(kind).is_some()).collect();
    if kinds.len() > 1 {
        let message = format!("the step holds {}", kinds.join(" and "));
        notes.reject(pointer, element.at, message, "write one kind of result per step");
    }
    for kind in SINGLE.into_iter().filter(|kind| element.named(kind).count() > 1) {
        let message = format!("the step holds {} of <{kind}>", element.named(kind).count());
        notes.reject(pointer, element.at, message, "write one, or more steps");
    }
}

fn payload(notes: &mut Notes, options: &Options, step: &mut Map<String, Value>, child: &Element, pointer: &Pointer<'_>) {
    let one = |key: &str, value: Option<Value>, step: &mut Map<String, Value>| {
        if let Some(value) = value {
            step.insert(key.to_owned(), value);
        }
    };
    match child.name.to_ascii_lowercase().as_str() {
        "reporttext" => notes.text(step, pointer, "reportText", child),
        "loop" => one("loop", filled(notes.leaf(child, &pointer.key("loop"), LOOP, &[])), step),
        "sequencecall" => one("seqCall", Some(sequence_call(notes, child, &pointer.key("seqCall"))), step),
        "messagepopup" => one("messagePopup", filled(notes.leaf(child, &pointer.key("messagePopup"), POPUP, ORDER)), step),
        "callexe" => one("callExe", filled(notes.leaf(child, &pointer.key("callExe"), CALL_EXE, ORDER)), step),
        "chart" => one("chart", Some(chart(notes, child, &pointer.key("chart"))), step),
        "attachment" => one("attachment", attachment(notes, options, child, &pointer.key("attachment")), step),
        "numericlimit" => measurement(notes, step, child, pointer, "numericMeas", NUMERIC),
        "stringvalue" => measurement(notes, step, child, pointer, "stringMeas", STRING),
        "passfail" => measurement(notes, step, child, pointer, "booleanMeas", BOOLEAN),
        _ => notes.homeless(pointer, child),
    }
}

fn filled(map: Map<String, Value>) -> Option<Value> {
    (!map.is_empty()).then(|| map.into())
}

fn sequence_call(notes: &mut Notes, element: &Element, pointer: &Pointer<'_>) -> Value {
    let mut call = notes.leaf(element, pointer, SEQUENCE_CALL, &["Filename", "MeasIndex"]);
    let Some(file) = element.attribute("Filename").filter(|file| !file.value.trim().is_empty()) else {
        return call.into();
    };
    match call.get("path").and_then(Value::as_str) {
        None => {
            notes.place(&pointer.key("path"), file.at);
            call.insert("path".into(), file.value.trim().into());
        }
        Some(path) if path.ends_with(file.value.trim()) => {}
        Some(_) => {
            let message = format!("Filename=\"{}\" is no part of Filepath and was left out", file.value);
            notes.warn(&pointer.key("path"), file.at, message);
        }
    }
    call.into()
}

fn measurement(
    notes: &mut Notes,
    step: &mut Map<String, Value>,
    element: &Element,
    pointer: &Pointer<'_>,
    key: &'static str,
    fields: &[Field],
) {
    let all = step.entry(key).or_insert_with(|| Value::Array(Vec::new()));
    let Value::Array(all) = all else { return };
    let list = pointer.key(key);
    let pointer = list.index(all.len());
    let mut measurement = notes.leaf(element, &pointer, fields, ORDER);
    if key != "booleanMeas" {
        measurement.entry("compOp").or_insert_with(|| "LOG".into());
    }
    if key == "numericMeas" {
        move_upper_limit(notes, &mut measurement, element, &pointer);
    }
    all.push(measurement.into());
}

/// `LE` and `LT` have their limit in `HighLimit` (or, in the server's own exports, in `LowLimit`); WSJF has it in `lowLimit`.
fn move_upper_limit(notes: &mut Notes, measurement: &mut Map<String, Value>, element: &Element, pointer: &Pointer<'_>) {
    let op = measurement.get("compOp").and_then(Value::as_str).unwrap_or_default().to_ascii_uppercase();
    if op != "LE" && op != "LT" {
        return;
    }
    let Some(limit) = measurement.remove("highLimit") else { return };
    if let Some(format) = measurement.remove("highLimitFormat") {
        measurement.insert("lowLimitFormat".into(), format);
    }
    let low = pointer.key("lowLimit");
    if let Some(other) = measurement.insert("lowLimit".into(), limit.clone()).filter(|other| *other != limit) {
        let at = element.attribute("LowLimit").map_or(element.at, |limit| limit.at);
        notes.warn(&low, at, format!("LowLimit {other} says nothing beside the HighLimit of {op} and was left out"));
    }
    notes.trace.moved(&pointer.key("highLimit").to_string(), &low.to_string());
}

fn check_names(notes: &mut Notes, step: &Element, name: &str, pointer: &Pointer<'_>) {
    let nameless = |one: &Element| one.attribute("Name").is_none_or(|name| name.value.trim().is_empty());
    if step.named(name).nth(1).is_none() {
        return;
    }
    for (place, one) in step.named(name).enumerate().filter(|(_, one)| nameless(one)) {
        let message = "a measurement of a step with several has no Name";
        notes.reject(&pointer.index(place), one.at, message, "write a Name for each measurement of the step");
    }
}

/// A step without a type gets the one its payload has in the server's own exports.
fn settle_type(step: &mut Map<String, Value>) {
    if step.contains_key("stepType") {
        return;
    }
    let count = |key: &str| step.get(key).and_then(Value::as_array).map_or(0, Vec::len);
    let kind = match (count("numericMeas"), count("stringMeas"), count("booleanMeas")) {
        (1, _, _) => "ET_NLT",
        (2.., _, _) => "ET_MNLT",
        (_, 1, _) => "ET_SVT",
        (_, 2.., _) => "ET_MSVT",
        (_, _, 1) => "ET_PFT",
        (_, _, 2..) => "ET_MPFT",
        _ if step.contains_key("seqCall") => "SequenceCall",
        _ if step.contains_key("chart") => "WATS_XYGMNLT",
        _ if step.contains_key("attachment") => "WATS_AttachFile",
        _ if step.contains_key("messagePopup") => "MessagePopup",
        _ if step.contains_key("callExe") => "CallExecutable",
        _ => "Action",
    };
    step.insert("stepType".into(), kind.into());
}

/// The vendor's rule: a step cannot have passed with a measurement that failed.
fn lower(notes: &mut Notes, options: &Options, step: &mut Map<String, Value>, element: &Element, pointer: &Pointer<'_>) {
    let is = |value: &Value, letter: &str| value.get("status").and_then(Value::as_str) == Some(letter);
    let measured = ["numericMeas", "stringMeas", "booleanMeas"];
    let failed = measured.iter().filter_map(|key| step.get(*key)?.as_array()).flatten().any(|one| is(one, "F"));
    let passed = step.get("status").and_then(Value::as_str) == Some("P");
    if !(failed && passed && options.lower_passed_steps) {
        return;
    }
    let at = element.attribute("Status").map_or(element.at, |status| status.at);
    notes.warn(&pointer.key("status"), at, "the step says Passed and holds a failed measurement; it is Failed now");
    step.insert("status".into(), "F".into());
}
