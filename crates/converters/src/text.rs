//! Encodings: which one a text is in, decoding without ever replacing a character silently, and the length a piece of decoded
//! text had in the file.

use std::borrow::Cow;
use std::io::{self, BufRead, Read};
use std::ops::Range;

use encoding_rs::{Decoder, DecoderResult, Encoding, UTF_8, UTF_16BE, UTF_16LE};

use crate::failure::{Failure, Rejection};
use crate::trace::Span;

/// How much text of a UTF-16 file is turned into UTF-8 at a time.
const CHUNK: usize = 32 * 1024;

/// The encoding that a byte order mark announces, with the mark's length; or UTF-16 without one, for a report begins with ASCII and
/// holds no NUL.
pub(crate) fn announced(head: &[u8]) -> Option<(&'static Encoding, usize)> {
    let zero = |at: usize| head.get(at).map(|byte| *byte == 0);
    Encoding::for_bom(head).or(match (zero(0), zero(1), zero(2)) {
        (Some(false), Some(true), Some(false)) => Some((UTF_16LE, 0)),
        (Some(true), Some(false), Some(true)) => Some((UTF_16BE, 0)),
        _ => None,
    })
}

/// Whether a text begins with the mark of UTF-32, which no tester writes and nothing here reads.
pub(crate) fn is_utf32(head: &[u8]) -> bool {
    head.starts_with(&[0xff, 0xfe, 0, 0]) || head.starts_with(&[0, 0, 0xfe, 0xff])
}

/// The refusal of such a text.
pub(crate) fn utf32() -> Failure {
    let begin = Span { start: 0, end: 4, line: 1, column: 1 };
    Rejection::new("the text is UTF-32, which is not read", "save the file as UTF-8").at(begin).into()
}

/// The text, or `None` where the bytes are not of this encoding. Never removes a byte order mark.
pub(crate) fn decode<'a>(bytes: &'a [u8], encoding: &'static Encoding) -> Option<Cow<'a, str>> {
    encoding.decode_without_bom_handling_and_without_replacement(bytes)
}

/// Whether newlines and ASCII take two bytes in this encoding.
pub(crate) fn is_wide(encoding: &'static Encoding) -> bool {
    encoding == UTF_16LE || encoding == UTF_16BE
}

/// How many bytes `text` takes in a file of this encoding.
pub(crate) fn source_len(text: &str, encoding: &'static Encoding) -> u64 {
    let bytes = if encoding == UTF_8 {
        text.len()
    } else if is_wide(encoding) {
        text.encode_utf16().count() * 2
    } else if encoding.is_single_byte() {
        text.chars().count()
    } else {
        encoding.encode(text).0.len()
    };
    bytes as u64
}

/// A source whose byte order mark is taken off and, where it is UTF-16, whose text comes out as UTF-8.
pub(crate) struct Source<'r> {
    inner: io::Chain<io::Cursor<Vec<u8>>, &'r mut dyn BufRead>,
    announced: Option<&'static Encoding>,
    mark: usize,
    wide: Option<Wide>,
}

/// Text of a UTF-16 file on its way to UTF-8.
struct Wide {
    decoder: Decoder,
    text: String,
    at: usize,
    ended: bool,
}

impl<'r> Source<'r> {
    /// Looks at the first bytes for the encoding.
    ///
    /// # Errors
    /// They cannot be read, or are those of an encoding that is not read.
    pub(crate) fn open(reader: &'r mut dyn BufRead) -> Result<Self, Failure> {
        let mut head = Vec::with_capacity(4);
        reader.take(4).read_to_end(&mut head)?;
        if is_utf32(&head) {
            return Err(utf32());
        }
        let (announced, mark) = announced(&head).map_or((None, 0), |(encoding, mark)| (Some(encoding), mark));
        head.drain(..mark);
        let wide = announced.filter(|encoding| is_wide(encoding)).map(|encoding| Wide {
            decoder: encoding.new_decoder_without_bom_handling(),
            text: String::with_capacity(CHUNK),
            at: 0,
            ended: false,
        });
        Ok(Self { inner: io::Cursor::new(head).chain(reader), announced, mark, wide })
    }

    /// The encoding the first bytes announced.
    pub(crate) fn announced(&self) -> Option<&'static Encoding> {
        self.announced
    }

    /// Where the text begins in the file: behind the byte order mark.
    pub(crate) fn origin(&self) -> u64 {
        self.mark as u64
    }
}

impl Read for Source<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let mut ready = self.fill_buf()?;
        let read = ready.read(out)?;
        self.consume(read);
        Ok(read)
    }
}

impl BufRead for Source<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        match &mut self.wide {
            None => self.inner.fill_buf(),
            Some(wide) => wide.fill(&mut self.inner),
        }
    }

    fn consume(&mut self, amount: usize) {
        match &mut self.wide {
            None => self.inner.consume(amount),
            Some(wide) => wide.at += amount,
        }
    }
}

impl Wide {
    fn fill(&mut self, inner: &mut impl BufRead) -> io::Result<&[u8]> {
        while self.at == self.text.len() && !self.ended {
            self.text.clear();
            self.at = 0;
            let raw = inner.fill_buf()?;
            let last = raw.is_empty();
            let (result, read) = self.decoder.decode_to_string_without_replacement(raw, &mut self.text, last);
            inner.consume(read);
            match result {
                // half a character at the very end may get its other half yet
                DecoderResult::Malformed(..) if last => return Err(io::Error::new(io::ErrorKind::UnexpectedEof, BrokenWide)),
                DecoderResult::Malformed(..) => return Err(io::Error::new(io::ErrorKind::InvalidData, BrokenWide)),
                DecoderResult::InputEmpty => self.ended = last,
                DecoderResult::OutputFull => {}
            }
        }
        Ok(&self.text.as_bytes()[self.at..])
    }
}

/// A UTF-16 text with half a character in it.
#[derive(Debug, thiserror::Error)]
#[error("the text is announced as UTF-16 but holds half a character")]
struct BrokenWide;

/// The refusal of zero bytes where a report should begin: space in the file that was never written to.
pub(crate) fn unwritten() -> Rejection {
    Rejection::new("here the file has zero bytes instead of a report", "look at the tester: it made room in the file and did not fill it")
}

/// A failed read behind `at` as a failure: broken text is the source's fault, anything else the disk's.
pub(crate) fn read_failure(error: io::Error, at: Span, may_grow: bool) -> Failure {
    if error.get_ref().is_none_or(|cause| !cause.is::<BrokenWide>()) {
        return Failure::Read(error);
    }
    let rejection = Rejection::new(error.to_string(), "save the file again as UTF-8").at(at);
    Failure::cut(rejection, may_grow && error.kind() == io::ErrorKind::UnexpectedEof)
}

/// Finds the place in the file of pieces of a decoded text. Quick when asked in the order of the text, or of its lines.
pub(crate) struct Locator<'t> {
    text: &'t str,
    encoding: &'static Encoding,
    origin: Span,
    at: usize,
    here: Span,
    /// The beginning of the line that `here` is in: cells of one line are asked for in any order.
    line: (usize, Span),
}

impl<'t> Locator<'t> {
    /// For a text that begins at the start of `origin` in a file of this encoding.
    pub(crate) fn new(text: &'t str, encoding: &'static Encoding, origin: Span) -> Self {
        Self { text, encoding, origin, at: 0, here: origin, line: (0, origin) }
    }

    /// The place of the bytes `range` of the text; ends in the middle of a character are moved back to its beginning.
    pub(crate) fn span(&mut self, range: Range<usize>) -> Span {
        let start = self.text.floor_char_boundary(range.start);
        let end = self.text.floor_char_boundary(range.end).max(start);
        if start < self.at {
            let line_will_do = self.line.0 <= start;
            (self.at, self.here) = if line_will_do { self.line } else { (0, self.origin) };
            self.line = (self.at, self.here);
        }
        for piece in self.text[self.at..start].split_inclusive('\n') {
            self.at += piece.len();
            self.here.start += source_len(piece, self.encoding);
            if piece.ends_with('\n') {
                self.here.line += 1;
                self.here.column = 1;
                self.line = (self.at, self.here);
            } else {
                self.here.column += u32::try_from(piece.chars().count()).unwrap_or(u32::MAX);
            }
        }
        Span { end: self.here.start + source_len(&self.text[start..end], self.encoding), ..self.here }
    }
}
