//! How to reach the server: address, token, proxy, extra trust, time limits.

use std::{fmt, path::PathBuf, time::Duration};

use reqwest::Url;

use crate::mask::without_userinfo;

/// Everything a [`crate::Client`] needs. `Debug` shows neither token nor password.
#[derive(Clone)]
pub struct Connection {
    /// Where the server is, for example `https://acme.wats.com`. A trailing `/` or `/api` does not matter.
    pub base_url: String,
    /// The token as WATS issued it (already base64); surrounding quotes and a leading `Basic ` do not matter.
    pub token: Option<String>,
    /// Which proxy stands between.
    pub proxy: Proxy,
    /// Certificates (PEM or DER) to trust besides those of the operating system.
    pub ca_file: Option<PathBuf>,
    /// Longest time to get a connection, TLS included.
    pub connect_timeout: Duration,
    /// Longest time for a whole request; large reports get the time their size needs on a slow line on top.
    pub request_timeout: Duration,
    /// Send report bodies gzip-compressed, as long as the server takes them.
    pub compress: bool,
    /// The `User-Agent`, for example `Lineside/1.0.0`.
    pub user_agent: String,
}

/// Which proxy to use.
#[derive(Clone)]
pub enum Proxy {
    /// Straight to the server, whatever the environment says.
    None,
    /// What the environment (`HTTPS_PROXY`, `ALL_PROXY`, `NO_PROXY`, …) or else the operating system says. PAC files are not read.
    System,
    /// This one.
    Manual {
        /// For example `http://proxy.example:8080`.
        url: String,
        /// Who to log in as, when the proxy asks for it.
        username: Option<String>,
        /// The password for `username`.
        password: Option<String>,
        /// Hosts to reach without the proxy, separated by comma, semicolon or space: names (with their subdomains), addresses, networks.
        bypass: String,
    },
}

/// A connection that cannot even be tried; the text names the setting and what to do.
#[derive(Debug, thiserror::Error)]
pub enum ConnectionError {
    /// `service_address` is not a usable address.
    #[error("service_address {url:?} cannot be used: {why}; write it like https://acme.wats.com")]
    Address {
        /// The address, without any login in it.
        url: String,
        /// What is wrong with it.
        why: String,
    },
    /// The token holds characters that no token has.
    #[error("the token contains characters that cannot be sent; copy it again from Control Panel > Tokens in WATS")]
    Token,
    /// The proxy's address is not usable.
    #[error("proxy {url:?} cannot be used: {why}; write it like http://proxy.example:8080")]
    Proxy {
        /// The address, without any login in it.
        url: String,
        /// What is wrong with it.
        why: String,
    },
    /// The extra certificates cannot be read.
    #[error("ca_file {}: {why}; it must hold certificates as PEM or DER", path.display())]
    CaFile {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// TLS or HTTP could not be set up.
    #[error("the HTTP client cannot be set up: {0}; check that this computer has a certificate store, or set ca_file")]
    Client(String),
}

impl Connection {
    /// A straight connection to `base_url` with the usual limits (10 s to connect, 60 s for a request), without a token.
    pub fn new(base_url: impl Into<String>, user_agent: impl Into<String>) -> Connection {
        Connection {
            base_url: base_url.into(),
            token: None,
            proxy: Proxy::None,
            ca_file: None,
            connect_timeout: Duration::from_secs(10),
            request_timeout: Duration::from_secs(60),
            compress: false,
            user_agent: user_agent.into(),
        }
    }

    /// The address without trailing `/` and `/api`.
    pub(crate) fn base(&self) -> Result<Url, ConnectionError> {
        let wrong = |why: &str| ConnectionError::Address { url: without_userinfo(&self.base_url), why: why.to_owned() };
        let mut url = Url::parse(self.base_url.trim()).map_err(|e| wrong(&e.to_string()))?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(wrong("it must begin with https:// or http://"));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(wrong("it must not contain a login; the token goes into its own field"));
        }
        let path = url.path().trim_end_matches('/');
        let kept = path.len() - if path.to_ascii_lowercase().ends_with("/api") { "/api".len() } else { 0 };
        let path = path[..kept].trim_end_matches('/').to_owned();
        url.set_path(&path);
        url.set_query(None);
        url.set_fragment(None);
        Ok(url)
    }

    /// Scheme, host and port, by which one server is told from another; `None` for what is no address.
    pub fn origin(&self) -> Option<String> {
        self.base().ok().map(|url| url.origin().ascii_serialization())
    }

    /// The token as it is sent.
    pub(crate) fn bare_token(&self) -> Option<&str> {
        let token = self.token.as_deref()?.trim().trim_matches('"');
        let token = token.strip_prefix("Basic ").unwrap_or(token).trim();
        (!token.is_empty()).then_some(token)
    }
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection")
            .field("base_url", &without_userinfo(&self.base_url))
            .field("token", &self.token.as_ref().map(|_| "***"))
            .field("proxy", &self.proxy)
            .field("ca_file", &self.ca_file)
            .field("connect_timeout", &self.connect_timeout)
            .field("request_timeout", &self.request_timeout)
            .field("compress", &self.compress)
            .field("user_agent", &self.user_agent)
            .finish()
    }
}

impl fmt::Debug for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Proxy::None => f.write_str("None"),
            Proxy::System => f.write_str("System"),
            Proxy::Manual { url, username, password, bypass } => f
                .debug_struct("Manual")
                .field("url", &without_userinfo(url))
                .field("username", username)
                .field("password", &password.as_ref().map(|_| "***"))
                .field("bypass", bypass)
                .finish(),
        }
    }
}

#[cfg(test)]
mod tests;
