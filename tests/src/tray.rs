//! The tray app as a process on a desktop of our own. Linux only.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use crate::{Desktop, Station, lineside, until};

/// The app, running. Dropping it ends it; a worker it has started ends with the station.
pub struct TrayApp {
    child: Child,
}

impl TrayApp {
    /// Starts the app for a station's instances; without a window when hidden.
    #[must_use]
    pub fn start(desktop: &Desktop, station: &Station, hidden: bool) -> Self {
        Self::of(&program(), desktop, station, hidden)
    }

    /// As [`TrayApp::start`], of another program.
    #[must_use]
    pub fn of(program: &Path, desktop: &Desktop, station: &Station, hidden: bool) -> Self {
        let mut command = command(program, desktop, station);
        if hidden {
            command.arg("--hidden");
        }
        Self { child: command.spawn().expect("the app can be started") }
    }

    /// As [`TrayApp::start`] with a window, for an app that is started in another way.
    #[must_use]
    pub fn start_by(desktop: &Desktop, station: &Station, mut app: Command) -> Self {
        surround(&mut app, desktop, station);
        Self { child: app.spawn().expect("the app can be started") }
    }

    /// The process id.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Ends it as a crash would.
    pub fn kill(&mut self) {
        self.child.kill().expect("our own child");
        self.child.wait().expect("our own child");
    }

    /// Waits until it has ended by itself.
    pub fn wait(&mut self) -> ExitStatus {
        let mut ended = None;
        until("the app ends", Duration::from_secs(30), || {
            ended = self.child.try_wait().expect("our own child");
            ended.is_some()
        });
        ended.expect("it ended")
    }

    /// Whether it still runs.
    pub fn runs(&mut self) -> bool {
        self.child.try_wait().expect("our own child").is_none()
    }
}

impl Drop for TrayApp {
    fn drop(&mut self) {
        // One that has ended already is what is wanted.
        let _gone = self.child.kill();
        let _waited = self.child.wait();
    }
}

/// A second launch beside a running app: how it ended.
pub fn launch_again(desktop: &Desktop, station: &Station) -> ExitStatus {
    command(&program(), desktop, station).status().expect("the app can be started")
}

/// The worker that runs for the station's instance, whoever started it.
#[must_use]
pub fn worker(station: &Station) -> Option<u32> {
    match instance::liveness(&instance::Layout::at(station.instance(), instance::Scope::User)) {
        instance::Liveness::Running(lock) => Some(lock.pid),
        _ => None,
    }
}

fn command(program: &Path, desktop: &Desktop, station: &Station) -> Command {
    let mut command = Command::new(program);
    surround(&mut command, desktop, station);
    command.stdin(Stdio::null()).stdout(Stdio::null());
    command
}

/// Gives a program that is or starts the app its desktop and the station's instances.
pub(crate) fn surround(command: &mut Command, desktop: &Desktop, station: &Station) {
    desktop.host(command);
    let said =
        std::fs::OpenOptions::new().create(true).append(true).open(desktop.folder().join("app.txt")).expect("a file for what it says");
    command.env("LINESIDE_HOME", station.home()).stderr(said);
}

/// The app beside the worker's program, which it must find there.
#[must_use]
pub fn program() -> PathBuf {
    let worker = lineside();
    let beside = Path::new(worker.get_program()).with_file_name("lineside-tray");
    assert!(beside.exists(), "{} is missing: cargo build -p lineside-tray", beside.display());
    beside
}
