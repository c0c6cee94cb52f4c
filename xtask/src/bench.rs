//! `cargo xtask bench`: builds the program as it ships, and the bench, and lets the one measure the other.

use crate::{setup, test, ui};
use anyhow::{Context, Result};
use std::process::Command;

/// Passes its arguments on to the bench; false when that could not measure.
///
/// # Errors
/// When a needed tool is missing, or cargo cannot be started.
pub(crate) fn run() -> Result<bool> {
    setup::ensure_tools()?;
    ui::build()?;
    let mut cargo = Command::new("cargo");
    // `empty` is what the tray app is held against.
    let built = cargo.args(["build", "--release", "--quiet", "--workspace", "--bins", "--example", "empty"]).status();
    if !built.context("cargo could not be started")?.success() {
        return Ok(false);
    }
    let bench = test::program_named("release", "bench")?;
    let measured = Command::new(&bench).args(std::env::args().skip(2)).env("LINESIDE_BIN", test::program("release")?).status();
    Ok(measured.with_context(|| format!("{} could not be started", bench.display()))?.success())
}
