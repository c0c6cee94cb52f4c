//! When no (whole) answer came: what happened on the way, in plain words, and whether it may pass by itself.

use std::{error::Error, io, iter};

use jiff::Timestamp;
use rustls::{AlertDescription, CertificateError, Error as TlsError};

use crate::{Cause, Problem, Verdict};

/// An attempt without a whole answer.
#[derive(Debug)]
pub(crate) struct NoAnswer {
    /// The status, when at least that came.
    pub(crate) status: Option<u16>,
    pub(crate) cause: Cause,
    /// True when it will be the same for every report until somebody does something.
    pub(crate) lasting: bool,
    pub(crate) reason: String,
}

impl NoAnswer {
    fn passing(cause: Cause, reason: String) -> NoAnswer {
        NoAnswer { status: None, cause, lasting: false, reason }
    }

    fn lasting(cause: Cause, reason: String) -> NoAnswer {
        NoAnswer { status: None, cause, lasting: true, reason }
    }

    pub(crate) fn too_slow(place: &str, seconds: f64) -> NoAnswer {
        NoAnswer::passing(Cause::Unreachable, format!("{place} gave no whole answer within {seconds} s"))
    }

    pub(crate) fn not_sent(error: &io::Error) -> NoAnswer {
        NoAnswer::passing(Cause::Server, format!("the report could not be compressed for sending ({error})"))
    }
}

impl From<NoAnswer> for Verdict {
    fn from(NoAnswer { cause, lasting, reason, .. }: NoAnswer) -> Verdict {
        if lasting { Verdict::Paused { cause, reason } } else { Verdict::Again { reason, retry_after: None } }
    }
}

impl From<NoAnswer> for Problem {
    fn from(NoAnswer { cause, reason, .. }: NoAnswer) -> Problem {
        Problem::new(cause, reason)
    }
}

/// Puts a failed request to `place` (the server, and the proxy if there is one) into words.
pub(crate) fn no_answer(error: &reqwest::Error, place: &str) -> NoAnswer {
    if let Some(tls) = chain(error).find_map(|e| e.downcast_ref::<TlsError>()) {
        return in_tls(tls, place);
    }
    let unreachable = |what: &str| NoAnswer::passing(Cause::Unreachable, format!("{place} {what}"));
    let deepest = chain(error).last().map(ToString::to_string).unwrap_or_default();
    if let Some(tunnel) = chain(error).map(ToString::to_string).find(|text| is_the_proxys(text)) {
        return in_tunnel(&tunnel, place, &deepest);
    }
    if error.is_dns() {
        return unreachable(&format!("is not known to the name service ({deepest})"));
    }
    match chain(error).find_map(|e| e.downcast_ref::<io::Error>()).map(io::Error::kind) {
        Some(io::ErrorKind::ConnectionRefused) => unreachable("refused the connection; nothing listens there, or a firewall is in the way"),
        Some(io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkUnreachable | io::ErrorKind::NetworkDown) => {
            unreachable("cannot be reached: there is no way through the network")
        }
        _ if error.is_timeout() && error.is_connect() => unreachable("did not take the connection in time"),
        _ if error.is_timeout() => unreachable("gave no answer in time"),
        _ if error.is_connect() => unreachable(&format!("could not be connected to ({deepest})")),
        _ if deepest.contains("invalid HTTP") => {
            NoAnswer::passing(Cause::NotWats, format!("{place} answered with something that is not HTTP"))
        }
        _ => unreachable(&format!("broke the connection before its answer was whole ({deepest})")),
    }
}

/// The error and everything below it. An `io::Error` hides the error it wraps from `source()`, so that one is opened.
fn chain<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    iter::successors(Some(error), |&error: &&'a (dyn Error + 'static)| {
        let wrapped = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        wrapped.map(|wrapped| wrapped as &'a (dyn Error + 'static)).or_else(|| error.source())
    })
}

/// What the proxy itself said; a failed way to the proxy is told like any other.
fn is_the_proxys(text: &str) -> bool {
    text.starts_with("tunnel error") && !text.contains("underlying connection")
}

fn in_tunnel(tunnel: &str, place: &str, deepest: &str) -> NoAnswer {
    if tunnel.contains("authorization required") {
        return NoAnswer::lasting(Cause::Proxy, format!("the proxy wants a login before it lets us through to {place}"));
    }
    NoAnswer::passing(Cause::Proxy, format!("the proxy did not open a way to {place} ({deepest})"))
}

fn in_tls(error: &TlsError, place: &str) -> NoAnswer {
    let lasting = |what: String| NoAnswer::lasting(Cause::Tls, what);
    match error {
        TlsError::InvalidCertificate(why) => lasting(in_certificate(why, place)),
        TlsError::InvalidMessage(_) => lasting(format!("{place} does not speak TLS at this port; is it an http:// address?")),
        TlsError::PeerIncompatible(_) => lasting(no_common_tls(place)),
        TlsError::NoCertificatesPresented => lasting(format!("{place} showed no certificate")),
        TlsError::AlertReceived(alert) => match alert {
            AlertDescription::ProtocolVersion | AlertDescription::HandshakeFailure | AlertDescription::InsufficientSecurity => {
                lasting(no_common_tls(place))
            }
            AlertDescription::UnrecognisedName => lasting(format!("{place} does not know itself by this name")),
            AlertDescription::CertificateRequired | AlertDescription::AccessDenied | AlertDescription::UnknownCA => {
                lasting(format!("{place} wants a certificate from this computer, which is not supported"))
            }
            other => NoAnswer::passing(Cause::Tls, format!("{place} broke off the TLS connection ({other:?})")),
        },
        other => NoAnswer::passing(Cause::Tls, format!("the TLS connection to {place} failed ({other})")),
    }
}

fn no_common_tls(place: &str) -> String {
    format!("{place} offers no TLS version and cipher that are safe; 1.2 or 1.3 is needed")
}

fn in_certificate(why: &CertificateError, place: &str) -> String {
    let day =
        |seconds: u64| i64::try_from(seconds).ok().and_then(|s| Timestamp::from_second(s).ok()).map(|t| t.strftime("%Y-%m-%d").to_string());
    let certificate = format!("the certificate of {place}");
    match why {
        CertificateError::UnknownIssuer => format!("{certificate} comes from an authority that this computer does not trust"),
        CertificateError::Expired => format!("{certificate} has expired"),
        CertificateError::ExpiredContext { not_after, .. } => {
            format!("{certificate} expired on {}, or this computer's clock is wrong", day(not_after.as_secs()).unwrap_or_default())
        }
        CertificateError::NotValidYet => format!("{certificate} is not valid yet, or this computer's clock is wrong"),
        CertificateError::NotValidYetContext { not_before, .. } => {
            format!("{certificate} is valid only from {}, or this computer's clock is wrong", day(not_before.as_secs()).unwrap_or_default())
        }
        CertificateError::NotValidForName => format!("{certificate} is for another name"),
        CertificateError::NotValidForNameContext { presented, .. } => {
            format!("{certificate} is for another name ({})", presented.join(", "))
        }
        CertificateError::Revoked => format!("{certificate} was withdrawn by its authority"),
        other if format!("{other:?}").contains("CaUsedAsEndEntity") => {
            format!("{certificate} is an authority's own one; the server needs one that was issued for a server")
        }
        other => format!("{certificate} is not accepted ({other})"),
    }
}
