//! Odd input as a table: every format over every oddity. What comes of each is written in `tests/fixtures/odd/<format>.txt`, which a
//! person has read: a report that says what it should, or a refusal that says what is wrong, where, and what to do. `LINESIDE_BLESS`
//! writes it anew (see the harness).
//!
//! Whatever a cell holds, each one also has to: no panic and no overflow on a thread's small stack, valid JSON that the server would
//! take, no replaced characters, a start with its offset, messages of a readable length without control characters, and the same
//! outcome with and without tracing, and while the file may still grow.

#![allow(clippy::unwrap_used)] // a test that cannot go on should stop

mod base;
mod cell;
#[path = "../harness/mod.rs"]
mod harness;
mod oddities;
mod shapes;

use std::fs;
use std::panic::catch_unwind;
use std::path::Path;

use oddities::Oddity;

/// One entry of the table. A broken promise stands in it like an outcome, so that the table can be seen whole.
fn entry(format: &'static str, odd: &Oddity) -> String {
    let told = catch_unwind(|| cell::tell(format, odd)).unwrap_or_else(|panic| {
        let words = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied());
        format!("BROKEN: {}", words.unwrap_or_default().replace('\n', " "))
    });
    format!("{}\n    {}\n", odd.name, told.replace('\n', "\n    "))
}

fn holds(format: &'static str) {
    let groups =
        [oddities::files, oddities::encodings, oddities::numbers, oddities::times, oddities::names, oddities::crowds, shapes::shapes];
    let found: String = groups.into_iter().flat_map(|group| group(format)).map(|odd| entry(format, &odd)).collect();
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures/odd").join(format!("{format}.txt"));
    let broken = found.contains("BROKEN");
    if harness::blessed(format) && !broken {
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(&file, &found).unwrap();
    }
    let expected = fs::read_to_string(&file).unwrap_or_default().replace("\r\n", "\n");
    if broken || found != expected {
        let known: Vec<&str> = expected.lines().collect();
        let marked: Vec<String> = found.lines().map(|line| format!("{} {line}", if known.contains(&line) { ' ' } else { '>' })).collect();
        panic!("{} differs (lines that are new have a >):\n{}", file.display(), marked.join("\n"));
    }
}

#[test]
fn every_odd_wsjf_file_is_taken_by_rule_or_refused_with_a_reason() {
    holds("wsjf");
}

#[test]
fn every_odd_wsxf_file_is_taken_by_rule_or_refused_with_a_reason() {
    holds("wsxf");
}

#[test]
fn every_odd_wrml_file_is_taken_by_rule_or_refused_with_a_reason() {
    holds("wrml");
}

#[test]
fn every_odd_wstf_file_is_taken_by_rule_or_refused_with_a_reason() {
    holds("wstf");
}
