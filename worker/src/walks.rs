//! Where the files are that have been taken up and are not filed yet, and when each step of their way began.
//!
//! The rooms write, the heartbeat reads. A file is on the list as long as its [`Walk`] lives: what is lost, by whatever fault,
//! cannot stay on it. How many files can be on it is bounded by the channels between the rooms.

use jiff::Timestamp;
use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// A step on the way of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Step {
    /// It is read and converted.
    Converting,
    /// Its reports wait to be committed.
    Committing,
    /// Its reports are in the store; its post action waits or runs.
    Filing,
}

/// The way of one file so far.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Journey {
    /// Index of the watch rule.
    pub(crate) rule: usize,
    pub(crate) path: Arc<Path>,
    /// Each step with its beginning; the last one is where it is.
    pub(crate) steps: Vec<(Step, Timestamp)>,
}

/// All walks; every copy is the same list.
#[derive(Clone, Default)]
pub(crate) struct Walks(Arc<Mutex<List>>);

#[derive(Default)]
struct List {
    next: u64,
    walking: BTreeMap<u64, Journey>,
    /// How many have left a step of a rule.
    left: HashMap<(usize, Step), u64>,
}

/// How it stands at one step of a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Standing {
    /// Files that are there, the one that has been there longest first.
    pub(crate) waiting: Vec<u64>,
    /// How many have left it: when this stays, nothing moves.
    pub(crate) left: u64,
}

/// A file on its way, until dropped.
pub(crate) struct Walk {
    walks: Walks,
    id: u64,
}

impl Walks {
    /// A file is taken up to be converted.
    pub(crate) fn begin(&self, rule: usize, path: Arc<Path>, now: Timestamp) -> Walk {
        let mut list = self.list();
        let id = list.next;
        list.next += 1;
        list.walking.insert(id, Journey { rule, path, steps: vec![(Step::Converting, now)] });
        drop(list);
        Walk { walks: self.clone(), id }
    }

    /// Every step of every rule at which there is a file.
    pub(crate) fn standing(&self) -> BTreeMap<(usize, Step), Standing> {
        let list = self.list();
        let mut all: BTreeMap<(usize, Step), Standing> = BTreeMap::new();
        for (id, journey) in &list.walking {
            let Some((step, _)) = journey.steps.last() else { continue };
            let key = (journey.rule, *step);
            let left = list.left.get(&key).copied().unwrap_or(0);
            all.entry(key).or_insert_with(|| Standing { waiting: Vec::new(), left }).waiting.push(*id);
        }
        all
    }

    /// The way of one file; `None` when it has ended.
    pub(crate) fn journey(&self, id: u64) -> Option<Journey> {
        self.list().walking.get(&id).cloned()
    }

    fn list(&self) -> MutexGuard<'_, List> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Walk {
    /// The file goes on to the next step.
    pub(crate) fn step(&self, step: Step, now: Timestamp) {
        let mut list = self.walks.list();
        let Some(journey) = list.walking.get_mut(&self.id) else { return };
        let before = journey.steps.last().map(|(before, _)| (journey.rule, *before));
        journey.steps.push((step, now));
        if let Some(before) = before {
            *list.left.entry(before).or_default() += 1;
        }
    }
}

impl Drop for Walk {
    fn drop(&mut self) {
        let mut list = self.walks.list();
        let ended = list.walking.remove(&self.id);
        if let Some((rule, (step, _))) = ended.and_then(|journey| journey.steps.last().copied().map(|last| (journey.rule, last))) {
            *list.left.entry((rule, step)).or_default() += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_on_the_list_from_its_taking_up_to_its_end_with_the_time_of_each_step() {
        let walks = Walks::default();
        let at = |second| Timestamp::from_second(second).unwrap();
        let first = walks.begin(0, Path::new("/in/a").into(), at(1));
        let second = walks.begin(0, Path::new("/in/b").into(), at(2));
        first.step(Step::Filing, at(3));
        let standing = walks.standing();
        assert_eq!(standing[&(0, Step::Converting)], Standing { waiting: vec![1], left: 1 });
        assert_eq!(standing[&(0, Step::Filing)], Standing { waiting: vec![0], left: 0 });
        let steps = walks.journey(0).unwrap().steps;
        assert_eq!(steps, [(Step::Converting, at(1)), (Step::Filing, at(3))]);
        drop(first);
        drop(second);
        assert!(walks.standing().is_empty() && walks.journey(0).is_none());
    }
}
