//! A source as people read it: which encoding its text is in, or that it is no text. Only for showing: what is converted is
//! decoded by its format, which never replaces a character silently.

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

use crate::text::{announced, is_utf32, is_wide};
use crate::xml::declared_encoding;

/// How the bytes of a text are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Coding {
    encoding: &'static Encoding,
    mark: usize,
}

impl Coding {
    /// Judges by the first bytes of a file; `None` when it is no text.
    pub fn of(head: &[u8]) -> Option<Self> {
        if is_utf32(head) {
            return None;
        }
        if let Some((encoding, mark)) = announced(head) {
            let even = head.len() - (head.len() - mark) % 2;
            let marked =
                mark > 0 || encoding.decode_without_bom_handling_and_without_replacement(&head[..even]).is_some_and(|t| is_plain(&t));
            return marked.then_some(Self { encoding, mark });
        }
        if head.contains(&0) {
            return None;
        }
        let declared = declared_encoding(head).and_then(|label| Encoding::for_label(label.as_bytes()));
        let encoding = match declared {
            Some(encoding) if encoding != UTF_16LE && encoding != UTF_16BE && encoding != UTF_8 => encoding,
            _ if is_utf8(head) => UTF_8,
            _ => WINDOWS_1252,
        };
        Some(Self { encoding, mark: 0 })
    }

    /// Its usual name, such as `UTF-8`.
    pub fn name(self) -> &'static str {
        self.encoding.name()
    }

    /// Bytes of the byte order mark at the beginning of the file.
    pub fn mark(self) -> usize {
        self.mark
    }

    /// Bytes of the shortest character.
    pub fn unit(self) -> usize {
        if is_wide(self.encoding) { 2 } else { 1 }
    }

    /// The text; what is not of this encoding shows as U+FFFD.
    pub fn decode(self, bytes: &[u8]) -> String {
        self.encoding.decode_without_bom_handling(bytes).0.into_owned()
    }
}

/// Whether the bytes are UTF-8, but for a character that is cut off at their end.
fn is_utf8(bytes: &[u8]) -> bool {
    str::from_utf8(bytes).map_or_else(|error| error.error_len().is_none(), |_| true)
}

/// A text has no control characters but those that order it.
fn is_plain(text: &str) -> bool {
    !text.contains(|c: char| c.is_control() && !matches!(c, '\t' | '\r' | '\n' | '\u{c}'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_bytes_tell_the_encoding_or_that_it_is_no_text() {
        let wide = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
        type Told = Option<(&'static str, usize)>;
        let table: [(&[u8], Told); 10] = [
            (b"", Some(("UTF-8", 0))),
            (b"plain", Some(("UTF-8", 0))),
            (b"\xef\xbb\xbfmarked", Some(("UTF-8", 3))),
            ("Prüfung µ".as_bytes(), Some(("UTF-8", 0))),
            ("cut off µ".as_bytes().split_last().expect("not empty").1, Some(("UTF-8", 0))),
            (b"Pr\xfcfung", Some(("windows-1252", 0))),
            (b"<?xml version=\"1.0\" encoding=\"iso-8859-2\"?><a/>", Some(("ISO-8859-2", 0))),
            (&wide("\u{feff}wide"), Some(("UTF-16LE", 2))),
            (&wide("wide"), Some(("UTF-16LE", 0))),
            (&[2, 0, 0, 10, 2, 4], None),
        ];
        for (head, expected) in table {
            assert_eq!(Coding::of(head).map(|coding| (coding.name(), coding.mark())), expected, "{head:?}");
        }
        assert_eq!(Coding::of(&[1, 0, 2, 0, 3, 0]), None, "bytes that only look wide");
    }
}
