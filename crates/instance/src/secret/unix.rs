//! Unix keeps the secret as plain JSON in a file of mode 0600.

use std::{fs, io, os::unix::fs::PermissionsExt, path::Path};

use super::SecretError;

/// The bytes to store.
pub(super) fn seal(plain: &[u8]) -> io::Result<Vec<u8>> {
    Ok(plain.to_vec())
}

/// The text of stored bytes.
pub(super) fn open(stored: &[u8]) -> io::Result<Vec<u8>> {
    Ok(stored.to_vec())
}

/// Nothing to add to the mode the file is made with.
pub(super) fn restrict(_: &Path) -> io::Result<()> {
    Ok(())
}

/// Refuses a file that its group or everyone may use.
pub(super) fn refuse_exposed(path: &Path) -> Result<(), SecretError> {
    let metadata = fs::metadata(path);
    let metadata = metadata.map_err(|source| SecretError::Io { path: path.to_owned(), doing: "read", source })?;
    match metadata.permissions().mode() & 0o7777 {
        mode if mode & 0o077 == 0 => Ok(()),
        mode => Err(SecretError::Exposed { path: path.to_owned(), mode, fix: format!("chmod 600 '{}'", path.display()) }),
    }
}
