//! End to end: the real `lineside` against the sandbox, on real folders, with kills, outages and slow writers.
//!
//! What is here are the means: a station to run the worker on, testers that write files, and the books that every test ends with. The promises themselves are
//! the tests in `tests/`.

#![allow(clippy::print_stderr, reason = "a failed test shows what the worker said")]

mod books;
#[cfg(target_os = "linux")]
mod chooser;
#[cfg(target_os = "linux")]
mod desktop;
mod faulty;
#[cfg(target_os = "linux")]
mod notices;
#[cfg(target_os = "linux")]
mod panel;
pub mod proxy;
#[cfg(target_os = "linux")]
mod root;
mod share;
pub mod soak;
mod station;
mod tester;
#[cfg(target_os = "linux")]
mod tray;
mod wait;
#[cfg(target_os = "linux")]
mod window;

pub use books::{Books, Findings};
#[cfg(target_os = "linux")]
pub use chooser::Chooser;
#[cfg(target_os = "linux")]
pub use desktop::Desktop;
pub use faulty::{Fault, Faulty, counted};
#[cfg(target_os = "linux")]
pub use notices::Notices;
#[cfg(target_os = "linux")]
pub use panel::{Line, Panel};
#[cfg(target_os = "linux")]
pub use root::Root;
pub use share::{seed, share, share_of};
pub use station::{ID, Station, TOKEN, all_files, files, fixture, lineside, signal};
pub use tester::{Produced, large, no_report, report};
#[cfg(target_os = "linux")]
pub use tray::{TrayApp, launch_again, program, worker};
pub use wait::{eventually, until};
#[cfg(target_os = "linux")]
pub use window::{Key, Window};
