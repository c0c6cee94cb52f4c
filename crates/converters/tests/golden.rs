//! The golden folders of all formats: `tests/fixtures/converters/<format>/<case>/` with `input.*`, at will `options.json`, and either
//! `expected.json` (each report with its warnings) or `error.txt` (why the source is refused). `LINESIDE_BLESS` writes what came out
//! (see the harness); read it before it is kept.

#![allow(clippy::unwrap_used)] // a test that cannot go on should stop

mod harness;

use std::fs;

use converters::Failure;
use harness::{Case, How, blessed, cases, golden};
use serde_json::Value;

/// What a case yields, as the file that should hold it and its text.
fn outcome(case: &Case) -> (&'static str, String) {
    let ran = case.run(How::default());
    match ran.end {
        Ok(()) => ("expected.json", serde_json::to_string_pretty(&ran.kept.iter().map(golden).collect::<Vec<_>>()).unwrap() + "\n"),
        Err(failure @ Failure::Rejected(_)) => ("error.txt", format!("{failure}\n")),
        Err(other) => panic!("{}: {other}", case.name()),
    }
}

fn same(file: &str, found: &str, expected: &str) -> bool {
    let parse = |text: &str| serde_json::from_str::<Value>(text).unwrap();
    if file == "error.txt" { found == expected.replace("\r\n", "\n") } else { parse(found) == parse(expected) }
}

#[test]
fn every_golden_input_yields_what_its_folder_says() {
    let mut wrong = Vec::new();
    let cases = cases();
    assert!(cases.len() >= 20, "only {} golden cases were found", cases.len());
    for case in cases {
        let (file, found) = outcome(&case);
        if blessed(&case.format) {
            for other in ["expected.json", "error.txt"] {
                let _ = fs::remove_file(case.folder.join(other));
            }
            fs::write(case.folder.join(file), &found).unwrap();
        }
        let expected = fs::read_to_string(case.folder.join(file)).unwrap_or_default();
        if expected.is_empty() || !same(file, &found, &expected) {
            wrong.push(format!("{} ({file}):\n{found}", case.name()));
        }
    }
    assert!(wrong.is_empty(), "{} cases differ:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn every_golden_input_is_detected_as_its_own_format() {
    for case in cases() {
        // a case about a file that is no report at all has nothing to be recognised by
        let (file, _) = outcome(&case);
        let best = converters::detect(&case.file_name, &case.bytes).first().map(|guess| guess.format.to_owned());
        if file == "expected.json" {
            assert_eq!(best.as_deref(), Some(case.format.as_str()), "{}", case.name());
        }
    }
}

#[test]
fn converting_the_same_source_again_gives_the_same_ids() {
    for case in cases() {
        let ids = || case.run(How::default()).kept.iter().map(|conversion| conversion.id).collect::<Vec<_>>();
        assert_eq!(ids(), ids(), "{}", case.name());
    }
}
