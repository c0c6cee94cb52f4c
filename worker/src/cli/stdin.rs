//! What a program hands over on standard input: documents too long for an argument, and secrets, which everybody on the machine could read there.

use crate::exit::{Exit, Fatal};
use serde::de::DeserializeOwned;
use std::io::{BufRead, Read};
use std::path::Path;

/// The JSON on standard input; `what` is said when it is none.
pub(super) fn json<T: DeserializeOwned>(what: &str) -> Result<T, Fatal> {
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text).map_err(|error| unreadable(what, &error))?;
    parsed(what, &text)
}

/// The JSON in a file, or with `-` on standard input.
pub(super) fn json_in<T: DeserializeOwned>(what: &str, path: &Path) -> Result<T, Fatal> {
    if path == Path::new("-") {
        return json(what);
    }
    let text = std::fs::read_to_string(path).map_err(|error| unreadable(what, &error))?;
    parsed(what, &text)
}

/// The first line, without its end.
pub(super) fn line(what: &str) -> Result<String, Fatal> {
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line).map_err(|error| unreadable(what, &error))?;
    let line = line.trim_end_matches(['\r', '\n']).to_owned();
    if line.is_empty() { Err(Fatal::new(Exit::Usage, format!("there is no {what} on standard input"))) } else { Ok(line) }
}

/// serde's own words could quote a secret.
fn parsed<T: DeserializeOwned>(what: &str, text: &str) -> Result<T, Fatal> {
    serde_json::from_str(text).map_err(|error| {
        let (line, column) = (error.line(), error.column());
        Fatal::new(Exit::Usage, format!("{what} cannot be read: no JSON of the right shape at line {line}, column {column}"))
    })
}

fn unreadable(what: &str, error: &std::io::Error) -> Fatal {
    Fatal::new(Exit::Usage, format!("{what} cannot be read: {error}"))
}
