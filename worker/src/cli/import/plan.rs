//! What an import would make: the new settings, what came along, and what did not and why. Writes nothing.

use super::mapping::{self, FOLDERS, Mapping};
use crate::cli::args;
use crate::cli::export::{self, Carried, Exported, Plain, SHAPE};
use crate::cli::sealed::{self, SealError};
use crate::cli::session::{Instance, Session};
use crate::exit::{Exit, Fatal};
use crate::output::counted;
use crate::settings;
use instance::config::{Migration, from_pointer};
use instance::{Document, InstanceId, Secret, Token};
use serde::Serialize;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::path::Path;

/// Larger files are no exports.
const MOST: u64 = 128 << 20;
/// What is said to be missing where there is no token.
pub(super) const TOKEN: &str = "token";

/// The plan with what is not told of it.
pub(super) struct Plan {
    pub(super) told: Told,
    pub(super) secret: Option<Secret>,
    pub(super) files: BTreeMap<String, Carried>,
}

#[derive(Debug, Serialize)]
pub(super) struct Told {
    pub(super) kind: Kind,
    pub(super) id: String,
    pub(super) name: String,
    pub(super) settings: Value,
    pub(super) has_token: bool,
    /// There is a token, and only a passphrase opens it.
    pub(super) needs_passphrase: bool,
    pub(super) folders: Vec<Folder>,
    pub(super) carried: Vec<String>,
    pub(super) not_carried: Vec<Missing>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Kind {
    Lineside,
    PyWats,
}

#[derive(Debug, PartialEq, Eq, Serialize)]
pub(super) struct Folder {
    pub(super) pointer: String,
    pub(super) path: String,
    pub(super) exists: bool,
}

#[derive(Debug, PartialEq, Eq, Serialize)]
pub(super) struct Missing {
    pub(super) what: String,
    pub(super) why: String,
}

impl Missing {
    fn new(what: &str, why: impl Into<String>) -> Missing {
        Missing { what: what.to_owned(), why: why.into() }
    }
}

/// Reads the file, or the instance, and makes the changes that are asked for.
pub(super) fn read(session: &Session, asked: &args::Import, passphrase: Option<&str>) -> Result<Plan, Fatal> {
    let mut plan = match &asked.file {
        Some(file) => opened(file, passphrase)?,
        None => copied(&session.instance(asked.copy_of.as_deref())?)?,
    };
    if let Some(id) = &asked.id {
        // One that had no name of its own is called as its folder.
        if plan.told.settings["instance_name"] == plan.told.id.as_str() {
            plan.told.settings["instance_name"] = id.clone().into();
        }
        plan.told.id.clone_from(id);
    }
    let mapping = |text: &String| Mapping::parse(text).ok_or_else(|| Fatal::new(Exit::Usage, format!("--map {text:?} is no OLD=NEW")));
    let mappings: Vec<Mapping> = asked.map.iter().map(mapping).collect::<Result<_, _>>()?;
    mapping::apply(&mut plan.told.settings, &mappings);
    let mut document = Document::over(plan.told.settings, None);
    for text in &asked.set {
        let (path, value) = text.split_once('=').ok_or_else(|| Fatal::new(Exit::Usage, format!("--set {text:?} is no PATH=VALUE")))?;
        let path = if path.starts_with('/') { from_pointer(path) } else { path.to_owned() };
        document.set_text(&path, value).map_err(|error| Fatal::new(Exit::Usage, error))?;
    }
    if let Some(station) = &asked.station {
        document.set("station_name", station.clone().into()).map_err(|error| Fatal::new(Exit::Usage, error))?;
    }
    plan.told.settings = document.value().clone();
    plan.told.folders = folders(&plan.told.settings);
    plan.told.name = plan.told.settings["instance_name"].as_str().filter(|name| !name.is_empty()).unwrap_or(&plan.told.id).to_owned();
    Ok(plan)
}

fn opened(file: &Path, passphrase: Option<&str>) -> Result<Plan, Fatal> {
    let there = crate::cli::files::open(file).and_then(|opened| opened.metadata().map_err(|error| Fatal::new(Exit::Failed, error)));
    let size = there.map_err(|fatal| Fatal { message: format!("{}: {}", file.display(), fatal.message), ..fatal })?.len();
    if size > MOST {
        return Err(Fatal::new(Exit::Invalid, format!("{} has more than {} MiB and is no exported instance", file.display(), MOST >> 20)));
    }
    let document = Document::open_file(file.to_owned()).map_err(|error| settings::fatal(&error))?;
    match document.value().get("lineside_export").and_then(Value::as_u64) {
        Some(shape) if shape > u64::from(SHAPE) => {
            Err(Fatal::new(Exit::Invalid, format!("{} was exported by a newer version", file.display())).hinting("update Lineside"))
        }
        Some(_) => exported(file, document.value().clone(), passphrase),
        None => Ok(bare(&document)),
    }
}

/// Another like this one: all of it but what it owes and has sent. The token does not leave the computer, so it goes along.
fn copied(instance: &Instance) -> Result<Plan, Fatal> {
    let exported = export::made(instance)?;
    let secret = export::secret(instance)?;
    let queue = Missing::new("queue and history", format!("they stay with {}", instance.id));
    Ok(plan_of(exported, secret, vec![queue]))
}

fn exported(file: &Path, value: Value, passphrase: Option<&str>) -> Result<Plan, Fatal> {
    // serde's own words could quote a secret
    let exported: Exported = serde_json::from_value(value)
        .map_err(|_| Fatal::new(Exit::Invalid, format!("{} is no exported instance, or was changed", file.display())))?;
    let secret = match (&exported.secret, passphrase) {
        (Some(sealed), Some(passphrase)) => Some(unsealed(sealed, passphrase)?),
        _ => None,
    };
    let queue = Missing::new("queue and history", "they stay with the old instance; let it send what it owes before it is removed");
    Ok(plan_of(exported, secret, vec![queue]))
}

fn plan_of(exported: Exported, secret: Option<Secret>, mut not_carried: Vec<Missing>) -> Plan {
    let mut carried = vec!["the settings".to_owned(), counted(rules(&exported.settings).count() as u64, "watch rule")];
    carried.extend(exported.files.keys().cloned());
    match (&secret, &exported.secret) {
        (Some(_), _) => carried.push("the token".to_owned()),
        (None, Some(_)) => not_carried.insert(0, Missing::new(TOKEN, "it is sealed; give its passphrase, or enter the token again")),
        (None, None) => not_carried.insert(0, Missing::new(TOKEN, "there is none in it; enter it again")),
    }
    let told = Told {
        kind: Kind::Lineside,
        id: exported.id,
        name: String::new(),
        settings: exported.settings,
        has_token: secret.is_some(),
        needs_passphrase: exported.secret.is_some() && secret.is_none(),
        folders: Vec::new(),
        carried,
        not_carried,
    };
    Plan { told, secret, files: exported.files }
}

fn unsealed(sealed: &sealed::Sealed, passphrase: &str) -> Result<Secret, Fatal> {
    let text = sealed::open(sealed, passphrase).map_err(|error| {
        let exit = if error == SealError::Wrong { Exit::Permission } else { Exit::Failed };
        Fatal::new(exit, error)
    })?;
    let plain: Option<Plain> = serde_json::from_slice(&text).ok();
    let secret = plain.and_then(|plain| {
        let proxy_password = plain.proxy_password.as_deref().and_then(Token::new);
        Some(Secret { token: Token::new(&plain.token)?, proxy_password })
    });
    secret.ok_or_else(|| Fatal::new(Exit::Invalid, "what is sealed in the file is no token"))
}

/// Settings alone: those of a pyWATS client, or a `client_config.json` of ours.
fn bare(document: &Document) -> Plan {
    let settings = document.value().clone();
    let migration = document.migration();
    let secret = migration.and_then(|migration| migration.secret.clone());
    let name = settings["instance_name"].as_str().unwrap_or_default();
    let mut not_carried = migration.map_or_else(Vec::new, |migration| left_behind(migration, &settings));
    if secret.is_none() {
        not_carried.push(Missing::new(TOKEN, "there is none in this file; enter it again"));
    }
    let told = Told {
        kind: if migration.is_some() { Kind::PyWats } else { Kind::Lineside },
        id: id_of(name),
        name: String::new(),
        has_token: secret.is_some(),
        needs_passphrase: false,
        folders: Vec::new(),
        carried: taken(&settings, secret.is_some()),
        not_carried,
        settings,
    };
    Plan { told, secret, files: BTreeMap::new() }
}

fn rules(settings: &Value) -> impl Iterator<Item = &Value> {
    settings["converters"].as_array().into_iter().flatten()
}

fn taken(settings: &Value, token: bool) -> Vec<String> {
    let ours = |key: &&String| !["schema_version", "pywats", "converters"].contains(&key.as_str());
    let mut taken: Vec<String> = settings.as_object().into_iter().flat_map(Map::keys).filter(ours).cloned().collect();
    for rule in rules(settings).filter(|rule| rule["enabled"] != false) {
        let text = |key: &str| rule[key].as_str().unwrap_or_default().to_owned();
        taken.push(format!("watch rule {} as {}", text("name"), text("format")));
    }
    if token {
        taken.push("the token".to_owned());
    }
    taken
}

/// What a pyWATS client had and Lineside has not.
fn left_behind(migration: &Migration, settings: &Value) -> Vec<Missing> {
    let notes = migration.notes.iter().filter(|note| note.path != "api_token").map(|note| Missing::new(&note.path, note.message.clone()));
    let why = "Lineside has no such setting; it is kept under pywats in the settings and has no effect";
    let top = settings["pywats"].as_object().into_iter().flat_map(Map::keys).map(|key| Missing::new(key, why));
    let in_rules = rules(settings).enumerate().filter_map(|(index, rule)| {
        let keys: Vec<&str> = rule["pywats"].as_object()?.keys().map(String::as_str).collect();
        Some(Missing::new(&format!("converters[{index}]: {}", keys.join(", ")), why))
    });
    let places = ["queue and history"].map(|what| Missing::new(what, "let the old client send what it owes before it is removed"));
    notes.chain(top).chain(in_rules).chain(places).collect()
}

/// A folder's name out of a name for people.
fn id_of(name: &str) -> String {
    let plain: String = name.to_lowercase().chars().map(|c| if c.is_ascii_alphanumeric() || c == '_' { c } else { '-' }).collect();
    let words: Vec<&str> = plain.split('-').filter(|word| !word.is_empty()).collect();
    let id = words.join("-").trim_start_matches('_').to_owned();
    if id.parse::<InstanceId>().is_ok() { id } else { "imported".to_owned() }
}

/// Every folder the settings name in full, and whether it is here.
fn folders(settings: &Value) -> Vec<Folder> {
    let mut folders = Vec::new();
    for (index, rule) in rules(settings).enumerate() {
        for key in FOLDERS {
            let Some(path) = rule[key].as_str().filter(|path| key == FOLDERS[0] || is_full(path)) else { continue };
            // Asking for a share would log this user in at whatever computer the file names.
            let exists = !path.starts_with(r"\\") && Path::new(path).is_dir();
            folders.push(Folder { pointer: format!("/converters/{index}/{key}"), path: path.to_owned(), exists });
        }
    }
    folders
}

/// A full path of this or another system.
fn is_full(path: &str) -> bool {
    Path::new(path).is_absolute() || path.starts_with(['/', '\\']) || path.as_bytes().get(1) == Some(&b':')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_for_people_becomes_one_for_a_folder() {
        for (name, id) in [("ICT 07", "ict-07"), ("  Prüfplatz/2 ", "pr-fplatz-2"), ("", "imported"), ("CON", "imported"), ("__a", "a")] {
            assert_eq!(id_of(name), id);
        }
    }

    #[test]
    fn a_full_path_is_known_on_every_system() {
        assert_eq!(["/a", r"\\server\x", r"C:\x", "D:/x", "Done", "Done/x"].map(is_full), [true, true, true, true, false, false]);
    }
}
