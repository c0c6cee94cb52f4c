//! JSON as testers write it: a splitter that finds the documents of a stream, and a forgiving parser that knows where each value
//! stood.

mod parse;
mod split;
#[cfg(test)]
mod tests;

use std::borrow::Cow;

pub(crate) use parse::{Parser, Remark, Wrong, places};
pub(crate) use split::{Document, Splitter};

/// A key as a segment of a JSON pointer.
pub(crate) fn escape(key: &str) -> Cow<'_, str> {
    if key.bytes().any(|byte| matches!(byte, b'~' | b'/')) {
        Cow::Owned(key.replace('~', "~0").replace('/', "~1"))
    } else {
        Cow::Borrowed(key)
    }
}
