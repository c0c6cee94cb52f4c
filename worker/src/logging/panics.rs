//! What is left of a panic: a file for those who repair it, a line in the log, a fault on the board.

use crate::board::Board;
use crate::intake::is_converting;
use jiff::Timestamp;
use std::backtrace::Backtrace;
use std::panic::PanicHookInfo;
use std::path::{Path, PathBuf};

/// Tells of every panic from now on. One inside a format rejects a file and is told by that alone.
pub(crate) fn install(logs: PathBuf, board: Board) {
    std::panic::set_hook(Box::new(move |panic| {
        if is_converting() {
            tracing::error!("a format failed: {panic}");
            return;
        }
        let now = Timestamp::now();
        let place = write(&logs, panic, now);
        board.fault(format!("a fault of Lineside happened; details are in {place}"));
        tracing::error!("a fault of Lineside: {panic}; details are in {place}");
    }));
}

/// Writes the file; where it is, or why it is not.
fn write(logs: &Path, panic: &PanicHookInfo<'_>, now: Timestamp) -> String {
    let path = logs.join(format!("panic-{}.txt", now.strftime("%Y%m%dT%H%M%S.%3fZ")));
    let thread = std::thread::current().name().unwrap_or("unnamed").to_owned();
    let version = env!("CARGO_PKG_VERSION");
    let text = format!("Lineside {version}, {now}, thread {thread}\n\n{panic}\n\n{}\n", Backtrace::force_capture());
    match std::fs::write(&path, text) {
        Ok(()) => path.display().to_string(),
        Err(error) => format!("no file ({}: {error})", path.display()),
    }
}
