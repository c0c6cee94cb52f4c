//! Moving files in folders that others use too.
//!
//! Promises: nothing is ever overwritten, neither where a file goes nor where it comes back to; a file of which nobody knows
//! what it is goes nowhere. Names of ours begin with `.lineside-` and end with `.part`, so that nobody takes them for a source.

mod held;
mod names;
mod patiently;

pub(crate) use held::{Held, Take, is_held, return_stray};
pub(crate) use names::{first_free, with_room};
pub(crate) use patiently::patiently;

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};

const COPY: &str = ".lineside-copy-";
const ENDING: &str = ".part";

/// Tells the names of this process from those that an earlier one left behind; process ids come again.
static LIFE: LazyLock<String> = LazyLock::new(|| format!("{:08x}", rand::random::<u32>()));

/// What no other name of ours has: this process, and a number in it.
fn mark() -> String {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    format!("{}-{}", *LIFE, NEXT.fetch_add(1, Ordering::Relaxed))
}

/// A copy in the making; what does not get its name is removed.
pub(crate) struct Copy(PathBuf);

impl Copy {
    /// A name for it in the folder; makes no file yet.
    pub(crate) fn begin(folder: &Path) -> Copy {
        Copy(folder.join(format!("{COPY}{}{ENDING}", mark())))
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Copy {
    fn drop(&mut self) {
        // Once it has its name there is nothing to remove.
        let _ = fs::remove_file(&self.0);
    }
}

/// Whether the name is that of a copy in the making, ours or another worker's.
pub(crate) fn is_copy(name: &str) -> bool {
    name.starts_with(COPY) && name.ends_with(ENDING)
}

/// Moves a file to a name that must be free, on the same volume.
///
/// # Errors
/// `AlreadyExists`, `CrossesDevices`, or why it cannot be moved; it is where it was then.
pub(crate) fn rename_new(from: &Path, to: &Path) -> io::Result<()> {
    patiently(|| match exclusively(from, to) {
        Err(error) if !matches!(error.kind(), io::ErrorKind::AlreadyExists | io::ErrorKind::NotFound | io::ErrorKind::CrossesDevices) => {
            over_a_claim(from, to)
        }
        done => done,
    })
}

#[cfg(unix)]
fn exclusively(from: &Path, to: &Path) -> io::Result<()> {
    let mut file = tempfile::TempPath::try_from_path(from)?;
    // It is no temporary file: it must outlive a failure.
    file.disable_cleanup(true);
    file.persist_noclobber(to).map_err(|failed| failed.error)
}

/// A second name, then the first one goes.
#[cfg(not(unix))]
fn exclusively(from: &Path, to: &Path) -> io::Result<()> {
    fs::hard_link(from, to)?;
    fs::remove_file(from).inspect_err(|_| {
        let _ = fs::remove_file(to);
    })
}

/// Where the file system knows no other way: an empty file of our own making is the only one that can be overwritten.
fn over_a_claim(from: &Path, to: &Path) -> io::Result<()> {
    drop(File::create_new(to)?);
    fs::rename(from, to).inspect_err(|_| {
        let _ = fs::remove_file(to);
    })
}

/// Makes the folder with those above it where they are missing, so that a power cut forgets none of them and with it what is
/// filed there.
pub(crate) fn make_folder_synced(folder: &Path) -> io::Result<()> {
    let missing: Vec<&Path> = folder.ancestors().take_while(|above| !above.as_os_str().is_empty() && !above.exists()).collect();
    fs::create_dir_all(folder)?;
    missing
        .iter()
        .filter_map(|made| made.parent())
        .try_for_each(|above| sync_folder(if above.as_os_str().is_empty() { Path::new(".") } else { above }))
}

/// Without this a power cut may forget which names are in the folder. Windows cannot do it, and some shares will not.
pub(crate) fn sync_folder(folder: &Path) -> io::Result<()> {
    if cfg!(not(unix)) {
        return Ok(());
    }
    match File::open(folder)?.sync_all() {
        Err(error) if matches!(error.kind(), io::ErrorKind::InvalidInput | io::ErrorKind::Unsupported) => Ok(()),
        synced => synced,
    }
}

#[cfg(test)]
mod tests;
