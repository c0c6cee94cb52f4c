//! `export`: an instance in one file, to make it anew on another computer: its settings and the site's own converter programs. The token is in
//! it only sealed with a passphrase. What is owed and what was sent stays with the old computer.

use super::args;
use super::bundle::is_secret;
use super::sealed::{Sealed, seal};
use super::session::{Ending, Instance, Session, now};
use super::stdin;
use crate::exit::{Exit, Fatal};
use crate::settings;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use instance::{Document, Secret};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::Path;

/// The shape of the file this version writes.
pub(super) const SHAPE: u32 = 1;
/// Most bytes of converter programs that are carried.
const MOST: u64 = 64 << 20;

/// The file.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Exported {
    pub(super) lineside_export: u32,
    pub(super) id: String,
    pub(super) version: String,
    pub(super) exported_at: String,
    pub(super) settings: Value,
    /// By their paths inside the instance folder, with `/`.
    pub(super) files: BTreeMap<String, Carried>,
    pub(super) secret: Option<Sealed>,
}

/// A file of the instance.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Carried {
    pub(super) base64: String,
    /// May be run, where the system asks that of a file.
    #[serde(default)]
    pub(super) executable: bool,
}

/// What is sealed.
#[derive(Serialize, Deserialize)]
pub(super) struct Plain {
    pub(super) token: String,
    pub(super) proxy_password: Option<String>,
}

pub(crate) fn export(session: &Session, asked: &args::Export) -> Ending {
    let instance = session.instance(asked.id.as_deref())?;
    let secret = if asked.passphrase_stdin { Some(sealed(&instance)?) } else { None };
    let exported = Exported { secret, ..made(&instance)? };
    let text = serde_json::to_vec_pretty(&exported).map_err(|error| Fatal::new(Exit::Failed, error))?;
    let path = std::path::absolute(&asked.to).unwrap_or_else(|_| asked.to.clone());
    write_whole(&path, &text).map_err(|error| named(&path, &error))?;
    if session.out.json {
        session.out.json(&json!({"path": path}));
    }
    let token = if exported.secret.is_some() { "the token is in it, sealed" } else { "the token is not in it" };
    session.out.note(&format!("{}: exported to {}; {token}", instance.id, path.display()));
    Ok(None)
}

/// The instance as a file would hold it, without its token.
pub(super) fn made(instance: &Instance) -> Result<Exported, Fatal> {
    let mut settings = Document::open(&instance.layout).map_err(|error| settings::fatal(&error))?.value().clone();
    strip(&mut settings);
    Ok(Exported {
        lineside_export: SHAPE,
        id: instance.id.to_string(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        exported_at: now().to_string(),
        files: carried(instance, &settings)?,
        settings,
        secret: None,
    })
}

/// Its token. What the environment says belongs to this computer, and is not asked.
pub(super) fn secret(instance: &Instance) -> Result<Option<Secret>, Fatal> {
    instance::secret::load(&instance.layout, &|_| None).map_err(|error| Fatal::new(Exit::Config, error))
}

/// Beside its place first: a file that is half written is no export.
fn write_whole(path: &Path, text: &[u8]) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    io::Write::write_all(&mut file, text)?;
    file.as_file().sync_all()?;
    file.persist(path).map(drop).map_err(|error| error.error)
}

fn named(path: &Path, error: &io::Error) -> Fatal {
    let exit = if error.kind() == io::ErrorKind::PermissionDenied { Exit::Permission } else { Exit::Failed };
    Fatal::new(exit, format!("{}: {error}", path.display()))
}

/// Settings that are refused as misplaced secrets have no business in a file that is given away.
fn strip(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            fields.retain(|key, _| !is_secret(key));
            fields.values_mut().for_each(strip);
        }
        Value::Array(list) => list.iter_mut().for_each(strip),
        _ => {}
    }
}

fn sealed(instance: &Instance) -> Result<Sealed, Fatal> {
    let passphrase = stdin::line("passphrase")?;
    let none = || Fatal::new(Exit::NotFound, format!("{} has no token to put in; leave --passphrase-stdin out", instance.id));
    let Secret { token, proxy_password } = secret(instance)?.ok_or_else(none)?;
    let plain = Plain { token: token.expose().to_owned(), proxy_password: proxy_password.map(|password| password.expose().to_owned()) };
    let text = serde_json::to_vec(&plain).map_err(|error| Fatal::new(Exit::Failed, error))?;
    seal(&text, &passphrase).map_err(|error| Fatal::new(Exit::Failed, error))
}

/// The converter programs, and the certificates where they lie in the instance folder.
fn carried(instance: &Instance, settings: &Value) -> Result<BTreeMap<String, Carried>, Fatal> {
    let (mut files, mut bytes) = (BTreeMap::new(), 0);
    let layout = &instance.layout;
    gather(layout.dir(), &layout.converters(), &mut files, &mut bytes)?;
    let certificates = settings["ca_file"].as_str().filter(|file| Path::new(file).is_relative() && !file.is_empty());
    if let Some(file) = certificates.map(|file| layout.dir().join(file)).filter(|file| file.is_file()) {
        take(layout.dir(), &file, &mut files, &mut bytes)?;
    }
    Ok(files)
}

fn gather(root: &Path, folder: &Path, files: &mut BTreeMap<String, Carried>, bytes: &mut u64) -> Result<(), Fatal> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        other => other.map_err(|error| named(folder, &error))?,
    };
    for entry in entries {
        let entry = entry.map_err(|error| named(folder, &error))?;
        // A link may lead anywhere.
        match entry.file_type().map_err(|error| named(&entry.path(), &error))? {
            kind if kind.is_dir() => gather(root, &entry.path(), files, bytes)?,
            kind if kind.is_file() => take(root, &entry.path(), files, bytes)?,
            _ => {}
        }
    }
    Ok(())
}

fn take(root: &Path, path: &Path, files: &mut BTreeMap<String, Carried>, bytes: &mut u64) -> Result<(), Fatal> {
    let content = fs::read(path).map_err(|error| named(path, &error))?;
    *bytes += content.len() as u64;
    if *bytes > MOST {
        let message = format!("{}: the converter programs have more than {} MiB", path.display(), MOST >> 20);
        return Err(Fatal::new(Exit::Failed, message).hinting("carry them by hand and empty the folder for the export"));
    }
    let inside = path.strip_prefix(root).unwrap_or(path);
    let name: Vec<_> = inside.components().map(|part| part.as_os_str().to_string_lossy()).collect();
    files.insert(name.join("/"), Carried { base64: STANDARD.encode(content), executable: executable(path) });
    Ok(())
}

#[cfg(unix)]
fn executable(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    path.metadata().is_ok_and(|metadata| metadata.permissions().mode() & 0o100 != 0)
}

#[cfg(not(unix))]
fn executable(_: &Path) -> bool {
    false
}
