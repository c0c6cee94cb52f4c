//! The sum every end-to-end test closes on: produced = delivered ∪ owed ∪ rejected ∪ still in the source folder, by serial number, by id and by content.

use crate::station::{Station, files};
use crate::tester::Produced;
use sandbox::Received;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;
use store::{Query, State, View};

/// Where each report is, at one moment.
#[derive(Debug, Default)]
pub struct Books {
    /// What the server has, by serial number; more than one for a number means that a report was doubled.
    pub delivered: BTreeMap<String, Vec<Received>>,
    /// Serial numbers of what the store owes: queued, being sent, or refused and kept.
    pub owed: BTreeSet<String>,
    /// Contents that lie in the error folder with a note beside them, by hash.
    pub rejected: BTreeSet<String>,
    /// Contents that lie in the watch folder, by hash.
    pub waiting: BTreeSet<String>,
}

/// What is wrong with the books; all empty when nothing is.
#[derive(Debug, Clone, Default)]
pub struct Findings {
    /// Serial numbers of reports that are nowhere.
    pub lost: Vec<String>,
    /// Reports that the server has more than once.
    pub doubled: Vec<String>,
    /// Reports that the server has and that are not what their sources say.
    pub torn: Vec<String>,
}

impl Books {
    /// Reads the books of a station: from the folder, the store and the server, in the direction things move.
    #[must_use]
    pub fn of(station: &Station) -> Self {
        let waiting = hashes(station.waiting());
        let errors = files(&station.folder().join("Error"));
        let noted = |path: &PathBuf| fs::exists(path.with_added_extension("error.txt")).unwrap_or(false);
        let rejected = hashes(errors.into_iter().filter(noted));
        let owed = Self::owed_in(&station.instance().join("queue/queue.db"));
        let mut books = Self { waiting, owed, rejected, ..Self::default() };
        for report in station.server().received().expect("the sandbox's own books") {
            books.delivered.entry(report.sn.clone()).or_default().push(report);
        }
        books
    }

    /// Serial numbers of what a store owes: queued, being sent, or refused and kept. None where there is no store.
    #[must_use]
    pub fn owed_in(queue: &Path) -> BTreeSet<String> {
        View::open(queue).expect("a readable store").map(|view| owed(&view)).unwrap_or_default()
    }

    /// Holds the books against what was produced.
    ///
    /// # Panics
    /// Names the reports that are nowhere, that nobody produced, that are at the server twice, or that arrived with other content.
    pub fn balance(&self, produced: &[Produced]) {
        let found = self.findings(produced);
        assert!(found.lost.is_empty(), "{} of {} reports are lost: {:?}", found.lost.len(), produced.len(), found.lost);
        assert!(found.doubled.is_empty(), "at the server more than once: {:?}", found.doubled);
        assert!(found.torn.is_empty(), "not at the server as its source says: {:?}", found.torn);
    }

    /// What is wrong with the books.
    #[must_use]
    pub fn findings(&self, produced: &[Produced]) -> Findings {
        let lost = produced.iter().filter(|report| !self.has(report)).map(|report| report.sn.clone()).collect();
        let mut found = Findings { lost, ..Findings::default() };
        let known: BTreeMap<&str, &Produced> = produced.iter().map(|report| (report.sn.as_str(), report)).collect();
        for (sn, received) in &self.delivered {
            let ids: Vec<_> = received.iter().map(|report| report.id).collect();
            if ids.len() > 1 {
                found.doubled.push(format!("{sn} as {ids:?}"));
            }
            match known.get(sn.as_str()) {
                None => found.torn.push(format!("{sn}, which nobody produced")),
                Some(source) if source.id.is_some_and(|id| ids != [id]) => {
                    found.torn.push(format!("{sn} as {ids:?} and not under its own id {:?}", source.id));
                }
                Some(source) if !received.iter().all(|report| report.changed == 0 && carries(&report.body, &source.bytes)) => {
                    found.torn.push(format!("{sn} with other content than its source"));
                }
                Some(_) => {}
            }
        }
        found
    }

    /// The books balance, and everything has arrived.
    ///
    /// # Panics
    /// As [`Books::balance`], and when something is still on its way.
    pub fn all_delivered(&self, produced: &[Produced]) {
        self.balance(produced);
        let missing: Vec<&str> = produced.iter().map(|report| report.sn.as_str()).filter(|sn| !self.delivered.contains_key(*sn)).collect();
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
            books.waiting.is_empty() && books.owed.is_empty() && produced.iter().all(|report| books.delivered.contains_key(&report.sn))
        };
        crate::eventually(limit, done);
        let books = Self::of(station);
        books.all_delivered(produced);
        assert!(books.waiting.is_empty(), "sources still lie in the watch folder: {:?}", station.waiting());
        Self::verified(station);
    }

    /// The program's own verification of its books finds no fault.
    ///
    /// # Panics
    /// Names the faults.
    pub fn verified(station: &Station) {
        let said = station.run(&["queue", "verify", crate::ID, "--json"]).stdout;
        let said: Value = serde_json::from_slice(&said).expect("an answer in JSON");
        assert_eq!(said["faults"], 0, "the books do not balance: {said:#}");
    }

    fn has(&self, report: &Produced) -> bool {
        let hash = hash(&report.bytes);
        self.delivered.contains_key(&report.sn)
            || self.owed.contains(&report.sn)
            || self.rejected.contains(&hash)
            || self.waiting.contains(&hash)
    }
}

/// Serial numbers of everything that is not delivered, page by page.
fn owed(view: &View) -> BTreeSet<String> {
    let mut owed = BTreeSet::new();
    for state in [State::Queued, State::Processing, State::Error] {
        let mut before = None;
        loop {
            let page = view.list(&Query { state: Some(state), before, limit: 1000, ..Query::default() }).expect("a readable store");
            let Some(last) = page.last() else { break };
            before = Some(last.ticket);
            owed.extend(page.into_iter().map(|row| row.sn));
        }
    }
    owed
}

fn hashes(paths: impl IntoIterator<Item = PathBuf>) -> BTreeSet<String> {
    paths.into_iter().filter_map(|path| fs::read(path).ok()).map(|bytes| hash(&bytes)).collect()
}

fn hash(bytes: &[u8]) -> String {
    blake3::hash(bytes).to_hex().to_string()
}

/// Whether a sent body says everything its source says; it may say more (an id, defaults, the start in UTC).
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
