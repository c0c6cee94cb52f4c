//! A test station of our own: a home, an instance, a watch folder, a sandbox server, and the worker as a process.

use sandbox::{Faults, Options, Running};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};
use tempfile::TempDir;
use tokio::runtime::Runtime;

/// The token every station has; it must turn up in no file but `secret.json`.
pub const TOKEN: &str = "Y2FuYXJ5OjNkNWE5YzFlN2Y=";
/// The instance's id.
pub const ID: &str = "ict";

/// The station. Dropping it ends its workers, whoever started them, and its server.
pub struct Station {
    home: TempDir,
    server: Option<Running>,
    url: String,
    worker: Option<Child>,
    runtime: Runtime,
}

impl Station {
    /// A station with one watch folder for `format`, or for any when it is empty, and a server that answers at once.
    #[must_use]
    pub fn new(format: &str) -> Self {
        let station = Self::bare();
        fs::write(station.home.path().join("token.txt"), format!("{TOKEN}\n")).expect("the token file");
        let watch = if format.is_empty() { shown(&station.folder()) } else { format!("{}={format}", shown(&station.folder())) };
        let token = shown(&station.home.path().join("token.txt"));
        let init = [
            "init",
            ID,
            "--server",
            &station.url,
            "--token-file",
            &token,
            "--station",
            "ICT-07",
            "--location",
            "Hall 3",
            "--watch",
            &watch,
        ];
        station.does(&init);
        fs::remove_file(station.home.path().join("token.txt")).expect("the token file is ours");
        station
    }

    /// A station on which nothing is set up yet: a folder for results, and a server that knows its token.
    #[must_use]
    pub fn bare() -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("a runtime");
        let options = Options { token: Some(TOKEN.to_owned()), ..Options::default() };
        let server = runtime.block_on(sandbox::start(options)).expect("a free port on loopback");
        let station =
            Self { home: TempDir::new().expect("a temporary folder"), url: server.url(), server: Some(server), worker: None, runtime };
        fs::create_dir_all(station.folder()).expect("the watch folder");
        station
    }

    /// The folder below which everything of this station lies.
    #[must_use]
    pub fn home(&self) -> &Path {
        self.home.path()
    }

    /// Leaves the folder behind, for who looks into what went wrong.
    pub fn keep(&mut self) {
        self.home.disable_cleanup(true);
    }

    /// The watched folder.
    #[must_use]
    pub fn folder(&self) -> PathBuf {
        self.home.path().join("in")
    }

    /// The instance's folder.
    #[must_use]
    pub fn instance(&self) -> PathBuf {
        self.home.path().join("instances").join(ID)
    }

    /// The sandbox.
    #[must_use]
    pub fn server(&self) -> &Running {
        self.server.as_ref().expect("the server runs as long as the station")
    }

    /// Sets the server's faults.
    pub fn faults(&self, faults: Faults) {
        self.server().faults(faults).expect("rates between 0 and 1");
    }

    /// Runs a verb of the command line to its end.
    #[must_use]
    pub fn run(&self, args: &[&str]) -> Output {
        lineside().env("LINESIDE_HOME", self.home.path()).args(args).stdin(Stdio::null()).output().expect("lineside can be started")
    }

    /// Runs a verb that must succeed and gives what it printed.
    pub fn does(&self, args: &[&str]) -> String {
        let output = self.run(args);
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "lineside {} ended with {}: {said}", args.join(" "), output.status);
        String::from_utf8(output.stdout).expect("UTF-8")
    }

    /// Starts the worker in the foreground of a process of its own and waits until it says that it runs.
    pub fn start(&mut self) {
        self.spawn();
        crate::until("the worker says that it runs", Duration::from_secs(30), || self.status()["pid"] == self.pid());
    }

    /// Starts the worker's process without waiting for anything.
    pub fn spawn(&mut self) {
        self.spawn_with(|_| ());
    }

    /// As [`Station::start`], with more in the worker's environment.
    pub fn start_with(&mut self, more: impl FnOnce(&mut Command)) {
        self.spawn_with(more);
        crate::until("the worker says that it runs", Duration::from_secs(30), || self.status()["pid"] == self.pid());
    }

    /// As [`Station::spawn`], with more in the worker's environment.
    pub fn spawn_with(&mut self, more: impl FnOnce(&mut Command)) {
        let said = fs::OpenOptions::new().create(true).append(true).open(self.home.path().join("stderr.txt")).expect("a file for stderr");
        let mut command = lineside();
        command.env("LINESIDE_HOME", self.home.path()).args(["run", ID]).stdin(Stdio::null()).stdout(Stdio::null()).stderr(said);
        more(&mut command);
        self.worker = Some(command.spawn().expect("lineside can be started"));
    }

    /// Takes a worker that was started in another way for the station's own.
    pub fn adopt(&mut self, worker: Child) {
        self.worker = Some(worker);
    }

    /// Whether the worker that was started has ended by itself.
    pub fn has_ended(&mut self) -> bool {
        self.worker.as_mut().is_some_and(|worker| worker.try_wait().expect("our own child").is_some())
    }

    /// The worker's process id, 0 when none runs.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.worker.as_ref().map_or(0, Child::id)
    }

    /// How the worker ended, once it has by itself.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        let ended = self.worker.as_mut().and_then(|worker| worker.try_wait().expect("our own child"));
        if ended.is_some() {
            self.worker = None;
        }
        ended
    }

    /// Ends the worker as a power cut would: nothing of it runs any more.
    pub fn kill(&mut self) {
        if let Some(mut worker) = self.worker.take() {
            worker.kill().expect("our own child can be killed");
            worker.wait().expect("our own child");
        }
    }

    /// Ends the workers of this home that were not started here.
    fn end_the_others(&self) {
        let home = instance::Home::at(self.home.path(), instance::Scope::User);
        for id in home.instances().unwrap_or_default() {
            if let instance::Liveness::Running(lock) = instance::liveness(&home.instance(&id)) {
                signal(lock.pid, "KILL");
            }
        }
    }

    /// Sends the worker a signal, such as `STOP`.
    pub fn signal(&self, name: &str) {
        signal(self.pid(), name);
    }

    /// Asks the worker to stop by SIGTERM, and gives how it ended and how long that took.
    pub fn terminate(&mut self) -> (ExitStatus, Duration) {
        let mut worker = self.worker.take().expect("a worker runs");
        let begun = Instant::now();
        // One that has ended by itself has been waited for and needs no signal.
        if worker.try_wait().expect("our own child").is_none() {
            signal(worker.id(), "TERM");
        }
        let mut status = None;
        crate::until("the worker ends after SIGTERM", Duration::from_secs(60), || {
            status = worker.try_wait().expect("our own child");
            status.is_some()
        });
        (status.expect("it ended"), begun.elapsed())
    }

    /// `status.json` as it is now; null while there is none.
    #[must_use]
    pub fn status(&self) -> serde_json::Value {
        let text = fs::read(self.instance().join("status.json")).unwrap_or_default();
        serde_json::from_slice(&text).unwrap_or_default()
    }

    /// Puts a whole file into the watch folder, as a move does.
    pub fn drop_file(&self, name: &str, bytes: &[u8]) {
        let beside = self.home.path().join(format!("{name}.being-written"));
        fs::write(&beside, bytes).expect("the station's disk");
        fs::rename(beside, self.folder().join(name)).expect("the watch folder is there");
    }

    /// The files lying in the watch folder itself.
    #[must_use]
    pub fn waiting(&self) -> Vec<PathBuf> {
        files(&self.folder())
    }
}

impl Drop for Station {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("--- what the worker said\n{}", fs::read_to_string(self.home.path().join("stderr.txt")).unwrap_or_default());
            for log in files(&self.instance().join("logs")) {
                let text = fs::read_to_string(&log).unwrap_or_default();
                let tail: Vec<&str> = text.lines().rev().take(40).collect();
                eprintln!("--- the end of {}", log.display());
                tail.iter().rev().for_each(|line| eprintln!("{line}"));
            }
        }
        self.kill();
        self.end_the_others();
        if let Some(server) = self.server.take() {
            self.runtime.block_on(server.stop());
        }
    }
}

/// Sends a process of ours, which nobody has waited for yet, a signal.
pub fn signal(pid: u32, name: &str) {
    let sent = Command::new("sh").args(["-c", &format!("kill -{name} {pid}")]).status().expect("a shell");
    assert!(sent.success(), "SIG{name} cannot be sent to {pid}");
}

/// The files, not folders, in a folder.
#[must_use]
pub fn files(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    entries.filter_map(Result::ok).map(|entry| entry.path()).filter(|path| path.is_file()).collect()
}

/// A file of the fixtures, which are ours.
#[must_use]
pub fn fixture(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(path)
}

/// The files below `folder`, at any depth.
#[must_use]
pub fn all_files(folder: &Path) -> Vec<PathBuf> {
    let folders = fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok).map(|entry| entry.path()).filter(|path| path.is_dir());
    files(folder).into_iter().chain(folders.flat_map(|folder| all_files(&folder))).collect()
}

fn shown(path: &Path) -> String {
    path.to_str().expect("temporary folders have plain names").to_owned()
}

/// The program under test: `LINESIDE_BIN`, else the one cargo builds.
#[must_use]
pub fn lineside() -> Command {
    static BINARY: OnceLock<PathBuf> = OnceLock::new();
    let mut command = Command::new(BINARY.get_or_init(|| std::env::var_os("LINESIDE_BIN").map_or_else(build, PathBuf::from)));
    for name in ["LINESIDE_HOME", "WATS_TOKEN", "http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "all_proxy"] {
        command.env_remove(name);
    }
    command
}

/// Builds `lineside` and gives its path: a test run alone must not test yesterday's program.
fn build() -> PathBuf {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut build = Command::new(cargo);
    // What cargo tells a test of itself makes build scripts run again, and with them half of all that is built.
    let ours = |name: &str| name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_");
    std::env::vars_os().filter(|(name, _)| name.to_str().is_some_and(ours)).for_each(|(name, _)| {
        build.env_remove(name);
    });
    let output = build
        .args(["build", "--quiet", "--package", "lineside", "--message-format=json"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .stderr(Stdio::inherit())
        .output()
        .expect("cargo can be started");
    assert!(output.status.success(), "lineside does not build");
    let messages = String::from_utf8_lossy(&output.stdout).into_owned();
    let built = messages.lines().filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok());
    built.filter_map(|message| message["executable"].as_str().map(PathBuf::from)).next_back().expect("cargo names the program it built")
}
