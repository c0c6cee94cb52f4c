//! How a report, a step or a measurement ended.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::words;

/// The result of a report and the status of a step or measurement; written as one letter.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// `P`
    Passed,
    /// `F`
    Failed,
    /// `D`: ran, nothing to judge. WATS asks to prefer `P`.
    Done,
    /// `S`
    Skipped,
    /// `E`: the test itself went wrong.
    Error,
    /// `T`: stopped from outside.
    Terminated,
    /// A word WATS does not know, as in the source.
    Other(String),
}

static WORDS: [(Outcome, &[&str]); 6] = [
    (Outcome::Passed, &["P", "Passed", "Pass", "OK"]),
    (Outcome::Failed, &["F", "Failed", "Fail", "NG"]),
    (Outcome::Done, &["D", "Done"]),
    (Outcome::Skipped, &["S", "Skipped", "Skip"]),
    (Outcome::Error, &["E", "Error", "Err"]),
    (Outcome::Terminated, &["T", "Terminated", "Terminate", "Aborted", "Abort"]),
];

impl Outcome {
    /// Reads a letter or a word in any case: `P`, `Passed`, `pass`, `ok`, `NG` … Anything else is kept as [`Outcome::Other`].
    pub fn parse(text: &str) -> Outcome {
        let word = text.trim();
        let known = WORDS.iter().find(|(_, words)| words.iter().any(|known| known.eq_ignore_ascii_case(word)));
        known.map_or_else(|| Outcome::Other(text.to_owned()), |(outcome, _)| outcome.clone())
    }

    /// The letter WATS uses, or the source's own word where it is not a known one.
    pub fn letter(&self) -> &str {
        match self {
            Outcome::Passed => "P",
            Outcome::Failed => "F",
            Outcome::Done => "D",
            Outcome::Skipped => "S",
            Outcome::Error => "E",
            Outcome::Terminated => "T",
            Outcome::Other(word) => word,
        }
    }

    /// How bad it is: 0 for passed, done, skipped and unknown words, then failed, terminated, error.
    pub fn severity(&self) -> u8 {
        match self {
            Outcome::Passed | Outcome::Done | Outcome::Skipped | Outcome::Other(_) => 0,
            Outcome::Failed => 1,
            Outcome::Terminated => 2,
            Outcome::Error => 3,
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.letter())
    }
}

impl<'de> Deserialize<'de> for Outcome {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        words::read(deserializer, "a status such as \"P\" or \"F\"", |text| Some(Outcome::parse(text)))
    }
}

impl Serialize for Outcome {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        words::write(serializer, self.letter())
    }
}

#[cfg(test)]
mod tests {
    use super::Outcome;

    #[test]
    fn words_in_any_case_are_read_and_strange_ones_kept() {
        for (text, letter) in [
            ("P", "P"),
            ("passed", "P"),
            ("ok", "P"),
            ("NG", "F"),
            (" Fail ", "F"),
            ("Done", "D"),
            ("skip", "S"),
            ("ERR", "E"),
            ("aborted", "T"),
        ] {
            let outcome = Outcome::parse(text);
            assert_eq!(outcome.letter(), letter, "{text}");
            assert!(!matches!(outcome, Outcome::Other(_)), "{text}");
        }
        assert_eq!(Outcome::parse(" looping"), Outcome::Other(" looping".to_owned()));
    }
}
