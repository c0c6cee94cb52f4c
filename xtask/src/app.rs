//! `cargo xtask app`: the tray app from a clone, with the worker it starts beside it.

use crate::{setup, test, ui};
use anyhow::{Context, Result, bail};
use std::process::Command;

/// Sets up and builds all of it, then runs the app until it is quit; `args` are the app's own.
///
/// # Errors
/// When something is missing and cannot be installed, or does not build.
pub(crate) fn run(args: &[String]) -> Result<bool> {
    setup::ensure_building()?;
    build()?;
    let app = test::program_named("debug", "lineside-tray")?;
    let status = Command::new(&app).args(args).status().with_context(|| format!("{} could not be started", app.display()))?;
    Ok(status.success())
}

/// Builds the page, the worker and the app around it.
///
/// # Errors
/// When one of them does not build.
pub(crate) fn build() -> Result<()> {
    if ui::build()?.failed > 0 {
        bail!("the page does not build; the lines above say why");
    }
    let mut cargo = Command::new("cargo");
    cargo.args(["build", "--package", "lineside", "--package", "lineside-tray"]);
    if !cargo.status().context("cargo could not be started")?.success() {
        bail!("the app does not build; the lines above say why");
    }
    Ok(())
}
