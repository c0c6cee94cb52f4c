//! Links between our documents must lead somewhere.

use anyhow::Result;
use std::path::{Path, PathBuf};

pub(crate) fn problems(files: &[PathBuf]) -> Result<Vec<String>> {
    let mut problems = Vec::new();
    for file in files.iter().filter(|file| file.extension().is_some_and(|extension| extension == "md")) {
        let text = std::fs::read_to_string(file)?;
        for (index, line) in text.lines().enumerate() {
            for target in targets(line).filter(|target| !leads_somewhere(file, target)) {
                problems.push(format!("{}:{}: the link to {target} leads nowhere", file.display(), index + 1));
            }
        }
    }
    Ok(problems)
}

/// The targets of the `[text](target)` links in a line.
fn targets(line: &str) -> impl Iterator<Item = &str> {
    line.split("](").skip(1).filter_map(|rest| rest.split_once(')').map(|(target, _)| target))
}

fn leads_somewhere(file: &Path, target: &str) -> bool {
    let path = target.split('#').next().unwrap_or_default();
    path.is_empty()
        || target.contains("://")
        || target.starts_with("mailto:")
        || file.parent().is_some_and(|folder| folder.join(path).exists())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_to_a_file_that_is_not_there_leads_nowhere() {
        assert!(leads_somewhere(Path::new("Cargo.toml"), "#heading"));
        assert!(leads_somewhere(Path::new("README.md"), "https://example.org/x"));
        assert!(!leads_somewhere(Path::new("README.md"), "no/such/file.md"));
        assert_eq!(targets("see [a](x.md) and [b](y.md#z)").collect::<Vec<_>>(), ["x.md", "y.md#z"]);
    }
}
