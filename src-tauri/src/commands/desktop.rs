//! The desktop: the app's own settings, choosing files and folders, opening what belongs to an instance.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use store::{SourceQuery, View};
use tauri::{AppHandle, State, Wry};
use tauri_plugin_autostart::ManagerExt;
use tauri_plugin_dialog::{DialogExt, FilePath};
use tauri_plugin_opener::OpenerExt;
use tokio::sync::oneshot;

use super::{Answer, Place};
use crate::app_settings::{AppSettings, Kept};
use crate::engine::Line;
use crate::error::CommandError;
use crate::host::language;
use crate::tray;

/// Where somebody chose to save something: that may be shown, too.
#[derive(Default)]
pub(crate) struct Chosen(Mutex<Vec<PathBuf>>);

impl Chosen {
    fn add(&self, path: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(path.into());
    }

    fn holds(&self, wanted: &Path) -> bool {
        let chosen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        chosen.iter().any(|path| std::fs::canonicalize(path).is_ok_and(|path| path == wanted))
    }
}

/// The app's own settings.
#[tauri::command(async)]
#[specta::specta]
pub(crate) fn app_settings(app: AppHandle<Wry>, kept: State<'_, Arc<Kept>>) -> Answer<AppSettings> {
    // The system knows better than our file whether we start with it.
    let start_with_computer = app.autolaunch().is_enabled().unwrap_or(false);
    Ok(AppSettings { start_with_computer, ..kept.get() })
}

/// Changes them.
#[tauri::command(async)]
#[specta::specta]
pub(crate) fn save_app_settings(
    app: AppHandle<Wry>,
    kept: State<'_, Arc<Kept>>,
    line: State<'_, Line>,
    settings: AppSettings,
) -> Answer<AppSettings> {
    let autostart = app.autolaunch();
    let enabled = autostart.is_enabled().unwrap_or(false);
    let failed = |error: tauri_plugin_autostart::Error| CommandError::new("autostart", format!("starting with the computer: {error}"));
    match (enabled, settings.start_with_computer) {
        (false, true) => autostart.enable().map_err(failed)?,
        (true, false) => autostart.disable().map_err(failed)?,
        _ => {}
    }
    kept.set(settings.clone())?;
    // The tray may speak another language now.
    tray::show(&app, tray::model(&line.latest(), language(&kept)));
    Ok(settings)
}

/// Lets a person choose a folder.
#[tauri::command]
#[specta::specta]
pub(crate) async fn pick_folder(app: AppHandle<Wry>, start: Option<String>) -> Answer<Option<String>> {
    let mut dialog = app.dialog().file();
    if let Some(start) = start.filter(|start| Path::new(start).is_dir()) {
        dialog = dialog.set_directory(start);
    }
    let (chosen, answer) = oneshot::channel();
    dialog.pick_folder(move |folder| told(chosen, folder));
    Ok(answer.await.ok().flatten().and_then(path))
}

/// Lets a person choose files.
#[tauri::command]
#[specta::specta]
pub(crate) async fn pick_files(app: AppHandle<Wry>, multiple: bool) -> Answer<Vec<String>> {
    let dialog = app.dialog().file();
    if multiple {
        let (chosen, answer) = oneshot::channel();
        dialog.pick_files(move |files| told(chosen, files));
        return Ok(answer.await.ok().flatten().unwrap_or_default().into_iter().filter_map(path).collect());
    }
    let (chosen, answer) = oneshot::channel();
    dialog.pick_file(move |file| told(chosen, file));
    Ok(answer.await.ok().flatten().and_then(path).into_iter().collect())
}

/// Lets a person choose where to save a file of this name.
#[tauri::command]
#[specta::specta]
pub(crate) async fn pick_save(app: AppHandle<Wry>, places: State<'_, Chosen>, name: String) -> Answer<Option<String>> {
    let (chosen, answer) = oneshot::channel();
    app.dialog().file().set_file_name(name).save_file(move |file| told(chosen, file));
    let place = answer.await.ok().flatten().and_then(path);
    place.iter().for_each(|place| places.add(place));
    Ok(place)
}

fn told<T>(to: oneshot::Sender<T>, value: T) {
    // A page that is gone waits for nothing.
    let _gone = to.send(value);
}

fn path(chosen: FilePath) -> Option<String> {
    chosen.into_path().ok().map(|path| path.display().to_string())
}

/// Opens a folder, or shows a file in its folder: only what belongs to an instance, or was saved where somebody chose.
#[tauri::command(async)]
#[specta::specta]
pub(crate) fn open_path(app: AppHandle<Wry>, place: State<'_, Place>, chosen: State<'_, Chosen>, path: String) -> Answer<()> {
    let wanted = std::fs::canonicalize(&path).map_err(|error| CommandError::at(Path::new(&path), error))?;
    if !belongs(&place, &wanted, &path) && !chosen.holds(&wanted) {
        return Err(CommandError::new("not_allowed", format!("{path} belongs to no instance")));
    }
    let opener = app.opener();
    let opened = if wanted.is_dir() { opener.open_path(&path, None::<&str>) } else { opener.reveal_item_in_dir(&path) };
    opened.map_err(|error| CommandError::new("failed", format!("{path}: {error}")))
}

/// Inside an instance's folder or one named in its settings, or a file its history knows.
fn belongs(place: &Place, wanted: &Path, named: &str) -> bool {
    let mut folders = place.folders();
    folders.push(place.0.root().join("trash"));
    for id in place.0.instances().unwrap_or_default() {
        folders.extend(watched(&place.0.instance(&id)));
    }
    let inside = |folder: &PathBuf| std::fs::canonicalize(folder).is_ok_and(|folder| wanted.starts_with(folder));
    folders.iter().any(inside) || place.0.instances().unwrap_or_default().iter().any(|id| known(&place.0.instance(id), named))
}

fn watched(layout: &instance::Layout) -> Vec<PathBuf> {
    let loaded = instance::config::load(layout, &|name| std::env::var(name).ok());
    let rules = loaded.map(|loaded| loaded.config.converters).unwrap_or_default();
    // A relative folder is inside the watched one.
    let of = |rule: &instance::WatchRule| {
        let watched = PathBuf::from(&rule.watch_folder);
        [watched.join(&rule.done_folder), watched.join(&rule.error_folder), watched]
    };
    rules.iter().flat_map(of).filter(|folder| folder.is_absolute() && folder.parent().is_some()).collect()
}

fn known(layout: &instance::Layout, path: &str) -> bool {
    let query = SourceQuery { text: Some(path.to_owned()), limit: 20, ..SourceQuery::default() };
    let rows = View::open(layout.queue_db()).ok().flatten().and_then(|view| view.history(&query).ok()).unwrap_or_default();
    rows.iter().any(|row| row.path == path || row.filed_at.as_deref() == Some(path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_somebody_chose_to_save_may_be_shown_and_its_neighbours_may_not() {
        let dir = tempfile::tempdir().unwrap();
        let file = |name: &str| {
            let path = dir.path().join(name);
            std::fs::write(&path, "").unwrap();
            std::fs::canonicalize(path).unwrap()
        };
        let (saved, other) = (file("ict.lineside.json"), file("other.json"));
        let chosen = Chosen::default();
        assert!(!chosen.holds(&saved));
        chosen.add(&dir.path().join(".").join("ict.lineside.json").display().to_string());
        assert!(chosen.holds(&saved) && !chosen.holds(&other) && !chosen.holds(dir.path()));
    }
}
