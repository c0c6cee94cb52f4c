//! Forgetting what is old enough: archived days, files in Done folders, history. Hourly, in small steps.
//!
//! In a Done folder everything that came longer ago than it is kept is deleted, whoever put it there, except folders and
//! notes (`.error.txt`). A folder that is watched or takes rejected files is not touched, even where it is a Done folder too.
//! A clock that jumped ahead is believed from the next hour on: one that is put right before that costs nothing.

use crate::archive;
use crate::moving::is_copy;
use crate::rule::{NOTE_ENDING, Rule, same_folder};
use instance::PostAction;
use jiff::Timestamp;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};
use store::{Retention, Store};
use tokio_util::sync::CancellationToken;

const EVERY: Duration = Duration::from_secs(3600);
/// After the start the worker has better things to do.
const FIRST: Duration = Duration::from_secs(60);
/// Reports that were discarded by hand are kept so long, in case it was a mistake.
const DISCARDED_DAYS: u32 = 30;
/// A copy that is so old is not finished by anybody: its worker died over it.
const UNFINISHED: Duration = Duration::from_secs(86_400);
/// A clock that went on by so much more than the time that passed has jumped; ages are counted in days.
const JUMP: Duration = Duration::from_secs(86_400);

/// What to keep, in days; 0 is for ever.
#[derive(Debug, Clone)]
pub(crate) struct Keep {
    pub(crate) reports_days: u32,
    pub(crate) history_days: u32,
    pub(crate) done_days: u32,
    /// `reports/` of the instance.
    pub(crate) reports: PathBuf,
    /// Done folders into which rules move or zip, and into which nothing else of ours goes.
    pub(crate) done: Vec<PathBuf>,
    /// Every folder in which copies are made.
    pub(crate) filled: Vec<PathBuf>,
}

impl Keep {
    /// The Done folders of these rules that are filled by us, and are neither watched nor anybody's error folder.
    pub(crate) fn done_folders(rules: &[Arc<Rule>]) -> Vec<PathBuf> {
        let filled = |rule: &&Arc<Rule>| matches!(rule.post_action, PostAction::Move | PostAction::Zip);
        let other = |done: &Path| rules.iter().any(|rule| same_folder(done, &rule.folder) || same_folder(done, &rule.error_folder));
        rules.iter().filter(filled).map(|rule| rule.done_folder.clone()).filter(|done| !other(done)).collect()
    }

    /// Where these rules put files.
    pub(crate) fn filled_folders(rules: &[Arc<Rule>]) -> Vec<PathBuf> {
        rules.iter().flat_map(|rule| [rule.done_folder.clone(), rule.error_folder.clone()]).collect()
    }
}

/// Runs until `stop`.
pub(crate) async fn run(keep: Keep, store: Store, clock: fn() -> Timestamp, stop: CancellationToken) {
    let keep = Arc::new(keep);
    let mut wait = FIRST;
    let mut before = (clock(), Instant::now());
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(wait) => {}
        }
        wait = EVERY;
        let (files, now, tick) = (keep.clone(), clock(), Instant::now());
        let jumped = has_jumped(before.0, now, tick.saturating_duration_since(before.1));
        before = (now, tick);
        if jumped {
            tracing::warn!("the clock jumped ahead to {now}: nothing is deleted for its age in this hour");
            continue;
        }
        // A panic here is ours and told by the panic hook; the next hour tries again.
        let forgetting = tokio::task::spawn_blocking(move || forget_files(&files, now));
        tokio::select! {
            // A folder that hangs is not waited for; what is not deleted today is deleted another day.
            () = stop.cancelled() => return,
            _ended = forgetting => {}
        }
        if let Err(error) = forget_history(&store, history(&keep, now), &stop).await {
            tracing::warn!("the history cannot be shortened: {error}");
        }
    }
}

/// Whether the clock went ahead while only so much time passed. A computer that slept looks the same, and loses an hour.
fn has_jumped(before: Timestamp, now: Timestamp, passed: Duration) -> bool {
    Duration::try_from(now.duration_since(before)).is_ok_and(|went| went > passed + JUMP)
}

/// What the store may forget.
fn history(keep: &Keep, now: Timestamp) -> Retention {
    let before = |days: u32| if days == 0 { i64::MIN } else { now.as_millisecond() - i64::from(days) * 86_400_000 };
    Retention { history_before: before(keep.history_days), discarded_before: before(DISCARDED_DAYS) }
}

async fn forget_history(store: &Store, what: Retention, stop: &CancellationToken) -> Result<(), store::StoreError> {
    while store.retention(what).await?.more && !stop.is_cancelled() {}
    while store.checkpoint().await? && !stop.is_cancelled() {}
    Ok(())
}

fn forget_files(keep: &Keep, now: Timestamp) {
    if let Some(oldest) = archive::oldest_day(now, keep.reports_days) {
        told("archived reports", &keep.reports, archive::forget(&keep.reports, oldest));
    }
    let now = SystemTime::from(now);
    for folder in &keep.filled {
        told("unfinished copies", folder, forget(folder, now, UNFINISHED, is_copy));
    }
    if keep.done_days > 0 {
        let age = Duration::from_secs(u64::from(keep.done_days) * 86_400);
        for folder in &keep.done {
            told("converted files", folder, forget(folder, now, age, |name| !name.to_ascii_lowercase().ends_with(NOTE_ENDING)));
        }
    }
}

fn told(what: &str, folder: &Path, forgotten: io::Result<usize>) {
    match forgotten {
        Ok(0) => {}
        Ok(count) => tracing::info!("{count} {what} in {} were old enough and are deleted", folder.display()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => tracing::warn!("old {what} in {} cannot be deleted: {error}", folder.display()),
    }
}

/// Deletes the plain files of such names that came here longer than `age` ago; how many. One that cannot be deleted stops
/// no other.
fn forget(folder: &Path, now: SystemTime, age: Duration, which: impl Fn(&str) -> bool) -> io::Result<usize> {
    let mut count = 0;
    let mut failed = None;
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let Ok(metadata) = entry.metadata() else { continue };
        let old = came(&metadata).and_then(|came| now.duration_since(came).ok()).is_some_and(|found| found > age);
        if metadata.is_file() && old && which(&entry.file_name().to_string_lossy()) {
            match std::fs::remove_file(entry.path()) {
                Ok(()) => count += 1,
                Err(error) => failed = Some(error),
            }
        }
    }
    failed.map_or(Ok(count), Err)
}

/// When the file came to its folder, or was last written there: the latest time the system has for it.
fn came(metadata: &std::fs::Metadata) -> Option<SystemTime> {
    #[cfg(unix)]
    let moved = {
        use std::os::unix::fs::MetadataExt;
        let seconds = u64::try_from(metadata.ctime()).unwrap_or(0);
        Some(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds))
    };
    #[cfg(not(unix))]
    let moved = None;
    moved.max(metadata.modified().ok()).max(metadata.created().ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::File;

    const DAY: Duration = UNFINISHED;

    fn keep(done_days: u32, folder: &Path) -> Keep {
        let folders = vec![folder.to_owned()];
        Keep { reports_days: 0, history_days: 0, done_days, reports: PathBuf::new(), done: folders.clone(), filled: folders }
    }

    fn names(folder: &Path) -> Vec<String> {
        let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let mut names: Vec<String> = entries.collect();
        names.sort();
        names
    }

    fn in_days(days: u32) -> Timestamp {
        Timestamp::try_from(SystemTime::now() + days * DAY).unwrap()
    }

    #[test]
    fn a_file_is_kept_from_the_day_it_came_however_old_it_was_then_and_notes_and_folders_stay() {
        let folder = tempfile::tempdir().unwrap();
        File::create(folder.path().join("old.json")).unwrap().set_modified(SystemTime::now() - 900 * DAY).unwrap();
        File::create(folder.path().join("bad.json.error.txt")).unwrap();
        std::fs::create_dir(folder.path().join("sub")).unwrap();
        forget_files(&keep(30, folder.path()), in_days(29));
        assert_eq!(names(folder.path()), ["bad.json.error.txt", "old.json", "sub"]);
        forget_files(&keep(30, folder.path()), in_days(31));
        assert_eq!(names(folder.path()), ["bad.json.error.txt", "sub"]);
    }

    #[test]
    fn a_copy_that_nobody_finishes_is_deleted_after_a_day_and_nothing_else_is() {
        let folder = tempfile::tempdir().unwrap();
        let copy = crate::moving::Copy::begin(folder.path());
        File::create(copy.path()).unwrap();
        File::create(folder.path().join("others.part")).unwrap();
        forget_files(&keep(0, folder.path()), in_days(0));
        assert_eq!(names(folder.path()).len(), 2);
        forget_files(&keep(0, folder.path()), in_days(2));
        assert_eq!(names(folder.path()), ["others.part"]);
    }

    #[test]
    fn only_what_is_a_done_folder_and_nothing_else_is_cleared() {
        let rule = |watch: &str, done: &str, error: &str, post_action| {
            let folders = (watch.to_owned(), done.to_owned(), error.to_owned());
            let (watch_folder, done_folder, error_folder) = folders;
            let config = instance::WatchRule { watch_folder, done_folder, error_folder, post_action, ..instance::WatchRule::default() };
            Arc::new(Rule::new(0, &config).unwrap())
        };
        let rules = [
            rule("/a", "Done", "Error", PostAction::Move),
            rule("/b", "Done", "sub/../Done", PostAction::Move),
            rule("/c", "/d", "Error", PostAction::Zip),
            rule("/d", "Done", "Error", PostAction::Delete),
        ];
        assert_eq!(Keep::done_folders(&rules), [std::path::absolute("/a/Done").unwrap()]);
    }

    #[test]
    fn a_clock_that_jumps_ahead_makes_nothing_old_at_once() {
        let at = |days: i64| Timestamp::from_second(1_000_000_000 + days * 86_400).unwrap();
        let hour = Duration::from_secs(3600);
        for (went, jumped) in [(365, true), (2, true), (1, false), (0, false), (-1, false), (-365, false)] {
            assert_eq!(has_jumped(at(0), at(went), hour), jumped, "{went}");
        }
    }

    #[test]
    fn for_ever_is_for_ever() {
        let keep = keep(0, Path::new(""));
        let now = Timestamp::from_second(1_000_000_000).unwrap();
        assert_eq!(history(&keep, now).history_before, i64::MIN);
        let keep = Keep { history_days: 1, ..keep };
        assert_eq!(history(&keep, now).history_before, 1_000_000_000_000 - 86_400_000);
    }
}
