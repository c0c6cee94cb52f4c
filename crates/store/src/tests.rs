//! What the store promises, one file per part of it; here the shared ground.

mod accounts;
mod archiving;
mod damage;
mod disk;
mod duplicates;
mod group;
mod handles;
mod intake;
mod leases;
mod model;
mod pictures;
mod standing;
mod verifying;
mod viewing;
mod wishing;

use std::path::PathBuf;

use tempfile::TempDir;
use uuid::Uuid;

use crate::{Attempt, Leased, Millis, NewReport, Opened, Role, Settlement, Source, SourceId, Store, Ticket, View};

/// A Tuesday in 2026.
const NOW: Millis = 1_780_000_000_000;

/// A folder with a store in it.
struct Ground {
    folder: TempDir,
}

impl Ground {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("queue.db")
    }

    fn owner(&self) -> Store {
        self.reopened().0
    }

    fn reopened(&self) -> (Store, Opened) {
        Store::open(self.path(), Role::Owner, NOW).unwrap()
    }

    fn guest(&self) -> Store {
        Store::open(self.path(), Role::Guest, NOW).unwrap().0
    }

    fn view(&self) -> View {
        View::open(self.path()).unwrap().unwrap()
    }

    /// The names in the folder, sorted.
    fn names(&self) -> Vec<String> {
        let mut names: Vec<_> =
            std::fs::read_dir(self.folder.path()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    /// The files as a power cut would leave them, in a folder of their own.
    fn crashed(&self) -> Self {
        let copy = Self::new();
        for name in ["queue.db", "queue.db-wal"] {
            if self.folder.path().join(name).exists() {
                std::fs::copy(self.folder.path().join(name), copy.folder.path().join(name)).unwrap();
            }
        }
        copy
    }
}

fn source(name: &str) -> Source {
    Source {
        rule: "bench".to_owned(),
        path: format!("/drop/{name}"),
        size: 10,
        mtime_ns: 7,
        hash: *blake3::hash(name.as_bytes()).as_bytes(),
        format: "wsjf".to_owned(),
        priority: 5,
    }
}

fn id(n: u32) -> Uuid {
    Uuid::from_u128(u128::from(n) + 1)
}

fn report(n: u32) -> NewReport {
    report_with(n, &format!("{{\"id\":\"{}\",\"type\":\"T\",\"sn\":\"SN-{n}\",\"pn\":\"PN-7\"}}", id(n)))
}

fn report_with(n: u32, body: &str) -> NewReport {
    NewReport {
        step: String::new(),
        id: id(n),
        index: n,
        body: body.as_bytes().to_vec(),
        kind: 'T',
        sn: format!("SN-{n}"),
        pn: "PN-7".to_owned(),
        result: "Passed".to_owned(),
        process: "10".to_owned(),
        start: "2026-05-28T08:00:00+02:00".to_owned(),
        warnings: vec!["a warning".to_owned()],
    }
}

fn commit(store: &Store, source: Source, reports: impl IntoIterator<Item = NewReport>) -> SourceId {
    let mut intake = store.intake(source, NOW);
    reports.into_iter().for_each(|report| intake.push(report).unwrap());
    intake.commit().wait().unwrap()
}

fn attempt(at: Millis) -> Attempt {
    Attempt { at, latency_ms: 12, status: Some(200), message: "well".to_owned() }
}

fn accepted() -> Settlement {
    Settlement::Accepted { receipt: "receipt 1".to_owned() }
}

fn refused() -> Settlement {
    Settlement::Refused { reason: "no such process".to_owned() }
}

fn lease(store: &Store, n: usize) -> Vec<Leased> {
    store.lease(n, NOW).wait().unwrap()
}

fn settle(store: &Store, ticket: Ticket, settlement: Settlement) {
    store.settle(ticket, attempt(NOW), settlement).wait().unwrap();
}

/// Leases everything due and delivers it.
fn deliver_all(store: &Store) -> Vec<Uuid> {
    let mut delivered = Vec::new();
    loop {
        let leased = lease(store, 100);
        if leased.is_empty() {
            return delivered;
        }
        for one in leased {
            settle(store, one.ticket, accepted());
            delivered.push(one.report_id);
        }
    }
}

fn no_problems(store: &Ground) {
    assert_eq!(store.view().books().unwrap().problems, Vec::<String>::new());
}
