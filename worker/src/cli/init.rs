//! `init`: a new instance in one line. Nothing is written before everything has been checked.

use super::args::Init;
use super::session::{Ending, Session};
use crate::exit::{Exit, Fatal};
use crate::settings;
use instance::{Document, InstanceId, Layout, SaveError, Secret, Token};
use serde_json::{Value, json};
use std::io::Read;
use std::path::Path;

pub(crate) fn init(session: &Session, init: &Init) -> Ending {
    let id: InstanceId = init.id.parse().map_err(|error| Fatal::new(Exit::Usage, error))?;
    let layout = session.home.instance(&id);
    if layout.config().exists() {
        return Err(Fatal::new(Exit::Config, format!("the instance {id} exists already: {}", layout.dir().display())));
    }
    let token = init.token_file.as_deref().map(token).transpose()?;
    let mut document = Document::create();
    for (path, value) in wanted(init)? {
        document.set(path, value).map_err(|error| Fatal::new(Exit::Usage, error))?;
    }
    settings::check(&layout, &document)?;
    write(&layout, &mut document, token)?;
    if session.out.json {
        session.out.json(&json!({"id": id, "folder": layout.dir()}));
    }
    session.out.note(&format!("made {}", layout.dir().display()));
    if init.token_file.is_none() {
        session.out.note(&format!("it has no token yet: put one into {} as {{\"token\": \"…\"}}", layout.secret().display()));
    }
    session.out.note(&format!("next: `lineside test-connection {id}`, then `lineside run {id}` or `lineside start {id}`"));
    Ok(None)
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

fn token(path: &Path) -> Result<Token, Fatal> {
    let mut text = String::new();
    let read = if path == Path::new("-") {
        std::io::stdin().read_to_string(&mut text)
    } else {
        std::fs::read_to_string(path).map(|read| {
            text = read;
            0
        })
    };
    read.map_err(|error| Fatal::new(Exit::NotFound, format!("the token cannot be read from {}: {error}", path.display())))?;
    Token::new(&text).ok_or_else(|| Fatal::new(Exit::Usage, format!("there is no token in {}", path.display())))
}

fn write(layout: &Layout, document: &mut Document, token: Option<Token>) -> Result<(), Fatal> {
    layout.create().map_err(|error| Fatal::new(Exit::Permission, error))?;
    if let Some(token) = token {
        instance::secret::save(layout, &Secret { token, proxy_password: None }).map_err(|error| Fatal::new(Exit::Permission, error))?;
    }
    // The settings last: a folder without them is no instance yet.
    document.save(layout).map_err(|error| match error {
        SaveError::Invalid(error) => Fatal::new(Exit::Invalid, error),
        error => Fatal::new(Exit::Config, error),
    })?;
    Ok(())
}
