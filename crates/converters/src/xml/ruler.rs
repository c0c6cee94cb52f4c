//! The ruler over the decoded text: which byte, line and column of the source file a character stood at.

use std::collections::VecDeque;

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};

use crate::Span;

/// Where the reader stands in the source file.
pub(super) struct Ruler {
    pub(super) offset: u64,
    pub(super) line: u32,
    pub(super) column: u32,
    pub(super) decoded: u64,
    after_cr: bool,
    pub(super) width: Width,
    /// Decoded offsets of characters that stand for one byte each, whatever the encoding.
    pub(super) mended_at: VecDeque<u64>,
    /// The first place where the source was not of its encoding.
    pub(super) mended: Option<Span>,
}

impl Ruler {
    pub(super) fn new(encoding: &'static Encoding) -> Self {
        Self {
            offset: 0,
            line: 1,
            column: 1,
            decoded: 0,
            after_cr: false,
            width: Width::new(encoding),
            mended_at: VecDeque::new(),
            mended: None,
        }
    }

    pub(super) fn pass(&mut self, text: &str) {
        for c in text.chars() {
            let width = self.width_here(c);
            self.offset += width;
            self.decoded += c.len_utf8() as u64;
            match c {
                '\n' if self.after_cr => {}
                '\n' | '\r' => {
                    self.line = self.line.saturating_add(1);
                    self.column = 1;
                }
                _ => self.column = self.column.saturating_add(1),
            }
            self.after_cr = c == '\r';
        }
    }

    /// The bytes `c` takes in the source; notes the first mended one.
    fn width_here(&mut self, c: char) -> u64 {
        let mended = self.mended_at.front() == Some(&self.decoded);
        let width = if mended { 1 } else { self.width.of(c) };
        if mended {
            self.mended_at.pop_front();
        }
        if mended || (c == char::REPLACEMENT_CHARACTER && !matches!(self.width, Width::Utf8)) {
            let end = self.offset + width;
            self.mended.get_or_insert(Span { start: self.offset, end, line: self.line, column: self.column });
        }
        width
    }
}

/// How many bytes a character takes in the source's encoding.
#[derive(Clone, Copy)]
pub(super) enum Width {
    Utf8,
    Utf16,
    Single,
    Varied(&'static Encoding),
}

impl Width {
    fn new(encoding: &'static Encoding) -> Self {
        match encoding {
            _ if encoding == UTF_8 => Self::Utf8,
            _ if encoding == UTF_16LE || encoding == UTF_16BE => Self::Utf16,
            _ if encoding.is_single_byte() => Self::Single,
            _ => Self::Varied(encoding),
        }
    }

    pub(super) fn of(self, c: char) -> u64 {
        match self {
            Self::Utf8 => c.len_utf8() as u64,
            Self::Utf16 => 2 * c.len_utf16() as u64,
            Self::Varied(encoding) if !c.is_ascii() => encoding.encode(c.encode_utf8(&mut [0; 4])).0.len() as u64,
            Self::Single | Self::Varied(_) => 1,
        }
    }
}
