//! A value that is read again only when the files it came from have changed.

use std::path::Path;
use std::time::{Duration, SystemTime};

/// A file changed so shortly ago may change again without its time telling: it is read again.
const FRESH: Duration = Duration::from_secs(1);

/// A value and the marks of the files it was read from.
pub(super) struct Cached<T> {
    kept: Option<(Vec<Mark>, i64, T)>,
}

impl<T> Default for Cached<T> {
    fn default() -> Self {
        Self { kept: None }
    }
}

/// Length and time of a file; none of a file that is not there.
type Mark = Option<(u64, SystemTime)>;

impl<T: Clone> Cached<T> {
    /// The value: read anew when a file or the epoch is another, or a file was changed a moment before `now`.
    pub(super) fn get(&mut self, files: &[&Path], epoch: i64, now: SystemTime, read: impl FnOnce() -> T) -> T {
        let marks: Vec<Mark> = files.iter().map(|file| mark(file)).collect();
        let settled = marks.iter().flatten().all(|(_, at)| now.duration_since(*at).is_ok_and(|age| age >= FRESH));
        if let Some((known, since, value)) = &self.kept
            && settled
            && *known == marks
            && *since == epoch
        {
            return value.clone();
        }
        let value = read();
        // Not kept while fresh: what was read may be older than the mark, or newer.
        self.kept = settled.then(|| (marks, epoch, value.clone()));
        value
    }
}

fn mark(file: &Path) -> Mark {
    let about = std::fs::metadata(file).ok()?;
    Some((about.len(), about.modified().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn a_file_is_read_again_when_it_changed_a_moment_ago_is_another_or_the_day_is() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("status.json");
        fs::write(&file, "one").unwrap();
        let later = SystemTime::now() + Duration::from_secs(10);
        let mut cached = Cached::default();
        let mut reads = 0;
        let mut look = |epoch, now| {
            cached.get(&[&file], epoch, now, || {
                reads += 1;
                fs::read_to_string(&file).unwrap()
            });
            reads
        };
        assert_eq!([look(0, SystemTime::now()), look(0, SystemTime::now())], [1, 2], "just written: not trusted");
        assert_eq!([look(0, later), look(0, later)], [3, 3], "settled: kept");
        assert_eq!(look(1, later), 4, "another day");
        fs::write(&file, "other").unwrap();
        assert_eq!([look(1, later), look(1, later)], [5, 5], "changed, then settled");
        fs::remove_file(&file).unwrap();
        fs::write(&file, "").unwrap();
        assert_eq!(look(1, later), 6, "cut off");
    }

    #[test]
    fn a_file_that_comes_and_goes_is_noticed() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("queue.db");
        let later = SystemTime::now() + Duration::from_secs(10);
        let mut cached = Cached::default();
        let mut there = || cached.get(&[&file], 0, later, || file.exists());
        assert!(!there());
        fs::write(&file, "").unwrap();
        assert!(there());
        fs::remove_file(&file).unwrap();
        assert!(!there());
    }
}
