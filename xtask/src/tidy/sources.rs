//! What one source file must look like: its length, its head comment, and words that do not belong.

use anyhow::Result;
use std::path::{Path, PathBuf};

/// Lines of a Rust file before it must be split; test files may be longer, they are lists.
const LONGEST: usize = 400;
/// Words that say nothing about what a type is for.
const EMPTY_NAMES: &[&str] = &["Manager", "Handler", "Helper", "Util", "Utils", "Info", "Processor", "Common", "Misc"];
/// Marks of unfinished work; `#N` behind one points to an issue and makes it lawful.
const LEFT_OPEN: &[&str] = &["TODO", "FIXME", "XXX"];

pub(crate) fn problems(files: &[PathBuf]) -> Result<Vec<String>> {
    let mut problems = Vec::new();
    for file in files.iter().filter(|file| file.extension().is_some_and(|extension| extension == "rs")) {
        problems.extend(of_source(file, &std::fs::read_to_string(file)?));
    }
    Ok(problems)
}

fn of_source(file: &Path, text: &str) -> Vec<String> {
    // This file has to name what it forbids.
    if file.ends_with("tidy/sources.rs") {
        return Vec::new();
    }
    let shown = file.display();
    let mut problems = Vec::new();
    let lines = text.lines().count();
    if lines > LONGEST && !is_test(file) {
        problems.push(format!("{shown}: {lines} lines; split it, {LONGEST} is the most"));
    }
    if !text.starts_with("//!") && !is_test(file) {
        problems.push(format!("{shown}:1: starts without a `//!` comment that says what the file is for"));
    }
    for (index, line) in text.lines().enumerate() {
        let at = index + 1;
        if let Some(name) = declared_name(line).filter(|name| EMPTY_NAMES.iter().any(|empty| name.ends_with(empty))) {
            problems.push(format!("{shown}:{at}: `{name}` says nothing; name what it is"));
        }
        if let Some(mark) = LEFT_OPEN.iter().find(|mark| left_open(line, mark)) {
            problems.push(format!("{shown}:{at}: {mark} without an issue; finish it or write {mark}(#N)"));
        }
    }
    problems
}

fn is_test(file: &Path) -> bool {
    file.components().any(|part| part.as_os_str() == "tests")
        || file.file_stem().is_some_and(|stem| stem.to_string_lossy().ends_with("tests"))
}

/// The name a line declares as a type, if it does.
fn declared_name(line: &str) -> Option<&str> {
    let words: Vec<&str> = line.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|word| !word.is_empty()).collect();
    let at = words.iter().position(|word| matches!(*word, "struct" | "enum" | "trait" | "type"))?;
    // Only at the head of the line: `pub(crate) struct Name`.
    (at <= 2 && !line.trim_start().starts_with("//")).then(|| words.get(at + 1).copied()).flatten()
}

fn left_open(line: &str, mark: &str) -> bool {
    line.split_once("//").is_some_and(|(_, comment)| {
        comment.split_once(mark).is_some_and(|(before, after)| {
            !before.ends_with(char::is_alphanumeric) && !after.starts_with(char::is_alphanumeric) && !after.starts_with("(#")
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_without_a_head_comment_an_empty_name_and_a_loose_end_are_named() {
        let text = "use x;\npub(crate) struct UploadManager;\n// TODO later\n// TODO(#7) planned\nlet t = \"TODO\";\n";
        let problems = of_source(Path::new("worker/src/x.rs"), text);
        assert_eq!(problems.len(), 3, "{problems:?}");
    }

    #[test]
    fn a_long_file_must_be_split_but_a_test_table_may_be_long() {
        let text = format!("//! Head.\n{}", "\n".repeat(LONGEST));
        assert_eq!(of_source(Path::new("worker/src/x.rs"), &text).len(), 1);
        assert!(of_source(Path::new("worker/src/x/tests.rs"), &text).is_empty());
    }
}
