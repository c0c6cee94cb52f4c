//! The token and the proxy password: `secret.json`, and nowhere else.
//!
//! Promises: a [`Token`] never prints. The file is for its owner only from the first byte on; on Unix it is not read
//! while others may read it. The environment variable `WATS_TOKEN` counts only where there is no file:
//! with several instances on a machine, one variable must not send one server's token to another.
//!
//! At rest: Unix mode 0600. On Windows an access list of SYSTEM, Administrators and the file's owner (set by `icacls`,
//! a part of Windows), and inside it the text encrypted by DPAPI for this machine, so that a copied file is worth
//! nothing elsewhere while worker and tray app may be different accounts.

use std::{
    fmt, fs, io,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize, Serializer};

use crate::{
    Layout,
    replace::{Durability, patiently, replace_with},
};

#[cfg(windows)]
mod windows;
#[cfg(windows)]
use windows as vault;

#[cfg(not(windows))]
mod unix;
#[cfg(not(windows))]
use unix as vault;

/// The variable that counts where there is no file.
pub const TOKEN_VARIABLE: &str = "WATS_TOKEN";
/// What some Windows programs put before a text they save.
const BYTE_ORDER_MARK: char = '\u{feff}';

/// A secret text. `Debug` and `Display` show `***`; [`Token::expose`] is the only way to the text.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(String);

impl Token {
    /// A token as people paste it: a byte order mark, surrounding white space and one pair of quotes are taken off.
    /// `None` when nothing is left.
    pub fn new(text: &str) -> Option<Token> {
        let text = text.trim_start_matches(BYTE_ORDER_MARK).trim();
        let bare = ['"', '\''].iter().find_map(|quote| text.strip_prefix(*quote)?.strip_suffix(*quote)).unwrap_or(text).trim();
        (!bare.is_empty()).then(|| Token(bare.to_owned()))
    }

    /// The secret text, for the one place that sends it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

impl fmt::Display for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// What the worker needs to get in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Secret {
    /// The WATS token, as the server issued it.
    pub token: Token,
    /// Password of the proxy user of the settings.
    pub proxy_password: Option<Token>,
}

/// Why the secret cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// Others may read it.
    #[error("{} may be read by others (mode {mode:04o}). Run: {fix}; and if others use this machine, get a new token", path.display())]
    Exposed {
        /// The file.
        path: PathBuf,
        /// Its Unix mode.
        mode: u32,
        /// The command that closes it.
        fix: String,
    },
    /// The file cannot be read, written or protected.
    #[error("cannot {doing} {}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What was being done.
        doing: &'static str,
        /// The system's words.
        source: io::Error,
    },
    /// The file is not a secret file. The text never quotes it.
    #[error("{} is not a secret file ({reason}). Enter the token again", path.display())]
    Garbage {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
}

/// The file's text before it is protected. The only place where a token is serialised.
#[derive(Serialize, Deserialize)]
struct Stored {
    #[serde(default)]
    token: String,
    #[serde(default, skip_serializing_if = "Option::is_none", serialize_with = "exposed")]
    #[serde(deserialize_with = "token")]
    proxy_password: Option<Token>,
}

fn exposed<S: Serializer>(token: &Option<Token>, serializer: S) -> Result<S::Ok, S::Error> {
    token.as_ref().map(Token::expose).serialize(serializer)
}

fn token<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Token>, D::Error> {
    Ok(Option::<String>::deserialize(deserializer)?.as_deref().and_then(Token::new))
}

/// Reads the secret; `None` when there is neither a file with a token nor `WATS_TOKEN`.
///
/// # Errors
/// [`SecretError::Exposed`] when others may read the file (Unix), else when it cannot be read or is no secret file.
pub fn load(layout: &Layout, env: &dyn Fn(&str) -> Option<String>) -> Result<Option<Secret>, SecretError> {
    let stored = read(&layout.secret())?;
    let from_env = env(TOKEN_VARIABLE).as_deref().and_then(Token::new);
    let (token, proxy_password) = match stored {
        Some(stored) => (Token::new(&stored.token), stored.proxy_password),
        None => (None, None),
    };
    Ok(token.or(from_env).map(|token| Secret { token, proxy_password }))
}

/// Every secret text that stands in the file, whoever may read it: to find it in what is given away. Empty where there is none, or
/// none can be made out.
pub fn texts(layout: &Layout) -> Vec<Token> {
    let stored = exposed_or_not(layout);
    stored.into_iter().flat_map(|stored| Token::new(&stored.token).into_iter().chain(stored.proxy_password)).collect()
}

/// Puts another token in the place of the one that is there; the proxy password stays, also that of a file others could read, which is closed by this.
///
/// # Errors
/// As [`save`].
pub fn replace_token(layout: &Layout, token: Token) -> Result<(), SecretError> {
    let proxy_password = exposed_or_not(layout).and_then(|stored| stored.proxy_password);
    save(layout, &Secret { token, proxy_password })
}

fn exposed_or_not(layout: &Layout) -> Option<Stored> {
    let plain = vault::open(&fs::read(layout.secret()).ok()?).ok()?;
    serde_json::from_str(String::from_utf8_lossy(&plain).trim_start_matches(BYTE_ORDER_MARK)).ok()
}

/// Writes the secret, for its owner only.
///
/// # Errors
/// When the file cannot be written or protected; nothing readable by others is left then.
pub fn save(layout: &Layout, secret: &Secret) -> Result<(), SecretError> {
    let path = layout.secret();
    let stored = Stored { token: secret.token.expose().to_owned(), proxy_password: secret.proxy_password.clone() };
    write(&path, &stored).map_err(|source| SecretError::Io { path, doing: "write", source })
}

/// Removes the secret. None there is fine.
///
/// # Errors
/// When the file is there and stays.
pub fn remove(layout: &Layout) -> Result<(), SecretError> {
    let path = layout.secret();
    match patiently(|| fs::remove_file(&path)) {
        Err(source) if source.kind() != io::ErrorKind::NotFound => Err(SecretError::Io { path, doing: "remove", source }),
        _ => Ok(()),
    }
}

fn write(path: &Path, stored: &Stored) -> io::Result<()> {
    let bytes = vault::seal(&serde_json::to_vec(stored)?)?;
    replace_with(path, &bytes, 0o600, Durability::Synced, vault::restrict)
}

fn read(path: &Path) -> Result<Option<Stored>, SecretError> {
    let io = |source| SecretError::Io { path: path.to_owned(), doing: "read", source };
    let bytes = match patiently(|| fs::read(path)) {
        Ok(bytes) => bytes,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(e) => return Err(io(e)),
    };
    vault::refuse_exposed(path)?;
    let garbage = |reason: String| SecretError::Garbage { path: path.to_owned(), reason };
    let plain = vault::open(&bytes).map_err(|e| garbage(e.to_string()))?;
    let text = str::from_utf8(&plain).map_err(|_| garbage("it is not UTF-8".to_owned()))?;
    // serde's own text could quote the token
    let stored = serde_json::from_str(text.trim_start_matches(BYTE_ORDER_MARK));
    stored.map(Some).map_err(|e| garbage(format!("line {}, column {}: no JSON with a token", e.line(), e.column())))
}

#[cfg(test)]
mod tests;
