//! Bad disks: full, read-only, failing at one call or at all; and power that goes.

mod archive;
mod power;
mod room;
mod sweep;
mod tool;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// For broken builds only.
const SOON: Duration = Duration::from_secs(60);

/// A small disk of its own, until it is dropped.
struct Mounted(PathBuf);

impl Mounted {
    /// Mounts one of this size there. `None`, said aloud, where we may not.
    fn tmpfs(folder: &Path, size: &str) -> Option<Mounted> {
        std::fs::create_dir_all(folder).expect("our own folder");
        let options = format!("size={size},mode=0777");
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", &options, "tmpfs"]).arg(folder).status();
        if mounted.is_ok_and(|status| status.success()) {
            return Some(Mounted(folder.to_owned()));
        }
        skipped("a disk can be mounted by root only");
        None
    }

    /// Mounts it again, `ro` or `rw`.
    fn again(&self, how: &str) {
        let status = Command::new("mount").args(["-o", &format!("remount,{how}")]).arg(&self.0).status();
        assert!(status.expect("mount").success(), "the disk cannot be made {how}");
    }
}

impl Drop for Mounted {
    fn drop(&mut self) {
        // Lazily: a worker may have files open there still.
        let _gone = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

#[allow(clippy::print_stderr, reason = "who reads the tests must know what was not tried")]
fn skipped(why: &str) {
    eprintln!("skipped: {why}");
}
