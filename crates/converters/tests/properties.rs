//! What holds for every format and any input: no panic, nothing invented when a source is cut, and places that point at their values.

#![allow(clippy::unwrap_used)] // a test that cannot go on should stop

mod harness;

use converters::{Conversion, Failure, Span};
use harness::{Case, How, Ran, cases, run, value};
use proptest::prelude::*;
use serde_json::{Map, Value};

const FORMATS: [&str; 4] = ["wsjf", "wsxf", "wrml", "wstf"];

proptest! {
    #[test]
    fn no_bytes_at_all_make_a_format_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400), tracing: bool, may_grow: bool) {
        for format in FORMATS {
            let _ = run(format, "input", &bytes, &Map::new(), How { tracing, may_grow });
        }
    }

    #[test]
    fn nearly_json_does_not_panic(text in r#"[\[\{]{1,3}("(pn|sn|root|steps|numericMeas|value)":|[\{\}\[\],:]|"[^"]{0,4}"|-?[0-9.eE+]{1,6}|NaN|true|null| |\\u[dD]8[0-9]{2}){0,40}"#) {
        let _ = run("wsjf", "input.json", text.as_bytes(), &Map::new(), How { tracing: true, may_grow: false });
    }

    #[test]
    fn nearly_wstf_does_not_panic(rows in proptest::collection::vec(
        "(SequenceCall|EndSequenceCall|NumericLimitTest|PassFailTest|StringValueTest|ActionStep|Chart|Series|(End)?MultipleNumericLimitTest|MultiplePassFailTest|--Step-Data-End--|UUTStatus)(\t(A|B|Line|XYG|1|1.5|NaN|TRUE|GELE|LOG|Passed|Failed|1;2|)){0,14}",
        0..30,
    )) {
        let text = format!("--Header-Start--\nSerialNumber\tS\nPartNumber\tP\nUTCStartDateTime\t2026-01-01T00:00:00\n--Step-Data-Start--\n{}\n--UUT-End--\n", rows.join("\n"));
        let _ = run("wstf", "input.txt", text.as_bytes(), &Map::new(), How { tracing: true, may_grow: false });
    }
}

/// Where the last report of a source ends: what follows is white space, or the end tag of the list of reports.
fn end_of(case: &Case) -> usize {
    let blank = |byte: &u8| byte.is_ascii_whitespace() || *byte == 0;
    case.bytes.iter().rposition(|byte| !blank(byte)).map_or(0, |last| last + 1)
}

#[test]
fn a_file_cut_anywhere_while_it_may_grow_is_looked_at_again_and_no_report_is_ever_shorter() {
    let how = How { tracing: false, may_grow: true };
    for case in cases() {
        let whole = case.run(how);
        for cut in 0..end_of(&case) {
            let Ran { kept, end } = run(&case.format, &case.file_name, &case.bytes[..cut], &case.options, how);
            let what = || format!("{} cut at {cut}: {:?}", case.name(), end.as_ref().err().map(ToString::to_string));
            same_reports(&kept, &whole.kept, &what());
            match &end {
                Err(Failure::Incomplete(rejection)) => assert!(rejection.at.is_some() || kept.is_empty(), "{}", what()),
                // between two reports nothing tells that another follows, but in XML the end tag of the list
                Ok(()) => {
                    assert!(
                        ["wsjf", "wstf"].contains(&&*case.format) && !kept.is_empty() && kept.len() < whole.kept.len().max(2),
                        "{}",
                        what()
                    );
                }
                // what is wrong stays wrong; half a byte order mark is not known for one
                Err(Failure::Rejected(_)) => assert!(whole.end.is_err() || cut < 4, "{}", what()),
                Err(_) => panic!("{}", what()),
            }
        }
    }
}

#[test]
fn a_final_file_cut_anywhere_is_refused_or_its_report_is_whole() {
    for case in cases() {
        let whole = case.run(How::default());
        for cut in (0..end_of(&case)).step_by(share(5, 1)) {
            let Ran { kept, end } = run(&case.format, &case.file_name, &case.bytes[..cut], &case.options, How::default());
            let what = format!("{} cut at {cut}: {:?}", case.name(), end.as_ref().err().map(ToString::to_string));
            match (&*case.format, &end, kept.split_last()) {
                (_, Err(Failure::Rejected(_)), _) => same_reports(&kept, &whole.kept, &what),
                // without its end marker a WSTF report is taken as far as it goes, and says so
                ("wstf", Ok(()), Some((last, before))) => {
                    same_reports(before, &whole.kept, &what);
                    let cut_short = last.warnings.iter().any(|warning| warning.message.contains("`--UUT-End--` is missing"));
                    assert!(cut_short || last.report == whole.kept[last.index].report, "{what}");
                }
                ("wsjf", Ok(()), Some(_)) => same_reports(&kept, &whole.kept, &what),
                _ => panic!("{what}"),
            }
        }
    }
}

/// `small` in a test run, `large` where everything is gone through.
fn share(small: usize, large: usize) -> usize {
    if std::env::var_os("LINESIDE_SHARE").is_some_and(|share| share == "all") { large } else { small }
}

/// Whether these are the first of all the reports, each of them whole.
fn same_reports(kept: &[Conversion], whole: &[Conversion], what: &str) {
    assert!(kept.len() <= whole.len(), "{what}");
    for (kept, whole) in kept.iter().zip(whole) {
        assert!(kept.report == whole.report, "report {} of {what}", kept.index);
    }
}

#[test]
fn every_place_of_a_trace_points_at_its_value() {
    let mut checked = 0;
    for case in cases() {
        for conversion in &case.run(How { tracing: true, may_grow: false }).kept {
            let report = value(conversion);
            for (pointer, span) in conversion.trace.iter() {
                let found = report.pointer(pointer).unwrap_or_else(|| panic!("{}: {pointer} is not in the report", case.name()));
                let said = slice(&case, span);
                assert_eq!(line_and_column(&case, span), (span.line, span.column), "{}: {pointer}", case.name());
                // a repaired value is not what stands in the source; a warning about that very value, or about the points of its
                // series, says so
                let series = pointer.strip_suffix("/xdata").or(pointer.strip_suffix("/ydata"));
                let repaired = conversion.warnings.iter().any(|warning| warning.pointer == pointer || Some(&*warning.pointer) == series);
                let agrees = repaired || agrees(&case.format, pointer, found, &said);
                assert!(agrees, "{}: {pointer} is {found}, but its place says {said:?}", case.name());
                checked += 1;
            }
        }
    }
    assert!(checked > 2000, "only {checked} places were checked");
}

#[test]
fn every_measured_value_has_a_place() {
    for case in cases() {
        for conversion in case.run(How { tracing: true, may_grow: false }).kept {
            let mut values = Vec::new();
            measured("/root", &value(&conversion)["root"], &mut values);
            for pointer in values {
                assert!(conversion.trace.get(&pointer).is_some(), "{}: {pointer} has no place", case.name());
            }
        }
    }
}

/// Pointers of the values, limits and units in the steps.
fn measured(pointer: &str, step: &Value, values: &mut Vec<String>) {
    for key in ["numericMeas", "stringMeas"] {
        for (index, meas) in step[key].as_array().into_iter().flatten().enumerate() {
            let filled = ["value", "lowLimit", "highLimit", "unit"].into_iter().filter(|key| meas[*key] != Value::Null && meas[*key] != "");
            values.extend(filled.map(|part| format!("{pointer}/{key}/{index}/{part}")));
        }
    }
    for (index, inner) in step["steps"].as_array().into_iter().flatten().enumerate() {
        measured(&format!("{pointer}/steps/{index}"), inner, values);
    }
}

fn encoding(case: &Case) -> &'static encoding_rs::Encoding {
    let utf8 = std::str::from_utf8(&case.bytes).is_ok();
    let other = if utf8 { encoding_rs::UTF_8 } else { encoding_rs::WINDOWS_1252 };
    encoding_rs::Encoding::for_bom(&case.bytes).map_or(other, |(encoding, _)| encoding)
}

fn decode(case: &Case, bytes: &[u8]) -> String {
    encoding(case).decode_without_bom_handling(bytes).0.into_owned()
}

fn slice(case: &Case, span: Span) -> String {
    decode(case, &case.bytes[usize::try_from(span.start).unwrap()..usize::try_from(span.end).unwrap()])
}

fn line_and_column(case: &Case, span: Span) -> (u32, u32) {
    let before = decode(case, &case.bytes[..usize::try_from(span.start).unwrap()]);
    let before = before.trim_start_matches('\u{feff}');
    let column = before.rsplit('\n').next().unwrap().chars().count() + 1;
    (u32::try_from(before.matches('\n').count() + 1).unwrap(), u32::try_from(column).unwrap())
}

/// Whether the text at a place says the value: as it is, as a word for a letter, or as a number or a date written another way.
fn agrees(format: &str, pointer: &str, found: &Value, said: &str) -> bool {
    let json = format == "wsjf";
    let said = if json { serde_json::from_str::<String>(&format!("\"{said}\"")).unwrap_or_else(|_| said.to_owned()) } else { plain(said) };
    let key = pointer.rsplit('/').next().unwrap();
    match (key, found) {
        (_, Value::Null) => false,
        (_, Value::Object(_) | Value::Array(_)) => match format {
            "wsjf" => said.starts_with(['{', '[']),
            "wstf" => !said.is_empty(),
            _ => said.starts_with('<'),
        },
        (_, Value::Number(number)) => said.trim().replace(',', ".").parse().ok() == number.to_string().parse::<f64>().ok(),
        (_, Value::Bool(flag)) => [flag.to_string(), u8::from(*flag).to_string()].contains(&said.to_lowercase()),
        ("type", Value::String(letter)) => matches!((&**letter, &*said), ("T", "UUT" | "T") | ("R", "UUR" | "R")),
        ("status" | "result", Value::String(letter)) if said == "TRUE" || said == "FALSE" => (letter == "P") == (said == "TRUE"),
        ("status" | "result" | "group", Value::String(letter)) => said.to_uppercase().starts_with(&**letter),
        // a step whose numbers are none is one of texts
        ("stepType", Value::String(word)) if said.contains("NLT") || word != &said => {
            *word == said || *word == said.replace("NLT", "SVT") || (format == "wstf" && word.starts_with("ET_"))
        }
        ("compOp" | "chartType" | "id" | "dataType", Value::String(word)) => word.eq_ignore_ascii_case(&said),
        // the zone, or the culture of the file, puts times another way; the year is the same
        ("start" | "startUTC", Value::String(time)) => said.contains(&time[..4]),
        // points packed in base64 by the source
        ("xdata" | "ydata", Value::String(text)) if format == "wrml" => !text.is_empty(),
        ("xdata" | "ydata", Value::String(text)) => *text == said.replace(',', ".").trim_end_matches(';') || text.starts_with("0;1"),
        // a limit told in words is put together from several places; its own is the first
        ("limit", Value::String(text)) => *text == said || text.split(' ').next() == Some(&*said),
        (_, Value::String(text)) => *text == said || text.trim() == said.trim(),
    }
}

/// A text of XML as it was meant, without the control characters that reports leave out with a warning.
fn plain(said: &str) -> String {
    let text = said.replace("&#x1;", "").replace("\r\n", "\n");
    let text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&amp;", "&");
    text.chars().filter(|c| !c.is_control() || c.is_whitespace()).collect()
}
