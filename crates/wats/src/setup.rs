//! How the HTTP client is set up: which TLS roots, which proxy and which redirects a connection uses.

use std::{sync::Once, time::Duration};

use reqwest::{Certificate, ClientBuilder, NoProxy, Url, redirect};

use crate::{
    connection::{Connection, ConnectionError, Proxy},
    mask::without_userinfo,
};

/// Idle connections are dropped early: after a network switch a stale one would cost a whole time-out.
const POOL_IDLE: Duration = Duration::from_secs(30);
const PING_EVERY: Duration = Duration::from_secs(15);
const PING_PATIENCE: Duration = Duration::from_secs(10);
const MAX_REDIRECTS: usize = 3;

/// The HTTP client for `connection`, talking to `base`. Reads the trust store and `ca_file` once.
pub(crate) fn build(connection: &Connection, base: &Url) -> Result<reqwest::Client, ConnectionError> {
    use_ring();
    let builder = reqwest::Client::builder()
        .user_agent(&connection.user_agent)
        .redirect(same_origin_only())
        .referer(false)
        .connect_timeout(connection.connect_timeout)
        .pool_idle_timeout(POOL_IDLE)
        .http2_keep_alive_interval(PING_EVERY)
        .http2_keep_alive_timeout(PING_PATIENCE)
        .tls_backend_rustls();
    let builder = proxied(builder, &connection.proxy)?;
    trusting(builder, connection, base)?.build().map_err(|e| ConnectionError::Client(innermost(&e)))
}

/// TLS needs one crypto provider per process. Someone else having installed one first is as good.
fn use_ring() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| drop(rustls::crypto::ring::default_provider().install_default()));
}

/// Only 307 and 308 keep method and body, and only the configured origin may see the token.
fn same_origin_only() -> redirect::Policy {
    redirect::Policy::custom(|attempt| {
        let keeps_the_request = matches!(attempt.status().as_u16(), 307 | 308);
        let same_origin = attempt.previous().iter().all(|url| url.origin() == attempt.url().origin());
        if keeps_the_request && same_origin && attempt.previous().len() <= MAX_REDIRECTS { attempt.follow() } else { attempt.stop() }
    })
}

fn proxied(builder: ClientBuilder, proxy: &Proxy) -> Result<ClientBuilder, ConnectionError> {
    match proxy {
        Proxy::None => Ok(builder.no_proxy()),
        Proxy::System => Ok(builder),
        Proxy::Manual { url, username, password, bypass } => {
            let unusable = |why: String| ConnectionError::Proxy { url: without_userinfo(url), why };
            let mut proxy = reqwest::Proxy::all(url.as_str()).map_err(|e| unusable(innermost(&e)))?;
            if let Some(username) = username {
                proxy = proxy.basic_auth(username, password.as_deref().unwrap_or_default());
            }
            Ok(builder.proxy(proxy.no_proxy(NoProxy::from_string(&comma_list(bypass)))))
        }
    }
}

/// Windows writes `*.corp.local;10.0.0.0/8`; what is asked for is `.corp.local,10.0.0.0/8`. A lone `*` means addresses too.
fn comma_list(bypass: &str) -> String {
    let hosts = bypass.split([',', ';', ' ', '\t', '\n']).filter(|host| !host.is_empty());
    let hosts = hosts.map(|host| match host.strip_prefix('*') {
        Some("") => "*,0.0.0.0/0,::/0",
        Some(rest) if rest.starts_with('.') => rest,
        _ => host,
    });
    hosts.collect::<Vec<_>>().join(",")
}

fn trusting(builder: ClientBuilder, connection: &Connection, base: &Url) -> Result<ClientBuilder, ConnectionError> {
    if let Some(path) = &connection.ca_file {
        let unusable = |why: String| ConnectionError::CaFile { path: path.clone(), why };
        let bytes = std::fs::read(path).map_err(|e| unusable(e.to_string()))?;
        let certificates = certificates(&bytes).map_err(unusable)?;
        return Ok(builder.tls_certs_merge(certificates));
    }
    // plain http never meets a certificate: then no trust store is loaded, and a computer without one can still send
    let never_tls = base.scheme() == "http"
        && match &connection.proxy {
            Proxy::None => true,
            Proxy::System => false,
            Proxy::Manual { url, .. } => !url.starts_with("https:"),
        };
    Ok(if never_tls { builder.tls_certs_only([]) } else { builder })
}

/// PEM (one or many) or DER (one).
fn certificates(bytes: &[u8]) -> Result<Vec<Certificate>, String> {
    let read =
        if bytes.starts_with(&[0x30]) { Certificate::from_der(bytes).map(|one| vec![one]) } else { Certificate::from_pem_bundle(bytes) };
    match read {
        Ok(certificates) if certificates.is_empty() => Err("it contains no certificate".to_owned()),
        Ok(certificates) => Ok(certificates),
        Err(e) => Err(innermost(&e)),
    }
}

/// The error at the end of the chain: the one that names the reason, and never the one that carries a URL.
fn innermost(error: &dyn std::error::Error) -> String {
    let mut last = error;
    while let Some(source) = last.source() {
        last = source;
    }
    without_userinfo(&last.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bypass_list_may_be_written_the_windows_way() {
        assert_eq!(comma_list(" localhost; *.corp.local,10.0.0.0/8 *"), "localhost,.corp.local,10.0.0.0/8,*,0.0.0.0/0,::/0");
    }
}
