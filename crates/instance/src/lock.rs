//! Who runs an instance. Two files, because they answer different questions:
//!
//! - `service.guard` is empty; the kernel's lock on it is held for the life of the worker. The kernel drops it when the
//!   process ends, however it ends, so it cannot lie. It holds no text because Windows refuses to read a locked range.
//! - `service.lock` tells people and tools *who* runs. It is written whole before work starts and removed on a clean
//!   stop. After a crash it stays behind and is then only a trace, never a sign of life.
//!
//! Not here: whether a PID lives. A lock file with the PID of some other process is stale all the same.

use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io,
    path::{Path, PathBuf},
    thread,
    time::{Duration, SystemTime},
};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{
    Layout,
    replace::{Durability, patiently, replace, sweep},
};

/// An observer holds a shared lock for an instant; a start outlasts it by trying this often.
const TRIES: u32 = 25;
/// A file that nobody has written to for so long is not being written any more.
const UNFINISHED: Duration = Duration::from_secs(3600);
/// Between two tries: together 250 ms.
const PAUSE: Duration = Duration::from_millis(10);

/// The text of `service.lock`: the six fields every version has, then ours. Unknown fields are ignored, absent ones are
/// empty, so an older or newer program's lock can be read.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Lock {
    /// Process id of the worker.
    pub pid: u32,
    /// Id of the instance.
    pub instance_id: String,
    /// Name of the instance for people.
    pub instance_name: String,
    /// When the worker started: RFC 3339 with microseconds and offset.
    pub started_at: String,
    /// Address of the WATS server.
    pub service_url: String,
    /// The settings it read.
    pub config_path: String,
    /// Version of the worker.
    pub version: String,
    /// When the process began, in Unix seconds: tells a reused PID from the worker's.
    pub process_started_at: u64,
    /// Who restarts the worker.
    pub managed_by: ManagedBy,
    /// Hash of the settings it read.
    pub config_hash: String,
}

/// The one owner of restarts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ManagedBy {
    /// Somebody typed it.
    #[default]
    Cli,
    /// The tray app.
    Tray,
    /// `lineside up`.
    Services,
    /// systemd.
    Systemd,
    /// launchd.
    Launchd,
    /// The Windows service control manager.
    Scm,
    /// The Windows task scheduler.
    Task,
    /// A word this version does not know.
    #[serde(other)]
    Other,
}

/// The right to be the worker of an instance; dropping it gives it back.
#[derive(Debug)]
pub struct Guard {
    file: File,
    path: PathBuf,
    lock: PathBuf,
}

/// Why the guard was not given.
#[derive(Debug, thiserror::Error)]
pub enum GuardError {
    /// Another worker runs.
    #[error("a worker is already running here{}", match lock {
        Some(lock) => format!(" (PID {}, since {})", lock.pid, lock.started_at),
        None => String::new(),
    })]
    Held {
        /// What it says about itself, where that can be read. Boxed: the error travels in many results.
        lock: Option<Box<Lock>>,
    },
    /// The file cannot be opened, made or locked.
    #[error("cannot use {}: {source}. Check that this account may write there", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// The system's words.
        source: io::Error,
    },
}

impl Guard {
    /// Takes the guard of an instance, making the file if need be. Gives up after 250 ms.
    ///
    /// # Errors
    /// [`GuardError::Held`] while another worker lives; [`GuardError::Io`] when the file cannot be used.
    pub fn acquire(layout: &Layout) -> Result<Guard, GuardError> {
        let (path, lock) = (layout.guard(), layout.lock());
        for _ in 0..TRIES {
            let file = open(&path, true).map_err(|source| GuardError::Io { path: path.clone(), source })?;
            match file.try_lock() {
                Ok(()) if in_place(&file, &path) => return Ok(Guard { file, path, lock }),
                Ok(()) | Err(TryLockError::WouldBlock) => thread::sleep(PAUSE),
                Err(TryLockError::Error(source)) => return Err(GuardError::Io { path, source }),
            }
        }
        Err(GuardError::Held { lock: read_lock(&lock).map(Box::new) })
    }

    /// Writes `service.lock`, whole and durable.
    ///
    /// # Errors
    /// When the file cannot be written; the text names it.
    pub fn write_lock(&self, lock: &Lock) -> io::Result<()> {
        let mut text = serde_json::to_vec_pretty(lock)?;
        text.push(b'\n');
        replace(&self.lock, &text, 0o644, Durability::Synced).map_err(|e| at(&self.lock, &e))
    }

    /// Removes `service.lock`, as on a clean stop. None there is fine.
    ///
    /// # Errors
    /// When the file is there and stays; the text names it.
    pub fn remove_lock(&self) -> io::Result<()> {
        match patiently(|| fs::remove_file(&self.lock)) {
            Err(e) if e.kind() != io::ErrorKind::NotFound => Err(at(&self.lock, &e)),
            _ => Ok(()),
        }
    }

    /// Removes `service.lock`, as on a clean stop, and keeps the guard until the process has ended: whoever waits for it to be free may then
    /// move the folder, replace the program or start another worker, and meets nothing of this one.
    ///
    /// # Errors
    /// As [`Guard::remove_lock`].
    pub fn retire(self) -> io::Result<()> {
        let removed = self.remove_lock();
        std::mem::forget(self);
        removed
    }

    /// Removes what killed processes left half-written in the instance folder and among the requests: what only a worker writes at once,
    /// the rest an hour after it was last written to. How many files.
    ///
    /// # Errors
    /// When a folder cannot be read or a file stays; the text names the folder.
    pub fn sweep(&self, layout: &Layout, now: SystemTime) -> io::Result<usize> {
        let own = [layout.status(), layout.lock()];
        let own: Vec<&str> = own.iter().filter_map(|path| path.file_name()?.to_str()).collect();
        let swept = |folder: &Path| sweep(folder, &own, now, UNFINISHED).map_err(|e| at(folder, &e));
        Ok(swept(layout.dir())? + swept(&layout.requests())?)
    }

    /// Call now and then: when somebody deleted `service.guard`, makes and takes a new one, so that a second worker
    /// stays out. (On Windows the file cannot be deleted while held.)
    ///
    /// # Errors
    /// [`GuardError::Held`] when a second worker was quicker: this one must stop.
    pub fn renew(&mut self, layout: &Layout) -> Result<(), GuardError> {
        if !in_place(&self.file, &self.path) {
            *self = Guard::acquire(layout)?;
        }
        Ok(())
    }
}

/// Whether a worker runs, as far as files can tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Liveness {
    /// The guard is held, and this is the worker.
    Running(Lock),
    /// The guard is held, but the lock file is missing or unreadable.
    RunningUnknown,
    /// Nobody holds the guard; this worker ended without tidying up.
    Stale(Lock),
    /// Nobody holds the guard, and no readable lock file is there.
    Stopped,
}

/// Looks whether a worker runs, without getting in its way or in another observer's. Needs read access only. A guard
/// that cannot be opened counts as not held: this never claims a worker that may not be there.
pub fn liveness(layout: &Layout) -> Liveness {
    let held = open(&layout.guard(), false).is_ok_and(|file| matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock)));
    match (held, read_lock(&layout.lock())) {
        (true, Some(lock)) => Liveness::Running(lock),
        (true, None) => Liveness::RunningUnknown,
        (false, Some(lock)) => Liveness::Stale(lock),
        (false, None) => Liveness::Stopped,
    }
}

/// A lock file without a PID tells nothing: half-written, empty and zeroed files end up here too.
fn read_lock(path: &Path) -> Option<Lock> {
    // by way of an object, because serde would take a list for the fields in their order
    let fields: Map<String, Value> = serde_json::from_slice(&fs::read(path).ok()?).ok()?;
    let lock: Lock = serde_json::from_value(Value::Object(fields)).ok()?;
    (lock.pid != 0).then_some(lock)
}

fn open(path: &Path, make: bool) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(make).create(make);
    #[cfg(windows)]
    {
        // FILE_SHARE_READ | FILE_SHARE_WRITE: without FILE_SHARE_DELETE nobody can delete it under us
        std::os::windows::fs::OpenOptionsExt::share_mode(&mut options, 1 | 2);
    }
    options.open(path)
}

/// Whether the file at `path` is still the one we hold.
#[cfg(unix)]
fn in_place(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    match (file.metadata(), fs::metadata(path)) {
        (Ok(ours), Ok(theirs)) => (ours.dev(), ours.ino()) == (theirs.dev(), theirs.ino()),
        _ => false,
    }
}

/// Windows does not let go of a file that is open without FILE_SHARE_DELETE.
#[cfg(not(unix))]
fn in_place(_: &File, _: &Path) -> bool {
    true
}

fn at(path: &Path, e: &io::Error) -> io::Error {
    io::Error::new(e.kind(), format!("{}: {e}", path.display()))
}
