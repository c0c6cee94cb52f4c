//! Which file a call is about: its whole path, without allocating.

use crate::kernel::call;
use libc::{AT_FDCWD, c_char, c_int};

const MOST: usize = 2 * 4096;

/// A whole path, or what the kernel calls an open file that has none (`socket:[7]`); empty when it cannot be told.
pub(crate) struct Name {
    bytes: [u8; MOST],
    len: usize,
}

impl Name {
    pub(crate) const fn none() -> Name {
        Name { bytes: [0; MOST], len: 0 }
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes[..self.len]
    }

    /// Of an open file, where it is now.
    pub(crate) fn of(fd: c_int) -> Name {
        let mut name = Name::none();
        let mut link = *b"/proc/self/fd/\0\0\0\0\0\0\0\0\0\0\0\0";
        write_number(&mut link[14..], fd.unsigned_abs());
        name.read_link(&link);
        name
    }

    /// Of what a path given to a call leads to.
    pub(crate) fn at(folder: c_int, path: *const c_char) -> Name {
        if path.is_null() {
            return Name::none();
        }
        // SAFETY: the program gives a C string to a call that wants one.
        let path = unsafe { core::ffi::CStr::from_ptr(path) }.to_bytes();
        let mut name = Name::none();
        if path.first() != Some(&b'/') {
            match folder {
                AT_FDCWD => name.read_link(b"/proc/self/cwd\0"),
                folder => name = Name::of(folder),
            }
            name.push(b"/");
        }
        name.push(path);
        name
    }

    fn read_link(&mut self, link: &[u8]) {
        let read = call(libc::SYS_readlinkat, [AT_FDCWD as usize, link.as_ptr() as usize, self.bytes.as_mut_ptr() as usize, 4096, 0, 0]);
        self.len = usize::try_from(read).unwrap_or(0);
    }

    fn push(&mut self, more: &[u8]) {
        let end = (self.len + more.len()).min(MOST);
        let len = end - self.len;
        self.bytes[self.len..end].copy_from_slice(&more[..len]);
        self.len = end;
    }
}

fn write_number(into: &mut [u8], number: u32) {
    let digits = number.checked_ilog10().unwrap_or(0) as usize + 1;
    let mut rest = number;
    for at in (0..digits).rev() {
        into[at] = b'0' + (rest % 10) as u8;
        rest /= 10;
    }
}

/// Which file is open there: its number on its disk. 0 when it cannot be told.
pub(crate) fn inode(fd: c_int) -> u64 {
    let mut stat = core::mem::MaybeUninit::<libc::stat>::zeroed();
    let found =
        call(libc::SYS_newfstatat, [fd as usize, c"".as_ptr() as usize, stat.as_mut_ptr() as usize, libc::AT_EMPTY_PATH as usize, 0, 0]);
    // SAFETY: all zeroes are a `stat`, and the kernel has filled it in.
    if found == 0 { unsafe { stat.assume_init() }.st_ino } else { 0 }
}

/// Whether there is something at a path.
pub(crate) fn exists(folder: c_int, path: *const c_char) -> bool {
    call(libc::SYS_faccessat, [folder as usize, path as usize, libc::F_OK as usize, 0, 0, 0]) == 0
}
