//! How an instance goes: `status.json`, replaced whole by the worker, read by everyone.
//!
//! Promises: never torn; a power cut may lose a heartbeat (it is not synchronised to disk). Reading is tolerant: absent
//! fields have their empty value, unknown fields are kept, an unknown state reads as [`State::Unknown`].

use std::{
    fs, io,
    path::{Path, PathBuf},
    time::Duration,
};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{
    Layout,
    replace::{Durability, patiently, replace},
};

/// The `schema_version` this version writes.
pub const STATUS_VERSION: u32 = 1;

/// The state of a worker or of a part of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// Starting, not yet working.
    Startup,
    /// Works; says nothing about load.
    Ok,
    /// Works, nothing to do.
    Idle,
    /// Works on something.
    Busy,
    /// Works with less than it should have.
    Degraded,
    /// Works, and somebody should look.
    Warning,
    /// Does not do its work.
    Error,
    /// Stopping.
    Shutdown,
    /// Ended without wanting to.
    Failed,
    /// Nothing known, or a word this version does not know.
    #[default]
    #[serde(other)]
    Unknown,
}

impl State {
    /// One state for many: the worst counts, in the order failed, error, warning, degraded, startup, shutdown, busy.
    /// With only idle and ok among them, idle if any is idle. An unknown among the others makes a warning; of nothing,
    /// nothing is known.
    pub fn aggregate(states: impl IntoIterator<Item = State>) -> State {
        const WORST_FIRST: [State; 7] =
            [State::Failed, State::Error, State::Warning, State::Degraded, State::Startup, State::Shutdown, State::Busy];
        let states: Vec<State> = states.into_iter().collect();
        if states.is_empty() {
            return State::Unknown;
        }
        if let Some(worst) = WORST_FIRST.into_iter().find(|state| states.contains(state)) {
            return worst;
        }
        match (states.contains(&State::Unknown), states.contains(&State::Idle)) {
            (true, _) => State::Warning,
            (false, true) => State::Idle,
            (false, false) => State::Ok,
        }
    }

    /// The word, as in the file.
    pub fn as_str(self) -> &'static str {
        match self {
            State::Unknown => "unknown",
            State::Startup => "startup",
            State::Ok => "ok",
            State::Idle => "idle",
            State::Busy => "busy",
            State::Degraded => "degraded",
            State::Warning => "warning",
            State::Error => "error",
            State::Shutdown => "shutdown",
            State::Failed => "failed",
        }
    }

    /// Does its work: ok, idle, busy, degraded, warning.
    pub fn is_healthy(self) -> bool {
        matches!(self, State::Ok | State::Idle | State::Busy | State::Degraded | State::Warning)
    }

    /// Healthy, or on the way there.
    pub fn is_operational(self) -> bool {
        self.is_healthy() || self == State::Startup
    }
}

/// The text of `status.json`. Times are RFC 3339 with offset.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Status {
    /// Version of this file's shape: [`STATUS_VERSION`].
    pub schema_version: u32,
    /// State of the whole instance.
    pub status: State,
    /// One line for people: why it is so, or what it does.
    pub message: String,
    /// Process id of the worker.
    pub pid: u32,
    /// Version of the worker.
    pub version: String,
    /// When the worker started.
    pub started_at: String,
    /// When this was written: the heartbeat.
    pub updated_at: String,
    /// Hash of the settings the worker read at its start.
    pub config_hash: String,
    /// Sending is paused on demand.
    pub paused: bool,
    /// What is owed.
    pub queue: QueueStatus,
    /// What was sent.
    pub sent: SentStatus,
    /// One entry per watch rule.
    pub converters: Vec<ConverterStatus>,
    /// The WATS server as last seen.
    pub server: ServerStatus,
    /// Log lines lost since the start because they could not be written.
    pub log_lines_dropped: u64,
    /// What this version does not know; kept.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// Reports in the store, by state.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct QueueStatus {
    /// Waiting to be sent.
    pub queued: u64,
    /// Being sent.
    pub processing: u64,
    /// Refused by the server; kept.
    pub error: u64,
    /// Age of the oldest waiting report, in seconds; absent when none waits.
    pub oldest_age_s: Option<u64>,
}

/// Reports the server has.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct SentStatus {
    /// Since local midnight.
    pub today: u64,
    /// Since this worker started.
    pub since_start: u64,
    /// Since the store was made.
    pub total: u64,
    /// When the last one was accepted, by this worker or one before it.
    pub last: Option<String>,
}

/// One watch rule.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ConverterStatus {
    /// Name of the rule.
    pub name: String,
    /// Its state.
    pub status: State,
    /// Why it is in this state, where that needs words (folder missing, for example).
    pub message: Option<String>,
    /// Files converted since this worker started; the history of the store knows the ones before.
    pub ok: u64,
    /// Files rejected since this worker started.
    pub failed: u64,
    /// When a file was last converted since this worker started.
    pub last_ok: Option<String>,
    /// Why the last file that was rejected since this worker started was.
    pub last_error: Option<String>,
}

/// The WATS server as the worker last saw it.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ServerStatus {
    /// Ok; degraded (does not answer or is in trouble: reports are kept, and it is tried again by itself); error (does not let
    /// us in: nothing is sent until somebody changes that); or unknown. Older than a minute only while sending is paused.
    pub status: State,
    /// Why, where that needs words.
    pub message: Option<String>,
    /// Of the last answer, in milliseconds.
    pub latency_ms: Option<u64>,
    /// Since when it is in this state.
    pub since: Option<String>,
}

/// Why a status cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum StatusError {
    /// The file cannot be read.
    #[error("cannot read {}: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// The system's words.
        source: io::Error,
    },
    /// The file is not a status.
    #[error("{} is not a status: {reason}. The worker replaces it within seconds", path.display())]
    Garbage {
        /// The file.
        path: PathBuf,
        /// What is wrong, with line and column.
        reason: String,
    },
}

/// Replaces `status.json`. On Windows waits up to 2 s for readers that hold the file.
///
/// # Errors
/// When the file cannot be replaced; the text names it. The old status is still there then.
pub fn write(layout: &Layout, status: &Status) -> io::Result<()> {
    let path = layout.status();
    let mut text = serde_json::to_vec_pretty(status)?;
    text.push(b'\n');
    replace(&path, &text, 0o644, Durability::Fast).map_err(|e| io::Error::new(e.kind(), format!("{}: {e}", path.display())))
}

/// Reads `status.json`; `None` when there is none.
///
/// # Errors
/// When the file is there and cannot be read or is not a status.
pub fn read(layout: &Layout) -> Result<Option<Status>, StatusError> {
    let path = layout.status();
    match patiently(|| fs::read(&path)) {
        Ok(bytes) => parse(&path, &bytes).map(Some),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(StatusError::Read { path, source }),
    }
}

fn parse(path: &Path, bytes: &[u8]) -> Result<Status, StatusError> {
    serde_json::from_slice(bytes).map_err(|e| StatusError::Garbage { path: path.to_owned(), reason: e.to_string() })
}

/// How long something runs, in two units at most: `45s`, `12m`, `3h 4m`, `2d 5h`; `N/A` when not known.
pub fn uptime(duration: Option<Duration>) -> String {
    let Some(seconds) = duration.map(|d| d.as_secs()) else { return "N/A".to_owned() };
    let (minutes, hours, days) = (seconds / 60, seconds / 3600, seconds / 86_400);
    match seconds {
        0..60 => format!("{seconds}s"),
        60..3600 => format!("{minutes}m"),
        3600..86_400 => format!("{hours}h {}m", minutes % 60),
        _ => format!("{days}d {}h", hours % 24),
    }
}

#[cfg(test)]
mod tests;
