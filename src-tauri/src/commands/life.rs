//! Workers: how they are, started, stopped, removed.

use std::path::PathBuf;

use instance::{Guard, Home, Layout, secret};
use jiff::Timestamp;
use tauri::State;

use super::{Answer, Place};
use crate::control::Wish;
use crate::engine::Line;
use crate::error::CommandError;
use crate::host::wish_all;
use crate::snapshot::Snapshot;
use crate::tray::{may_start, may_stop};

/// The newest snapshot.
#[tauri::command]
#[specta::specta]
pub(crate) fn snapshot(line: State<'_, Line>) -> Answer<Snapshot> {
    Ok(line.latest())
}

/// A look at once.
#[tauri::command(async)]
#[specta::specta]
pub(crate) fn refresh(line: State<'_, Line>) -> Answer<Snapshot> {
    Ok(line.look())
}

/// Starts a worker.
#[tauri::command(async)]
#[specta::specta]
pub(crate) fn start_instance(line: State<'_, Line>, id: String) -> Answer<()> {
    line.wish(Wish::Start, &id)
}

/// Stops a worker in good order.
#[tauri::command(async)]
#[specta::specta]
pub(crate) fn stop_instance(line: State<'_, Line>, id: String) -> Answer<()> {
    line.wish(Wish::Stop, &id)
}

/// Stops a worker in good order and starts it again.
#[tauri::command(async)]
#[specta::specta]
pub(crate) fn restart_instance(line: State<'_, Line>, id: String) -> Answer<()> {
    line.wish(Wish::Restart, &id)
}

/// Ends a worker's process.
#[tauri::command(async)]
#[specta::specta]
pub(crate) fn force_stop(line: State<'_, Line>, id: String) -> Answer<()> {
    line.wish(Wish::Force, &id)
}

/// Has a worker send nothing for now.
#[tauri::command(async)]
#[specta::specta]
pub(crate) fn pause_uploads(line: State<'_, Line>, id: String) -> Answer<()> {
    line.wish(Wish::Pause, &id)
}

/// Has a worker send again.
#[tauri::command(async)]
#[specta::specta]
pub(crate) fn resume_uploads(line: State<'_, Line>, id: String) -> Answer<()> {
    line.wish(Wish::Resume, &id)
}

/// Starts every worker that does not run.
#[tauri::command(async)]
#[specta::specta]
pub(crate) fn start_all(line: State<'_, Line>) -> Answer<()> {
    all(&wish_all(&line, Wish::Start, may_start))
}

/// Stops every worker that runs.
#[tauri::command(async)]
#[specta::specta]
pub(crate) fn stop_all(line: State<'_, Line>) -> Answer<()> {
    all(&wish_all(&line, Wish::Stop, may_stop))
}

fn all(failures: &[String]) -> Answer<()> {
    if failures.is_empty() { Ok(()) } else { Err(CommandError::new("failed", failures.join("\n"))) }
}

/// Moves the folder of an instance that does not run to the trash of its root, without its token; where it is now.
#[tauri::command(async)]
#[specta::specta]
pub(crate) fn remove_instance(line: State<'_, Line>, place: State<'_, Place>, id: String) -> Answer<String> {
    let to = to_trash(&place.0, &place.instance(&id)?, &id);
    line.look();
    to.map(|to| to.display().to_string())
}

fn to_trash(home: &Home, layout: &Layout, id: &str) -> Answer<PathBuf> {
    let trash = home.root().join("trash");
    let to = trash.join(format!("{id}-{}", Timestamp::now().strftime("%Y%m%dT%H%M%SZ")));
    // Held while the folder moves, so that no worker starts in it; Windows moves no folder with an open file in it.
    let guard =
        Guard::acquire(layout).map_err(|error| CommandError::new("running", format!("{id}: {error}")).with_hint("Stop it first."))?;
    #[cfg(windows)]
    drop(guard);
    std::fs::create_dir_all(&trash).map_err(|error| CommandError::at(&trash, error))?;
    std::fs::rename(layout.dir(), &to).map_err(|error| CommandError::at(layout.dir(), error))?;
    #[cfg(not(windows))]
    drop(guard);
    // Nobody looks after it there.
    secret::remove(&Layout::at(&to, home.scope())).map_err(|error| CommandError::new("secret", error))?;
    Ok(to)
}

#[cfg(test)]
mod tests {
    use super::*;
    use instance::{Scope, Secret, Token};

    #[test]
    fn what_is_removed_lies_in_the_trash_without_its_token() {
        let dir = tempfile::tempdir().unwrap();
        let home = Home::at(dir.path(), Scope::User);
        let layout = home.instance(&"ict".parse().unwrap());
        layout.create_new().unwrap();
        let secret = Secret { token: Token::new("dG9rZW4=").unwrap(), proxy_password: None };
        secret::save(&layout, &secret).unwrap();
        std::fs::write(layout.config(), "{}").unwrap();
        let running = Guard::acquire(&layout).unwrap();
        assert_eq!(to_trash(&home, &layout, "ict").unwrap_err().code, "running");
        drop(running);
        let to = to_trash(&home, &layout, "ict").unwrap();
        assert!(to.starts_with(dir.path().join("trash")) && to.join("client_config.json").is_file());
        assert!(!to.join("secret.json").exists() && !layout.dir().exists());
    }
}
