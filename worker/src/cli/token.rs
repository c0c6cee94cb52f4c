//! The token on its way from a file or standard input to `secret.json`. It is never an argument: those are seen by everybody on the machine.

use crate::connection;
use crate::exit::{Exit, Fatal};
use instance::{Layout, Secret, Token};
use std::io::Read;
use std::path::Path;

/// The token in a file, or with `-` on standard input.
pub(super) fn read(path: &Path) -> Result<Token, Fatal> {
    let mut text = String::new();
    let stdin = path == Path::new("-");
    let read =
        if stdin { std::io::stdin().read_to_string(&mut text).map(|_| ()) } else { std::fs::read_to_string(path).map(|read| text = read) };
    let place = if stdin { "standard input".to_owned() } else { path.display().to_string() };
    read.map_err(|error| Fatal::new(Exit::NotFound, format!("the token cannot be read from {place}: {error}")))?;
    Token::new(&text).ok_or_else(|| Fatal::new(Exit::Usage, format!("there is no token in {place}")))
}

/// Keeps the token, and the password of the proxy where there is one.
pub(super) fn save(layout: &Layout, token: Token) -> Result<(), Fatal> {
    let proxy_password = connection::secret(layout)?.and_then(|secret| secret.proxy_password);
    instance::secret::save(layout, &Secret { token, proxy_password }).map_err(|error| Fatal::new(Exit::Permission, error))
}
