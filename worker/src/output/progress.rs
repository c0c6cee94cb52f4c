//! How far a long work is, on standard error, where that is a terminal.

use indicatif::{ProgressBar, ProgressStyle};
use std::time::Duration;

/// How often a sign of life moves.
const TICK: Duration = Duration::from_millis(100);

/// A line that shows how far something is; removed when dropped.
pub(crate) struct Progress(ProgressBar);

impl Progress {
    pub(super) fn none() -> Self {
        Self(ProgressBar::hidden())
    }

    pub(super) fn over(count: usize) -> Self {
        let bar = ProgressBar::new(count as u64);
        styled(&bar, "{bar:30} {pos}/{len} {msg}");
        Self(bar)
    }

    pub(super) fn waiting(text: String) -> Self {
        let bar = ProgressBar::new_spinner();
        styled(&bar, "{spinner} {msg}");
        bar.set_message(text);
        bar.enable_steady_tick(TICK);
        Self(bar)
    }

    /// Whether anybody sees it.
    pub(crate) fn is_shown(&self) -> bool {
        !self.0.is_hidden()
    }

    /// One more is done.
    pub(crate) fn step(&self) {
        self.0.inc(1);
    }

    /// So many are done, and what there is to say about them.
    pub(crate) fn at(&self, done: usize, text: String) {
        self.0.set_position(done as u64);
        self.0.set_message(text);
    }

    /// Prints something without mixing it with the line.
    pub(crate) fn aside(&self, print: impl FnOnce()) {
        self.0.suspend(print);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}

/// A template that cannot be read leaves the bar as it is; ours can.
fn styled(bar: &ProgressBar, template: &str) {
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
}
