//! A reading of the reports of real testers that a person has compared with the sources: `tests/fixtures/samples/<format>.snapshot`.
//!
//! It holds counts and digests and none of the samples' own texts. A changed digest means that a value, a limit, an operator, a unit
//! or a status of a real report changed: compare the report with its source again before `LINESIDE_BLESS` (see the harness) writes it.
//! The tests beside this one compare each value with an independent reading of the source.

#![allow(clippy::unwrap_used, clippy::print_stdout)] // a test that cannot go on should stop

mod harness;

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::path::Path;

use converters::Conversion;
use harness::{How, blessed, run, samples, value};
use serde_json::{Map, Value};

/// Formats and the folders of their samples.
const FOLDERS: [(&str, &str); 4] = [("wsjf", "wats-wsjf"), ("wsxf", "wats-wsxf"), ("wrml", "wats-wrml"), ("wstf", "wats-wstf")];
const LISTS: [&str; 3] = ["numericMeas", "stringMeas", "booleanMeas"];

/// The counts of one report, and the lines its digest is made of.
#[derive(Default)]
struct Reading {
    steps: BTreeMap<String, usize>,
    measurements: BTreeMap<String, usize>,
    values: String,
}

impl Reading {
    /// Reads a step and all below it, in order.
    fn read(&mut self, path: &str, step: &Value) {
        let word = |value: &Value| value.as_str().unwrap_or("-").to_owned();
        *self.steps.entry(word(&step["stepType"])).or_default() += 1;
        self.line(path, &[&step["name"], &step["status"]]);
        for list in LISTS {
            for meas in step[list].as_array().into_iter().flatten() {
                *self.measurements.entry(format!("{list} {}", word(&meas["status"]))).or_default() += 1;
                let low = if list == "stringMeas" { &meas["limit"] } else { &meas["lowLimit"] };
                self.line(path, &[&meas["name"], &meas["value"], low, &meas["highLimit"], &meas["compOp"], &meas["unit"], &meas["status"]]);
            }
        }
        for (index, inner) in step["steps"].as_array().into_iter().flatten().enumerate() {
            self.read(&format!("{path}/{index}"), inner);
        }
    }

    fn line(&mut self, path: &str, values: &[&Value]) {
        let values: Vec<String> = values.iter().map(|value| value.to_string()).collect();
        writeln!(self.values, "{path}\t{}", values.join("\t")).unwrap();
    }
}

fn counted(counts: &BTreeMap<String, usize>) -> String {
    counts.iter().map(|(what, count)| format!("{what} {count}")).collect::<Vec<_>>().join(", ")
}

fn digest(bytes: &[u8]) -> String {
    blake3::hash(bytes).to_hex().to_string()
}

fn told(conversion: &Conversion) -> String {
    let report = value(conversion);
    let mut reading = Reading::default();
    reading.read("", &report["root"]);
    let Reading { steps, measurements, values } = reading;
    format!(
        "  report {}\n    result {}  process {}\n    steps: {}\n    measurements: {}\n    warnings: {}\n    values {}\n",
        conversion.index,
        report["result"].as_str().unwrap_or("-"),
        report["processCode"],
        counted(&steps),
        counted(&measurements),
        conversion.warnings.len(),
        digest(values.as_bytes())
    )
}

/// What is told of each sample of a format, by the digest of its file.
fn snapshot(format: &str, folder: &str) -> BTreeMap<String, String> {
    let files = samples(folder).into_iter().filter(|(name, _)| !name.ends_with(".xlsx"));
    let tell = |(name, bytes): (String, Vec<u8>)| {
        let ran = run(format, &name, &bytes, &Map::new(), How::default());
        ran.end.unwrap_or_else(|failure| panic!("{name}: {failure}"));
        let reports: String = ran.kept.iter().map(told).collect();
        (digest(&bytes), format!("  reports {}\n{reports}", ran.kept.len()))
    };
    files.map(tell).collect()
}

/// The entries of a snapshot file: a line `file <digest>` begins each.
fn entries(text: &str) -> BTreeMap<String, String> {
    let parts = text.split("file ").skip(1);
    parts.filter_map(|part| part.split_once('\n')).map(|(digest, told)| (digest.to_owned(), told.to_owned())).collect()
}

#[test]
fn the_samples_read_as_they_were_reviewed() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures/samples");
    for (format, folder) in FOLDERS {
        let file = root.join(format!("{format}.snapshot"));
        let found = snapshot(format, folder);
        if blessed(format) && !found.is_empty() {
            fs::create_dir_all(&root).unwrap();
            fs::write(&file, found.iter().map(|(digest, told)| format!("file {digest}\n{told}")).collect::<String>()).unwrap();
        }
        let reviewed = entries(&fs::read_to_string(&file).unwrap_or_default().replace("\r\n", "\n"));
        // other stations have other samples: those that nobody has reviewed are for the tests beside this one
        for (digest, told) in &found {
            match reviewed.get(digest) {
                Some(reviewed) => assert_eq!(told, reviewed, "{format}: the sample {digest} reads otherwise than reviewed"),
                None => println!("{format}: the sample {digest} was not reviewed yet"),
            }
        }
    }
}
