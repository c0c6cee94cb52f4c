//! The sum every end-to-end test closes on: produced = delivered ∪ owed ∪ rejected ∪ still in the source folder, by id and by content.

use crate::station::{Station, files};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::time::Duration;
use store::{SourceOutcome, State, View};
use uuid::Uuid;

/// A file that a tester wrote, with the id of the one report in it.
#[derive(Debug, Clone)]
pub struct Produced {
    /// The report's id.
    pub id: Uuid,
    /// The file's bytes.
    pub bytes: Vec<u8>,
}

impl From<(Uuid, Vec<u8>)> for Produced {
    fn from((id, bytes): (Uuid, Vec<u8>)) -> Self {
        Self { id, bytes }
    }
}

/// Where each report is, at one moment.
#[derive(Debug, Default)]
pub struct Books {
    /// The server has it: its id and what the server holds.
    pub delivered: BTreeMap<Uuid, Vec<u8>>,
    /// The store owes it (queued, being sent, or refused and kept).
    pub owed: BTreeSet<Uuid>,
    /// Contents that were rejected, by hash.
    pub rejected: BTreeSet<String>,
    /// Contents that still lie in the watch folder, by hash.
    pub waiting: BTreeSet<String>,
}

impl Books {
    /// Reads the books of a station: from the server, the store and the folder.
    #[must_use]
    pub fn of(station: &Station) -> Self {
        // The folder first: what leaves it meanwhile is found further on its way.
        let waiting = station.waiting().iter().filter_map(|path| fs::read(path).ok()).map(|bytes| hash(&bytes)).collect();
        let mut books = Self { waiting, ..Self::default() };
        if let Some(view) = View::open(station.instance().join("queue/queue.db")).expect("a readable store") {
            let held = view.books().expect("the books of the store");
            for source in held.sources {
                if source.outcome == SourceOutcome::Rejected {
                    books.rejected.insert(source.hash);
                }
                let owed = source.reports.iter().filter(|report| report.state != State::Completed);
                books.owed.extend(owed.map(|report| report.report_id));
            }
        }
        let received = station.server().received().expect("the sandbox's own books");
        books.delivered = received.into_iter().map(|report| (report.id, report.body)).collect();
        books
    }

    /// Holds the books against what was produced.
    ///
    /// # Panics
    /// Names the reports that are nowhere, that nobody produced, or that arrived with other content.
    pub fn balance(&self, produced: &[Produced]) {
        let nowhere: Vec<Uuid> = produced.iter().filter(|report| !self.has(report)).map(|report| report.id).collect();
        assert!(nowhere.is_empty(), "{} of {} reports are lost: {nowhere:?}", nowhere.len(), produced.len());
        let known: BTreeMap<Uuid, &Produced> = produced.iter().map(|report| (report.id, report)).collect();
        for (id, body) in &self.delivered {
            let source = known.get(id).unwrap_or_else(|| panic!("the server has {id}, which nobody produced"));
            assert!(carries(body, &source.bytes), "the server has {id} with other content than its source");
        }
    }

    /// The books balance, and everything has arrived.
    ///
    /// # Panics
    /// As [`Books::balance`], and when something is still on its way.
    pub fn all_delivered(&self, produced: &[Produced]) {
        self.balance(produced);
        let missing: Vec<Uuid> = produced.iter().map(|report| report.id).filter(|id| !self.delivered.contains_key(id)).collect();
        assert!(missing.is_empty(), "{} of {} reports did not arrive: {missing:?}", missing.len(), produced.len());
        assert!(self.owed.is_empty(), "still owed: {:?}", self.owed);
    }

    /// Waits until everything produced has arrived and nothing is owed or waiting any more, then holds the books against it.
    ///
    /// # Panics
    /// As [`Books::all_delivered`], when that does not come about within `limit`.
    pub fn close(station: &Station, produced: &[Produced], limit: Duration) {
        let done = || {
            let books = Self::of(station);
            books.waiting.is_empty() && books.owed.is_empty() && produced.iter().all(|report| books.delivered.contains_key(&report.id))
        };
        crate::eventually(limit, done);
        let books = Self::of(station);
        books.all_delivered(produced);
        assert!(books.waiting.is_empty(), "sources still lie in the watch folder: {:?}", station.waiting());
    }

    fn has(&self, report: &Produced) -> bool {
        let hash = hash(&report.bytes);
        self.delivered.contains_key(&report.id)
            || self.owed.contains(&report.id)
            || self.rejected.contains(&hash)
            || self.waiting.contains(&hash)
    }
}

fn hash(bytes: &[u8]) -> String {
    blake3::hash(bytes).to_hex().to_string()
}

/// Whether a sent body says everything its source says; it may say more (defaults, the start in UTC).
fn carries(body: &[u8], source: &[u8]) -> bool {
    let parse = |bytes| serde_json::from_slice::<Value>(bytes);
    matches!((parse(body), parse(source)), (Ok(body), Ok(source)) if covers(&body, &source))
}

fn covers(sent: &Value, source: &Value) -> bool {
    match (sent, source) {
        (_, Value::Null) => true,
        (Value::Object(sent), Value::Object(source)) => {
            source.iter().all(|(key, value)| value.is_null() || sent.get(key).is_some_and(|sent| covers(sent, value)))
        }
        (Value::Array(sent), Value::Array(source)) => {
            sent.len() == source.len() && sent.iter().zip(source).all(|(sent, source)| covers(sent, source))
        }
        _ => sent == source,
    }
}

/// The files below `folder`, at any depth.
#[must_use]
pub fn all_files(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let folders = fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok).map(|entry| entry.path()).filter(|path| path.is_dir());
    files(folder).into_iter().chain(folders.flat_map(|folder| all_files(&folder))).collect()
}
