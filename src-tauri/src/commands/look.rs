//! Pictures over time, formats, samples: answered by the worker's program, which alone knows formats.

use std::path::Path;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use specta::Type;
use std::collections::BTreeMap;
use tauri::State;

use super::Answer;
use crate::error::CommandError;
use crate::sidecar::{Job, LONG, Sidecar};

/// Files counted in a folder before it is enough to say that there are more.
const MANY: u32 = 10_000;

/// What happened over the last hours, in equal buckets.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub(crate) struct Activity {
    /// Beginning of the first bucket, epoch milliseconds.
    from_at: i64,
    /// Seconds of a bucket.
    bucket_s: u32,
    /// Reports delivered.
    sent: Vec<u64>,
    /// Files rejected.
    rejected: Vec<u64>,
    /// Reports refused.
    refused: Vec<u64>,
    /// Middle latency of the server's answers.
    latency_ms: Vec<Option<u64>>,
}

/// How far back the yield looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "lowercase")]
pub(crate) enum YieldRange {
    /// 24 hours.
    Day,
    /// 7 days.
    Week,
}

/// How many units passed, right after retests.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub(crate) struct Yield {
    range: YieldRange,
    from_at: i64,
    units: u64,
    first_pass: u64,
    first_pass_yield: Option<f64>,
    passed: u64,
    failed: u64,
    reports: u64,
    by_part: Vec<PartYield>,
    failures: Vec<FailingStep>,
    by_hour: Vec<HourYield>,
}

/// The yield of a part number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub(crate) struct PartYield {
    pn: String,
    units: u64,
    first_pass: u64,
    passed: u64,
}

/// A step that let units fail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub(crate) struct FailingStep {
    step: String,
    pn: String,
    units: u64,
}

/// The yield of an hour.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub(crate) struct HourYield {
    at: i64,
    units: u64,
    first_pass: u64,
}

/// A format that can be read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub(crate) struct KnownFormat {
    name: String,
    title: String,
    extensions: Vec<String>,
    summary: String,
    options_schema: Value,
    binary: bool,
}

/// A place in a source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
pub(crate) struct Span {
    start: u64,
    end: u64,
    line: u64,
    column: u64,
}

/// A format a file may be in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub(crate) struct Guess {
    format: String,
    confidence: u32,
}

/// A sample file beside what was read from it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub(crate) struct Preview {
    file: String,
    size: u64,
    guesses: Vec<Guess>,
    format: Option<String>,
    source: PreviewSource,
    reports: Vec<PreviewReport>,
    more_reports: u64,
    failure: Option<PreviewFailure>,
}

/// The content of a sample.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub(crate) enum PreviewSource {
    /// As text.
    Text {
        /// The text, or a window of it.
        text: String,
        /// Number of its first line.
        first_line: u64,
        /// There is more.
        truncated: bool,
        /// How its bytes became text.
        encoding: String,
    },
    /// As bytes.
    Bytes {
        /// The bytes.
        base64: String,
        /// There are more.
        truncated: bool,
    },
}

/// A report read from a sample.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub(crate) struct PreviewReport {
    id: String,
    report: Value,
    warnings: Vec<PreviewWarning>,
    trace: BTreeMap<String, Span>,
    issues: Vec<PreviewIssue>,
}

/// What the conversion warned of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub(crate) struct PreviewWarning {
    pointer: String,
    message: String,
    at: Option<Span>,
}

/// What is wrong with a report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub(crate) struct PreviewIssue {
    pointer: String,
    message: String,
}

/// Why a sample could not be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub(crate) struct PreviewFailure {
    message: String,
    fix: String,
    at: Option<Span>,
}

/// What became of a file sent by hand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub(crate) struct Submitted {
    file: String,
    reports: u64,
    failure: Option<String>,
}

/// What can be said of a folder before it is watched.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub(crate) struct FolderState {
    exists: bool,
    readable: bool,
    writable: bool,
    files: u32,
    more: bool,
}

/// What happened over the last 1, 24 or 168 hours.
#[tauri::command]
#[specta::specta]
pub(crate) async fn activity(sidecar: State<'_, Sidecar>, id: String, hours: u32) -> Answer<Activity> {
    sidecar.run(Job::new(&["activity", &id, "--hours", &hours.to_string()])).await
}

/// How many units passed.
#[tauri::command]
#[specta::specta]
pub(crate) async fn yield_of(sidecar: State<'_, Sidecar>, id: String, range: YieldRange) -> Answer<Yield> {
    let range = match range {
        YieldRange::Day => "day",
        YieldRange::Week => "week",
    };
    sidecar.run(Job::new(&["yield", &id, "--range", range])).await
}

/// The formats that can be read.
#[tauri::command]
#[specta::specta]
pub(crate) async fn formats(sidecar: State<'_, Sidecar>) -> Answer<Vec<KnownFormat>> {
    let formats: Vec<Told> = sidecar.run(Job::new(&["formats"])).await?;
    Ok(formats.into_iter().map(Told::info).collect())
}

/// A format as the worker's program tells of it.
#[derive(Deserialize)]
struct Told {
    name: String,
    about: About,
    options: Value,
}

#[derive(Deserialize)]
struct About {
    title: String,
    extensions: Vec<String>,
    summary: String,
    #[serde(default)]
    binary: bool,
}

impl Told {
    fn info(self) -> KnownFormat {
        let About { title, extensions, summary, binary } = self.about;
        KnownFormat { name: self.name, title, extensions, summary, options_schema: self.options, binary }
    }
}

/// Reads a sample with these options, and tells where each value came from.
#[tauri::command]
#[specta::specta]
pub(crate) async fn preview(
    sidecar: State<'_, Sidecar>,
    file: String,
    format: Option<String>,
    options: Value,
    instance: Option<String>,
) -> Answer<Preview> {
    let mut args = vec!["preview", "--options-json", "-"];
    args.extend(format.iter().flat_map(|format| ["--format", format]));
    args.extend(instance.iter().flat_map(|id| ["--instance", id]));
    args.extend(["--", &file]);
    sidecar.run(Job::new(&args).reading(options.to_string())).await
}

/// Queues files by hand.
#[tauri::command]
#[specta::specta]
pub(crate) async fn submit_files(
    sidecar: State<'_, Sidecar>,
    id: String,
    files: Vec<String>,
    format: Option<String>,
) -> Answer<Vec<Submitted>> {
    let mut told = Vec::new();
    for file in files {
        let mut args = vec!["submit", "--instance", &id];
        args.extend(format.iter().flat_map(|format| ["--format", format]));
        args.extend(["--", &file]);
        let answer: Result<Value, CommandError> = sidecar.run(Job::new(&args).within(LONG)).await;
        told.push(match answer {
            Ok(value) if value["state"] == "known" => {
                let before = value["before"].as_str().unwrap_or_default();
                let failure = format!("its content was taken before, from {before}");
                Submitted { file, reports: 0, failure: Some(failure) }
            }
            Ok(value) => Submitted { file, reports: value["reports"].as_u64().unwrap_or(0), failure: None },
            Err(error) => Submitted { file, reports: 0, failure: Some(error.message) },
        });
    }
    Ok(told)
}

/// What can be said of a folder before it is watched.
#[tauri::command(async)]
#[specta::specta]
pub(crate) fn folder_state(path: String) -> Answer<FolderState> {
    let folder = Path::new(&path);
    let entries = std::fs::read_dir(folder);
    let readable = entries.is_ok();
    let files = entries.into_iter().flatten().flatten().filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_file()));
    let count = u32::try_from(files.take(MANY as usize + 1).count()).unwrap_or(MANY);
    Ok(FolderState {
        exists: folder.is_dir(),
        readable,
        writable: readable && writable(folder),
        files: count.min(MANY),
        more: count > MANY,
    })
}

/// Asking the file system is the only answer that holds for owners, groups, access lists and read-only mounts alike.
fn writable(folder: &Path) -> bool {
    let probe = folder.join(format!(".lineside-probe-{}.part", std::process::id()));
    let made = std::fs::OpenOptions::new().write(true).create_new(true).open(&probe).is_ok();
    made && std::fs::remove_file(&probe).is_ok()
}
