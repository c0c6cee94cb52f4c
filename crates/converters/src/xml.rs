//! A streaming XML reader for testers' files: one record at a time as a small owned tree, every value with its place.
//!
//! Promises: memory holds one record, however long the file; names come without their prefix; each attribute value and each text
//! knows where it stood in the source file (the byte offset counts in the encoded file, byte order mark included). A document type
//! declaration is refused, so no entity can be defined: `&lt; &gt; &amp; &apos; &quot;` and numeric ones are all there are.
//! Nesting, the length of a piece and the size of a record are capped. Control characters, which XML forbids but testers
//! write, are left out with a warning. A text that ends too early is told apart from one that is wrong.
//!
//! Deliberately absent: namespaces (formats are told apart by their local names), mixed content (an element has one text, its
//! pieces joined), validation against a schema. More than one root element is read on: testers append documents to one file.

mod element;
mod reader;
mod ruler;
mod source;
#[cfg(test)]
mod tests;
mod text;

pub(crate) use element::{Attribute, Element, Text};
pub(crate) use reader::XmlReader;

/// The start of a file as text, for detection: decoded by the same rules as the reader's, never failing.
pub(crate) fn preview(mut head: &[u8]) -> String {
    source::preview(&mut head)
}

/// The encoding an XML declaration at the start of `head` names.
pub(crate) fn declared_encoding(head: &[u8]) -> Option<String> {
    source::declared_encoding(head)
}
