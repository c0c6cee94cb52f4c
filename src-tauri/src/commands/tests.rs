//! The contract with the page, written down, and what the page may do beside it.

use std::fs;
use std::path::Path;

use serde_json::Value;
use specta_typescript::Typescript;

const BINDINGS: &str = "../ui/src/backend/bindings.ts";

/// `LINESIDE_BLESS=bindings` writes them anew.
#[test]
fn the_bindings_of_the_page_are_those_of_the_program() {
    let dir = tempfile::tempdir().unwrap();
    let made = dir.path().join("bindings.ts");
    super::contract().export(Typescript::default(), &made).unwrap();
    let made = fs::read_to_string(made).unwrap();
    if std::env::var("LINESIDE_BLESS").is_ok_and(|what| what == "bindings") {
        fs::create_dir_all(Path::new(BINDINGS).parent().unwrap()).unwrap();
        fs::write(BINDINGS, &made).unwrap();
    }
    let there = fs::read_to_string(BINDINGS).unwrap_or_default();
    assert!(there == made, "{BINDINGS} is stale: LINESIDE_BLESS=bindings cargo test -p lineside-tray bindings writes it anew");
}

#[test]
fn the_page_may_hear_events_and_nothing_else_of_tauri() {
    let files: Vec<_> = fs::read_dir("capabilities").unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(files, ["window.json"], "one file says what the page may do");
    let capability: Value = serde_json::from_slice(&fs::read("capabilities/window.json").unwrap()).unwrap();
    assert_eq!(capability["permissions"], serde_json::json!(["core:event:allow-listen", "core:event:allow-unlisten"]));
    assert_eq!(capability["windows"], serde_json::json!(["main"]));
    let fields: Vec<_> = capability.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(
        fields,
        ["$schema", "identifier", "description", "windows", "permissions"],
        "no remote page, no web view, no platform apart"
    );
    let config: Value = serde_json::from_slice(&fs::read("tauri.conf.json").unwrap()).unwrap();
    assert_eq!(config["app"]["security"]["capabilities"], serde_json::json!(["window"]));
}

#[test]
fn the_page_runs_no_script_but_its_own_and_talks_to_nobody_but_the_app() {
    let config: Value = serde_json::from_slice(&fs::read("tauri.conf.json").unwrap()).unwrap();
    let policy = &config["app"]["security"]["csp"];
    let expected =
        [("default-src", "'none'"), ("script-src", "'self'"), ("style-src", "'self'"), ("connect-src", "ipc: http://ipc.localhost")];
    for (directive, value) in expected {
        assert_eq!(policy[directive], value, "{directive}");
    }
}

/// Every library of another author in the two programs, from what cargo knows.
fn licences() -> String {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = std::process::Command::new(cargo).args(["metadata", "--format-version", "1", "--locked"]).output().unwrap();
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let (packages, nodes) = (list(&metadata["packages"]), list(&metadata["resolve"]["nodes"]));
    let ours = |package: &Value| package["source"].is_null();
    let shipped = |package: &&Value| ours(package) && ["lineside", "lineside-tray"].iter().any(|name| package["name"] == *name);
    let mut to_visit: Vec<Value> = packages.iter().filter(shipped).map(|package| package["id"].clone()).collect();
    let mut seen: Vec<Value> = Vec::new();
    while let Some(id) = to_visit.pop() {
        if seen.contains(&id) {
            continue;
        }
        let node = nodes.iter().find(|node| node["id"] == id).unwrap();
        let is_normal = |dep: &&Value| list(&dep["dep_kinds"]).iter().any(|kind| kind["kind"].is_null());
        to_visit.extend(list(&node["deps"]).iter().filter(is_normal).map(|dep| dep["pkg"].clone()));
        seen.push(id);
    }
    let theirs = packages.iter().filter(|package| seen.contains(&package["id"]) && !ours(package));
    let mut lines: Vec<String> = theirs
        .map(|package| serde_json::json!({"name": package["name"], "version": package["version"], "licence": package["license"].as_str().unwrap_or("in its licence file")}).to_string())
        .collect();
    lines.sort();
    format!("[\n{}\n]\n", lines.join(",\n"))
}

/// `LINESIDE_BLESS=licences` writes them anew.
#[test]
fn the_licences_shown_are_those_of_the_libraries_in_the_programs() {
    let made = licences();
    if std::env::var("LINESIDE_BLESS").is_ok_and(|what| what == "licences") {
        fs::write("licences.json", &made).unwrap();
    }
    let there = fs::read_to_string("licences.json").unwrap_or_default();
    assert!(there == made, "licences.json is stale: LINESIDE_BLESS=licences cargo test -p lineside-tray licences writes it anew");
    let all: Vec<super::chores::Licence> = serde_json::from_str(&there).unwrap();
    assert!(all.len() > 100);
}
