//! Unescaping: raw text between the markup to what was meant.

/// Text and how many control characters were left out of it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Plain {
    pub(super) text: String,
    pub(super) dropped: usize,
}

/// Which white space rules hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// Between tags: line ends become LF.
    Content,
    /// In an attribute value: line ends and tabs become spaces.
    Attribute,
}

/// Unescapes `raw`. The error is the reference (without `&` and `;`) that is none of the five and no character.
pub(super) fn unescape(raw: &str, place: Place) -> Result<Plain, String> {
    let mut plain = Plain { text: String::with_capacity(raw.len()), dropped: 0 };
    let mut rest = raw;
    while let Some(c) = rest.chars().next() {
        rest = &rest[c.len_utf8()..];
        match c {
            '&' => {
                let (name, after) = rest.split_once(';').unwrap_or((rest, ""));
                let referred = character(name).ok_or_else(|| name.chars().take(40).collect::<String>())?;
                plain.push(referred);
                rest = after;
            }
            '\r' => {
                rest = rest.strip_prefix('\n').unwrap_or(rest);
                plain.text.push(line_end(place));
            }
            '\n' => plain.text.push(line_end(place)),
            '\t' if place == Place::Attribute => plain.text.push(' '),
            _ => plain.push(c),
        }
    }
    Ok(plain)
}

impl Plain {
    fn push(&mut self, c: char) {
        if c < ' ' && !matches!(c, '\t' | '\n' | '\r') {
            self.dropped += 1;
        } else {
            self.text.push(c);
        }
    }
}

fn line_end(place: Place) -> char {
    match place {
        Place::Content => '\n',
        Place::Attribute => ' ',
    }
}

fn character(name: &str) -> Option<char> {
    match name {
        "lt" => Some('<'),
        "gt" => Some('>'),
        "amp" => Some('&'),
        "apos" => Some('\''),
        "quot" => Some('"'),
        _ => {
            let digits = name.strip_prefix('#')?;
            let code = match digits.strip_prefix('x') {
                Some(hex) if hex.bytes().all(|b| b.is_ascii_hexdigit()) => u32::from_str_radix(hex, 16),
                None if digits.bytes().all(|b| b.is_ascii_digit()) => digits.parse(),
                _ => return None,
            };
            char::from_u32(code.ok()?)
        }
    }
}
