//! The trace: what the program changed, in order, with all that is needed to make any moment of it again.
//!
//! A record, little-endian: u32 its length, u8 what (below), u8 0, u16 errno (0: done), u64 nanoseconds since 1970, u64 inode,
//! u64 offset or length, u16 and u16 lengths of two names, u32 length of the data; the names; the data. While a trace is kept
//! the calls that change something are made one after the other.

use crate::kernel::call;
use crate::names::Name;
use libc::c_int;
use std::os::fd::IntoRawFd;
use std::sync::atomic::{AtomicBool, AtomicI32, Ordering};

/// What a record tells of.
#[derive(Clone, Copy)]
#[repr(u8)]
pub(crate) enum What {
    /// A file was made.
    Create = 1,
    Write = 2,
    Sync = 3,
    /// The file has another length.
    Truncate = 4,
    Rename = 5,
    Link = 6,
    /// A name was removed, of a file or of a folder.
    Unlink = 7,
    Mkdir = 8,
}

/// One record.
pub(crate) struct Record<'a> {
    pub(crate) what: What,
    pub(crate) result: isize,
    pub(crate) inode: u64,
    pub(crate) at: u64,
    pub(crate) names: [&'a Name; 2],
    /// What was written: where it lies in memory, and how much of it.
    pub(crate) data: (usize, usize),
}

static FILE: AtomicI32 = AtomicI32::new(-1);
static TAKEN: AtomicBool = AtomicBool::new(false);

/// Opens the trace.
pub(crate) fn open(path: Option<String>) {
    let file = path.and_then(|path| std::fs::OpenOptions::new().append(true).create(true).open(path).ok());
    FILE.store(file.map_or(-1, IntoRawFd::into_raw_fd), Ordering::SeqCst);
}

pub(crate) fn is_on() -> bool {
    FILE.load(Ordering::Relaxed) >= 0
}

/// Whether this is the trace itself.
pub(crate) fn is_ours(fd: c_int) -> bool {
    is_on() && FILE.load(Ordering::Relaxed) == fd
}

/// The turn of one call; the next one begins when it is dropped.
pub(crate) struct Turn(());

impl Turn {
    /// Waits for it; at once when no trace is kept.
    pub(crate) fn wait() -> Option<Turn> {
        if !is_on() {
            return None;
        }
        while TAKEN.swap(true, Ordering::Acquire) {
            call(libc::SYS_sched_yield, [0; 6]);
        }
        Some(Turn(()))
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        TAKEN.store(false, Ordering::Release);
    }
}

/// Appends a record, in one write.
pub(crate) fn note(record: &Record<'_>) {
    if !is_on() {
        return;
    }
    let [one, two] = record.names.map(Name::bytes);
    let (data, data_len) = record.data;
    let mut head = [0u8; 40];
    let errno = if record.result < 0 { (-record.result) as u16 } else { 0 };
    head[..4].copy_from_slice(&((head_len() + one.len() + two.len() + data_len) as u32).to_le_bytes());
    head[4] = record.what as u8;
    head[6..8].copy_from_slice(&errno.to_le_bytes());
    head[8..16].copy_from_slice(&now().to_le_bytes());
    head[16..24].copy_from_slice(&record.inode.to_le_bytes());
    head[24..32].copy_from_slice(&record.at.to_le_bytes());
    head[32..34].copy_from_slice(&(one.len() as u16).to_le_bytes());
    head[34..36].copy_from_slice(&(two.len() as u16).to_le_bytes());
    head[36..40].copy_from_slice(&(data_len as u32).to_le_bytes());
    let parts =
        [(head.as_ptr() as usize, head.len()), (one.as_ptr() as usize, one.len()), (two.as_ptr() as usize, two.len()), (data, data_len)];
    let fd = FILE.load(Ordering::Relaxed) as usize;
    // A pair of words is an `iovec`.
    call(libc::SYS_writev, [fd, parts.map(|(at, len)| [at, len]).as_ptr() as usize, 4, 0, 0, 0]);
}

const fn head_len() -> usize {
    40
}

fn now() -> u64 {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    call(libc::SYS_clock_gettime, [libc::CLOCK_REALTIME as usize, &raw mut time as usize, 0, 0, 0, 0]);
    time.tv_sec as u64 * 1_000_000_000 + time.tv_nsec as u64
}
