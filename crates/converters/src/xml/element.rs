//! A record's tree: elements with their attributes, children and text, each with its place in the source.

use crate::Span;

/// An element and everything in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Element {
    /// The name without its prefix.
    pub name: String,
    /// In source order; namespace declarations are left out.
    pub attributes: Vec<Attribute>,
    /// In source order.
    pub children: Vec<Element>,
    /// The element's own text, trimmed, with line ends as LF; none when there is only white space.
    pub text: Option<Text>,
    /// From its start tag to the end of its end tag.
    pub at: Span,
}

/// An attribute: the name without its prefix, the value unescaped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Attribute {
    /// The name without its prefix.
    pub name: String,
    /// Unescaped; line ends and tabs are spaces, as XML has it.
    pub value: String,
    /// Of the value, without the quotes.
    pub at: Span,
}

/// The text of an element.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Text {
    /// Unescaped and trimmed.
    pub value: String,
    /// From the first to the last character that is not white space.
    pub at: Span,
}

impl Element {
    /// Whether the element has this name, in whichever case.
    pub(crate) fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name)
    }

    /// The attribute of this name, in whichever case.
    pub(crate) fn attribute(&self, name: &str) -> Option<&Attribute> {
        self.attributes.iter().find(|attribute| attribute.name.eq_ignore_ascii_case(name))
    }

    /// The children of this name, in whichever case.
    pub(crate) fn named<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Element> {
        self.children.iter().filter(move |child| child.is(name))
    }

    /// The first child of this name, in whichever case.
    pub(crate) fn child(&self, name: &str) -> Option<&Element> {
        self.children.iter().find(|child| child.is(name))
    }
}

/// A part of an element's text; `blank` when it is white space only.
pub(super) struct Piece {
    pub(super) text: String,
    pub(super) at: Span,
    pub(super) blank: bool,
}

impl Element {
    /// Joins a piece to the text; blanks before the first piece are not part of it.
    pub(super) fn append(&mut self, piece: Piece) {
        match &mut self.text {
            None if piece.blank => {}
            None => {
                self.text = Some(Text { value: piece.text.trim_start().to_owned(), at: piece.at });
            }
            Some(text) => {
                text.value.push_str(&piece.text);
                if !piece.blank {
                    text.at.end = piece.at.end;
                }
            }
        }
    }

    /// The end tag was read; `here` is the place after it.
    pub(super) fn close(&mut self, here: Span) {
        self.at.end = here.start;
        self.children.shrink_to_fit();
        if let Some(text) = &mut self.text {
            text.value.truncate(text.value.trim_end().len());
        }
    }
}
