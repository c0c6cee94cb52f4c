//! What happens to a source file once its reports are in the store: the plan, pure, and carrying it out.
//!
//! Promises: no file is ever overwritten; a file that changed since it was read is left alone; a copy to another volume is
//! on the disk and compared before the original goes.

use super::names::{NameTaken, claim_name};
use super::patiently::patiently;
use crate::rule::{NOTE_ENDING, Rule};
use crate::way::Fingerprint;
use instance::PostAction;
use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// What is to be done with a source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Plan {
    /// Into this folder.
    Move(PathBuf),
    /// Into this folder, compressed.
    Zip(PathBuf),
    Delete,
    /// It stays.
    Leave,
    /// Into this folder, with a note beside it.
    SetAside(PathBuf),
    /// It stays, and the note goes to this folder.
    NoteOnly(PathBuf),
}

/// The plan for a source that was converted, or rejected.
pub(super) fn plan(rule: &Rule, rejected: bool) -> Plan {
    match (rejected, rule.post_action) {
        (true, PostAction::Keep) => Plan::NoteOnly(rule.error_folder.clone()),
        (true, _) => Plan::SetAside(rule.error_folder.clone()),
        (false, PostAction::Move) => Plan::Move(rule.done_folder.clone()),
        (false, PostAction::Zip) => Plan::Zip(rule.done_folder.clone()),
        (false, PostAction::Delete) => Plan::Delete,
        (false, PostAction::Keep) => Plan::Leave,
    }
}

/// What became of the file.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Filed {
    /// It is somewhere else now, or gone; where, in words for the history.
    Away(String),
    /// It stays in its folder.
    Stays,
    /// It is not the file that was read any more.
    Changed(Fingerprint),
}

/// Carries the plan out. An error leaves the file where it was; the text names the path.
pub(super) fn carry_out(plan: &Plan, path: &Path, print: Fingerprint, note: &str) -> io::Result<Filed> {
    let now = match fs::symlink_metadata(path) {
        Ok(metadata) => Fingerprint::of(&metadata),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Filed::Away("gone before it was filed".to_owned())),
        Err(error) => return Err(named(path, &error)),
    };
    if now != print {
        return Ok(Filed::Changed(now));
    }
    match plan {
        Plan::Leave => Ok(Filed::Stays),
        Plan::Delete => {
            patiently(|| fs::remove_file(path)).map(|()| Filed::Away("deleted".to_owned())).map_err(|error| named(path, &error))
        }
        Plan::Move(folder) => move_into(folder, path).map(away),
        Plan::Zip(folder) => zip_into(folder, path).map(away),
        Plan::SetAside(folder) => {
            let target = move_into(folder, path)?;
            write_note(&target, note)?;
            Ok(away(target))
        }
        Plan::NoteOnly(folder) => {
            // The folder may be one that is only read: then the reason stands in the status and the history alone.
            let name = path.file_name().unwrap_or(path.as_os_str());
            if let Err(error) = fs::create_dir_all(folder).and_then(|()| write_note(&folder.join(name), note)) {
                tracing::warn!("the note about {} cannot be written: {error}", path.display());
            }
            Ok(Filed::Stays)
        }
    }
}

fn away(target: PathBuf) -> Filed {
    Filed::Away(target.display().to_string())
}

fn write_note(target: &Path, note: &str) -> io::Result<()> {
    let mut name = OsString::from(target.as_os_str());
    name.push(NOTE_ENDING);
    fs::write(&name, note).map_err(|error| named(Path::new(&name), &error))
}

/// Moves the file into the folder under a free name; answers where it is.
fn move_into(folder: &Path, path: &Path) -> io::Result<PathBuf> {
    let target = free_name(folder, path, "")?;
    let moved = match patiently(|| fs::rename(path, &target)) {
        Err(error) if error.kind() == io::ErrorKind::CrossesDevices => copy_over(path, &target),
        moved => moved,
    };
    moved.map_err(|error| undo(&target, path, &error))?;
    Ok(target)
}

/// Copies to another volume, compares, then removes the original.
fn copy_over(path: &Path, target: &Path) -> io::Result<()> {
    let (mut from, mut to) = (File::open(path)?, File::create(target)?);
    io::copy(&mut from, &mut to)?;
    to.set_modified(from.metadata()?.modified()?)?;
    to.sync_all()?;
    drop(to);
    if hash(path)? != hash(target)? {
        return Err(io::Error::other("the copy differs from the original"));
    }
    patiently(|| fs::remove_file(path))
}

fn hash(path: &Path) -> io::Result<blake3::Hash> {
    let mut hasher = blake3::Hasher::new();
    hasher.update_reader(File::open(path)?)?;
    Ok(hasher.finalize())
}

/// Compresses the file into the folder, then removes it.
fn zip_into(folder: &Path, path: &Path) -> io::Result<PathBuf> {
    let target = free_name(folder, path, ".zip")?;
    let packed = pack(path, &target).and_then(|()| patiently(|| fs::remove_file(path)));
    packed.map_err(|error| undo(&target, path, &error))?;
    Ok(target)
}

fn pack(path: &Path, target: &Path) -> io::Result<()> {
    let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy();
    let mut source = File::open(path)?;
    let mut archive = zip::ZipWriter::new(File::create(target)?);
    // Without this no entry may be larger than 4 GiB.
    let large = source.metadata()?.len() > u64::from(u32::MAX);
    archive.start_file(name.as_ref(), zip::write::SimpleFileOptions::default().large_file(large))?;
    io::copy(&mut source, &mut archive)?;
    let mut file = archive.finish()?;
    file.flush()?;
    file.sync_all()
}

fn free_name(folder: &Path, path: &Path, ending: &str) -> io::Result<PathBuf> {
    let mut name = OsString::from(path.file_name().unwrap_or(path.as_os_str()));
    name.push(ending);
    match claim_name(folder, &name) {
        Err(NameTaken::Io(error)) if error.kind() == io::ErrorKind::NotFound => {
            fs::create_dir_all(folder).map_err(|error| named(folder, &error))?;
            claim_name(folder, &name)
        }
        claimed => claimed,
    }
    .map_err(|taken| named(folder, &taken.into()))
}

/// Takes back the name that was claimed for nothing.
fn undo(target: &Path, path: &Path, error: &io::Error) -> io::Error {
    if path.exists() {
        // What cannot be removed is a file that is not missed by anybody.
        let _ = fs::remove_file(target);
    }
    named(path, error)
}

fn named(path: &Path, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{}: {error}", path.display()))
}

#[cfg(test)]
mod tests;
