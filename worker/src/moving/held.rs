//! A source that is held: its name is taken away first, and what was taken is looked at then.
//!
//! Between a look at a name and its removal somebody may put another file there; under a name that nobody knows nobody can.
//! What is held goes back on every failure; where that fails too, and after a crash, by the next scan that meets it.

use super::{ENDING, first_free, mark, patiently, rename_new};
use crate::way::Fingerprint;
use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

const PREFIX: &str = ".lineside-held-";
/// Bytes of the source's own name that are kept, from its end: most file systems know no name above 255.
const MOST: usize = 200;

/// The marks of what this process holds now.
static HOLDING: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());

fn holding() -> MutexGuard<'static, BTreeSet<String>> {
    HOLDING.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A source under a name of ours; given back when dropped.
pub(crate) struct Held {
    path: PathBuf,
    hidden: Option<PathBuf>,
    mark: String,
}

/// What came of taking a source.
pub(crate) enum Take {
    Held(Held),
    /// It is not the file that was read any more, and is back in its place.
    Changed(Fingerprint),
    Gone,
}

impl Held {
    /// Takes the file if it is still in the state that was read.
    pub(crate) fn take(path: &Path, print: Fingerprint) -> io::Result<Take> {
        let mark = mark();
        let hidden = path.with_file_name(hidden_name(&mark, path.file_name().unwrap_or(path.as_os_str())));
        holding().insert(mark.clone());
        let mut held = Held { path: path.to_owned(), hidden: None, mark };
        match patiently(|| fs::rename(path, &hidden)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Take::Gone),
            renamed => renamed?,
        }
        held.hidden = Some(hidden);
        let now = Fingerprint::of(&fs::symlink_metadata(held.name())?);
        Ok(if now == print { Take::Held(held) } else { Take::Changed(now) })
    }

    /// Where it is now.
    pub(crate) fn name(&self) -> &Path {
        self.hidden.as_deref().unwrap_or(&self.path)
    }

    /// It was moved on from its hidden name.
    pub(crate) fn moved(mut self) {
        self.hidden = None;
    }

    /// Deletes it.
    pub(crate) fn delete(self) -> io::Result<()> {
        patiently(|| fs::remove_file(self.name()))?;
        self.moved();
        Ok(())
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        if let Some(hidden) = self.hidden.take()
            && let Err(error) = give_back(&hidden, &self.path)
        {
            tracing::error!("{} cannot be given its name {} back: {error}; the next scan does", hidden.display(), self.path.display());
        }
        holding().remove(&self.mark);
    }
}

/// Gives what a process held when it died its name back, and what this one could not give back; where it is now. `None` for
/// every other file, and for what this process holds.
pub(crate) fn return_stray(hidden: &Path) -> Option<PathBuf> {
    let rest = hidden.file_name()?.to_str()?.strip_prefix(PREFIX)?.strip_suffix(ENDING)?;
    let (life, numbered) = rest.split_once('-')?;
    let (number, name) = numbered.split_once('-')?;
    if holding().contains(&format!("{life}-{number}")) {
        return None;
    }
    match give_back(hidden, &hidden.with_file_name(name)) {
        Ok(path) => {
            tracing::info!("{} was being filed when that failed or a worker died; it is taken up again", path.display());
            Some(path)
        }
        Err(error) => {
            tracing::warn!("{} cannot be given the name {name} back: {error}; check the permissions of its folder", hidden.display());
            None
        }
    }
}

/// Whether the name is that of a file that is held, by this process or another.
pub(crate) fn is_held(name: &str) -> bool {
    name.starts_with(PREFIX) && name.ends_with(ENDING)
}

/// Under another name should a file have come to its own meanwhile.
fn give_back(hidden: &Path, path: &Path) -> io::Result<PathBuf> {
    let (folder, name) = (path.parent().unwrap_or(path), path.file_name().unwrap_or(path.as_os_str()));
    first_free(folder, name, |target| rename_new(hidden, target))
}

/// Says what the file's own name is; of a very long one the end, of one that is no text a readable stand-in.
fn hidden_name(mark: &str, name: &OsStr) -> String {
    let name = name.to_string_lossy();
    let begin = (name.len().saturating_sub(MOST)..name.len()).find(|at| name.is_char_boundary(*at)).unwrap_or(0);
    format!("{PREFIX}{mark}-{}{ENDING}", &name[begin..])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name_of_another_life(name: &str) -> String {
        hidden_name("00dead00-7", OsStr::new(name))
    }

    fn write(path: &Path, text: &str) -> Fingerprint {
        fs::write(path, text).unwrap();
        Fingerprint::of(&fs::metadata(path).unwrap())
    }

    #[test]
    fn a_file_that_is_not_the_one_that_was_read_is_back_in_its_place() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.json");
        let read = write(&path, "read");
        let now = write(&path, "came after");
        assert!(matches!(Held::take(&path, read).unwrap(), Take::Changed(found) if found == now));
        assert_eq!(fs::read_to_string(&path).unwrap(), "came after");
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 1);
    }

    #[test]
    fn what_is_given_back_makes_way_for_what_came_meanwhile() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.json");
        let print = write(&path, "held");
        let Take::Held(held) = Held::take(&path, print).unwrap() else { panic!("it did not change") };
        assert!(!path.exists() && held.name().exists());
        write(&path, "came meanwhile");
        drop(held);
        assert_eq!(fs::read_to_string(&path).unwrap(), "came meanwhile");
        assert_eq!(fs::read_to_string(folder.path().join("a (2).json")).unwrap(), "held");
    }

    #[test]
    fn only_what_nobody_holds_any_more_is_a_stray() {
        let folder = tempfile::tempdir().unwrap();
        let held = mark();
        holding().insert(held.clone());
        let table = [
            (name_of_another_life("a-b c.json"), Some("a-b c.json")),
            (hidden_name(&held, OsStr::new("a.json")), None),
            (hidden_name(&mark(), OsStr::new("could not be given back.json")), Some("could not be given back.json")),
            ("a.json".to_owned(), None),
            (".lineside-held-x.part".to_owned(), None),
        ];
        for (name, expected) in table {
            write(&folder.path().join(&name), "x");
            assert_eq!(return_stray(&folder.path().join(&name)), expected.map(|name| folder.path().join(name)), "{name}");
        }
    }

    #[test]
    fn the_longest_name_can_be_held_and_keeps_its_ending() {
        let name = format!("{}.json", "ö".repeat(125));
        assert_eq!(name.len(), 255);
        let hidden = hidden_name(&mark(), OsStr::new(&name));
        assert!(hidden.len() <= 255 && hidden.ends_with("ö.json.part"), "{hidden}");
    }
}
