use serde_json::json;

use super::*;

fn test_report() -> Value {
    json!({
        "type": "T", "id": "5A0F1D5E-6a1f-4b7c-9a55-0c9d1f2b3e4d", "pn": "PSU-24", "sn": "S1", "rev": "",
        "processCode": 20, "processName": "ICT", "result": "F", "machineName": "ICT-1", "location": "", "purpose": "",
        "start": "2026-03-01T09:00:00.1234567+01:00", "startUTC": "2026-03-01T08:00:00.Z",
        "root": { "stepType": "SequenceCall", "name": "Main", "status": "F", "steps": [{ "anything": [1, null] }] },
        "uut": { "user": "anna" }, "unknown": { "kept": 1.50 }
    })
}

fn repair_report() -> Value {
    let mut report = test_report();
    for (name, value) in [("type", json!("R")), ("root", Value::Null), ("uut", Value::Null), ("uur", json!({})), ("subUnits", json!([]))] {
        report[name] = value;
    }
    report
}

fn refusal(report: &Value) -> String {
    inspect(report.to_string().as_bytes()).unwrap_err()
}

#[test]
fn a_whole_test_report_and_a_whole_repair_report_are_taken() {
    let summary = inspect(test_report().to_string().as_bytes()).unwrap();
    assert_eq!(summary.id.to_string(), "5a0f1d5e-6a1f-4b7c-9a55-0c9d1f2b3e4d");
    assert_eq!((summary.kind, summary.result), ("T", "F"));
    assert_eq!((summary.sn.as_str(), summary.pn.as_str(), summary.process.as_str()), ("S1", "PSU-24", "20 ICT"));
    assert_eq!(inspect(repair_report().to_string().as_bytes()).unwrap().kind, "R");
}

#[test]
fn a_byte_order_mark_does_not_matter() {
    let mut body = b"\xEF\xBB\xBF".to_vec();
    body.extend(test_report().to_string().bytes());
    assert!(inspect(&body).is_ok());
}

#[test]
fn each_required_field_is_missed_by_name_whether_absent_or_null() {
    let both = ["id", "location", "machineName", "pn", "purpose", "result", "rev", "sn", "start", "startUTC", "type"];
    let of_kind = [(test_report(), ["root", "uut"]), (repair_report(), ["uur", "subUnits"])];
    for (report, own) in of_kind {
        for name in both.into_iter().chain(own) {
            let mut absent = report.clone();
            absent.as_object_mut().unwrap().remove(name);
            assert_eq!(refusal(&absent), format!("The {name} field is required."));
            let mut null = report.clone();
            null[name] = Value::Null;
            assert_eq!(refusal(&null), format!("The {name} field is required."));
        }
    }
}

#[test]
fn each_wrong_field_gets_its_text() {
    let long = "x".repeat(101);
    let table = [
        ("sn", json!("  "), "The sn field is required."),
        ("pn", json!(long), "The field pn must be a string with a maximum length of 100."),
        ("rev", json!(7), "The rev field must be a string, but is 7."),
        ("id", json!("12"), "The id field must be a GUID, but is '12'."),
        ("type", json!("X"), "The type field must be one of T, R, but is 'X'."),
        ("result", json!("Passed"), "The result field must be one of P, F, E, T, but is 'Passed'."),
        ("start", json!("yesterday"), "The start field must be a date and time (ISO 8601), but is 'yesterday'."),
        ("processCode", json!("20"), "The processCode field must be an integer, but is \"20\"."),
        ("root", json!({ "stepType": "ET_A" }), "The root step must have stepType 'SequenceCall'."),
    ];
    for (name, value, text) in table {
        let mut report = test_report();
        report[name] = value;
        assert!(refusal(&report).starts_with(text), "{name}: {}", refusal(&report));
    }
}

#[test]
fn all_complaints_come_at_once_one_a_line() {
    let mut report = test_report();
    report["sn"] = Value::Null;
    report["result"] = json!("Q");
    assert_eq!(refusal(&report), "The sn field is required.\nThe result field must be one of P, F, E, T, but is 'Q'.");
}

#[test]
fn without_a_code_the_process_name_must_be_known_to_the_letter() {
    let with = |code: Value, name: Value| {
        let mut report = test_report();
        report["processCode"] = code;
        report["processName"] = name;
        inspect(report.to_string().as_bytes()).map(|summary| summary.process)
    };
    assert_eq!(with(Value::Null, json!("ICT")).unwrap(), "ICT");
    assert_eq!(with(json!(4711), Value::Null).unwrap(), "4711");
    let wrong_case = with(Value::Null, json!("ict")).unwrap_err();
    assert_eq!(wrong_case, "The processName 'ict' is not known (upper and lower case count).");
    let neither = with(Value::Null, json!("")).unwrap_err();
    assert_eq!(neither, "The processCode field is required, or a valid processName.");
}

#[test]
fn an_array_or_broken_json_or_a_wrong_shape_is_refused_in_words() {
    let table: [(&[u8], &str); 4] = [
        (b" [{}]", "The body must be one report object, not an array."),
        (b"{\"id\": ", "The report cannot be read: EOF while parsing"),
        (b"{\"root\": 5}", "expected the root field to be a step object"),
        (b"", "The report cannot be read: EOF"),
    ];
    for (body, text) in table {
        let said = inspect(body).unwrap_err();
        assert!(said.contains(text), "{said}");
    }
}
