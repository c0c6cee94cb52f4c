//! What a process that was killed left half written: temporary files of `replace` that nobody will rename any more.
//!
//! Only files of that very shape of name, in the two folders where such files are made.

use std::{
    ffi::OsStr,
    fs, io,
    time::{Duration, SystemTime},
};

use crate::Layout;

/// So old, a temporary file is nobody's; making one takes no longer than a few seconds.
const OLD: Duration = Duration::from_secs(3600);

/// Deletes what was left unfinished and answers how many files that were. Only for who holds the guard: of the files that
/// the worker alone writes every left one is a dead worker's, of the others only an old one.
///
/// # Errors
/// When the folder of the instance or of its requests cannot be read. A file that cannot be deleted is left.
pub fn sweep(layout: &Layout, now: SystemTime) -> io::Result<usize> {
    let workers = [layout.status(), layout.lock()];
    let workers: Vec<&OsStr> = workers.iter().filter_map(|path| path.file_name()).collect();
    let mut swept = 0;
    for folder in [layout.dir().to_owned(), layout.requests()] {
        for entry in fs::read_dir(&folder)? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let Some(target) = target(&name) else { continue };
            let old =
                || entry.metadata().and_then(|file| file.modified()).is_ok_and(|at| now.duration_since(at).is_ok_and(|age| age > OLD));
            if (workers.contains(&OsStr::new(target)) || old()) && fs::remove_file(entry.path()).is_ok() {
                swept += 1;
            }
        }
    }
    Ok(swept)
}

/// The file that was to be replaced, when this is the name of a temporary file: `.status.json.4711-12.tmp`.
fn target(name: &str) -> Option<&str> {
    let (target, numbers) = name.strip_prefix('.')?.strip_suffix(".tmp")?.rsplit_once('.')?;
    let (pid, number) = numbers.split_once('-')?;
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    (is_number(pid) && is_number(number)).then_some(target)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Scope;

    #[test]
    fn what_a_killed_worker_left_half_written_is_swept_and_what_may_be_at_work_stays() {
        let dir = tempfile::tempdir().unwrap();
        let layout = Layout::at(dir.path().join("ict"), Scope::User);
        layout.create().unwrap();
        let table = [
            (layout.dir(), ".status.json.4711-12.tmp", true, true),
            (layout.dir(), ".service.lock.4711-0.tmp", true, true),
            (layout.dir(), ".client_config.json.4711-3.tmp", false, true),
            (layout.dir(), ".secret.json.4711-4.tmp", false, true),
            (&layout.requests(), ".20261121-pause.json.4711-1.tmp", false, true),
            (layout.dir(), ".status.json.tmp", false, false),
            (layout.dir(), "notes.1-2.tmp", false, false),
            (layout.dir(), ".x.1-2.json", false, false),
        ];
        for (folder, name, _, _) in &table {
            fs::write(folder.join(name), "half").unwrap();
        }
        let gone = |now: SystemTime| {
            sweep(&layout, now).unwrap();
            table.iter().map(|(folder, name, ..)| !folder.join(name).exists()).collect::<Vec<_>>()
        };
        let now = SystemTime::now();
        assert_eq!(gone(now), table.iter().map(|(.., at_once, _)| *at_once).collect::<Vec<_>>());
        assert_eq!(gone(now + 2 * OLD), table.iter().map(|(.., later)| *later).collect::<Vec<_>>());
    }
}
