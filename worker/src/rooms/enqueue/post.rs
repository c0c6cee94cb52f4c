//! What happens to a source file once its reports are in the store: the plan, pure, and carrying it out.
//!
//! Promises: no file is ever overwritten; a file that changed or was replaced since it was read stays in its folder,
//! however late that happens; a copy is on the disk and compared, and the note about a rejected source lies beside its
//! place, before the source goes. A failure leaves the source where it was.

use crate::moving::{Copy, Held, Take, first_free, make_folder_synced, rename_new, sync_folder, with_room};
use crate::rule::{NOTE_ENDING, Rule};
use crate::way::Fingerprint;
use instance::PostAction;
use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::io::{self, Seek, Write};
use std::path::{Path, PathBuf};

/// What is added to the name of a source that is compressed.
const ZIP_ENDING: &str = ".zip";

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
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(gone()),
        Err(error) => return Err(named(path, &error)),
    };
    if now != print {
        return Ok(Filed::Changed(now));
    }
    match plan {
        Plan::Leave => Ok(Filed::Stays),
        Plan::Delete => hold(path, print, |held| held.delete().map(|()| "deleted".to_owned())),
        Plan::Move(folder) => move_into(folder, path, print, None),
        Plan::SetAside(folder) => move_into(folder, path, print, Some(note)),
        Plan::Zip(folder) => {
            let name = with_ending(&with_room(name(path), ZIP_ENDING.len()), ZIP_ENDING);
            make_in(&Place { folder, name: &name, note: None }, path, print, |source, target| pack(source, name_text(path), target))
        }
        Plan::NoteOnly(folder) => note_only(folder, path, note).map(|()| Filed::Stays),
    }
    .map_err(|error| named(path, &error))
}

fn gone() -> Filed {
    Filed::Away("gone before it was filed".to_owned())
}

/// Takes the source's name away and, if it is the file that was read, does the rest with it; a failure gives it back.
fn hold(path: &Path, print: Fingerprint, rest: impl FnOnce(Held) -> io::Result<String>) -> io::Result<Filed> {
    match Held::take(path, print)? {
        Take::Held(held) => rest(held).map(Filed::Away),
        Take::Changed(now) => Ok(Filed::Changed(now)),
        Take::Gone => Ok(gone()),
    }
}

/// Where a source goes, and what is written about it.
struct Place<'a> {
    folder: &'a Path,
    name: &'a OsStr,
    note: Option<&'a str>,
}

impl Place<'_> {
    /// Moves the file here under a free name, its note first; the name.
    fn put(&self, file: &Path) -> io::Result<PathBuf> {
        let name = with_room(self.name, self.note.map_or(0, |_| NOTE_ENDING.len()));
        first_free(self.folder, &name, |target| {
            if fs::symlink_metadata(target).is_ok() {
                return Err(io::ErrorKind::AlreadyExists.into());
            }
            let note = self.note.map(|text| Note::write(target, text)).transpose()?;
            rename_new(file, target)?;
            note.into_iter().for_each(Note::keep);
            Ok(())
        })
    }

    /// Takes back what was put here.
    fn clear(&self, target: &Path) {
        // What cannot be removed is one copy too many.
        let _ = fs::remove_file(target);
        if self.note.is_some() {
            let _ = fs::remove_file(with_ending(target.as_os_str(), NOTE_ENDING));
        }
    }
}

/// Moves the source into the folder under a free name.
fn move_into(folder: &Path, path: &Path, print: Fingerprint, note: Option<&str>) -> io::Result<Filed> {
    let place = Place { folder, name: name(path), note };
    make_folder(folder)?;
    let moved = hold(path, print, |held| {
        let target = place.put(held.name())?;
        held.moved();
        #[cfg(windows)]
        mark_arrival(&target);
        Ok(target.display().to_string())
    });
    match moved {
        Err(error) if error.kind() == io::ErrorKind::CrossesDevices => make_in(&place, path, print, copy),
        moved => moved,
    }
}

/// Elsewhere the system keeps the time of a move; here the file is made new, so that it is kept as long as was promised.
#[cfg(windows)]
fn mark_arrival(target: &Path) {
    use std::os::windows::fs::{FileTimesExt, OpenOptionsExt};
    const WRITE_ATTRIBUTES: u32 = 0x100;
    let now = fs::FileTimes::new().set_created(std::time::SystemTime::now());
    let marked = fs::OpenOptions::new().access_mode(WRITE_ATTRIBUTES).open(target).and_then(|file| file.set_times(now));
    if let Err(error) = marked {
        tracing::warn!("{} may be deleted too early from its folder: its time of arrival cannot be kept: {error}", target.display());
    }
}

/// Makes another file of the source, which takes its place; the source stays visible until that one is on the disk.
fn make_in(place: &Place<'_>, path: &Path, print: Fingerprint, make: impl FnOnce(&mut File, &Path) -> io::Result<()>) -> io::Result<Filed> {
    make_folder(place.folder)?;
    let made = Copy::begin(place.folder);
    make(&mut File::open(path)?, made.path())?;
    hold(path, print, |held| {
        let target = place.put(made.path())?;
        let swapped = sync_folder(place.folder).and_then(|()| held.delete());
        swapped.map(|()| target.display().to_string()).inspect_err(|_| place.clear(&target))
    })
}

/// Copies the source, and compares.
fn copy(source: &mut File, target: &Path) -> io::Result<()> {
    let mut copied = File::create_new(target)?;
    io::copy(source, &mut copied)?;
    copied.set_modified(source.metadata()?.modified()?)?;
    copied.sync_all()?;
    source.rewind()?;
    if hash(source)? != hash(&File::open(target)?)? {
        return Err(io::Error::other("the copy differs from the original; it is made again"));
    }
    Ok(())
}

fn hash(file: &File) -> io::Result<blake3::Hash> {
    let mut hasher = blake3::Hasher::new();
    hasher.update_reader(file)?;
    Ok(hasher.finalize())
}

/// Compresses the source, under its own name.
fn pack(source: &mut File, name: String, target: &Path) -> io::Result<()> {
    let mut archive = zip::ZipWriter::new(File::create_new(target)?);
    // Without this no entry may be larger than 4 GiB.
    let large = source.metadata()?.len() > u64::from(u32::MAX);
    archive.start_file(name, zip::write::SimpleFileOptions::default().large_file(large))?;
    io::copy(source, &mut archive)?;
    let mut file = archive.finish()?;
    file.flush()?;
    file.sync_all()
}

/// Writes the note about a source that stays, under a name of its own.
fn note_only(folder: &Path, path: &Path, note: &str) -> io::Result<()> {
    let name = with_room(name(path), NOTE_ENDING.len());
    let written = make_folder(folder).and_then(|()| first_free(folder, &name, |target| Note::write(target, note).map(Note::keep)));
    match written {
        // The folder may be one that is only read: then the reason stands in the status and the history alone.
        Err(error) if matches!(error.kind(), io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem) => {
            tracing::warn!("the note about {} cannot be written: {error}; the reason is in the history", path.display());
            Ok(())
        }
        written => written.map(drop),
    }
}

/// A note on the disk; removed when dropped, unless it is kept.
struct Note(Option<PathBuf>);

impl Note {
    /// Writes it beside the place of a source. `AlreadyExists` where there is one.
    fn write(target: &Path, text: &str) -> io::Result<Note> {
        let path = PathBuf::from(with_ending(target.as_os_str(), NOTE_ENDING));
        let mut file = File::create_new(&path)?;
        let note = Note(Some(path));
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        target.parent().map_or(Ok(()), sync_folder)?;
        Ok(note)
    }

    fn keep(mut self) {
        self.0 = None;
    }
}

impl Drop for Note {
    fn drop(&mut self) {
        if let Some(path) = &self.0 {
            // It speaks of a file that is not there; the next attempt takes another name.
            let _ = fs::remove_file(path);
        }
    }
}

fn make_folder(folder: &Path) -> io::Result<()> {
    make_folder_synced(folder).map_err(|error| named(folder, &error))
}

fn name(path: &Path) -> &OsStr {
    path.file_name().unwrap_or(path.as_os_str())
}

fn name_text(path: &Path) -> String {
    name(path).to_string_lossy().into_owned()
}

fn with_ending(name: &OsStr, ending: &str) -> OsString {
    let mut name = name.to_owned();
    name.push(ending);
    name
}

fn named(path: &Path, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{}: {error}", path.display()))
}

#[cfg(test)]
mod tests;
