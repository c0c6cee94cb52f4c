//! Each file in `tests/config` shows one thing about reading settings; its name says which. Beside it stands what must
//! come of it. `LINESIDE_BLESS=1` writes what comes of it now.

#![allow(clippy::unwrap_used)] // the lint knows test functions, not what they call
#![cfg(unix)] // the folders in the cases are full paths on Unix only

use std::{
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
};

use instance::{Config, ConfigError, Document, Layout, Loaded, Scope, WatchRule, config};
use serde::Serialize;

const FORMATS: [&str; 4] = ["wsjf", "wsxf", "wrml", "wstf"];

fn env(name: &str) -> Option<String> {
    let pairs = [("SERVER", "acme.example"), ("UPLOADS", "7"), ("FOLDER", "/data")];
    pairs.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
}

fn cases() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/config");
    let paths = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut cases: Vec<_> = paths.filter(|path| path.extension().is_some_and(|e| e == "json")).collect();
    cases.sort();
    cases
}

/// What comes of a case, in words.
fn outcome(layout: &Layout) -> String {
    match config::load(layout, &env) {
        Ok(loaded) => describe(&loaded),
        Err(e) => refusal(layout, &e),
    }
}

fn refusal(layout: &Layout, e: &ConfigError) -> String {
    format!("refused: {e}\n").replace(&layout.dir().display().to_string(), "")
}

fn describe(loaded: &Loaded) -> String {
    let mut text = String::from("read\n");
    for warning in &loaded.warnings {
        writeln!(text, "warning: {warning}").unwrap();
    }
    for problem in loaded.problems(&FORMATS) {
        writeln!(text, "problem: {problem}").unwrap();
    }
    if let Some(migration) = &loaded.migration {
        writeln!(text, "migrated from {}, secret: {:?}", migration.from, migration.secret).unwrap();
    }
    let top = Config { converters: Vec::new(), ..loaded.config.clone() };
    unlike_default(&mut text, "", &top, &Config::default());
    for (index, rule) in loaded.config.converters.iter().enumerate() {
        unlike_default(&mut text, &format!("converters[{index}]."), rule, &WatchRule::default());
    }
    text
}

fn unlike_default(text: &mut String, path: &str, is: &impl Serialize, default: &impl Serialize) {
    let default = serde_json::to_value(default).unwrap();
    for (key, value) in serde_json::to_value(is).unwrap().as_object().unwrap() {
        if default.get(key) != Some(value) {
            writeln!(text, "{path}{key} = {value}").unwrap();
        }
    }
}

#[test]
fn every_case_comes_out_as_written_beside_it() {
    let mut stale = Vec::new();
    for case in cases() {
        let dir = tempfile::tempdir().unwrap();
        let layout = Layout::at(dir.path(), Scope::User);
        fs::copy(&case, layout.config()).unwrap();
        let outcome = outcome(&layout);
        let expected = case.with_extension("expected.txt");
        if std::env::var_os("LINESIDE_BLESS").is_some() {
            fs::write(&expected, &outcome).unwrap();
        }
        if fs::read_to_string(&expected).unwrap_or_default().replace("\r\n", "\n") != outcome {
            stale.push(format!("{}\n{outcome}", case.display()));
        }
    }
    assert!(stale.is_empty(), "these came out otherwise:\n{}", stale.join("\n"));
}

/// A file that is cut anywhere, as a writer without a rename leaves it, or that has a strange byte in it.
#[test]
fn every_case_cut_or_spoilt_anywhere_is_read_or_refused_by_its_name_and_never_changed() {
    let dir = tempfile::tempdir().unwrap();
    let layout = Layout::at(dir.path(), Scope::User);
    for case in cases() {
        let bytes = fs::read(&case).unwrap();
        let spoil = |at: usize, byte: u8| [&bytes[..at], &[byte], &bytes[at + 1..]].concat();
        let cut = (0..bytes.len()).map(|at| bytes[..at].to_vec());
        let spoilt = (0..bytes.len()).flat_map(|at| [0, b'"', b'{', 0xff].map(|byte| spoil(at, byte)));
        for text in cut.chain(spoilt).step_by(7) {
            fs::write(layout.config(), &text).unwrap();
            let told = outcome(&layout);
            let named = told.starts_with("read\n") || told.starts_with("refused: /client_config.json");
            assert!(named, "{}: {told}", case.display());
            assert_eq!(fs::read(layout.config()).unwrap(), text, "{}", case.display());
        }
    }
}

#[test]
fn settings_nested_without_end_are_refused_and_overflow_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let layout = Layout::at(dir.path(), Scope::User);
    for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
        let text = format!("{{\"x\": {}1{}}}", open.repeat(100_000), close.repeat(100_000));
        fs::write(layout.config(), text).unwrap();
        let told = outcome(&layout);
        assert!(told.contains("(line 1, column ") && told.contains("recursion limit"), "{told}");
    }
}

#[test]
fn no_case_shows_a_secret() {
    for case in cases() {
        let expected = fs::read_to_string(case.with_extension("expected.txt")).unwrap();
        for secret in ["pywats-canary", "proxy-canary"] {
            assert!(!expected.contains(secret), "{}", case.display());
        }
    }
}

/// Read, saved and read again: nothing that was there is gone, and no text with a variable became its value.
#[test]
fn every_readable_case_survives_being_saved() {
    for case in cases() {
        let dir = tempfile::tempdir().unwrap();
        let layout = Layout::at(dir.path(), Scope::User);
        fs::copy(&case, layout.config()).unwrap();
        let Ok(mut document) = Document::open(&layout) else { continue };
        let Ok(first) = document.read(&env) else { continue };
        let raw = document.value().clone();
        let hash = document.save(&layout).unwrap();
        let second = config::load(&layout, &env).unwrap();
        assert_eq!(second.document().value(), &raw, "{}", case.display());
        assert_eq!((&second.config, &second.hash), (&first.config, &hash), "{}", case.display());
        assert!(second.migration.is_none());
    }
}
