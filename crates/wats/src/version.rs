//! The server's version: the cheapest question that needs the token.

use std::time::Duration;

use jiff::Timestamp;
use reqwest::header::{DATE, HeaderMap};
use serde::Serialize;
use serde_json::Value;

use crate::{Cause, Problem, retry_after::date, words::Body};

/// Longer texts are no version.
const LONGEST: usize = 64;

/// A WATS server that answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ServerVersion {
    /// The version as the server writes it.
    pub version: String,
    /// How long the answer took.
    pub latency: Duration,
    /// Seconds the server's clock is ahead of this computer's (negative: behind), when it told the time.
    pub clock_ahead_s: Option<i64>,
}

/// The version in the body of a 2xx answer: a JSON string, a bare number like `24.3`, or bare digits and dots.
pub(crate) fn version(body: &[u8]) -> Result<String, Problem> {
    let body = Body::read(body);
    let found = match &body {
        Body::Json(Value::String(text)) | Body::Text(text) => text.trim().to_owned(),
        Body::Json(Value::Number(number)) => number.to_string(),
        _ => String::new(),
    };
    if found.len() <= LONGEST && found.starts_with(|c: char| c.is_ascii_digit()) {
        return Ok(found);
    }
    let said = body.words();
    let said = if said.is_empty() { "nothing that can be read".to_owned() } else { format!("\"{said}\"") };
    Err(Problem::new(Cause::NotWats, format!("asked for its version, the server answered {said}")))
}

/// The `Date` header against `now`.
pub(crate) fn clock_ahead_s(headers: &HeaderMap, now: Timestamp) -> Option<i64> {
    Some(date(headers, &DATE)?.as_second() - now.as_second())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_read_with_and_without_quotes() {
        for (body, found) in [(r#""24.3.1.0""#, "24.3.1.0"), ("24.30", "24.30"), ("24.3.1.0\r\n", "24.3.1.0"), ("\u{FEFF}\"5.1\"", "5.1")] {
            assert_eq!(version(body.as_bytes()).unwrap(), found);
        }
    }

    #[test]
    fn what_is_no_version_is_not_wats() {
        for body in ["", "<html><title>Guest network</title></html>", r#"{"version":"1"}"#, r#""hello""#, "[]", &"1".repeat(65)] {
            let problem = version(body.as_bytes()).unwrap_err();
            assert_eq!(problem.cause, Cause::NotWats, "{body}");
        }
        assert!(version(b"<html><title>Guest network</title></html>").unwrap_err().message.contains("\"Guest network\""));
    }

    #[test]
    fn the_servers_clock_is_compared() {
        let now: Timestamp = "2026-01-02T03:04:05Z".parse().unwrap();
        let headers = HeaderMap::from_iter([(DATE, "Fri, 02 Jan 2026 03:05:05 GMT".parse().unwrap())]);
        assert_eq!(clock_ahead_s(&headers, now), Some(60));
        assert_eq!(clock_ahead_s(&HeaderMap::new(), now), None);
    }
}
