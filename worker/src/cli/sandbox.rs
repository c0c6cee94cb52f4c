//! `sandbox`: a WATS-compatible server on this machine until Ctrl+C.

use super::args;
use super::session::{Ending, Session};
use crate::exit::{Exit, Fatal};
use crate::output::Mood;
use crate::signals::Signals;
use sandbox::{Db, Faults, Options};
use serde_json::json;

pub(crate) fn sandbox(session: &Session, args: &args::Sandbox) -> Ending {
    let faults = Faults {
        latency_ms: args.latency_ms,
        rate_503: args.rate_503,
        rate_429: args.rate_429,
        rate_reset_before: args.rate_reset_before,
        rate_reset_after: args.rate_reset_after,
        ..Faults::default()
    };
    let options = Options { port: args.port, token: args.token.clone(), db: args.db.clone().map(Db::from).unwrap_or_default(), faults };
    super::runtime()?.block_on(async {
        let mut signals = Signals::listen().map_err(|error| Fatal::new(Exit::Failed, format!("signals cannot be heard: {error}")))?;
        let running = ::sandbox::start(options).await.map_err(|error| Fatal::new(Exit::Start, error))?;
        if session.out.json {
            session.out.json(&json!({"url": running.url()}));
        } else {
            session.out.line(Mood::Good, &format!("sandbox is listening: {}", running.url()));
            let token = args.token.as_ref().map_or("any token will do", |_| "it asks for the token that was given");
            session.out.note(&format!("{token}; open that address to see what arrives; Ctrl+C ends it"));
        }
        let interrupted = signals.next().await != "SIGTERM";
        running.stop().await;
        Ok(interrupted.then_some(Exit::Interrupted))
    })
}
