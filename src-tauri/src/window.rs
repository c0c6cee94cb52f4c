//! The window: made when it is asked for, gone with its web view when it is closed. The app lives on in the tray.

use serde::{Deserialize, Serialize};
use specta::Type;
use tauri::utils::config::WebviewUrl;
use tauri::{AppHandle, DragDropEvent, Manager, WebviewWindowBuilder, Window, WindowEvent, Wry};
use tauri_specta::Event;

/// The window's label in `tauri.conf.json` and in its capability.
const LABEL: &str = "main";

/// The tray or a notification asks for a screen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type, Event)]
pub(crate) struct Navigate {
    /// The screen's address, as in `/i/ict/log`.
    pub(crate) path: String,
}

/// Files were dropped on the window.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type, Event)]
pub(crate) struct FilesDropped {
    /// Their full paths.
    pub(crate) paths: Vec<String>,
}

/// Files are held over the window, or are not any more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type, Event)]
pub(crate) struct FilesDragging {
    /// They are.
    pub(crate) over: bool,
}

/// Brings the window forward, making it where there is none, at a screen if one is named. On any thread.
pub(crate) fn open(app: &AppHandle<Wry>, path: Option<&str>) {
    let (handle, path) = (app.clone(), path.map(str::to_owned));
    let _ending = app.run_on_main_thread(move || {
        if let Err(error) = open_here(&handle, path.as_deref()) {
            eprint(&format!("the window cannot be opened: {error}"));
        }
    });
}

fn open_here(app: &AppHandle<Wry>, path: Option<&str>) -> tauri::Result<()> {
    if let Some(window) = app.get_webview_window(LABEL) {
        window.unminimize()?;
        window.show()?;
        window.set_focus()?;
        if let Some(path) = path {
            Navigate { path: path.to_owned() }.emit(app)?;
        }
        return Ok(());
    }
    let configured = app.config().app.windows.iter().find(|window| window.label == LABEL).cloned();
    let mut window = configured.ok_or(tauri::Error::WindowNotFound)?;
    if let Some(path) = path {
        window.url = WebviewUrl::App(format!("index.html#{path}").into());
    }
    WebviewWindowBuilder::from_config(app, &window)?.build()?;
    Ok(())
}

/// What happens to the window and concerns the page: files that are held over it, taken away again, or dropped. Without a page nobody listens.
pub(crate) fn happened(window: &Window<Wry>, event: &WindowEvent) {
    let WindowEvent::DragDrop(event) = event else { return };
    let app = window.app_handle();
    let _nobody = match event {
        DragDropEvent::Enter { paths, .. } => FilesDragging { over: !paths.is_empty() }.emit(app),
        DragDropEvent::Leave => FilesDragging { over: false }.emit(app),
        DragDropEvent::Drop { paths, .. } => {
            FilesDropped { paths: paths.iter().map(|path| path.display().to_string()).collect() }.emit(app)
        }
        _ => Ok(()),
    };
}

/// For whoever started the app from a terminal; there is no other place for what goes wrong before there is a window.
#[allow(clippy::print_stderr, reason = "the only place left to say it")]
pub(crate) fn eprint(text: &str) {
    eprintln!("lineside-tray: {text}");
}
