//! `.env` in an instance's folder: values for `${NAME}` in the settings of that instance, one `NAME=VALUE` a line. Sets nothing in the process.

use instance::config::ConfigError;
use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::path::Path;

/// The values in the file; none where there is no file.
pub(super) fn read(path: &Path) -> Result<BTreeMap<String, String>, ConfigError> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(values(&text)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(BTreeMap::new()),
        Err(source) => Err(ConfigError::Read { file: path.to_owned(), source }),
    }
}

/// Lines without a `=` and comments say nothing; quotes around a value do not belong to it.
fn values(text: &str) -> BTreeMap<String, String> {
    let pair = |line: &str| {
        let line = line.trim();
        let (name, value) = line.strip_prefix("export ").unwrap_or(line).split_once('=')?;
        (!line.starts_with('#')).then(|| (name.trim().to_owned(), unquoted(value.trim()).to_owned()))
    };
    text.trim_start_matches('\u{feff}').lines().filter_map(pair).collect()
}

fn unquoted(value: &str) -> &str {
    let within = |quote| value.strip_prefix(quote).and_then(|value| value.strip_suffix(quote));
    within('"').or_else(|| within('\'')).unwrap_or(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_gives_a_name_its_value_and_a_comment_gives_nothing() {
        let text = "# SITE=a\nSITE = Oslo\nexport HALL=\"3 # west\"\n\nQUOTE='it''s'\nnothing\nEMPTY=\n";
        let expected = [("EMPTY", ""), ("HALL", "3 # west"), ("QUOTE", "it''s"), ("SITE", "Oslo")];
        assert_eq!(values(text), expected.map(|(name, value)| (name.to_owned(), value.to_owned())).into());
    }

    #[test]
    fn no_file_is_no_value_and_no_error() {
        let folder = tempfile::tempdir().unwrap();
        assert!(read(&folder.path().join(".env")).unwrap().is_empty());
        assert!(read(folder.path()).is_err(), "a folder in its place is told");
    }
}
