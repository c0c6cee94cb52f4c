//! `config`: check, read and change an instance's settings, by path, and give it a new token.

use super::args::{Config, ConfigCheck};
use super::session::{Ending, Instance, Session};
use super::stdin;
use super::token;
use crate::exit::{Exit, Fatal};
use crate::output::Mood;
use crate::settings;
use instance::config::ConfigError;
use instance::{Document, Loaded, Problem, SaveError};
use serde_json::{Value, json};
use std::path::Path;

pub(crate) fn config(session: &Session, verb: &Config) -> Ending {
    match verb {
        Config::Check(args) if args.stdin => checked(session, args),
        Config::Check(args) => check(session, args.id.as_deref()),
        Config::Get { path } => get(session, path.as_deref()),
        Config::Set { path, value } => set(session, path, value),
        Config::Token { file } => new_token(session, file),
        Config::Schema => {
            session.out.raw(&format!("{:#}", instance::config::schema()));
            Ok(None)
        }
    }
}

fn check(session: &Session, id: Option<&str>) -> Ending {
    let instance = session.instance(id)?;
    match settings::read(&instance.layout) {
        Ok(loaded) => valid(session, &instance, &loaded),
        Err(error) => {
            let fatal = settings::fatal(&error);
            if session.out.json {
                session.out.json(&invalid(&instance, &error));
            }
            session.out.error(&fatal.message);
            Ok(Some(fatal.exit))
        }
    }
}

/// The settings on standard input, as the worker of this instance (or of none yet) would take them, beside the other instances.
fn checked(session: &Session, args: &ConfigCheck) -> Ending {
    let instance = match args.id.as_deref() {
        _ if args.new => None,
        Some(id) => Some(session.instance(Some(id))?),
        None => session.chosen_or_only()?,
    };
    let settings: Value = stdin::json("the settings")?;
    let document = Document::over(settings, None);
    let problems = match settings::read_in(instance.as_ref().map(|instance| &instance.layout), &document) {
        Ok(loaded) => settings::neighbours::problems(&session.home, instance.as_ref().map(|instance| &instance.id), &loaded),
        Err(error @ ConfigError::Invalid { .. }) => error.problems().to_vec(),
        Err(error) => return Err(settings::fatal(&error)),
    };
    if session.out.json {
        let one = |problem: &Problem| json!({"pointer": problem.pointer(), "message": problem.message, "line": problem.line});
        session.out.json(&problems.iter().map(one).collect::<Vec<Value>>());
    } else if problems.is_empty() {
        session.out.line(Mood::Good, "✓ these settings are valid");
    } else {
        problems.iter().for_each(|problem| session.out.line(Mood::Bad, &problem.to_string()));
    }
    Ok((!problems.is_empty()).then_some(Exit::Invalid))
}

fn valid(session: &Session, instance: &Instance, loaded: &Loaded) -> Ending {
    let warnings: Vec<String> = loaded.warnings.iter().map(ToString::to_string).collect();
    if session.out.json {
        session.out.json(&json!({"file": instance.layout.config(), "valid": true, "hash": loaded.hash, "warnings": warnings}));
        return Ok(None);
    }
    warnings.iter().for_each(|warning| session.out.line(Mood::Warning, &format!("warning: {warning}")));
    session.out.line(Mood::Good, &format!("✓ {} is valid", instance.layout.config().display()));
    Ok(None)
}

fn invalid(instance: &Instance, error: &ConfigError) -> Value {
    let problem = |problem: &Problem| {
        json!({"path": problem.path, "line": problem.line, "column": problem.column,
               "found": problem.found, "allowed": problem.allowed, "message": problem.message})
    };
    let problems: Vec<Value> = error.problems().iter().map(problem).collect();
    json!({"file": instance.layout.config(), "valid": false, "message": error.to_string(), "problems": problems})
}

fn get(session: &Session, path: Option<&str>) -> Ending {
    let instance = session.instance(None)?;
    let document = open(&instance)?;
    let value = match path {
        None => document.value().clone(),
        Some(path) => found(&instance, &document, path)?,
    };
    match &value {
        Value::String(text) if !session.out.json => session.out.raw(&crate::plain::lines(text)),
        value if session.out.json => session.out.json(value),
        value => session.out.raw(&format!("{value:#}")),
    }
    Ok(None)
}

/// What is set at a path, else the default that holds there.
fn found(instance: &Instance, document: &Document, path: &str) -> Result<Value, Fatal> {
    let usage = |error| Fatal::new(Exit::Usage, error);
    if let Some(value) = document.get(path).map_err(usage)? {
        return Ok(value.clone());
    }
    let settings = serde_json::to_value(instance.config()?).map_err(|error| Fatal::new(Exit::Config, error))?;
    let value = Document::over(settings, None).get(path).map_err(usage)?.cloned();
    value.ok_or_else(|| Fatal::new(Exit::NotFound, format!("there is no setting {path}; see `lineside config schema`")))
}

fn set(session: &Session, path: &str, text: &str) -> Ending {
    let instance = session.instance(None)?;
    let mut document = open(&instance)?;
    document.set_text(path, text).map_err(|error| Fatal::new(Exit::Usage, error))?;
    let loaded = settings::check(&instance.layout, &document)?;
    settings::neighbours::check(&session.home, &instance.id, &loaded)?;
    document.save(&instance.layout).map_err(|error| match error {
        SaveError::Invalid(error) => Fatal::new(Exit::Invalid, error),
        error => Fatal::new(Exit::Config, error),
    })?;
    let restart = instance.is_running();
    if session.out.json {
        let value = document.get(path).map_err(|error| Fatal::new(Exit::Usage, error))?;
        session.out.json(&json!({"path": path, "value": value, "hash": document.hash(), "restart_needed": restart}));
    }
    let then = if restart { format!("; `lineside restart {}` applies it", instance.id) } else { String::new() };
    session.out.note(&format!("{}: saved{then}", instance.id));
    Ok(None)
}

/// A running worker takes a new token by itself.
fn new_token(session: &Session, file: &Path) -> Ending {
    let instance = session.instance(None)?;
    token::save(&instance.layout, token::read(file)?)?;
    if session.out.json {
        session.out.json(&json!({"instance": instance.id, "file": instance.layout.secret()}));
    }
    session.out.note(&format!(
        "{}: the token is kept in {}; `lineside test-connection` tries it",
        instance.id,
        instance.layout.secret().display()
    ));
    Ok(None)
}

fn open(instance: &Instance) -> Result<Document, Fatal> {
    Document::open(&instance.layout).map_err(|error| settings::fatal(&error))
}
