//! `import`: an instance made of an exported one, of the settings of a pyWATS client, or as a copy of one on this computer. Nothing is written before everything has been
//! checked; a file that is imported may come from anybody, so that it can put files nowhere but into the new instance's folder.

mod mapping;
mod plan;

use super::args;
use super::export::Carried;
use super::session::{Ending, Session};
use super::stdin;
use super::token;
use crate::exit::{Exit, Fatal};
use crate::output::Mood;
use crate::settings;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use instance::{Document, InstanceId, Layout, SaveError, Secret};
use plan::Plan;
use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};

pub(crate) fn import(session: &Session, asked: &args::Import) -> Ending {
    let passphrase = if asked.passphrase_stdin { Some(stdin::line("passphrase")?) } else { None };
    let mut plan = plan::read(session, asked, passphrase.as_deref())?;
    if let Some(file) = &asked.token_file {
        let token = token::read(file)?;
        let proxy_password = plan.secret.take().and_then(|secret| secret.proxy_password);
        plan.told.has_token = true;
        plan.told.not_carried.retain(|one| one.what != plan::TOKEN);
        plan.secret = Some(Secret { token, proxy_password });
    }
    if asked.dry_run {
        tell(session, &plan);
        return Ok(None);
    }
    let id: InstanceId = plan.told.id.parse().map_err(|error| Fatal::new(Exit::Usage, error).hinting("name it with --as"))?;
    let layout = session.home.instance(&id);
    if layout.config().exists() {
        let message = format!("the instance {id} exists already in {}", layout.dir().display());
        return Err(Fatal::new(Exit::Config, message).hinting("name the new one with --as"));
    }
    let document = Document::over(plan.told.settings.clone(), None);
    let loaded = settings::check(&layout, &document)?;
    settings::neighbours::check(&session.home, &id, &loaded)?;
    let files = opened(&plan.files)?;
    write(&layout, document, &plan, &files)?;
    tell(session, &plan);
    session.out.note(&format!("made {}; next: `lineside doctor {id}`, then `lineside start {id}`", layout.dir().display()));
    Ok(None)
}

fn tell(session: &Session, plan: &Plan) {
    let (out, told) = (session.out, &plan.told);
    if out.json {
        return out.json(told);
    }
    out.line(Mood::Plain, &format!("{} ({})", told.id, told.name));
    told.carried.iter().for_each(|what| out.line(Mood::Good, &format!("✓ {what}")));
    for one in &told.not_carried {
        out.line(Mood::Warning, &format!("⚠ {}: {}", one.what, one.why));
    }
    for folder in told.folders.iter().filter(|folder| !folder.exists) {
        out.line(Mood::Warning, &format!("⚠ {}: {} is not there; --map OLD=NEW puts another in its place", folder.pointer, folder.path));
    }
}

/// The settings last: a folder without them is no instance yet.
fn write(layout: &Layout, mut document: Document, plan: &Plan, files: &[Opened]) -> Result<(), Fatal> {
    layout.create_new().map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => Fatal::new(Exit::Config, error).hinting("name the new one with --as, or move that folder away"),
        _ => Fatal::new(Exit::Permission, error),
    })?;
    unpack(layout.dir(), files)?;
    if let Some(secret) = &plan.secret {
        instance::secret::save(layout, secret).map_err(|error| Fatal::new(Exit::Permission, error))?;
    }
    document.save(layout).map_err(|error| match error {
        SaveError::Invalid(error) => Fatal::new(Exit::Invalid, error),
        error => Fatal::new(Exit::Config, error),
    })?;
    Ok(())
}

/// A file that may be written: its path inside the instance folder, its content, whether it may be run.
struct Opened {
    inside: PathBuf,
    content: Vec<u8>,
    executable: bool,
}

/// All files, or what is wrong with one of them.
fn opened(files: &BTreeMap<String, Carried>) -> Result<Vec<Opened>, Fatal> {
    let open = |(name, carried): (&String, &Carried)| {
        let inside = PathBuf::from(name);
        if !is_ours_to_write(&inside) {
            return Err(Fatal::new(Exit::Invalid, format!("the file holds {name:?}, which is no converter program and no certificate")));
        }
        let content =
            STANDARD.decode(&carried.base64).map_err(|_| Fatal::new(Exit::Invalid, format!("{name:?} in the file is damaged")))?;
        Ok(Opened { inside, content, executable: carried.executable })
    };
    files.iter().map(open).collect()
}

/// Puts the files into the instance's folder, and nowhere else.
fn unpack(root: &Path, files: &[Opened]) -> Result<(), Fatal> {
    for file in files {
        let path = root.join(&file.inside);
        let written = path
            .parent()
            .map_or(Ok(()), fs::create_dir_all)
            .and_then(|()| fs::write(&path, &file.content))
            .and_then(|()| if file.executable { make_executable(&path) } else { Ok(()) });
        written.map_err(|error| Fatal::new(Exit::Permission, format!("{}: {error}", path.display())))?;
    }
    Ok(())
}

/// A plain relative path to a converter program, or to a file whose ending is that of certificates.
fn is_ours_to_write(path: &Path) -> bool {
    let plain = path.components().all(|part| matches!(part, Component::Normal(_)));
    let certificate =
        path.extension().is_some_and(|ending| ["pem", "crt", "cer", "der"].iter().any(|known| ending.eq_ignore_ascii_case(known)));
    plain && !path.to_string_lossy().contains(['\\', ':']) && (path.starts_with("converters") || certificate)
}

#[cfg(unix)]
fn make_executable(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(0o700))
}

#[cfg(not(unix))]
fn make_executable(_: &Path) -> std::io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_from_anybody_writes_into_the_instance_folder_alone() {
        for good in ["converters/run.py", "converters/deep/er.exe", "ca.pem"] {
            assert!(is_ours_to_write(Path::new(good)), "{good}");
        }
        for bad in ["../x.pem", "/etc/x.pem", "converters/../../x", "secret.json", "client_config.json", "C:\\x.pem", "converters\\..\\x"] {
            assert!(!is_ours_to_write(Path::new(bad)), "{bad}");
        }
    }
}
