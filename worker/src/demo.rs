//! `demo`: the whole way of a report on this machine. The same programs and files as on a station: a fresh instance, a worker as a process of its own, and a sandbox
//! server whose books the closing table is read from.

mod books;
mod plan;
mod run;
mod stage;
mod station;
mod telling;
mod written;

pub(crate) use run::demo;
