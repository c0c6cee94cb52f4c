//! The app's beginning and end: plugins, state, the engine's thread; what is done when it is asked to exit.

use std::process::Stdio;
use std::sync::Arc;

use instance::Home;
use tauri::{App, AppHandle, Manager, RunEvent, Wry};
use tauri_plugin_autostart::MacosLauncher;

use crate::app_settings::Kept;
use crate::commands::{self, Chosen, Place, Sandbox};
use crate::engine::{self, Call, Engine};
use crate::host::{self, Host};
use crate::launch::Launcher;
use crate::look::Looker;
use crate::processes::Processes;
use crate::sidecar::Sidecar;
use crate::snapshot::AppSnapshot;
use crate::tray::Tray;
use crate::window;

/// Started by the system at log-in: no window.
const HIDDEN: &str = "--hidden";

/// Runs the app until it is quit.
pub fn run() {
    let contract = commands::contract();
    let handler = contract.invoke_handler();
    let built = tauri::Builder::default()
        // First: a second launch must do nothing but bring the first one's window forward.
        .plugin(tauri_plugin_single_instance::init(|app, _args, _folder| window::open(app, None)))
        .plugin(tauri_plugin_shell::init())
        .plugin(tauri_plugin_autostart::init(MacosLauncher::LaunchAgent, Some(vec![HIDDEN])))
        .plugin(tauri_plugin_dialog::init())
        .plugin(tauri_plugin_opener::init())
        .plugin(tauri_plugin_notification::init())
        .plugin(tauri_plugin_window_state::Builder::default().build())
        .invoke_handler(handler)
        .on_window_event(window::happened)
        .setup(move |app| {
            contract.mount_events(app);
            set_up(app)
        })
        .build(tauri::generate_context!());
    match built {
        Ok(app) => app.run(happened),
        Err(error) => {
            window::eprint(&format!("the app cannot be started: {error}"));
            std::process::exit(1);
        }
    }
}

fn set_up(app: &mut App<Wry>) -> Result<(), Box<dyn std::error::Error>> {
    #[cfg(target_os = "macos")]
    app.set_activation_policy(tauri::ActivationPolicy::Accessory);
    let handle = app.handle().clone();
    let home = Home::resolve(&|name| std::env::var_os(name));
    let kept = Arc::new(Kept::open(app.path().app_config_dir()?.join("settings.json")));
    let sidecar = Sidecar::new(handle.clone(), home.root());
    let (line, calls) = engine::line(home.root().display().to_string());
    app.manage(Place(home.clone()));
    app.manage(kept.clone());
    app.manage(sidecar.clone());
    app.manage(line.clone());
    app.manage(Sandbox::default());
    app.manage(Chosen::default());
    app.manage(Tray::new(host::clicked));
    let launcher = Launcher { home: home.clone(), sidecar: sidecar.clone(), line: line.clone(), processes: Processes::new()? };
    let host = Host { app: handle.clone(), launcher, kept };
    let engine = Engine::new(Looker::new(home, Processes::new()?), line.clone(), host);
    std::thread::Builder::new().name("engine".to_owned()).spawn(move || engine.run(&calls))?;
    std::thread::Builder::new().name("versions".to_owned()).spawn(move || line.call(Call::App(versions(&sidecar))))?;
    if !std::env::args().any(|arg| arg == HIDDEN) {
        window::open(&handle, None);
    }
    Ok(())
}

/// Asks the worker's program for its version.
fn versions(sidecar: &Sidecar) -> AppSnapshot {
    let version = env!("CARGO_PKG_VERSION");
    let output = sidecar.command(&["--version"]).map_err(|error| error.message).and_then(|mut command| {
        let output = command.stdin(Stdio::null()).output();
        output.map_err(|error| format!("the worker's program (lineside) cannot be started: {error}. Install Lineside again"))
    });
    let (sidecar_version, sidecar_trouble) = match output {
        Ok(output) => compared(version, &String::from_utf8_lossy(&output.stdout)),
        Err(trouble) => (None, Some(trouble)),
    };
    AppSnapshot { version: version.to_owned(), sidecar_version, sidecar_trouble }
}

/// What a program that prints this (`lineside 0.1.0`) is to an app of this version.
fn compared(version: &str, printed: &str) -> (Option<String>, Option<String>) {
    match printed.trim().strip_prefix("lineside ") {
        None => (None, Some("the program beside this app that should be the worker's is another one. Install Lineside again".to_owned())),
        Some(found) if found == version => (Some(found.to_owned()), None),
        Some(found) => {
            let trouble = format!("the app is version {version} and the worker's program version {found}. Install Lineside again");
            (Some(found.to_owned()), Some(trouble))
        }
    }
}

fn happened(app: &AppHandle<Wry>, event: RunEvent) {
    match event {
        // The last window was closed: the tray stays. Quitting has a code.
        RunEvent::ExitRequested { api, code: None, .. } => api.prevent_exit(),
        RunEvent::Exit => {
            app.state::<Sidecar>().end();
            app.state::<Sandbox>().end();
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_version_or_another_program_beside_the_app_is_told() {
        assert_eq!(compared("0.1.0", "lineside 0.1.0\n"), (Some("0.1.0".to_owned()), None));
        let (found, trouble) = compared("0.1.0", "lineside 0.2.0\n");
        assert!(found.as_deref() == Some("0.2.0") && trouble.is_some_and(|text| text.contains("0.1.0") && text.contains("0.2.0")));
        assert!(compared("0.1.0", "hello").1.is_some_and(|text| text.contains("another one")));
    }
}
