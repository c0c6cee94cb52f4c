//! `init`: a new instance in one line. Nothing is written before everything has been checked.

use super::args::Init;
use super::session::{Ending, Session};
use super::token;
use crate::exit::{Exit, Fatal};
use crate::settings;
use instance::{Document, InstanceId, Layout, SaveError, Token};
use serde_json::{Value, json};
use std::path::Path;

pub(crate) fn init(session: &Session, init: &Init) -> Ending {
    let id: InstanceId = init.id.parse().map_err(|error| Fatal::new(Exit::Usage, error))?;
    let layout = session.home.instance(&id);
    if layout.config().exists() {
        let fix = format!("change it with `lineside --instance {id} config set`, or choose another name");
        return Err(Fatal::new(Exit::Config, format!("the instance {id} exists already in {}; {fix}", layout.dir().display())));
    }
    let token = init.token_file.as_deref().map(token::read).transpose()?;
    let mut document = Document::create();
    for (path, value) in wanted(init)? {
        document.set(path, value).map_err(|error| Fatal::new(Exit::Usage, error))?;
    }
    let loaded = settings::check(&layout, &document)?;
    settings::neighbours::check(&session.home, &id, &loaded)?;
    write(&layout, &mut document, token)?;
    tell(session, init, &layout, &document);
    Ok(None)
}

/// What was made, what it still lacks, and what comes next.
fn tell(session: &Session, init: &Init, layout: &Layout, document: &Document) {
    let (out, id) = (session.out, &init.id);
    if out.json {
        let (config, token) = (layout.config(), init.token_file.is_some());
        return out.json(&json!({"id": id, "folder": layout.dir(), "config": config, "token": token, "rules": init.watch.len()}));
    }
    out.note(&format!("made {}", layout.dir().display()));
    if init.token_file.is_none() {
        out.warning(&format!("it has no token yet: `lineside --instance {id} config token FILE` gives it one"));
    }
    if init.location.is_empty() {
        out.warning(&format!(
            "it has no location: files that name none themselves are rejected; `lineside --instance {id} config set location PLACE`"
        ));
    }
    if init.watch.is_empty() {
        out.warning(&format!("it watches no folder yet: add one under converters in {}", layout.config().display()));
    }
    let rules = document.value()["converters"].as_array();
    for folder in rules.into_iter().flatten().filter_map(|rule| rule["watch_folder"].as_str()).filter(|folder| !Path::new(folder).is_dir())
    {
        out.warning(&format!("{folder} is not there yet; it is watched as soon as it is"));
    }
    out.note(&format!("next: `lineside test-connection {id}`, then `lineside start {id}` (or `lineside run {id}` to watch it work)"));
}

fn wanted(init: &Init) -> Result<Vec<(&'static str, Value)>, Fatal> {
    let mut rules: Vec<Value> = Vec::new();
    for watch in &init.watch {
        let rule = rule(watch, &rules)?;
        rules.push(rule);
    }
    Ok(vec![
        ("instance_name", init.id.clone().into()),
        ("service_address", init.server.clone().into()),
        ("station_name", init.station.clone().unwrap_or_default().into()),
        ("location", init.location.clone().into()),
        ("purpose", init.purpose.clone().into()),
        ("converters", rules.into()),
    ])
}

/// `DIR` or `DIR=FORMAT`; a folder whose own name has a `=` in it is taken whole when what follows is no format.
fn rule(watch: &str, others: &[Value]) -> Result<Value, Fatal> {
    let formats: Vec<&str> = converters::formats().iter().map(|format| format.name()).collect();
    let (folder, format) = match watch.rsplit_once('=') {
        Some((folder, format)) if formats.contains(&format) || format == "detect" => (folder, format),
        Some((folder, format)) if Path::new(folder).is_dir() && !Path::new(watch).is_dir() => {
            return Err(Fatal::new(Exit::Usage, format!("{format:?} is no format; use one of: detect, {}", formats.join(", "))));
        }
        _ => (watch, "detect"),
    };
    let folder = std::path::absolute(folder).map_err(|error| Fatal::new(Exit::Usage, format!("{folder:?}: {error}")))?;
    let text =
        folder.to_str().ok_or_else(|| Fatal::new(Exit::Usage, format!("{} is no readable text; rename the folder", folder.display())))?;
    let name = folder.file_name().map_or_else(|| text.to_owned(), |name| name.to_string_lossy().into_owned());
    let taken = others.iter().any(|other| other["name"] == name.as_str());
    let name = if taken { format!("{name} {}", others.len() + 1) } else { name };
    Ok(json!({"name": name, "watch_folder": text, "format": format}))
}

fn write(layout: &Layout, document: &mut Document, token: Option<Token>) -> Result<(), Fatal> {
    layout.create().map_err(|error| Fatal::new(Exit::Permission, error))?;
    if let Some(token) = token {
        token::save(layout, token)?;
    }
    // The settings last: a folder without them is no instance yet.
    document.save(layout).map_err(|error| match error {
        SaveError::Invalid(error) => Fatal::new(Exit::Invalid, error),
        error => Fatal::new(Exit::Config, error),
    })?;
    Ok(())
}
