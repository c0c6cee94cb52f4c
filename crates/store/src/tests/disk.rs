//! A disk that can lose its power: what SQLite does to the files of a folder is written down on the way, and of any moment
//! it can be told what a power cut could have left.
//!
//! Whatever was synced is there. Of what was written since, each write is there, or not, or only some of its sectors, in
//! any combination, and so are truncations and deletions. What it does not model: a file whose name was lost because
//! nobody synced its folder, and a disk that lies about a sync.
//!
//! It is SQLite's own file layer with four functions put before it (open, write, truncate, sync; and delete), so that all
//! the store's connections go through it. Real syncs are left out: nothing here depends on them, and they are slow.
#![allow(unsafe_code)]

use std::collections::{BTreeMap, HashMap};
use std::ffi::{CStr, c_char, c_int, c_void};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use rusqlite::ffi;

/// What a disk never writes half.
const SECTOR: usize = 512;

/// The files by name.
pub(super) type Image = BTreeMap<String, Vec<u8>>;

type Log = Arc<Mutex<Vec<(String, Event)>>>;

enum Event {
    Opened,
    Wrote(usize, Vec<u8>),
    Cut(usize),
    Synced,
    /// Lasts once the folder is synced.
    Deleted,
    FolderSynced,
}

/// The folder under record.
pub(super) struct Disk {
    folder: PathBuf,
    before: Image,
    log: Log,
}

impl Disk {
    /// Puts files into the folder and records from now on what SQLite does in it.
    pub(super) fn new(folder: &Path, files: Image) -> Self {
        interpose();
        for (name, bytes) in &files {
            std::fs::write(folder.join(name), bytes).unwrap();
        }
        let log = Log::default();
        locked(&FOLDERS).get_or_insert_default().insert(folder.to_path_buf(), Arc::clone(&log));
        Self { folder: folder.to_path_buf(), before: files, log }
    }

    /// How many things have happened so far.
    pub(super) fn moment(&self) -> usize {
        locked(&self.log).len()
    }

    /// The files as the process's death at that moment leaves them, or (with a seed) as a power cut may leave them.
    pub(super) fn image(&self, moment: usize, power_cut: Option<u64>) -> Image {
        let mut luck = power_cut.map(Luck);
        let mut files: BTreeMap<&str, Content> =
            self.before.iter().map(|(name, bytes)| (name.as_str(), Content { synced: bytes.clone(), ..Content::default() })).collect();
        let log = locked(&self.log);
        for (name, event) in &log[..moment] {
            if matches!(event, Event::FolderSynced) {
                files.retain(|_, file| !file.deleted);
                continue;
            }
            let file = files.entry(name).or_default();
            match event {
                Event::Opened if file.deleted => *file = Content::default(),
                Event::Opened => {}
                Event::Synced => file.sync(),
                Event::Deleted => file.deleted = true,
                change => file.unsynced.push(change),
            }
        }
        let mut image = Image::new();
        for (name, file) in files {
            if file.deleted && luck.as_mut().is_none_or(|luck| luck.below(2) == 0) {
                continue;
            }
            image.insert(name.to_owned(), file.survived(luck.as_mut()));
        }
        image
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        locked(&FOLDERS).get_or_insert_default().remove(&self.folder);
    }
}

/// A file while its past is gone through.
#[derive(Default)]
struct Content<'a> {
    synced: Vec<u8>,
    unsynced: Vec<&'a Event>,
    deleted: bool,
}

impl Content<'_> {
    fn sync(&mut self) {
        for change in std::mem::take(&mut self.unsynced) {
            apply(&mut self.synced, change, |_| true);
        }
    }

    fn survived(mut self, luck: Option<&mut Luck>) -> Vec<u8> {
        let Some(luck) = luck else {
            self.sync();
            return self.synced;
        };
        for change in self.unsynced {
            match luck.below(4) {
                0 => {}
                1 => apply(&mut self.synced, change, |_| true),
                _ => apply(&mut self.synced, change, |_| luck.below(2) == 0),
            }
        }
        self.synced
    }
}

/// Does a change again, sector by sector as far as they are kept.
fn apply(bytes: &mut Vec<u8>, change: &Event, mut kept: impl FnMut(usize) -> bool) {
    match change {
        Event::Wrote(at, written) => {
            let mut from = 0;
            while from < written.len() {
                let to = written.len().min(from + SECTOR - (at + from) % SECTOR);
                if kept(from) {
                    bytes.resize(bytes.len().max(at + to), 0);
                    bytes[at + from..at + to].copy_from_slice(&written[from..to]);
                }
                from = to;
            }
        }
        Event::Cut(len) if kept(0) => bytes.resize(*len, 0),
        _ => {}
    }
}

/// Reproducible chance (splitmix64).
pub(super) struct Luck(pub(super) u64);

impl Luck {
    pub(super) fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) as usize % bound
    }
}

type Methods = ffi::sqlite3_io_methods;
type Open = unsafe extern "C" fn(*mut ffi::sqlite3_vfs, ffi::sqlite3_filename, *mut ffi::sqlite3_file, c_int, *mut c_int) -> c_int;
type Delete = unsafe extern "C" fn(*mut ffi::sqlite3_vfs, *const c_char, c_int) -> c_int;

/// An open file under record.
#[derive(Clone)]
struct Recorded {
    name: String,
    log: Log,
    below: &'static Methods,
    /// SQLite's Unix layer syncs the folder with the first sync of a journal or log that it may have made.
    syncs_folder: bool,
}

const MAKES_A_LOG: [c_int; 2] = [ffi::SQLITE_OPEN_CREATE | ffi::SQLITE_OPEN_WAL, ffi::SQLITE_OPEN_CREATE | ffi::SQLITE_OPEN_MAIN_JOURNAL];

static FOLDERS: Mutex<Option<HashMap<PathBuf, Log>>> = Mutex::new(None);
static FILES: Mutex<Option<HashMap<usize, Recorded>>> = Mutex::new(None);
static BELOW: OnceLock<(Open, Delete)> = OnceLock::new();

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Makes the layer with our functions in it the one SQLite opens files with, once per process.
fn interpose() {
    BELOW.get_or_init(|| {
        // SAFETY: the default layer lives as long as the process; the copy of it is never freed
        unsafe {
            let found = ffi::sqlite3_vfs_find(std::ptr::null());
            let below = ((*found).xOpen.unwrap(), (*found).xDelete.unwrap());
            let ours = ffi::sqlite3_vfs { zName: c"recorded".as_ptr(), xOpen: Some(open), xDelete: Some(delete), ..*found };
            assert_eq!(ffi::sqlite3_vfs_register(Box::leak(Box::new(ours)), 1), ffi::SQLITE_OK);
            below
        }
    });
}

/// The log of the folder a path is in, and the file's name.
///
/// # Safety
/// `path` is null or a C string.
unsafe fn under_record(path: *const c_char) -> Option<(String, Log)> {
    if path.is_null() {
        return None;
    }
    // SAFETY: see above
    let path = Path::new(unsafe { CStr::from_ptr(path) }.to_str().ok()?);
    let log = Arc::clone(locked(&FOLDERS).as_ref()?.get(path.parent()?)?);
    Some((path.file_name()?.to_str()?.to_owned(), log))
}

unsafe extern "C" fn open(
    vfs: *mut ffi::sqlite3_vfs,
    path: ffi::sqlite3_filename,
    file: *mut ffi::sqlite3_file,
    flags: c_int,
    out: *mut c_int,
) -> c_int {
    let (below, _) = BELOW.get().unwrap();
    // SAFETY: what SQLite gave is handed on; on success `file` has its methods
    unsafe {
        let code = below(vfs, path, file, flags, out);
        if let Some((name, log)) = under_record(path)
            && code == ffi::SQLITE_OK
        {
            locked(&log).push((name.clone(), Event::Opened));
            let below: &'static Methods = &*(*file).pMethods;
            let ours = Methods { xWrite: Some(write), xTruncate: Some(truncate), xSync: Some(sync), xClose: Some(close), ..*below };
            (*file).pMethods = Box::leak(Box::new(ours));
            let syncs_folder = MAKES_A_LOG.iter().any(|made| flags & made == *made);
            locked(&FILES).get_or_insert_default().insert(file as usize, Recorded { name, log, below, syncs_folder });
        }
        code
    }
}

unsafe extern "C" fn delete(vfs: *mut ffi::sqlite3_vfs, path: *const c_char, sync_folder: c_int) -> c_int {
    let (_, below) = BELOW.get().unwrap();
    // SAFETY: what SQLite gave is handed on
    unsafe {
        let code = below(vfs, path, sync_folder);
        if let Some((name, log)) = under_record(path)
            && code == ffi::SQLITE_OK
        {
            locked(&log).push((name, Event::Deleted));
        }
        code
    }
}

fn recorded(file: *mut ffi::sqlite3_file) -> Recorded {
    locked(&FILES).as_ref().unwrap()[&(file as usize)].clone()
}

unsafe extern "C" fn write(file: *mut ffi::sqlite3_file, bytes: *const c_void, amount: c_int, at: ffi::sqlite3_int64) -> c_int {
    let Recorded { name, log, below, .. } = recorded(file);
    // SAFETY: SQLite gives `amount` bytes
    let written = unsafe { std::slice::from_raw_parts(bytes.cast::<u8>(), amount as usize) }.to_vec();
    locked(&log).push((name, Event::Wrote(at as usize, written)));
    // SAFETY: the method belongs to this file
    unsafe { below.xWrite.unwrap()(file, bytes, amount, at) }
}

unsafe extern "C" fn truncate(file: *mut ffi::sqlite3_file, len: ffi::sqlite3_int64) -> c_int {
    let Recorded { name, log, below, .. } = recorded(file);
    locked(&log).push((name, Event::Cut(len as usize)));
    // SAFETY: the method belongs to this file
    unsafe { below.xTruncate.unwrap()(file, len) }
}

unsafe extern "C" fn sync(file: *mut ffi::sqlite3_file, _: c_int) -> c_int {
    let mut files = locked(&FILES);
    let recorded = files.as_mut().unwrap().get_mut(&(file as usize)).unwrap();
    let mut log = locked(&recorded.log);
    log.push((recorded.name.clone(), Event::Synced));
    if std::mem::take(&mut recorded.syncs_folder) {
        log.push((recorded.name.clone(), Event::FolderSynced));
    }
    ffi::SQLITE_OK
}

unsafe extern "C" fn close(file: *mut ffi::sqlite3_file) -> c_int {
    let recorded = locked(&FILES).as_mut().unwrap().remove(&(file as usize)).unwrap();
    // SAFETY: the method belongs to this file
    unsafe { recorded.below.xClose.unwrap()(file) }
}
