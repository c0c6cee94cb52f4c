//! The watches on the folders: set when a folder is there, set anew when it was deleted and made again.

use super::events::{Identity, Tap, identity, tap};
use crate::mounts;
use crate::rule::Rule;
use instance::Polling;
use notify::{Config, RecommendedWatcher, RecursiveMode, Watcher};
use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// How a folder is watched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Armed {
    /// Events come as well as scans. `anew`: from now on, so nothing is proven yet.
    Events { anew: bool },
    /// Only scans find files; why.
    Polling(String),
}

/// All watches; shared by the scans, each of which makes sure of its own folder first.
pub(super) struct Arms {
    watches: Mutex<Watches>,
    /// Folders with a rule that looks into sub-folders.
    deep: Vec<PathBuf>,
    /// Some watch does not work, maybe that on a folder that came later: all are set anew, and who cannot be watched is told so.
    failed: Arc<AtomicBool>,
}

struct Watches {
    watcher: Option<RecommendedWatcher>,
    /// What the system said when it refused to watch at all.
    refusal: String,
    set: HashMap<PathBuf, Identity>,
}

impl Arms {
    /// Starts watching nothing yet. Where the system refuses to watch at all, every rule polls.
    pub(super) fn new(rules: &[Arc<Rule>]) -> (Arms, Tap) {
        let folders = rules.iter().map(|rule| rule.folder.clone()).collect();
        let deep = rules.iter().filter(|rule| rule.recursive).map(|rule| rule.folder.clone()).collect();
        let (callback, tap) = tap(folders);
        let (watcher, refusal) = match RecommendedWatcher::new(callback, Config::default().with_follow_symlinks(false)) {
            Ok(watcher) => (Some(watcher), String::new()),
            Err(error) => (None, error.to_string()),
        };
        let failed = tap.failed.clone();
        (Arms { watches: Mutex::new(Watches { watcher, refusal, set: HashMap::new() }), deep, failed }, tap)
    }

    /// A folder that is not there is not watched any more, whatever is made in its place.
    fn disarm(&self, rule: &Rule) {
        let mut watches = self.watches.lock().unwrap_or_else(PoisonError::into_inner);
        if watches.set.remove(&rule.folder).is_some()
            && let Some(watcher) = watches.watcher.as_mut()
        {
            let _gone_already = watcher.unwatch(&rule.folder);
        }
    }

    /// Makes sure that the rule's folder is watched as it should be. An error means that the folder is not there.
    pub(super) fn arm(&self, rule: &Rule) -> std::io::Result<Armed> {
        let here = identity(&rule.folder).inspect_err(|_| self.disarm(rule))?;
        if rule.polling == Polling::Always {
            return Ok(Armed::Polling("polling is set to always".to_owned()));
        }
        let deep = self.deep.contains(&rule.folder);
        // Setting a watch in a share that hangs would keep everybody else from setting one.
        if let Some(share) = mounts::share(&rule.folder, deep) {
            return Ok(Armed::Polling(format!("it is on a share, or one is in it ({share})")));
        }
        let mut watches = self.watches.lock().unwrap_or_else(PoisonError::into_inner);
        if self.failed.swap(false, Ordering::Relaxed) {
            watches.set.clear();
        }
        if watches.set.get(&rule.folder) == Some(&here) {
            return Ok(Armed::Events { anew: false });
        }
        let known_before = watches.set.remove(&rule.folder).is_some();
        let refusal = watches.refusal.clone();
        let Some(watcher) = watches.watcher.as_mut() else {
            return Ok(Armed::Polling(format!("the system refuses to watch folders: {refusal}")));
        };
        if known_before {
            // The watch went with the old folder on most systems; where it did not, it must go now.
            let _gone_already = watcher.unwatch(&rule.folder);
        }
        let mode = if deep { RecursiveMode::Recursive } else { RecursiveMode::NonRecursive };
        match watcher.watch(&rule.folder, mode) {
            Ok(()) => {
                watches.set.insert(rule.folder.clone(), here);
                Ok(Armed::Events { anew: true })
            }
            Err(error) => Ok(Armed::Polling(format!("the system refuses to watch the folder: {error}"))),
        }
    }
}
