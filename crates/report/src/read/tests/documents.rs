//! Any WSJF document: known keys with values of their type or null, left out at will, among unknown ones.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Map, Value};

type Any = BoxedStrategy<Value>;

fn number() -> Any {
    let digits = prop_oneof!["-?(0|[1-9][0-9]{0,20})(\\.[0-9]{1,20})?", "[1-9]\\.[0-9]{1,3}e[+-][1-9][0-9]{0,3}", Just("10.0".to_owned())];
    digits.prop_map(|digits| serde_json::from_str(&digits).unwrap()).boxed()
}

fn text() -> Any {
    prop_oneof!["[ -~äµΩ\"\\\\]{0,8}", "\\PC{0,4}"].prop_map(Value::String).boxed()
}

fn scalar() -> Any {
    prop_oneof![number(), text(), Just(Value::from("NaN")), Just(Value::from("Infinity"))].boxed()
}

fn boolean() -> Any {
    any::<bool>().prop_map(Value::Bool).boxed()
}

/// One of WATS's words, or one nobody knows.
fn word(known: &'static [&'static str]) -> Any {
    prop_oneof![4 => select(known).prop_map(Value::from), 1 => "x[a-z]{1,6}".prop_map(Value::String)].boxed()
}

fn status() -> Any {
    word(&["P", "F", "D", "S", "E", "T"])
}

fn comp_op() -> Any {
    word(&["LOG", "EQ", "EQT", "NE", "GT", "LT", "GE", "LE", "GELE", "GTLT", "LTGT", "CASESENSIT", "IGNORECASE"])
}

fn anything() -> Any {
    let leaf = prop_oneof![Just(Value::Null), boolean(), scalar()];
    leaf.prop_recursive(2, 6, 3, |inner| {
        let list = vec(inner.clone(), 0..3).prop_map(Value::Array);
        let object = vec(("[a-z]{1,4}", inner), 0..3).prop_map(|pairs| Value::Object(pairs.into_iter().collect()));
        prop_oneof![list, object]
    })
    .boxed()
}

fn list(item: Any) -> Any {
    vec(item, 0..3).prop_map(Value::Array).boxed()
}

/// An object with any of these keys, each absent, null or of its type, and perhaps unknown ones.
fn object(keys: Vec<(&'static str, Any)>) -> Any {
    let known: Vec<_> = keys
        .into_iter()
        .map(|(key, value)| {
            let value = prop_oneof![1 => Just(None), 1 => Just(Some(Value::Null)), 4 => value.prop_map(Some)];
            value.prop_map(move |value| value.map(|value| (key.to_owned(), value)))
        })
        .collect();
    let unknown = option::weighted(0.3, ("x_[a-zé/~]{1,5}", anything()));
    (known, unknown).prop_map(|(known, unknown)| Value::Object(known.into_iter().flatten().chain(unknown).collect())).boxed()
}

fn numeric() -> Any {
    object(vec![
        ("name", text()),
        ("value", scalar()),
        ("unit", text()),
        ("compOp", comp_op()),
        ("lowLimit", number()),
        ("highLimit", number()),
        ("status", status()),
    ])
}

fn string() -> Any {
    object(vec![("name", text()), ("value", text()), ("limit", text()), ("compOp", comp_op()), ("status", status())])
}

fn chart() -> Any {
    let series = object(vec![("dataType", text()), ("name", text()), ("xdata", text()), ("ydata", text())]);
    object(vec![
        ("chartType", text()),
        ("label", text()),
        ("xLabel", text()),
        ("xUnit", text()),
        ("yLabel", text()),
        ("yUnit", text()),
        ("series", list(series)),
    ])
}

fn file() -> Any {
    object(vec![("id", scalar()), ("name", text()), ("contentType", text()), ("data", text()), ("description", text())])
}

fn looping() -> Any {
    object(["idx", "num", "endingIndex", "passed", "failed", "i", "n"].into_iter().map(|key| (key, number())).collect())
}

fn step() -> Any {
    let one = |steps: Option<Any>| {
        let mut keys = vec![
            ("id", scalar()),
            ("group", word(&["S", "M", "C"])),
            ("stepType", word(&["SequenceCall", "ET_NLT", "ET_MNLT", "ET_PFT", "Action"])),
            ("name", text()),
            ("start", text()),
            ("status", status()),
            ("errorCode", scalar()),
            ("errorMessage", text()),
            ("reportText", text()),
            ("totTime", number()),
            ("tsGuid", text()),
            ("causedUUTFailure", boolean()),
            ("causedSeqFailure", boolean()),
            ("loop", looping()),
            ("seqCall", object(vec![("path", text()), ("name", text()), ("version", text())])),
            ("numericMeas", list(numeric())),
            ("stringMeas", list(string())),
            ("booleanMeas", list(object(vec![("name", text()), ("value", boolean()), ("status", status())]))),
            ("chart", chart()),
            ("messagePopup", object(vec![("response", text()), ("button", number())])),
            ("callExe", object(vec![("exitCode", number())])),
            ("attachment", file()),
            ("additionalResults", list(anything())),
        ];
        keys.extend(steps.map(|steps| ("steps", steps)));
        object(keys)
    };
    let leaf = one(None);
    let middle = one(Some(list(leaf)));
    one(Some(list(middle)))
}

fn uut() -> Any {
    let texts = ["user", "comment", "batchSN", "fixtureId", "errorMessage"].map(|key| (key, text()));
    let numbers = ["execTime", "testSocketIndex", "batchFailCount", "batchLoopIndex"].map(|key| (key, number()));
    let others = [("errorCode", scalar()), ("stepIdCausedUUTFailure", scalar()), ("referencedByUURs", list(anything()))];
    object(texts.into_iter().chain(numbers).chain(others).collect())
}

fn uur() -> Any {
    let texts = ["user", "comment", "processName", "refUUT", "confirmDate", "finalizeDate"].map(|key| (key, text()));
    let others =
        [("execTime", number()), ("processCode", number()), ("active", boolean()), ("parent", anything()), ("children", anything())];
    object(texts.into_iter().chain(others).collect())
}

fn sub_unit() -> Any {
    let texts = ["category", "code", "comment", "comRef", "funcBlock", "refStepName", "artNumber", "artRev", "artVendor", "artDescription"];
    let others = [("refStepId", scalar()), ("attachments", list(file()))];
    let failure = object(texts.map(|key| (key, text())).into_iter().chain(others).collect());
    let texts = ["partType", "pn", "rev", "sn"].map(|key| (key, text()));
    let numbers = ["idx", "parentIdx", "position", "replacedIdx"].map(|key| (key, number()));
    object(texts.into_iter().chain(numbers).chain([("failures", list(failure))]).collect())
}

fn additional_data() -> Any {
    let property = |props: Any| {
        let texts = ["name", "type", "comment", "numFormat"].map(|key| (key, text()));
        let others = [("flags", anything()), ("value", anything()), ("array", anything()), ("props", props)];
        object(texts.into_iter().chain(others).collect())
    };
    object(vec![("name", text()), ("props", list(property(list(property(Just(Value::Array(Vec::new())).boxed())))))])
}

/// Any report; `type` is always there.
pub(super) fn report() -> impl Strategy<Value = Value> {
    let texts = ["id", "pn", "sn", "rev", "processName", "machineName", "location", "purpose", "start", "startUTC", "productName"];
    let asset = ["sn", "assetType", "partNumber", "calibrationDate", "calibrationDue"].map(|key| (key, text()));
    let others = [
        ("processCode", number()),
        ("result", status()),
        ("root", step()),
        ("uut", uut()),
        ("uur", uur()),
        ("miscInfos", list(object(vec![("id", scalar()), ("description", text()), ("text", text()), ("numeric", scalar())]))),
        ("subUnits", list(sub_unit())),
        ("assets", list(object(asset.into_iter().chain([("usageCount", number())]).collect()))),
        ("binaryData", list(file())),
        ("additionalData", list(additional_data())),
    ];
    let body = object(texts.map(|key| (key, text())).into_iter().chain(others).collect());
    (select(&["T", "R"][..]), body).prop_map(|(kind, body)| {
        let mut report = Map::from_iter([("type".to_owned(), Value::from(kind))]);
        report.extend(body.as_object().cloned().unwrap_or_default());
        Value::Object(report)
    })
}
