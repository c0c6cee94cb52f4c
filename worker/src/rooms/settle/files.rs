//! The files the settle room remembers, and when each is due. No clock and no file system of its own.

use super::patience::{Patience, Trial, Writer, next_attempt};
use crate::rule::Rule;
use crate::way::{Fate, Fingerprint, Hint, Landing, SettledFile, Sighting};
use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap, HashMap};
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

/// Files in trouble that are remembered at most; of more of them the next scan tells again.
const MOST_TROUBLED: usize = 20_000;

/// One file, from the first sighting until it has left the folder.
struct File {
    rule: Arc<Rule>,
    seen: Option<Fingerprint>,
    changed_at: Instant,
    writer: Writer,
    trial: Trial,
    place: Place,
    /// The last scan of its folder that saw it; a kept file that a scan does not see is forgotten.
    scan: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Coming to rest.
    Waiting { due: Instant },
    /// At rest, in the order of `ready`.
    Ready { last_try: bool },
    /// With the next room; `again` when something new was seen meanwhile.
    Away { again: Option<Hint> },
    /// Done with, and still there; not touched while it stays as it is.
    Kept,
}

/// All files between a first sighting and a landing.
#[derive(Default)]
pub(crate) struct Files {
    files: HashMap<Arc<Path>, File>,
    due: BTreeSet<(Instant, Arc<Path>)>,
    ready: BinaryHeap<Reverse<(u8, u64, Arc<Path>)>>,
    sequence: u64,
    away: usize,
    kept: usize,
    troubled: usize,
    /// Scan number per rule.
    scans: HashMap<usize, u32>,
}

impl Files {
    /// Files that wait, are ready or are under way; kept ones do not count.
    pub(crate) fn active(&self) -> usize {
        self.files.len() - self.kept
    }

    /// Files that could not be read, committed or filed, time after time; they are tried again.
    pub(crate) fn troubled(&self) -> usize {
        self.troubled
    }

    /// Files that are with the next rooms.
    pub(crate) fn away(&self) -> usize {
        self.away
    }

    pub(crate) fn any_ready(&self) -> bool {
        !self.ready.is_empty()
    }

    /// The moment the next file comes due.
    pub(crate) fn next_due(&self) -> Option<Instant> {
        self.due.first().map(|(due, _)| *due)
    }

    pub(crate) fn sight(&mut self, sighting: Sighting, now: Instant) {
        let Sighting { rule, path, hint } = sighting;
        let scan = self.scans.get(&rule.index).copied().unwrap_or(0);
        let Some(file) = self.files.get_mut(&path) else {
            let (seen, writer) = told(hint, None, Writer::Unknown);
            let file = File { rule, seen, changed_at: now, writer, trial: Trial::None, place: Place::Kept, scan };
            self.files.insert(path.clone(), file);
            self.kept += 1;
            return self.wait(&path);
        };
        if rule.index <= file.rule.index {
            (file.rule, file.scan) = (rule, scan);
        }
        if hint == Hint::Scanned(file.seen.unwrap_or(Fingerprint { size: 0, mtime_ns: i64::MIN })) {
            return;
        }
        match &mut file.place {
            // What a scan measures while we work on the file is checked by the room that has it.
            Place::Away { .. } if matches!(hint, Hint::Scanned(_)) => {}
            Place::Away { again } => *again = Some(hint),
            _ => {
                let first_measure = file.seen.is_none() && matches!(hint, Hint::Scanned(_));
                (file.seen, file.writer) = told(hint, file.seen, file.writer);
                if !first_measure {
                    file.changed_at = now;
                    file.trial = after_change(file.trial);
                }
                self.wait(&path);
            }
        }
    }

    /// Moves what has rested long enough to `ready`.
    pub(crate) fn ripen(&mut self, now: Instant) {
        while let Some((due, path)) = self.due.first().cloned().filter(|(due, _)| *due <= now) {
            self.due.remove(&(due, path.clone()));
            if let Some(file) = self.files.get_mut(&path) {
                let last_try = attempt(file).last_try;
                file.place = Place::Ready { last_try };
                self.sequence += 1;
                self.ready.push(Reverse((file.rule.priority, self.sequence, path)));
            }
        }
    }

    /// The next file to hand on: by priority, then in the order they came to rest.
    pub(crate) fn take(&mut self) -> Option<SettledFile> {
        while let Some(Reverse((_, _, path))) = self.ready.pop() {
            let Some(file) = self.files.get_mut(&path) else { continue };
            if let Place::Ready { last_try } = file.place {
                file.place = Place::Away { again: None };
                self.away += 1;
                return Some(SettledFile { rule: file.rule.clone(), path, expect: file.seen, last_try });
            }
        }
        None
    }

    pub(crate) fn land(&mut self, landing: Landing, now: Instant) {
        let Landing { path, fate } = landing;
        let Some(file) = self.files.get_mut(&path) else { return };
        let Place::Away { again } = file.place else { return };
        self.away -= 1;
        let before = std::mem::replace(&mut file.trial, Trial::None);
        self.troubled -= usize::from(before.is_lasting_trouble());
        let (trial, seen) = match (fate, again) {
            (Fate::Gone, None) => {
                self.files.remove(&path);
                return;
            }
            (Fate::Kept(seen), None) => {
                (file.seen, file.place) = (Some(seen), Place::Kept);
                self.kept += 1;
                return;
            }
            // Something new came under the same name while the old one was taken.
            (Fate::Gone | Fate::Kept(_), Some(_)) => (Trial::None, None),
            (Fate::Changed(seen), _) => (Trial::Hasty, seen),
            (Fate::Incomplete(seen), None) => (Trial::Incomplete, Some(seen)),
            (Fate::Empty(seen), None) => (Trial::Empty, Some(seen)),
            (Fate::Incomplete(_), Some(_)) => (Trial::Hasty, None),
            (Fate::Empty(_), Some(_)) => (Trial::None, None),
            (Fate::Later(_), _) => (before.failed_again(), None),
        };
        if trial.is_lasting_trouble() && self.troubled >= MOST_TROUBLED {
            self.files.remove(&path);
            return;
        }
        self.troubled += usize::from(trial.is_lasting_trouble());
        (file.trial, file.seen, file.changed_at) = (trial, seen, now);
        if let Some(hint) = again {
            (_, file.writer) = told(hint, None, file.writer);
        }
        self.wait(&path);
    }

    /// A scan of the rule's folder begins to be told; what it does not tell is not there.
    pub(crate) fn scanned(&mut self, rule: &Rule) {
        let scan = self.scans.entry(rule.index).or_insert(0);
        let (told, kept) = (*scan, &mut self.kept);
        self.files.retain(|_, file| {
            let gone = file.rule.index == rule.index && file.place == Place::Kept && file.scan < told;
            *kept -= usize::from(gone);
            !gone
        });
        *scan += 1;
    }

    /// Forgets what was left alone, so that the next scan brings it again.
    pub(crate) fn forget_kept(&mut self) {
        self.files.retain(|_, file| file.place != Place::Kept);
        self.kept = 0;
    }

    fn wait(&mut self, path: &Arc<Path>) {
        let Some(file) = self.files.get_mut(path) else { return };
        match file.place {
            Place::Waiting { due } => {
                self.due.remove(&(due, path.clone()));
            }
            Place::Kept => self.kept -= 1,
            Place::Ready { .. } | Place::Away { .. } => {}
        }
        let due = attempt(file).at;
        file.place = Place::Waiting { due };
        self.due.insert((due, path.clone()));
    }
}

fn attempt(file: &File) -> super::patience::Attempt {
    let patience = Patience { settle: file.rule.settle, min_age: file.rule.min_age, probes: cfg!(windows) };
    next_attempt(file.changed_at, file.writer, file.trial, patience)
}

/// What a hint says about the file's state and its writer.
fn told(hint: Hint, seen: Option<Fingerprint>, writer: Writer) -> (Option<Fingerprint>, Writer) {
    match hint {
        Hint::Scanned(now) => (Some(now), if seen.is_some_and(|before| before != now) { Writer::Unknown } else { writer }),
        Hint::Appeared => (None, Writer::Unknown),
        Hint::Touched => (None, Writer::Open),
        Hint::Closed => (None, Writer::Closed),
    }
}

/// What is left of the last attempt when the file has changed since.
fn after_change(trial: Trial) -> Trial {
    match trial {
        Trial::None | Trial::Empty => Trial::None,
        Trial::Hasty | Trial::Incomplete => Trial::Hasty,
        Trial::Failed(times) => Trial::Failed(times),
    }
}

#[cfg(test)]
mod tests;
