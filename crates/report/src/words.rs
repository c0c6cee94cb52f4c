//! Texts that are words of a small vocabulary: read without an allocation, written as a string.

use std::fmt;

use serde::de::{Error, Visitor};
use serde::{Deserializer, Serializer};

/// Reads a JSON string and makes a word of it.
pub(crate) fn read<'de, D: Deserializer<'de>, T>(deserializer: D, what: &'static str, parse: fn(&str) -> Option<T>) -> Result<T, D::Error> {
    deserializer.deserialize_str(WordVisitor { what, parse })
}

/// Writes a word as a JSON string.
pub(crate) fn write<S: Serializer>(serializer: S, word: &str) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(word)
}

struct WordVisitor<T> {
    what: &'static str,
    parse: fn(&str) -> Option<T>,
}

impl<T> Visitor<'_> for WordVisitor<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.what)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<T, E> {
        (self.parse)(text).ok_or_else(|| E::invalid_value(serde::de::Unexpected::Str(text), &self))
    }
}
