//! Bodies as they lie in the file: one zstd frame each, of the JSON text and a line feed, so that frames written one
//! after another make a file that `zstdcat` turns into JSON Lines.
//!
//! Each thread keeps its workspace: for a report of a few kilobytes, making one costs more than the work in it.

use std::cell::RefCell;
use std::io;

use uuid::Uuid;
use zstd::bulk::{Compressor, Decompressor};
use zstd::zstd_safe::CParameter;

use crate::error::StoreError;

const LEVEL: i32 = 3;

thread_local! {
    static COMPRESSOR: RefCell<Option<Compressor<'static>>> = const { RefCell::new(None) };
    static DECOMPRESSOR: RefCell<Option<Decompressor<'static>>> = const { RefCell::new(None) };
}

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
    let frame = compress(&body).map_err(|error| StoreError::Compression { id, message: error.to_string() })?;
    Ok(Packed { hash, size, frame })
}

fn compress(body: &[u8]) -> io::Result<Vec<u8>> {
    COMPRESSOR.with_borrow_mut(|kept| match kept {
        Some(compressor) => compressor.compress(body),
        None => {
            let mut compressor = Compressor::new(LEVEL)?;
            compressor.set_parameter(CParameter::ChecksumFlag(true))?;
            kept.insert(compressor).compress(body)
        }
    })
}

fn decompress(frame: &[u8], capacity: usize) -> io::Result<Vec<u8>> {
    DECOMPRESSOR.with_borrow_mut(|kept| match kept {
        Some(decompressor) => decompressor.decompress(frame, capacity),
        None => kept.insert(Decompressor::new()?).decompress(frame, capacity),
    })
}

/// The body inside a frame, or `None` when frame, size and hash do not agree: a damaged body is never handed out.
pub(crate) fn unpack(frame: &[u8], size: usize, hash: &[u8; 32]) -> Option<Vec<u8>> {
    // a damaged size must not make us ask for more memory than the frame itself says it needs
    let capacity = size.checked_add(1).filter(|need| Decompressor::upper_bound(frame) == Some(*need))?;
    let mut body = decompress(frame, capacity).ok()?;
    let whole = body.pop() == Some(b'\n') && body.len() == size && blake3::hash(&body).as_bytes() == hash;
    whole.then_some(body)
}
