//! Takes secrets out of what is given away: those that are known, and whatever stands where secrets stand.

use serde_json::Value;

const MASKED: &str = "***";
/// Shorter texts are no secrets worth the damage that masking them everywhere would do.
const SHORTEST: usize = 4;
/// Words in a key that holds a secret.
const KEYS: [&str; 7] = ["token", "password", "passwd", "secret", "authorization", "auth_", "api_key"];
/// Words after which a secret follows, in texts.
const WORDS: [&str; 8] = ["authorization", "basic ", "bearer ", "password", "passwd", "token", "secret", "api_key"];
/// What may stand between such a word and the secret.
const BETWEEN: &[char] = &[' ', '\t', ':', '=', '"', '\'', '\\', '['];

/// The secrets of one instance.
pub(super) struct Mask(Vec<String>);

impl Mask {
    pub(super) fn new(secrets: &[String]) -> Mask {
        let mut known: Vec<String> = Vec::new();
        for secret in secrets.iter().filter(|secret| secret.len() >= SHORTEST) {
            let quoted = Value::from(secret.as_str()).to_string();
            known.extend([secret.clone(), quoted.trim_matches('"').to_owned(), percent(secret)]);
        }
        // A secret that holds another one goes first.
        known.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
        Mask(known)
    }

    /// The text without secrets.
    pub(super) fn apply(&self, text: &str) -> String {
        let known = self.0.iter().fold(text.to_owned(), |text, secret| text.replace(secret.as_str(), MASKED));
        // Line by line: looking for seven words to the end of a long log behind each of the eighth would take for ever.
        let lines = known.split_inclusive('\n').map(after_words).collect::<String>();
        without_logins(&lines)
    }

    /// The document with every value masked whose key says that it is a secret.
    pub(super) fn value(&self, value: Value) -> Value {
        match value {
            Value::Object(fields) => {
                let masked = |key: &str, value: Value| match value {
                    Value::String(text) if is_secret(key) && !text.is_empty() => MASKED.into(),
                    value => self.value(value),
                };
                fields
                    .into_iter()
                    .map(|(key, value)| {
                        let value = masked(&key, value);
                        (key, value)
                    })
                    .collect::<serde_json::Map<_, _>>()
                    .into()
            }
            Value::Array(list) => list.into_iter().map(|value| self.value(value)).collect(),
            other => other,
        }
    }
}

/// Whether the name of a field says that a secret stands in it.
pub(crate) fn is_secret(key: &str) -> bool {
    let key = key.to_ascii_lowercase();
    KEYS.iter().any(|word| key.contains(word))
}

/// The text as it stands in an address.
fn percent(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    text.bytes().map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

/// Replaces what follows a word that announces a secret, up to the next space or quote.
fn after_words(text: &str) -> String {
    // ASCII lowering keeps every byte where it was
    let lower = text.to_ascii_lowercase();
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    while let Some((found, word)) = next_word(&lower, at) {
        let mut begin = found + word.len();
        begin += lower[begin..].len() - lower[begin..].trim_start_matches(BETWEEN).len();
        // `Authorization: Basic …`: the scheme is no secret, what follows is
        for scheme in ["basic ", "bearer "] {
            if lower[begin..].starts_with(scheme) {
                begin += scheme.len();
            }
        }
        let end = begin + lower[begin..].find(|c: char| c.is_whitespace() || "\"\\',;&]})".contains(c)).unwrap_or(lower.len() - begin);
        out.push_str(&text[at..begin]);
        if end > begin {
            out.push_str(MASKED);
        }
        at = end;
    }
    out + &text[at..]
}

/// The next word that announces a secret, and what stands between says that one follows.
fn next_word(lower: &str, from: usize) -> Option<(usize, &'static str)> {
    let first = |word: &&'static str| {
        let mut at = from;
        loop {
            let found = at + lower[at..].find(*word)?;
            let rest = &lower[found + word.len()..];
            let told = word.ends_with(' ') || rest.trim_start_matches(['"', '\\', '\'']).starts_with([':', '=']);
            if told {
                return Some((found, *word));
            }
            at = found + word.len();
        }
    };
    WORDS.iter().filter_map(first).min()
}

/// Replaces `user:password@` behind every `://`.
fn without_logins(text: &str) -> String {
    let mut parts = text.split("://");
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        out.push_str("://");
        let authority = part.find(|c: char| "/\"'\\".contains(c) || c.is_whitespace()).unwrap_or(part.len());
        match part[..authority].rfind('@') {
            Some(at) => out.extend([MASKED, &part[at..]]),
            None => out.push_str(part),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn known_secrets_are_masked_however_they_are_written() {
        let mask = Mask::new(&["to/k\"en+=".to_owned(), "abc".to_owned()]);
        for text in ["x to/k\"en+= y", r#"{"a":"x to/k\"en+= y"}"#, "?t=to%2Fk%22en%2B%3D y"] {
            let masked = mask.apply(text);
            assert!(masked.contains(MASKED) && !masked.contains("en+") && !masked.contains("k%22en"), "{masked}");
        }
        assert_eq!(mask.apply("abc is too short to be worth it"), "abc is too short to be worth it");
    }

    #[test]
    fn what_stands_where_secrets_stand_is_masked_and_nothing_else() {
        let mask = Mask::new(&[]);
        for (text, masked) in [
            ("Authorization: Basic Q0FOQVJZ, next", "Authorization: Basic ***, next"),
            (r#"{"authorization":"Bearer Q0FOQVJZ","x":1}"#, r#"{"authorization":"Bearer ***","x":1}"#),
            (r#""headers\":{\"Authorization\":\"Q0FOQVJZ\"}"#, r#""headers\":{\"Authorization\":\"***\"}"#),
            ("password=geheim&x=1", "password=***&x=1"),
            (r#"{"api_token": "Q0FOQVJZ", broken"#, r#"{"api_token": "***", broken"#),
            ("the token was refused", "the token was refused"),
            ("the proxy wants a password", "the proxy wants a password"),
            ("http://ann:geheim@proxy:8080/x", "http://***@proxy:8080/x"),
            ("mail ann@example.com", "mail ann@example.com"),
        ] {
            assert_eq!(mask.apply(text), masked);
        }
    }

    #[test]
    fn a_value_whose_key_says_that_it_is_secret_is_masked() {
        let masked = Mask::new(&[])
            .value(json!({"proxy": {"password": "geheim", "host": "h"}, "api_token": "x", "list": [{"Secret": "y"}], "token_ok": true}));
        assert_eq!(
            masked,
            json!({"proxy": {"password": "***", "host": "h"}, "api_token": "***", "list": [{"Secret": "***"}], "token_ok": true})
        );
    }
}
