//! The files of a package that are made and not written: manual pages, completions, the changelog, the notices. They lie in `src-tauri/parts`, where
//! `tauri.bundle.*.json` says which of them goes where.

use super::notices;
use anyhow::{Context, Result, bail};
use flate2::{Compression, GzBuilder};
use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

const PARTS: &str = "src-tauri/parts";

/// Makes them anew for the programs of a system; the worker's program prints its own pages.
///
/// # Errors
/// When it cannot be run, or a file cannot be read or written.
pub(super) fn make(worker: &Path, triple: &str) -> Result<()> {
    let parts = Path::new(PARTS);
    if parts.exists() {
        fs::remove_dir_all(parts).with_context(|| format!("{PARTS} cannot be emptied"))?;
    }
    fs::create_dir_all(parts.join("man"))?;
    let notices = notices::text(triple)?;
    if !cfg!(target_os = "linux") {
        return fs::write(parts.join("third-party.txt"), &notices).with_context(|| format!("{PARTS}/third-party.txt cannot be written"));
    }
    packed(&parts.join("third-party.gz"), notices.as_bytes())?;
    packed(&parts.join("changelog.gz"), &fs::read("CHANGELOG.md")?)?;
    packed(&parts.join("man/lineside-tray.1.gz"), &fs::read("src-tauri/linux/lineside-tray.1")?)?;
    for (shell, name) in [("bash", "lineside.bash"), ("fish", "lineside.fish"), ("zsh", "_lineside")] {
        fs::write(parts.join(name), printed(worker, &["completions", shell])?)?;
    }
    page(worker, &[], &parts.join("man"))
}

/// The manual page of a command and of all below it.
fn page(worker: &Path, command: &[String], folder: &Path) -> Result<()> {
    let mut args = vec!["man"];
    args.extend(command.iter().map(String::as_str));
    let roff = printed(worker, &args)?;
    let title = title(command);
    packed(&folder.join(format!("{title}.1.gz")), &roff)?;
    for below in below(&title, &String::from_utf8_lossy(&roff)) {
        page(worker, &[command, &[below]].concat(), folder)?;
    }
    Ok(())
}

fn title(command: &[String]) -> String {
    ["lineside"].into_iter().chain(command.iter().map(String::as_str)).collect::<Vec<_>>().join("-")
}

/// The commands right below the one of this title, as its page refers to theirs. `help` says nothing that the pages do not.
fn below(title: &str, roff: &str) -> Vec<String> {
    let pages = roff.lines().filter_map(|line| line.strip_suffix("(1)")).map(|name| name.replace("\\-", "-"));
    let names = pages.filter_map(|name| Some(name.strip_prefix(title)?.strip_prefix('-')?.to_owned()));
    names.filter(|name| name != "help").collect()
}

fn printed(worker: &Path, args: &[&str]) -> Result<Vec<u8>> {
    let output = Command::new(worker).args(args).stdin(Stdio::null()).output();
    let output = output.with_context(|| format!("{} could not be started", worker.display()))?;
    if !output.status.success() || output.stdout.is_empty() {
        bail!("lineside {} failed: {}", args.join(" "), String::from_utf8_lossy(&output.stderr).trim());
    }
    Ok(output.stdout)
}

/// Compressed without name and time, so that the same content is the same file.
fn packed(file: &Path, content: &[u8]) -> Result<()> {
    let written = || {
        let mut packer = GzBuilder::new().mtime(0).write(fs::File::create(file)?, Compression::best());
        packer.write_all(content)?;
        packer.finish().map(|_| ())
    };
    written().with_context(|| format!("{} cannot be written", file.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_names_the_commands_below_it() {
        let roff = ".SH SUBCOMMANDS\n.TP\nlineside\\-convert\\-again(1)\nBring back\n.TP\nlineside\\-queue(1)\n.TP\nlineside\\-help(1)\n";
        assert_eq!(below("lineside", roff), ["convert-again", "queue"]);
        assert_eq!(below("lineside-queue", "lineside\\-queue\\-list(1)\n"), ["list"]);
    }
}
