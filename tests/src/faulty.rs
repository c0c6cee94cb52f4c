//! A faulty disk under a worker: which calls fail, and how. The library that does it is `tests/faulty`; it works on Linux.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

/// What becomes of a call that is to fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// It fails with this error, as the system names it: `EIO`, `ENOSPC`, `EROFS`, `EMFILE`, `EDQUOT`, `EFBIG`, `EACCES`.
    Fails(&'static str),
    /// The process ends there as by a power cut.
    Kills,
    /// It takes so many milliseconds longer.
    Stalls(u64),
}

/// The plan of a faulty disk; without a fault it only counts and traces.
#[derive(Debug, Clone)]
pub struct Faulty(Vec<(&'static str, OsString)>);

impl Faulty {
    /// Only files below this folder count, and of their calls only these kinds, by comma: `open` (any), `create`, `write`, `sync`,
    /// `truncate`, `rename`, `link`, `unlink`, `mkdir`, `copy`, `read`, `net` (any socket).
    #[must_use]
    pub fn root(folder: &Path, kinds: &str) -> Self {
        let folder = fs::canonicalize(folder).expect("the folder is there");
        Self(vec![("FAULTY_ROOT", folder.into()), ("FAULTY_OPS", kinds.into())])
    }

    /// Of those only files whose path contains this.
    #[must_use]
    pub fn only(self, part: &str) -> Self {
        self.and("FAULTY_ONLY", part)
    }

    /// The n-th call that counts (from 1) meets this fault.
    #[must_use]
    pub fn at(self, n: u64, fault: Fault) -> Self {
        let word = match fault {
            Fault::Fails(error) => error.to_owned(),
            Fault::Kills => "KILL".to_owned(),
            Fault::Stalls(ms) => format!("STALL:{ms}"),
        };
        self.and("FAULTY_AT", n.to_string()).and("FAULTY_WITH", word)
    }

    /// So many calls from the n-th on, and not only that one.
    #[must_use]
    pub fn times(self, count: u64) -> Self {
        self.and("FAULTY_FOR", count.to_string())
    }

    /// Every call from the n-th on.
    #[must_use]
    pub fn forever(self) -> Self {
        self.and("FAULTY_FOR", "forever")
    }

    /// The call is made before it fails, or before the process ends.
    #[must_use]
    pub fn after(self) -> Self {
        self.and("FAULTY_AFTER", "1")
    }

    /// Calls count only while this file exists.
    #[must_use]
    pub fn while_there_is(self, file: &Path) -> Self {
        self.and("FAULTY_SWITCH", file)
    }

    /// Counts into this file; see [`counted`].
    #[must_use]
    pub fn counting(self, file: &Path) -> Self {
        self.and("FAULTY_COUNT", file)
    }

    /// Appends what is changed to this file, call by call.
    #[must_use]
    pub fn tracing(self, file: &Path) -> Self {
        self.and("FAULTY_TRACE", file)
    }

    /// Puts the disk under a program that is to be started.
    pub fn under(&self, command: &mut Command) {
        command.env("LD_PRELOAD", library());
        for (name, value) in &self.0 {
            command.env(name, value);
        }
    }

    fn and(mut self, name: &'static str, value: impl Into<OsString>) -> Self {
        self.0.push((name, value.into()));
        self
    }
}

/// How many calls counted so far and how many of them met their fault, after [`Faulty::counting`].
#[must_use]
pub fn counted(file: &Path) -> (u64, u64) {
    let bytes = fs::read(file).unwrap_or_default();
    let number = |at: usize| bytes.get(at..at + 8).and_then(|word| word.try_into().ok()).map_or(0, u64::from_le_bytes);
    (number(0), number(8))
}

/// The library: `LINESIDE_FAULTY`, else the one cargo builds.
fn library() -> &'static Path {
    static LIBRARY: OnceLock<PathBuf> = OnceLock::new();
    LIBRARY.get_or_init(|| std::env::var_os("LINESIDE_FAULTY").map_or_else(build, PathBuf::from))
}

fn build() -> PathBuf {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args(["build", "--quiet", "--package", "faulty", "--message-format=json"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .stderr(Stdio::inherit())
        .output()
        .expect("cargo can be started");
    assert!(output.status.success(), "the faulty disk does not build");
    let messages = String::from_utf8_lossy(&output.stdout).into_owned();
    let built = messages.lines().filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok());
    let library = |message: serde_json::Value| message["filenames"][0].as_str().filter(|name| name.ends_with(".so")).map(PathBuf::from);
    built.filter_map(library).next_back().expect("cargo names the library it built")
}
