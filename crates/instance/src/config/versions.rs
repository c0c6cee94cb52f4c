//! The settings of before: what a save replaces is kept in `versions/`, the last ten, each under the time it was saved at.
//!
//! Promises: no clock is asked: the time is that of the file which is replaced. A version that cannot be read is passed over.

use std::{
    fs, io,
    path::PathBuf,
    time::{SystemTime, UNIX_EPOCH},
};

use serde_json::Value;

use super::text::parse;
use crate::{
    Layout,
    replace::{Durability, replace},
};

/// Versions that are kept.
const KEPT: usize = 10;

/// Settings as they were.
#[derive(Debug, Clone, PartialEq)]
pub struct Version {
    /// Name of its file.
    pub name: String,
    /// When they were saved, in epoch milliseconds.
    pub saved_at: i64,
    /// The raw document.
    pub value: Value,
}

/// The settings of before, newest first.
///
/// # Errors
/// When the folder is there and cannot be listed; the text names it.
pub fn versions(layout: &Layout) -> io::Result<Vec<Version>> {
    let read = |(saved_at, path): (i64, PathBuf)| {
        let (_, value) = parse(&fs::read(&path).ok()?).ok()?;
        Some(Version { name: path.file_name()?.to_str()?.to_owned(), saved_at, value })
    };
    Ok(files(layout)?.into_iter().rev().filter_map(read).collect())
}

/// Keeps what is about to be replaced, and forgets the oldest ones beyond ten.
pub(super) fn keep(layout: &Layout, former: &[u8]) -> Result<(), (PathBuf, io::Error)> {
    let folder = layout.versions();
    let config = layout.config();
    let saved = fs::metadata(&config).and_then(|about| about.modified()).map_err(|error| (config, error))?;
    let file = folder.join(format!("{}.json", millis(saved)));
    fs::create_dir_all(&folder).map_err(|error| (folder.clone(), error))?;
    replace(&file, former, 0o600, Durability::Synced).map_err(|error| (file.clone(), error))?;
    // Also when its time lies before all of theirs, as that of settings copied from elsewhere does.
    let mut others = files(layout).map_err(|error| (folder, error))?;
    others.retain(|(_, path)| *path != file);
    for (_, old) in &others[..others.len().saturating_sub(KEPT - 1)] {
        fs::remove_file(old).map_err(|error| (old.clone(), error))?;
    }
    Ok(())
}

fn millis(at: SystemTime) -> i64 {
    at.duration_since(UNIX_EPOCH).ok().and_then(|since| i64::try_from(since.as_millis()).ok()).unwrap_or_default()
}

/// The files with their times, oldest first.
fn files(layout: &Layout) -> io::Result<Vec<(i64, PathBuf)>> {
    let folder = layout.versions();
    let entries = match fs::read_dir(&folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(io::Error::new(error.kind(), format!("{}: {error}", folder.display()))),
    };
    let time = |path: &PathBuf| path.file_name()?.to_str()?.strip_suffix(".json")?.parse::<i64>().ok();
    let mut files: Vec<_> = entries.flatten().map(|entry| entry.path()).filter_map(|path| Some((time(&path)?, path))).collect();
    files.sort();
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Scope, config::Document};

    #[test]
    fn the_last_ten_settings_are_kept_newest_first() {
        let dir = tempfile::tempdir().unwrap();
        let layout = Layout::at(dir.path(), Scope::User);
        assert_eq!(versions(&layout).unwrap(), []);
        for n in 0..13 {
            let mut document = Document::open(&layout).unwrap_or_else(|_| Document::create());
            document.set("location", format!("hall {n}").into()).unwrap();
            document.save(&layout).unwrap();
            // as if it had been saved then
            let at = UNIX_EPOCH + std::time::Duration::from_secs(1_000 + n);
            fs::File::options().write(true).open(layout.config()).unwrap().set_modified(at).unwrap();
        }
        let kept = versions(&layout).unwrap();
        assert_eq!(kept.len(), KEPT);
        assert_eq!((kept[0].saved_at, kept[0].value["location"].as_str()), (1_011_000, Some("hall 11")));
        assert_eq!(kept[9].value["location"], "hall 2");
        fs::write(layout.versions().join("7.json"), "{").unwrap();
        assert_eq!(versions(&layout).unwrap().len(), KEPT, "one that cannot be read is passed over");
    }

    #[test]
    fn settings_of_a_time_before_all_others_are_kept_when_they_are_replaced() {
        let dir = tempfile::tempdir().unwrap();
        let layout = Layout::at(dir.path(), Scope::User);
        fs::create_dir_all(layout.versions()).unwrap();
        (1..=KEPT).for_each(|n| fs::write(layout.versions().join(format!("{n}000.json")), "{}").unwrap());
        fs::write(layout.config(), "{}").unwrap();
        fs::File::options().write(true).open(layout.config()).unwrap().set_modified(UNIX_EPOCH).unwrap();
        keep(&layout, br#"{"location": "copied"}"#).unwrap();
        let kept = versions(&layout).unwrap();
        assert_eq!((kept.len(), kept[9].saved_at, kept[9].value["location"].as_str()), (KEPT, 0, Some("copied")));
    }

    #[test]
    fn saving_what_is_there_keeps_no_version() {
        let dir = tempfile::tempdir().unwrap();
        let layout = Layout::at(dir.path(), Scope::User);
        let mut document = Document::create();
        document.save(&layout).unwrap();
        document.save(&layout).unwrap();
        assert_eq!(versions(&layout).unwrap(), []);
    }
}
