//! `test-connection`: the server's answer in plain words, to an instance's own settings or to those of a form that is not saved yet.

use super::args::TestConnection;
use super::session::{Ending, Instance, Session};
use super::stdin;
use crate::connection;
use crate::exit::{Exit, Fatal};
use crate::output::Mood;
use instance::{Config, Proxy, Secret, Token};
use serde::Deserialize;
use serde_json::{Value, json};
use wats::{Cause, Check, Client, Connection, ConnectionError, Process};

pub(crate) fn test_connection(session: &Session, test: &TestConnection) -> Ending {
    let connection = if test.stdin { formed(session, stdin::json("the form")?)? } else { own(&session.instance(test.id.as_deref())?)? };
    let (check, processes) = match Client::new(&connection) {
        Ok(client) => ask(&client)?,
        Err(error) if test.stdin => (untried(&error), Vec::new()),
        Err(error) => return Err(Fatal::new(Exit::Invalid, error)),
    };
    if session.out.json {
        session.out.json(&as_json(&check, &processes));
    } else if check.good {
        session.out.line(Mood::Good, &format!("✓ {check}"));
    } else {
        session.out.error(&check.to_string());
    }
    Ok(check.cause.map(exit))
}

fn as_json(check: &Check, processes: &[Process]) -> Value {
    let processes: Vec<Value> = processes.iter().map(|process| json!({"code": process.code, "name": process.name})).collect();
    json!({
        "ok": check.good, "cause": check.cause, "headline": check.headline, "detail": check.detail, "fix": check.fix.as_deref().unwrap_or_default(),
        "version": check.version, "latency_ms": check.latency_ms, "processes": processes,
    })
}

/// The way to the server as the instance's settings describe it.
fn own(instance: &Instance) -> Result<Connection, Fatal> {
    let config = instance.config()?;
    let secret = connection::secret(&instance.layout)?;
    Ok(connection::of(&instance.layout, &config, secret.as_ref()))
}

/// What somebody has typed so far. What is absent is taken from the instance that is named, else it is the default.
#[derive(Deserialize)]
struct Form {
    #[serde(default)]
    instance: Option<String>,
    #[serde(default)]
    service_address: Option<String>,
    #[serde(default)]
    token: Option<String>,
    #[serde(default)]
    proxy: Option<FormProxy>,
    #[serde(default)]
    ca_file: Option<String>,
    #[serde(default)]
    connect_timeout_s: Option<u32>,
}

/// A proxy with its password, which in the settings has no place.
#[derive(Deserialize)]
struct FormProxy {
    #[serde(default)]
    password: Option<String>,
    #[serde(flatten)]
    proxy: Proxy,
}

fn formed(session: &Session, form: Form) -> Result<Connection, Fatal> {
    let instance = form.instance.as_deref().map(|id| session.instance(Some(id))).transpose()?;
    // Only what the form leaves open is asked of the settings: those that are saved may be what is being put right.
    let whole = form.service_address.is_some() && form.proxy.is_some();
    let mut config = match &instance {
        Some(instance) if !whole => instance.config()?,
        _ => Config::default(),
    };
    let secret = instance.as_ref().map(|instance| connection::secret(&instance.layout)).transpose()?.flatten();
    let typed = form.proxy.as_ref().and_then(|proxy| Token::new(proxy.password.as_deref()?));
    let token = form.token.as_deref().and_then(Token::new);
    let saved = match (&instance, &secret) {
        (Some(instance), Some(_)) => instance.config().ok(),
        _ => None,
    };
    config.service_address = form.service_address.unwrap_or(config.service_address);
    config.proxy = form.proxy.map_or(config.proxy, |form| form.proxy);
    config.ca_file = form.ca_file.filter(|file| !file.is_empty()).or(config.ca_file);
    config.connect_timeout_s = form.connect_timeout_s.unwrap_or(config.connect_timeout_s);
    let kept = secret.as_ref().map(|secret| (secret, saved.as_ref()));
    let token = match (token, kept) {
        (None, Some((secret, saved))) => Some(for_same_server(secret, saved, &config)?),
        (typed, _) => typed,
    };
    let password = typed.or_else(|| kept.and_then(|(secret, saved)| for_same_proxy(secret, saved?, &config)));
    let layout = instance.map_or_else(|| instance::Layout::at(session.home.root(), session.home.scope()), |instance| instance.layout);
    let tokenless = connection::of(&layout, &config, None);
    Ok(Connection {
        token: token.map(|token| token.expose().to_owned()),
        proxy: connection::proxy(&config, password.as_ref()),
        ..tokenless
    })
}

/// The token that is kept, for the server it was given for: an address that is mistyped, or another's, must not be sent it.
fn for_same_server(secret: &Secret, saved: Option<&Config>, asked: &Config) -> Result<Token, Fatal> {
    let origin = |config: &Config| Connection::new(&config.service_address, "").origin();
    match (saved.and_then(origin), origin(asked)) {
        // What is no address is asked nothing.
        (_, None) => Ok(secret.token.clone()),
        (Some(saved), Some(asked)) if saved == asked => Ok(secret.token.clone()),
        (saved, Some(asked)) => {
            let of = saved.unwrap_or_else(|| "the server of settings that cannot be read".to_owned());
            let message = format!("the token that is kept belongs to {of}; it is not sent to {asked}");
            Err(Fatal::new(Exit::Token, message).hinting("enter the token to try this address"))
        }
    }
}

/// The password that is kept, for the proxy it was given for.
fn for_same_proxy(secret: &Secret, saved: &Config, asked: &Config) -> Option<Token> {
    let place = |config: &Config| (config.proxy.host.to_ascii_lowercase(), config.proxy.port);
    secret.proxy_password.clone().filter(|_| place(saved) == place(asked))
}

/// Asks the server for its version as the worker would, and where it answers well, for its processes.
fn ask(client: &Client) -> Result<(Check, Vec<Process>), Fatal> {
    let runtime = super::runtime()?;
    let check = Check::of(&runtime.block_on(client.version()));
    // Without the list a code is typed by hand: no reason to call a good connection bad.
    let processes = if check.good { runtime.block_on(client.processes()).unwrap_or_default() } else { Vec::new() };
    Ok((check, processes))
}

/// A connection that cannot even be tried.
fn untried(error: &ConnectionError) -> Check {
    let (cause, headline) = match error {
        ConnectionError::Token => (Cause::Token, "The token cannot be sent"),
        ConnectionError::Proxy { .. } => (Cause::Proxy, "The proxy's address cannot be used"),
        ConnectionError::CaFile { .. } | ConnectionError::Client(_) => (Cause::Tls, "The certificates cannot be used"),
        ConnectionError::Address { .. } => (Cause::Address, "This is no address"),
    };
    Check {
        good: false,
        cause: Some(cause),
        headline: headline.to_owned(),
        detail: error.to_string(),
        fix: None,
        version: None,
        latency_ms: None,
    }
}

fn exit(cause: Cause) -> Exit {
    match cause {
        Cause::Token => Exit::Token,
        Cause::Unreachable => Exit::Unreachable,
        Cause::Address | Cause::Tls | Cause::Proxy | Cause::Server | Cause::NotWats => Exit::Network,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_goes_to_the_server_and_the_proxy_it_was_given_for() {
        let at = |address: &str, proxy: &str| {
            let proxy = Proxy { host: proxy.to_owned(), ..Proxy::default() };
            Config { service_address: address.to_owned(), proxy, ..Config::default() }
        };
        let token = |text: &str| Token::new(text).unwrap();
        let secret = Secret { token: token("t"), proxy_password: Some(token("p")) };
        let saved = at("https://wats.example.com/", "Proxy");
        for same in ["https://WATS.example.com", "https://wats.example.com:443/api/", "wats example"] {
            assert_eq!(for_same_server(&secret, Some(&saved), &at(same, "")).unwrap(), token("t"), "{same}");
        }
        for other in ["http://wats.example.com", "https://wats.example.co", "https://wats.example.com:8443"] {
            let refused = for_same_server(&secret, Some(&saved), &at(other, "")).unwrap_err();
            assert_eq!(refused.exit, Exit::Token);
            assert!(refused.message.ends_with(&format!("not sent to {other}")), "{}", refused.message);
        }
        assert!(for_same_server(&secret, None, &saved).is_err());
        assert_eq!(for_same_proxy(&secret, &saved, &at("", "proxy")), Some(token("p")));
        assert_eq!(for_same_proxy(&secret, &saved, &at("", "elsewhere")), None);
    }
}
