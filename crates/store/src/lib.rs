//! The durable queue and the history of an instance: one SQLite file.
//!
//! Promises: what a [`Reply`] has answered with `Ok` is on the disk (WAL, `synchronous=FULL`); the reports of one source
//! become owed all together or not at all; two rows are never owed for one report id; a body leaves the file only after
//! it was delivered *and* archived, or after the days a discarded one is kept; a damaged file is set aside and everything
//! readable in it is carried into a fresh one; a file written by a newer version is not touched; a
//! file deleted under the worker is written anew from what is open, and nothing is acknowledged that is not at its path.
//!
//! One writer thread owns the writing connection. It takes every command that waits, runs them in one transaction (each
//! behind its own savepoint), commits once and answers after the commit. Reads go through a connection of their own.
//! Counts are kept by triggers, never counted, so that they cost the same with one report owed and with a million.
//!
//! What it deliberately does not do: it has no clock (every time is an argument), it never looks into a body except to
//! save one whose row was lost, it moves no source file, writes no archive and knows no server.

mod archive;
mod body;
mod books;
mod connection;
mod error;
mod hand;
mod intake;
mod lease;
mod ledger;
mod offer;
mod opening;
mod owe;
mod pictures;
mod query;
mod read;
mod reply;
mod rescue;
mod retention;
mod rows;
mod schema;
mod standing;
mod store;
mod types;
mod verify;
mod view;
mod wishes;
mod writer;

#[cfg(test)]
mod tests;

pub use archive::{ArchivePlace, ToArchive};
pub use books::{BookedReport, BookedSource, Books};
pub use error::{StoreError, Trouble};
pub use intake::{Intake, NewReport};
pub use lease::{Attempt, Leased, Settlement};
pub use ledger::{Account, Known, Source};
pub use opening::{Opened, Role};
pub use pictures::{Activity, FailingStep, HourYield, Lately, PartYield, Yield, YieldRange};
pub use query::{Query, SourceQuery};
pub use read::Counts;
pub use reply::Reply;
pub use rescue::Rescue;
pub use retention::{Retention, Swept};
pub use rows::{AttemptRow, Detail, Row, SourceRow};
pub use store::Store;
pub use types::{Millis, Select, SourceId, SourceOutcome, State, Ticket};
pub use verify::{About, CheckedReport, CheckedSource, Finding, Proof, Wrong};
pub use view::View;
