//! The name of an instance. It becomes a folder, a unit name and part of a file name on every system, so it is narrow.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// Longest instance id, in characters.
const MAX_LEN: usize = 64;
/// Names Windows keeps for devices, whatever the extension.
const RESERVED: [&str; 4] = ["con", "prn", "aux", "nul"];

/// The id of an instance: `[a-z0-9][a-z0-9_-]{0,63}`, and none of the names Windows keeps for devices.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct InstanceId(String);

impl InstanceId {
    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Why a text is not an instance id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} cannot name an instance: {reason}. Use 1 to 64 of a-z, 0-9, - and _, beginning with a letter or digit")]
pub struct InvalidId {
    text: String,
    reason: String,
}

impl FromStr for InstanceId {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        match fault(text) {
            None => Ok(InstanceId(text.to_owned())),
            Some(reason) => Err(InvalidId { text: text.to_owned(), reason }),
        }
    }
}

fn fault(text: &str) -> Option<String> {
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '_';
    if text.is_empty() {
        return Some("it is empty".to_owned());
    }
    if let Some(c) = text.chars().find(|c| !allowed(*c)) {
        return Some(format!("{c:?} is not allowed"));
    }
    if text.starts_with(['-', '_']) {
        return Some("it begins with - or _".to_owned());
    }
    if text.len() > MAX_LEN {
        return Some(format!("it has {} characters", text.len()));
    }
    is_device(text).then(|| "Windows keeps this name for a device".to_owned())
}

fn is_device(text: &str) -> bool {
    let port = text.strip_prefix("com").or_else(|| text.strip_prefix("lpt"));
    RESERVED.contains(&text) || port.is_some_and(|n| n.len() == 1 && n.as_bytes()[0].is_ascii_digit())
}

impl fmt::Display for InstanceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for InstanceId {
    type Error = InvalidId;

    fn try_from(text: String) -> Result<Self, InvalidId> {
        text.parse()
    }
}

impl From<InstanceId> for String {
    fn from(id: InstanceId) -> String {
        id.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_a_safe_folder_name_on_every_system() {
        for good in ["default", "ict-1", "0", "line_3", "com10", "console", &"a".repeat(64)] {
            assert_eq!(good.parse::<InstanceId>().unwrap().as_str(), good);
        }
        for bad in ["", "-a", "_a", "A", "a b", "a/b", "..", "a.b", "con", "nul", "com1", "lpt9", "ü", &"a".repeat(65)] {
            assert!(bad.parse::<InstanceId>().is_err(), "{bad} must be refused");
        }
    }

    #[test]
    fn the_error_says_what_is_wrong_and_what_is_allowed() {
        let text = "Line 3".parse::<InstanceId>().unwrap_err().to_string();
        assert!(text.contains("'L' is not allowed"), "{text}");
        assert!(text.contains("Use 1 to 64 of a-z"), "{text}");
    }
}
