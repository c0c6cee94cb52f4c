//! `${VAR}` and `${VAR:-default}` in values. An unset (or empty) variable without a default leaves its text, with a
//! warning. A default may hold placeholders itself. `$VAR` and unbalanced braces are plain text.
//!
//! Where the schema wants a number or a truth value, the expanded text becomes one. Where it says nothing (options of a
//! format), a value that is one placeholder and expands to a number becomes that number.

use serde_json::{Number, Value};

use super::{
    error::ConfigWarning,
    path::{with_index, with_key},
    schema::Shape,
};

type Env<'a> = &'a dyn Fn(&str) -> Option<String>;

/// Expands a whole document; tells of every unset variable.
pub(crate) fn expand(document: &Value, env: Env<'_>) -> (Value, Vec<ConfigWarning>) {
    let mut expander = Expander { env, warnings: Vec::new() };
    let value = expander.value(document, Some(Shape::root()), "");
    (value, expander.warnings)
}

/// Whether a value is a text with a placeholder in it.
pub(crate) fn has_placeholder(value: &Value) -> bool {
    value.as_str().is_some_and(|text| (0..text.len()).any(|at| text.get(at..).is_some_and(|rest| placeholder(rest).is_some())))
}

struct Expander<'e> {
    env: Env<'e>,
    warnings: Vec<ConfigWarning>,
}

impl Expander<'_> {
    fn value(&mut self, value: &Value, shape: Option<Shape>, path: &str) -> Value {
        match value {
            Value::Object(object) => object
                .iter()
                .map(|(key, value)| (key.clone(), self.value(value, shape.and_then(|s| s.key(key)), &with_key(path, key))))
                .collect(),
            Value::Array(list) => {
                let shape = shape.and_then(Shape::entry);
                list.iter().enumerate().map(|(i, value)| self.value(value, shape, &with_index(path, i))).collect()
            }
            Value::String(text) if has_placeholder(value) => typed(text, self.text(text, path), shape),
            other => other.clone(),
        }
    }

    fn text(&mut self, text: &str, path: &str) -> String {
        let (mut out, mut rest) = (String::new(), text);
        while let Some(start) = rest.find("${") {
            out.push_str(&rest[..start]);
            rest = &rest[start..];
            match placeholder(rest) {
                Some(found) => {
                    out.push_str(&self.replaced(&found, path));
                    rest = &rest[found.whole.len()..];
                }
                None => {
                    out.push_str("${");
                    rest = &rest[2..];
                }
            }
        }
        out + rest
    }

    fn replaced(&mut self, found: &Placeholder<'_>, path: &str) -> String {
        match ((self.env)(found.name).filter(|value| !value.is_empty()), found.default) {
            (Some(value), _) => value,
            (None, Some(default)) => self.text(default, path),
            (None, None) => {
                let message = format!("the environment variable {} is not set, so the text {} stays", found.name, found.whole);
                self.warnings.push(ConfigWarning::new(path, message));
                found.whole.to_owned()
            }
        }
    }
}

struct Placeholder<'t> {
    whole: &'t str,
    name: &'t str,
    default: Option<&'t str>,
}

/// The placeholder at the beginning of a text.
fn placeholder(text: &str) -> Option<Placeholder<'_>> {
    let inner = text.strip_prefix("${")?;
    let end = closing(inner)?;
    let (name, default) = match inner[..end].split_once(":-") {
        Some((name, default)) => (name, Some(default)),
        None => (&inner[..end], None),
    };
    let valid = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let is_name = name.starts_with(|c: char| !c.is_ascii_digit()) && name.chars().all(valid);
    is_name.then_some(Placeholder { whole: &text[..end + 3], name, default })
}

/// Where the brace closes; placeholders within are stepped over.
fn closing(inner: &str) -> Option<usize> {
    let mut depth = 0;
    let mut previous = ' ';
    for (at, c) in inner.char_indices() {
        match c {
            '{' if previous == '$' => depth += 1,
            '}' if depth == 0 => return Some(at),
            '}' => depth -= 1,
            _ => {}
        }
        previous = c;
    }
    None
}

/// The expanded text as the type that is wanted there; a text that is none stays one, and the check tells of it.
fn typed(raw: &str, text: String, shape: Option<Shape>) -> Value {
    let number = || text.trim().parse::<Number>().ok().map(Value::Number);
    let value = match shape {
        Some(shape) if shape.takes("string") => None,
        Some(shape) if shape.takes("integer") || shape.takes("number") => number(),
        Some(shape) if shape.takes("boolean") => truth(&text).map(Value::Bool),
        Some(_) => None,
        None if placeholder(raw).is_some_and(|found| found.whole == raw) => number(),
        None => None,
    };
    value.unwrap_or(Value::String(text))
}

/// The words other programs use in environment variables.
fn truth(text: &str) -> Option<bool> {
    match text.trim().to_ascii_lowercase().as_str() {
        "true" | "yes" | "1" | "on" => Some(true),
        "false" | "no" | "0" | "off" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
