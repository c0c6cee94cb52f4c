//! Events of the parser to records: skipping, collecting, and saying what is wrong where.

use std::io::BufRead;

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::element::{Attribute, Element, Piece};
use super::source::{LONGEST_PIECE, Source, Unreadable};
use super::text::{Place, Plain, unescape};
use crate::text::utf32;
use crate::{Failure, Rejection, Span, Warning};

/// How deep elements may be nested.
const DEEPEST: usize = 512;
/// How many bytes of the source one record may take.
const LARGEST_RECORD: u64 = 256 * 1024 * 1024;

/// How many elements and attributes one record may have: they take far more room than their text.
const MOST_PARTS: u64 = 2_500_000;

/// How many warnings about one record are given.
const NAMED: usize = 100;

/// Reads a document record by record.
pub(crate) struct XmlReader<'a> {
    parser: Reader<Source<'a>>,
    buffer: Vec<u8>,
    taken: u64,
    depth: usize,
    elements: u64,
    /// Elements and attributes since the last record.
    parts: u64,
    may_grow: bool,
    warnings: Vec<Warning>,
    mended: bool,
}

/// What an event means to the tree.
enum Step {
    Open(Element),
    Close,
    Text(Piece),
    Nothing,
    End,
}

/// The kind of an event, freed from the parser's buffer.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Open,
    Close,
    Text,
    Verbatim,
    DocumentType,
    Aside,
    End,
}

impl<'a> XmlReader<'a> {
    /// Opens a document. With `may_grow`, a text that ends too early is [`Failure::Incomplete`].
    ///
    /// # Errors
    /// The source cannot be read, or its declared encoding is unknown.
    pub(crate) fn open(input: &'a mut dyn BufRead, may_grow: bool) -> Result<Self, Failure> {
        let source = Source::open(input).map_err(|error| match error {
            Unreadable::Io(error) => Failure::Read(error),
            Unreadable::Encoding(label) => Rejection::new(
                format!("the XML declaration names the encoding \"{label}\", which is unknown"),
                "declare the encoding the file is really written in, best UTF-8",
            )
            .into(),
            Unreadable::Utf32 => utf32(),
        })?;
        let mut parser = Reader::from_reader(source);
        parser.config_mut().expand_empty_elements = true;
        Ok(Self { parser, buffer: Vec::new(), taken: 0, depth: 0, elements: 0, parts: 0, may_grow, warnings: Vec::new(), mended: false })
    }

    /// Reads on to the next element that is `wanted`, and gives it with everything in it; elements that are not wanted are
    /// entered. `wanted` is asked with the depth (1 for a root element) and the element as its start tag has it.
    ///
    /// # Errors
    /// What is wrong with the text, with its place; or that it ends too early.
    pub(crate) fn next(&mut self, mut wanted: impl FnMut(usize, &Element) -> bool) -> Result<Option<Element>, Failure> {
        loop {
            self.parts = 0;
            match self.step()? {
                Step::Open(element) if wanted(self.depth, &element) => {
                    return self.collect(element).map(Some);
                }
                Step::Open(_) | Step::Close | Step::Nothing => {}
                Step::Text(piece) if self.depth == 0 && !piece.blank => return Err(self.outside(piece.at)),
                Step::Text(_) => {}
                Step::End if self.depth > 0 => return Err(self.cut("the XML text ends inside of an element")),
                Step::End if self.elements == 0 => return Err(self.cut("the file holds no XML element")),
                Step::End => return Ok(None),
            }
        }
    }

    /// What was mended since the last call: bytes of another encoding, control characters.
    pub(crate) fn take_warnings(&mut self) -> Vec<Warning> {
        std::mem::take(&mut self.warnings)
    }

    /// Builds the tree of an element whose start tag was just read.
    fn collect(&mut self, head: Element) -> Result<Element, Failure> {
        let begin = head.at.start;
        let mut open = vec![head];
        while let Some(mut current) = open.pop() {
            match self.step()? {
                Step::Open(element) => {
                    open.push(current);
                    open.push(element);
                }
                Step::Text(piece) => {
                    current.append(piece);
                    open.push(current);
                }
                Step::Nothing => open.push(current),
                Step::Close => {
                    current.close(self.parser.get_mut().here());
                    let Some(parent) = open.last_mut() else {
                        return Ok(current);
                    };
                    parent.children.push(current);
                }
                Step::End => break,
            }
            self.check_record(begin)?;
        }
        Err(self.cut("the XML text ends inside of an element"))
    }

    fn check_record(&mut self, begin: u64) -> Result<(), Failure> {
        let here = self.parser.get_mut().here();
        if here.start - begin <= LARGEST_RECORD {
            return Ok(());
        }
        let message = format!("one report takes more than {} MiB", LARGEST_RECORD >> 20);
        Err(Rejection::new(message, "split it, or keep large attachments out of it").at(here).into())
    }

    fn step(&mut self) -> Result<Step, Failure> {
        self.buffer.clear();
        let kind = match self.parser.read_event_into(&mut self.buffer) {
            Ok(event) => Kind::of(&event),
            Err(error) => return Err(self.broken(&error)),
        };
        let position = self.parser.buffer_position();
        let raw = self.parser.get_mut().take_text(position - self.taken);
        self.taken = position;
        let step = self.read(kind, &raw)?;
        self.note_mended()?;
        Ok(step)
    }

    /// Makes a step of an event's raw text and moves the ruler past it.
    fn read(&mut self, kind: Kind, raw: &str) -> Result<Step, Failure> {
        match kind {
            Kind::Open => self.open_tag(raw).map(Step::Open),
            Kind::Text => self.piece(raw, raw, 0, true).map(Step::Text),
            Kind::Verbatim => {
                let inner = raw.strip_prefix("<![CDATA[").unwrap_or(raw);
                let inner = inner.strip_suffix("]]>").unwrap_or(inner);
                self.piece(raw, inner, "<![CDATA[".len(), false).map(Step::Text)
            }
            Kind::DocumentType => {
                let here = self.parser.get_mut().here();
                let message = "the file has a document type declaration (<!DOCTYPE …>), which is refused";
                Err(Rejection::new(message, "write the file without it").at(here).into())
            }
            Kind::Close => {
                self.depth = self.depth.saturating_sub(1);
                self.parser.get_mut().pass(raw);
                Ok(Step::Close)
            }
            Kind::Aside => {
                self.parser.get_mut().pass(raw);
                Ok(Step::Nothing)
            }
            Kind::End => {
                self.parser.get_mut().pass(raw);
                Ok(Step::End)
            }
        }
    }

    fn open_tag(&mut self, raw: &str) -> Result<Element, Failure> {
        let at = self.parser.get_mut().here();
        self.depth += 1;
        self.elements += 1;
        self.count_part(at)?;
        if self.depth > DEEPEST {
            let message = format!("elements are nested more than {DEEPEST} deep");
            return Err(Rejection::new(message, "nest fewer steps").at(at).into());
        }
        let content = raw.strip_prefix('<').unwrap_or(raw);
        let content = content.strip_suffix('>').unwrap_or(content);
        let content = content.strip_suffix('/').unwrap_or(content);
        let name_length = content.find(|c: char| c.is_ascii_whitespace()).unwrap_or(content.len());
        let mut element =
            Element { name: local(&content[..name_length]).to_owned(), attributes: Vec::new(), children: Vec::new(), text: None, at };
        let mut passed = 0;
        for attribute in BytesStart::from_content(content, name_length).attributes() {
            let attribute = attribute.map_err(|error| {
                let fix = "write every attribute once, as name=\"value\"";
                Rejection::new(format!("the tag <{}> is malformed: {error}", element.name), fix).at(at)
            })?;
            // the value is a part of `content`, so the difference of their addresses is its offset
            let start = 1 + attribute.value.as_ptr() as usize - content.as_ptr() as usize;
            let end = start + attribute.value.len();
            self.parser.get_mut().pass(&raw[passed..start]);
            let key: &str = attribute.key.as_ref();
            let read = self.attribute(key, &raw[start..end])?;
            passed = end;
            element.attributes.extend(read);
            self.count_part(at)?;
        }
        element.attributes.shrink_to_fit();
        self.parser.get_mut().pass(&raw[passed..]);
        Ok(element)
    }

    /// One more element or attribute, in the tag that begins at `at`.
    fn count_part(&mut self, at: Span) -> Result<(), Failure> {
        self.parts += 1;
        if self.parts <= MOST_PARTS {
            return Ok(());
        }
        let message = format!("one report has more than {MOST_PARTS} elements and attributes");
        Err(Rejection::new(message, "split it").at(at).into())
    }

    /// Reads an attribute value under the ruler and passes it; none for namespace declarations.
    fn attribute(&mut self, name: &str, raw: &str) -> Result<Option<Attribute>, Failure> {
        let mut at = self.parser.get_mut().here();
        self.parser.get_mut().pass(raw);
        at.end = self.parser.get_mut().here().start;
        if name == "xmlns" || name.starts_with("xmlns:") {
            return Ok(None);
        }
        let value = self.plain(raw, Place::Attribute, at)?;
        Ok(Some(Attribute { name: local(name).to_owned(), value, at }))
    }

    /// Reads a piece of text: `inner`, which begins at `offset` of `raw`.
    fn piece(&mut self, raw: &str, inner: &str, offset: usize, escaped: bool) -> Result<Piece, Failure> {
        let begin = offset + (inner.len() - inner.trim_start().len());
        let end = (offset + inner.trim_end().len()).max(begin);
        let source = self.parser.get_mut();
        source.pass(&raw[..begin]);
        let mut at = source.here();
        source.pass(&raw[begin..end]);
        at.end = source.here().start;
        source.pass(&raw[end..]);
        let text = if escaped {
            self.plain(inner, Place::Content, at)?
        } else {
            let verbatim = inner.replace('&', "&amp;");
            self.plain(&verbatim, Place::Content, at)?
        };
        let blank = text.trim().is_empty();
        Ok(Piece { text, at, blank })
    }

    fn plain(&mut self, raw: &str, place: Place, at: Span) -> Result<String, Failure> {
        let Plain { text, dropped } = unescape(raw, place).map_err(|name| {
            let fix = "write `&` as `&amp;`; only &lt; &gt; &amp; &apos; &quot; and numeric references are known";
            Rejection::new(format!("&{name}; is not a known reference"), fix).at(at)
        })?;
        if dropped > 0 && self.warnings.len() <= NAMED {
            let more = if self.warnings.len() == NAMED { "; more of them are left out without a word" } else { "" };
            let message = format!("{dropped} control character(s) left out, which XML does not allow{more}");
            self.warnings.push(Warning::new("", message).at(at));
        }
        Ok(text)
    }

    /// Says once per document that its bytes were not all UTF-8; refuses it where what they meant is not known.
    fn note_mended(&mut self) -> Result<(), Failure> {
        let source = self.parser.get_mut();
        let Some(at) = source.mended().filter(|_| !self.mended) else { return Ok(()) };
        if source.garbled() {
            let message = format!("here are bytes that are not {}, in which the file is read", source.encoding().name());
            let rejection = Rejection::new(message, "declare the encoding the file is really written in, or save it as UTF-8").at(at);
            return Err(Failure::cut(rejection, self.may_grow && source.at_end()));
        }
        self.mended = true;
        let message = "the file is not the UTF-8 it is taken for; bytes that are none were read as windows-1252";
        self.warnings.push(Warning::new("", message).at(at));
        Ok(())
    }

    fn cut(&mut self, message: &str) -> Failure {
        let here = self.parser.get_mut().here();
        let fix = "let the tester finish the file, and hand over the whole of it";
        Failure::cut(Rejection::new(message, fix).at(here), self.may_grow)
    }

    /// Text where only elements may be. At the very end it may become something else, such as half of a byte order mark.
    fn outside(&mut self, at: Span) -> Failure {
        let fix = "write XML only: markup begins with `<`, and nothing follows the last end tag";
        let rejection = Rejection::new("there is text outside of the XML elements", fix).at(at);
        Failure::cut(rejection, self.may_grow && self.parser.get_mut().at_end())
    }

    /// A parser's error with its place; at the end of the source it means that the text is cut.
    fn broken(&mut self, error: &quick_xml::Error) -> Failure {
        let place = self.parser.error_position().max(self.taken);
        let source = self.parser.get_mut();
        let skipped = source.take_text(place - self.taken);
        source.pass(&skipped);
        self.taken = place;
        if source.too_long() {
            let message = format!("one text or tag is longer than {} MiB", LONGEST_PIECE >> 20);
            return Rejection::new(message, "split it, or keep large attachments out of it").at(source.here()).into();
        }
        if let quick_xml::Error::Io(error) = error {
            return Failure::Read(std::io::Error::new(error.kind(), error.to_string()));
        }
        if source.at_end() {
            return self.cut(&format!("the XML text ends too early: {error}"));
        }
        let message = format!("the XML is malformed: {error}");
        Rejection::new(message, "correct it there, or have the tester write well-formed XML").at(source.here()).into()
    }
}

impl Kind {
    fn of(event: &Event<'_>) -> Self {
        match event {
            Event::Start(_) | Event::Empty(_) => Self::Open,
            Event::End(_) => Self::Close,
            Event::Text(_) | Event::GeneralRef(_) => Self::Text,
            Event::CData(_) => Self::Verbatim,
            Event::DocType(_) => Self::DocumentType,
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) => Self::Aside,
            Event::Eof => Self::End,
        }
    }
}

/// A name without its prefix.
fn local(name: &str) -> &str {
    name.rsplit_once(':').map_or(name, |(_, local)| local)
}
