//! The note beside a rejected source: what, where, what to do; for the person at the tester.

use crate::plain;
use converters::Rejection;
use std::fmt::Write;

/// What the note says besides the reasons.
pub(super) struct Heading<'a> {
    pub(super) file: &'a str,
    pub(super) rule: &'a str,
    /// Empty where no format was found.
    pub(super) format: &'a str,
    /// RFC 3339.
    pub(super) time: &'a str,
}

/// More reasons than this help nobody.
const MOST: usize = 50;

/// The text of the note.
pub(super) fn note(heading: &Heading<'_>, reasons: &[Rejection]) -> String {
    let mut text = format!("Lineside could not convert {}.\n\n", plain::line(heading.file));
    for reason in reasons.iter().take(MOST) {
        let place = reason.at.map(|at| format!("line {}, column {}: ", at.line, at.column)).unwrap_or_default();
        let pointer = reason.pointer.as_deref().filter(|pointer| !pointer.is_empty()).map(|at| format!("{at}: ")).unwrap_or_default();
        // Writing to a String cannot fail.
        let _ = writeln!(text, "- {place}{pointer}{}\n  What to do: {}", reason.message, reason.fix);
    }
    if reasons.len() > MOST {
        let _ = writeln!(text, "- and {} more like these", reasons.len() - MOST);
    }
    let format = if heading.format.is_empty() { "not found" } else { heading.format };
    let version = env!("CARGO_PKG_VERSION");
    let _ = write!(text, "\nRule: {}\nFormat: {format}\nTime: {}\nLineside {version}\n", heading.rule, heading.time);
    text.push_str("To try again, move the file back into the watched folder.\n");
    text
}

/// The reasons in one line, for the status and the history.
pub(super) fn summary(reasons: &[Rejection]) -> String {
    let first = reasons.first().map(ToString::to_string).unwrap_or_default();
    match reasons.len() {
        0 | 1 => first,
        more => format!("{first} (and {} more)", more - 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use converters::Span;

    #[test]
    fn a_note_says_what_where_and_what_to_do() {
        let at = Some(Span { start: 10, end: 12, line: 3, column: 7 });
        let reason = Rejection {
            pointer: Some("/sn".into()),
            at,
            message: "the serial number is missing".into(),
            fix: "enter it at the tester".into(),
        };
        let heading = Heading { file: "a\n\u{202e}.json", rule: "ict", format: "wsjf", time: "2026-01-02T03:04:05Z" };
        let text = note(&heading, &[reason]);
        for part in [
            "convert a\\n\\u{202e}.json.",
            "line 3, column 7: /sn: the serial number is missing",
            "What to do: enter it at the tester",
            "wsjf",
            "2026-01-02T03:04:05Z",
            "Lineside 0",
        ] {
            assert!(text.contains(part), "{part} is missing in:\n{text}");
        }
    }

    #[test]
    fn many_reasons_are_counted_and_not_all_written() {
        let reasons: Vec<Rejection> =
            (0..60).map(|n| Rejection { pointer: None, at: None, message: format!("m{n}"), fix: "f".into() }).collect();
        let heading = Heading { file: "a", rule: "r", format: "", time: "t" };
        assert!(note(&heading, &reasons).contains("and 10 more"));
        assert_eq!(summary(&reasons), "m0: f (and 59 more)");
    }
}
