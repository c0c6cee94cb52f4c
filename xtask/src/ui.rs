//! The window's part of `cargo xtask test`, and `cargo xtask screenshots`: both only call what package.json names.

use crate::tally::Tally;
use crate::test::runner;
use crate::{app, setup};
use anyhow::{Context, Result, bail};
use std::path::Path;
use std::process::{Command, Stdio};

/// Types, style, unit tests, and every screen in Chromium.
///
/// # Errors
/// When npm is missing or cannot install what package-lock.json names.
pub(crate) fn test() -> Result<Tally> {
    install()?;
    let mut total = Tally::default();
    for script in ["check", "test", "browser"] {
        total.add(runner(npm().args(["run", "--silent", script]))?);
    }
    Ok(total)
}

/// The page as it ships, in `ui/dist`, from where the app takes it when it is compiled.
///
/// # Errors
/// When npm is missing or cannot install what package-lock.json names.
pub(crate) fn build() -> Result<Tally> {
    install()?;
    let built = npm().args(["run", "--silent", "build"]).status().context("npm could not be started")?;
    Ok(Tally::one(built.success()))
}

/// Every screen in every scenario, and the tray in a real panel, as a picture in `target/screenshots`; `only` names the screens that are wanted,
/// `panel` for the tray, none means all.
///
/// # Errors
/// When npm is missing or cannot install what package-lock.json names, or the app that is photographed does not build.
pub(crate) fn screenshots(only: &[String]) -> Result<bool> {
    install()?;
    let (panel, screens): (Vec<&String>, Vec<&String>) = only.iter().partition(|name| *name == "panel");
    let script = |name: &str, args: &[&String]| {
        let status = npm().args(["run", "--silent", name, "--"]).args(args).status().context("npm could not be started")?;
        anyhow::Ok(status.success())
    };
    let mut taken = true;
    if panel.is_empty() || !screens.is_empty() {
        taken &= script("screenshots", &screens)?;
    }
    if cfg!(target_os = "linux") && (only.is_empty() || !panel.is_empty()) {
        setup::ensure_panel()?;
        app::build()?;
        taken &= script("panel", &[])?;
    }
    Ok(taken)
}

/// Installs what package-lock.json names, unless it is there already.
///
/// # Errors
/// When npm is missing or cannot install it.
pub(crate) fn install() -> Result<()> {
    let done = Path::new("node_modules/.package-lock.json").metadata().and_then(|file| file.modified());
    let wanted = Path::new("package-lock.json").metadata().and_then(|file| file.modified());
    if matches!((done, wanted), (Ok(done), Ok(wanted)) if done >= wanted) {
        return Ok(());
    }
    if !npm().args(["ci", "--no-audit", "--no-fund"]).status().context("npm could not be started")?.success() {
        bail!("npm ci failed; the lines above say why. Node 20.19 or newer is needed, and the npm registry");
    }
    Ok(())
}

/// npm, with nothing to read.
pub(crate) fn npm() -> Command {
    let mut npm = Command::new(if cfg!(windows) { "npm.cmd" } else { "npm" });
    npm.stdin(Stdio::null());
    npm
}
