//! What holds for every format and any input: no panic, nothing invented when a source is cut, and places that point at their values.

#![allow(clippy::unwrap_used)] // a test that cannot go on should stop

mod harness;

use converters::{Failure, Span};
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

/// Places in the source to cut at: every byte of short inputs, a spread of them for long ones.
fn cuts(length: usize) -> impl Iterator<Item = usize> {
    (0..length).step_by((length / 1500).max(1))
}

#[test]
fn a_source_cut_anywhere_gives_an_error_or_a_shorter_report() {
    for case in cases() {
        let whole = case.run(How::default());
        for cut in cuts(case.bytes.len()) {
            let ran = run(&case.format, &case.file_name, &case.bytes[..cut], &case.options, How::default());
            assert!(!matches!(ran.end, Err(Failure::Incomplete(_))), "{} cut at {cut}: a final file is never incomplete", case.name());
            if whole.end.is_ok() {
                assert!(ran.kept.len() <= whole.kept.len(), "{} cut at {cut}", case.name());
            }
        }
    }
}

#[test]
fn a_growing_file_is_never_taken_for_a_wrong_one() {
    for case in cases().into_iter().filter(|case| ["wsjf", "wstf"].contains(&case.format.as_str())) {
        let how = How { tracing: false, may_grow: true };
        if case.run(how).end.is_err() {
            continue;
        }
        let whole = case.run(how).kept.len();
        for cut in cuts(case.bytes.len()) {
            let Ran { kept, end } = run(&case.format, &case.file_name, &case.bytes[..cut], &case.options, how);
            let later = matches!(end, Err(Failure::Incomplete(_)));
            let begins_with_a_mark_cut_in_two = cut < 4;
            assert!(
                later || end.is_ok() || begins_with_a_mark_cut_in_two,
                "{} cut at {cut}: {:?}",
                case.name(),
                end.err().map(|e| e.to_string())
            );
            assert!(kept.len() <= whole);
        }
    }
}

#[test]
fn every_place_of_a_trace_points_at_its_value() {
    for case in cases() {
        let ran = case.run(How { tracing: true, may_grow: false });
        for conversion in &ran.kept {
            let report = value(conversion);
            assert!(!conversion.trace.is_empty(), "{}", case.name());
            for (pointer, span) in conversion.trace.iter() {
                let found = report.pointer(pointer).unwrap_or_else(|| panic!("{}: {pointer} is not in the report", case.name()));
                // a repaired value is not what stands in the source; its warning says so
                let holder = pointer.rsplit_once('/').map_or("", |(holder, _)| holder);
                let typed_anew = |warned: &str| pointer.ends_with("/stepType") && warned.starts_with(&format!("{holder}/"));
                let repaired = |warned: &str| warned == pointer || (warned == holder && !holder.is_empty()) || typed_anew(warned);
                if conversion.warnings.iter().any(|warning| repaired(&warning.pointer)) {
                    continue;
                }
                let said = slice(&case, span);
                assert!(agrees(pointer, found, &said), "{}: {pointer} is {found}, but its place says {said:?}", case.name());
                assert_eq!(line_and_column(&case, span), (span.line, span.column), "{}: {pointer}", case.name());
            }
        }
    }
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

/// Whether the text at a place says the value: as it is, escaped, as a word for a letter, or as a number written another way.
fn agrees(pointer: &str, found: &Value, said: &str) -> bool {
    let unescaped = serde_json::from_str::<String>(&format!("\"{said}\"")).unwrap_or_else(|_| said.to_owned());
    let tidy = unescaped.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&amp;", "&");
    let tidy = without_control_characters(&tidy);
    let says = |text: &str| tidy.to_lowercase().contains(&text.to_lowercase());
    match found {
        Value::Null => false,
        Value::Object(_) | Value::Array(_) => !said.is_empty(),
        Value::Number(number) => {
            let tidy = tidy.trim().trim_matches('"').replace(',', ".");
            says(&number.to_string()) || tidy.parse::<f64>().is_ok_and(|said| Some(said) == number.as_f64())
        }
        Value::Bool(flag) => says(&flag.to_string()) || says(if *flag { "1" } else { "0" }),
        // the zone or the culture of the file puts dates another way
        Value::String(_) if pointer.to_lowercase().contains("start") || pointer.ends_with("Date") => {
            said.contains(|c: char| c.is_ascii_digit())
        }
        // packed in base64 by the source
        Value::String(_) if pointer.ends_with("/xdata") || pointer.ends_with("/ydata") => !said.is_empty(),
        // a limit told in words is put together from several places; its own is the first
        Value::String(text) if pointer.ends_with("/limit") => says(text) || text.contains(&tidy),
        Value::String(text) if pointer.ends_with("/status") && says("true") => text == "P",
        Value::String(text) if pointer == "/type" => text == "T" && says("UUT") || text == "R" && says("UUR") || says(text),
        Value::String(text) => says(text) || text.lines().any(|line| says(line.trim())),
    }
}

/// A text without control characters, raw or as `&#…;`: reports leave them out, with a warning.
fn without_control_characters(text: &str) -> String {
    let mut parts = text.split("&#");
    let first = parts.next().unwrap_or_default().to_owned();
    let rest = parts.map(|part| part.split_once(';').map_or(part, |(_, after)| after));
    std::iter::once(first.as_str()).chain(rest).flat_map(str::chars).filter(|c| !c.is_control() || c.is_whitespace()).collect()
}
