//! The only place that prints: data to standard output, everything else to standard error.
//!
//! Text that comes from files is escaped where it could move the cursor. A reader that has gone away (`lineside list | head -1`) ends the command quietly; a disk that is full ends it with an error.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "the command line's one way out")]

mod progress;

use crate::exit::{Exit, Fatal};
use crate::plain;
use anstyle::{AnsiColor, Style};
pub(crate) use progress::Progress;
use serde::Serialize;
use std::io::{ErrorKind, IsTerminal, Write};

/// How a line is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mood {
    Plain,
    Good,
    Warning,
    Bad,
    Quiet,
}

impl Mood {
    fn style(self) -> Style {
        match self {
            Self::Plain => Style::new(),
            Self::Good => AnsiColor::Green.on_default(),
            Self::Warning => AnsiColor::Yellow.on_default(),
            Self::Bad => AnsiColor::Red.on_default().bold(),
            Self::Quiet => Style::new().dimmed(),
        }
    }
}

/// A column of a table, by its heading.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Column {
    /// Set from the left.
    Text(&'static str),
    /// Set to the right, so that digits stand below digits.
    Number(&'static str),
}

impl Column {
    fn heading(self) -> &'static str {
        match self {
            Self::Text(heading) | Self::Number(heading) => heading,
        }
    }

    fn set(self, cell: &str, width: usize) -> String {
        match self {
            Self::Text(_) => format!("{cell:<width$}"),
            Self::Number(_) => format!("{cell:>width$}"),
        }
    }
}

/// Where a command's output goes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Output {
    pub(crate) json: bool,
    pub(crate) quiet: bool,
    pub(crate) verbose: bool,
}

impl Output {
    /// Data as one line of JSON.
    pub(crate) fn json(self, value: &impl Serialize) {
        match serde_json::to_string(value) {
            Ok(text) => self.raw(&text),
            Err(error) => self.error(&format!("the answer cannot be written as JSON: {error}")),
        }
    }

    /// One line of data, exactly as it is.
    pub(crate) fn raw(self, line: &str) {
        self.print(line);
    }

    /// One line of data for a person.
    pub(crate) fn line(self, mood: Mood, text: &str) {
        self.print(&styled(mood, text));
    }

    /// Something worth knowing that is not the answer; not with `--quiet` or `--json`.
    pub(crate) fn note(self, text: &str) {
        if !self.quiet && !self.json {
            say(&styled(Mood::Quiet, text));
        }
    }

    /// What is odd, but stopped nothing; not with `--quiet`.
    pub(crate) fn warning(self, text: &str) {
        if !self.quiet {
            say(&format!("{} {}", styled(Mood::Warning, "warning:"), plain::lines(text)));
        }
    }

    /// What went wrong and what to do.
    pub(crate) fn error(self, text: &str) {
        say(&format!("{} {}", styled(Mood::Bad, "error:"), plain::lines(text)));
    }

    /// What ended the process: for a person on standard error, and with `--json` for a program where it looks for the answer.
    pub(crate) fn fatal(self, fatal: &Fatal) {
        if self.json {
            self.json(&serde_json::json!({"error": fatal.as_json()}));
        }
        let hint = fatal.hint.as_ref().map_or_else(String::new, |hint| format!("; {hint}"));
        self.error(&format!("{}{hint}", fatal.message));
    }

    /// Rows under headings, each column as wide as it must be; without the headings where all of them are empty.
    pub(crate) fn table(self, columns: &[Column], rows: &[Vec<String>]) {
        let rows: Vec<Vec<String>> = rows.iter().map(|row| row.iter().map(|cell| plain::line(cell)).collect()).collect();
        let headings: Vec<String> = columns.iter().map(|column| column.heading().to_owned()).collect();
        let width = |at: usize| rows.iter().chain([&headings]).map(|row| row[at].chars().count()).max().unwrap_or(0);
        let line = |row: &Vec<String>| {
            let cells = row.iter().enumerate().map(|(at, cell)| columns[at].set(cell, width(at)));
            cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
        };
        if headings.iter().any(|heading| !heading.is_empty()) {
            self.line(Mood::Quiet, &line(&headings));
        }
        rows.iter().for_each(|row| self.line(Mood::Plain, &line(row)));
    }

    /// A progress bar over `count` things, where a terminal is there to show it and the answer itself does not show how far it is.
    pub(crate) fn progress(self, count: usize, prints: bool) -> Progress {
        let told = prints && std::io::stdout().is_terminal();
        if self.quiet || told || count < 2 { Progress::none() } else { Progress::over(count) }
    }

    /// A sign of life while something is waited for, where a terminal is there to show it.
    pub(crate) fn waiting(self, text: String) -> Progress {
        if self.quiet || self.json { Progress::none() } else { Progress::waiting(text) }
    }

    fn print(self, line: &str) {
        let mut stdout = anstream::stdout();
        let Err(error) = writeln!(stdout, "{line}").and_then(|()| stdout.flush()) else { return };
        if error.kind() == ErrorKind::BrokenPipe {
            // Nobody reads any more: all that was wanted was given.
            std::process::exit(0);
        }
        self.error(&format!("the answer cannot be written to standard output: {error}"));
        std::process::exit(i32::from(Exit::Failed as u8));
    }
}

/// Writes to standard error. Where that is gone, the work goes on: it is not what was asked for.
fn say(line: &str) {
    let _nobody_listens = writeln!(anstream::stderr(), "{line}");
}

fn styled(mood: Mood, text: &str) -> String {
    let style = mood.style();
    format!("{style}{}{style:#}", plain::lines(text))
}

/// `1 report`, `2 reports`.
pub(crate) fn counted(count: impl Into<u64>, thing: &str) -> String {
    let count = count.into();
    format!("{count} {thing}{}", if count == 1 { "" } else { "s" })
}

/// The first line of a text, at most `max` characters of it.
pub(crate) fn shortened(text: &str, max: usize) -> String {
    let line = text.lines().next().unwrap_or_default();
    if line.chars().count() <= max {
        return line.to_owned();
    }
    line.chars().take(max.saturating_sub(1)).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_thing_is_no_things_and_a_long_text_says_that_it_goes_on() {
        assert_eq!([counted(0_u64, "file"), counted(1_u64, "file"), counted(2_u64, "file")], ["0 files", "1 file", "2 files"]);
        assert_eq!([shortened("short", 5), shortened("longer", 5), shortened("a\nb", 5)], ["short", "long…", "a"]);
    }

    #[test]
    fn digits_stand_below_digits() {
        assert_eq!(Column::Number("n").set("7", 3), "  7");
        assert_eq!(Column::Text("n").set("7", 3), "7  ");
    }
}
