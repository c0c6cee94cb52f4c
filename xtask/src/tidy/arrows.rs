//! Who may depend on whom: the arrows of ARCHITECTURE.md, held against `cargo metadata`.

use anyhow::{Context, Result};
use serde_json::Value;
use std::process::Command;

/// A member of the workspace and the members it may name. A member that is not listed may name none.
const MEMBERS: &[(&str, &[&str])] = &[
    ("report", &[]),
    ("converters", &["report"]),
    ("instance", &[]),
    ("store", &[]),
    ("wats", &[]),
    ("sandbox", &[]),
    ("lineside", &["report", "converters", "instance", "store", "wats", "sandbox"]),
    ("lineside-tray", &["instance", "store"]),
    ("e2e", &["instance", "store", "sandbox"]),
    ("bench", &["e2e", "sandbox", "store"]),
    ("faulty", &[]),
    ("xtask", &[]),
];

/// A library that only some members may name: one door for each kind of outside world.
const DOORS: &[(&str, &[&str])] = &[
    ("tauri", &["lineside-tray"]),
    ("notify", &["lineside"]),
    ("reqwest", &["wats"]),
    ("sysinfo", &["services", "lineside", "lineside-tray"]),
    ("async-nats", &["fleet"]),
    ("rusqlite", &["store", "sandbox", "e2e"]),
];

pub(crate) fn problems() -> Result<Vec<String>> {
    let output = Command::new("cargo")
        .args(["metadata", "--format-version", "1", "--no-deps"])
        .output()
        .context("cargo metadata could not be started")?;
    Ok(broken(&serde_json::from_slice(&output.stdout).context("cargo metadata did not answer with JSON")?))
}

fn broken(metadata: &Value) -> Vec<String> {
    let packages = metadata["packages"].as_array().map(Vec::as_slice).unwrap_or_default();
    let names: Vec<&str> = packages.iter().filter_map(|package| package["name"].as_str()).collect();
    let mut problems = Vec::new();
    for package in packages {
        let name = package["name"].as_str().unwrap_or_default();
        let allowed = MEMBERS.iter().find(|(member, _)| *member == name).map_or(&[][..], |(_, allowed)| *allowed);
        for dependency in package["dependencies"].as_array().into_iter().flatten() {
            let to = dependency["name"].as_str().unwrap_or_default();
            if names.contains(&to) && !allowed.contains(&to) {
                problems.push(format!("{name}/Cargo.toml: {name} must not depend on {to}; see the arrows in ARCHITECTURE.md"));
            }
            if let Some((_, doors)) = DOORS.iter().find(|(library, _)| *library == to)
                && !doors.contains(&name)
            {
                problems.push(format!("{name}/Cargo.toml: only {} may name {to}", doors.join(", ")));
            }
        }
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_arrow_that_points_up_is_named() {
        let metadata = json!({"packages": [
            {"name": "report", "dependencies": [{"name": "converters"}]},
            {"name": "converters", "dependencies": [{"name": "report"}, {"name": "reqwest"}]},
        ]});
        let problems = broken(&metadata);
        assert_eq!(problems.len(), 2, "{problems:?}");
        assert!(problems[0].contains("report must not depend on converters"));
        assert!(problems[1].contains("only wats may name reqwest"));
    }
}
