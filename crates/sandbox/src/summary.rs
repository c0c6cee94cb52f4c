//! What the server takes from a report, and the texts it refuses one with.

use jiff::{Timestamp, civil::DateTime};
use serde::Serialize;
use uuid::Uuid;

/// The format a report arrived in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// WATS Standard JSON Format.
    Wsjf,
    /// WATS Standard XML Format.
    Wsxf,
}

impl Format {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Format::Wsjf => "wsjf",
            Format::Wsxf => "wsxf",
        }
    }

    pub(crate) fn named(name: &str) -> Option<Format> {
        [Format::Wsjf, Format::Wsxf].into_iter().find(|format| format.name() == name)
    }

    pub(crate) fn media_type(self) -> &'static str {
        match self {
            Format::Wsjf => "application/json",
            Format::Wsxf => "application/xml",
        }
    }
}

/// The columns of a received report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Summary {
    pub(crate) id: Uuid,
    /// `T` test, `R` repair.
    pub(crate) kind: &'static str,
    pub(crate) sn: String,
    pub(crate) pn: String,
    pub(crate) rev: String,
    pub(crate) process: String,
    pub(crate) station: String,
    /// `P`, `F`, `E` or `T`.
    pub(crate) result: &'static str,
    pub(crate) start: String,
}

/// The most characters a name on the report's head may have.
const LONGEST: usize = 100;

/// Checks fields one by one and remembers every complaint, so that a caller learns all of them at once.
#[derive(Default)]
pub(crate) struct Inspection(Vec<String>);

impl Inspection {
    pub(crate) fn complain(&mut self, text: impl Into<String>) {
        self.0.push(text.into());
    }

    pub(crate) fn require(&mut self, name: &str, there: bool) {
        if !there {
            self.complain(format!("The {name} field is required."));
        }
    }

    /// A text that must be there and must not be blank.
    pub(crate) fn filled(&mut self, name: &str, value: Option<String>) -> String {
        self.present(name, value.filter(|text| !text.trim().is_empty()))
    }

    /// A text that must be there, if only as an empty one.
    pub(crate) fn present(&mut self, name: &str, value: Option<String>) -> String {
        self.require(name, value.is_some());
        let text = value.unwrap_or_default();
        if text.chars().count() > LONGEST {
            self.complain(format!("The field {name} must be a string with a maximum length of {LONGEST}."));
        }
        text
    }

    pub(crate) fn guid(&mut self, name: &str, value: Option<String>) -> Uuid {
        let text = self.filled(name, value);
        Uuid::parse_str(text.trim()).unwrap_or_else(|_| {
            if !text.is_empty() {
                self.complain(format!("The {name} field must be a GUID, but is '{text}'."));
            }
            Uuid::nil()
        })
    }

    pub(crate) fn date(&mut self, name: &str, value: Option<String>) -> String {
        let text = self.filled(name, value);
        if !text.is_empty() && !is_date(&text) {
            self.complain(format!("The {name} field must be a date and time (ISO 8601), but is '{text}'."));
        }
        text
    }

    /// One of `words`, each of which stands for a letter.
    pub(crate) fn word(&mut self, name: &str, value: Option<String>, words: &[(&str, &'static str)]) -> &'static str {
        let text = self.filled(name, value);
        let letter = words.iter().find(|(word, _)| *word == text).map(|(_, letter)| *letter);
        if letter.is_none() && !text.is_empty() {
            let allowed: Vec<_> = words.iter().map(|(word, _)| *word).collect();
            self.complain(format!("The {name} field must be one of {}, but is '{text}'.", allowed.join(", ")));
        }
        letter.unwrap_or_default()
    }

    /// The report, or one line per complaint.
    pub(crate) fn conclude(self, summary: Summary) -> Result<Summary, String> {
        if self.0.is_empty() { Ok(summary) } else { Err(self.0.join("\n")) }
    }
}

/// Lenient where the vendor's own examples are: `2020-01-01T08:00:00.Z` is a date.
fn is_date(text: &str) -> bool {
    let text = text.trim().replace(".Z", "Z");
    text.parse::<Timestamp>().is_ok() || text.parse::<DateTime>().is_ok()
}
