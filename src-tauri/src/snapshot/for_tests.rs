//! Values to test with.

use super::{AppSnapshot, InstanceSnapshot, Snapshot, StateWord, Tone};
use crate::observe::overall;

/// An instance whose worker does not run and never did.
pub(crate) fn stopped(id: &str) -> InstanceSnapshot {
    InstanceSnapshot {
        id: id.to_owned(),
        name: id.to_owned(),
        folder: format!("/instances/{id}"),
        station: String::new(),
        service_address: String::new(),
        tone: Tone::Off,
        word: StateWord::Stopped,
        message: String::new(),
        running: false,
        pending: None,
        pid: None,
        started_at: None,
        version: None,
        managed_by: None,
        cpu_percent: None,
        memory_bytes: None,
        paused: false,
        restart_needed: false,
        troubles: Vec::new(),
        queue: None,
        sent: None,
        rejected_today: None,
        last_rejected: None,
        last_report: None,
        server: None,
        converters: Vec::new(),
        rooms: Vec::new(),
        stuck: Vec::new(),
        unclean_exit: None,
    }
}

/// One whose worker runs and has nothing to do.
pub(crate) fn idle(id: &str, pid: u32) -> InstanceSnapshot {
    InstanceSnapshot { tone: Tone::Ok, word: StateWord::Idle, running: true, pid: Some(pid), ..stopped(id) }
}

/// All of them.
pub(crate) fn all(instances: Vec<InstanceSnapshot>) -> Snapshot {
    overall(instances, "/root".to_owned(), None, AppSnapshot::default())
}
