//! Files given on the command line: opened with clear words, worked on one by one, a bad one not stopping the next.

use super::session::{Ending, Session};
use crate::exit::{Exit, Fatal};
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

/// Opens a file to read.
///
/// # Errors
/// With [`Exit::NotFound`], [`Exit::Permission`] or [`Exit::Failed`]; the message does not repeat the path.
pub(super) fn open(path: &Path) -> Result<File, Fatal> {
    if path.is_dir() {
        return Err(Fatal::new(Exit::Failed, "is a folder; name the files in it"));
    }
    File::open(path).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => Fatal::new(Exit::NotFound, "there is no such file"),
        io::ErrorKind::PermissionDenied => Fatal::new(Exit::Permission, "this account may not read it"),
        _ => Fatal::new(Exit::Failed, format!("cannot be read: {error}")),
    })
}

/// Works on each file, prints what is said about it as a note, and goes on after a bad one. Ends with the code all bad ones share, else with 1.
pub(super) fn each(
    session: &Session,
    paths: &[PathBuf],
    prints: bool,
    mut work: impl FnMut(&Path) -> Result<Option<String>, Fatal>,
) -> Ending {
    let progress = session.out.progress(paths.len(), prints);
    let mut worst = None;
    for path in paths {
        match work(path) {
            Ok(None) => {}
            Ok(Some(said)) => progress.aside(|| session.out.note(&format!("{}: {said}", path.display()))),
            Err(Fatal { exit, message, .. }) => {
                worst = Some(worst.filter(|worst| *worst != exit).map_or(exit, |_| Exit::Failed));
                progress.aside(|| session.out.error(&format!("{}:{}", path.display(), indented(&message))));
            }
        }
        progress.step();
    }
    Ok(worst)
}

/// Several reasons each on a line of their own, below the file they are about.
fn indented(message: &str) -> String {
    if message.contains('\n') { format!("\n  {}", message.replace('\n', "\n  ")) } else { format!(" {message}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_stand_below_their_file_when_there_are_several() {
        assert_eq!(indented("one"), " one");
        assert_eq!(indented("one\ntwo"), "\n  one\n  two");
    }

    #[test]
    fn what_is_no_file_is_told_apart() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(open(folder.path()).unwrap_err().message, "is a folder; name the files in it");
        assert_eq!(open(&folder.path().join("none")).unwrap_err().exit, Exit::NotFound);
    }
}
