//! What is shown of a file: bounds, places, words.

use super::*;
use converters::Context;
use serde_json::json;
use std::io::Cursor;

fn context() -> Context {
    Context { time_zone: jiff::tz::TimeZone::UTC, content_hash: "0".repeat(64), defaults: Defaults::default() }
}

fn report(steps: usize) -> String {
    let steps: Vec<Value> =
        (0..steps).map(|n| json!({"id": n, "group": "M", "stepType": "ET_A", "name": format!("step {n}"), "status": "P"})).collect();
    json!({"type": "T", "pn": "PN", "sn": "SN", "rev": "A", "processCode": 10, "result": "P", "machineName": "M", "location": "L", "purpose": "P",
        "start": "2026-11-21T09:00:00+01:00",
        "root": {"id": "r", "group": "M", "stepType": "SequenceCall", "name": "Main", "status": "P", "seqCall": {"path": "p", "name": "n", "version": "1"},
            "steps": steps}})
    .to_string()
}

fn taken(text: &str) -> (Taker, Option<Told>) {
    let mut taker = Taker { reports: Vec::new(), steps: STEPS, more: 0 };
    let (context, options) = (context(), Map::new());
    let mut reader = Cursor::new(text.as_bytes());
    let size = text.len() as u64;
    let input = converters::Input {
        file_name: "a.json",
        size,
        reader: &mut reader,
        options: &options,
        context: &context,
        tracing: true,
        may_grow: false,
    };
    let failure = converters::format("wsjf").unwrap().convert(input, &mut taker).err().and_then(told);
    (taker, failure)
}

#[test]
fn twenty_reports_are_shown_and_the_others_counted() {
    let (taker, failure) = taken(&format!("{}\n", report(1)).repeat(25));
    assert_eq!((taker.reports.len(), taker.more, failure), (20, 5, None));
}

#[test]
fn nobody_waits_until_the_last_of_many_reports_is_counted() {
    let (taker, failure) = taken(&format!("{}\n", report(0)).repeat(1_500));
    assert_eq!((taker.reports.len() + taker.more, failure), (COUNTED, None));
}

#[test]
fn of_a_large_report_the_first_steps_are_shown_with_their_places_and_no_others() {
    let (taker, _) = taken(&report(6_000));
    let shown = &taker.reports[0];
    assert_eq!(shown.report["root"]["steps"].as_array().unwrap().len(), STEPS - 1);
    assert_eq!(shown.more_steps, 1_001);
    assert!(shown.trace.contains_key("/root/steps/4998/name") && !shown.trace.contains_key("/root/steps/4999/name"));
}

#[test]
fn every_value_that_is_shown_stands_where_the_trace_says() {
    let text = report(1);
    let (taker, _) = taken(&text);
    let span = taker.reports[0].trace["/root/steps/0/name"];
    assert!(text[usize::try_from(span.start).unwrap()..usize::try_from(span.end).unwrap()].contains("step 0"));
}

#[test]
fn several_reasons_are_told_line_by_line_with_the_first_place() {
    let reason = |line| Rejection {
        pointer: Some("/pn".to_owned()),
        at: Some(Span { start: 1, end: 2, line, column: 4 }),
        message: "it is empty".to_owned(),
        fix: "fill it in".to_owned(),
    };
    let told = told(Failure::Rejected(vec![reason(3), reason(9)])).unwrap();
    assert_eq!(told.message, "line 3, column 4: /pn: it is empty\nline 9, column 4: /pn: it is empty");
    assert_eq!((told.fix.as_str(), told.at.map(|at| at.line)), ("fill it in", Some(3)));
}
