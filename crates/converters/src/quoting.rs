//! What messages quote from a source: never longer than a person reads, and nothing that would move a terminal's cursor, turn its
//! text around or end a line of a log.

/// How many characters of a message are kept from its beginning and from its end.
const HEAD: usize = 400;
const TAIL: usize = 120;

/// The text as it can be shown: control characters as their codes, the middle of a long one left out.
pub(crate) fn readable(text: String) -> String {
    if text.len() <= HEAD + TAIL && !text.contains(misleading) {
        return text;
    }
    let length = text.chars().count();
    if length <= HEAD + TAIL {
        return text.chars().map(shown).collect();
    }
    let head = text.chars().take(HEAD).map(shown);
    let tail: Vec<String> = text.chars().rev().take(TAIL).map(shown).collect();
    let left_out = format!("… ({} characters) …", length - HEAD - TAIL);
    head.chain([left_out]).chain(tail.into_iter().rev()).collect()
}

fn misleading(c: char) -> bool {
    c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

fn shown(c: char) -> String {
    if misleading(c) { c.escape_unicode().to_string() } else { c.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_kept_as_it_is_unless_it_is_long_or_would_mislead() {
        assert_eq!(readable("`20 °C` is not a number".into()), "`20 °C` is not a number");
        assert_eq!(readable("a\n\u{1b}[31mb\u{202e}c".into()), r"a\u{a}\u{1b}[31mb\u{202e}c");
        let long = readable(format!("`{}` is not a number", "ü".repeat(1_000_000)));
        assert!(long.starts_with("`üüü") && long.ends_with("ü` is not a number") && long.contains("… (999498 characters) …"), "{long}");
    }
}
