//! The only place that prints: data to standard output, everything else to standard error.
//!
//! Text that comes from files is shown with its control characters escaped, so that a file's name cannot move the cursor. A reader that has gone
//! away (`lineside list | head -1`) ends the command quietly.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "the command line's one way out")]

use anstyle::{AnsiColor, Style};
use serde::Serialize;
use std::io::Write;

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

/// Where a command's output goes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Output {
    pub(crate) json: bool,
    pub(crate) quiet: bool,
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
        write_or_leave(&mut anstream::stdout(), line);
    }

    /// One line of data for a person.
    pub(crate) fn line(self, mood: Mood, text: &str) {
        write_or_leave(&mut anstream::stdout(), &styled(mood, text));
    }

    /// Something worth knowing that is not the answer; not with `--quiet` or `--json`.
    pub(crate) fn note(self, text: &str) {
        if !self.quiet && !self.json {
            write_or_leave(&mut anstream::stderr(), &styled(Mood::Quiet, text));
        }
    }

    /// What went wrong and what to do.
    pub(crate) fn error(self, text: &str) {
        write_or_leave(&mut anstream::stderr(), &format!("{} {}", styled(Mood::Bad, "error:"), shown(text)));
    }

    /// Rows under headings, each column as wide as it must be.
    pub(crate) fn table(self, headings: &[&str], rows: &[Vec<String>]) {
        let rows: Vec<Vec<String>> = rows.iter().map(|row| row.iter().map(|cell| shown(cell)).collect()).collect();
        let width = |column: usize| rows.iter().map(|row| chars(&row[column])).chain([chars(headings[column])]).max().unwrap_or(0);
        let widths: Vec<usize> = (0..headings.len()).map(width).collect();
        let line = |cells: &mut dyn Iterator<Item = &str>| {
            let padded: Vec<String> = cells.zip(&widths).map(|(cell, width)| format!("{cell:<width$}")).collect();
            padded.join("  ").trim_end().to_owned()
        };
        self.line(Mood::Quiet, &line(&mut headings.iter().copied()));
        rows.iter().for_each(|row| self.line(Mood::Plain, &line(&mut row.iter().map(String::as_str))));
    }
}

fn chars(text: &str) -> usize {
    text.chars().count()
}

fn styled(mood: Mood, text: &str) -> String {
    let style = mood.style();
    format!("{style}{}{style:#}", shown(text))
}

/// The text with control characters (but line ends and tabs) escaped.
pub(crate) fn shown(text: &str) -> String {
    text.chars().map(|c| if c.is_control() && c != '\n' && c != '\t' { c.escape_default().to_string() } else { c.to_string() }).collect()
}

fn write_or_leave(stream: &mut impl Write, line: &str) {
    if writeln!(stream, "{line}").and_then(|()| stream.flush()).is_err() {
        // Nobody reads any more; there is nobody to tell.
        std::process::exit(0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_from_a_file_cannot_move_the_cursor() {
        assert_eq!(shown("a\u{1b}[2Jb\u{7}"), "a\\u{1b}[2Jb\\u{7}");
        assert_eq!(shown("Prüfung\t1"), "Prüfung\t1");
    }
}
