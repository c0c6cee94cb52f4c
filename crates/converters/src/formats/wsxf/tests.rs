//! What the golden folders cannot say: detection, the station's part in it, and the caps.

use serde_json::{Map, json};

use super::Wsxf;
use crate::formats::wrml::Wrml;
use crate::{Confidence, Context, Conversion, Defaults, Failure, Format, Input, Sink, Stopped};

struct Kept(Vec<Conversion>);

impl Sink for Kept {
    fn take(&mut self, conversion: Conversion) -> Result<(), Stopped> {
        self.0.push(conversion);
        Ok(())
    }
}

fn convert(text: &str, process_code: Option<i64>) -> Result<Vec<Conversion>, Failure> {
    let station = |text: &str| text.to_owned();
    let defaults =
        Defaults { station_name: station("S"), location: station("L"), purpose: station("P"), process_code, ..Defaults::default() };
    let context = Context { time_zone: jiff::tz::TimeZone::UTC, content_hash: "0".repeat(64), defaults };
    let (mut reader, mut kept, options) = (text.as_bytes(), Kept(Vec::new()), Map::new());
    let size = text.len() as u64;
    let input =
        Input { file_name: "a.xml", size, reader: &mut reader, options: &options, context: &context, tracing: false, may_grow: false };
    Wsxf.convert(input, &mut kept)?;
    Ok(kept.0)
}

fn report(process: &str, step: &str) -> String {
    format!(
        "<Reports><Report type='UUT' PN='P1' SN='S1' Rev='1' Result='Passed' Start='2026-01-02T03:04:05Z'><UUT/>{process}{step}</Report></Reports>"
    )
}

fn nested(depth: usize) -> String {
    let open = "<Step Name='s' Status='Passed' StepType='SequenceCall'><SequenceCall Name='s' Filepath='p' Version='1'/>";
    open.repeat(depth) + &"</Step>".repeat(depth)
}

#[test]
fn a_report_without_a_process_takes_the_stations_or_is_refused() {
    assert_eq!(convert(&report("", &nested(1)), Some(40)).unwrap()[0].report.process_code, Some(40.into()));
    assert_eq!(convert(&report("<Process Code='' Name=''/>", &nested(1)), Some(40)).unwrap()[0].report.process_code, Some(40.into()));
    for process in ["", "<Process/>", "<Process Code='' Name=' '/>"] {
        let failure = convert(&report(process, &nested(1)), None).unwrap_err().to_string();
        assert!(failure.contains("/processCode: the report has no Process"), "{failure}");
    }
    assert_eq!(convert(&report("<Process Name='Burn-in'/>", &nested(1)), None).unwrap()[0].report.process_code, None);
}

#[test]
fn steps_are_nested_no_deeper_than_json_readers_go() {
    let converted = convert(&report("<Process Code='1'/>", &nested(60)), None).unwrap();
    assert!(report::Report::from_json(&converted[0].report.to_json()).is_ok());
    for depth in [61, 400] {
        let failure = convert(&report("<Process Code='1'/>", &nested(depth)), None).unwrap_err().to_string();
        assert!(failure.contains("steps are nested more than 60 deep"), "{failure}");
    }
}

#[test]
fn a_place_is_named_also_when_nobody_traces() {
    let text = report("<Process Code='1'/>", &nested(1)).replace("SN='S1'", &format!("\n SN='{}'", "9".repeat(101)));
    let Failure::Rejected(rejections) = convert(&text, None).unwrap_err() else { panic!("not rejected") };
    assert_eq!(rejections[0].pointer.as_deref(), Some("/sn"));
    assert_eq!(rejections[0].at.map(|at| (at.line, at.column)), Some((2, 6)));
}

#[test]
fn files_are_told_apart_by_namespace_and_shape() {
    let wsxf = "xmlns='http://wats.virinco.com/schemas/WATS/Report/wsxf'";
    let wrml = "xmlns='http://wats.virinco.com/schemas/WATS/Report'";
    let doc = |root: &str, space: &str, rest: &str| format!("<?xml version='1.0'?><{root} {space}><Report PN='1' SN='2'>{rest}");
    let (flat, inner) = ("<Step StepID='1'/>", "<Step Id='1'/>");
    let cases = [
        (doc("Reports", wsxf, ""), 100, 0),
        (doc("Reports", wsxf, inner), 100, 0),
        (doc("Reports", wrml, ""), 50, 100),
        (doc("Reports", wrml, flat), 0, 100),
        (doc("Reports", "", inner), 80, 0),
        (doc("Reports", "", flat), 0, 90),
        (doc("Reports", "", ""), 50, 30),
        (doc("testsuites", "", inner), 0, 0),
        ("<Reports><Report Type='UUT'><Prop/></Report></Reports>".to_owned(), 0, 0),
        (format!("<!DOCTYPE a><Reports {wsxf}/>"), 100, 0),
        ("{\"type\":\"T\"}".to_owned(), 0, 0),
        (String::new(), 0, 0),
    ];
    for (text, nested, list) in cases {
        let utf16: Vec<u8> = std::iter::once(0xfeff).chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect();
        for head in [text.as_bytes(), ("\u{feff}".to_owned() + &text).as_bytes(), &utf16] {
            let found = (Wsxf.detect("a.xml", head), Wrml.detect("a.xml", head));
            assert_eq!(found, (Confidence(nested), Confidence(list)), "{text}");
        }
    }
}

#[test]
fn options_are_a_form_that_knows_its_fields() {
    assert_eq!(Wsxf.options_schema()["additionalProperties"], json!(false));
    assert!(Wsxf.option_problems(&json!({ "lower_passed_steps": false, "require_attachments": true })).is_empty());
    assert_eq!(Wrml.option_problems(&json!({ "lower_passed_steps": "yes", "colour": 1 })).len(), 2);
}

#[test]
fn what_is_wrong_a_thousand_times_is_named_some_times_and_counted() {
    let step = "<Step Name='s' Status='Passed' StepType='ET_NLT' Colour='red'><NumericLimit NumericValue='1,5' Status='Passed'/></Step>";
    let root = nested(1).replace("</Step>", &(step.repeat(1000) + "</Step>"));
    let Failure::Rejected(rejections) = convert(&report("<Process Code='1'/>", &root), None).unwrap_err() else { panic!("not rejected") };
    assert_eq!(rejections.len(), 201);
    assert_eq!(rejections[200].message, "there are 800 more errors of these kinds");
    let warnings = &convert(&report("<Process Code='1'/>", &root.replace("1,5", "1.5")), None).unwrap()[0].warnings;
    assert_eq!(warnings.len(), 201);
    assert_eq!(warnings[200].message, "800 more warnings of these kinds");
}
