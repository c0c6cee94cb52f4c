//! Why a file failed and what became of it, asked of the real program; and the pictures of what passed through.

use e2e::{Books, ID, Station, report, until};
use serde_json::{Value, json};
use std::fs;
use std::time::Duration;

const SOON: Duration = Duration::from_secs(30);

fn asked(station: &Station, args: &[&str]) -> Value {
    let text = station.does(args);
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("not JSON ({error}): {text}"))
}

#[test]
fn a_rejected_file_is_shown_with_its_line_and_converted_again_once_the_cause_is_mended() {
    let mut station = Station::new("wsjf");
    let mut produced = report("mended", 1);
    let mut document: Value = serde_json::from_slice(&produced.bytes).expect("JSON");
    document.as_object_mut().expect("an object").remove("processCode");
    produced.bytes = format!("{document:#}").into_bytes();
    station.start();
    station.drop_file("unit.json", &produced.bytes);
    until("it is rejected", SOON, || station.folder().join("Error/unit.json.error.txt").exists());
    let list = || asked(&station, &["history", "--outcome", "rejected", "--json"]);
    until("its place is noted", SOON, || list()[0]["filed"] == true);
    let row = list()[0].clone();
    let number = row["id"].to_string();
    let detail = asked(&station, &["source", ID, &number, "--json"]);
    assert_eq!((&detail["row"], &detail["file"]), (&row, &json!(station.folder().join("Error/unit.json"))));
    assert_eq!(detail["text"].as_str(), std::str::from_utf8(&produced.bytes).ok());
    let told = || asked(&station, &["source", ID, &number, "--json"])["log"].clone();
    until("the log tells of it", SOON, || told().as_array().expect("a list").iter().any(|line| line["level"] == "WARN"));
    station.terminate();
    station.does(&["config", "set", "converters[0].options", r#"{"default_process_code": 20}"#]);
    station.start();
    station.does(&["convert-again", ID, &number]);
    assert!(!station.folder().join("Error/unit.json.error.txt").exists(), "the note is still there");
    Books::close(&station, &[produced], SOON);
    let output = station.run(&["convert-again", ID, &number]);
    assert_eq!(output.status.code(), Some(21), "its file is in Done now");
    let converted = asked(&station, &["history", "--outcome", "converted", "--json"])[0]["id"].to_string();
    let detail = asked(&station, &["source", ID, &converted, "--json"]);
    assert_eq!((&detail["reports"][0]["sn"], &detail["reports"][0]["state"]), (&json!("mended-000001"), &json!("completed")));
    assert_eq!(station.run(&["convert-again", ID, &converted]).status.code(), Some(2));
}

#[test]
fn the_place_a_rejection_names_is_marked_in_the_text() {
    let mut station = Station::new("wsjf");
    station.start();
    station.drop_file("bad.json", b"{\n  \"type\": \"T\",\n  \"sn\": {}\n}\n");
    until("it is rejected", SOON, || asked(&station, &["history", "--outcome", "rejected", "--json"])[0]["filed"] == true);
    let detail = asked(&station, &["source", "1", "--json"]);
    let marked = &detail["marked"];
    let line = usize::try_from(marked["line"].as_u64().expect("a line")).expect("small");
    assert!(detail["row"]["reason"].as_str().expect("a reason").starts_with(&format!("line {line},")));
    let text = detail["text"].as_str().expect("a text");
    let (start, end) = (marked["start"].as_u64().expect("a start"), marked["end"].as_u64().expect("an end"));
    let span = &text[usize::try_from(start).expect("small")..usize::try_from(end).expect("small")];
    assert_eq!(Some(span.trim_end()), text.lines().nth(line - 1));
}

#[test]
fn yield_and_activity_tell_of_what_passed_through() {
    let mut station = Station::new("wsjf");
    let empty = asked(&station, &["yield", ID, "--json"]);
    assert_eq!((&empty["units"], &empty["first_pass_yield"]), (&json!(0), &Value::Null));
    assert_eq!(asked(&station, &["activity", ID, "--hours", "1", "--json"])["sent"].as_array().map(Vec::len), Some(60));
    station.start();
    // the tenth unit fails, see `report`
    let produced: Vec<_> = (7..11).map(|n| report("yield", n)).collect();
    for (n, one) in produced.iter().enumerate() {
        station.drop_file(&format!("{n}.json"), &one.bytes);
    }
    station.drop_file("bad.json", b"{ no report");
    Books::close(&station, &produced, SOON);
    until("one is rejected", SOON, || station.folder().join("Error/bad.json.error.txt").exists());
    let day = asked(&station, &["yield", ID, "--json"]);
    let number = |key: &str| day[key].as_u64().expect("a number");
    assert_eq!([number("units"), number("first_pass"), number("passed"), number("failed"), number("reports")], [4, 3, 3, 1, 4]);
    assert_eq!(day["failures"], json!([{"step": "24 V rail", "pn": "PSU-24-10", "units": 1}]));
    for hours in ["1", "24", "168"] {
        let activity = asked(&station, &["activity", ID, "--hours", hours, "--json"]);
        let sum = |key: &str| activity[key].as_array().expect("a list").iter().filter_map(Value::as_u64).sum::<u64>();
        assert_eq!((sum("sent"), sum("rejected"), sum("refused")), (4, 1, 0), "{hours}");
    }
    let serial = asked(&station, &["history", "--search", "yield-000008", "--json"]);
    assert_eq!(serial.as_array().map(Vec::len), Some(1), "{serial}");
    let today = fs::metadata(station.instance().join("status.json")).and_then(|file| file.modified()).expect("it runs");
    let today = jiff::Timestamp::try_from(today).expect("a time").to_zoned(jiff::tz::TimeZone::system()).date();
    let of = |day: jiff::civil::Date| asked(&station, &["history", "--day", &day.to_string(), "--json"]).as_array().map(Vec::len);
    assert_eq!((of(today), of(today.saturating_sub(jiff::Span::new().days(2)))), (Some(5), Some(0)));
}
