//! Windows keeps the secret encrypted by DPAPI for this machine, in a file only SYSTEM, Administrators and its owner
//! may open.
//!
//! DPAPI alone would let every program on the machine decrypt it, the access list alone would let a copy be read
//! elsewhere: each closes the other's gap.

use std::{io, path::Path, process::Command};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::{Deserialize, Serialize};
use windows_dpapi::{Scope, decrypt_data, encrypt_data};

use super::SecretError;

/// Ties the cipher text to this use; not itself a secret.
const PURPOSE: &[u8] = b"lineside secret v1";
/// SYSTEM, Administrators, the owner of the file: numbers, because the names are translated.
const ALLOWED: [&str; 3] = ["*S-1-5-18:F", "*S-1-5-32-544:F", "*S-1-3-4:F"];

#[derive(Serialize, Deserialize)]
struct Sealed {
    dpapi: String,
}

/// The bytes to store.
pub(super) fn seal(plain: &[u8]) -> io::Result<Vec<u8>> {
    let cipher = encrypt_data(plain, Scope::Machine, Some(PURPOSE)).map_err(io::Error::other)?;
    Ok(serde_json::to_vec(&Sealed { dpapi: STANDARD.encode(cipher) })?)
}

/// The text of stored bytes. A file written by hand, as plain JSON, is taken as it is.
pub(super) fn open(stored: &[u8]) -> io::Result<Vec<u8>> {
    let Ok(sealed) = serde_json::from_slice::<Sealed>(stored) else { return Ok(stored.to_vec()) };
    let cipher = STANDARD.decode(sealed.dpapi).map_err(io::Error::other)?;
    decrypt_data(&cipher, Scope::Machine, Some(PURPOSE)).map_err(|_| io::Error::other("it was encrypted on another machine"))
}

/// Takes inherited rights away and names those who may open the file.
pub(super) fn restrict(path: &Path) -> io::Result<()> {
    let mut command = Command::new("icacls");
    command.arg(path).args(["/inheritance:r", "/grant:r"]).args(ALLOWED);
    // CREATE_NO_WINDOW: the tray app has no console to show one in
    std::os::windows::process::CommandExt::creation_flags(&mut command, 0x0800_0000);
    let output = command.output().map_err(|e| io::Error::new(e.kind(), format!("icacls did not start: {e}")))?;
    if output.status.success() {
        return Ok(());
    }
    let words = String::from_utf8_lossy(&output.stdout);
    Err(io::Error::other(format!("icacls could not restrict it: {}", words.trim())))
}

/// The access list is set on writing; reading it back would need translated names.
pub(super) fn refuse_exposed(_: &Path) -> Result<(), SecretError> {
    Ok(())
}
