//! Reads the trace that a faulty disk keeps; how it is written stands in `tests/faulty/src/trace.rs`.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// What a record tells of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum What {
    Create,
    Write,
    Sync,
    Truncate,
    Rename,
    Link,
    Unlink,
    Mkdir,
}

/// One call.
#[derive(Debug, Clone)]
pub(super) struct Record {
    pub(super) what: What,
    pub(super) failed: bool,
    /// Milliseconds since 1970.
    pub(super) ms: i64,
    pub(super) inode: u64,
    pub(super) at: u64,
    pub(super) names: [PathBuf; 2],
    pub(super) data: Vec<u8>,
}

/// All records of a trace, in order.
pub(super) fn read(path: &Path) -> Vec<Record> {
    let bytes = fs::read(path).expect("the trace");
    let (mut rest, mut records) = (&bytes[..], Vec::new());
    while let Some((record, more)) = next(rest) {
        records.push(record);
        rest = more;
    }
    assert!(rest.is_empty(), "the trace ends in the middle of a record");
    records
}

fn next(bytes: &[u8]) -> Option<(Record, &[u8])> {
    let number =
        |at: usize, len: usize| bytes.get(at..at + len).map(|word| word.iter().rev().fold(0_u64, |all, byte| all << 8 | u64::from(*byte)));
    let size = |at: usize, len: usize| number(at, len).and_then(|number| usize::try_from(number).ok());
    let what = match bytes.get(4)? {
        1 => What::Create,
        2 => What::Write,
        3 => What::Sync,
        4 => What::Truncate,
        5 => What::Rename,
        6 => What::Link,
        7 => What::Unlink,
        8 => What::Mkdir,
        _ => return None,
    };
    let (one, two, data, len) = (size(32, 2)?, size(34, 2)?, size(36, 4)?, size(0, 4)?);
    let name = |from: usize, len: usize| PathBuf::from(OsStr::from_bytes(&bytes[from..from + len]));
    let record = Record {
        what,
        failed: number(6, 2)? != 0,
        ms: i64::try_from(number(8, 8)? / 1_000_000).ok()?,
        inode: number(16, 8)?,
        at: number(24, 8)?,
        names: [name(40, one), name(40 + one, two)],
        data: bytes.get(40 + one + two..40 + one + two + data)?.to_vec(),
    };
    Some((record, bytes.get(len..)?))
}
