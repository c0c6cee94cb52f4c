//! Rejected files: each where it was put aside, its note beside it.

use super::Check;
use crate::rule::NOTE_ENDING;
use std::fs::symlink_metadata;
use std::io;
use std::path::{Path, PathBuf};
use store::CheckedSource;

/// What became of rejected files, over all of them.
#[derive(Default)]
pub(super) struct Aside {
    tidied: u64,
}

/// How one is found.
#[derive(Debug, PartialEq, Eq)]
enum Place {
    Whole,
    NoNote,
    NoFile,
    /// Neither file nor note.
    Tidied,
    Other,
    Unknown(String),
}

impl Aside {
    pub(super) fn look(&mut self, source: &CheckedSource, check: &mut Check) {
        let Some(path) = source.aside.as_deref().filter(|path| is_a_place(path)) else { return };
        check.looked(1);
        let shown = path.display().to_string();
        match place(path, source.size) {
            Place::Whole => {}
            Place::Tidied => self.tidied += 1,
            Place::NoNote => {
                check.warning(shown, "its note is gone", "`lineside history` tells why it was rejected");
            }
            Place::NoFile => check.warning(shown, "only its note is left: somebody took the file", "nothing, if that was meant"),
            Place::Other => check.warning(shown, "is not the file that was put there", "nothing, if somebody changed it"),
            Place::Unknown(why) => check.warning(shown, format!("cannot be looked at: {why}"), "check the folder"),
        }
    }

    /// Tells of those that somebody took with their notes.
    pub(super) fn done(self, check: &mut Check) {
        check.looked(0);
        if self.tidied > 0 {
            let what = format!("{} no longer where they were put, nor are their notes: somebody tidied up", self.tidied);
            check.warning("rejected files", what, "nothing, if that was meant");
        }
    }
}

/// A path that can be looked up: whole, and not a stand-in for a name that is no text.
fn is_a_place(path: &Path) -> bool {
    path.is_absolute() && !path.to_string_lossy().contains(char::REPLACEMENT_CHARACTER)
}

fn place(path: &Path, size: u64) -> Place {
    let mut note = path.as_os_str().to_owned();
    note.push(NOTE_ENDING);
    let there = |path: &Path| match symlink_metadata(path) {
        Ok(found) => Ok(Some(found.len())),
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => Ok(None),
        Err(error) => Err(error.to_string()),
    };
    match (there(path), there(&PathBuf::from(note))) {
        (Err(why), _) | (_, Err(why)) => Place::Unknown(why),
        (Ok(None), Ok(None)) => Place::Tidied,
        (Ok(None), Ok(Some(_))) => Place::NoFile,
        (Ok(Some(found)), _) if found != size => Place::Other,
        (Ok(Some(_)), Ok(None)) => Place::NoNote,
        (Ok(Some(_)), Ok(Some(_))) => Place::Whole,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rejected_file_is_looked_for_with_its_note() {
        let folder = tempfile::tempdir().unwrap();
        let put = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
        for name in ["whole", "other", "alone"] {
            put(name, if name == "other" { "longer" } else { "bad" });
        }
        for name in ["whole", "other", "left"] {
            put(&format!("{name}{NOTE_ENDING}"), "why");
        }
        let table =
            [("whole", Place::Whole), ("other", Place::Other), ("alone", Place::NoNote), ("left", Place::NoFile), ("none", Place::Tidied)];
        for (name, expected) in table {
            assert_eq!(place(&folder.path().join(name), 3), expected, "{name}");
        }
        assert!(!is_a_place(Path::new("gone before it was filed")));
        assert!(is_a_place(folder.path()));
    }
}
