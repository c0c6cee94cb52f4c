//! A WATS-compatible receiving server on loopback, for trying out and for tests.
//!
//! It promises: the answers a real server gives to the calls Lineside makes (version, processes, reports in as WSJF and
//! WSXF, reports out), a text for each required field that is missing or wrong, a durable and exact account of what
//! arrived, and faults on demand that are the same for the same seed.
//!
//! It deliberately does not: listen anywhere but on 127.0.0.1, judge measurements, convert between formats, or keep
//! anything a real server derives from reports.

mod api;
mod board;
mod error;
mod faults;
mod ledger;
mod line;
mod options;
mod processes;
mod run;
mod state;
mod summary;
mod tally;
mod wsjf;
mod wsxf;

pub use error::SandboxError;
pub use faults::Faults;
pub use ledger::Received;
pub use options::{Db, Options};
pub use run::{Running, start};
pub use summary::Format;
