//! The bytes under the XML parser: decoded to UTF-8 on the way in, and measured on the way out.
//!
//! The parser sees UTF-8 only. What it consumes is kept until the reader takes it event by event, and a ruler walks over it and
//! knows, for every character, where it stood in the SOURCE file: byte offset (of the encoded file, byte order mark included),
//! line and column. Lines end with LF, CRLF or a lone CR; columns count characters.
//!
//! Encoding: byte order mark, else the shape of `<` in UTF-16, else the XML declaration, else UTF-8. A declaration of UTF-16 in a
//! file of single bytes is disbelieved (a known slip of .NET writers). Bytes that are not UTF-8 in a UTF-8 file are read as
//! windows-1252, one by one, and noted: a Latin-1 writer with a wrong declaration loses nothing. In any other encoding bytes that are
//! none of it are noted for the reader to refuse: what they meant is not known.

use std::collections::VecDeque;
use std::io::{self, BufRead, Read};

use encoding_rs::{Decoder, Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252, X_USER_DEFINED};

use super::ruler::Ruler;
use crate::Span;
use crate::text::is_utf32;

/// How many bytes the XML declaration may take.
const DECLARATION: usize = 1024;
/// How much is read and decoded at a time.
const CHUNK: usize = 16 * 1024;
/// The longest single text, comment or tag, decoded, in bytes.
pub(super) const LONGEST_PIECE: usize = 64 * 1024 * 1024;

const BOM: &str = "\u{feff}";

/// Why a source cannot be opened as XML text.
#[derive(Debug)]
pub(super) enum Unreadable {
    Io(io::Error),
    Encoding(String),
    Utf32,
}

impl From<io::Error> for Unreadable {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// Decoded text for the parser, and the ruler over what it consumed.
pub(super) struct Source<'a> {
    input: &'a mut dyn BufRead,
    encoding: &'static Encoding,
    coding: Coding,
    head: Vec<u8>,
    ready: String,
    used: usize,
    decoded: u64,
    ended: bool,
    window: Vec<u8>,
    ruler: Ruler,
    garbled: bool,
    too_long: bool,
}

enum Coding {
    Utf8 { carry: Vec<u8> },
    Other(Decoder),
}

impl<'a> Source<'a> {
    /// Reads the first bytes and settles the encoding.
    pub(super) fn open(input: &'a mut dyn BufRead) -> Result<Self, Unreadable> {
        let mut head = Vec::with_capacity(DECLARATION);
        (&mut *input).take(DECLARATION as u64).read_to_end(&mut head)?;
        let encoding = sniff(&head)?;
        let coding =
            if encoding == UTF_8 { Coding::Utf8 { carry: Vec::new() } } else { Coding::Other(encoding.new_decoder_without_bom_handling()) };
        let mut source = Self {
            input,
            encoding,
            coding,
            head,
            ready: String::new(),
            used: 0,
            decoded: 0,
            ended: false,
            window: Vec::new(),
            ruler: Ruler::new(encoding),
            garbled: false,
            too_long: false,
        };
        source.pull()?;
        source.skip_byte_order_mark();
        Ok(source)
    }

    /// Takes the next `length` consumed bytes as text. The ruler stays at their start.
    pub(super) fn take_text(&mut self, length: u64) -> String {
        let length = usize::try_from(length).map_or(self.window.len(), |n| n.min(self.window.len()));
        let rest = self.window.split_off(length);
        let taken = std::mem::replace(&mut self.window, rest);
        String::from_utf8_lossy(&taken).into_owned()
    }

    /// Moves the ruler over text that was taken.
    pub(super) fn pass(&mut self, text: &str) {
        self.ruler.pass(text);
    }

    /// The place under the ruler, as an empty span.
    pub(super) fn here(&self) -> Span {
        Span { start: self.ruler.offset, end: self.ruler.offset, line: self.ruler.line, column: self.ruler.column }
    }

    /// The first place the ruler passed where bytes were not of the encoding.
    pub(super) fn mended(&self) -> Option<Span> {
        // U+FFFD may be written on purpose, unless a decoder says that it made one
        self.ruler.mended.filter(|_| self.garbled || matches!(self.coding, Coding::Utf8 { .. }))
    }

    /// What the bytes are read as.
    pub(super) fn encoding(&self) -> &'static Encoding {
        self.encoding
    }

    /// Whether a decoder other than UTF-8's met bytes it does not know.
    pub(super) fn garbled(&self) -> bool {
        self.garbled
    }

    /// Whether reading stopped because one piece was longer than the cap.
    pub(super) fn too_long(&self) -> bool {
        self.too_long
    }

    /// Whether everything was read and consumed.
    pub(super) fn at_end(&self) -> bool {
        self.ended && self.used == self.ready.len()
    }

    fn skip_byte_order_mark(&mut self) {
        while self.ready[self.used..].starts_with(BOM) {
            self.used += BOM.len();
            self.ruler.offset += self.ruler.width.of('\u{feff}');
            self.ruler.decoded += BOM.len() as u64;
        }
    }

    /// Decodes more until there is text or the source ended.
    fn pull(&mut self) -> io::Result<()> {
        while self.used == self.ready.len() && !self.ended {
            self.ready.clear();
            self.used = 0;
            let before = self.ready.len();
            let bytes = self.next_bytes()?;
            self.ended = bytes.is_empty();
            self.decode(&bytes);
            self.decoded += (self.ready.len() - before) as u64;
        }
        Ok(())
    }

    fn next_bytes(&mut self) -> io::Result<Vec<u8>> {
        if !self.head.is_empty() {
            return Ok(std::mem::take(&mut self.head));
        }
        loop {
            match self.input.fill_buf() {
                Ok(bytes) => {
                    let bytes = bytes[..bytes.len().min(CHUNK)].to_vec();
                    self.input.consume(bytes.len());
                    return Ok(bytes);
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }

    fn decode(&mut self, bytes: &[u8]) {
        match &mut self.coding {
            Coding::Utf8 { carry } => {
                carry.extend_from_slice(bytes);
                let undecoded = std::mem::take(carry);
                *carry = mend_utf8(&undecoded, self.ended, &mut self.ready, self.decoded, &mut self.ruler.mended_at);
            }
            Coding::Other(decoder) => {
                let room = decoder.max_utf8_buffer_length(bytes.len());
                self.ready.reserve(room.unwrap_or(bytes.len() * 3 + 16));
                let (_, _, garbled) = decoder.decode_to_string(bytes, &mut self.ready, self.ended);
                self.garbled |= garbled;
            }
        }
    }
}

impl Read for Source<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let available = self.fill_buf()?;
        let length = available.len().min(out.len());
        out[..length].copy_from_slice(&available[..length]);
        self.consume(length);
        Ok(length)
    }
}

impl BufRead for Source<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.window.len() > LONGEST_PIECE {
            self.too_long = true;
            return Err(io::Error::other("longer than the cap"));
        }
        self.pull()?;
        Ok(&self.ready.as_bytes()[self.used..])
    }

    fn consume(&mut self, amount: usize) {
        let end = (self.used + amount).min(self.ready.len());
        self.window.extend_from_slice(&self.ready.as_bytes()[self.used..end]);
        self.used = end;
    }
}

/// Decodes UTF-8; bytes that are none become windows-1252 characters whose decoded offsets are noted. Returns the cut-off tail.
fn mend_utf8(mut bytes: &[u8], last: bool, out: &mut String, decoded: u64, noted: &mut VecDeque<u64>) -> Vec<u8> {
    loop {
        let error = match std::str::from_utf8(bytes) {
            Ok(text) => {
                out.push_str(text);
                return Vec::new();
            }
            Err(error) => error,
        };
        let (valid, rest) = bytes.split_at(error.valid_up_to());
        out.push_str(&String::from_utf8_lossy(valid));
        if error.error_len().is_none() && !last {
            return rest.to_vec();
        }
        let bad = error.error_len().unwrap_or(rest.len());
        for byte in &rest[..bad] {
            noted.push_back(decoded + out.len() as u64);
            out.push_str(&WINDOWS_1252.decode_without_bom_handling(&[*byte]).0);
        }
        bytes = &rest[bad..];
    }
}

fn sniff(head: &[u8]) -> Result<&'static Encoding, Unreadable> {
    if is_utf32(head) {
        return Err(Unreadable::Utf32);
    }
    if let Some((encoding, _)) = Encoding::for_bom(head) {
        return Ok(encoding);
    }
    match head {
        [b'<', 0, ..] => return Ok(UTF_16LE),
        [0, b'<', ..] => return Ok(UTF_16BE),
        _ => {}
    }
    let Some(label) = declared_encoding(head) else {
        return Ok(UTF_8);
    };
    match Encoding::for_label_no_replacement(label.as_bytes()) {
        Some(encoding) if encoding == UTF_16LE || encoding == UTF_16BE => Ok(UTF_8),
        // made for browsers: letters would become private characters
        Some(encoding) if encoding == X_USER_DEFINED => Err(Unreadable::Encoding(label)),
        Some(encoding) => Ok(encoding),
        None => Err(Unreadable::Encoding(label)),
    }
}

/// The value of `encoding` in the XML declaration at the start of `head`.
pub(super) fn declared_encoding(head: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(head);
    let declaration = text.strip_prefix("<?xml")?;
    let declaration = &declaration[..declaration.find("?>")?];
    let value = declaration.split_once("encoding")?.1.trim_start();
    let value = value.strip_prefix('=')?.trim_start();
    let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let (label, _) = value[1..].split_once(quote)?;
    Some(label.trim().to_owned())
}

/// The start of a source, decoded as far as it goes.
pub(super) fn preview(head: &mut &[u8]) -> String {
    let length = head.len();
    let Ok(mut source) = Source::open(head) else {
        return String::new();
    };
    let mut text = String::with_capacity(length);
    // what was cut inside of a character is of no interest here
    while let Ok(bytes) = source.fill_buf()
        && !bytes.is_empty()
    {
        let length = bytes.len();
        text.push_str(&String::from_utf8_lossy(bytes));
        source.consume(length);
    }
    text
}
