//! What is shown of the instances: plain values, typed once for the tray, the window and the page. No judgement here.

mod words;

#[cfg(test)]
pub(crate) mod for_tests;

use serde::{Deserialize, Serialize};
use specta::Type;
use tauri_specta::Event;

pub(crate) use words::{ManagedBy, StateWord, Tone};

/// What the app has asked a worker for and not yet seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Pending {
    /// To come up.
    Starting,
    /// To end.
    Stopping,
}

/// All instances at one moment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type, Event)]
pub(crate) struct Snapshot {
    /// The instances, by id.
    pub(crate) instances: Vec<InstanceSnapshot>,
    /// Of the worst instance; off when there is none.
    pub(crate) tone: Tone,
    /// Sums over the instances.
    pub(crate) totals: Totals,
    /// The folder that holds the instances.
    pub(crate) root: String,
    /// Why the folder cannot be looked into.
    pub(crate) root_trouble: Option<String>,
    /// The app itself.
    pub(crate) app: AppSnapshot,
}

/// Sums over the instances.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, Type)]
pub(crate) struct Totals {
    /// Workers that run.
    pub(crate) running: u32,
    /// Instances there are.
    pub(crate) instances: u32,
    /// Reports queued or being sent.
    pub(crate) owed: u64,
    /// Reports the server refused.
    pub(crate) refused: u64,
    /// Reports delivered since midnight.
    pub(crate) sent_today: u64,
    /// Files rejected since midnight.
    pub(crate) rejected_today: u64,
}

/// The app and the worker's program beside it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, Type)]
pub(crate) struct AppSnapshot {
    /// Version of the app.
    pub(crate) version: String,
    /// Version of the worker's program; none while it cannot be asked.
    pub(crate) sidecar_version: Option<String>,
    /// That it is missing, or of another version, in one sentence with what to do.
    pub(crate) sidecar_trouble: Option<String>,
}

/// One instance at one moment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub(crate) struct InstanceSnapshot {
    /// Its id.
    pub(crate) id: String,
    /// Its name for people; the id where it has none.
    pub(crate) name: String,
    /// Its folder.
    pub(crate) folder: String,
    /// The station's name in its settings.
    pub(crate) station: String,
    /// Address of the server in its settings.
    pub(crate) service_address: String,
    /// How worried to be.
    pub(crate) tone: Tone,
    /// The state in one word.
    pub(crate) word: StateWord,
    /// Why, and what to do.
    pub(crate) message: String,
    /// Whether a worker holds the guard.
    pub(crate) running: bool,
    /// What was asked for and not yet seen.
    pub(crate) pending: Option<Pending>,
    /// The worker's process.
    pub(crate) pid: Option<u32>,
    /// Since when the worker runs, RFC 3339.
    pub(crate) started_at: Option<String>,
    /// The worker's version.
    pub(crate) version: Option<String>,
    /// Who restarts it.
    pub(crate) managed_by: Option<ManagedBy>,
    /// Share of one processor since the look before, in per cent.
    pub(crate) cpu_percent: Option<f32>,
    /// Resident memory.
    pub(crate) memory_bytes: Option<u64>,
    /// Sending is paused on demand.
    pub(crate) paused: bool,
    /// The settings have changed since the worker read them.
    pub(crate) restart_needed: bool,
    /// Files that cannot be read: path and what is wrong.
    pub(crate) troubles: Vec<String>,
    /// What is owed.
    pub(crate) queue: Option<QueueSnapshot>,
    /// What was sent.
    pub(crate) sent: Option<SentSnapshot>,
    /// Files rejected since midnight.
    pub(crate) rejected_today: Option<u64>,
    /// The newest of them and why it was rejected. For notifications; the page has the history.
    #[serde(skip)]
    pub(crate) last_rejected: Option<String>,
    /// The newest report.
    pub(crate) last_report: Option<LastReport>,
    /// The WATS server as the worker last saw it.
    pub(crate) server: Option<ServerSnapshot>,
    /// The watch rules.
    pub(crate) converters: Vec<ConverterSnapshot>,
    /// The way of a report.
    pub(crate) rooms: Vec<RoomSnapshot>,
    /// What stands still.
    pub(crate) stuck: Vec<StuckSnapshot>,
    /// The last words of a worker that ended without tidying up.
    pub(crate) unclean_exit: Option<UncleanExit>,
}

/// Reports in the store.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, Type)]
pub(crate) struct QueueSnapshot {
    /// Waiting to be sent.
    pub(crate) queued: u64,
    /// Being sent.
    pub(crate) processing: u64,
    /// Refused by the server.
    pub(crate) error: u64,
    /// Age of the oldest waiting one, in seconds.
    pub(crate) oldest_age_s: Option<u64>,
}

/// Reports the server has.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, Type)]
pub(crate) struct SentSnapshot {
    /// Since midnight.
    pub(crate) today: u64,
    /// Since the worker started.
    pub(crate) since_start: u64,
    /// Since the store was made.
    pub(crate) total: u64,
    /// When the last one was accepted, RFC 3339.
    pub(crate) last: Option<String>,
}

/// The newest report in the store.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub(crate) struct LastReport {
    /// Serial number.
    pub(crate) sn: String,
    /// Part number.
    pub(crate) pn: String,
    /// Outcome.
    pub(crate) result: String,
    /// When it was settled, or (while owed) queued: epoch milliseconds.
    pub(crate) settled_at: i64,
}

/// The WATS server as the worker last saw it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub(crate) struct ServerSnapshot {
    /// Its state, in the words of a worker's.
    pub(crate) status: String,
    /// Why.
    pub(crate) message: Option<String>,
    /// Of the last answer, in milliseconds.
    pub(crate) latency_ms: Option<u64>,
    /// Since when, RFC 3339.
    pub(crate) since: Option<String>,
}

/// One watch rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub(crate) struct ConverterSnapshot {
    /// Name of the rule.
    pub(crate) name: String,
    /// Its state, in the words of a worker's.
    pub(crate) status: String,
    /// Why.
    pub(crate) message: Option<String>,
    /// Files converted since the worker started.
    pub(crate) ok: u64,
    /// Files rejected since the worker started.
    pub(crate) failed: u64,
    /// When a file was last converted, RFC 3339.
    pub(crate) last_ok: Option<String>,
    /// Why the last rejected file was.
    pub(crate) last_error: Option<String>,
}

/// A room on the way of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Room {
    /// Finds files.
    Watch,
    /// Waits until they are whole.
    Settle,
    /// Reads them.
    Convert,
    /// Writes their reports down.
    Enqueue,
    /// Sends them.
    Upload,
    /// Keeps what was sent.
    Archive,
}

/// How a room is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub(crate) struct RoomSnapshot {
    /// Which.
    pub(crate) room: Room,
    /// How much is in it, where that is known.
    pub(crate) count: Option<u64>,
    /// How worried to be.
    pub(crate) tone: Tone,
    /// Why it is held up.
    pub(crate) message: Option<String>,
}

/// Something that stands still.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub(crate) struct StuckSnapshot {
    /// Since when, RFC 3339.
    pub(crate) since: String,
    /// What, and what to do.
    pub(crate) what: String,
}

/// A worker that ended without tidying up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub(crate) struct UncleanExit {
    /// Its process.
    pub(crate) pid: u32,
    /// The last lines of its log.
    pub(crate) log_tail: Vec<String>,
}
