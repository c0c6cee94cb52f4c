//! A watch rule made ready to run: absolute folders, compiled patterns, patience.
//!
//! Promises that a name is judged the same way by the scan and by the events. Touches no file.

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};
use instance::{Duplicates, Polling, PostAction, WatchRule};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Names that are never sources: half-written files of browsers, copy tools and office programs.
const UNFINISHED: &[&str] = &[".tmp", ".part", ".partial", ".filepart", ".crdownload"];
/// What we write beside a rejected source.
pub(crate) const NOTE_ENDING: &str = ".error.txt";

/// One folder that is watched, and what happens to the files in it.
#[derive(Debug)]
pub(crate) struct Rule {
    /// Place in the configuration; smaller wins where two rules match the same file.
    pub(crate) index: usize,
    pub(crate) name: String,
    pub(crate) folder: PathBuf,
    /// A format's name, or `detect`.
    pub(crate) format: String,
    pub(crate) options: serde_json::Map<String, serde_json::Value>,
    pub(crate) recursive: bool,
    pub(crate) polling: Polling,
    pub(crate) done_folder: PathBuf,
    pub(crate) error_folder: PathBuf,
    pub(crate) post_action: PostAction,
    pub(crate) duplicates: Duplicates,
    /// 1 is served first, 10 last.
    pub(crate) priority: u8,
    /// How long size and time must rest where no close event tells that the writer is done.
    pub(crate) settle: Duration,
    /// A file must have rested at least this long, whatever was seen.
    pub(crate) min_age: Duration,
    max_age: Option<Duration>,
    min_bytes: u64,
    max_bytes: u64,
    patterns: GlobSet,
    excluded: GlobSet,
}

/// Why a file in the right folder is left alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OutOfBounds {
    Old,
    Small,
    Large,
}

impl Rule {
    /// A rule from the configuration; the error names the setting that cannot be used.
    pub(crate) fn new(index: usize, rule: &WatchRule) -> Result<Rule, String> {
        let folder = std::path::absolute(&rule.watch_folder).map_err(|error| format!("watch_folder {:?}: {error}", rule.watch_folder))?;
        // Folders are compared part by part: `sub/../Done` is the `Done` that a scan must not enter.
        let folder = instance::without_dots(&folder);
        Ok(Rule {
            index,
            name: rule.name.clone(),
            format: rule.format.clone(),
            options: rule.options.clone(),
            recursive: rule.recursive,
            polling: rule.polling,
            done_folder: instance::without_dots(&folder.join(&rule.done_folder)),
            error_folder: instance::without_dots(&folder.join(&rule.error_folder)),
            post_action: rule.post_action,
            duplicates: rule.duplicates,
            priority: rule.priority,
            settle: seconds(rule.settle_s),
            min_age: seconds(rule.min_age_s.unwrap_or(0.0)),
            max_age: rule.max_age_s.map(seconds),
            min_bytes: rule.min_bytes.unwrap_or(0),
            max_bytes: rule.max_bytes.unwrap_or(u64::MAX),
            patterns: patterns(&rule.file_patterns)?,
            excluded: patterns(&rule.exclude_patterns)?,
            folder,
        })
    }

    /// Whether the file at this path is one of ours, judged by its place and name alone.
    pub(crate) fn wants(&self, path: &Path) -> bool {
        let Ok(inside) = path.strip_prefix(&self.folder) else { return false };
        let in_place = if self.recursive { self.enters_all(path.parent()) } else { path.parent() == Some(&*self.folder) };
        let Some(name) = path.file_name() else { return false };
        in_place
            && !never_a_source(&name.to_string_lossy())
            && (self.patterns.is_match(name) || self.patterns.is_match(inside))
            && !self.excluded.is_match(name)
            && !self.excluded.is_match(inside)
    }

    /// Whether a scan goes into this folder: not where we put what is done, and not into hidden ones.
    pub(crate) fn enters(&self, folder: &Path) -> bool {
        let hidden = folder.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
        folder == self.folder || !(hidden || same_folder(folder, &self.done_folder) || same_folder(folder, &self.error_folder))
    }

    fn enters_all(&self, folder: Option<&Path>) -> bool {
        folder.is_some_and(|folder| folder.ancestors().take_while(|above| above.starts_with(&self.folder)).all(|above| self.enters(above)))
    }

    /// Whether a file of this size, and this old by its own time, is left alone. A time ahead of the clock counts as new.
    pub(crate) fn out_of_bounds(&self, size: u64, age: Duration) -> Option<OutOfBounds> {
        if self.max_age.is_some_and(|max| age > max) {
            Some(OutOfBounds::Old)
        } else if size < self.min_bytes {
            Some(OutOfBounds::Small)
        } else if size > self.max_bytes {
            Some(OutOfBounds::Large)
        } else {
            None
        }
    }
}

/// A path as text for the store and for people: the path itself, or where it is no text, a readable stand-in that no other
/// path shares.
pub(crate) fn shown(path: &Path) -> String {
    match path.to_str() {
        Some(text) => text.to_owned(),
        None => {
            let mark = blake3::hash(path.as_os_str().as_encoded_bytes()).to_hex();
            format!("{}#{}", path.to_string_lossy(), &mark[..8])
        }
    }
}

/// Windows and macOS do not tell capitals apart: `done` in the settings is the `Done` that is there.
pub(crate) fn same_folder(one: &Path, other: &Path) -> bool {
    let folded = |path: &Path| PathBuf::from(path.as_os_str().to_ascii_lowercase());
    one == other || (cfg!(any(windows, target_os = "macos")) && folded(one) == folded(other))
}

fn never_a_source(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    name.starts_with('.') || name.starts_with("~$") || name.ends_with(NOTE_ENDING) || UNFINISHED.iter().any(|end| name.ends_with(end))
}

fn seconds(seconds: f64) -> Duration {
    Duration::try_from_secs_f64(seconds).unwrap_or_default()
}

fn patterns(texts: &[String]) -> Result<GlobSet, String> {
    let mut set = GlobSetBuilder::new();
    for text in texts {
        let glob = GlobBuilder::new(text).case_insensitive(cfg!(windows)).literal_separator(true).build();
        set.add(glob.map_err(|error| format!("the pattern {text:?} cannot be used: {error}"))?);
    }
    set.build().map_err(|error| format!("the patterns cannot be used together: {error}"))
}

#[cfg(test)]
mod tests;
