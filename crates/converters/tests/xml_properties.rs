//! What must hold for WSXF and WRML whatever the input: truthful places, no panic, and no verdict on half a file.
#![allow(clippy::unwrap_used, clippy::print_stdout)] // helpers of tests, which clippy does not take for tests

mod harness;

use std::borrow::Cow;

use converters::{Failure, Span};
use encoding_rs::{UTF_16LE, WINDOWS_1252};
use harness::{Case, How, cases, run, value};
use proptest::prelude::*;
use serde_json::{Map, Value};

fn xml_cases() -> Vec<Case> {
    cases().into_iter().filter(|case| matches!(case.format.as_str(), "wsxf" | "wrml")).collect()
}

/// The text at a place of the source, in whichever encoding the file is.
fn text_at(bytes: &[u8], at: Span) -> String {
    let slice = &bytes[at.start as usize..at.end as usize];
    let text = match (bytes.starts_with(&[0xff, 0xfe]), std::str::from_utf8(slice)) {
        (true, _) => UTF_16LE.decode_without_bom_handling(slice).0,
        (false, Ok(text)) => Cow::Borrowed(text),
        (false, Err(_)) => WINDOWS_1252.decode_without_bom_handling(slice).0,
    };
    let text: String = text.replace("\r\n", "\n").replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&").replace("&#x1;", "");
    text.chars().filter(|c| *c >= ' ' || *c == '\n').collect()
}

#[test]
fn every_value_of_a_trace_stands_at_its_place() {
    let mut checked = 0;
    for case in xml_cases() {
        for conversion in case.run(How { tracing: true, may_grow: false }).kept {
            let report = value(&conversion);
            for (pointer, at) in conversion.trace.iter() {
                let found = report.pointer(pointer).unwrap_or(&Value::Null);
                let text = text_at(&case.bytes, at);
                let binary = case.format == "wrml" && pointer.ends_with("data");
                let same = match found {
                    Value::Object(_) | Value::Array(_) | Value::Null => text.starts_with('<'),
                    _ if binary => true,
                    Value::Number(number) => number.to_string().parse::<f64>().ok() == text.trim().parse::<f64>().ok(),
                    Value::Bool(flag) => matches!((flag, text.as_str()), (true, "true" | "1") | (false, "false" | "0")),
                    Value::String(word) if pointer.ends_with("id") => text.eq_ignore_ascii_case(word),
                    Value::String(word) => {
                        text.starts_with(word.as_str())
                            || text.trim() == word
                            || text.eq_ignore_ascii_case(word)
                            || lowered(&conversion, pointer)
                            || renamed(pointer, word, &text)
                    }
                };
                assert!(same, "{} {pointer}: {found} stands where the source has {text:?}", case.name());
                checked += 1;
            }
        }
    }
    assert!(checked > 1000, "only {checked} places were checked");
}

fn lowered(conversion: &converters::Conversion, pointer: &str) -> bool {
    conversion.warnings.iter().any(|warning| warning.pointer == pointer)
}

/// Values that the rules put in other words: the report's type, and the type of a step whose value was no number.
fn renamed(pointer: &str, word: &str, text: &str) -> bool {
    matches!((word, text), ("T", "UUT") | ("R", "UUR") | ("ET_SVT", "ET_NLT") | ("ET_MSVT", "ET_MNLT"))
        || pointer.ends_with("ydata")
        || (pointer.contains("stringMeas") && pointer.ends_with("limit"))
}

#[test]
fn a_file_cut_anywhere_is_incomplete_while_it_may_grow_and_refused_after() {
    for case in xml_cases() {
        let whole = case.run(How::default()).end.is_ok();
        let end = case.bytes.iter().rposition(|byte| *byte == b'>').unwrap_or(0);
        for length in 0..=end {
            let cut =
                |may_grow| run(&case.format, &case.file_name, &case.bytes[..length], &case.options, How { tracing: false, may_grow }).end;
            match cut(true) {
                Err(Failure::Incomplete(_)) => {}
                Err(Failure::Rejected(_)) if !whole => {}
                other => panic!("{} cut at {length} while it may grow: {other:?}", case.name()),
            }
            if length % 11 == 0 {
                assert!(matches!(cut(false), Err(Failure::Rejected(_))), "{} cut at {length}", case.name());
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn damaged_files_never_panic(pick in any::<prop::sample::Index>(), damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8), wrml in any::<bool>()) {
        let cases = xml_cases();
        let mut bytes = pick.get(&cases).bytes.clone();
        for (at, byte) in damage {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        let how = How { tracing: true, may_grow: false };
        let ended = run(if wrml { "wrml" } else { "wsxf" }, "input.xml", &bytes, &Map::new(), how).end;
        prop_assert!(!matches!(ended, Err(Failure::Incomplete(_) | Failure::Stopped)));
    }

    #[test]
    fn random_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        prop_assert!(run("wsxf", "input.xml", &bytes, &Map::new(), How::default()).end.is_err());
        converters::detect("input.xml", &bytes);
    }
}
