//! The `Retry-After` header: seconds or an HTTP date. What cannot be read is as if it were not there.

use std::time::Duration;

use jiff::{Timestamp, fmt::rfc2822};
use reqwest::header::{DATE, HeaderMap, HeaderName, RETRY_AFTER};

/// How long the server asks to wait; zero for a date that has passed. A date is one of the server's clock, so it is counted from
/// the `Date` of the same answer, and from `now` only where there is none: computers' clocks differ.
pub(crate) fn retry_after(headers: &HeaderMap, now: Timestamp) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if text.bytes().all(|b| b.is_ascii_digit()) {
        return text.parse().ok().map(Duration::from_secs);
    }
    let at = date(headers, &RETRY_AFTER)?;
    Some(at.duration_since(date(headers, &DATE).unwrap_or(now)).try_into().unwrap_or(Duration::ZERO))
}

/// The HTTP date in a header.
pub(crate) fn date(headers: &HeaderMap, name: &HeaderName) -> Option<Timestamp> {
    rfc2822::DateTimeParser::new().parse_timestamp(headers.get(name)?.to_str().ok()?.trim()).ok()
}
