//! The log of a running worker: JSON lines into `logs/`, and plain lines on standard error for a person at a terminal.
//!
//! Promises that logging never stops the worker: a full disk costs lines (which are counted), a closed terminal costs
//! nothing, a flood of equal lines is cut and counted. Nothing here ever sees a token.

mod panics;
mod repeats;

use instance::logs::Dropped;
use instance::{Layout, LogLevel, LogWriter};
use jiff::Zoned;
pub(crate) use panics::install as tell_of_panics;
use repeats::Repeats;
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
            .with_ansi(use_colour())
            .with_writer(|| Unbreakable)
            .log_internal_errors(false)
    });
    let level: LevelFilter = level.as_str().parse().unwrap_or(LevelFilter::INFO);
    // What libraries say matters only when it is bad.
    let filter = Targets::new().with_default(level.min(LevelFilter::WARN)).with_target("lineside", level);
    tracing_subscriber::registry().with(lines.and_then(human).with_filter(filter)).try_init()?;
    Ok(dropped)
}

fn use_colour() -> bool {
    use std::io::IsTerminal;
    std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty()) && io::stderr().is_terminal()
}

/// The log file, shared by all threads.
#[derive(Clone)]
struct Shared(Arc<Mutex<(LogWriter, Repeats)>>);

impl Write for Shared {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let mut shared = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (writer, repeats) = &mut *shared;
        let told = repeats.judge(line, Instant::now());
        if let Some(count) = told.left_out {
            let now = Zoned::now().strftime("%Y-%m-%dT%H:%M:%S%.6f%:z").to_string();
            let more = serde_json::json!({"timestamp": now, "level": "INFO", "fields": {"message": format!("{count} more lines like one before were left out")}});
            writer.write_all(format!("{more}\n").as_bytes())?;
        }
        if told.write { writer.write(line) } else { Ok(line.len()) }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Standard error, whose reader may be gone.
struct Unbreakable;

impl Write for Unbreakable {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let _reader_is_gone = io::stderr().write_all(bytes);
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
