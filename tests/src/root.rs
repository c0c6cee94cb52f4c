//! A root of its own to install packages in: it holds all that this machine has, and what is written to it is gone with it. Linux and root only.

use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

/// The layers in memory over the machine's own files; devices, processes and temporary files are the machine's.
const LAID: &str = r#"set -e
cd "$1"
mount -t tmpfs tmpfs .
mkdir changes work root
mount -t overlay overlay -o lowerdir=/,upperdir=changes,workdir=work root
for place in /proc /sys /dev /tmp "$2"; do
    mkdir -p "root$place"
    mount --rbind "$place" "root$place"
done
echo ready
exec chroot root cat"#;

/// The root. It is there until this is dropped and no process lives in it any more.
pub struct Root {
    keeper: Child,
    /// Where the layers lie.
    _layers: TempDir,
    /// What is given in from outside.
    given: TempDir,
}

impl Root {
    /// A new one.
    ///
    /// # Errors
    /// Why there can be none on this machine.
    pub fn new() -> Result<Self, String> {
        let (layers, given) = (TempDir::new().expect("a temporary folder"), TempDir::new().expect("a temporary folder"));
        let mut unshare = Command::new("unshare");
        unshare.args(["--mount", "--propagation", "private", "sh", "-c", LAID, "sh"]).arg(layers.path()).arg(std::env::temp_dir());
        unshare.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut keeper = unshare.spawn().map_err(|error| format!("unshare: {error}"))?;
        let mut line = String::new();
        BufReader::new(keeper.stdout.take().expect("a pipe")).read_line(&mut line).expect("text");
        if line.trim() == "ready" {
            return Ok(Self { keeper, _layers: layers, given });
        }
        let mut said = String::new();
        keeper.stderr.take().expect("a pipe").read_to_string(&mut said).expect("text");
        keeper.wait().expect("our own child");
        Err(said.trim().replace('\n', "; "))
    }

    /// A program of this root, run in it.
    #[must_use]
    pub fn command(&self, program: &str) -> Command {
        let mut command = Command::new("nsenter");
        command.args(["--target", &self.keeper.id().to_string(), "--mount", "--root", "--", program]);
        command.stdin(Stdio::null());
        command
    }

    /// Runs a program that must succeed; what it printed.
    pub fn does(&self, program: &str, args: &[&str]) -> String {
        let output = self.command(program).args(args).output().expect("nsenter is installed");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{program} {} ended with {}: {said}", args.join(" "), output.status);
        String::from_utf8(output.stdout).expect("UTF-8")
    }

    /// Whether there is a file or folder.
    #[must_use]
    pub fn has(&self, path: &str) -> bool {
        self.command("test").args(["-e", path]).status().expect("nsenter is installed").success()
    }

    /// A copy of a file at a place that this root sees too.
    #[must_use]
    pub fn given(&self, file: &Path) -> PathBuf {
        let copy = self.given.path().join(file.file_name().expect("a file"));
        std::fs::copy(file, &copy).expect("room for temporary files");
        copy
    }
}

impl Drop for Root {
    fn drop(&mut self) {
        // One that has ended already is what is wanted.
        let _gone = self.keeper.kill();
        let _waited = self.keeper.wait();
    }
}
