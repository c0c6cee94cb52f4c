//! Which calls count, and what becomes of the n-th: read once from the environment, then only counted.

use crate::kernel::{call, die, stall};
use crate::names::Name;
use crate::trace;
use libc::{AT_FDCWD, c_int};
use std::ffi::CString;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

/// Kinds of calls, as bits.
pub(crate) mod kind {
    pub(crate) const OPEN: u32 = 1;
    pub(crate) const CREATE: u32 = 1 << 1;
    pub(crate) const WRITE: u32 = 1 << 2;
    pub(crate) const SYNC: u32 = 1 << 3;
    pub(crate) const TRUNCATE: u32 = 1 << 4;
    pub(crate) const RENAME: u32 = 1 << 5;
    pub(crate) const LINK: u32 = 1 << 6;
    pub(crate) const UNLINK: u32 = 1 << 7;
    pub(crate) const MKDIR: u32 = 1 << 8;
    pub(crate) const COPY: u32 = 1 << 9;
    pub(crate) const READ: u32 = 1 << 10;
    pub(crate) const NET: u32 = 1 << 11;
}

const KINDS: &[(&str, u32)] = &[
    ("open", kind::OPEN),
    ("create", kind::CREATE),
    ("write", kind::WRITE),
    ("sync", kind::SYNC),
    ("truncate", kind::TRUNCATE),
    ("rename", kind::RENAME),
    ("link", kind::LINK),
    ("unlink", kind::UNLINK),
    ("mkdir", kind::MKDIR),
    ("copy", kind::COPY),
    ("read", kind::READ),
    ("net", kind::NET),
];

const ERRORS: &[(&str, c_int)] = &[
    ("EIO", libc::EIO),
    ("ENOSPC", libc::ENOSPC),
    ("EROFS", libc::EROFS),
    ("EMFILE", libc::EMFILE),
    ("EDQUOT", libc::EDQUOT),
    ("EFBIG", libc::EFBIG),
    ("EACCES", libc::EACCES),
];

#[derive(Clone, Copy)]
enum Fault {
    Fail(c_int),
    Kill,
    Stall(u64),
}

struct Plan {
    root: Vec<u8>,
    only: Vec<u8>,
    kinds: u32,
    /// The first call that fails, and the first one after it that does not.
    from: u64,
    until: u64,
    fault: Option<Fault>,
    after: bool,
    switch: Option<CString>,
}

static PLAN: OnceLock<Option<Plan>> = OnceLock::new();
static COUNTED: AtomicU64 = AtomicU64::new(0);
/// The counters in their file, where one is asked for.
static SHOWN: OnceLock<Option<&'static [AtomicU64; 2]>> = OnceLock::new();

/// Reads the environment.
pub(crate) fn read() {
    let plan = PLAN.get_or_init(|| {
        let root = var("FAULTY_ROOT")?.into_bytes();
        let kinds = var("FAULTY_OPS").unwrap_or_default();
        let kinds = kinds.split(',').filter_map(|word| KINDS.iter().find(|(name, _)| *name == word)).fold(0, |all, (_, bit)| all | bit);
        let at = var("FAULTY_AT").unwrap_or_default();
        let (from, until) = at.split_once("..").map_or((at.parse().ok(), None), |(from, to)| (from.parse().ok(), to.parse().ok()));
        let from: u64 = from.unwrap_or(u64::MAX);
        let more = match var("FAULTY_FOR").as_deref() {
            Some("forever") => u64::MAX,
            text => text.and_then(|text| text.parse().ok()).unwrap_or(1),
        };
        let until = until.map_or(from.saturating_add(more), |last: u64| last.saturating_add(1));
        let fault = var("FAULTY_WITH").and_then(|word| fault(&word));
        let only = var("FAULTY_ONLY").unwrap_or_default().into_bytes();
        let switch = var("FAULTY_SWITCH").and_then(|path| CString::new(path).ok());
        Some(Plan { root, only, kinds, from, until, fault, after: var("FAULTY_AFTER").is_some(), switch })
    });
    let _ = SHOWN.set(plan.as_ref().and(var("FAULTY_COUNT")).and_then(|path| shown(&path)));
    trace::open(plan.as_ref().and(var("FAULTY_TRACE")));
}

/// Whether anything is to be done at all.
pub(crate) fn is_on() -> bool {
    plan().is_some()
}

fn plan() -> Option<&'static Plan> {
    PLAN.get().and_then(Option::as_ref)
}

fn var(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|text| !text.is_empty())
}

fn fault(word: &str) -> Option<Fault> {
    if word == "KILL" {
        return Some(Fault::Kill);
    }
    if let Some(ms) = word.strip_prefix("STALL:") {
        return ms.parse().ok().map(Fault::Stall);
    }
    ERRORS.iter().find(|(name, _)| *name == word).map(|(_, code)| Fault::Fail(*code))
}

/// The counters, mapped, so that they outlive the process.
fn shown(path: &str) -> Option<&'static [AtomicU64; 2]> {
    let file = std::fs::OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path).ok()?;
    file.set_len(16).ok()?;
    let fd = std::os::fd::AsRawFd::as_raw_fd(&file);
    // SAFETY: a new mapping of 16 bytes of our own file, kept for the life of the process; zeroes are counters.
    unsafe {
        let place = libc::mmap(core::ptr::null_mut(), 16, libc::PROT_READ | libc::PROT_WRITE, libc::MAP_SHARED, fd, 0);
        (place != libc::MAP_FAILED).then(|| &*place.cast())
    }
}

/// Whether the name is below the folder that matters.
pub(crate) fn is_below(name: &Name) -> bool {
    plan().is_some_and(|plan| {
        let rest = name.bytes().strip_prefix(plan.root.as_slice());
        rest.is_some_and(|rest| rest.is_empty() || rest[0] == b'/')
    })
}

/// Whether a call of these kinds could count at all, so that the name of its file is wanted.
pub(crate) fn wants(kinds: u32) -> bool {
    plan().is_some_and(|plan| plan.kinds & kinds != 0) || (trace::is_on() && kinds & (kind::READ | kind::NET) == 0)
}

/// Makes the call, or what becomes of it. `kinds` are those it is of.
pub(crate) fn carry_out(kinds: u32, names: &[&Name], real: impl FnOnce() -> isize) -> isize {
    let Some(plan) = plan().filter(|plan| counts(plan, kinds, names)) else { return real() };
    let number = COUNTED.fetch_add(1, Ordering::SeqCst) + 1;
    let shown = SHOWN.get().copied().flatten();
    if let Some(shown) = shown {
        shown[0].store(number, Ordering::SeqCst);
    }
    let Some(fault) = plan.fault.filter(|_| (plan.from..plan.until).contains(&number)) else { return real() };
    if let Some(shown) = shown {
        shown[1].fetch_add(1, Ordering::SeqCst);
    }
    match fault {
        Fault::Stall(ms) if plan.after => {
            let result = real();
            stall(ms);
            result
        }
        Fault::Stall(ms) => {
            stall(ms);
            real()
        }
        Fault::Kill => {
            if plan.after {
                real();
            }
            die()
        }
        Fault::Fail(code) => {
            if plan.after {
                real();
            }
            -(code as isize)
        }
    }
}

fn counts(plan: &Plan, kinds: u32, names: &[&Name]) -> bool {
    let named = |name: &&Name| (is_below(name) || kinds & kind::NET != 0) && contains(name.bytes(), &plan.only);
    let on =
        || plan.switch.as_ref().is_none_or(|path| call(libc::SYS_faccessat, [AT_FDCWD as usize, path.as_ptr() as usize, 0, 0, 0, 0]) == 0);
    plan.kinds & kinds != 0 && names.iter().any(named) && on()
}

fn contains(text: &[u8], part: &[u8]) -> bool {
    part.is_empty() || text.windows(part.len()).any(|window| window == part)
}
