//! Reports of real testers in WSTF, read in place: every row of the source is compared with the report, found by a plain split.

#![allow(clippy::unwrap_used)] // a test that cannot go on should stop

mod harness;

use harness::{How, run, samples, value};
use serde_json::{Map, Value};

/// A measurement of the report: step name, kind, and the values a row of the source has for it.
type Found = (String, Vec<String>);

fn text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// The measurements and actions of a step and all below it, in order.
fn flat(step: &Value, found: &mut Vec<Found>) {
    let name = text(&step["name"]);
    let mut push = |key: &str, columns: &[&str]| {
        for meas in step[key].as_array().into_iter().flatten() {
            found.push((name.clone(), columns.iter().map(|column| text(&meas[*column])).collect()));
        }
    };
    push("numericMeas", &["name", "value", "lowLimit", "highLimit", "compOp", "unit", "status"]);
    push("booleanMeas", &["name", "status"]);
    push("stringMeas", &["name", "value", "limit", "compOp", "status"]);
    step["steps"].as_array().into_iter().flatten().for_each(|step| flat(step, found));
}

/// What the rows of the source say, by a plain split.
fn expected(source: &str) -> Vec<Found> {
    let mut name = String::new();
    let mut rows = Vec::new();
    for line in source.lines() {
        let cells: Vec<&str> = line.split('\t').map(str::trim).collect();
        let cell = |column: usize| cells.get(column).copied().unwrap_or_default().to_owned();
        if matches!(cells[0], "NumericLimitTest" | "PassFailTest" | "StringValueTest") && !cell(1).is_empty() {
            name = cell(1);
        }
        let status = cell(8).chars().take(1).collect::<String>();
        let row = match cells[0] {
            "NumericLimitTest" => vec![cell(2), cell(3), cell(4), cell(5), cell(6), cell(7), status],
            "PassFailTest" => vec![cell(2), status],
            "StringValueTest" => vec![cell(2), cell(3), cell(4), cell(6), status],
            _ => continue,
        };
        rows.push((name.clone(), row));
    }
    rows
}

#[test]
fn every_row_of_a_real_file_is_in_its_report() {
    for (name, bytes) in samples("wats-wstf").into_iter().filter(|(name, _)| name.ends_with(".txt")) {
        let ran = run("wstf", &name, &bytes, &Map::new(), How::default());
        if let Err(failure) = &ran.end {
            panic!("{name}: {failure}");
        }
        let (source, _) = encoding_rs::WINDOWS_1252.decode_without_bom_handling(&bytes);
        let mut found = Vec::new();
        for conversion in &ran.kept {
            flat(&value(conversion)["root"], &mut found);
        }
        let expected = expected(&source);
        assert!(!expected.is_empty(), "{name}");
        assert_eq!(found, expected, "{name}");
    }
}

#[test]
fn the_header_of_a_real_file_is_in_its_report() {
    let places = [
        ("SerialNumber", "/sn"),
        ("PartNumber", "/pn"),
        ("Revision", "/rev"),
        ("OperationTypeName", "/processName"),
        ("ExecutionTime", "/uut/execTime"),
        ("BatchSerialNumber", "/uut/batchSN"),
        ("FixtureId", "/uut/fixtureId"),
        ("StationName", "/machineName"),
        ("OperatorName", "/uut/user"),
        ("SoftwareName", "/root/seqCall/name"),
        ("SoftwareVersion", "/root/seqCall/version"),
        ("Comment", "/uut/comment"),
    ];
    for (name, bytes) in samples("wats-wstf").into_iter().filter(|(name, _)| name.ends_with(".txt")) {
        let ran = run("wstf", &name, &bytes, &Map::new(), How::default());
        let report = value(&ran.kept[0]);
        let (source, _) = encoding_rs::WINDOWS_1252.decode_without_bom_handling(&bytes);
        for (key, pointer) in places {
            let said = source.lines().map(|line| line.split('\t').collect::<Vec<_>>()).find(|cells| cells[0] == key);
            if let Some(said) = said.and_then(|cells| cells.get(1).map(|said| said.trim().to_owned())).filter(|said| !said.is_empty()) {
                assert_eq!(report.pointer(pointer).map(text), Some(said), "{name} {key}");
            }
        }
        let sequences = source.lines().filter(|line| line.starts_with("SequenceCall")).count();
        assert_eq!(count(&report["root"]) - 1, sequences, "{name}");
    }
}

fn count(step: &Value) -> usize {
    let inside: usize = step["steps"].as_array().into_iter().flatten().map(count).sum();
    inside + usize::from(step["stepType"] == "SequenceCall")
}
