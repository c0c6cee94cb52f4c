//! Writes the log. Whoever logs must never be stopped by the log: a full disk costs lines, not reports.

use std::{
    fmt,
    fs::{self, File, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use jiff::{Span, Zoned, civil::Date};

use super::{Name, OPEN_PART, named};

/// Full parts of one day that are kept; the oldest go first. Bounds what a flood can fill.
const PARTS_PER_DAY: usize = 20;

/// How many lines were dropped since the start; a copy counts along.
#[derive(Debug, Clone, Default)]
pub struct Dropped(Arc<AtomicU64>);

impl Dropped {
    /// Lines dropped so far.
    pub fn count(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// The writing end of the log. Each `write` is one or more whole lines; it always reports success.
pub struct LogWriter {
    folder: PathBuf,
    max_bytes: u64,
    keep_days: u32,
    clock: Box<dyn Fn() -> Zoned + Send>,
    open: Option<Open>,
    dropped: Dropped,
    /// Dropped lines the log itself has not told of yet.
    untold: u64,
}

struct Open {
    file: File,
    day: Date,
    size: u64,
}

impl LogWriter {
    /// A writer into `folder`. `max_bytes` is the size at which a part is full (0: never), `keep_days` how many days
    /// before today are kept (0: for ever), `clock` the local time. Opens its file with the first line.
    pub fn open(folder: &Path, max_bytes: u64, keep_days: u32, clock: impl Fn() -> Zoned + Send + 'static) -> LogWriter {
        LogWriter {
            folder: folder.to_owned(),
            max_bytes,
            keep_days,
            clock: Box::new(clock),
            open: None,
            dropped: Dropped::default(),
            untold: 0,
        }
    }

    /// The counter of dropped lines, for the status.
    pub fn dropped(&self) -> Dropped {
        self.dropped.clone()
    }

    fn append(&mut self, lines: &[u8]) -> io::Result<()> {
        let now = (self.clock)();
        let mut open = self.take_open(&now, lines.len() as u64)?;
        if self.untold > 0 {
            // after a failed write the last line may be cut; the empty line it leaves is skipped by readers
            let told = format!(
                "\n{{\"timestamp\":\"{}\",\"level\":\"WARN\",\"fields\":{{\"message\":\"{} log lines could not be written and are lost\"}}}}\n",
                now.timestamp(),
                self.untold
            );
            open.put(told.as_bytes())?;
            self.untold = 0;
        }
        open.put(lines)?;
        self.open = Some(open);
        Ok(())
    }

    /// The file for this moment. It leaves `self` and comes back only after a good write, so that a bad one reopens.
    fn take_open(&mut self, now: &Zoned, more: u64) -> io::Result<Open> {
        match self.open.take() {
            Some(open) if open.day == now.date() && !self.is_full(open.size, more) => Ok(open),
            Some(_) | None => self.next(now.date(), more),
        }
    }

    fn is_full(&self, size: u64, more: u64) -> bool {
        self.max_bytes > 0 && size > 0 && size.saturating_add(more) > self.max_bytes
    }

    fn next(&self, day: Date, more: u64) -> io::Result<Open> {
        fs::create_dir_all(&self.folder)?;
        let path = self.folder.join(Name { day, part: OPEN_PART }.file());
        if self.is_full(fs::metadata(&path).map_or(0, |m| m.len()), more) {
            // a reader may hold it on Windows: then this part grows over its size, and the next line tries again
            let _ = fs::rename(&path, self.folder.join(Name { day, part: self.next_part(day) }.file()));
        }
        self.bring_back(day);
        self.forget_old(day);
        let file = OpenOptions::new().create(true).append(true).open(&path)?;
        let size = file.metadata()?.len();
        Ok(Open { file, day, size })
    }

    fn next_part(&self, day: Date) -> u32 {
        let parts = named(&self.folder).unwrap_or_default();
        let last = parts.iter().map(|(name, _)| name).filter(|name| name.day == day && name.part != OPEN_PART).map(|name| name.part).max();
        last.map_or(1, |part| part + 1)
    }

    /// Files of days to come were written by a clock that was set back since. They become full parts of today, or they would
    /// be the newest ones for all who read, until their day comes.
    fn bring_back(&self, today: Date) {
        let files = named(&self.folder).unwrap_or_default();
        for (_, path) in files.into_iter().filter(|(name, _)| name.day > today) {
            // what cannot be renamed now is tried again with the next file
            let _ = fs::rename(path, self.folder.join(Name { day: today, part: self.next_part(today) }.file()));
        }
    }

    /// What cannot be removed now is tried again with the next file.
    fn forget_old(&self, today: Date) {
        let files = named(&self.folder).unwrap_or_default();
        let oldest = today.checked_sub(Span::new().days(i64::from(self.keep_days))).unwrap_or(Date::MIN);
        let is_expired = |name: &Name| self.keep_days > 0 && name.day < oldest;
        let parts: Vec<_> = files.iter().filter(|(name, _)| name.day == today && name.part != OPEN_PART).collect();
        let surplus = parts.len().saturating_sub(PARTS_PER_DAY);
        let expired = files.iter().filter(|(name, _)| is_expired(name));
        for (_, path) in expired.chain(parts.into_iter().take(surplus)) {
            let _ = fs::remove_file(path);
        }
    }
}

impl Open {
    fn put(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.write_all(bytes)?;
        self.size += bytes.len() as u64;
        Ok(())
    }
}

impl Write for LogWriter {
    fn write(&mut self, lines: &[u8]) -> io::Result<usize> {
        if self.append(lines).is_err() {
            let count = lines.iter().filter(|byte| **byte == b'\n').count().max(1) as u64;
            self.dropped.0.fetch_add(count, Ordering::Relaxed);
            self.untold += count;
        }
        Ok(lines.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl fmt::Debug for LogWriter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LogWriter").field("folder", &self.folder).finish_non_exhaustive()
    }
}
