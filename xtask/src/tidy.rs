//! `cargo xtask tidy`: the rules of ARCHITECTURE.md that a program can check.

mod arrows;
mod links;
mod modules;
mod sources;

use anyhow::{Context, Result};
use std::path::PathBuf;
use std::process::Command;

/// Every broken rule, as `file:line: what is wrong and what to do`.
///
/// # Errors
/// When the tree cannot be listed or read.
pub(crate) fn problems() -> Result<Vec<String>> {
    let files = tracked_files()?;
    let mut problems = arrows::problems()?;
    problems.extend(sources::problems(&files)?);
    problems.extend(modules::problems(&files)?);
    problems.extend(links::problems(&files)?);
    Ok(problems)
}

/// One line that sums up the problems.
pub(crate) fn verdict(problems: &[String]) -> String {
    match problems.len() {
        0 => "tidy: every rule holds".to_owned(),
        n => format!("tidy: {n} broken rules"),
    }
}

/// The files git knows or would add, so that build products never count.
fn tracked_files() -> Result<Vec<PathBuf>> {
    let output = Command::new("git")
        .args(["ls-files", "--cached", "--others", "--exclude-standard"])
        .output()
        .context("git could not be started")?;
    let listing = String::from_utf8(output.stdout).context("git listed a path that is not UTF-8")?;
    Ok(listing.lines().map(PathBuf::from).filter(|path| path.is_file()).collect())
}
