//! The tester of a shift: writes files of every kind into the folder, for as long as it is let.

use crate::tester::{Produced, no_report, report};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use std::collections::BTreeSet;
use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// A process that the server does not know: it refuses the report.
const NO_PROCESS: &str = "\"processName\":\"No such process\"";

/// What has been written so far.
#[derive(Default)]
pub(super) struct Written {
    /// Every report, the one that is being written included.
    pub(super) reports: Vec<Produced>,
    /// Files that are no reports.
    pub(super) others: Vec<Produced>,
    /// Serial numbers of reports that the server refuses.
    pub(super) refused: BTreeSet<String>,
    /// Serial number of the report that is being written and is not whole yet.
    pub(super) unfinished: Option<String>,
    /// Whole files.
    pub(super) files: u64,
}

/// The tester and its folders.
pub(super) struct Hopper {
    /// Where a file is written that comes whole.
    pub(super) beside: PathBuf,
    pub(super) folder: PathBuf,
    written: Mutex<Written>,
    done: AtomicBool,
}

impl Hopper {
    pub(super) fn new(beside: PathBuf, folder: PathBuf) -> Self {
        Self { beside, folder, written: Mutex::default(), done: AtomicBool::new(false) }
    }

    /// What was written; while it is held nothing new appears.
    pub(super) fn written(&self) -> MutexGuard<'_, Written> {
        self.written.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// No further file is begun.
    pub(super) fn stop(&self) {
        self.done.store(true, Ordering::Relaxed);
    }

    /// Writes files until it is stopped.
    pub(super) fn run(&self, name: &str, seed: u64) {
        let mut chance = StdRng::seed_from_u64(seed);
        for n in 0.. {
            if self.done.load(Ordering::Relaxed) {
                return;
            }
            let file = format!("{n:05}.json");
            let mut produced = report(name, n);
            match n % 20 {
                7 => self.other(&file, no_report(format!("this is no report: {name} {n}").as_bytes())),
                13 => {
                    produced.bytes = String::from_utf8_lossy(&produced.bytes).replace("\"processCode\":20", NO_PROCESS).into_bytes();
                    self.written().refused.insert(produced.sn.clone());
                    self.whole(&file, produced);
                }
                3 => self.again(&file, &mut chance),
                5 | 15 => self.slowly(&file, produced, &mut chance),
                _ => self.whole(&file, produced),
            }
            std::thread::sleep(Duration::from_millis(chance.random_range(5..45)));
        }
    }

    fn put(&self, file: &str, bytes: &[u8]) {
        let beside = self.beside.join(file);
        fs::write(&beside, bytes).expect("the station's disk");
        fs::rename(beside, self.folder.join(file)).expect("the watch folder is there");
    }

    fn whole(&self, file: &str, produced: Produced) {
        let mut written = self.written();
        self.put(file, &produced.bytes);
        written.reports.push(produced);
        written.files += 1;
    }

    fn other(&self, file: &str, produced: Produced) {
        let mut written = self.written();
        self.put(file, &produced.bytes);
        written.others.push(produced);
        written.files += 1;
    }

    /// The content of an earlier report under a new name.
    fn again(&self, file: &str, chance: &mut StdRng) {
        let mut written = self.written();
        if written.reports.is_empty() {
            return;
        }
        let earlier = chance.random_range(0..written.reports.len());
        self.put(file, &written.reports[earlier].bytes);
        written.files += 1;
    }

    /// In its place, piece by piece, with the file held open.
    fn slowly(&self, file: &str, produced: Produced, chance: &mut StdRng) {
        let mut written = self.written();
        written.unfinished = Some(produced.sn.clone());
        written.reports.push(produced.clone());
        drop(written);
        let mut open = OpenOptions::new().create_new(true).append(true).open(self.folder.join(file)).expect("the watch folder is there");
        for piece in produced.bytes.chunks(produced.bytes.len() / 3 + 1) {
            open.write_all(piece).expect("the station's disk");
            std::thread::sleep(Duration::from_millis(chance.random_range(5..60)));
        }
        drop(open);
        let mut written = self.written();
        written.unfinished = None;
        written.files += 1;
    }
}
