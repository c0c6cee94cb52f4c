//! Attributes to keys: tables, made from the attribute tables of the vendor's article, say which attribute becomes which key, and
//! nothing is read any other way.
//!
//! Every value read is noted in the trace; every attribute that no table knows becomes a warning.

use std::fmt;

use report::{Number, Outcome};
use serde_json::{Map, Value};

use crate::named::Named;
use crate::nonfinite;
use crate::xml::{Attribute, Element};
use crate::{Rejection, Span, Trace, Warning};

/// How an attribute's text is read. Empty text is an absent value, except where it was measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Text without the white space around it.
    Text,
    /// Text as it was measured, even when it is empty or blank.
    Measured,
    /// A finite number.
    Number,
    /// A number that may also be NaN or infinite: such a word is kept as text for the rule about them.
    AnyNumber,
    /// `true`, `false`, `1` or `0`.
    Flag,
    /// A word such as `Passed`, written as its letter.
    Outcome,
    /// `Main`, `Setup` or `Cleanup`, written as its letter.
    Group,
    /// A number, or text where it is none.
    NumberOrText,
}

/// An attribute and the key it becomes.
pub(crate) struct Field(pub(crate) &'static str, pub(crate) &'static str, pub(crate) Kind);

/// A JSON pointer under construction; its text is only made when something is noted.
#[derive(Clone, Copy)]
pub(crate) struct Pointer<'a> {
    parent: Option<&'a Pointer<'a>>,
    segment: Segment<'a>,
}

#[derive(Clone, Copy)]
enum Segment<'a> {
    Whole,
    Key(&'a str),
    Index(usize),
}

impl Pointer<'static> {
    /// The whole report.
    pub(crate) const WHOLE: Self = Self { parent: None, segment: Segment::Whole };
}

impl Pointer<'_> {
    /// The value under `key`. Keys are WSJF's own, so nothing needs escaping.
    pub(crate) fn key<'b>(&'b self, key: &'b str) -> Pointer<'b> {
        Pointer { parent: Some(self), segment: Segment::Key(key) }
    }

    /// The item at `index`.
    pub(crate) fn index(&self, index: usize) -> Pointer<'_> {
        Pointer { parent: Some(self), segment: Segment::Index(index) }
    }

    /// How many segments lead here.
    pub(crate) fn depth(&self) -> usize {
        self.parent.map_or(0, |parent| parent.depth() + 1)
    }
}

impl fmt::Display for Pointer<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(parent) = self.parent {
            parent.fmt(f)?;
        }
        match self.segment {
            Segment::Whole => Ok(()),
            Segment::Key(key) => write!(f, "/{key}"),
            Segment::Index(index) => write!(f, "/{index}"),
        }
    }
}

/// What is learned about a report besides its values.
pub(crate) struct Notes {
    pub(crate) warnings: Named<Warning>,
    pub(crate) rejections: Named<Rejection>,
    pub(crate) trace: Trace,
}

impl Notes {
    pub(crate) fn new(trace: Trace) -> Self {
        Self { warnings: Named::default(), rejections: Named::default(), trace }
    }

    /// The value at `pointer` stood at `at`.
    pub(crate) fn place(&mut self, pointer: &Pointer<'_>, at: Span) {
        self.trace.note(|| pointer.to_string(), at);
    }

    pub(crate) fn warn(&mut self, pointer: &Pointer<'_>, at: Span, message: impl Into<String>) {
        self.warnings.push(|| Warning::new(pointer.to_string(), message).at(at));
    }

    pub(crate) fn reject(&mut self, pointer: &Pointer<'_>, at: Span, message: impl Into<String>, fix: impl Into<String>) {
        self.rejections.push(|| Rejection::new(message, fix).about(pointer.to_string()).at(at));
    }

    /// A reason to refuse the report that is about no value of it in particular.
    pub(crate) fn reject_at(&mut self, at: Option<Span>, message: impl Into<String>, fix: impl Into<String>) {
        self.rejections.push(|| Rejection { at, ..Rejection::new(message, fix) });
    }

    /// An element that has no home in a WSJF report.
    pub(crate) fn homeless(&mut self, pointer: &Pointer<'_>, element: &Element) {
        self.warn(pointer, element.at, format!("<{}> has no place in a WSJF report and was left out", element.name));
    }

    /// Reads an element's attributes by a table. `known` attributes are read elsewhere or say nothing a WSJF report needs.
    pub(crate) fn read(&mut self, element: &Element, pointer: &Pointer<'_>, fields: &[Field], known: &[&str]) -> Map<String, Value> {
        const WITH_TEXT: [&str; 3] = ["MiscInfo", "Attachment", "Data"];
        self.place(pointer, element.at);
        if let Some(text) = element.text.as_ref().filter(|_| !WITH_TEXT.iter().any(|name| element.is(name))) {
            let message = format!("the text \"{}\" in <{}> has no place in a WSJF report and was left out", text.value, element.name);
            self.warn(pointer, text.at, message);
        }
        let mut map = Map::new();
        for attribute in &element.attributes {
            match fields.iter().find(|field| field.0.eq_ignore_ascii_case(&attribute.name)) {
                Some(Field(_, key, kind)) => self.put(&mut map, pointer, key, *kind, attribute),
                None if known.iter().any(|name| name.eq_ignore_ascii_case(&attribute.name)) => {}
                None => self.unknown(element, pointer, attribute),
            }
        }
        map
    }

    /// The same for an element that has no elements in it.
    pub(crate) fn leaf(&mut self, element: &Element, pointer: &Pointer<'_>, fields: &[Field], known: &[&str]) -> Map<String, Value> {
        for child in &element.children {
            self.homeless(pointer, child);
        }
        self.read(element, pointer, fields, known)
    }

    /// Puts an element's text under `key`, where it has one.
    pub(crate) fn text(&mut self, map: &mut Map<String, Value>, pointer: &Pointer<'_>, key: &str, element: &Element) {
        if let Some(text) = &element.text {
            self.place(&pointer.key(key), text.at);
            map.insert(key.to_owned(), Value::String(text.value.clone()));
        }
    }

    fn put(&mut self, map: &mut Map<String, Value>, pointer: &Pointer<'_>, key: &str, kind: Kind, attribute: &Attribute) {
        let text = attribute.value.trim();
        if text.is_empty() && kind != Kind::Measured {
            return;
        }
        let pointer = pointer.key(key);
        let Some(value) = value(kind, &attribute.value) else {
            let (wanted, fix) = wanted(kind);
            self.reject(&pointer, attribute.at, format!("{}=\"{text}\" is not {wanted}", attribute.name), fix);
            return;
        };
        self.place(&pointer, attribute.at);
        if map.insert(key.to_owned(), value).is_some() {
            self.warn(&pointer, attribute.at, format!("{} stands twice, in upper and lower case; the last one counts", attribute.name));
        }
    }

    fn unknown(&mut self, element: &Element, pointer: &Pointer<'_>, attribute: &Attribute) {
        if !attribute.value.trim().is_empty() {
            let message =
                format!("{}=\"{}\" of <{}> has no place in a WSJF report and was left out", attribute.name, attribute.value, element.name);
            self.warn(pointer, attribute.at, message);
        }
    }
}

fn value(kind: Kind, raw: &str) -> Option<Value> {
    let text = raw.trim();
    let value = match kind {
        Kind::Text => text.into(),
        Kind::Measured => raw.into(),
        Kind::Number => return number(text),
        Kind::AnyNumber => return number(text).or_else(|| nonfinite::is(text).then(|| text.into())),
        Kind::NumberOrText => number(text).unwrap_or_else(|| text.into()),
        Kind::Flag => match text.to_ascii_lowercase().as_str() {
            "true" | "1" => true.into(),
            "false" | "0" => false.into(),
            _ => return None,
        },
        Kind::Outcome => Outcome::parse(text).letter().into(),
        Kind::Group => group(text)?.into(),
    };
    Some(value)
}

/// A JSON number with the digits of the source.
pub(crate) fn number(text: &str) -> Option<Value> {
    Number::parse(text).filter(|_| !nonfinite::is(text)).map(Value::from)
}

fn group(text: &str) -> Option<&'static str> {
    match text.to_ascii_lowercase().as_str() {
        "m" | "main" => Some("M"),
        "s" | "setup" => Some("S"),
        "c" | "cleanup" => Some("C"),
        _ => None,
    }
}

fn wanted(kind: Kind) -> (&'static str, &'static str) {
    match kind {
        Kind::Flag => ("a truth value", "write true or false"),
        Kind::Group => ("a group", "write Main, Setup or Cleanup"),
        _ => ("a number", "write digits with a decimal point and no unit"),
    }
}
