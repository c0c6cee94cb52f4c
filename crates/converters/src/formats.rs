//! All formats, one module each, and which of them a file looks like. A new format is added here and nowhere else.

mod wrml;
mod wsjf;
mod wstf;
mod wsxf;

use serde_json::Value;

use crate::format::{Confidence, Format, Guess};
use crate::options::OptionProblem;

/// Every format, in the order they are listed to people.
static ALL: [&dyn Format; 4] = [&wsjf::Wsjf, &wsxf::Wsxf, &wrml::Wrml, &wstf::Wstf];

/// All formats.
pub fn formats() -> &'static [&'static dyn Format] {
    &ALL
}

/// The format of that name.
pub fn format(name: &str) -> Option<&'static dyn Format> {
    ALL.iter().copied().find(|format| format.name() == name)
}

/// Which formats a file may be of, best first; formats it is certainly not of are left out. Only the first 64 KiB count.
pub fn detect(file_name: &str, head: &[u8]) -> Vec<Guess> {
    let head = &head[..head.len().min(64 * 1024)];
    let guess = |format: &&dyn Format| Guess { format: format.name(), confidence: format.detect(file_name, head) };
    let mut guesses: Vec<Guess> = ALL.iter().map(guess).filter(|guess| guess.confidence > Confidence::NONE).collect();
    guesses.sort_by_key(|guess| std::cmp::Reverse(guess.confidence));
    guesses
}

/// Every problem with the options configured for a format.
pub fn check_options(format: &dyn Format, options: &Value) -> Vec<OptionProblem> {
    format.option_problems(options)
}
