//! Formats and samples: answered by the worker's program, which alone knows formats.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use specta::Type;
use tauri::State;

use super::Answer;
use crate::error::CommandError;
use crate::sidecar::{Job, LONG, Sidecar};

/// Files counted in a folder before it is enough to say that there are more.
const MANY: u32 = 10_000;

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
    /// Steps that are left out of the report.
    more_steps: u32,
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

/// The formats that can be read.
#[tauri::command]
#[specta::specta]
pub(crate) async fn formats(sidecar: State<'_, Sidecar>) -> Answer<Vec<KnownFormat>> {
    sidecar.run(Job::new(&["formats"])).await
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
