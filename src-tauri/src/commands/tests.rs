//! The contract with the page, written down, and what the page may do beside it.

use std::fs;
use std::path::Path;

use serde::de::DeserializeOwned;
use serde_json::{Value, json};
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

/// A report as a tester writes it.
const UNIT: &str = r#"{"type": "T", "pn": "PN-7", "sn": "SN-1", "rev": "A", "processCode": 10, "result": "P", "machineName": "M", "location": "L", "purpose": "P",
    "start": "2026-11-21T09:00:00+01:00", "root": {"id": 0, "group": "M", "stepType": "SequenceCall", "name": "Main", "status": "P", "steps": []}}"#;

/// A station of the worker's real program, without a worker.
struct Program {
    dir: tempfile::TempDir,
}

impl Program {
    fn new() -> Self {
        let program = Self { dir: tempfile::tempdir().unwrap() };
        fs::create_dir(program.path("in")).unwrap();
        let watch = program.path("in");
        let init = ["init", "ict", "--server", "http://127.0.0.1:9", "--location", "Hall 3", "--watch", &watch, "--token-file", "-"];
        let made: Value = program.tells(&init, "dG9rZW4=");
        assert_eq!(made["id"], "ict");
        program
    }

    fn path(&self, name: &str) -> String {
        self.dir.path().join(name).display().to_string()
    }

    /// What the program answers, in the shape the page knows.
    fn tells<T: DeserializeOwned>(&self, args: &[&str], input: &str) -> T {
        let beside = std::env::current_exe().unwrap().parent().unwrap().with_file_name("lineside");
        let program = std::env::var_os("LINESIDE_BIN").map_or(beside, std::path::PathBuf::from);
        let mut command = std::process::Command::new(&program);
        command.arg("--home").arg(self.dir.path()).arg("--json").args(args).env_remove("WATS_TOKEN");
        command.stdin(std::process::Stdio::piped()).stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
        let mut child = command.spawn().unwrap_or_else(|error| panic!("{}: {error}; cargo build -p lineside", program.display()));
        std::io::Write::write_all(&mut child.stdin.take().unwrap(), input.as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        crate::sidecar::answer(&args.join(" "), &output.stdout, &output.stderr).unwrap_or_else(|error| panic!("{args:?}: {error:?}"))
    }
}

#[test]
fn the_workers_program_answers_in_the_shapes_the_page_knows() {
    use super::{chores, look, queue, settings};
    let program = Program::new();
    let formats: Vec<look::KnownFormat> = program.tells(&["formats"], "");
    assert!(formats.len() > 3);
    let file = program.path("broken.json");
    fs::write(&file, "{\"type\": \"T\", \"sn\": ").unwrap();
    let _: look::Preview = program.tells(&["preview", "--options-json", "-", "--instance", "ict", "--", &file], "{}");
    let problems: Vec<settings::Problem> = program.tells(&["config", "check", "ict", "--stdin"], "{\"schema_version\": 3, \"paused\": 7}");
    assert_eq!(problems[0].pointer, "/paused");
    let form = json!({"service_address": "http://127.0.0.1:9", "token": "x", "proxy": {"mode": "none"}});
    let _: settings::Connection = program.tells(&["test-connection", "--stdin"], &form.to_string());
    let check: chores::CheckUp = program.tells(&["doctor", "ict"], "");
    assert!(check.checks.len() > 3);
    let _: chores::Bundle = program.tells(&["support-bundle", "--to", &program.path("bundle.zip")], "");
    let export = program.path("ict.lineside");
    let _: Value = program.tells(&["export", "ict", "--to", &export, "--passphrase-stdin"], "a long passphrase\n");
    let _: chores::ImportPlan = program.tells(&["import", &export, "--dry-run"], "");
    let plan: chores::ImportPlan = program.tells(&["import", "--copy-of", "ict", "--dry-run"], "");
    let shared: Vec<settings::Problem> = program.tells(&["config", "check", "--new", "--stdin"], &plan.settings().to_string());
    assert_eq!(shared[0].pointer, "/converters/0/watch_folder");
    let moved = format!("/converters/0/watch_folder={}", program.path("other"));
    let import = ["import", &export, "--passphrase-stdin", "--as", "fct", "--set", &moved, "--set", "/station_name=7"];
    let _: Value = program.tells(&import, "a long passphrase\n");
    let good = program.path("unit.json");
    fs::write(&good, UNIT).unwrap();
    let submitted: Value = program.tells(&["submit", "--instance", "ict", "--", &good], "");
    assert_eq!((&submitted["state"], &submitted["reports"]), (&json!("queued"), &json!(1)));
    let _: look::Preview = program.tells(&["preview", "--options-json", "-", "--", &good], "{}");
    let source: queue::SourceDetail = program.tells(&["source", "ict", "1"], "");
    assert_eq!(source.reports.len(), 1);
    let _: Value = program.tells(&["queue", "discard", "--instance", "ict", "1"], "");
    let _: Value = program.tells(&["queue", "retry", "--instance", "ict", "1"], "");
}
