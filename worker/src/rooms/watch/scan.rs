//! The scan: what is really in a rule's folder. It is the truth; events only make it faster.

use super::pulse::Pulse;
use crate::moving::return_stray;
use crate::rule::Rule;
use crate::way::{Fingerprint, Hint, Sighting};
use std::collections::BTreeSet;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::SystemTime;

/// Files told at a time.
const BATCH: usize = 256;
/// Names of what is left alone that are kept.
const ODD: usize = 20;

/// How a scan went.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) files: usize,
    /// A folder below that could not be read, and why; the other ones were.
    pub(super) unreadable: Option<String>,
    /// What has the name of a source and is no plain file; not more than a few of them.
    pub(super) odd: BTreeSet<PathBuf>,
}

/// Tells every file of the rule that is in its folder now, in batches; `tell` answers false when nobody listens any more.
///
/// An error means that the folder itself could not be read. Links are not followed, and what is no plain file is ignored.
pub(super) fn scan(rule: &Arc<Rule>, now: SystemTime, pulse: &Pulse, mut tell: impl FnMut(Vec<Sighting>) -> bool) -> io::Result<Found> {
    let mut found = Found::default();
    let mut folders = vec![rule.folder.clone()];
    let mut batch = Vec::new();
    while let Some(folder) = folders.pop() {
        pulse.asks();
        let entries = match std::fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(error) if folder == rule.folder => return Err(error),
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(error) => {
                found.unreadable = Some(format!("{}: {error}", folder.display()));
                continue;
            }
        };
        for entry in entries {
            let entry = entry?;
            pulse.asks();
            match look(rule, &entry, now) {
                Look::File(path, print) => batch.push(Sighting { rule: rule.clone(), path: path.into(), hint: Hint::Scanned(print) }),
                Look::Folder(below) => folders.push(below),
                Look::Odd(path) => {
                    if found.odd.len() < ODD {
                        found.odd.insert(path);
                    }
                }
                Look::Nothing => {}
            }
            if batch.len() >= BATCH {
                found.files += batch.len();
                if !tell(std::mem::take(&mut batch)) {
                    return Ok(found);
                }
            }
        }
    }
    found.files += batch.len();
    if !batch.is_empty() {
        tell(batch);
    }
    Ok(found)
}

enum Look {
    File(PathBuf, Fingerprint),
    Folder(PathBuf),
    /// A link, a pipe, a socket or a device.
    Odd(PathBuf),
    Nothing,
}

/// An entry that vanishes while it is looked at is nothing: that is every second file of a busy folder. What was being filed
/// when a worker died gets its name back here.
fn look(rule: &Rule, entry: &std::fs::DirEntry, now: SystemTime) -> Look {
    let path = entry.path();
    match entry.file_type() {
        Ok(kind) if kind.is_dir() && rule.recursive && rule.enters(&path) => Look::Folder(path),
        Ok(kind) if kind.is_file() => match return_stray(&path) {
            Some(returned) => file(rule, now, returned, |path| std::fs::symlink_metadata(path)),
            None => file(rule, now, path, |_| entry.metadata()),
        },
        Ok(kind) if !kind.is_dir() && rule.wants(&path) => Look::Odd(path),
        _ => Look::Nothing,
    }
}

fn file(rule: &Rule, now: SystemTime, path: PathBuf, measure: impl Fn(&PathBuf) -> io::Result<std::fs::Metadata>) -> Look {
    match rule.wants(&path).then(|| measure(&path)) {
        Some(Ok(metadata)) if rule.out_of_bounds(metadata.len(), age(&metadata, now)).is_none() => {
            Look::File(path, Fingerprint::of(&metadata))
        }
        _ => Look::Nothing,
    }
}

fn age(metadata: &std::fs::Metadata, now: SystemTime) -> std::time::Duration {
    metadata.modified().ok().and_then(|modified| now.duration_since(modified).ok()).unwrap_or_default()
}

#[cfg(test)]
mod tests;
