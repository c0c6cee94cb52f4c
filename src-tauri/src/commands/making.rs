//! A new instance, and a server to try it with.

use std::process::Stdio;
use std::time::Duration;

use instance::config::Document;
use instance::{Layout, Secret, Token, secret};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use specta::Type;
use tauri::State;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::Child;
use tokio::sync::Mutex;

use super::settings::{check, invalid, not_saved};
use super::{Answer, Place};
use crate::control::Wish;
use crate::engine::Line;
use crate::error::CommandError;
use crate::processes::host_name;
use crate::sidecar::Sidecar;

/// How long the sandbox may take to come up.
const COMING_UP: Duration = Duration::from_secs(15);

/// An instance that does not exist yet.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub(crate) struct NewInstance {
    id: String,
    settings: Value,
    token: Option<String>,
    /// Start its worker at once.
    start: bool,
}

/// A server to try it with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub(crate) struct SandboxAddress {
    url: String,
}

/// The sandbox, while it runs. It ends with the app.
#[derive(Default)]
pub(crate) struct Sandbox(Mutex<Option<(Child, String)>>);

impl Sandbox {
    /// Ends it, where it runs.
    pub(crate) fn end(&self) {
        if let Ok(mut running) = self.0.try_lock()
            && let Some((mut child, _)) = running.take()
        {
            // One that has ended already is what was wanted.
            let _gone = child.start_kill();
        }
    }
}

/// Makes an instance; its id. Nothing is written before everything was checked.
#[tauri::command]
#[specta::specta]
pub(crate) async fn create_instance(
    place: State<'_, Place>,
    sidecar: State<'_, Sidecar>,
    line: State<'_, Line>,
    form: NewInstance,
) -> Answer<String> {
    let id = form.id.parse().map_err(|error: instance::InvalidId| CommandError::new("invalid", error))?;
    let layout = place.0.instance(&id);
    if layout.dir().exists() {
        return Err(CommandError::new("exists", format!("{} exists already; choose another name", layout.dir().display())));
    }
    let problems = check(&sidecar, None, &form.settings).await?;
    if !problems.is_empty() {
        return Err(invalid(&problems));
    }
    let token = form.token.as_deref().and_then(Token::new);
    layout.create_new().map_err(|error| CommandError::at(layout.dir(), error))?;
    write(&layout, form.settings, token).inspect_err(|_| {
        // Made by us alone: half an instance would be in the way of the next try.
        let _left = std::fs::remove_dir_all(layout.dir());
    })?;
    line.look();
    if form.start {
        line.wish(Wish::Start, &form.id)?;
    }
    Ok(form.id)
}

fn write(layout: &Layout, settings: Value, token: Option<Token>) -> Answer<()> {
    if let Some(token) = token {
        let secret = Secret { token, proxy_password: None };
        secret::save(layout, &secret).map_err(|error| CommandError::new("secret", error))?;
    }
    // The settings last: a folder without them is no instance yet.
    Document::over(settings, None).save(layout).map_err(|error| not_saved(&error))?;
    Ok(())
}

/// A name for this station.
#[tauri::command(async)]
#[specta::specta]
pub(crate) fn suggest_station() -> Answer<String> {
    Ok(host_name())
}

/// Starts a server on this computer that takes reports as WATS does.
#[tauri::command]
#[specta::specta]
pub(crate) async fn start_sandbox(sidecar: State<'_, Sidecar>, sandbox: State<'_, Sandbox>) -> Answer<SandboxAddress> {
    let mut running = sandbox.0.lock().await;
    if let Some((child, url)) = running.as_mut()
        && matches!(child.try_wait(), Ok(None))
    {
        return Ok(SandboxAddress { url: url.clone() });
    }
    let mut command = tokio::process::Command::from(sidecar.command(&["--json", "sandbox"])?);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).kill_on_drop(true);
    let failed = |error: std::io::Error| CommandError::new("failed", format!("the sandbox cannot be started: {error}"));
    let mut child = command.spawn().map_err(failed)?;
    let mut line = String::new();
    if let Some(stdout) = child.stdout.take() {
        let mut stdout = BufReader::new(stdout);
        let read = tokio::time::timeout(COMING_UP, stdout.read_line(&mut line)).await;
        read.map_err(|_| CommandError::new("timeout", "the sandbox did not come up"))?.map_err(failed)?;
    }
    let told: Value = serde_json::from_str(&line).unwrap_or_default();
    let url = told["url"].as_str().ok_or_else(|| CommandError::new("failed", "the sandbox did not tell its address"))?.to_owned();
    *running = Some((child, url.clone()));
    Ok(SandboxAddress { url })
}

/// Ends it.
#[tauri::command]
#[specta::specta]
pub(crate) async fn stop_sandbox(sandbox: State<'_, Sandbox>) -> Answer<()> {
    if let Some((mut child, _)) = sandbox.0.lock().await.take() {
        child.kill().await.map_err(|error| CommandError::new("failed", format!("the sandbox cannot be ended: {error}")))?;
    }
    Ok(())
}
