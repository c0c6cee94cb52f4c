use serde_json::{Value, json};

use super::{Issue, Severity};
use crate::Report;

fn test_report() -> Value {
    json!({
        "type": "T", "id": "6f1d4c52-58a3-4b8e-9d0f-0a4f7b1c2d3e", "pn": "PSU-100", "sn": "L0001", "rev": "A", "processCode": 10, "result": "P",
        "machineName": "ICT-1", "location": "Hall 2", "purpose": "Production", "start": "2026-01-31T08:00:00+01:00", "uut": {},
        "root": {"stepType": "SequenceCall", "name": "Main", "status": "P", "seqCall": {"name": "Main"}, "steps": [
            {"stepType": "ET_NLT", "name": "Vcc", "status": "P",
             "numericMeas": [{"value": 3.30, "unit": "V", "compOp": "GELE", "lowLimit": 3.2, "highLimit": 3.4, "status": "P"}]}
        ]}
    })
}

fn repair_report() -> Value {
    json!({
        "type": "R", "id": "6f1d4c52-58a3-4b8e-9d0f-0a4f7b1c2d3f", "pn": "PSU-100", "sn": "L0001", "rev": "A", "processCode": 500, "result": "P",
        "machineName": "REP-1", "location": "Hall 2", "purpose": "Repair", "startUTC": "2026-01-31T07:00:00.Z", "uur": {"processCode": 10},
        "subUnits": [{"pn": "PSU-100", "sn": "", "idx": 0, "failures": [{"category": "Solder", "code": "Bridge"}]}]
    })
}

fn check(document: Value) -> Vec<Issue> {
    Report::from_value(document).unwrap().check()
}

/// The document with the object at `place` changed as `change` says; null takes a key away.
fn changed(mut document: Value, place: &str, change: Value) -> Value {
    let object = document.pointer_mut(place).unwrap().as_object_mut().unwrap();
    for (key, value) in change.as_object().unwrap() {
        object.insert(key.clone(), value.clone());
    }
    document
}

/// Checks that each change brings exactly this one issue.
fn assert_issues(document: fn() -> Value, severity: Severity, table: &[(&str, Value, &str)]) {
    for (place, change, pointer) in table {
        let issues = check(changed(document(), place, change.clone()));
        let found: Vec<_> = issues.iter().map(|issue| (issue.severity, issue.pointer.as_str())).collect();
        assert_eq!(found, [(severity, *pointer)], "{change} at \"{place}\": {issues:?}");
        assert!(issues.iter().all(|issue| !issue.message.is_empty() && !issue.fix.is_empty()));
    }
}

const STEP: &str = "/root/steps/0";
const MEAS: &str = "/root/steps/0/numericMeas/0";

fn long(length: usize) -> String {
    "x".repeat(length)
}

#[test]
fn sound_reports_have_no_issues() {
    assert_eq!(check(test_report()), []);
    assert_eq!(check(repair_report()), []);
}

#[test]
fn what_the_server_requires_is_an_error_when_missing() {
    assert_issues(
        test_report,
        Severity::Error,
        &[
            ("", json!({"id": null}), "/id"),
            ("", json!({"id": "4711"}), "/id"),
            ("", json!({"pn": null}), "/pn"),
            ("", json!({"sn": " "}), "/sn"),
            ("", json!({"rev": ""}), "/rev"),
            ("", json!({"machineName": null}), "/machineName"),
            ("", json!({"location": null}), "/location"),
            ("", json!({"purpose": null}), "/purpose"),
            ("", json!({"processCode": null}), "/processCode"),
            ("", json!({"processCode": 1.5}), "/processCode"),
            ("", json!({"result": null}), "/result"),
            ("", json!({"result": "S"}), "/result"),
            ("", json!({"result": "good"}), "/result"),
            ("", json!({"start": null}), "/start"),
            ("", json!({"start": "yesterday"}), "/start"),
            ("", json!({"startUTC": "yesterday"}), "/startUTC"),
            ("", json!({"uut": null}), "/uut"),
            ("", json!({"root": null}), "/root"),
            ("/root", json!({"stepType": "Action", "seqCall": null}), "/root/stepType"),
        ],
    );
    assert_issues(
        repair_report,
        Severity::Error,
        &[
            ("", json!({"uur": null}), "/uur"),
            ("", json!({"subUnits": []}), "/subUnits"),
            ("/uur", json!({"processCode": null}), "/uur/processCode"),
            ("/uur", json!({"refUUT": "the last one"}), "/uur/refUUT"),
            ("/uur", json!({"finalizeDate": "soon"}), "/uur/finalizeDate"),
            ("/subUnits/0", json!({"pn": ""}), "/subUnits/0/pn"),
        ],
    );
}

#[test]
fn a_process_name_does_for_a_process_code() {
    assert_eq!(check(changed(test_report(), "", json!({"processCode": null, "processName": "ICT"}))), []);
}

#[test]
fn texts_longer_than_the_server_stores_are_errors() {
    assert_issues(
        test_report,
        Severity::Error,
        &[
            ("", json!({"pn": long(101)}), "/pn"),
            ("", json!({"purpose": long(101)}), "/purpose"),
            ("/uut", json!({"comment": long(5001)}), "/uut/comment"),
            ("/uut", json!({"user": long(101)}), "/uut/user"),
            ("", json!({"miscInfos": [{"description": "note", "text": long(101)}]}), "/miscInfos/0/text"),
            ("", json!({"subUnits": [{"pn": "a", "sn": "b", "partType": long(51)}]}), "/subUnits/0/partType"),
            (STEP, json!({"name": long(101)}), "/root/steps/0/name"),
            ("/root/seqCall", json!({"path": long(501)}), "/root/seqCall/path"),
            ("/root/seqCall", json!({"version": long(31)}), "/root/seqCall/version"),
        ],
    );
    assert_eq!(check(changed(test_report(), "", json!({"pn": "ä".repeat(100), "sn": long(100)}))), [], "characters count, not bytes");
    assert_eq!(check(changed(test_report(), "", json!({"pn": "😀".repeat(51)}))).len(), 1, "the server counts UTF-16 units");
}

#[test]
fn what_hangs_on_the_report_needs_names_and_contents() {
    assert_issues(
        test_report,
        Severity::Error,
        &[
            ("", json!({"miscInfos": [{"text": "no name"}]}), "/miscInfos/0/description"),
            ("", json!({"assets": [{"assetType": "DMM"}]}), "/assets/0/sn"),
            ("", json!({"additionalData": [{"props": []}]}), "/additionalData/0/name"),
            ("", json!({"subUnits": [{"pn": "a", "sn": ""}]}), "/subUnits/0/sn"),
            ("", json!({"binaryData": [{"name": "a.txt", "data": "QQ=="}]}), "/binaryData/0/contentType"),
            ("", json!({"binaryData": [{"name": "a.txt", "contentType": "text/plain"}]}), "/binaryData/0/data"),
            ("", json!({"binaryData": [{"name": "a.txt", "contentType": "text/plain", "data": "QQ"}]}), "/binaryData/0/data"),
            (STEP, json!({"attachment": {"name": "a.txt", "data": "Q%=="}}), "/root/steps/0/attachment/data"),
            (STEP, json!({"attachment": {"data": "QUJD"}}), "/root/steps/0/attachment/name"),
        ],
    );
}

#[test]
fn steps_and_measurements_the_server_cannot_read_are_errors() {
    let two = |first: &str, second: &str| json!({"numericMeas": [{"name": first, "value": 1, "status": "P"}, {"name": second, "value": 2, "status": "P"}], "stepType": "ET_MNLT"});
    assert_issues(
        test_report,
        Severity::Error,
        &[
            (STEP, json!({"name": null}), "/root/steps/0/name"),
            (STEP, json!({"status": "good"}), "/root/steps/0/status"),
            (STEP, json!({"group": "Q"}), "/root/steps/0/group"),
            (STEP, json!({"booleanMeas": [{"status": "P"}]}), "/root/steps/0/booleanMeas"),
            (STEP, two("a", ""), "/root/steps/0/numericMeas/1/name"),
            (STEP, two("a", "a"), "/root/steps/0/numericMeas/1/name"),
            (MEAS, json!({"status": "good"}), "/root/steps/0/numericMeas/0/status"),
            (MEAS, json!({"value": "soso"}), "/root/steps/0/numericMeas/0/value"),
            (MEAS, serde_json::from_str(r#"{"value": 1e400}"#).unwrap(), "/root/steps/0/numericMeas/0/value"),
            (MEAS, json!({"lowLimit": null}), "/root/steps/0/numericMeas/0/lowLimit"),
            (MEAS, json!({"highLimit": null}), "/root/steps/0/numericMeas/0/highLimit"),
            (MEAS, json!({"compOp": "GT", "lowLimit": null, "highLimit": null}), "/root/steps/0/numericMeas/0/lowLimit"),
            (MEAS, json!({"compOp": "NEAR"}), "/root/steps/0/numericMeas/0/compOp"),
            (
                STEP,
                json!({"stepType": "ET_SVT", "numericMeas": [], "stringMeas": [{"value": "a", "compOp": "GELE", "limit": "b"}]}),
                "/root/steps/0/stringMeas/0/compOp",
            ),
        ],
    );
}

#[test]
fn what_only_looks_wrong_is_a_warning() {
    assert_issues(
        test_report,
        Severity::Warning,
        &[
            ("", json!({"sn": "L0001/2"}), "/sn"),
            ("", json!({"pn": "what?"}), "/pn"),
            ("", json!({"start": "2026-01-31T08:00:00"}), "/start"),
            ("", json!({"uur": {"processCode": 10}}), "/uur"),
            ("/root", json!({"status": "F"}), "/result"),
            (STEP, json!({"stepType": null}), "/root/steps/0/stepType"),
            (STEP, json!({"status": null}), "/root/steps/0/status"),
            (STEP, json!({"start": "noon"}), "/root/steps/0/start"),
            (STEP, json!({"numericMeas": []}), "/root/steps/0/numericMeas"),
            (MEAS, json!({"status": "F"}), "/root/steps/0/numericMeas/0/status"),
            (MEAS, json!({"value": null}), "/root/steps/0/numericMeas/0/value"),
            (MEAS, json!({"value": "NaN"}), "/root/steps/0/numericMeas/0/value"),
            (MEAS, json!({"compOp": null}), "/root/steps/0/numericMeas/0/compOp"),
            (MEAS, json!({"compOp": "LOG"}), "/root/steps/0/numericMeas/0/compOp"),
            (MEAS, json!({"compOp": "LE", "lowLimit": null}), "/root/steps/0/numericMeas/0/lowLimit"),
            (
                STEP,
                json!({"stepType": "ET_SVT", "numericMeas": [], "stringMeas": [{"value": "a", "compOp": "EQ"}]}),
                "/root/steps/0/stringMeas/0/limit",
            ),
            (
                STEP,
                json!({"stepType": "ET_PFT", "numericMeas": [], "booleanMeas": [{"value": true}]}),
                "/root/steps/0/booleanMeas/0/status",
            ),
        ],
    );
    assert_issues(
        repair_report,
        Severity::Warning,
        &[
            ("/subUnits/0", json!({"idx": 1}), "/subUnits"),
            ("/subUnits/0", json!({"failures": [{"category": "Solder"}]}), "/subUnits/0/failures/0/code"),
        ],
    );
}

#[test]
fn a_chart_has_to_fit_the_server() {
    let series = |name: &str, x: &str, y: &str| json!({"dataType": "XYG", "name": name, "xdata": x, "ydata": y});
    let chart = |series: Vec<Value>| json!({"chart": {"chartType": "Line", "label": "Ripple", "series": series}});
    let points = vec!["1"; 10_001].join(";");
    assert_eq!(check(changed(test_report(), STEP, chart(vec![series("a", "1;2;3", "1;2.5;-3e-2;")]))), []);
    assert_eq!(check(changed(test_report(), STEP, chart(vec![json!({"name": "empty"})]))), []);
    assert_issues(
        test_report,
        Severity::Error,
        &[
            (STEP, json!({"chart": {"chartType": "LineChart"}}), "/root/steps/0/chart/chartType"),
            (STEP, chart(vec![series("", "1", "1")]), "/root/steps/0/chart/series/0/name"),
            (STEP, chart(vec![series("a", "1;2", "1")]), "/root/steps/0/chart/series/0/ydata"),
            (STEP, chart(vec![series("a", "1;2", "1,5;2")]), "/root/steps/0/chart/series/0/ydata"),
            (STEP, chart(vec![series("a", &points, &points)]), "/root/steps/0/chart/series/0/xdata"),
            (STEP, chart((0..11).map(|index| series(&index.to_string(), "1", "1")).collect()), "/root/steps/0/chart/series"),
        ],
    );
}

#[test]
fn every_issue_is_named_not_only_the_first() {
    let issues = check(json!({"type": "T"}));
    let pointers: Vec<_> = issues.iter().map(|issue| issue.pointer.as_str()).collect();
    assert_eq!(
        pointers,
        ["/id", "/pn", "/sn", "/rev", "/machineName", "/location", "/purpose", "/processCode", "/result", "/start", "/root", "/uut"]
    );
}

#[test]
fn an_issue_reads_as_a_sentence_and_serializes_for_tools() {
    let issues = check(changed(test_report(), MEAS, json!({"highLimit": null})));
    assert_eq!(
        issues[0].to_string(),
        "/root/steps/0/numericMeas/0/highLimit: GELE needs a highLimit: give it, or use an operator of one limit"
    );
    assert_eq!(serde_json::to_value(&issues[0]).unwrap()["severity"], "error");
}
