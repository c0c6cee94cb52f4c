//! Free names in a folder that others use too: `name.ext`, `name (2).ext`, `name (3).ext` …

use std::ffi::{OsStr, OsString};
use std::fs::OpenOptions;
use std::io;
use std::path::{Path, PathBuf};

/// Names tried one by one before larger steps are taken.
const CLOSE: u64 = 64;
/// Names tried at all.
const MOST: u32 = 128;

/// Why no name was claimed.
#[derive(Debug)]
pub(super) enum NameTaken {
    Io(io::Error),
    All,
}

impl From<NameTaken> for io::Error {
    fn from(taken: NameTaken) -> io::Error {
        match taken {
            NameTaken::Io(error) => error,
            NameTaken::All => io::Error::new(io::ErrorKind::AlreadyExists, "every name like this one is taken; clear the folder"),
        }
    }
}

/// Claims a free name in the folder by making an empty file of that name, which nobody else can do at the same time.
pub(super) fn claim_name(folder: &Path, name: &OsStr) -> Result<PathBuf, NameTaken> {
    for step in 0..MOST {
        let target = folder.join(numbered(name, number(step)));
        match OpenOptions::new().write(true).create_new(true).open(&target) {
            Ok(_) => return Ok(target),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(NameTaken::Io(error)),
        }
    }
    Err(NameTaken::All)
}

/// The number of the n-th name to try: close ones first, then ever larger steps, so that ten thousand files of one name
/// cost a hundred looks and not ten thousand.
fn number(step: u32) -> u64 {
    let step = u64::from(step);
    if step <= CLOSE { step + 1 } else { (CLOSE + 1) + (1 << (step - CLOSE).min(62)) }
}

/// `name (2).ext`; the first one is the name itself.
fn numbered(name: &OsStr, number: u64) -> OsString {
    if number <= 1 {
        return name.to_owned();
    }
    let path = Path::new(name);
    let (Some(stem), extension) = (path.file_stem(), path.extension()) else { return name.to_owned() };
    let mut text = stem.to_owned();
    text.push(format!(" ({number})"));
    if let Some(extension) = extension {
        text.push(".");
        text.push(extension);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_goes_before_the_ending() {
        let table =
            [("a.json", 1, "a.json"), ("a.json", 2, "a (2).json"), ("a", 3, "a (3)"), ("a.b.xml", 2, "a.b (2).xml"), (".x", 2, ".x (2)")];
        for (name, number, expected) in table {
            assert_eq!(numbered(OsStr::new(name), number), OsString::from(expected));
        }
    }

    #[test]
    fn names_are_claimed_one_after_the_other_and_never_twice() {
        let folder = tempfile::tempdir().unwrap();
        let claim = || claim_name(folder.path(), OsStr::new("a.json")).unwrap().file_name().unwrap().to_owned();
        assert_eq!([claim(), claim(), claim()], ["a.json", "a (2).json", "a (3).json"]);
    }

    #[test]
    fn thousands_of_files_of_one_name_are_passed_in_few_steps() {
        let numbers: Vec<u64> = (0..MOST - 1).map(number).collect();
        assert!(numbers.windows(2).all(|pair| pair[0] < pair[1] || pair[1] > 1 << 62), "{numbers:?}");
        assert!(numbers.iter().filter(|number| **number < 10_000).count() < 90);
    }
}
