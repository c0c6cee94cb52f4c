//! A window on a source file: its text around a place, or for a file that is no text its first bytes. Never the whole of a large file.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use converters::{Coding, Span};
use serde::Serialize;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};

/// Most bytes of a text that are shown.
const TEXT: u64 = 1 << 20;
/// Most bytes of anything else.
const BYTES: usize = 64 << 10;

/// What is shown of a file.
#[derive(Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub(super) enum Window {
    Text {
        text: String,
        /// Line of the text's beginning in the file, from 1.
        first_line: u32,
        /// The file is longer.
        truncated: bool,
        encoding: &'static str,
    },
    Bytes {
        base64: String,
        truncated: bool,
    },
}

impl Window {
    /// From the beginning of the file, unless the place is too far behind it: then around the place.
    pub(super) fn around(file: &mut File, size: u64, place: Option<Span>) -> io::Result<Window> {
        let head = read(file, 0, TEXT)?;
        let Some(coding) = Coding::of(&head) else {
            let shown = &head[..head.len().min(BYTES)];
            return Ok(Window::Bytes { base64: STANDARD.encode(shown), truncated: size > shown.len() as u64 });
        };
        match place.filter(|place| place.end > TEXT) {
            None => {
                let text = coding.decode(whole(&head[coding.mark()..], coding));
                Ok(Window::Text { text, first_line: 1, truncated: size > TEXT, encoding: coding.name() })
            }
            Some(place) => {
                let unit = coding.unit() as u64;
                let start = (place.start - TEXT / 2) / unit * unit;
                let (text, first_line) = before_and_after(&read(file, start, TEXT)?, place, start, coding);
                Ok(Window::Text { text, first_line, truncated: true, encoding: coding.name() })
            }
        }
    }
}

/// The text from the first whole line on, and that line's number; a text without line ends begins where it was cut.
fn before_and_after(bytes: &[u8], place: Span, start: u64, coding: Coding) -> (String, u32) {
    let split = usize::try_from(place.start - start).unwrap_or(bytes.len()).min(bytes.len());
    let before = coding.decode(&bytes[..split]);
    let after = coding.decode(whole(&bytes[split..], coding));
    let before = before.split_once('\n').map_or(before.as_str(), |(_, lines)| lines);
    let lines = u32::try_from(before.matches('\n').count()).unwrap_or(u32::MAX);
    (format!("{before}{after}"), place.line.saturating_sub(lines).max(1))
}

/// The bytes without a character that is cut off at their end.
fn whole(bytes: &[u8], coding: Coding) -> &[u8] {
    let even = bytes.len() - bytes.len() % coding.unit();
    match (coding.name(), str::from_utf8(&bytes[..even])) {
        ("UTF-8", Err(cut)) if cut.error_len().is_none() => &bytes[..cut.valid_up_to()],
        _ => &bytes[..even],
    }
}

fn read(file: &mut File, start: u64, most: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    file.seek(SeekFrom::Start(start))?;
    file.take(most).read_to_end(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn of(bytes: &[u8], place: Option<Span>) -> Window {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(bytes).unwrap();
        Window::around(&mut file, bytes.len() as u64, place).unwrap()
    }

    fn text(window: Window) -> (String, u32, bool, &'static str) {
        match window {
            Window::Text { text, first_line, truncated, encoding } => (text, first_line, truncated, encoding),
            Window::Bytes { .. } => panic!("no text"),
        }
    }

    #[test]
    fn a_short_text_is_shown_whole_without_its_mark() {
        assert_eq!(text(of("\u{feff}a\nb".as_bytes(), None)), ("a\nb".to_owned(), 1, false, "UTF-8"));
        assert_eq!(text(of(b"Pr\xfcfung", None)).0, "Prüfung");
    }

    #[test]
    fn a_place_far_behind_is_shown_with_whole_lines_around_it() {
        let line = "0123456789abcde\n";
        let long = line.repeat(200_000);
        let place = Span { start: 16 * 150_000 + 3, end: 16 * 150_000 + 5, line: 150_001, column: 4 };
        let (shown, _, truncated, _) = text(of(long.as_bytes(), Some(place)));
        assert!(truncated && shown.starts_with(line) && shown.len() <= 1 << 20);
        let number = |n: u32| format!("{n:015}\n");
        let numbered: String = (1..=200_000).map(number).collect();
        let (shown, first, ..) = text(of(numbered.as_bytes(), Some(place)));
        assert_eq!(shown.lines().nth((place.line - first) as usize), Some(number(place.line).trim_end()));
    }

    #[test]
    fn what_is_no_text_is_shown_as_bytes() {
        let bytes = [2, 0, 0, 10, 2, 4].repeat(20_000);
        match of(&bytes, None) {
            Window::Bytes { base64, truncated } => assert!(truncated && STANDARD.decode(base64).unwrap() == bytes[..BYTES]),
            Window::Text { .. } => panic!("text"),
        }
    }
}
