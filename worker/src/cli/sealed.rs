//! Secrets in a file that is carried around: sealed with a passphrase (Argon2id, XChaCha20-Poly1305), or not in it at all.

use argon2::{Algorithm, Argon2, Params, Version};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{KeyInit, XChaCha20Poly1305, XNonce};
use serde::{Deserialize, Serialize};

/// What the key costs to make: 64 MiB, three times over; a guess costs the same.
const MEMORY_KIB: u32 = 64 << 10;
const PASSES: u32 = 3;
/// A file that asks for more is not one of ours.
const MOST_MEMORY_KIB: u32 = 512 << 10;
const MOST_PASSES: u32 = 16;
/// Bound to the sealed text, so that it opens as nothing else.
const PURPOSE: &[u8] = b"lineside export 1";

/// A sealed text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Sealed {
    kdf: String,
    memory_kib: u32,
    passes: u32,
    salt: String,
    cipher: String,
    nonce: String,
    text: String,
}

/// Why a text cannot be sealed or opened.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum SealError {
    #[error("the passphrase is not the one it was exported with, or the file was changed")]
    Wrong,
    #[error("its secret is sealed in a way this version does not know; update Lineside")]
    Unknown,
    #[error("a key cannot be made of the passphrase: {0}")]
    Key(String),
}

/// Seals a text.
pub(super) fn seal(text: &[u8], passphrase: &str) -> Result<Sealed, SealError> {
    let (salt, nonce): ([u8; 16], [u8; 24]) = (rand::random(), rand::random());
    let cipher = cipher(passphrase, &salt, MEMORY_KIB, PASSES)?;
    let sealed = cipher.encrypt(XNonce::from_slice(&nonce), Payload { msg: text, aad: PURPOSE }).map_err(|_| SealError::Wrong)?;
    Ok(Sealed {
        kdf: "argon2id".to_owned(),
        memory_kib: MEMORY_KIB,
        passes: PASSES,
        salt: STANDARD.encode(salt),
        cipher: "xchacha20poly1305".to_owned(),
        nonce: STANDARD.encode(nonce),
        text: STANDARD.encode(sealed),
    })
}

/// Opens what was sealed with this passphrase.
pub(super) fn open(sealed: &Sealed, passphrase: &str) -> Result<Vec<u8>, SealError> {
    let known = sealed.kdf == "argon2id" && sealed.cipher == "xchacha20poly1305";
    if !known || sealed.memory_kib > MOST_MEMORY_KIB || sealed.passes > MOST_PASSES {
        return Err(SealError::Unknown);
    }
    let bytes = |text: &String| STANDARD.decode(text).map_err(|_| SealError::Wrong);
    let (salt, nonce, text) = (bytes(&sealed.salt)?, bytes(&sealed.nonce)?, bytes(&sealed.text)?);
    if nonce.len() != 24 {
        return Err(SealError::Wrong);
    }
    let cipher = cipher(passphrase, &salt, sealed.memory_kib, sealed.passes)?;
    cipher.decrypt(XNonce::from_slice(&nonce), Payload { msg: &text, aad: PURPOSE }).map_err(|_| SealError::Wrong)
}

fn cipher(passphrase: &str, salt: &[u8], memory_kib: u32, passes: u32) -> Result<XChaCha20Poly1305, SealError> {
    let told = |error: argon2::Error| SealError::Key(error.to_string());
    let params = Params::new(memory_kib, passes, 1, Some(32)).map_err(told)?;
    let mut key = [0; 32];
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params).hash_password_into(passphrase.as_bytes(), salt, &mut key).map_err(told)?;
    Ok(XChaCha20Poly1305::new(&key.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sealed_opens_with_its_passphrase_alone_and_only_unchanged() {
        let sealed = seal(b"Y2FuYXJ5", "correct horse").unwrap();
        assert_eq!(open(&sealed, "correct horse").unwrap(), b"Y2FuYXJ5");
        assert_eq!(open(&sealed, "correct hors"), Err(SealError::Wrong));
        let changed = Sealed { text: STANDARD.encode(b"something else than it was"), ..sealed.clone() };
        assert_eq!(open(&changed, "correct horse"), Err(SealError::Wrong));
        let greedy = Sealed { memory_kib: u32::MAX, ..sealed.clone() };
        assert_eq!(open(&greedy, "correct horse"), Err(SealError::Unknown));
        assert_ne!(seal(b"Y2FuYXJ5", "correct horse").unwrap(), sealed, "salt and nonce are new each time");
    }
}
