//! The tray app: shows how every instance is, starts and stops workers, opens the window. It holds no conversion and no upload: it reads and writes
//! the files of the instances, and runs the worker's program for everything else. Whichever way it ends, the workers go on.

mod alarms;
mod app_settings;
mod commands;
mod control;
mod engine;
mod error;
mod host;
mod launch;
mod look;
mod observe;
mod processes;
mod sidecar;
mod snapshot;
mod start;
mod tray;
mod window;
mod words;

pub use start::run;
