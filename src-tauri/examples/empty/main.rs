//! An app of the same kind that does nothing: a tray icon, and unless it is hidden a window with one word. The yardstick of what the tray app costs.
#![allow(clippy::expect_used, reason = "nothing to tell but that it does not start")]

use tauri::tray::TrayIconBuilder;
use tauri::{Builder, RunEvent, WebviewUrl, WebviewWindowBuilder, generate_context};

fn main() {
    let hidden = std::env::args().any(|arg| arg == "--hidden");
    let app = Builder::default().setup(move |app| {
        TrayIconBuilder::with_id("empty").icon(app.default_window_icon().cloned().ok_or("no icon")?).build(app)?;
        if !hidden {
            WebviewWindowBuilder::new(app, "main", WebviewUrl::default()).title("Empty").inner_size(1200.0, 800.0).build()?;
        }
        Ok(())
    });
    let app = app.build(generate_context!("examples/empty/tauri.conf.json")).expect("an empty app");
    app.run(|_, event| {
        if let RunEvent::ExitRequested { api, code: None, .. } = event {
            api.prevent_exit();
        }
    });
}
