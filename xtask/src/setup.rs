//! What the machine needs before anything is built. Says aloud what it is about to install, then installs it through apt.

use anyhow::{Context, Result, bail};
use std::process::{Command, Stdio};

/// A program we call, and the Debian package it comes in: what building takes.
const BUILDING: &[(&str, &str)] = &[("cc", "gcc"), ("node", "nodejs"), ("npm", "npm"), ("pkg-config", "pkg-config")];

/// What the tests take beyond that.
const TESTING: &[(&str, &str)] = &[
    ("ldd", "libc-bin"),
    ("git", "git"),
    ("prlimit", "util-linux"),
    ("mount", "mount"),
    ("bindfs", "bindfs"),
    ("faketime", "faketime"),
    ("chromium", "chromium"),
    ("Xvfb", "xvfb"),
    ("dbus-daemon", "dbus"),
    ("openbox", "openbox"),
    ("xdotool", "xdotool"),
    ("wmctrl", "wmctrl"),
    ("WebKitWebDriver", "webkit2gtk-driver"),
    ("desktop-file-validate", "desktop-file-utils"),
    ("appstreamcli", "appstream"),
    ("dpkg-shlibdeps", "dpkg-dev"),
    ("rpm", "rpm"),
];

/// What is needed for the pictures of the tray in a real panel, and for nothing else.
const PANEL: &[(&str, &str)] =
    &[("xfce4-panel", "xfce4-panel"), ("import", "imagemagick"), ("flock", "util-linux"), ("dbus-send", "dbus-bin")];

/// A library the window is built with, by its name for pkg-config, and the Debian package it comes in.
const LIBRARIES: &[(&str, &str)] = &[("webkit2gtk-4.1", "libwebkit2gtk-4.1-dev"), ("gtk+-3.0", "libgtk-3-dev")];

/// Installs the Debian packages of the tools and libraries that are missing for building and testing; does nothing when all are there.
///
/// # Errors
/// When a tool is missing and apt is not there or fails: the message names the packages to install by hand.
pub(crate) fn ensure_tools() -> Result<()> {
    ensure(&[BUILDING, TESTING].concat())
}

/// As [`ensure_tools`], for building alone.
///
/// # Errors
/// As there.
pub(crate) fn ensure_building() -> Result<()> {
    ensure(BUILDING)
}

/// As [`ensure_tools`], for building and for the pictures of the tray in a panel.
///
/// # Errors
/// As there.
pub(crate) fn ensure_panel() -> Result<()> {
    ensure(&[BUILDING, TESTING, PANEL].concat())
}

fn ensure(tools: &[(&'static str, &'static str)]) -> Result<()> {
    let tools = tools.iter().filter(|(tool, _)| !on_path(tool));
    let missing: Vec<&str> =
        tools.chain(LIBRARIES.iter().filter(|(library, _)| !is_library(library))).map(|(_, package)| *package).collect();
    if missing.is_empty() {
        return Ok(());
    }
    println!("installing with apt-get: {}", missing.join(" "));
    if !on_path("apt-get") {
        bail!("please install {} and run this again", missing.join(", "));
    }
    apt(&["update", "-q"])?;
    apt(&[&["install", "-y", "-q", "--no-install-recommends"], missing.as_slice()].concat())
}

/// Whether a program of this name is on the PATH.
pub(crate) fn on_path(tool: &str) -> bool {
    std::env::var_os("PATH").is_some_and(|path| std::env::split_paths(&path).any(|dir| dir.join(tool).is_file()))
}

fn is_library(name: &str) -> bool {
    let asked = Command::new("pkg-config").args(["--exists", name]).stdin(Stdio::null()).status();
    asked.is_ok_and(|status| status.success())
}

fn apt(args: &[&str]) -> Result<()> {
    let status = Command::new("apt-get")
        .args(args)
        .env("DEBIAN_FRONTEND", "noninteractive")
        .stdin(Stdio::null())
        .status()
        .context("apt-get could not be started")?;
    if !status.success() {
        bail!("apt-get {} failed; run it as root, or install the packages by hand", args.join(" "));
    }
    Ok(())
}
