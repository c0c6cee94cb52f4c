//! Setting a damaged file aside and carrying over everything readable.
//!
//! The damaged file is not asked through SQLite, which gives up at the first bad page: its pages are read one by one
//! ([`pages`]), every row on an intact leaf is decoded ([`record`]) and put into a fresh file whose constraints refuse
//! what makes no sense; bodies only with the right hash. A report whose body is lost stays visible in error; a body whose
//! row is lost is owed again under its own id (the server replaces, so sending once too often does no harm).
//!
//! The fresh file grows as `<name>.rescue` and takes the name of the store only when it is whole and synced; the damaged
//! one is kept as `<name>.damaged-<utc millis>` with its `-wal`. A crash at any point is finished or begun again; a guest makes
//! no new file meanwhile (see [`is_under_way`]).

mod pages;
mod record;

use std::collections::HashSet;
use std::ffi::OsString;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use rusqlite::{Connection, ErrorCode, params_from_iter};
use serde::Serialize;
use serde_json::Value as Json;
use uuid::Uuid;

use crate::body;
use crate::connection;
use crate::error::StoreError;
use crate::schema;
use crate::types::{Millis, unsigned};
use pages::Pages;
use record::Found;

/// What became of a damaged file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Rescue {
    /// Where the damaged file lies now.
    pub aside: PathBuf,
    /// Reports carried over, in whatever state.
    pub reports: u64,
    /// Sources carried over.
    pub sources: u64,
}

/// Rescues the file at `path` (no connection may have it open) and puts the fresh one in its place.
pub(crate) fn rescue(path: &Path, now: Millis) -> Result<Rescue, StoreError> {
    let fresh = beside(path, ".rescue");
    remove_with_logs(&fresh).map_err(|error| StoreError::io(&fresh, &error))?;
    let (reports, sources) = fill(&fresh, path).map_err(|error| error.at(&fresh))?;
    let aside = free_name(path, now);
    swap(path, &fresh, &aside).map_err(|error| StoreError::io(path, &error))?;
    Ok(Rescue { aside, reports, sources })
}

/// Finishes a rescue that ended between its two renames; forgets one that ended before. One that knows reports the file
/// at the path does not (somebody made a new one between the renames) is set aside.
pub(crate) fn finish_interrupted(path: &Path, now: Millis) -> Result<(), StoreError> {
    let fresh = beside(path, ".rescue");
    let finish = || {
        if !fresh.exists() {
            return Ok(());
        }
        if path.exists() && knows_more(&fresh, path) {
            let aside = free_name(path, now);
            tracing::error!(path = %aside.display(), "a rescued queue was overtaken by a new one; it is kept, with reports that the new one does not know");
            fs::rename(&fresh, &aside)?;
            move_logs(&fresh, &aside)?;
            return sync_folder(path);
        }
        if path.exists() {
            return remove_with_logs(&fresh);
        }
        move_logs(path, &beside(path, ".damaged-leftover"))?;
        fs::rename(&fresh, path)?;
        sync_folder(path)
    };
    finish().map_err(|error| StoreError::io(path, &error))
}

/// Whether a rescued file holds reports and the other, as far as it can be read, not all of them. The rescue is filled in
/// one transaction: a half-made one holds none.
fn knows_more(fresh: &Path, other: &Path) -> bool {
    let held = |path: &Path| -> Result<HashSet<[u8; 16]>, rusqlite::Error> {
        connection::reader(path)?.prepare("SELECT report_id FROM reports")?.query_map([], |row| row.get(0))?.collect()
    };
    let rescued = held(fresh).unwrap_or_default();
    !rescued.is_empty() && !held(other).is_ok_and(|known| rescued.is_subset(&known))
}

fn fill(fresh: &Path, damaged: &Path) -> Result<(u64, u64), StoreError> {
    let mut conn = connection::writer(fresh)?;
    schema::migrate(&mut conn)?;
    let transaction = conn.transaction()?;
    let mut pages = Pages::open(damaged).map_err(|error| StoreError::io(damaged, &error))?;
    pages.rows(&mut |rowid, payload| match record::identify(rowid, payload) {
        Some(found) => carry_over(&transaction, &found),
        None => Ok(()),
    })?;
    adopt_bodies(&transaction)?;
    transaction.execute_batch(WITHOUT_BODY)?;
    transaction.commit()?;
    let count = |sql| conn.query_row(sql, [], |row| row.get(0)).map(unsigned);
    let reports = count("SELECT count(*) FROM reports")?;
    let sources = count("SELECT count(*) FROM sources WHERE outcome > 0")?;
    conn.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
    conn.close().map_err(|(_, error)| error)?;
    Ok((reports, sources))
}

/// What is owed without a body becomes an error that says so; what was delivered without one has no place in the archive.
const WITHOUT_BODY: &str = "
UPDATE reports SET state = iif(state IN (0, 1), 3, state), next_at = NULL,
  archive_file = iif(state = 2, coalesce(archive_file, ''), archive_file),
  note = iif(state = 2, note, 'its body was lost when the damaged queue was rescued: bring the source file again'),
  body = NULL
WHERE (body IS NOT NULL OR archive_file IS NULL) AND (body IS NULL OR body NOT IN (SELECT id FROM bodies));";

fn carry_over(conn: &Connection, found: &Found) -> Result<(), StoreError> {
    if !found.is_sound() {
        return Ok(());
    }
    let marks = vec!["?"; found.values.len()].join(", ");
    let sql = format!("INSERT OR IGNORE INTO {} VALUES ({marks})", found.table.name());
    match conn.prepare_cached(&sql)?.execute(params_from_iter(&found.values)) {
        Err(error) if error.sqlite_error_code() != Some(ErrorCode::ConstraintViolation) => Err(error.into()),
        // a row that breaks a rule of the schema is not a row of ours
        _ => Ok(()),
    }
}

/// Bodies that no row names: their rows were lost.
fn adopt_bodies(conn: &Connection) -> Result<(), StoreError> {
    let orphans = "SELECT id FROM bodies WHERE id NOT IN (SELECT body FROM reports WHERE body IS NOT NULL)
                   AND id NOT IN (SELECT body FROM staged)";
    let orphans = conn.prepare(orphans)?.query_map([], |row| row.get(0))?.collect::<Result<Vec<i64>, _>>()?;
    let mut body = conn.prepare("SELECT report_id, hash, size, frame FROM bodies WHERE id = ?1")?;
    for id in orphans {
        let (report, hash, size, frame): ([u8; 16], [u8; 32], i64, Vec<u8>) =
            body.query_row([id], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))?;
        if !adopt(conn, id, Uuid::from_bytes(report), &hash, size, &frame)? {
            conn.execute("DELETE FROM bodies WHERE id = ?1", [id])?;
        }
    }
    Ok(())
}

/// Owes an orphaned body, unless its id is there in a row of its own.
fn adopt(conn: &Connection, id: i64, report: Uuid, hash: &[u8; 32], size: i64, frame: &[u8]) -> Result<bool, StoreError> {
    let body = usize::try_from(size).ok().and_then(|size| body::unpack(frame, size, hash)).unwrap_or_default();
    let json: Json = serde_json::from_slice(&body).unwrap_or_default();
    let text = |key: &str| match &json[key] {
        Json::String(text) => text.clone(),
        Json::Number(number) => number.to_string(),
        _ => String::new(),
    };
    let sql = "INSERT OR IGNORE INTO reports (report_id, source, idx, state, priority, queued_at, body, body_hash, size, bytes,
                 kind, sn, pn, result, process, start, warnings)
               VALUES (?1, 0, 0, 0, 5, 0, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, '[]')";
    let bytes = frame.len() as i64;
    let values = rusqlite::params![
        report.as_bytes(),
        id,
        hash,
        size,
        bytes,
        text("type"),
        text("sn"),
        text("pn"),
        text("result"),
        text("processCode"),
        text("start"),
    ];
    Ok(conn.execute(sql, values)? == 1)
}

fn swap(path: &Path, fresh: &Path, aside: &Path) -> io::Result<()> {
    fs::rename(path, aside)?;
    // a log left beside the fresh file would be replayed into it
    move_logs(path, aside)?;
    fs::rename(fresh, path)?;
    sync_folder(path)
}

fn move_logs(from: &Path, to: &Path) -> io::Result<()> {
    for suffix in ["-wal", "-shm"] {
        match fs::rename(beside(from, suffix), beside(to, suffix)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(())
}

fn remove_with_logs(path: &Path) -> io::Result<()> {
    for suffix in ["", "-wal", "-shm"] {
        match fs::remove_file(beside(path, suffix)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(())
}

/// A free name for what is set aside.
pub(crate) fn free_name(path: &Path, now: Millis) -> PathBuf {
    let named = beside(path, &format!(".damaged-{now}"));
    let numbered = (2..).map(|n| beside(path, &format!(".damaged-{now}-{n}")));
    std::iter::once(named).chain(numbered).find(|name| !name.exists()).unwrap_or_else(|| path.to_path_buf())
}

/// Whether a rescue has left something beside a path at which there is no file: the file is on its way.
pub(crate) fn is_under_way(path: &Path) -> io::Result<bool> {
    let marks = [beside(path, ".rescue"), beside(path, ".damaged-")].map(|mark| mark.file_name().map(OsString::from).unwrap_or_default());
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    for entry in fs::read_dir(folder)? {
        let name = entry?.file_name();
        if marks.iter().any(|mark| name.as_encoded_bytes().starts_with(mark.as_encoded_bytes())) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The path with something added to its name.
fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(suffix);
    PathBuf::from(name)
}

/// Makes names durable where folders can be synced (Windows cannot, and journals them itself; some shares will not).
pub(crate) fn sync_folder(path: &Path) -> io::Result<()> {
    let Some(folder) = path.parent().filter(|_| cfg!(unix)) else { return Ok(()) };
    match File::open(if folder.as_os_str().is_empty() { Path::new(".") } else { folder })?.sync_all() {
        Err(error) if matches!(error.kind(), io::ErrorKind::InvalidInput | io::ErrorKind::Unsupported) => Ok(()),
        synced => synced,
    }
}
