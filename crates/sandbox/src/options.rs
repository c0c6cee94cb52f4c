//! How a sandbox is started.

use std::path::PathBuf;

use crate::Faults;

/// What [`crate::start`] needs to know. The default is any free port, no token asked for, memory only, no faults.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The port on 127.0.0.1; 0 takes any free one.
    pub port: u16,
    /// The token a caller must send as `Authorization: Basic <token>`; `None` lets everybody in.
    pub token: Option<String>,
    /// Where received reports are kept.
    pub db: Db,
    /// The faults to begin with.
    pub faults: Faults,
}

/// Where received reports are kept.
#[derive(Debug, Clone, Default)]
pub enum Db {
    /// In memory; gone when the sandbox stops.
    #[default]
    Memory,
    /// In this SQLite file, which is made when it is not there and continued when it is. What was answered with 200
    /// outlives a killed process, not a power cut: a sandbox need not.
    File(PathBuf),
}

impl From<PathBuf> for Db {
    fn from(path: PathBuf) -> Self {
        Db::File(path)
    }
}
