//! The log of a running worker: JSON lines into `logs/`, and plain lines on standard error for a person at a terminal.
//!
//! Promises that logging never stops the worker: a full disk costs lines (which are counted), a closed terminal costs
//! nothing, a flood of equal lines is cut and counted, a panic inside the log is told in its own file. Nothing here ever
//! sees a token.

mod panics;
mod repeats;

use crate::plain;
use instance::logs::Dropped;
use instance::{Layout, LogLevel, LogWriter};
use jiff::Zoned;
pub(crate) use panics::install as tell_of_panics;
use repeats::Repeats;
use std::cell::Cell;
use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;
use tracing_subscriber::Layer;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::time::FormatTime;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::{SubscriberInitExt, TryInitError};

/// Begins to log; answers the counter of lost lines. `console` also writes to standard error.
pub(crate) fn begin(layout: &Layout, level: LogLevel, max_mib: u32, keep_days: u32, console: bool) -> Result<Dropped, TryInitError> {
    let writer = LogWriter::open(&layout.logs(), u64::from(max_mib) << 20, keep_days, Zoned::now);
    let dropped = writer.dropped();
    let file = Shared(Arc::new(Mutex::new((writer, Repeats::default()))));
    let lines = tracing_subscriber::fmt::layer().json().with_timer(Local).with_writer(move || file.clone());
    let human = console.then(|| {
        tracing_subscriber::fmt::layer()
            .with_timer(Clock)
            .with_target(false)
            .with_ansi(true)
            .with_writer(|| Unbreakable)
            .log_internal_errors(false)
    });
    let level: LevelFilter = level.as_str().parse().unwrap_or(LevelFilter::INFO);
    // What libraries say matters only when it is bad.
    let filter = Targets::new().with_default(level.min(LevelFilter::WARN)).with_target("lineside", level);
    tracing_subscriber::registry().with(lines.and_then(human).with_filter(filter)).try_init()?;
    Ok(dropped)
}

thread_local! {
    static WRITING: Cell<bool> = const { Cell::new(false) };
}

/// Says that this thread is writing to the log, also while it unwinds.
struct Writing;

impl Writing {
    /// `None` while this thread is writing already: it has panicked there, and waiting for itself would be for ever.
    fn begin() -> Option<Writing> {
        (!WRITING.replace(true)).then_some(Writing)
    }
}

impl Drop for Writing {
    fn drop(&mut self) {
        WRITING.set(false);
    }
}

/// The log file, shared by all threads.
#[derive(Clone)]
struct Shared(Arc<Mutex<(LogWriter, Repeats)>>);

impl Write for Shared {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let Some(_writing) = Writing::begin() else { return Ok(line.len()) };
        let mut shared = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (writer, repeats) = &mut *shared;
        let told = repeats.judge(line, Instant::now());
        if let Some(count) = told.left_out {
            let now = Zoned::now().strftime("%Y-%m-%dT%H:%M:%S%.6f%:z").to_string();
            let more = serde_json::json!({"timestamp": now, "level": "INFO", "fields": {"message": format!("{count} more lines like one before were left out")}});
            writer.write_all(format!("{more}\n").as_bytes())?;
        }
        if told.write {
            match std::str::from_utf8(line) {
                Ok(text) => writer.write_all(plain::json(text).as_bytes())?,
                Err(_) => writer.write_all(line)?,
            }
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Standard error, whose reader may be gone; in colour where that is wanted and can be shown.
struct Unbreakable;

impl Write for Unbreakable {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let _reader_is_gone = anstream::stderr().write_all(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Local time with offset.
struct Local;

impl FormatTime for Local {
    fn format_time(&self, writer: &mut Writer<'_>) -> std::fmt::Result {
        write!(writer, "{}", Zoned::now().strftime("%Y-%m-%dT%H:%M:%S%.6f%:z"))
    }
}

/// The time of day, for people.
struct Clock;

impl FormatTime for Clock {
    fn format_time(&self, writer: &mut Writer<'_>) -> std::fmt::Result {
        write!(writer, "{}", Zoned::now().strftime("%H:%M:%S"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::OnceLock;

    #[test]
    fn who_logs_from_inside_the_log_does_not_wait_for_itself() {
        let folder = tempfile::tempdir().unwrap();
        let inside: Arc<OnceLock<Shared>> = Arc::default();
        // The log asks for the time while it is held; here that logs a line, as the panic hook would.
        let asked = inside.clone();
        let writer = LogWriter::open(folder.path(), 0, 0, move || {
            asked.get().cloned().map(|mut log| log.write_all(b"{\"from\":\"inside\"}\n"));
            Zoned::now()
        });
        let mut log = Shared(Arc::new(Mutex::new((writer, Repeats::default()))));
        assert!(inside.set(log.clone()).is_ok());
        let (done, ended) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            log.write_all(b"{\"from\":\"outside\"}\n").unwrap();
            log.write_all(b"{\"from\":\"outside, later\"}\n").unwrap();
            done.send(()).unwrap();
        });
        ended.recv_timeout(std::time::Duration::from_secs(20)).expect("it waits for itself");
        let file = std::fs::read_dir(folder.path()).unwrap().next().unwrap().unwrap().path();
        let text = std::fs::read_to_string(file).unwrap();
        assert!(text.contains("later") && !text.contains("inside"), "{text}");
    }
}
