//! What lies about: queue files set aside, a log that is gone, and what a killed worker left in the folders.
//!
//! In the folders only of a worker that does not run: what a running one holds or copies is on its way.

use super::{Check, Subject};
use crate::moving::{is_copy, is_held};
use crate::rule::Rule;
use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// A temporary file of the settings or the status so old is nobody's.
const OLD: Duration = Duration::from_secs(3600);
/// How long a log that is being made is waited for.
const MADE: Duration = Duration::from_secs(2);

/// Queue files that a rescue left.
pub(super) fn beside_the_queue(subject: &Subject<'_>, check: &mut Check) {
    let database = subject.layout.queue_db();
    let Some((folder, name)) = database.parent().zip(database.file_name()) else { return };
    for path in entries(folder) {
        let found = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let Some(ending) = found.strip_prefix(&*name.to_string_lossy()) else { continue };
        if ending.ends_with("-wal") || ending.ends_with("-shm") {
            continue;
        }
        let shown = path.display().to_string();
        if ending.starts_with(".damaged-") {
            check.warning(shown, "is a queue file that was set aside", "delete it once the sources of that time are known to have arrived");
        } else if ending.starts_with(".rescue") && !subject.running {
            check.fault(shown, "is a rescue that was interrupted", "start the worker: it finishes it");
        }
    }
}

/// Whether the log of the queue is missing under a running worker: then a look at the file would make another one, and
/// what was committed last is in neither.
pub(super) fn log_is_gone(subject: &Subject<'_>, check: &mut Check) -> bool {
    let database = subject.layout.queue_db();
    let log = with_ending(&database, "-wal");
    if log.exists() || !database.exists() || !(subject.running || subject.crashed) {
        return false;
    }
    if subject.crashed {
        let what = "is not there, although the worker ended without tidying up: what it committed last may be lost";
        check.warning(log.display().to_string(), what, "look whether the last sources arrived, and bring them again where not");
        return false;
    }
    // One that has just started makes it in a moment.
    std::thread::sleep(MADE);
    if log.exists() {
        return false;
    }
    let what = "was deleted under the running worker: what was committed last is only in the file it has open";
    check.fault(log.display().to_string(), what, "`lineside restart`: at its end the worker writes what it has open; then verify again");
    true
}

/// Files that a killed worker was in the middle of.
pub(super) fn about(subject: &Subject<'_>, check: &mut Check) {
    check.looked(0);
    temporary(subject.layout.dir(), check);
    if subject.running {
        return;
    }
    let mut folders: Vec<PathBuf> = Vec::new();
    for rule in subject.rules() {
        folders.extend(watched(&rule));
        folders.extend([rule.done_folder, rule.error_folder]);
    }
    folders.sort();
    folders.dedup();
    for path in folders.iter().flat_map(|folder| entries(folder)) {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if is_held(&name) {
            check.warning(path.display().to_string(), "was being filed when a worker died", "start the worker: it gives it its name back");
        } else if is_copy(&name) {
            check.warning(path.display().to_string(), "is a copy that was not finished", "nothing: the worker deletes it after a day");
        }
    }
}

fn temporary(folder: &Path, check: &mut Check) {
    for path in entries(folder) {
        check.looked(1);
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let age = fs::metadata(&path).and_then(|file| file.modified()).map(|at| SystemTime::now().duration_since(at).unwrap_or_default());
        if name.starts_with('.') && name.ends_with(".tmp") && age.is_ok_and(|age| age > OLD) {
            check.warning(path.display().to_string(), "is a temporary file of a process that was killed", "delete it");
        }
    }
}

/// The folder of a rule, and those below it that it looks into.
fn watched(rule: &Rule) -> Vec<PathBuf> {
    let mut all = vec![rule.folder.clone()];
    let mut next = 0;
    while rule.recursive && next < all.len() {
        let below = entries(&all[next]).filter(|path| fs::symlink_metadata(path).is_ok_and(|found| found.is_dir()) && rule.enters(path));
        let below: Vec<PathBuf> = below.collect();
        all.extend(below);
        next += 1;
    }
    all
}

/// What is in a folder; nothing in one that cannot be read, which `doctor` tells.
fn entries(folder: &Path) -> impl Iterator<Item = PathBuf> + use<> {
    fs::read_dir(folder).into_iter().flatten().filter_map(io::Result::ok).map(|entry| entry.path())
}

fn with_ending(path: &Path, ending: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(ending);
    PathBuf::from(name)
}
