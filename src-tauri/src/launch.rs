//! Workers as processes: started so that they outlive the app, asked, ended. The deeds of `control`, done for real.

use std::fs::File;
use std::io::Read;
use std::process::{Child, ExitStatus, Stdio};

use instance::{Ask, Home, Layout, Liveness};
use jiff::Timestamp;

use crate::engine::{Call, Line};
use crate::observe::is_worker;
use crate::processes::{Processes, spawn_detached};
use crate::sidecar::Sidecar;

/// Bytes of what a worker said before it ended that are shown.
const LAST_WORDS: u64 = 2000;

/// Starts, asks and ends workers.
pub(crate) struct Launcher {
    pub(crate) home: Home,
    pub(crate) sidecar: Sidecar,
    pub(crate) line: Line,
    pub(crate) processes: Processes,
}

impl Launcher {
    /// Starts a worker. What it says before it can log goes to a file, which is shown when it does not come up.
    ///
    /// # Errors
    /// When the system does not start it.
    pub(crate) fn launch(&self, id: &str) -> Result<(), String> {
        let layout = self.layout(id)?;
        let mut command = self.sidecar.command(&["run", id, "--managed-by", "tray"]).map_err(|error| error.message)?;
        let said = layout.logs().join("start.txt");
        let file = std::fs::create_dir_all(layout.logs()).and_then(|()| File::create(&said));
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(file.map_or_else(|_| Stdio::null(), Stdio::from));
        let child = spawn_detached(&mut command).map_err(|error| format!("the worker could not be started: {error}"))?;
        let (line, id) = (self.line.clone(), id.to_owned());
        // Somebody has to wait for it as long as the app lives, or it would stay on as a process that has ended.
        std::thread::spawn(move || wait(child, id, &said, &line));
        Ok(())
    }

    /// Leaves a request.
    ///
    /// # Errors
    /// When it cannot be written; the text names the file.
    pub(crate) fn ask(&self, id: &str, ask: &Ask) -> Result<(), String> {
        let layout = self.layout(id)?;
        instance::requests::post(&layout, ask, Timestamp::now()).map(|_| ()).map_err(|error| error.to_string())
    }

    /// Ends the process that the lock names, if it is still the worker.
    ///
    /// # Errors
    /// When it is not known which process that is, or it may not be ended.
    pub(crate) fn kill(&mut self, id: &str) -> Result<(), String> {
        let layout = self.layout(id)?;
        let Liveness::Running(lock) = instance::liveness(&layout) else {
            return Err(format!("it is not known which process to end: {} cannot be read", layout.lock().display()));
        };
        if self.processes.kill(lock.pid, |process| is_worker(process, &lock)) {
            Ok(())
        } else {
            Err(format!("PID {} is not this worker any more, or may not be ended by this account", lock.pid))
        }
    }

    fn layout(&self, id: &str) -> Result<Layout, String> {
        let id = id.parse().map_err(|error: instance::InvalidId| error.to_string())?;
        Ok(self.home.instance(&id))
    }
}

fn wait(mut child: Child, id: String, said: &std::path::Path, line: &Line) {
    let pid = child.id();
    let Ok(status) = child.wait() else { return };
    let why = (!status.success()).then(|| {
        let said = last_words(said);
        if said.is_empty() { how(status) } else { format!("{said} ({})", how(status)) }
    });
    line.call(Call::Ended { id, pid, why });
}

fn how(status: ExitStatus) -> String {
    #[cfg(unix)]
    if let Some(signal) = std::os::unix::process::ExitStatusExt::signal(&status) {
        return format!("ended by signal {signal}");
    }
    status.code().map_or_else(|| "ended".to_owned(), |code| format!("ended with exit code {code}"))
}

/// What the worker wrote on standard error, without the mark of an error.
fn last_words(file: &std::path::Path) -> String {
    let mut bytes = Vec::new();
    // Nothing said and nothing to be read are told alike: by the exit code.
    let _read = File::open(file).and_then(|file| file.take(LAST_WORDS).read_to_end(&mut bytes));
    String::from_utf8_lossy(&bytes).trim().trim_start_matches("error: ").to_owned()
}
