//! `convert-again`: a rejected file goes back into its watch folder, where the worker takes it like any other: the same ids, the same
//! rules for what was taken before. A file that stayed in its folder is touched instead, which is how a person would show it again.

use super::args;
use super::session::{Ending, Instance, Session};
use super::source::{named, place};
use crate::exit::{Exit, Fatal};
use crate::moving::{Copy, first_free, rename_new, sync_folder};
use crate::rule::NOTE_ENDING;
use instance::{Ask, WatchRule};
use serde_json::json;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;
use store::{SourceOutcome, SourceRow};

pub(crate) fn convert_again(session: &Session, asked: &args::Source) -> Ending {
    let (instance, row) = named(session, asked)?;
    if row.outcome != SourceOutcome::Rejected {
        let message = format!("source file {} was not rejected", row.id);
        return Err(Fatal::new(Exit::Usage, message).hinting("`lineside resend` sends its reports again"));
    }
    let rule = rule(&instance, &row)?;
    let gone =
        || Fatal::new(Exit::NotFound, format!("the file of {} is not where it was put any more", row.id)).hinting("bring it again by hand");
    let file = place(&row).ok_or_else(gone)?;
    let back = bring_back(&file, &row, Path::new(&rule.watch_folder)).map_err(|error| {
        let exit = if error.kind() == io::ErrorKind::PermissionDenied { Exit::Permission } else { Exit::Failed };
        Fatal::new(exit, format!("{}: {error}", file.display()))
    })?;
    let running = instance.is_running();
    if running {
        instance.ask(&Ask::Rescan)?;
    }
    if session.out.json {
        session.out.json(&json!({"instance": instance.id, "file": back, "running": running}));
    }
    let then = if running { "the worker takes it within seconds" } else { "it is taken when the worker starts" };
    session.out.note(&format!("{} is there again; {then}", back.display()));
    Ok(None)
}

/// The rule that rejected the file, which must still watch its folder.
fn rule(instance: &Instance, row: &SourceRow) -> Result<WatchRule, Fatal> {
    let found = instance.config()?.converters.into_iter().find(|rule| rule.enabled && rule.name == row.rule);
    found.ok_or_else(|| {
        let message = format!("no enabled watch rule is called {:?} any more", row.rule);
        Fatal::new(Exit::NotFound, message).hinting("`lineside submit` sends the file by hand")
    })
}

/// Puts the file where it was found, or beside what has its name now; where it is then.
fn bring_back(file: &Path, row: &SourceRow, watched: &Path) -> io::Result<PathBuf> {
    let old = Path::new(&row.path);
    if file == old {
        fs::File::options().append(true).open(file)?.set_modified(SystemTime::now())?;
        return Ok(file.to_owned());
    }
    let folder = old.parent().filter(|folder| folder.starts_with(watched) && folder.is_dir()).unwrap_or(watched);
    let name = old.file_name().unwrap_or(old.as_os_str());
    let back = first_free(folder, name, |target| rename_new(file, target)).or_else(|error| match error.kind() {
        io::ErrorKind::CrossesDevices => carry(file, folder, name),
        _ => Err(error),
    })?;
    let mut note = file.as_os_str().to_owned();
    note.push(NOTE_ENDING);
    // One that stays speaks of a file that is not there any more; the file itself is where it was wanted.
    let _note = fs::remove_file(PathBuf::from(note));
    Ok(back)
}

/// To another volume: whole under its name before it goes from where it was.
fn carry(file: &Path, folder: &Path, name: &std::ffi::OsStr) -> io::Result<PathBuf> {
    let copy = Copy::begin(folder);
    fs::copy(file, copy.path())?;
    fs::File::open(copy.path())?.sync_all()?;
    let back = first_free(folder, name, |target| rename_new(copy.path(), target))?;
    sync_folder(folder)?;
    fs::remove_file(file)?;
    Ok(back)
}
