//! The tray app end to end: the real app and the real worker on a desktop of their own; the tray read and clicked over D-Bus as a panel does it, the window
//! through WebKit's own driver as a person does it.
#![cfg(target_os = "linux")]

use std::time::Duration;

/// For what takes a look or two of the app, or a job of the worker's program.
const SOON: Duration = Duration::from_secs(30);

/// A tester's file with decimal commas, which its format does not expect unless it is told.
fn decimal_commas() -> Vec<u8> {
    let text = std::fs::read_to_string(e2e::fixture("converters/wstf/error-wrong-culture/input.txt")).expect("a fixture");
    // An operation the sandbox knows.
    text.replace("OperationTypeName\tRadio FCT", "OperationTypeCode\t20").into_bytes()
}

mod converters;
mod failed_file;
mod first_run;
mod keyboard;
mod life;
mod package;
mod queue;
mod recovery;
mod settings;
mod shift;
mod tray;
mod trouble;
mod two;
