//! The WATS server over HTTP: submit a report, ask for the version and the processes, and judge every answer.
//!
//! Promises:
//! - [`verdict()`], [`backoff`] and [`pace`] are pure: what to do next is decided without a clock or a socket.
//! - Only a 2xx that carries a WATS receipt counts as delivered; a login page with status 200 does not.
//! - The token goes to the configured origin only. A redirect elsewhere is not followed, and no text, error or
//!   `Debug` output of this crate contains the token or a proxy password.
//! - Every request ends: it has a total deadline, and at most 64 KiB of an answer to a report are read.
//!
//! Deliberately not here: retry loops, queues and probes (the worker's upload room carries out what is decided here), and a
//! switch to ignore TLS errors.

pub mod backoff;
mod client;
mod connection;

mod mask;
pub mod pace;
mod problem;
mod processes;
mod retry_after;
mod setup;
mod transport;
mod verdict;
mod version;
mod words;

pub use client::{Answer, Client};
pub use connection::{Connection, ConnectionError, Proxy};
pub use problem::{Cause, Check, Problem};
pub use processes::{Process, Processes};
pub use reqwest::header::HeaderMap;
pub use verdict::{Receipt, Verdict, verdict};
pub use version::ServerVersion;
