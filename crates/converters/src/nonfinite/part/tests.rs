//! What goes where, and that every pointer follows.

use serde_json::{Value, json};

use super::*;
use crate::trace::Span;

fn report(root: Value) -> Report {
    Report::from_value(json!({ "type": "T", "pn": "P", "sn": "S", "rev": "1", "root": root })).unwrap()
}

fn meas(name: &str, value: Value) -> Value {
    json!({ "name": name, "value": value, "unit": "V", "compOp": "GELE", "lowLimit": 1, "highLimit": 2.5, "status": if value == "NaN" { "F" } else { "P" } })
}

fn step(name: &str, measurements: &[Value]) -> Value {
    json!({ "stepType": "ET_MNLT", "group": "S", "name": name, "status": "F", "numericMeas": measurements })
}

/// Each step as `name type status: measurements`, those inside indented.
fn outline(step: &Value, depth: usize, lines: &mut Vec<String>) {
    let list = |key: &str| step[key].as_array().cloned().unwrap_or_default();
    let named = |meas: &Value| format!(" {}={}", meas["name"].as_str().unwrap_or("?"), meas["value"]);
    let all: String = list("numericMeas").iter().chain(&list("stringMeas")).map(named).collect();
    let word = |key: &str| step[key].as_str().unwrap_or_default().to_owned();
    lines.push(format!("{}{} {} {}:{all}", " ".repeat(depth), word("name"), word("stepType"), word("status")));
    list("steps").iter().for_each(|inner| outline(inner, depth + 1, lines));
}

fn parted(root: Value) -> (Vec<String>, Value, Moves, Vec<Warning>) {
    let mut report = report(root);
    let mut warnings = Named::default();
    let moves = part(&mut report, &mut warnings);
    let value: Value = serde_json::from_slice(&report.to_json()).unwrap();
    let mut lines = Vec::new();
    outline(&value["root"], 0, &mut lines);
    (lines, value, moves, warnings.close())
}

#[test]
fn finite_measurements_stay_and_the_others_go_to_a_step_right_behind() {
    let mixed = step("mixed", &[meas("a", json!("NaN")), meas("b", json!(1.5)), meas("c", json!("-INF")), meas("d", json!(2))]);
    let inner =
        json!({ "stepType": "SequenceCall", "name": "inner", "status": "F", "steps": [mixed, step("after", &[meas("e", json!(1))])] });
    let root = json!({ "stepType": "SequenceCall", "name": "root", "status": "F", "steps": [inner, step("last", &[meas("f", json!(1))])] });
    let (lines, value, moves, warnings) = parted(root);
    assert_eq!(
        lines,
        [
            "root SequenceCall F:",
            " inner SequenceCall F:",
            "  mixed ET_MNLT F: b=1.5 d=2",
            "  mixed ET_MSVT F: a=\"NaN\" c=\"-INF\"",
            "  after ET_MNLT F: e=1",
            " last ET_MNLT F: f=1",
        ]
    );
    let text = &value["root"]["steps"][0]["steps"][1]["stringMeas"][1];
    assert_eq!(*text, json!({ "name": "c", "value": "-INF", "limit": "GELE 1 2.5 V", "compOp": "LOG", "status": "P" }));
    assert_eq!(value["root"]["steps"][0]["steps"][1]["group"], "S");
    let told: Vec<&str> = warnings.iter().map(|warning| &*warning.pointer).collect();
    assert_eq!(told, ["/root/steps/0/steps/1/stringMeas/0/value", "/root/steps/0/steps/1/stringMeas/1/value"]);
    for (before, after) in [
        ("/root/steps/0/steps/0/numericMeas/3/value", "/root/steps/0/steps/0/numericMeas/1/value"),
        ("/root/steps/0/steps/0/numericMeas/2/lowLimit", "/root/steps/0/steps/1/stringMeas/1/limit"),
        ("/root/steps/0/steps/1/numericMeas/0/unit", "/root/steps/0/steps/2/numericMeas/0/unit"),
        ("/root/steps/1/name", "/root/steps/1/name"),
    ] {
        let mut pointer = before.to_owned();
        moves.follow(&mut pointer);
        assert_eq!(pointer, after);
    }
}

#[test]
fn a_step_without_a_finite_measurement_becomes_one_of_texts_where_it_stands() {
    let huge = serde_json::from_str::<Value>("1e400").unwrap();
    let single =
        json!({ "stepType": "ET_NLT", "name": "open", "status": "F", "numericMeas": [{ "value": huge, "compOp": "LOG", "status": "F" }] });
    let missing = json!({ "stepType": "OwnType", "name": "missing", "status": "S", "numericMeas": [{ "value": " ", "status": "S" }] });
    let several = step("several", &[meas("a", json!("NaN")), meas("b", json!("INF"))]);
    let root = json!({ "stepType": "SequenceCall", "name": "root", "status": "F", "steps": [single, missing, several] });
    let (lines, value, _, warnings) = parted(root);
    assert_eq!(
        lines,
        ["root SequenceCall F:", " open ET_SVT F: ?=\"1e+400\"", " missing OwnType S: ?=\" \"", " several ET_MSVT F: a=\"NaN\" b=\"INF\"",]
    );
    assert_eq!(value["root"]["steps"][0]["stringMeas"][0].get("limit"), None);
    assert_eq!(warnings.len(), 4);
}

#[test]
fn what_is_taken_off_the_root_becomes_its_first_step() {
    let mut root = step("root", &[meas("a", json!("NaN")), meas("b", json!(1))]);
    root["steps"] = json!([step("inner", &[meas("c", json!(1))])]);
    let (lines, _, moves, _) = parted(root);
    assert_eq!(lines, ["root ET_MNLT F: b=1", " root ET_MSVT F: a=\"NaN\"", " inner ET_MNLT F: c=1"]);
    let mut trace = Trace::new(true);
    let span = |start| Span { start, end: start, line: 1, column: 1 };
    for (place, pointer) in ["/root/numericMeas/0/value", "/root/numericMeas/1/value", "/root/steps/0/name"].into_iter().enumerate() {
        trace.note(|| pointer.to_owned(), span(place as u64));
    }
    moves.carry(&mut trace);
    let places: Vec<_> = trace.iter().map(|(pointer, at)| (pointer.to_owned(), at.start)).collect();
    let now = ["/root/numericMeas/0/value", "/root/steps/0/stringMeas/0/value", "/root/steps/1/name"].map(str::to_owned);
    assert_eq!(places, now.into_iter().zip([1, 0, 2]).collect::<Vec<_>>());
}

#[test]
fn points_that_are_no_numbers_leave_a_chart_in_pairs() {
    let series = json!([{ "name": "s", "dataType": "XYG", "xdata": "1;2;3;NaN", "ydata": "5;-INF;7;8" }, { "name": "odd", "xdata": "1;NaN", "ydata": "1" }]);
    let chart = json!({ "chartType": "Line", "series": series });
    let root = json!({ "stepType": "SequenceCall", "name": "root", "steps": [{ "stepType": "X", "name": "c", "chart": chart }] });
    let (_, value, _, warnings) = parted(root);
    let chart = &value["root"]["steps"][0]["chart"]["series"];
    assert_eq!((&chart[0]["xdata"], &chart[0]["ydata"]), (&json!("1;3"), &json!("5;7")));
    assert_eq!(chart[1]["xdata"], "1;NaN", "axes of unequal length are for the check to refuse");
    assert_eq!(warnings.len(), 1);
    assert_eq!(warnings[0].message, "2 of 4 points are no numbers; they were left out");
}
