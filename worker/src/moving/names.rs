//! Free names in a folder that others use too: `name.ext`, `name (2).ext`, `name (3).ext` …

use std::ffi::{OsStr, OsString};
use std::io;
use std::path::{Path, PathBuf};

/// Names tried one by one before larger steps are taken.
const CLOSE: u64 = 64;
/// Names tried at all.
const MOST: u32 = 128;

/// Does it with the first name in the folder for which it does not fail with `AlreadyExists`; that name.
///
/// # Errors
/// Any other failure, or that every name is taken.
pub(crate) fn first_free(folder: &Path, name: &OsStr, mut action: impl FnMut(&Path) -> io::Result<()>) -> io::Result<PathBuf> {
    for step in 0..MOST {
        let target = folder.join(numbered(name, step));
        match action(&target) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            done => return done.map(|()| target),
        }
    }
    Err(io::Error::new(io::ErrorKind::AlreadyExists, "every name like this one is taken; clear the folder"))
}

/// The n-th name to try; the first one is the name itself. One that has a number already counts on from there.
fn numbered(name: &OsStr, step: u32) -> OsString {
    let path = Path::new(name);
    let (Some(stem), true) = (path.file_stem(), step > 0) else { return name.to_owned() };
    let (base, first) = stem.to_str().and_then(counted).map_or((stem, 1), |(base, number)| (OsStr::new(base), number));
    let mut text = base.to_owned();
    text.push(format!(" ({})", first.saturating_add(beyond(step))));
    if let Some(extension) = path.extension() {
        text.push(".");
        text.push(extension);
    }
    text
}

/// `name (2)` as its name and number.
fn counted(stem: &str) -> Option<(&str, u64)> {
    let (base, number) = stem.strip_suffix(')')?.rsplit_once(" (")?;
    let plain = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    Some((base, number.parse().ok().filter(|_| plain)?))
}

/// How far the number of the n-th name lies beyond the first: close ones come first, then ever larger steps, so that ten
/// thousand files of one name cost a hundred looks and not ten thousand.
fn beyond(step: u32) -> u64 {
    let step = u64::from(step);
    if step <= CLOSE { step } else { CLOSE + (1 << (step - CLOSE).min(62)) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::File;

    #[test]
    fn a_number_goes_before_the_ending_and_one_that_is_there_counts_on() {
        let table = [
            ("a.json", 0, "a.json"),
            ("a.json", 1, "a (2).json"),
            ("a", 2, "a (3)"),
            ("a.b.xml", 1, "a.b (2).xml"),
            (".x", 1, ".x (2)"),
            ("a (2).json", 0, "a (2).json"),
            ("a (2).json", 1, "a (3).json"),
            ("a (2) (7)", 3, "a (2) (10)"),
            ("a (b).json", 1, "a (b) (2).json"),
            ("a (+1).json", 1, "a (+1) (2).json"),
            ("a(2).json", 1, "a(2) (2).json"),
        ];
        for (name, step, expected) in table {
            assert_eq!(numbered(OsStr::new(name), step), OsString::from(expected));
        }
    }

    #[test]
    fn names_are_used_one_after_the_other_and_never_twice() {
        let folder = tempfile::tempdir().unwrap();
        let make = || {
            let made = first_free(folder.path(), OsStr::new("a.json"), |target| File::create_new(target).map(drop)).unwrap();
            made.file_name().unwrap().to_owned()
        };
        assert_eq!([make(), make(), make()], ["a.json", "a (2).json", "a (3).json"]);
    }

    #[test]
    fn thousands_of_files_of_one_name_are_passed_in_few_steps() {
        let numbers: Vec<u64> = (0..MOST - 1).map(beyond).collect();
        assert!(numbers.windows(2).all(|pair| pair[0] < pair[1] || pair[1] > 1 << 62), "{numbers:?}");
        assert!(numbers.iter().filter(|number| **number < 10_000).count() < 90);
    }
}
