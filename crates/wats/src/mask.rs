//! Keeps secrets out of every text that leaves this crate: servers echo headers, URLs carry logins.

const MASKED: &str = "***";
/// Shorter texts are no secrets worth the damage that masking them everywhere would do.
const SHORTEST_SECRET: usize = 4;

/// The secrets of one connection. Has no `Debug`, so it cannot be printed by accident.
pub(crate) struct Mask(Vec<String>);

impl Mask {
    pub(crate) fn new<'a>(secrets: impl IntoIterator<Item = Option<&'a str>>) -> Mask {
        let secrets = secrets.into_iter().flatten().filter(|s| s.len() >= SHORTEST_SECRET);
        Mask(secrets.map(str::to_owned).collect())
    }

    /// `text` without the secrets and without logins in URLs.
    pub(crate) fn apply(&self, text: &str) -> String {
        let text = without_userinfo(text);
        self.0.iter().fold(text, |text, secret| text.replace(secret.as_str(), MASKED))
    }
}

/// Replaces `user:password@` behind every `://` in the text.
pub(crate) fn without_userinfo(text: &str) -> String {
    let mut parts = text.split("://");
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        out.push_str("://");
        let authority = part.find(|c: char| c == '/' || c == '"' || c == '\'' || c.is_whitespace()).unwrap_or(part.len());
        match part[..authority].rfind('@') {
            Some(at) => {
                out.push_str(MASKED);
                out.push_str(&part[at..]);
            }
            None => out.push_str(part),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logins_in_urls_are_masked_wherever_they_stand() {
        for (text, masked) in [
            ("http://anna:geheim@proxy:8080/", "http://***@proxy:8080/"),
            ("see http://a:b@c, https://d/e@f and x", "see http://***@c, https://d/e@f and x"),
            ("http://a:p@ss@host", "http://***@host"),
            ("anna@example.com", "anna@example.com"),
            ("", ""),
        ] {
            assert_eq!(without_userinfo(text), masked);
        }
    }

    #[test]
    fn secrets_are_masked_but_short_ones_do_not_spoil_the_text() {
        let mask = Mask::new([Some("dG9rZW4="), None, Some("er")]);
        assert_eq!(mask.apply("Basic dG9rZW4= refused by server"), "Basic *** refused by server");
    }
}
