//! Bodies as they lie in the file: one zstd frame each, of the JSON text and a line feed, so that frames written one
//! after another make a file that `zstdcat` turns into JSON Lines.

use uuid::Uuid;
use zstd::bulk::{Compressor, Decompressor};
use zstd::zstd_safe::CParameter;

use crate::error::StoreError;

const LEVEL: i32 = 3;

/// A body ready to be stored.
#[derive(Debug)]
pub(crate) struct Packed {
    pub(crate) hash: [u8; 32],
    /// Length of the JSON text in bytes, without the line feed.
    pub(crate) size: usize,
    pub(crate) frame: Vec<u8>,
}

/// Compresses a body (JSON text without a line feed) into a frame with a checksum.
pub(crate) fn pack(id: Uuid, mut body: Vec<u8>) -> Result<Packed, StoreError> {
    let hash = *blake3::hash(&body).as_bytes();
    let size = body.len();
    body.push(b'\n');
    let mut compressor = Compressor::new(LEVEL).map_err(|error| failed(id, &error))?;
    compressor.set_parameter(CParameter::ChecksumFlag(true)).map_err(|error| failed(id, &error))?;
    let frame = compressor.compress(&body).map_err(|error| failed(id, &error))?;
    Ok(Packed { hash, size, frame })
}

fn failed(id: Uuid, error: &std::io::Error) -> StoreError {
    StoreError::Compression { id, message: error.to_string() }
}

/// The body inside a frame, or `None` when frame, size and hash do not agree: a damaged body is never handed out.
pub(crate) fn unpack(frame: &[u8], size: usize, hash: &[u8; 32]) -> Option<Vec<u8>> {
    // a damaged size must not make us ask for more memory than the frame itself says it needs
    let capacity = size.checked_add(1).filter(|need| Decompressor::upper_bound(frame) == Some(*need))?;
    let mut body = zstd::bulk::decompress(frame, capacity).ok()?;
    let whole = body.pop() == Some(b'\n') && body.len() == size && blake3::hash(&body).as_bytes() == hash;
    whole.then_some(body)
}
