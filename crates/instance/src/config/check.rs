//! Checks a raw document against the schema: every fault at once, unknown keys as warnings.

use serde_json::Value;

use super::{
    error::{ConfigWarning, Problem},
    expand::has_placeholder,
    nearest::nearest,
    path::{with_index, with_key},
    schema::Shape,
};

/// Longest text of a value in a message, in characters.
const SHOWN: usize = 60;

/// How texts like `${VAR}` are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Placeholders {
    /// They may stand for any value: a document to be saved.
    Stand,
    /// They were expanded; what is left is a text like any other.
    Expanded,
}

/// What a check found.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    pub(crate) problems: Vec<Problem>,
    pub(crate) warnings: Vec<ConfigWarning>,
}

/// Checks a whole document.
pub(crate) fn check(document: &Value, placeholders: Placeholders) -> Findings {
    let mut checker = Checker { placeholders, findings: Findings::default() };
    checker.value(document, Shape::root(), "");
    checker.findings
}

struct Checker {
    placeholders: Placeholders,
    findings: Findings,
}

impl Checker {
    fn value(&mut self, value: &Value, shape: Shape, path: &str) {
        if self.placeholders == Placeholders::Stand && has_placeholder(value) {
            return;
        }
        if !is_allowed(value, shape) {
            self.findings.problems.push(Problem::new(path, shown(value), shape.allowed()));
            return;
        }
        match value {
            Value::Object(object) => {
                for (key, value) in object {
                    self.member(key, value, shape, path);
                }
            }
            Value::Array(list) => {
                let Some(shape) = shape.entry() else { return };
                for (index, value) in list.iter().enumerate() {
                    self.value(value, shape, &with_index(path, index));
                }
            }
            _ => {}
        }
    }

    fn member(&mut self, key: &str, value: &Value, shape: Shape, path: &str) {
        let Some(keys) = shape.keys() else { return };
        let path = with_key(path, key);
        match shape.key(key) {
            Some(shape) => self.value(value, shape, &path),
            None => {
                let meant = nearest(key, keys.keys().map(String::as_str));
                let hint = meant.map_or(String::new(), |known| format!(" Did you mean {known}?"));
                self.findings
                    .warnings
                    .push(ConfigWarning::new(&path, format!("this key is not known and has no effect; it is kept.{hint}")));
            }
        }
    }
}

fn is_allowed(value: &Value, shape: Shape) -> bool {
    match value {
        Value::Null => shape.takes("null"),
        Value::Bool(_) => shape.takes("boolean"),
        Value::Number(number) => {
            let whole = number.is_i64() || number.is_u64();
            let kind = shape.takes("number") || whole && shape.takes("integer");
            kind && number.as_f64().is_some_and(|number| in_range(number, shape))
        }
        Value::String(text) => shape.takes("string") && shape.words().is_none_or(|words| words.contains(&text.as_str())),
        Value::Array(_) => shape.takes("array"),
        Value::Object(_) => shape.takes("object"),
    }
}

fn in_range(number: f64, shape: Shape) -> bool {
    let (low, high) = shape.range();
    number.is_finite() && low.is_none_or(|low| number >= low) && high.is_none_or(|high| number <= high)
}

/// A value as JSON, shortened.
pub(crate) fn shown(value: &Value) -> String {
    let text = value.to_string();
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}
