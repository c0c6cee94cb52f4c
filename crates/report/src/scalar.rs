//! A value that sources write as a number or as a text.

use std::fmt;

use serde::de::{Error, Unexpected};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

use crate::Number;

/// A number or a text: a step id, an error code, a measured value (`"NaN"` comes as text, for JSON has no such number).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Scalar {
    /// A JSON number.
    Number(Number),
    /// A JSON string.
    Text(String),
}

impl Scalar {
    /// The number, when it is one. A text with digits is not.
    pub fn number(&self) -> Option<&Number> {
        match self {
            Scalar::Number(number) => Some(number),
            Scalar::Text(_) => None,
        }
    }
}

impl fmt::Display for Scalar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Scalar::Number(number) => number.fmt(f),
            Scalar::Text(text) => f.write_str(text),
        }
    }
}

impl<T: Into<Number>> From<T> for Scalar {
    fn from(number: T) -> Self {
        Scalar::Number(number.into())
    }
}

impl From<String> for Scalar {
    fn from(text: String) -> Self {
        Scalar::Text(text)
    }
}

impl From<&str> for Scalar {
    fn from(text: &str) -> Self {
        Scalar::Text(text.to_owned())
    }
}

impl<'de> Deserialize<'de> for Scalar {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Value::deserialize(deserializer)? {
            Value::Number(number) => Ok(Scalar::Number(number.into())),
            Value::String(text) => Ok(Scalar::Text(text)),
            other => Err(unexpected(&other, "a number or a string")),
        }
    }
}

impl Serialize for Scalar {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Scalar::Number(number) => number.serialize(serializer),
            Scalar::Text(text) => serializer.serialize_str(text),
        }
    }
}

/// The error for a value of the wrong type.
pub(crate) fn unexpected<E: Error>(found: &Value, expected: &str) -> E {
    let found = match found {
        Value::Null => Unexpected::Other("null"),
        Value::Bool(value) => Unexpected::Bool(*value),
        Value::Number(_) => Unexpected::Other("number"),
        Value::String(text) => Unexpected::Str(text),
        Value::Array(_) => Unexpected::Other("array"),
        Value::Object(_) => Unexpected::Other("object"),
    };
    E::invalid_type(found, &expected)
}
