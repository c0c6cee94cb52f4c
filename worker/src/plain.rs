//! Text that comes from files, made safe to look at: names can carry line ends, escape sequences, and marks that turn the
//! direction of writing. Changes what people see, never what is stored.

use std::borrow::Cow;

/// The text on one line, with everything escaped that moves a cursor or turns the direction of writing.
pub(crate) fn line(text: &str) -> String {
    escaped(text, moves)
}

/// The same for a text of several lines: line ends and tabs stay.
pub(crate) fn lines(text: &str) -> String {
    escaped(text, |c| moves(c) && c != '\n' && c != '\t')
}

/// A line of JSON that means the same and can be looked at.
pub(crate) fn json(line: &str) -> Cow<'_, str> {
    let hidden = |c: char| moves(c) && c != '\n';
    if !line.contains(hidden) {
        return line.into();
    }
    // What is hidden stands inside strings only, and none of it needs more than four digits.
    line.chars().map(|c| if hidden(c) { format!("\\u{:04x}", u32::from(c)) } else { c.to_string() }).collect()
}

fn escaped(text: &str, which: impl Fn(char) -> bool) -> String {
    text.chars().map(|c| if which(c) { c.escape_default().to_string() } else { c.to_string() }).collect()
}

/// Control characters, line and paragraph ends, and what Unicode calls explicit directional formatting.
fn moves(c: char) -> bool {
    let turns = matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    c.is_control() || turns
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_from_a_file_can_neither_move_the_cursor_nor_turn_the_line() {
        assert_eq!(lines("a\u{1b}[2Jb\u{7}\u{9b}"), "a\\u{1b}[2Jb\\u{7}\\u{9b}");
        assert_eq!(lines("unit\u{202e}nosj.exe\u{2067}"), "unit\\u{202e}nosj.exe\\u{2067}");
        assert_eq!(lines("Prüfung\t1\nñ שלום"), "Prüfung\t1\nñ שלום");
        assert_eq!(json("{\"a\":\"\u{9b}\u{202e}ö\"}\n"), "{\"a\":\"\\u009b\\u202eö\"}\n");
        assert_eq!(line("a\tb\nc\r"), "a\\tb\\nc\\r");
    }
}
