//! No circles between the modules of a crate, and no room of the worker that names another.

use anyhow::Result;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

type Imports = BTreeMap<String, BTreeSet<String>>;

pub(crate) fn problems(files: &[PathBuf]) -> Result<Vec<String>> {
    let mut crates: BTreeMap<PathBuf, Imports> = BTreeMap::new();
    let mut problems = Vec::new();
    for file in files.iter().filter(|file| file.extension().is_some_and(|extension| extension == "rs")) {
        let Some((source, module)) = place(file) else { continue };
        let text = std::fs::read_to_string(file)?;
        crates.entry(source).or_default().entry(module).or_default().extend(named(&text, "crate::"));
        problems.extend(room_naming_a_room(file, &text));
    }
    for (source, imports) in &crates {
        if let Some(circle) = circle(imports) {
            problems.push(format!("{}: modules import each other in a circle: {}", source.display(), circle.join(" → ")));
        }
    }
    Ok(problems)
}

/// The crate's source folder and the top-level module a file belongs to; test files and crate roots are not modules.
fn place(file: &Path) -> Option<(PathBuf, String)> {
    let parts: Vec<String> = file.iter().map(|part| part.to_string_lossy().into_owned()).collect();
    let src = parts.iter().position(|part| part == "src")?;
    let module = parts.get(src + 1)?.trim_end_matches(".rs").to_owned();
    let is_test = parts.iter().any(|part| part.trim_end_matches(".rs").ends_with("tests"));
    (!is_test && module != "lib" && module != "main").then(|| (parts[..=src].iter().collect(), module))
}

/// The first path segments behind every `prefix` outside comments.
fn named(text: &str, prefix: &str) -> BTreeSet<String> {
    let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
    code.flat_map(|line| line.split(prefix).skip(1).collect::<Vec<_>>())
        .map(|rest| rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect())
        .collect()
}

fn room_naming_a_room(file: &Path, text: &str) -> Vec<String> {
    let Some(room) = file.strip_prefix("worker/src/rooms").ok().and_then(|rest| rest.iter().next()) else { return Vec::new() };
    let room = room.to_string_lossy().trim_end_matches(".rs").to_owned();
    named(text, "rooms::")
        .into_iter()
        .filter(|other| *other != room && !other.is_empty())
        .map(|other| format!("{}: the room {room} names the room {other}; only app.rs knows the order of the rooms", file.display()))
        .collect()
}

/// One circle of modules, if there is any.
fn circle(imports: &Imports) -> Option<Vec<String>> {
    imports.keys().find_map(|start| walk(imports, &mut vec![start.clone()]))
}

fn walk(imports: &Imports, path: &mut Vec<String>) -> Option<Vec<String>> {
    let here = path.last()?.clone();
    for next in imports.get(&here).into_iter().flatten().filter(|next| **next != here && imports.contains_key(*next)) {
        if let Some(at) = path.iter().position(|seen| seen == next) {
            return Some([&path[at..], std::slice::from_ref(next)].concat());
        }
        path.push(next.clone());
        if let Some(found) = walk(imports, path) {
            return Some(found);
        }
        path.pop();
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn imports(edges: &[(&str, &[&str])]) -> Imports {
        edges.iter().map(|(from, to)| ((*from).to_owned(), to.iter().map(|to| (*to).to_owned()).collect())).collect()
    }

    #[test]
    fn a_circle_over_three_modules_is_found_and_a_diamond_is_none() {
        let found = circle(&imports(&[("a", &["b"]), ("b", &["c"]), ("c", &["a"])]));
        assert_eq!(found.expect("a circle").join(""), "abca");
        assert_eq!(circle(&imports(&[("a", &["b", "c"]), ("b", &["d"]), ("c", &["d"]), ("d", &[])])), None);
    }

    #[test]
    fn a_room_that_names_another_room_is_told() {
        let file = Path::new("worker/src/rooms/upload.rs");
        assert_eq!(room_naming_a_room(file, "use crate::rooms::archive::Archive;\n").len(), 1);
        assert!(room_naming_a_room(file, "use crate::rooms::upload::Pace;\n// crate::rooms::watch\n").is_empty());
    }
}
