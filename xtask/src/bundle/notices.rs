//! Whose work is in the programs, and under which terms: most licences ask that their text comes with every copy.
//!
//! The list is the one the window shows (`src-tauri/licences.json`), without what is not built for the system; the texts are those the libraries came with.

use anyhow::{Context, Result, bail};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The libraries whose code is in the page.
const IN_THE_PAGE: &[&str] = &["@lucide/svelte", "@tauri-apps/api", "svelte", "uplot"];
/// How the names of such files begin.
const BEGINNINGS: &[&str] = &["LICENSE", "LICENCE", "COPYING", "COPYRIGHT", "NOTICE", "UNLICENSE"];

/// A library, and where it lies.
struct Library {
    name: String,
    version: String,
    licence: String,
    folder: PathBuf,
}

/// The libraries with their licences, then each text once with the libraries that it came with.
///
/// # Errors
/// When cargo does not say where the libraries are, or one of them cannot be read.
pub(super) fn text(triple: &str) -> Result<String> {
    let mut libraries = crates(triple)?;
    for name in IN_THE_PAGE {
        libraries.push(of_the_page(name)?);
    }
    let mut all = "Lineside contains the work of others:\n\n".to_owned();
    let mut texts: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for library in &libraries {
        let named = format!("{} {}", library.name, library.version);
        writeln!(all, "{named}: {}", library.licence)?;
        for text in licence_files(&library.folder)? {
            texts.entry(text).or_default().push(named.clone());
        }
    }
    for (text, names) in &texts {
        write!(all, "\n{}\n{}:\n\n{text}\n", "=".repeat(80), names.join(", "))?;
    }
    Ok(all)
}

fn crates(triple: &str) -> Result<Vec<Library>> {
    let output = Command::new("cargo")
        .args(["metadata", "--format-version", "1", "--locked", "--filter-platform", triple])
        .output()
        .context("cargo metadata could not be started")?;
    if !output.status.success() {
        bail!("cargo metadata failed: {}", String::from_utf8_lossy(&output.stderr).trim());
    }
    let metadata: Value = serde_json::from_slice(&output.stdout).context("cargo metadata did not answer with JSON")?;
    let packages = metadata["packages"].as_array().context("cargo metadata names no packages")?;
    let listed = fs::read("src-tauri/licences.json").context("src-tauri/licences.json cannot be read")?;
    let listed: Vec<Value> = serde_json::from_slice(&listed).context("src-tauri/licences.json")?;
    let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let found = listed.iter().filter_map(|library| {
        let package = packages.iter().find(|package| package["name"] == library["name"] && package["version"] == library["version"])?;
        let folder = Path::new(package["manifest_path"].as_str()?).parent()?.to_owned();
        Some(Library { name: word(&library["name"]), version: word(&library["version"]), licence: word(&library["licence"]), folder })
    });
    Ok(found.collect())
}

fn of_the_page(name: &str) -> Result<Library> {
    let folder = Path::new("node_modules").join(name);
    let package = fs::read(folder.join("package.json")).with_context(|| format!("{} is not installed", folder.display()))?;
    let package: Value = serde_json::from_slice(&package).with_context(|| format!("{}/package.json", folder.display()))?;
    let word = |field: &str| package[field].as_str().unwrap_or_default().to_owned();
    Ok(Library { name: name.to_owned(), version: word("version"), licence: word("license"), folder })
}

/// The texts in a library's folder; some bring none, then their licence's name must do.
fn licence_files(folder: &Path) -> Result<Vec<String>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).with_context(|| format!("{} cannot be read", folder.display()))? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().to_uppercase();
        if path.is_file() && BEGINNINGS.iter().any(|beginning| name.starts_with(beginning)) {
            files.push(path);
        }
    }
    files.sort();
    let read = |file: &PathBuf| {
        let bytes = fs::read(file).with_context(|| format!("{} cannot be read", file.display()))?;
        // Copies that differ in their line ends alone are one text.
        Ok(String::from_utf8_lossy(&bytes).lines().map(str::trim_end).collect::<Vec<_>>().join("\n").trim().to_owned())
    };
    files.iter().map(read).collect()
}
