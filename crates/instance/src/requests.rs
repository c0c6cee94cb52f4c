//! What a shell asks of a running worker: one JSON file each in `requests/`, taken by the worker oldest first.
//!
//! Promises: a half-written request is never seen (it is renamed into place); one that cannot be understood is set
//! aside as `.bad` beside a `.bad.txt` with the reason, and the others go on. A request is removed before it is handed
//! out: after a crash it is asked again by its sender, never carried out twice.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::atomic::{AtomicU32, Ordering},
};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    Layout,
    replace::{Durability, patiently, replace},
};

/// A wish.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Ask {
    /// Stop in good order.
    Stop {
        /// Who wants it and why, for the log.
        #[serde(default)]
        reason: String,
        /// Seconds to drain what is in flight; absent: `shutdown_timeout_s` of the settings.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        deadline_s: Option<u32>,
        /// The worker that is meant: another one, which began after this was asked, goes on. Absent: whoever takes it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pid: Option<u32>,
    },
    /// Send nothing until [`Ask::Resume`].
    Pause,
    /// Send again.
    Resume,
    /// Queue refused reports again.
    Retry(Which),
    /// Give refused reports up; they are kept a while.
    Discard(Which),
    /// Send completed reports again.
    Resend(Which),
    /// Look through the watch folders now.
    Rescan,
}

impl Ask {
    fn word(&self) -> &'static str {
        match self {
            Ask::Stop { .. } => "stop",
            Ask::Pause => "pause",
            Ask::Resume => "resume",
            Ask::Retry(_) => "retry",
            Ask::Discard(_) => "discard",
            Ask::Resend(_) => "resend",
            Ask::Rescan => "rescan",
        }
    }
}

/// Which reports are meant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Which {
    /// Every one in question.
    All,
    /// These tickets.
    Ids(Vec<i64>),
}

/// A request taken out of the folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    /// Where it was; for one that was not understood, where it is now.
    pub path: PathBuf,
    /// The wish, or why it was not understood.
    pub ask: Result<Ask, String>,
}

/// Leaves a request for the worker; returns its file, which is gone when the worker took it.
///
/// # Errors
/// When the file cannot be written; the text names it.
pub fn post(layout: &Layout, ask: &Ask, now: Timestamp) -> io::Result<PathBuf> {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    // microseconds of a fixed width, so that the names sort as the times do
    let name = format!(
        "{}-{}-{:06}-{}.json",
        now.strftime("%Y%m%dT%H%M%S.%6fZ"),
        std::process::id(),
        NEXT.fetch_add(1, Ordering::Relaxed),
        ask.word()
    );
    let path = layout.requests().join(name);
    let write = || {
        fs::create_dir_all(layout.requests())?;
        replace(&path, &serde_json::to_vec(ask)?, 0o644, Durability::Synced)
    };
    write().map_err(|e| io::Error::new(e.kind(), format!("{}: {e}", path.display())))?;
    Ok(path)
}

/// Takes every request there is, oldest first. One that cannot be removed now is left for the next time.
///
/// # Errors
/// When the folder is there and cannot be listed.
pub fn take(layout: &Layout) -> io::Result<Vec<Taken>> {
    let folder = layout.requests();
    let entries = match fs::read_dir(&folder) {
        Ok(entries) => entries,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(e) => return Err(io::Error::new(e.kind(), format!("{}: {e}", folder.display()))),
    };
    let mut paths: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).filter(|p| is_request(p)).collect();
    paths.sort();
    Ok(paths.into_iter().filter_map(take_one).collect())
}

/// Hidden files are requests still being written.
fn is_request(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str());
    name.is_some_and(|name| name.ends_with(".json") && !name.starts_with('.'))
}

fn take_one(path: PathBuf) -> Option<Taken> {
    let read = patiently(|| fs::read(&path)).map_err(|e| e.to_string());
    match read.and_then(|bytes| serde_json::from_slice(&bytes).map_err(|e| e.to_string())) {
        Ok(ask) => patiently(|| fs::remove_file(&path)).is_ok().then_some(Taken { path, ask: Ok(ask) }),
        Err(reason) => set_aside(&path, reason),
    }
}

fn set_aside(path: &Path, reason: String) -> Option<Taken> {
    let bad = path.with_extension("json.bad");
    patiently(|| fs::rename(path, &bad)).ok()?;
    // the reason also goes to the caller, so a full disk here loses nothing
    let _ = fs::write(path.with_extension("json.bad.txt"), format!("{reason}\n"));
    Some(Taken { path: bad, ask: Err(reason) })
}

#[cfg(test)]
mod tests;
