//! What an answer's body is, and the words in it that a person should read.

use serde_json::{Map, Value};

use crate::mask::without_userinfo;

/// Longest text taken over from a server, in characters.
const LONGEST: usize = 1000;
/// Where servers put their words, most telling first.
const KEYS: [&str; 8] = ["message", "exceptionmessage", "error_description", "detail", "title", "error", "errors", "modelstate"];

/// An answer's body, told apart by what it holds, not by what its Content-Type claims.
pub(crate) enum Body {
    Empty,
    Json(Value),
    /// Begins like JSON but does not parse: cut on the way, or broken.
    BrokenJson,
    /// A page for a browser, or any other markup.
    Markup(String),
    Text(String),
}

impl Body {
    pub(crate) fn read(bytes: &[u8]) -> Body {
        let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes).trim_ascii();
        if bytes.is_empty() {
            return Body::Empty;
        }
        if let Ok(value) = serde_json::from_slice(bytes) {
            return Body::Json(value);
        }
        let text = String::from_utf8_lossy(bytes).into_owned();
        match bytes[0] {
            b'{' | b'[' | b'"' => Body::BrokenJson,
            b'<' => Body::Markup(text),
            _ => Body::Text(text),
        }
    }

    /// The server's words on one line, at most 1000 characters, without logins in URLs; empty when it said nothing.
    pub(crate) fn words(&self) -> String {
        let text = match self {
            Body::Empty | Body::BrokenJson => String::new(),
            Body::Json(value) => in_json(value),
            Body::Markup(text) => in_markup(text),
            Body::Text(text) => text.clone(),
        };
        let line = text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|w| !w.is_empty()).collect::<Vec<_>>().join(" ");
        without_userinfo(&line.chars().take(LONGEST).collect::<String>())
    }
}

fn in_json(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(list) => list.iter().map(in_json).collect::<Vec<_>>().join("; "),
        Value::Object(object) => {
            let said: Vec<String> = KEYS.iter().filter_map(|key| look_up(object, key)).map(in_json).filter(|t| !t.is_empty()).collect();
            if said.is_empty() { value_by_value(object) } else { said.join(": ") }
        }
        Value::Bool(_) | Value::Number(_) => value.to_string(),
    }
}

/// An object without any of the usual keys: a list of fields and what is wrong with each.
fn value_by_value(object: &Map<String, Value>) -> String {
    object.iter().map(|(key, value)| format!("{key}: {}", in_json(value))).collect::<Vec<_>>().join("; ")
}

/// The value of `key` (in lower case), whatever the case in the object.
pub(crate) fn look_up<'a>(object: &'a Map<String, Value>, key: &str) -> Option<&'a Value> {
    object.iter().find(|(name, _)| name.eq_ignore_ascii_case(key)).map(|(_, value)| value)
}

/// The title of a page, the message of an XML error, else the text between the tags.
fn in_markup(text: &str) -> String {
    ["title", "message"].iter().find_map(|tag| between(text, tag)).unwrap_or_else(|| untagged(text))
}

fn between(text: &str, tag: &str) -> Option<String> {
    // ASCII lowering keeps every byte where it was, so places found in `lower` hold in `text`
    let lower = text.to_ascii_lowercase();
    let start = lower.find(&format!("<{tag}>"))? + tag.len() + 2;
    let end = start + lower[start..].find("</")?;
    let found = text[start..end].trim();
    (!found.is_empty()).then(|| found.to_owned())
}

fn untagged(text: &str) -> String {
    text.split('<').map(|part| part.split_once('>').map_or(part, |(_, rest)| rest)).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_servers_words_are_found_in_whatever_it_answers() {
        for (body, words) in [
            ("", ""),
            ("\u{FEFF}  ", ""),
            ("pn is missing", "pn is missing"),
            ("line one\r\n\tline two", "line one line two"),
            (r#""pn is missing""#, "pn is missing"),
            (r#"{"Message":"Invalid report"}"#, "Invalid report"),
            (r#"{"message":"Bad","ExceptionMessage":"sn is empty","StackTrace":"at x"}"#, "Bad: sn is empty"),
            (r#"{"Message":"Invalid","ModelState":{"report.pn":["required"]}}"#, "Invalid: report.pn: required"),
            (r#"{"error":{"message":"nested"}}"#, "nested"),
            (r#"[{"Message":"a"},{"Message":"b"}]"#, "a; b"),
            (r#"{"pn":"too long"}"#, "pn: too long"),
            (r#"{"Message":"cut of"#, ""),
            ("<!DOCTYPE html><html><head><TITLE>Sign in</TITLE></head><body>x</body></html>", "Sign in"),
            ("<Error><Message>No such test</Message></Error>", "No such test"),
            ("<h1>Bad <b>Request</b></h1>", "Bad Request"),
            ("go to https://a:b@c/", "go to https://***@c/"),
        ] {
            assert_eq!(Body::read(body.as_bytes()).words(), words, "{body}");
        }
    }

    #[test]
    fn long_words_are_cut_and_bytes_that_are_no_text_do_no_harm() {
        assert_eq!(Body::read("ü".repeat(5000).as_bytes()).words().chars().count(), 1000);
        assert_eq!(Body::read(b"\xff\xfe\x00bad").words(), "\u{FFFD}\u{FFFD} bad");
    }
}
