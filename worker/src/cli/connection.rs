//! `test-connection`: the server's answer to the instance's own settings, in plain words.

use super::args::Which;
use super::session::{Ending, Instance, Session};
use crate::connection;
use crate::exit::{Exit, Fatal};
use crate::output::Mood;
use serde_json::json;
use wats::{Cause, Check, Client};

pub(crate) fn test_connection(session: &Session, which: &Which) -> Ending {
    let instance = session.instance(which.id.as_deref())?;
    let check = check(&instance)?;
    if session.out.json {
        session.out.json(&json!({
            "ok": check.good, "cause": check.cause, "headline": check.headline, "detail": check.detail, "fix": check.fix,
            "version": check.version, "latency_ms": check.latency_ms,
        }));
    } else if check.good {
        session.out.line(Mood::Good, &format!("✓ {check}"));
    } else {
        session.out.error(&check.to_string());
    }
    Ok(check.cause.map(exit))
}

/// Asks the server for its version as the worker would.
pub(crate) fn check(instance: &Instance) -> Result<Check, Fatal> {
    let config = instance.config()?;
    let secret = connection::secret(&instance.layout)?;
    let client =
        Client::new(&connection::of(&instance.layout, &config, secret.as_ref())).map_err(|error| Fatal::new(Exit::Invalid, error))?;
    let answer = super::runtime()?.block_on(client.version());
    Ok(Check::of(&answer))
}

fn exit(cause: Cause) -> Exit {
    match cause {
        Cause::Token => Exit::Token,
        Cause::Unreachable => Exit::Unreachable,
        Cause::Address | Cause::Tls | Cause::Proxy | Cause::Server | Cause::NotWats => Exit::Network,
    }
}
