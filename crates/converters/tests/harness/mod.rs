//! What the test files share: running a format over bytes, the golden folders, the samples of real testers.
//!
//! `LINESIDE_BLESS` rewrites expectations with what came out: `LINESIDE_BLESS=wsxf` those of one format (several with commas between
//! them), `LINESIDE_BLESS=1` all of them. Name the format you work on: another one's expectations are another person's reading.
#![allow(dead_code, clippy::unwrap_used, clippy::print_stdout)] // each test file uses its own part; a test that cannot go on should stop

pub(crate) mod sound;

use std::fs;
use std::path::{Path, PathBuf};

use converters::{Context, Conversion, Defaults, Failure, Input, Sink, Stopped};
use serde_json::{Map, Value, json};

/// Keeps every report.
#[derive(Default)]
pub(crate) struct Kept(pub Vec<Conversion>);

impl Sink for Kept {
    fn take(&mut self, conversion: Conversion) -> Result<(), Stopped> {
        self.0.push(conversion);
        Ok(())
    }
}

/// A conversion's outcome: the reports handed over, and how it ended.
pub(crate) struct Ran {
    pub(crate) kept: Vec<Conversion>,
    pub(crate) end: Result<(), Failure>,
}

/// How a conversion is run.
#[derive(Clone, Copy, Default)]
pub(crate) struct How {
    pub(crate) tracing: bool,
    pub(crate) may_grow: bool,
}

/// The station of all tests.
pub(crate) fn context() -> Context {
    Context {
        time_zone: jiff::tz::TimeZone::get("Europe/Oslo").unwrap(),
        content_hash: "7f".repeat(32),
        defaults: Defaults {
            station_name: "STATION-7".into(),
            location: "Hall 2".into(),
            purpose: "Production".into(),
            process_code: Some(10),
            part_revision: Some("1.0".into()),
            operator: Some("operator".into()),
        },
    }
}

/// Runs a format over bytes that come in small pieces, as they may from a disk.
pub(crate) fn run(format: &str, file_name: &str, bytes: &[u8], options: &Map<String, Value>, how: How) -> Ran {
    run_at(&context(), format, file_name, bytes, options, how)
}

/// The same at another station.
pub(crate) fn run_at(context: &Context, format: &str, file_name: &str, bytes: &[u8], options: &Map<String, Value>, how: How) -> Ran {
    let mut reader = std::io::BufReader::with_capacity(61, bytes);
    let size = bytes.len() as u64;
    let input = Input { file_name, size, reader: &mut reader, options, context, tracing: how.tracing, may_grow: how.may_grow };
    let mut kept = Kept::default();
    let end = converters::format(format).unwrap().convert(input, &mut kept);
    Ran { kept: kept.0, end }
}

/// Whether the expectations of a format are to be rewritten.
pub(crate) fn blessed(format: &str) -> bool {
    let asked = std::env::var("LINESIDE_BLESS").unwrap_or_default();
    asked == "1" || asked.split(',').any(|name| name.trim() == format)
}

/// One golden folder.
pub(crate) struct Case {
    pub(crate) format: String,
    pub(crate) folder: PathBuf,
    pub(crate) file_name: String,
    pub(crate) bytes: Vec<u8>,
    pub(crate) options: Map<String, Value>,
}

impl Case {
    pub(crate) fn name(&self) -> String {
        format!("{}/{}", self.format, self.folder.file_name().unwrap().to_string_lossy())
    }

    pub(crate) fn run(&self, how: How) -> Ran {
        run(&self.format, &self.file_name, &self.bytes, &self.options, how)
    }
}

/// Every golden folder of every format.
pub(crate) fn cases() -> Vec<Case> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures/converters");
    let mut cases = Vec::new();
    for format in folders(&root) {
        for folder in folders(&format) {
            let files = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path());
            let input = files.into_iter().find(|path| path.file_stem().is_some_and(|stem| stem == "input"));
            let input = input.unwrap_or_else(|| panic!("{} has no input file", folder.display()));
            let options = fs::read(folder.join("options.json")).map_or_else(|_| Map::new(), |text| serde_json::from_slice(&text).unwrap());
            cases.push(Case {
                format: format.file_name().unwrap().to_string_lossy().into_owned(),
                file_name: input.file_name().unwrap().to_string_lossy().into_owned(),
                bytes: fs::read(&input).unwrap(),
                options,
                folder,
            });
        }
    }
    cases
}

fn folders(path: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let mut folders: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).filter(|path| path.is_dir()).collect();
    folders.sort();
    folders
}

/// The report as a JSON value.
pub(crate) fn value(conversion: &Conversion) -> Value {
    serde_json::from_slice(&conversion.report.to_json()).unwrap()
}

/// Report and warnings as they stand in `expected.json`.
pub(crate) fn golden(conversion: &Conversion) -> Value {
    let warning = |warning: &converters::Warning| {
        let mut entry = json!({ "pointer": warning.pointer, "message": warning.message });
        if let Some(span) = warning.at {
            entry["line"] = json!(span.line);
            entry["column"] = json!(span.column);
        }
        entry
    };
    json!({ "report": value(conversion), "warnings": conversion.warnings.iter().map(warning).collect::<Vec<_>>() })
}

/// The samples of real testers for a format; empty, with a word about it, where they are not at hand.
pub(crate) fn samples(folder: &str) -> Vec<(String, Vec<u8>)> {
    let root = std::env::var_os("LINESIDE_SAMPLES").map(PathBuf::from);
    let root = root.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/samples"));
    let Ok(entries) = fs::read_dir(root.join(folder)) else {
        println!("skipped: no samples in {}", root.join(folder).display());
        return Vec::new();
    };
    let mut samples: Vec<(String, Vec<u8>)> = entries
        .map(|entry| entry.unwrap().path())
        .map(|path| (path.file_name().unwrap().to_string_lossy().into_owned(), fs::read(&path).unwrap()))
        .collect();
    samples.sort();
    samples
}
