//! Check-up, support bundle, export, import, and what the app is made of.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use specta::Type;
use tauri::State;

use super::Answer;
use crate::engine::Line;
use crate::error::CommandError;
use crate::sidecar::{Job, LONG, Sidecar};

/// Every library in the app with its licence, written by a test.
const LICENCES: &str = include_str!("../../licences.json");

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub(crate) struct Check {
    name: String,
    ok: bool,
    level: CheckLevel,
    message: String,
    remedy: Option<String>,
}

/// How it came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "lowercase")]
pub(crate) enum CheckLevel {
    /// Well.
    Ok,
    /// Worth a look.
    Warning,
    /// Not well.
    Error,
}

/// What the worker's program tells of a check-up.
#[derive(Deserialize)]
pub(super) struct CheckUp {
    pub(super) checks: Vec<Told>,
}

#[derive(Deserialize)]
pub(super) struct Told {
    name: String,
    result: String,
    message: String,
    remedy: Option<String>,
}

/// A bundle that was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub(crate) struct Bundle {
    path: String,
    bytes: u64,
}

/// An export that was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub(crate) struct Exported {
    path: String,
}

/// What a new instance is made of.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub(crate) enum Origin {
    /// An exported instance, or the settings of a pyWATS client.
    File {
        /// The file.
        path: String,
        /// Opens the token in it.
        passphrase: Option<String>,
    },
    /// Another instance on this computer.
    Copy {
        /// Its id.
        id: String,
    },
}

/// What an import would make.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub(crate) struct ImportPlan {
    kind: ImportKind,
    id: String,
    name: String,
    settings: Value,
    has_token: bool,
    needs_passphrase: bool,
    folders: Vec<ImportFolder>,
    carried: Vec<String>,
    not_carried: Vec<NotCarried>,
}

#[cfg(test)]
impl ImportPlan {
    pub(super) fn settings(&self) -> &Value {
        &self.settings
    }
}

/// Whose settings an import brings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "lowercase")]
pub(crate) enum ImportKind {
    /// An export of Lineside.
    Lineside,
    /// The settings of a pyWATS client.
    PyWats,
}

/// A folder named in imported settings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub(crate) struct ImportFolder {
    pointer: String,
    path: String,
    exists: bool,
}

/// What an import does not bring, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub(crate) struct NotCarried {
    what: String,
    why: String,
}

/// What the app is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub(crate) struct About {
    version: String,
    sidecar_version: Option<String>,
    licences: Vec<Licence>,
}

/// A library in the app.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub(crate) struct Licence {
    name: String,
    version: String,
    licence: String,
}

/// Looks at everything an instance needs.
#[tauri::command]
#[specta::specta]
pub(crate) async fn doctor(sidecar: State<'_, Sidecar>, id: String) -> Answer<Vec<Check>> {
    let told: CheckUp = sidecar.run(Job::new(&["doctor", &id]).within(LONG)).await?;
    let check = |told: Told| {
        let level = match told.result.as_str() {
            "ok" => CheckLevel::Ok,
            "warning" => CheckLevel::Warning,
            _ => CheckLevel::Error,
        };
        Check { name: told.name, ok: level == CheckLevel::Ok, level, message: told.message, remedy: told.remedy }
    };
    Ok(told.checks.into_iter().map(check).collect())
}

/// Writes everything that helps to find a fault into one file, without secrets.
#[tauri::command]
#[specta::specta]
pub(crate) async fn support_bundle(sidecar: State<'_, Sidecar>, to: String) -> Answer<Bundle> {
    sidecar.run(Job::new(&["support-bundle", "--to", &to]).within(LONG)).await
}

/// Writes an instance into one file; its token only under a passphrase.
#[tauri::command]
#[specta::specta]
pub(crate) async fn export_instance(sidecar: State<'_, Sidecar>, id: String, to: String, passphrase: Option<String>) -> Answer<Exported> {
    let job = with_passphrase(Job::new(&["export", &id, "--to", &to]).within(LONG), passphrase);
    let _told: Value = sidecar.run(job).await?;
    Ok(Exported { path: to })
}

/// What an import would make. Writes nothing.
#[tauri::command]
#[specta::specta]
pub(crate) async fn inspect_import(sidecar: State<'_, Sidecar>, origin: Origin) -> Answer<ImportPlan> {
    sidecar.run(importing(&origin).and(&["--dry-run"])).await
}

/// Makes an instance; its id. `changes` are texts by the pointers of their settings.
#[tauri::command]
#[specta::specta]
pub(crate) async fn import_instance(
    sidecar: State<'_, Sidecar>,
    line: State<'_, Line>,
    origin: Origin,
    id: String,
    changes: BTreeMap<String, String>,
) -> Answer<String> {
    let changes: Vec<String> = changes.iter().map(|(pointer, text)| format!("{pointer}={text}")).collect();
    let mut args = vec!["--as", &id];
    args.extend(changes.iter().flat_map(|change| ["--set", change]));
    let _told: Value = sidecar.run(importing(&origin).and(&args).within(LONG)).await?;
    line.look();
    Ok(id)
}

fn importing(origin: &Origin) -> Job<'_> {
    match origin {
        Origin::File { path, passphrase } => with_passphrase(Job::new(&["import", path]), passphrase.clone()),
        Origin::Copy { id } => Job::new(&["import", "--copy-of", id]),
    }
}

fn with_passphrase(job: Job<'_>, passphrase: Option<String>) -> Job<'_> {
    match passphrase.filter(|passphrase| !passphrase.is_empty()) {
        Some(passphrase) => job.and(&["--passphrase-stdin"]).reading(passphrase),
        None => job,
    }
}

/// Versions and licences.
#[tauri::command(async)]
#[specta::specta]
pub(crate) fn about(line: State<'_, Line>) -> Answer<About> {
    let app = line.latest().app;
    let licences = serde_json::from_str(LICENCES).map_err(|error| CommandError::new("failed", error))?;
    Ok(About { version: app.version, sidecar_version: app.sidecar_version, licences })
}
