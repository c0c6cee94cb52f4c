//! Which version a document has, and the steps to ours. A step works on raw JSON and is frozen once released: it never
//! uses today's types.

use std::path::Path;

use serde_json::Value;

use super::{CONFIG_VERSION, ConfigError, Migration, Problem, check::shown, pywats};

/// The document in our version, and what the migration found, if there was one.
pub(crate) fn migrate(document: Value, file: &Path) -> Result<(Value, Option<Migration>), ConfigError> {
    match version(&document) {
        Version::Ours => Ok((document, None)),
        Version::PyWats(from) => {
            let (document, migration) = pywats::migrate(document, from);
            Ok((document, Some(migration)))
        }
        Version::Newer(found) => Err(ConfigError::Newer { file: file.to_owned(), found, known: CONFIG_VERSION }),
        Version::Unclear(problem) => Err(ConfigError::Invalid { file: file.to_owned(), problems: vec![problem] }),
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Version {
    /// Also without a version: a file written by hand.
    Ours,
    /// "1.0" and "2.0" are pyWATS's.
    PyWats(String),
    Newer(String),
    Unclear(Problem),
}

fn version(document: &Value) -> Version {
    let Some(version) = document.get("schema_version") else { return Version::Ours };
    let text = version.as_str().map_or_else(|| version.to_string(), str::to_owned);
    match text.split('.').next().and_then(|major| major.trim().parse::<u32>().ok()) {
        Some(1 | 2) => Version::PyWats(text),
        Some(CONFIG_VERSION) => Version::Ours,
        Some(major) if major > CONFIG_VERSION => Version::Newer(text),
        _ => Version::Unclear(Problem::new("schema_version", shown(version), CONFIG_VERSION.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_version_decides_what_is_done_with_a_file() {
        for (document, expected) in [
            (json!({}), Version::Ours),
            (json!({"schema_version": 3}), Version::Ours),
            (json!({"schema_version": "1.0"}), Version::PyWats("1.0".into())),
            (json!({"schema_version": "2.0"}), Version::PyWats("2.0".into())),
            (json!({"schema_version": 2}), Version::PyWats("2".into())),
            (json!({"schema_version": 4}), Version::Newer("4".into())),
            (json!({"schema_version": "10.2"}), Version::Newer("10.2".into())),
        ] {
            assert_eq!(version(&document), expected);
        }
        for unclear in [json!(0), json!("new"), json!(null), json!([])] {
            assert!(matches!(version(&json!({ "schema_version": unclear })), Version::Unclear(_)));
        }
    }
}
