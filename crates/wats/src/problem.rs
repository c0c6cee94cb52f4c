//! Why the server cannot be used, in words for the person who has to do something about it.

use std::{fmt, time::Duration};

use serde::Serialize;

use crate::{ServerVersion, mask::Mask};

/// What stands between this computer and a working WATS server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// The server refuses the token (401, 403).
    Token,
    /// Something answers, but WATS is not at this address (404, a redirect elsewhere).
    Address,
    /// No trusted TLS connection can be made.
    Tls,
    /// The proxy refuses to let us through.
    Proxy,
    /// Nobody answers: no network, name unknown, connection refused, time-out.
    Unreachable,
    /// WATS is there but in trouble (5xx, overload).
    Server,
    /// What answers is not a WATS server: a login page, a captive portal, another program.
    NotWats,
}

impl Cause {
    /// What to do about it.
    pub fn fix(self) -> &'static str {
        match self {
            Cause::Token => "Create a token in WATS under Control Panel > Tokens and enter it here.",
            Cause::Address => {
                "Check service_address: it is what the browser shows before the first single slash, like https://acme.wats.com."
            }
            Cause::Tls => {
                "Check service_address and this computer's clock. If your company inspects TLS or the server has its own certificate, \
                 set ca_file to that certificate authority."
            }
            Cause::Proxy => "Check the proxy's address, login and rules.",
            Cause::Unreachable => "Check the network, service_address, and whether a proxy or firewall stands in between.",
            Cause::Server => {
                "Nothing to do here: reports wait and are sent when the server recovers. If it lasts, ask who runs the server."
            }
            Cause::NotWats => {
                "Open service_address in a browser on this computer: if a login or guest network page comes up, log in there; \
                 else correct service_address."
            }
        }
    }
}

/// A question to the server that got no usable answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, thiserror::Error)]
#[error("{message}. {fix}")]
pub struct Problem {
    /// The kind of problem.
    pub cause: Cause,
    /// What happened, in plain words.
    pub message: String,
    /// What to do about it.
    pub fix: String,
}

impl Problem {
    pub(crate) fn new(cause: Cause, message: impl Into<String>) -> Problem {
        Problem { cause, message: message.into(), fix: cause.fix().to_owned() }
    }

    pub(crate) fn masked(self, mask: &Mask) -> Problem {
        Problem { message: mask.apply(&self.message), ..self }
    }
}

/// The result of a connection test as it is shown: good, or which of the plainly different things is wrong.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Check {
    /// True when a WATS server answered and took the token.
    pub good: bool,
    /// What is wrong; absent when good.
    pub cause: Option<Cause>,
    /// One short line.
    pub headline: String,
    /// What happened in detail.
    pub detail: String,
    /// What to do; absent when good.
    pub fix: Option<String>,
    /// The server's version, when good.
    pub version: Option<String>,
    /// How long the server took to answer, in milliseconds, when good.
    pub latency_ms: Option<u64>,
}

/// A clock that is further off than this is worth a word, in seconds.
const CLOCK_TOLERANCE_S: i64 = 120;

impl Check {
    /// Puts the result of [`crate::Client::version`] into words.
    pub fn of(result: &Result<ServerVersion, Problem>) -> Check {
        match result {
            Ok(server) => Check {
                good: true,
                cause: None,
                headline: "Connected".to_owned(),
                detail: good_detail(server),
                fix: None,
                version: Some(server.version.clone()),
                latency_ms: Some(millis(server.latency)),
            },
            Err(problem) => Check {
                good: false,
                cause: Some(problem.cause),
                headline: headline(problem.cause).to_owned(),
                detail: problem.message.clone(),
                fix: Some(problem.fix.clone()),
                version: None,
                latency_ms: None,
            },
        }
    }
}

fn good_detail(server: &ServerVersion) -> String {
    let skew = match server.clock_ahead_s {
        Some(s) if s > CLOCK_TOLERANCE_S => format!("; its clock is {s} s ahead of this computer's"),
        Some(s) if s < -CLOCK_TOLERANCE_S => format!("; its clock is {} s behind this computer's", -s),
        _ => String::new(),
    };
    format!("WATS {} answered in {} ms{skew}", server.version, millis(server.latency))
}

fn millis(latency: Duration) -> u64 {
    u64::try_from(latency.as_millis()).unwrap_or(u64::MAX)
}

fn headline(cause: Cause) -> &'static str {
    match cause {
        Cause::Token => "The server refuses the token",
        Cause::Address => "WATS is not at this address",
        Cause::Tls => "No trusted connection",
        Cause::Proxy => "The proxy refuses",
        Cause::Unreachable => "The server cannot be reached",
        Cause::Server => "The server is in trouble",
        Cause::NotWats => "This is not a WATS server",
    }
}

impl fmt::Display for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.headline, self.detail)?;
        self.fix.as_ref().map_or(Ok(()), |fix| write!(f, ". {fix}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CAUSES: [Cause; 7] = [Cause::Token, Cause::Address, Cause::Tls, Cause::Proxy, Cause::Unreachable, Cause::Server, Cause::NotWats];

    #[test]
    fn every_cause_has_its_own_headline_and_its_own_fix() {
        let mut said: Vec<&str> = CAUSES.iter().flat_map(|cause| [headline(*cause), cause.fix()]).collect();
        said.sort_unstable();
        said.dedup();
        assert_eq!(said.len(), 2 * CAUSES.len());
    }

    #[test]
    fn a_good_check_shows_version_and_latency_and_a_wrong_clock() {
        let mut server = ServerVersion { version: "24.3.1".into(), latency: Duration::from_millis(42), clock_ahead_s: Some(3) };
        let check = Check::of(&Ok(server.clone()));
        assert_eq!(check.to_string(), "Connected: WATS 24.3.1 answered in 42 ms");
        assert!(check.good && check.latency_ms == Some(42));
        server.clock_ahead_s = Some(-86_400);
        assert!(Check::of(&Ok(server)).detail.ends_with("its clock is 86400 s behind this computer's"));
    }

    #[test]
    fn a_bad_check_shows_what_is_wrong_and_what_to_do() {
        let check = Check::of(&Err(Problem::new(Cause::Token, "the server answered 401")));
        assert!(!check.good && check.version.is_none());
        assert!(check.to_string().starts_with("The server refuses the token: the server answered 401. Create a token"));
    }
}
