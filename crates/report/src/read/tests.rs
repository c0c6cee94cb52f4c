use std::fs;
use std::path::PathBuf;

use proptest::prelude::*;
use serde_json::{Value, json};

use crate::{Outcome, Report, Scalar, Step};

mod documents;

fn parse(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

/// The document as a report may write it: without nulls, and with operators in WATS's own spelling.
fn settled(value: Value) -> Value {
    match value {
        Value::Object(map) => {
            let kept = map.into_iter().filter(|(_, value)| !value.is_null());
            let map = kept.map(|(key, value)| match value {
                Value::String(op) if key == "compOp" => (key, Value::String(crate::CompOp::parse(&op).to_string())),
                value => (key, settled(value)),
            });
            Value::Object(map.collect())
        }
        Value::Array(items) => Value::Array(items.into_iter().map(settled).collect()),
        other => other,
    }
}

fn round_trip(bytes: &[u8]) -> Value {
    serde_json::from_slice(&Report::from_json(bytes).unwrap().to_json()).unwrap()
}

fn sample_files() -> Vec<PathBuf> {
    let root = std::env::var_os("LINESIDE_SAMPLES")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/samples"), PathBuf::from);
    let Ok(folder) = fs::read_dir(root.join("wats-wsjf")) else {
        println!("skipped: no samples in {} (set LINESIDE_SAMPLES)", root.display());
        return Vec::new();
    };
    folder
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|extension| extension == "json"))
        .collect()
}

#[test]
fn real_reports_lose_nothing() {
    for path in sample_files() {
        let bytes = fs::read(&path).unwrap();
        let source = parse(str::from_utf8(&bytes).unwrap().trim_start_matches('\u{feff}'));
        assert_eq!(settled(round_trip(&bytes)), settled(source), "{}", path.display());
    }
}

#[test]
fn real_reports_have_no_errors() {
    for path in sample_files() {
        let issues = Report::from_json(&fs::read(&path).unwrap()).unwrap().check();
        for issue in &issues {
            println!("{}: {:?} {issue}", path.display(), issue.severity);
        }
        assert!(issues.iter().all(|issue| issue.severity == crate::Severity::Warning), "{}", path.display());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_document_loses_anything(document in documents::report()) {
        let text = document.to_string();
        let report = Report::from_json(text.as_bytes()).unwrap();
        prop_assert_eq!(&Report::from_value(document.clone()).unwrap(), &report);
        prop_assert_eq!(settled(round_trip(text.as_bytes())), settled(document));
        prop_assert_eq!(Report::from_json(&report.to_json()).unwrap(), report);
    }

    #[test]
    fn checking_any_document_points_at_places_that_exist_or_could(document in documents::report()) {
        let report = Report::from_value(document.clone()).unwrap();
        let written: Value = serde_json::from_slice(&report.to_json()).unwrap();
        for issue in report.check() {
            let (parent, _) = issue.pointer.rsplit_once('/').unwrap();
            prop_assert!(written.pointer(parent).is_some(), "{}", issue.pointer);
        }
    }
}

#[test]
fn digits_unknown_words_and_both_spellings_of_a_loop_survive() {
    let text = r#"{"type":"T","processCode":10.0,"result":"Z","blend":{"a":[1.50,null]},"miscInfos":[],"pn":"","root":{"id":"s-1","stepType":"XY_New",
        "group":"Q","errorCode":"E7","loop":{"i":1,"n":2,"idx":0,"num":3,"endingIndex":2,"passed":1,"failed":2},
        "numericMeas":[{"value":1e400,"compOp":"NEAR","lowLimit":1.50,"high":true,"valueFormat":"%.3f"},{"value":"NaN"}],
        "booleanMeas":[{"value":false},{"status":"F"}]}}"#;
    assert_eq!(round_trip(text.as_bytes()), settled(parse(text)));
    let report = Report::from_json(text.as_bytes()).unwrap();
    assert_eq!(report.result, Some(Outcome::Other("Z".to_owned())));
    assert_eq!(report.root.unwrap().numeric[1].value, Some(Scalar::Text("NaN".to_owned())));
}

#[test]
fn words_wats_knows_are_written_as_their_letters() {
    let written = round_trip(br#"{"type":"T","result":"Passed","root":{"status":"fail","group":"Setup"}}"#);
    assert_eq!(written, json!({"type": "T", "result": "P", "root": {"status": "F", "group": "S"}}));
}

#[test]
fn a_known_key_that_was_empty_is_written_again_until_it_is_filled() {
    let mut report = Report::from_json(br#"{"type":"T","sn":"","assets":[],"pn":null}"#).unwrap();
    assert_eq!(round_trip(&report.to_json()), json!({"type": "T", "sn": "", "assets": []}));
    report.sn = "S1".to_owned();
    assert_eq!(serde_json::to_value(&report).unwrap(), json!({"type": "T", "sn": "S1", "assets": []}));
}

#[test]
fn a_byte_order_mark_is_read_over() {
    assert!(Report::from_json(b"\xEF\xBB\xBF{\"type\":\"R\"}").is_ok());
}

#[test]
fn a_value_of_the_wrong_type_is_named_with_its_place() {
    for (text, line, pointer, message) in [
        ("{\"type\":\"T\",\n\"pn\":5}", 2, "/pn", "found integer `5`, expected a string"),
        ("{\"type\":\"X\"}", 1, "/type", "found string \"X\", expected \"T\" (test) or \"R\" (repair)"),
        ("{\"pn\":\"a\"}", 1, "", "missing field `type`"),
        ("[]", 1, "", "found sequence, expected a report (a JSON object)"),
        ("{\"type\":\"T\",\"root\":[]}", 1, "/root", "found sequence, expected a step (a JSON object)"),
        (
            "{\"type\":\"T\",\n\"root\":{\"steps\":[{},\n{\"numericMeas\":[{\"value\":[1]}]}]}}",
            3,
            "/root/steps/1/numericMeas/0/value",
            "found array, expected a number or a string",
        ),
        ("{\"type\":\"T\",\"root\":{\"totTime\":\"1\"}}", 1, "/root/totTime", "found string \"1\", expected a number"),
        ("{\"type\":\"T\",\"root\":{\"status\":1}}", 1, "/root/status", "found integer `1`, expected a status such as \"P\" or \"F\""),
        ("{\"type\":\"T\",\"root\":{\"causedUUTFailure\":\"no\"}}", 1, "/root/causedUUTFailure", "found string \"no\", expected a boolean"),
        ("{\"type\":\"T\",\"a/b\":1,\"a/b\":2}", 1, "", "found the key \"a/b\" twice, expected it once"),
        ("{\"type\":\"T\",\"pn\":\"1\",\"pn\":\"2\"}", 1, "", "found the key \"pn\" twice, expected it once"),
        ("{\"type\":\"T\"} x", 1, "", "trailing characters"),
        ("{\"type\":\"T\",\n", 2, "", "EOF while parsing a value"),
    ] {
        let error = Report::from_json(text.as_bytes()).unwrap_err();
        assert_eq!((error.line, error.pointer.as_str(), error.message.as_str()), (line, pointer, message), "{text}");
    }
}

#[test]
fn a_read_error_says_where_before_it_says_what() {
    let error = Report::from_json(b"{\"type\":\"T\",\"pn\":5}").unwrap_err();
    assert_eq!(error.to_string(), "line 1, column 18: /pn: found integer `5`, expected a string");
    let error = Report::from_value(json!({"type": "T", "pn": 5})).unwrap_err();
    assert_eq!(error.to_string(), "/pn: found integer `5`, expected a string");
}

fn nested(depth: usize) -> Step {
    (1..depth).fold(Step::default(), |inner, _| Step { steps: vec![inner], ..Step::default() })
}

#[test]
fn the_deepest_report_that_passes_the_check_is_still_readable() {
    let report = Report { root: Some(nested(crate::MAX_STEP_DEPTH)), ..Report::default() };
    assert!(!report.check().iter().any(|issue| issue.message.contains("nested deeper")));
    assert_eq!(Report::from_json(&report.to_json()), Ok(report));

    let deeper = Report { root: Some(nested(crate::MAX_STEP_DEPTH + 1)), ..Report::default() };
    assert!(deeper.check().iter().any(|issue| issue.message.contains("nested deeper")));
}

#[test]
fn a_bottomless_document_is_refused_not_a_stack_overflow() {
    let text = format!("{{\"type\":\"T\",\"root\":{}", "{\"steps\":[".repeat(10_000));
    assert!(Report::from_json(text.as_bytes()).unwrap_err().message.contains("recursion limit"));
}

#[test]
fn a_writer_gets_the_same_bytes() {
    let report = Report::from_json(br#"{"type":"T","pn":"A","extra":[1,2.50]}"#).unwrap();
    let mut written = Vec::new();
    report.to_writer(&mut written).unwrap();
    assert_eq!(written, report.to_json());
    assert_eq!(written, br#"{"type":"T","pn":"A","extra":[1,2.50]}"#);
}
