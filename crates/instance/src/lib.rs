//! The file contract of an instance: the only thing the worker and its shells (tray app, command line) share.
//!
//! Promises: every file is replaced whole or not at all, so a reader meets the old text or the new one, never half of
//! it. A worker counts as running only while the kernel holds its lock. Settings nobody knows are kept. A token never
//! prints.
//!
//! Deliberately not here: asking the system about processes, showing symbols or colours, the database of the queue, any network,
//! any runtime. Clocks and the environment are arguments.

pub mod config;
pub mod health;
mod home;
mod id;
mod layout;
pub mod lock;
pub mod logs;
mod replace;
pub mod requests;
pub mod secret;
pub mod status;

pub use config::{
    Config, ConfigError, ConfigWarning, Document, Duplicates, Loaded, LogLevel, Polling, PostAction, Problem, Proxy, ProxyMode, SaveError,
    WatchRule, without_dots,
};
pub use health::{Health, Tone, Word, judge};
pub use home::{Home, Scope};
pub use id::{InstanceId, InvalidId};
pub use layout::Layout;
pub use lock::{Guard, GuardError, Liveness, Lock, ManagedBy, liveness};
pub use logs::LogWriter;
pub use requests::{Ask, Taken, Which};
pub use secret::{Secret, SecretError, Token};
pub use status::{State, Status};
