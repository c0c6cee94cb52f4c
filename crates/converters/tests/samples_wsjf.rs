//! Reports of real testers in WSJF, read in place: every value that stands in the source stands in the report.

#![allow(clippy::unwrap_used)] // a test that cannot go on should stop

mod harness;

use harness::{How, run, samples, value};
use serde_json::{Map, Value};

/// The source as a report may differ from it: nulls and empty ids dropped, status words as letters, operators in upper case.
fn plain(value: Value) -> Value {
    match value {
        Value::Object(fields) => {
            fields.into_iter().filter(|(_, value)| !value.is_null()).map(|(key, value)| (key.clone(), word(&key, plain(value)))).collect()
        }
        Value::Array(items) => items.into_iter().map(plain).collect(),
        other => other,
    }
}

fn word(key: &str, value: Value) -> Value {
    let Value::String(text) = &value else { return value };
    match (key, text.as_str()) {
        ("compOp", op) => op.to_uppercase().into(),
        ("status" | "result", "Passed") => "P".into(),
        ("status" | "result", "Failed") => "F".into(),
        ("status" | "result", "Done") => "D".into(),
        ("status" | "result", "Skipped") => "S".into(),
        _ => value,
    }
}

/// Every value of `source` that `found` does not have in its place.
fn missing(pointer: &str, source: &Value, found: Option<&Value>, lost: &mut Vec<String>) {
    match (source, found) {
        (Value::Object(fields), Some(found @ Value::Object(_))) => {
            fields.iter().for_each(|(key, value)| missing(&format!("{pointer}/{key}"), value, found.get(key), lost));
        }
        (Value::Array(items), Some(Value::Array(found))) if items.len() == found.len() => {
            items.iter().enumerate().for_each(|(index, item)| missing(&format!("{pointer}/{index}"), item, found.get(index), lost));
        }
        (source, Some(found)) if source == found => {}
        (source, found) => lost.push(format!("{pointer}: {source} became {found:?}")),
    }
}

#[test]
fn nothing_of_a_real_report_is_lost() {
    for (name, bytes) in samples("wats-wsjf") {
        let ran = run("wsjf", &name, &bytes, &Map::new(), How::default());
        if let Err(failure) = &ran.end {
            panic!("{name}: {failure}");
        }
        assert_eq!(ran.kept.len(), 1, "{name}");
        let source = plain(serde_json::from_slice(&bytes).unwrap());
        let mut lost = Vec::new();
        missing("", &source, Some(&value(&ran.kept[0])), &mut lost);
        assert!(lost.is_empty(), "{name}: {}", lost.join("\n"));
    }
}

/// What the samples hold: report type, result, steps, measurements, charts, sub-units and misc infos were counted in the sources by
/// another program; the number of warnings is what this crate gives today.
const KNOWN: [(&str, &str); 4] = [
    ("WATS - WSJF UUR Example file.json", "R P steps=0 numeric=0 string=0 boolean=0 charts=0 units=3 misc=0 warnings=0"),
    ("WATS - WSJF UUT Example file.json", "T F steps=26 numeric=14 string=8 boolean=5 charts=2 units=2 misc=3 warnings=1"),
    ("advanced_uut.json", "T F steps=186 numeric=108 string=21 boolean=17 charts=2 units=2 misc=3 warnings=2"),
    ("uut-wsjf-export.json", "T F steps=186 numeric=108 string=21 boolean=17 charts=2 units=2 misc=3 warnings=2"),
];

#[test]
fn real_reports_have_the_shape_they_are_known_to_have() {
    for (name, bytes) in samples("wats-wsjf") {
        let ran = run("wsjf", &name, &bytes, &Map::new(), How::default());
        let report = value(&ran.kept[0]);
        let mut counts = [0usize; 5];
        count(report.get("root").unwrap_or(&Value::Null), &mut counts);
        let list = |key: &str| report[key].as_array().map_or(0, Vec::len);
        let [steps, numeric, string, boolean, charts] = counts;
        let shape = format!(
            "{} {} steps={steps} numeric={numeric} string={string} boolean={boolean} charts={charts} units={} misc={} warnings={}",
            report["type"].as_str().unwrap(),
            report["result"].as_str().unwrap(),
            list("subUnits"),
            list("miscInfos"),
            ran.kept[0].warnings.len(),
        );
        if let Some((_, known)) = KNOWN.iter().find(|(known, _)| *known == name) {
            assert_eq!(&shape, known, "{name}");
        }
    }
}

fn count(step: &Value, counts: &mut [usize; 5]) {
    let list = |key: &str| step[key].as_array().map_or(0, Vec::len);
    let found = [
        usize::from(step.is_object()),
        list("numericMeas"),
        list("stringMeas"),
        list("booleanMeas"),
        usize::from(step["chart"].is_object()),
    ];
    counts.iter_mut().zip(found).for_each(|(sum, more)| *sum += more);
    step["steps"].as_array().into_iter().flatten().for_each(|step| count(step, counts));
}
