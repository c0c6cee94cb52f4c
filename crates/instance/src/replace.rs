//! Replaces a file whole: a temporary file beside it, then a rename over it. A reader, and a crash, meet the old text
//! or the new one, never half of either.
//!
//! On Windows a rename fails while a virus scanner or a reader holds the old file open; such errors pass by themselves,
//! so it is tried again for up to [`PATIENCE`].

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write as _},
    path::{Path, PathBuf},
    sync::atomic::{AtomicU32, Ordering},
    thread,
    time::{Duration, Instant, SystemTime},
};

/// How long a rename is tried again while another process holds the file.
const PATIENCE: Duration = Duration::from_secs(2);
/// Between two tries.
const PAUSE: Duration = Duration::from_millis(20);

/// What must hold when [`replace`] returns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Durability {
    /// The new text survives a power cut: file and folder are synchronised.
    Synced,
    /// A power cut may bring back the old text.
    Fast,
}

/// Makes `path` hold exactly `bytes`, with this Unix mode.
pub(crate) fn replace(path: &Path, bytes: &[u8], mode: u32, durability: Durability) -> io::Result<()> {
    replace_with(path, bytes, mode, durability, |_| Ok(()))
}

/// Like [`replace`]; `protect` sees the still empty temporary file and may narrow its rights further.
pub(crate) fn replace_with(
    path: &Path,
    bytes: &[u8],
    mode: u32,
    durability: Durability,
    protect: impl FnOnce(&Path) -> io::Result<()>,
) -> io::Result<()> {
    let temporary = Temporary(temporary_beside(path)?);
    let mut file = create(&temporary.0, mode)?;
    protect(&temporary.0)?;
    file.write_all(bytes)?;
    if durability == Durability::Synced {
        file.sync_all()?;
    }
    drop(file);
    patiently(|| fs::rename(&temporary.0, path))?;
    if durability == Durability::Synced {
        sync_folder(path)?;
    }
    Ok(())
}

/// Removed when dropped, which after a successful rename finds nothing to remove.
struct Temporary(PathBuf);

impl Drop for Temporary {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

/// A name no other process and no other thread uses.
fn temporary_beside(path: &Path) -> io::Result<PathBuf> {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let name = path.file_name().ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "the path names no file"))?;
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    Ok(path.with_file_name(format!(".{}.{}-{number}.tmp", name.to_string_lossy(), std::process::id())))
}

/// The file that a temporary file beside it was to become; `None` for every other name.
fn meant_for(name: &str) -> Option<&str> {
    let (name, mark) = name.strip_prefix('.')?.strip_suffix(".tmp")?.rsplit_once('.')?;
    let (process, number) = mark.split_once('-')?;
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    (digits(process) && digits(number) && !name.is_empty()).then_some(name)
}

/// Removes temporary files in a folder that no process will finish: those meant for `own`, which only the caller writes, and every other
/// one that has not been written to for `age`. How many.
pub(crate) fn sweep(folder: &Path, own: &[&str], now: SystemTime, age: Duration) -> io::Result<usize> {
    let mut count = 0;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        let Some(meant) = name.to_str().and_then(meant_for) else { continue };
        let written = || entry.metadata().and_then(|metadata| metadata.modified()).ok();
        let old = || written().and_then(|at| now.duration_since(at).ok()).is_some_and(|since| since >= age);
        if own.contains(&meant) || old() {
            fs::remove_file(entry.path())?;
            count += 1;
        }
    }
    Ok(count)
}

#[cfg_attr(not(unix), allow(unused_variables))]
fn create(path: &Path, mode: u32) -> io::Result<File> {
    let mut options = OpenOptions::new();
    // not create_new: a crashed process with our pid may have left one behind
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, mode);
    let file = options.open(path)?;
    #[cfg(unix)]
    file.set_permissions(std::os::unix::fs::PermissionsExt::from_mode(mode))?;
    Ok(file)
}

/// Without this a power cut may forget the name. Windows cannot synchronise a folder.
pub(crate) fn sync_folder(path: &Path) -> io::Result<()> {
    match path.parent() {
        Some(folder) if cfg!(unix) && !folder.as_os_str().is_empty() => File::open(folder)?.sync_all(),
        _ => Ok(()),
    }
}

/// Tries again while the error is one that passes by itself.
pub(crate) fn patiently<T>(mut attempt: impl FnMut() -> io::Result<T>) -> io::Result<T> {
    let end = Instant::now() + PATIENCE;
    loop {
        match attempt() {
            Err(e) if cfg!(windows) && passes(e.raw_os_error()) && Instant::now() < end => thread::sleep(PAUSE),
            done => return done,
        }
    }
}

/// Windows: 5 access denied (a reader has it open), 32 sharing violation, 33 lock violation.
fn passes(os_error: Option<i32>) -> bool {
    matches!(os_error, Some(5 | 32 | 33))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replacing_leaves_the_new_text_and_no_other_file() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.json");
        for (text, durability) in [("one", Durability::Synced), ("two", Durability::Fast)] {
            replace(&path, text.as_bytes(), 0o600, durability).unwrap();
            assert_eq!(fs::read_to_string(&path).unwrap(), text);
        }
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_failure_keeps_the_old_text_and_leaves_no_rest() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.json");
        fs::write(&path, "old").unwrap();
        let refuse = |_: &Path| Err(io::Error::other("no"));
        assert!(replace_with(&path, b"new", 0o600, Durability::Synced, refuse).is_err());
        assert_eq!(fs::read_to_string(&path).unwrap(), "old");
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_reader_never_sees_half_a_file() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.json");
        let texts = ["a".repeat(100_000), "b".repeat(100_000)];
        replace(&path, texts[0].as_bytes(), 0o600, Durability::Fast).unwrap();
        thread::scope(|scope| {
            let writer = scope.spawn(|| {
                for i in 0..200 {
                    replace(&path, texts[i % 2].as_bytes(), 0o600, Durability::Fast).unwrap();
                }
            });
            while !writer.is_finished() {
                assert!(texts.contains(&fs::read_to_string(&path).unwrap()));
            }
        });
    }

    #[test]
    fn what_a_killed_process_left_is_swept_and_what_others_are_writing_is_not() {
        let dir = tempfile::tempdir().unwrap();
        let half = [".status.json.71-3.tmp", ".secret.json.72-0.tmp"];
        let others = ["status.json", ".status.json.tmp", "x.71-3.tmp", ".note.a-1.tmp", ".71-3.tmp"];
        for name in half.iter().chain(&others) {
            fs::write(dir.path().join(name), "half").unwrap();
        }
        let hour = Duration::from_secs(3600);
        let there = |name: &str| dir.path().join(name).exists();
        assert_eq!(sweep(dir.path(), &["status.json"], SystemTime::now(), hour).unwrap(), 1);
        assert!(!there(half[0]) && there(half[1]));
        assert_eq!(sweep(dir.path(), &["status.json"], SystemTime::now() + 2 * hour, hour).unwrap(), 1);
        assert!(!there(half[1]) && others.iter().all(|name| there(name)));
    }

    #[cfg(unix)]
    #[test]
    fn the_mode_is_the_asked_one_whatever_the_old_file_had() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.json");
        fs::write(&path, "old").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o666)).unwrap();
        replace(&path, b"new", 0o600, Durability::Fast).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn only_the_errors_of_a_busy_file_are_waited_out() {
        for (error, expected) in [(Some(5), true), (Some(32), true), (Some(33), true), (Some(2), false), (None, false)] {
            assert_eq!(passes(error), expected);
        }
    }
}
