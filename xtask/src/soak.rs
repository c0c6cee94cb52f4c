//! `cargo xtask soak`: what takes longer than a test run. Thousands of kills first, then every case of the tests that otherwise
//! go through a share of theirs.

use crate::tally::Tally;
use crate::{setup, test};
use anyhow::{Context, Result, bail};
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// Runs the soak with the program that ships; true when nothing was found. `args` are for the kills: see `tests/src/bin/soak.rs`.
///
/// # Errors
/// When a needed tool is missing, or something cannot be built.
pub(crate) fn run(args: &[String]) -> Result<bool> {
    setup::ensure_tools()?;
    let program = program()?;
    println!("── kills of {}", program.display());
    let mut kills = Command::new("cargo");
    kills.args(["run", "--quiet", "--package", "e2e", "--bin", "soak", "--"]).args(args).env("LINESIDE_BIN", &program);
    let mut total = Tally::one(kills.stdin(Stdio::null()).status().context("cargo could not be started")?.success());
    println!("── every case of the tests");
    total.add(test::all_cases(&program)?);
    println!("{} passed, {} failed", total.passed, total.failed);
    Ok(total.failed == 0)
}

/// `LINESIDE_BIN`, else the release build of now.
fn program() -> Result<PathBuf> {
    if let Some(program) = std::env::var_os("LINESIDE_BIN") {
        return Ok(std::path::absolute(program)?);
    }
    let built = Command::new("cargo").args(["build", "--release", "--quiet", "--package", "lineside"]).status();
    if !built.context("cargo could not be started")?.success() {
        bail!("lineside does not build");
    }
    test::program("release")
}
