//! `config`: check, read and change an instance's settings, by path.

use super::args::Config;
use super::session::{Ending, Session};
use crate::exit::{Exit, Fatal};
use crate::output::Mood;
use crate::settings;
use instance::{Document, SaveError};
use serde_json::{Value, json};

pub(crate) fn config(session: &Session, verb: &Config) -> Ending {
    match verb {
        Config::Check(which) => check(session, which.id.as_deref()),
        Config::Get { path } => get(session, path.as_deref()),
        Config::Set { path, value } => set(session, path, value),
        Config::Schema => {
            session.out.raw(&format!("{:#}", instance::config::schema()));
            Ok(None)
        }
    }
}

fn check(session: &Session, id: Option<&str>) -> Ending {
    let instance = session.instance(id)?;
    let loaded = settings::load(&instance.layout)?;
    let warnings: Vec<String> = loaded.warnings.iter().map(ToString::to_string).collect();
    if session.out.json {
        session.out.json(&json!({"file": instance.layout.config(), "valid": true, "hash": loaded.hash, "warnings": warnings}));
        return Ok(None);
    }
    warnings.iter().for_each(|warning| session.out.line(Mood::Warning, &format!("warning: {warning}")));
    session.out.line(Mood::Good, &format!("✓ {} is valid", instance.layout.config().display()));
    Ok(None)
}

fn get(session: &Session, path: Option<&str>) -> Ending {
    let document = open(session)?;
    let value = match path {
        None => document.value().clone(),
        Some(path) => found(session, &document, path)?,
    };
    match &value {
        Value::String(text) if !session.out.json => session.out.raw(&crate::output::shown(text)),
        value if session.out.json => session.out.json(value),
        value => session.out.raw(&format!("{value:#}")),
    }
    Ok(None)
}

/// What is set at a path, else the default that holds there.
fn found(session: &Session, document: &Document, path: &str) -> Result<Value, Fatal> {
    let usage = |error| Fatal::new(Exit::Usage, error);
    if let Some(value) = document.get(path).map_err(usage)? {
        return Ok(value.clone());
    }
    let settings = serde_json::to_value(session.instance(None)?.config()?).map_err(|error| Fatal::new(Exit::Config, error))?;
    let whole = Document::over(settings, None);
    whole
        .get(path)
        .map_err(usage)?
        .cloned()
        .ok_or_else(|| Fatal::new(Exit::NotFound, format!("there is no setting {path}; see `lineside config schema`")))
}

fn set(session: &Session, path: &str, text: &str) -> Ending {
    let instance = session.instance(None)?;
    let mut document = open(session)?;
    document.set_text(path, text).map_err(|error| Fatal::new(Exit::Usage, error))?;
    settings::check(&instance.layout, &document)?;
    document.save(&instance.layout).map_err(|error| match error {
        SaveError::Invalid(error) => Fatal::new(Exit::Invalid, error),
        error => Fatal::new(Exit::Config, error),
    })?;
    if instance.is_running() {
        session.out.note(&format!("saved; `lineside restart {}` applies it", instance.id));
    }
    Ok(None)
}

fn open(session: &Session) -> Result<Document, Fatal> {
    let instance = session.instance(None)?;
    Document::open(&instance.layout).map_err(|error| Fatal::new(Exit::Config, error))
}
