//! The closed sets of words and shapes, as the page has them: one for one those of the instance's own files.

use instance::{State, Word};
use serde::{Deserialize, Serialize};
use specta::Type;

/// The six shapes of the tray icon.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, Type)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Tone {
    /// Nothing runs.
    Off,
    /// On the way up or down.
    Starting,
    /// All is well.
    Ok,
    /// All is well, and there is something to do.
    Busy,
    /// Somebody should look.
    Warning,
    /// Does not do its work.
    Error,
}

impl From<instance::Tone> for Tone {
    fn from(tone: instance::Tone) -> Tone {
        match tone {
            instance::Tone::Off => Tone::Off,
            instance::Tone::Starting => Tone::Starting,
            instance::Tone::Ok => Tone::Ok,
            instance::Tone::Busy => Tone::Busy,
            instance::Tone::Warning => Tone::Warning,
            instance::Tone::Error => Tone::Error,
        }
    }
}

impl Tone {
    /// Of several the worst is shown.
    pub(crate) fn badness(self) -> u8 {
        match self {
            Tone::Off => 0,
            Tone::Ok => 1,
            Tone::Busy => 2,
            Tone::Starting => 3,
            Tone::Warning => 4,
            Tone::Error => 5,
        }
    }
}

/// The one word for an instance, as the command line has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, Type)]
#[serde(rename_all = "lowercase")]
pub(crate) enum StateWord {
    /// No worker runs.
    Stopped,
    /// The worker ended without tidying up.
    Crashed,
    /// The worker runs and gives no heartbeat.
    #[serde(rename = "not responding")]
    NotResponding,
    /// It runs and cannot say how it is.
    Unknown,
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
}

impl From<Word> for StateWord {
    fn from(word: Word) -> StateWord {
        match word {
            Word::Stopped => StateWord::Stopped,
            Word::Crashed => StateWord::Crashed,
            Word::NotResponding => StateWord::NotResponding,
            Word::Says(state) => match state {
                State::Unknown => StateWord::Unknown,
                State::Startup => StateWord::Startup,
                State::Ok => StateWord::Ok,
                State::Idle => StateWord::Idle,
                State::Busy => StateWord::Busy,
                State::Degraded => StateWord::Degraded,
                State::Warning => StateWord::Warning,
                State::Error => StateWord::Error,
                State::Shutdown => StateWord::Shutdown,
                State::Failed => StateWord::Failed,
            },
        }
    }
}

/// Who restarts a worker.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "lowercase")]
pub(crate) enum ManagedBy {
    /// This app.
    Tray,
    /// Somebody typed it.
    Cli,
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
    Other,
}

impl From<instance::ManagedBy> for ManagedBy {
    fn from(by: instance::ManagedBy) -> ManagedBy {
        match by {
            instance::ManagedBy::Tray => ManagedBy::Tray,
            instance::ManagedBy::Cli => ManagedBy::Cli,
            instance::ManagedBy::Services => ManagedBy::Services,
            instance::ManagedBy::Systemd => ManagedBy::Systemd,
            instance::ManagedBy::Launchd => ManagedBy::Launchd,
            instance::ManagedBy::Scm => ManagedBy::Scm,
            instance::ManagedBy::Task => ManagedBy::Task,
            instance::ManagedBy::Other => ManagedBy::Other,
        }
    }
}
