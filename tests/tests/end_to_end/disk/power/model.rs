//! A disk as POSIX promises it and no better: what was not synced may be there after a power cut, or not, or in part.
//!
//! A file's bytes are there once the file was synced, its name once the folder was. A rename is whole or not at all. Bytes that a sync
//! failed on are never there, even if a later one succeeds: the system has forgotten that they were to be written. (Names are not so
//! forgotten: a file system whose journal cannot be written takes nothing more.)

use super::trace::{Record, What};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

const SECTOR: usize = 512;

/// How the power goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cut {
    /// All that was not synced is lost.
    Lost,
    /// All of it is there, but of the last write a part.
    Torn(u64),
    /// Of what was not synced some is there, in whatever order.
    Random(u64),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Node {
    Folder,
    File(usize),
}

/// A change of names that may not be on the disk yet.
#[derive(Debug, Clone)]
enum Naming {
    Put(PathBuf, Node),
    Take(PathBuf),
    Move(PathBuf, PathBuf, Node),
}

impl Naming {
    fn is_in(&self, folder: &Path) -> bool {
        match self {
            Naming::Put(path, _) | Naming::Take(path) => path.parent() == Some(folder),
            Naming::Move(from, to, _) => from.parent() == Some(folder) || to.parent() == Some(folder),
        }
    }

    fn apply(&self, names: &mut BTreeMap<PathBuf, Node>) {
        match self {
            Naming::Put(path, node) => {
                names.insert(path.clone(), *node);
            }
            Naming::Take(path) => {
                names.remove(path);
            }
            Naming::Move(from, to, node) => {
                if names.get(from) == Some(node) {
                    names.remove(from);
                }
                names.insert(to.clone(), *node);
            }
        }
    }

    /// What it works on must be there: a lost beginning takes its continuation along.
    fn fits(&self, names: &BTreeMap<PathBuf, Node>) -> bool {
        match self {
            Naming::Put(..) => true,
            Naming::Take(path) => names.contains_key(path),
            Naming::Move(from, _, node) => names.get(from) == Some(node),
        }
    }
}

#[derive(Debug, Clone)]
enum Change {
    Write(usize, Vec<u8>),
    Length(usize),
}

#[derive(Debug, Clone, Default)]
struct Content {
    synced: Vec<u8>,
    pending: Vec<Change>,
}

/// The disk at one moment: what is on it, and what is only known to the system.
#[derive(Debug, Clone, Default)]
pub(super) struct Disk {
    now: BTreeMap<PathBuf, Node>,
    synced: BTreeMap<PathBuf, Node>,
    pending: Vec<Naming>,
    files: Vec<Content>,
    inodes: HashMap<u64, usize>,
}

impl Disk {
    /// All that lies below a folder, as safe as can be.
    pub(super) fn of(folder: &Path) -> Disk {
        let mut disk = Disk::default();
        disk.add(folder);
        disk.synced = disk.now.clone();
        disk
    }

    fn add(&mut self, folder: &Path) {
        self.now.insert(folder.to_owned(), Node::Folder);
        for entry in fs::read_dir(folder).expect("our own folder").map(|entry| entry.expect("our own folder").path()) {
            if entry.is_dir() {
                self.add(&entry);
            } else {
                let id = self.content(entry.metadata().expect("our own file").ino());
                self.files[id].synced = fs::read(&entry).expect("our own file");
                self.now.insert(entry, Node::File(id));
            }
        }
    }

    fn content(&mut self, inode: u64) -> usize {
        self.files.push(Content::default());
        self.inodes.insert(inode, self.files.len() - 1);
        self.files.len() - 1
    }

    /// Does what the program did.
    pub(super) fn play(&mut self, record: &Record) {
        let [name, other] = &record.names;
        if record.what == What::Sync {
            self.sync(name, record);
        }
        if record.failed {
            return;
        }
        match record.what {
            What::Create => {
                let id = self.content(record.inode);
                self.name(Naming::Put(name.clone(), Node::File(id)));
            }
            What::Mkdir => self.name(Naming::Put(name.clone(), Node::Folder)),
            What::Unlink => self.name(Naming::Take(name.clone())),
            What::Rename | What::Link => {
                if let Some(node) = self.now.get(name).copied() {
                    let (from, to) = (name.clone(), other.clone());
                    self.name(if record.what == What::Link { Naming::Put(to, node) } else { Naming::Move(from, to, node) });
                }
            }
            What::Write => self.change(record.inode, Change::Write(usize_of(record.at), record.data.clone())),
            What::Truncate => self.change(record.inode, Change::Length(usize_of(record.at))),
            What::Sync => {}
        }
    }

    fn name(&mut self, naming: Naming) {
        naming.apply(&mut self.now);
        self.pending.push(naming);
    }

    fn change(&mut self, inode: u64, change: Change) {
        if let Some(id) = self.inodes.get(&inode) {
            self.files[*id].pending.push(change);
        }
    }

    fn sync(&mut self, name: &Path, record: &Record) {
        if self.now.get(name) == Some(&Node::Folder) {
            if record.failed {
                return;
            }
            let (here, elsewhere): (Vec<_>, Vec<_>) = std::mem::take(&mut self.pending).into_iter().partition(|naming| naming.is_in(name));
            self.pending = elsewhere;
            here.iter().for_each(|naming| naming.apply(&mut self.synced));
        } else if let Some(id) = self.inodes.get(&record.inode) {
            let file = &mut self.files[*id];
            let pending = std::mem::take(&mut file.pending);
            if !record.failed {
                pending.iter().for_each(|change| apply(change, &mut file.synced, |_| true));
            }
        }
    }

    /// What lies on the disk after the power went: folders are `None`.
    pub(super) fn after(&self, cut: Cut) -> BTreeMap<PathBuf, Option<Vec<u8>>> {
        let (Cut::Torn(seed) | Cut::Random(seed)) = cut else { return self.image(&self.synced, |id| self.files[id].synced.clone()) };
        let mut chance = StdRng::seed_from_u64(seed);
        let mut names = self.synced.clone();
        for naming in &self.pending {
            if naming.fits(&names) && (matches!(cut, Cut::Torn(_)) || chance.random_bool(0.5)) {
                naming.apply(&mut names);
            }
        }
        let kept = if matches!(cut, Cut::Torn(_)) { 1.0 } else { [0.1, 0.5, 0.9][chance.random_range(0..3)] };
        self.image(&names, |id| {
            let file = &self.files[id];
            let mut bytes = file.synced.clone();
            for (n, change) in file.pending.iter().enumerate() {
                let last = n + 1 == file.pending.len() && matches!(cut, Cut::Torn(_));
                apply(change, &mut bytes, |_| chance.random_bool(if last { 0.5 } else { kept }));
            }
            bytes
        })
    }

    /// What has a name, and all of whose folders have one.
    fn image(&self, names: &BTreeMap<PathBuf, Node>, mut bytes: impl FnMut(usize) -> Vec<u8>) -> BTreeMap<PathBuf, Option<Vec<u8>>> {
        let top = names.keys().next().cloned().unwrap_or_default();
        let reached = |path: &Path| {
            path.ancestors().skip(1).take_while(|above| above.starts_with(&top)).all(|above| names.get(above) == Some(&Node::Folder))
        };
        let node = |(path, node): (&PathBuf, &Node)| {
            let content = match node {
                Node::Folder => None,
                Node::File(id) => Some(bytes(*id)),
            };
            (path.clone(), content)
        };
        names.iter().filter(|(path, _)| reached(path)).map(node).collect()
    }
}

/// Makes a change, of a write the sectors that are kept.
fn apply(change: &Change, bytes: &mut Vec<u8>, mut kept: impl FnMut(usize) -> bool) {
    match change {
        Change::Length(len) => {
            if kept(0) {
                bytes.resize(*len, 0);
            }
        }
        Change::Write(at, data) => {
            let mut from = *at;
            while from < at + data.len() {
                let until = ((from / SECTOR + 1) * SECTOR).min(at + data.len());
                if kept(from) {
                    if bytes.len() < until {
                        bytes.resize(until, 0);
                    }
                    bytes[from..until].copy_from_slice(&data[from - at..until - at]);
                }
                from = until;
            }
        }
    }
}

fn usize_of(number: u64) -> usize {
    usize::try_from(number).expect("small files")
}
