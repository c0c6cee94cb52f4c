//! `cargo xtask bench`: builds the program as it ships, and the bench, and lets the one measure the other.

use crate::{setup, test};
use anyhow::{Context, Result};
use std::process::Command;

/// Passes its arguments on to the bench; false when that could not measure.
///
/// # Errors
/// When a needed tool is missing, or cargo cannot be started.
pub(crate) fn run() -> Result<bool> {
    setup::ensure_tools()?;
    let built = cargo(&["build", "--release", "--quiet", "--package", "lineside", "--package", "bench"]).status().context("cargo")?;
    let measured = || {
        let mut bench = cargo(&["run", "--release", "--quiet", "--package", "bench", "--package", "lineside", "--bin", "bench", "--"]);
        bench.args(std::env::args().skip(2)).env("LINESIDE_BIN", test::program("release")?).status().context("cargo")
    };
    Ok(built.success() && measured()?.success())
}

fn cargo(args: &[&str]) -> Command {
    let mut cargo = Command::new("cargo");
    cargo.args(args);
    cargo
}
