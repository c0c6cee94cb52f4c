//! Free names in a folder that others use too: `name.ext`, `name (2).ext`, `name (3).ext` …

use std::ffi::{OsStr, OsString};
use std::io;
use std::path::{Path, PathBuf};

/// Names tried one by one before larger steps are taken.
const CLOSE: u64 = 64;
/// Names tried at all.
const MOST: u32 = 128;
/// Bytes that most file systems take for a name.
const LONGEST: usize = 255;
/// Room that is kept behind a numbered name, for what is put beside it.
const SPARE: usize = 16;

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

/// The name, cut before its ending where another `more` bytes behind it would be too many.
pub(crate) fn with_room(name: &OsStr, more: usize) -> OsString {
    if name.len() + more <= LONGEST {
        return name.to_owned();
    }
    let (stem, ending) = parted(name);
    joined(stem, &ending, more)
}

/// A name and its ending with the dot. What is too long to be an ending is none.
fn parted(name: &OsStr) -> (&OsStr, OsString) {
    let path = Path::new(name);
    match (path.file_stem(), path.extension()) {
        (Some(stem), Some(extension)) if extension.len() <= SPARE => (stem, [OsStr::new("."), extension].into_iter().collect()),
        _ => (name, OsString::new()),
    }
}

/// Both parts as one name; of a first one that is too long, what there is room for.
fn joined(stem: &OsStr, ending: &OsString, more: usize) -> OsString {
    let most = LONGEST.saturating_sub(more + ending.len());
    let mut name = stem.to_owned();
    if name.len() > most {
        let text = stem.to_string_lossy();
        let cut = (0..=most.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
        name = text[..cut].into();
    }
    name.push(ending);
    name
}

/// The n-th name to try; the first one is the name itself. One that has a number already counts on from there.
fn numbered(name: &OsStr, step: u32) -> OsString {
    if step == 0 {
        return name.to_owned();
    }
    let (stem, extension) = parted(name);
    let (base, first) = stem.to_str().and_then(counted).map_or((stem, 1), |(base, number)| (OsStr::new(base), number));
    let mut ending = OsString::from(format!(" ({})", first.saturating_add(beyond(step))));
    ending.push(extension);
    joined(base, &ending, SPARE)
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
    fn the_longest_name_has_room_for_a_number_and_for_what_is_put_beside_it() {
        let longest = format!("{}.json", "ö".repeat(125));
        assert_eq!(longest.len(), LONGEST);
        assert_eq!(with_room(OsStr::new(&longest), 0), OsString::from(&longest));
        for (name, ending) in [(with_room(OsStr::new(&longest), 10), "ö.json"), (numbered(OsStr::new(&longest), 1), "ö (2).json")] {
            let text = name.to_str().expect("no character is cut in two");
            assert!(text.len() <= LONGEST - 10 && text.starts_with("öö") && text.ends_with(ending), "{text}");
        }
        let no_ending = format!(".{}", "x".repeat(254));
        assert_eq!(with_room(OsStr::new(&no_ending), 10).len(), 245);
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
