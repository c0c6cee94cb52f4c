//! The stage the demo plays on: a server, an instance made by `lineside init`, and a worker started by `lineside run`, each as a user would.

use super::plan::{Drop as Written, FOLDERS};
use super::run::failed;
use crate::exit::{Exit, Fatal};
use crate::output::Output;
use instance::{Home, Layout, Scope};
use sandbox::{Faults, Options, Running};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use store::{Counts, View};
use tempfile::TempDir;

const ID: &str = "demo";
/// Pieces of the file that grows, and the pause between them.
const PIECES: usize = 25;
const PIECE_PAUSE: Duration = Duration::from_millis(100);

pub(super) struct Stage {
    /// The first to go, before the folder it works in.
    worker: Worker,
    pub(super) folder: TempDir,
    pub(super) layout: Layout,
    pub(super) server: Running,
}

/// The worker's process: it ends with the demo, however that ends.
struct Worker(Child);

impl Drop for Worker {
    fn drop(&mut self) {
        // It has ended already when all went well.
        let _ended = self.0.kill();
        let _status = self.0.wait();
    }
}

impl Stage {
    pub(super) async fn set(out: Output) -> Result<Self, Fatal> {
        let folder = TempDir::with_prefix("lineside-demo-").map_err(failed)?;
        let token = uuid::Uuid::new_v4().simple().to_string();
        let faults = Faults { latency_ms: 10, ..Faults::default() };
        let server = sandbox::start(Options { token: Some(token.clone()), faults, ..Options::default() }).await.map_err(failed)?;
        let home = Home::at(folder.path(), Scope::User);
        let layout = home.instance(&ID.parse().map_err(failed)?);
        let mut init = lineside(folder.path())?;
        init.args(["--quiet", "init", ID, "--server", &server.url(), "--token-file", "-", "--station", "DEMO", "--location", "Hall 3"]);
        for (name, format) in FOLDERS {
            let watched = folder.path().join("stations").join(name);
            std::fs::create_dir_all(&watched).map_err(failed)?;
            init.arg("--watch").arg(format!("{}={format}", watched.display()));
        }
        feed(init, &token)?;
        let worker = lineside(folder.path())?.args(["run", ID]).stdin(Stdio::null()).spawn().map(Worker).map_err(failed)?;
        out.note(&format!("server    {} (a WATS-compatible sandbox on this machine)", server.url()));
        out.note(&format!("stations  write to {} folders in {}", FOLDERS.len(), folder.path().join("stations").display()));
        out.note(&format!("worker    PID {}, watches them", worker.0.id()));
        Ok(Self { worker, folder, layout, server })
    }

    /// Where a file of the day belongs.
    pub(super) fn path(&self, file: &Written) -> PathBuf {
        self.station(FOLDERS[file.folder].0).join(&file.name)
    }

    fn station(&self, name: &str) -> PathBuf {
        self.folder.path().join("stations").join(name)
    }

    /// Moves a whole file in, as most testers do.
    pub(super) fn put(&self, file: &Written) -> Result<(), Fatal> {
        let beside = self.folder.path().join("being-written");
        std::fs::write(&beside, &file.bytes).and_then(|()| std::fs::rename(&beside, self.path(file))).map_err(failed)
    }

    /// No file lies in a watch folder and no report is owed.
    pub(super) fn is_done(&self) -> Result<bool, Fatal> {
        let lies = |folder: PathBuf| {
            let entries = std::fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok);
            entries.map(|entry| entry.path()).any(|path| path.is_file())
        };
        if FOLDERS.iter().any(|(name, _)| lies(self.station(name))) {
            return Ok(false);
        }
        let counts = self.counts()?;
        Ok(counts.queued + counts.processing == 0)
    }

    pub(super) fn counts(&self) -> Result<Counts, Fatal> {
        Ok(self.view()?.map(|view| view.counts().map_err(failed)).transpose()?.unwrap_or_default())
    }

    pub(super) fn view(&self) -> Result<Option<View>, Fatal> {
        View::open(self.layout.queue_db()).map_err(failed)
    }

    pub(super) fn worker_has_ended(&mut self) -> Result<bool, Fatal> {
        Ok(self.worker.0.try_wait().map_err(failed)?.is_some())
    }

    /// Stops the worker as a user would; one that does not stop ends with the stage.
    pub(super) fn stop_worker(&mut self) -> Result<(), Fatal> {
        lineside(self.folder.path())?.args(["--quiet", "stop", ID]).status().map(|_| ()).map_err(failed)
    }
}

/// This very program, with the demo's home.
fn lineside(home: &Path) -> Result<Command, Fatal> {
    let mut command = Command::new(std::env::current_exe().map_err(failed)?);
    command.arg("--home").arg(home).env_remove("WATS_TOKEN").stdout(Stdio::null()).stderr(Stdio::null());
    Ok(command)
}

/// Runs a command with a text on its standard input; it must succeed.
fn feed(mut command: Command, text: &str) -> Result<(), Fatal> {
    let mut child = command.stdin(Stdio::piped()).stderr(Stdio::piped()).spawn().map_err(failed)?;
    if let Some(mut stdin) = child.stdin.take() {
        writeln!(stdin, "{text}").map_err(failed)?;
    }
    let output = child.wait_with_output().map_err(failed)?;
    if output.status.success() { Ok(()) } else { Err(Fatal::new(Exit::Failed, String::from_utf8_lossy(&output.stderr))) }
}

/// Writes a file piece by piece, as a slow tester does.
pub(super) async fn grow(path: PathBuf, bytes: Vec<u8>) -> std::io::Result<()> {
    let mut file = std::fs::File::create(path)?;
    for piece in bytes.chunks(bytes.len() / PIECES + 1) {
        file.write_all(piece)?;
        tokio::time::sleep(PIECE_PAUSE).await;
    }
    Ok(())
}
