//! An instance's settings: read as they stand in the file, checked by the worker's own rules, saved only over what was read.

use std::collections::BTreeMap;

use instance::config::{self, Document};
use instance::{ConfigError, Layout, SaveError, Secret, Token, secret};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use specta::Type;
use tauri::State;

use super::{Answer, Place};
use crate::engine::Line;
use crate::error::CommandError;
use crate::sidecar::{Job, LONG, Sidecar};

/// What is wrong or odd with one setting.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub(crate) struct Problem {
    /// RFC 6901 pointer into the settings.
    pub(crate) pointer: String,
    /// What is wrong and what is allowed.
    pub(crate) message: String,
    /// Line in the file, where it is known.
    pub(crate) line: Option<u32>,
}

/// The settings as they stand in the file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub(crate) struct SettingsFile {
    settings: Value,
    hash: String,
    warnings: Vec<Problem>,
    problems: Vec<Problem>,
    path: String,
    /// There is a copy of the settings of before.
    backup: bool,
}

/// The hash of settings that were saved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub(crate) struct Saved {
    hash: String,
}

/// Settings of before.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub(crate) struct SettingsVersion {
    name: String,
    saved_at: i64,
    settings: Value,
}

/// What is known of the secrets; they themselves never come back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub(crate) struct TokenState {
    present: bool,
    /// A password for the proxy is kept.
    proxy_password: bool,
}

/// A connection that may not be saved yet.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub(crate) struct ConnectionForm {
    service_address: String,
    /// None: the instance's own.
    token: Option<String>,
    instance: Option<String>,
    proxy: Value,
    ca_file: Option<String>,
    connect_timeout_s: Option<u32>,
}

/// What a server answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub(crate) struct Connection {
    ok: bool,
    cause: Option<ConnectionCause>,
    headline: String,
    detail: String,
    fix: String,
    version: Option<String>,
    latency_ms: Option<u64>,
    processes: Vec<ServerProcess>,
}

/// Why a connection is no good.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "lowercase")]
pub(crate) enum ConnectionCause {
    /// The token is refused.
    Token,
    /// Nobody answers.
    Unreachable,
    /// The address is none.
    Address,
    /// The certificates do not fit.
    Tls,
    /// The proxy lets nothing through.
    Proxy,
    /// The server is in trouble.
    Server,
    /// Who answers is no WATS server.
    NotWats,
}

/// A process of the server's list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub(crate) struct ServerProcess {
    code: i64,
    name: String,
}

/// The settings with everything that is odd or wrong with them.
#[tauri::command]
#[specta::specta]
pub(crate) async fn load_settings(place: State<'_, Place>, sidecar: State<'_, Sidecar>, id: String) -> Answer<SettingsFile> {
    let layout = place.instance(&id)?;
    load(&layout, &sidecar, &id).await
}

async fn load(layout: &Layout, sidecar: &Sidecar, id: &str) -> Answer<SettingsFile> {
    let document = Document::open(layout).map_err(|error| unreadable(layout, &error))?;
    let warnings = match document.read(&|name| std::env::var(name).ok()) {
        Ok(loaded) => loaded.warnings.iter().map(|warning| problem(&warning.path, &warning.message, warning.line)).collect(),
        // What breaks the schema is among the problems.
        Err(_) => Vec::new(),
    };
    let problems = match check(sidecar, Some(id), document.value()).await {
        Ok(problems) => problems,
        Err(error) => vec![Problem { pointer: String::new(), message: format!("not checked: {error}"), line: None }],
    };
    Ok(SettingsFile {
        settings: document.value().clone(),
        hash: document.hash().unwrap_or_default().to_owned(),
        warnings,
        problems,
        path: layout.config().display().to_string(),
        backup: backup(layout).exists(),
    })
}

fn problem(path: &str, message: &str, line: Option<usize>) -> Problem {
    Problem { pointer: config::pointer(path), message: message.to_owned(), line: line.and_then(|line| u32::try_from(line).ok()) }
}

fn unreadable(layout: &Layout, error: &ConfigError) -> CommandError {
    let hint = if backup(layout).exists() { "The settings of before are kept: restore them." } else { "Correct the file by hand." };
    CommandError::new("settings_unreadable", error).with_hint(hint)
}

fn backup(layout: &Layout) -> std::path::PathBuf {
    layout.config().with_extension("json.bak")
}

/// Brings back the settings of before, and keeps the damaged file beside them.
#[tauri::command]
#[specta::specta]
pub(crate) async fn restore_backup(
    place: State<'_, Place>,
    sidecar: State<'_, Sidecar>,
    line: State<'_, Line>,
    id: String,
) -> Answer<SettingsFile> {
    let layout = place.instance(&id)?;
    let (file, kept) = (layout.config(), backup(&layout));
    let bytes = std::fs::read(&kept).map_err(|error| CommandError::at(&kept, error))?;
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
    let settings: Value = serde_json::from_slice(text).map_err(|error| CommandError::at(&kept, error))?;
    let damaged = file.with_extension("json.damaged");
    if file.exists() {
        std::fs::rename(&file, &damaged).map_err(|error| CommandError::at(&file, error))?;
    }
    config::save(&layout, &settings, None).map_err(|error| {
        // Damaged settings say more than none.
        let _back = std::fs::rename(&damaged, &file);
        not_saved(&error)
    })?;
    line.look();
    load(&layout, &sidecar, &id).await
}

/// What the worker's rules say of settings that are not saved; without an id, of an instance that does not exist yet.
#[tauri::command]
#[specta::specta]
pub(crate) async fn check_settings(sidecar: State<'_, Sidecar>, id: Option<String>, settings: Value) -> Answer<Vec<Problem>> {
    check(&sidecar, id.as_deref(), &settings).await
}

pub(super) async fn check(sidecar: &Sidecar, id: Option<&str>, settings: &Value) -> Answer<Vec<Problem>> {
    let whose = id.unwrap_or("--new");
    sidecar.run(Job::new(&["config", "check", whose, "--stdin"]).reading(settings.to_string())).await
}

/// Saves settings over those with this hash, once nothing is wrong with them.
#[tauri::command]
#[specta::specta]
pub(crate) async fn save_settings(
    place: State<'_, Place>,
    sidecar: State<'_, Sidecar>,
    line: State<'_, Line>,
    id: String,
    settings: Value,
    expected_hash: String,
) -> Answer<Saved> {
    let layout = place.instance(&id)?;
    let problems = check(&sidecar, Some(&id), &settings).await?;
    if !problems.is_empty() {
        return Err(invalid(&problems));
    }
    let hash = config::save(&layout, &settings, Some(&expected_hash)).map_err(|error| not_saved(&error))?;
    line.look();
    Ok(Saved { hash })
}

pub(super) fn invalid(problems: &[Problem]) -> CommandError {
    let lines: Vec<String> = problems.iter().map(|problem| format!("{}: {}", problem.pointer, problem.message)).collect();
    CommandError::new("invalid", lines.join("\n"))
}

pub(super) fn not_saved(error: &SaveError) -> CommandError {
    let code = match error {
        SaveError::Changed { .. } => "changed",
        SaveError::Invalid(_) => "invalid",
        SaveError::Secret(_) | SaveError::Io { .. } => "file",
    };
    CommandError::new(code, error)
}

/// The last ten settings of before, newest first.
#[tauri::command(async)]
#[specta::specta]
pub(crate) fn settings_versions(place: State<'_, Place>, id: String) -> Answer<Vec<SettingsVersion>> {
    let versions = config::versions(&place.instance(&id)?).map_err(|error| CommandError::new("file", error))?;
    let shown = versions.into_iter().map(|one| SettingsVersion { name: one.name, saved_at: one.saved_at, settings: one.value });
    Ok(shown.collect())
}

/// Whether there is a token.
#[tauri::command(async)]
#[specta::specta]
pub(crate) fn token_state(place: State<'_, Place>, id: String) -> Answer<TokenState> {
    let secret = kept(&place.instance(&id)?)?;
    let proxy_password = secret.as_ref().is_some_and(|secret| secret.proxy_password.is_some());
    Ok(TokenState { present: secret.is_some(), proxy_password })
}

fn kept(layout: &Layout) -> Answer<Option<Secret>> {
    secret::load(layout, &|_| None).map_err(|error| CommandError::new("secret", error))
}

/// Keeps a token.
#[tauri::command(async)]
#[specta::specta]
pub(crate) fn set_token(place: State<'_, Place>, id: String, token: String) -> Answer<()> {
    let layout = place.instance(&id)?;
    let token = Token::new(&token).ok_or_else(|| CommandError::new("invalid", "the token is empty"))?;
    secret::replace_token(&layout, token).map_err(|error| CommandError::new("secret", error))
}

/// Keeps the password of the proxy, or none.
#[tauri::command(async)]
#[specta::specta]
pub(crate) fn set_proxy_password(place: State<'_, Place>, id: String, password: Option<String>) -> Answer<()> {
    let layout = place.instance(&id)?;
    let secret = kept(&layout)?.ok_or_else(|| CommandError::new("no_token", "enter the token first: both are kept together"))?;
    let secret = Secret { proxy_password: password.as_deref().and_then(Token::new), ..secret };
    secret::save(&layout, &secret).map_err(|error| CommandError::new("secret", error))
}

/// What the server answers to a connection that may not be saved yet.
#[tauri::command]
#[specta::specta]
pub(crate) async fn test_connection(sidecar: State<'_, Sidecar>, form: ConnectionForm) -> Answer<Connection> {
    let mut asked = BTreeMap::from([("service_address", Value::from(form.service_address))]);
    asked.extend(form.token.map(|token| ("token", token.into())));
    asked.extend(form.instance.map(|id| ("instance", id.into())));
    asked.extend((!form.proxy.is_null()).then_some(("proxy", form.proxy)));
    asked.extend(form.ca_file.map(|file| ("ca_file", file.into())));
    asked.extend(form.connect_timeout_s.map(|seconds| ("connect_timeout_s", seconds.into())));
    let input = serde_json::to_vec(&asked).map_err(|error| CommandError::new("invalid", error))?;
    sidecar.run(Job::new(&["test-connection", "--stdin"]).reading(input).within(LONG)).await
}
