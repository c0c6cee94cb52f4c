//! What the server's answer to a report means. A pure function: the whole rule is here and in its table test.
//!
//! Delivered means a 2xx that carries a WATS receipt, or 409. Whatever might pass by itself is sent again, for ever. What the server
//! refuses because of this report is kept with its words. What would fail for every report pauses the instance.

use std::{fmt, time::Duration};

use jiff::Timestamp;
use reqwest::header::{HeaderMap, LOCATION};
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::{
    Cause,
    mask::{Mask, without_userinfo},
    retry_after::retry_after,
    words::{Body, look_up},
};

/// What to do with a report after an attempt to send it. Reasons are plain words without secrets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// The server has it and said so.
    Accepted {
        /// What the server gave for it.
        receipt: Receipt,
    },
    /// The server had it before (409): as good as accepted, and noted.
    AlreadyThere {
        /// What the server said.
        note: String,
    },
    /// Trouble that may pass: send it again, later.
    Again {
        /// What happened.
        reason: String,
        /// How long the server asked to wait, as it asked; [`crate::backoff::delay`] caps it.
        retry_after: Option<Duration>,
    },
    /// The server does not want this report: keep it, show the reason, send it again only on demand.
    Refused {
        /// The server's words.
        reason: String,
    },
    /// No report can be sent until something changes: pause, say why, probe. Not this report's fault.
    Paused {
        /// The kind of problem; [`Cause::fix`] says what to do.
        cause: Cause,
        /// What happened.
        reason: String,
    },
}

/// What the server gives for an accepted report. At least one of the two ids is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// The report's own id as the server repeats it (`ID`).
    pub id: Option<Uuid>,
    /// The server's id for it (`uuid`).
    pub server_id: Option<Uuid>,
}

impl fmt::Display for Receipt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.server_id.or(self.id).map_or(Ok(()), |id| id.fmt(f))
    }
}

/// Judges the answer to report `id`: its status, headers and (the beginning of) its body. `now` is needed for a `Retry-After` date.
pub fn verdict(status: u16, headers: &HeaderMap, body: &[u8], id: Uuid, now: Timestamp) -> Verdict {
    let body = Body::read(body);
    match status {
        200..=299 => success(status, headers, &body, id, now),
        _ => failure(status, headers, &body, now),
    }
}

fn success(status: u16, headers: &HeaderMap, body: &Body, id: Uuid, now: Timestamp) -> Verdict {
    let again =
        |what: &str| Verdict::Again { reason: format!("the server answered {status} {what}"), retry_after: retry_after(headers, now) };
    match body {
        Body::Empty => again("without a receipt"),
        Body::BrokenJson => again("but its answer was cut short"),
        Body::Markup(_) | Body::Text(_) => Verdict::Paused {
            cause: Cause::NotWats,
            reason: format!("{status} came with {}, not with a receipt from WATS", quoted(body, "a page without words")),
        },
        Body::Json(value) => match (own_status(value), receipt(value, id)) {
            (Some(status), _) => failure(status, headers, body, now),
            (None, Some(receipt)) if receipt.is_for(id) => Verdict::Accepted { receipt },
            (None, Some(receipt)) => again(&format!("with the receipt of another report ({receipt})")),
            (None, None) if says_error(value) => refused(status, body),
            (None, None) => again("without a receipt"),
        },
    }
}

fn failure(status: u16, headers: &HeaderMap, body: &Body, now: Timestamp) -> Verdict {
    let paused = |cause, what: &str| Verdict::Paused { cause, reason: answered(status, body, what) };
    match status {
        300..=399 => Verdict::Paused { cause: Cause::Address, reason: redirected(status, headers) },
        400 if wrong_door(body) => paused(Cause::Address, "this is not where WATS listens"),
        400 | 413 | 415 | 422 => refused(status, body),
        401 => paused(Cause::Token, "the token is missing, wrong or withdrawn"),
        403 => paused(Cause::Token, "the token may not send reports"),
        404 | 405 | 410 => paused(Cause::Address, "there is no WATS at this address"),
        407 => paused(Cause::Proxy, "the proxy wants a login"),
        409 => Verdict::AlreadyThere { note: answered(status, body, "it has this report already") },
        408 | 425 | 429 => {
            Verdict::Again { reason: answered(status, body, "it asks to come back later"), retry_after: retry_after(headers, now) }
        }
        500..=599 => Verdict::Again { reason: answered(status, body, "it is in trouble"), retry_after: retry_after(headers, now) },
        _ => Verdict::Again { reason: answered(status, body, "it is not clear what it means"), retry_after: retry_after(headers, now) },
    }
}

fn refused(status: u16, body: &Body) -> Verdict {
    Verdict::Refused { reason: format!("the server refused the report ({status}): {}", quoted(body, "it did not say why")) }
}

fn answered(status: u16, body: &Body, what: &str) -> String {
    let words = body.words();
    let words = if words.is_empty() { words } else { format!(" (\"{words}\")") };
    format!("the server answered {status}: {what}{words}")
}

fn quoted(body: &Body, otherwise: &str) -> String {
    let words = body.words();
    if words.is_empty() { otherwise.to_owned() } else { format!("\"{words}\"") }
}

fn redirected(status: u16, headers: &HeaderMap) -> String {
    // a query may carry a session or a token
    let place = headers.get(LOCATION).map(|to| without_userinfo(&String::from_utf8_lossy(to.as_bytes())));
    let place = place.as_deref().and_then(|to| to.split(['?', '#']).next()).unwrap_or("another place");
    format!("the server answered {status} and points to {place}; the token is not sent there")
}

/// What front servers say when https, or the right host name, was meant. No report is to blame for it.
fn wrong_door(body: &Body) -> bool {
    let Body::Markup(text) = body else { return false };
    ["plain HTTP request was sent to HTTPS port", "Bad Request - Invalid Hostname"].iter().any(|words| text.contains(words))
}

/// The receipt in an object or in a list of them: the one for `id`, else the first.
fn receipt(value: &Value, id: Uuid) -> Option<Receipt> {
    match value {
        Value::Object(object) => Receipt::read(object),
        Value::Array(list) => {
            let receipts: Vec<Receipt> = list.iter().filter_map(|one| receipt(one, id)).collect();
            receipts.iter().find(|receipt| receipt.is_for(id)).or(receipts.first()).cloned()
        }
        _ => None,
    }
}

impl Receipt {
    fn read(object: &Map<String, Value>) -> Option<Receipt> {
        let uuid = |key| look_up(object, key)?.as_str()?.trim().parse().ok().filter(|id: &Uuid| !id.is_nil());
        let receipt = Receipt { id: uuid("id"), server_id: uuid("uuid") };
        (receipt.id.is_some() || receipt.server_id.is_some()).then_some(receipt)
    }

    /// `ID` repeats the report's own id; an answer about another one (a confused proxy) is no receipt for this one.
    fn is_for(&self, id: Uuid) -> bool {
        self.id.is_none_or(|theirs| theirs == id) || self.server_id == Some(id)
    }
}

/// An error inside a 2xx answer that carries its own HTTP status.
fn own_status(value: &Value) -> Option<u16> {
    let object = value.as_object()?;
    let status = ["statuscode", "status"].iter().find_map(|key| look_up(object, key)?.as_u64())?;
    u16::try_from(status).ok().filter(|status| (400..=599).contains(status))
}

fn says_error(value: &Value) -> bool {
    let said = |key: &&str| value.as_object().and_then(|object| look_up(object, key)).is_some_and(|said| !said.is_null());
    ["message", "error", "errors", "exceptionmessage", "modelstate"].iter().any(said)
}

impl Verdict {
    pub(crate) fn masked(self, mask: &Mask) -> Verdict {
        match self {
            Verdict::Accepted { receipt } => Verdict::Accepted { receipt },
            Verdict::AlreadyThere { note } => Verdict::AlreadyThere { note: mask.apply(&note) },
            Verdict::Again { reason, retry_after } => Verdict::Again { reason: mask.apply(&reason), retry_after },
            Verdict::Refused { reason } => Verdict::Refused { reason: mask.apply(&reason) },
            Verdict::Paused { cause, reason } => Verdict::Paused { cause, reason: mask.apply(&reason) },
        }
    }
}

#[cfg(test)]
mod tests;
