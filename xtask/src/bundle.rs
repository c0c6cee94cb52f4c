//! `cargo xtask bundle`: the packages that people install, in `target/bundle`: .deb and .rpm, on Windows setup programs, on macOS a disk image.
//!
//! The packing is tauri's. Here is what comes before: the page, the programs, the worker's program under the name the bundler looks for, and the files
//! beside them (`parts`). Nothing is signed, and nothing leaves this machine.

mod notices;
mod parts;

use crate::{setup, test, ui};
use anyhow::{Context, Result, bail};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What is packed for this system. No AppImage: its files are gone when the app ends, and the workers must go on.
const KINDS: &[&str] = if cfg!(windows) {
    &["nsis", "msi"]
} else if cfg!(target_os = "macos") {
    &["dmg"]
} else {
    &["deb", "rpm"]
};

/// Where the worker's program is put for the bundler; git does not know the folder.
const SIDECARS: &str = "src-tauri/binaries";

/// Programs that are built: how, and for which system where it is not this one.
struct Built<'a> {
    profile: &'a str,
    target: Option<&'a str>,
}

impl Built<'_> {
    /// Their folder inside cargo's, as cargo names it.
    fn folder(&self) -> String {
        self.target.map_or_else(|| self.profile.to_owned(), |target| format!("{target}/{}", self.profile))
    }

    fn suffix(&self) -> &str {
        if self.target.map_or(cfg!(windows), |target| target.contains("windows")) { ".exe" } else { "" }
    }

    fn program(&self, name: &str) -> Result<PathBuf> {
        test::built(&self.folder(), &format!("{name}{}", self.suffix()))
    }
}

/// Builds and packs all of it; `--target TRIPLE` does so for another processor of the same system, `--debug` only packs, for the tests.
///
/// # Errors
/// When something is missing and cannot be installed, does not build, or cannot be packed.
pub(crate) fn run(args: &[String]) -> Result<bool> {
    let target = match args {
        [] => None,
        [option] if option == "--debug" => return for_tests().map(|()| true),
        [option, target] if option == "--target" => Some(target.as_str()),
        _ => bail!("usage: cargo xtask bundle [--target TRIPLE | --debug]"),
    };
    if cfg!(target_os = "linux") {
        setup::ensure_building()?;
    }
    if ui::build()?.failed > 0 {
        bail!("the page does not build; the lines above say why");
    }
    let mut cargo = Command::new("cargo");
    cargo.args(["build", "--release", "--locked", "--package", "lineside", "--package", "lineside-tray"]);
    cargo.args(target.iter().flat_map(|target| ["--target", target]));
    if !cargo.status().context("cargo could not be started")?.success() {
        bail!("the programs do not build; the lines above say why");
    }
    let made = pack(&Built { profile: "release", target })?;
    println!("packed:");
    for path in collected(&made)? {
        println!("  {}", path.display());
    }
    Ok(true)
}

/// Packs the programs as they were built for the tests, in `debug/bundle` of cargo's folder, which is what `LINESIDE_BUNDLES` names for them.
///
/// # Errors
/// When they cannot be packed.
pub(crate) fn for_tests() -> Result<()> {
    ui::install()?;
    pack(&Built { profile: "debug", target: None }).map(|_| ())
}

/// Packs what is built; the packages.
fn pack(built: &Built<'_>) -> Result<Vec<PathBuf>> {
    let triple = built.target.map_or_else(host, |target| Ok(target.to_owned()))?;
    let worker = built.program("lineside")?;
    fs::create_dir_all(SIDECARS)?;
    let sidecar = Path::new(SIDECARS).join(format!("lineside-{triple}{}", built.suffix()));
    fs::copy(&worker, &sidecar).with_context(|| format!("{} cannot be copied to {}", worker.display(), sidecar.display()))?;
    parts::make(&worker, &triple)?;
    let bundles = test::built(&built.folder(), "bundle")?;
    // What an earlier version left there must not pass for this one's.
    if bundles.exists() {
        fs::remove_dir_all(&bundles).with_context(|| format!("{} cannot be emptied", bundles.display()))?;
    }
    let mut npm = ui::npm();
    npm.args(["run", "--silent", "bundle", "--", "--bundles", &KINDS.join(",")]);
    npm.args(built.target.iter().flat_map(|target| ["--target", target]));
    if built.profile == "debug" {
        npm.arg("--debug");
    }
    // On Linux the licences lie where its documents lie, elsewhere beside the programs.
    if !cfg!(target_os = "linux") {
        npm.args(["--config", "src-tauri/tauri.notices.conf.json"]);
    }
    if !npm.status().context("npm could not be started")?.success() {
        bail!("the bundler failed; the lines above say why");
    }
    packages(&bundles)
}

/// Every package below the bundler's folder: the files right in the folder of their kind. (It keeps its working files in folders beside them.)
fn packages(bundles: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for kind in KINDS {
        let before = found.len();
        for entry in fs::read_dir(bundles.join(kind)).with_context(|| format!("the bundler made no {kind}"))? {
            let path = entry?.path();
            if path.is_file()
                && path.extension().is_some_and(|extension| ["deb", "rpm", "exe", "msi", "dmg"].iter().any(|known| extension == *known))
            {
                found.push(path);
            }
        }
        if found.len() == before {
            bail!("the bundler made no {kind} in {}", bundles.display());
        }
    }
    Ok(found)
}

/// Copies of the packages in `target/bundle`, alone there, named in small letters as packages are.
fn collected(made: &[PathBuf]) -> Result<Vec<PathBuf>> {
    let folder = test::built("bundle", "")?;
    if folder.exists() {
        fs::remove_dir_all(&folder).with_context(|| format!("{} cannot be emptied", folder.display()))?;
    }
    fs::create_dir_all(&folder)?;
    let mut copies = Vec::new();
    for package in made {
        let name = package.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
        let copy = folder.join(name);
        fs::copy(package, &copy).with_context(|| format!("{} cannot be written", copy.display()))?;
        copies.push(copy);
    }
    Ok(copies)
}

/// The system we are on, as cargo names it.
fn host() -> Result<String> {
    let output = Command::new("rustc").arg("-vV").output().context("rustc could not be started")?;
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let host = said.lines().find_map(|line| line.strip_prefix("host: "));
    host.map(str::to_owned).context("rustc -vV does not name its host")
}
