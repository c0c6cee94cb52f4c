//! Forgetting what is old enough: archived days, files in Done folders, history. Hourly, in small steps.

use crate::archive;
use crate::rule::Rule;
use instance::PostAction;
use jiff::Timestamp;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};
use store::{Retention, Store};
use tokio_util::sync::CancellationToken;

const EVERY: Duration = Duration::from_secs(3600);
/// After the start the worker has better things to do.
const FIRST: Duration = Duration::from_secs(60);
/// Reports that were discarded by hand are kept so long, in case it was a mistake.
const DISCARDED_DAYS: u32 = 30;

/// What to keep, in days; 0 is for ever.
#[derive(Debug, Clone)]
pub(crate) struct Keep {
    pub(crate) reports_days: u32,
    pub(crate) history_days: u32,
    pub(crate) done_days: u32,
    /// `reports/` of the instance.
    pub(crate) reports: PathBuf,
    /// Done folders into which rules move or zip.
    pub(crate) done: Vec<PathBuf>,
}

impl Keep {
    /// The Done folders of these rules that are filled by us.
    pub(crate) fn done_folders(rules: &[Arc<Rule>]) -> Vec<PathBuf> {
        let filled = |rule: &&Arc<Rule>| matches!(rule.post_action, PostAction::Move | PostAction::Zip);
        rules.iter().filter(filled).map(|rule| rule.done_folder.clone()).collect()
    }
}

/// Runs until `stop`.
pub(crate) async fn run(keep: Keep, store: Store, clock: fn() -> Timestamp, stop: CancellationToken) {
    let keep = Arc::new(keep);
    let mut wait = FIRST;
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(wait) => {}
        }
        wait = EVERY;
        let (files, now) = (keep.clone(), clock());
        // A panic here is ours and told by the panic hook; the next hour tries again.
        let _ended = tokio::task::spawn_blocking(move || forget_files(&files, now)).await;
        if let Err(error) = forget_history(&store, history(&keep, now), &stop).await {
            tracing::warn!("the history cannot be shortened: {error}");
        }
    }
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
    if keep.done_days > 0 {
        let age = Duration::from_secs(u64::from(keep.done_days) * 86_400);
        for folder in &keep.done {
            told("converted files", folder, forget_done(folder, SystemTime::from(now), age));
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

/// Deletes the plain files that came here longer than `age` ago; how many.
fn forget_done(folder: &Path, now: SystemTime, age: Duration) -> io::Result<usize> {
    let mut count = 0;
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let metadata = entry.metadata()?;
        let old = came(&metadata).and_then(|came| now.duration_since(came).ok()).is_some_and(|found| found > age);
        if metadata.is_file() && old {
            std::fs::remove_file(entry.path())?;
            count += 1;
        }
    }
    Ok(count)
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

    #[test]
    fn a_file_is_kept_from_the_day_it_came_however_old_it_was_then() {
        let folder = tempfile::tempdir().unwrap();
        let now = SystemTime::now();
        let day = Duration::from_secs(86_400);
        File::create(folder.path().join("old.json")).unwrap().set_modified(now - 900 * day).unwrap();
        std::fs::create_dir(folder.path().join("sub")).unwrap();
        assert_eq!(forget_done(folder.path(), now, 30 * day).unwrap(), 0);
        assert_eq!(forget_done(folder.path(), now + 31 * day, 30 * day).unwrap(), 1);
        assert!(folder.path().join("sub").exists());
    }

    #[test]
    fn for_ever_is_for_ever() {
        let keep = Keep { reports_days: 0, history_days: 0, done_days: 0, reports: PathBuf::new(), done: vec![] };
        let now = Timestamp::from_second(1_000_000_000).unwrap();
        assert_eq!(history(&keep, now).history_before, i64::MIN);
        let keep = Keep { history_days: 1, ..keep };
        assert_eq!(history(&keep, now).history_before, 1_000_000_000_000 - 86_400_000);
    }
}
