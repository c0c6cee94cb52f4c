//! `support-bundle`: what helps to find a fault, in one zip file that may be given away.
//!
//! Promises: no token, no password and no login in an address, wherever they stand; a bounded size and a bounded time, whether the worker
//! lives or not and however long its logs are (of those the newest end). What cannot be read is in the bundle as the reason why.
//! Serial numbers, part numbers and paths are in it: without them no fault is found.

mod mask;

use super::args::SupportBundle;
use super::doctor;
use super::session::{Ending, Instance, Session, now};
use crate::exit::{Exit, Fatal};
use crate::process;
use instance::{Document, Token};
use mask::Mask;
pub(super) use mask::is_secret;
use serde::Serialize;
use serde_json::{Value, json};
use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::time::{Duration, Instant};
use store::{Query, SourceOutcome, SourceQuery, State};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

/// Most bytes of everything before it is packed, so that the bundle is small whatever is in it.
const MOST: u64 = 18 << 20;
/// Most bytes of a single file that is no log.
const FILE: u64 = 1 << 20;
/// How long all check-ups together may take: a share that hangs or a server that is silent is no reason to have no bundle.
const CHECKED: Duration = Duration::from_secs(6);
/// Refused reports and rejected files that are told.
const ROWS: u32 = 50;

pub(crate) fn support_bundle(session: &Session, asked: &SupportBundle) -> Ending {
    let instances = match asked.ids.as_slice() {
        [] => session.instances()?,
        ids => ids.iter().map(|id| session.instance(Some(id))).collect::<Result<_, _>>()?,
    };
    let path = asked.to.clone().unwrap_or_else(|| PathBuf::from(now().strftime("lineside-support-%Y%m%d-%H%M%S.zip").to_string()));
    let path = std::path::absolute(&path).unwrap_or(path);
    let written = write(session, &instances, &path);
    let bytes = written.map_err(|error| {
        let exit = if error.kind() == io::ErrorKind::PermissionDenied { Exit::Permission } else { Exit::Failed };
        Fatal::new(exit, format!("{}: {error}", path.display()))
    })?;
    if session.out.json {
        session.out.json(&json!({"path": path, "bytes": bytes}));
    }
    session.out.note(&format!("{} written, {} KiB; it holds no token and no password", path.display(), bytes >> 10));
    Ok(None)
}

/// A bundle that is not whole never has its name.
fn write(session: &Session, instances: &[Instance], path: &Path) -> io::Result<u64> {
    let place = tempfile::NamedTempFile::new_in(path.parent().unwrap_or(Path::new(".")))?;
    let mut bundle = Bundle { zip: ZipWriter::new(place.reopen()?), left: MOST };
    fill(session, instances, &mut bundle)?;
    let bytes = bundle.zip.finish()?.metadata()?.len();
    place.persist(path).map_err(|error| error.error)?;
    Ok(bytes)
}

fn fill(session: &Session, instances: &[Instance], bundle: &mut Bundle) -> io::Result<()> {
    let ids: Vec<&str> = instances.iter().map(|instance| instance.id.as_str()).collect();
    let all = Mask::new(&[]);
    let about = json!({
        "version": env!("CARGO_PKG_VERSION"), "system": process::system(), "made_at": now().to_string(),
        "home": session.home.root(), "instances": ids,
    });
    bundle.json("about.json", &about, &all)?;
    let checks = checked(instances);
    for (number, (instance, check)) in instances.iter().zip(checks).enumerate() {
        let mask = Mask::new(&secrets(instance));
        bundle.json(&format!("{}/doctor.json", instance.id), &check, &mask)?;
        own(bundle, instance, &mask)?;
        let share = bundle.left / (instances.len() - number) as u64;
        logs(bundle, instance, &mask, share)?;
    }
    Ok(())
}

/// Also those the worker would not use, such as a token in a file that others may read.
fn secrets(instance: &Instance) -> Vec<String> {
    let kept = instance::secret::texts(&instance.layout);
    let given = std::env::var(instance::secret::TOKEN_VARIABLE).ok().as_deref().and_then(Token::new);
    kept.iter().chain(&given).map(|token| token.expose().to_owned()).collect()
}

/// The check-ups of all instances, beside each other; those that do not end in time say so.
fn checked(instances: &[Instance]) -> Vec<Value> {
    let begun = Instant::now();
    let asked: Vec<mpsc::Receiver<Value>> = instances
        .iter()
        .map(|instance| {
            let (sender, receiver) = mpsc::channel();
            let instance = instance.clone();
            std::thread::spawn(move || sender.send(doctor::checks(&instance)));
            receiver
        })
        .collect();
    let late = || json!({"trouble": format!("the check-up did not end within {} s", CHECKED.as_secs())});
    asked.iter().map(|answer| answer.recv_timeout(CHECKED.saturating_sub(begun.elapsed())).unwrap_or_else(|_| late())).collect()
}

/// What the instance is, and how it is.
fn own(bundle: &mut Bundle, instance: &Instance, mask: &Mask) -> io::Result<()> {
    let layout = &instance.layout;
    match Document::open(layout) {
        Ok(document) => bundle.json(&format!("{}/client_config.json", instance.id), document.value(), mask)?,
        Err(_) => bundle.copy(&format!("{}/client_config.json", instance.id), &layout.config(), mask)?,
    }
    for (name, path) in [("status.json", layout.status()), ("service.lock", layout.lock())] {
        bundle.copy(&format!("{}/{name}", instance.id), &path, mask)?;
    }
    let listed: Vec<Value> = listing(layout.dir(), 2);
    bundle.json(&format!("{}/files.json", instance.id), &listed, mask)?;
    bundle.json(&format!("{}/queue.json", instance.id), &queue(instance), mask)
}

/// Counts, and the last that went wrong.
fn queue(instance: &Instance) -> Value {
    let rows = || -> Result<Value, String> {
        let Some(view) = instance.view().map_err(|fatal| fatal.message)? else { return Ok(Value::Null) };
        let told = |error: store::StoreError| error.to_string();
        let refused = Query { state: Some(State::Error), limit: ROWS, ..Query::default() };
        let waiting = Query { state: Some(State::Queued), limit: ROWS, ..Query::default() };
        let rejected = SourceQuery { outcome: Some(SourceOutcome::Rejected), limit: ROWS, ..SourceQuery::default() };
        Ok(json!({
            "counts": view.counts().map_err(told)?, "refused": view.list(&refused).map_err(told)?,
            "waiting": view.list(&waiting).map_err(told)?, "rejected": view.history(&rejected).map_err(told)?,
        }))
    };
    rows().unwrap_or_else(|trouble| json!({"trouble": trouble}))
}

/// Names and sizes of what lies in a folder, some levels deep.
fn listing(folder: &Path, levels: u32) -> Vec<Value> {
    let mut listed = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok).take(ROWS as usize * 4) {
        let Ok(metadata) = entry.metadata() else { continue };
        listed.push(json!({"path": entry.path(), "bytes": metadata.len(), "folder": metadata.is_dir()}));
        if metadata.is_dir() && levels > 1 {
            listed.extend(listing(&entry.path(), levels - 1));
        }
    }
    listed
}

/// The newest end of the log, as much as fits.
fn logs(bundle: &mut Bundle, instance: &Instance, mask: &Mask, share: u64) -> io::Result<()> {
    let floor = bundle.left.saturating_sub(share);
    let files = instance::logs::files(&instance.layout.logs()).unwrap_or_default();
    for path in files.iter().rev() {
        let room = bundle.left.saturating_sub(floor);
        if room == 0 {
            break;
        }
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        match tail(path, room) {
            Ok(bytes) => bundle.text(&format!("{}/logs/{name}", instance.id), &mask.apply(&String::from_utf8_lossy(&bytes)))?,
            Err(error) => bundle.text(&format!("{}/logs/{name}.unreadable", instance.id), &error.to_string())?,
        }
    }
    Ok(())
}

/// The end of a file, from the first whole line on.
fn tail(path: &Path, room: u64) -> io::Result<Vec<u8>> {
    let mut file = File::open(path)?;
    let skipped = file.metadata()?.len().saturating_sub(room);
    file.seek(SeekFrom::Start(skipped))?;
    let mut bytes = Vec::new();
    file.take(room).read_to_end(&mut bytes)?;
    if skipped > 0 {
        let whole = bytes.iter().position(|byte| *byte == b'\n').map_or(bytes.len(), |end| end + 1);
        bytes.drain(..whole);
    }
    Ok(bytes)
}

/// The zip file as it grows.
struct Bundle {
    zip: ZipWriter<File>,
    /// Bytes that may still be put in.
    left: u64,
}

impl Bundle {
    fn text(&mut self, name: &str, text: &str) -> io::Result<()> {
        let end = text.floor_char_boundary(usize::try_from(self.left).unwrap_or(usize::MAX));
        self.zip.start_file(name, SimpleFileOptions::default())?;
        self.zip.write_all(&text.as_bytes()[..end])?;
        self.left -= end as u64;
        Ok(())
    }

    fn json(&mut self, name: &str, value: &impl Serialize, mask: &Mask) -> io::Result<()> {
        let value = mask.value(serde_json::to_value(value)?);
        self.text(name, &mask.apply(&format!("{value:#}\n")))
    }

    /// A file of the instance: as JSON where it is that, else as text.
    fn copy(&mut self, name: &str, path: &Path, mask: &Mask) -> io::Result<()> {
        let mut bytes = Vec::new();
        let read = File::open(path).and_then(|file| file.take(FILE).read_to_end(&mut bytes));
        match (read, serde_json::from_slice::<Value>(&bytes)) {
            (Err(error), _) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            (Err(error), _) => self.text(&format!("{name}.unreadable"), &error.to_string()),
            (Ok(_), Ok(value)) => self.json(name, &value, mask),
            // In a text of two bytes a character no secret is found.
            (Ok(_), Err(_)) if bytes.contains(&0) => self.text(&format!("{name}.unreadable"), "it holds zero bytes; it is left out"),
            (Ok(_), Err(_)) => self.text(name, &mask.apply(&String::from_utf8_lossy(&bytes))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_long_log_the_end_is_taken_from_a_whole_line_on() {
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(file.path(), "first line\nsecond line\nthird\n").unwrap();
        assert_eq!(tail(file.path(), 14).unwrap(), b"third\n");
        assert_eq!(tail(file.path(), 1 << 20).unwrap(), b"first line\nsecond line\nthird\n");
        assert_eq!(tail(file.path(), 3).unwrap(), b"");
    }
}
