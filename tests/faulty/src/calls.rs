//! The C library's calls on files, as the program knows them. Each is decided on in `plan`, made by `kernel`, noted in `trace`.

use crate::kernel::{call, told};
use crate::names::{Name, exists, inode};
use crate::plan::{carry_out, is_below, kind, wants};
use crate::trace::{self, Record, Turn, What};
use crate::trap::OURS;
use libc::{AT_FDCWD, AT_REMOVEDIR, O_CREAT, O_TMPFILE, O_TRUNC, c_char, c_int, c_uint, iovec, off_t, size_t, ssize_t};

static NOBODY: Name = Name::none();
const NO_DATA: (usize, usize) = (0, 0);

fn open_at(folder: c_int, path: *const c_char, flags: c_int, mode: c_uint) -> c_int {
    let args = [folder as usize, path as usize, flags as usize, mode as usize, 0, 0];
    let makes = flags & O_CREAT != 0 && flags & O_TMPFILE != O_TMPFILE;
    let kinds = if makes { kind::OPEN | kind::CREATE } else { kind::OPEN };
    if !wants(kinds) {
        return told(call(libc::SYS_openat, args)) as c_int;
    }
    let name = Name::at(folder, path);
    let _turn = Turn::wait();
    let new = makes && trace::is_on() && !exists(folder, path);
    let result = carry_out(kinds, &[&name], || call(libc::SYS_openat, args));
    let what = if new { What::Create } else { What::Truncate };
    if (new || flags & O_TRUNC != 0) && result >= 0 && is_below(&name) {
        trace::note(&Record { what, result, inode: inode(result as c_int), at: 0, names: [&name, &NOBODY], data: NO_DATA });
    }
    told(result) as c_int
}

/// A call on an open file; `done` gives what is noted of it, from its result.
fn on_file(kinds: u32, fd: c_int, real: impl FnOnce() -> isize, done: impl FnOnce(isize) -> (What, u64, (usize, usize))) -> isize {
    if !wants(kinds) || trace::is_ours(fd) {
        return real();
    }
    let name = Name::of(fd);
    let _turn = Turn::wait();
    let result = carry_out(kinds, &[&name], real);
    if trace::is_on() && is_below(&name) {
        let (what, at, data) = done(result);
        trace::note(&Record { what, result, inode: inode(fd), at, names: [&name, &NOBODY], data });
    }
    result
}

/// A call on names; `real` makes it.
fn on_names(kinds: u32, what: What, names: [&Name; 2], real: impl FnOnce() -> isize) -> isize {
    let _turn = Turn::wait();
    let result = carry_out(kinds, &names, real);
    if names.iter().any(|name| is_below(name)) {
        trace::note(&Record { what, result, inode: 0, at: 0, names, data: NO_DATA });
    }
    result
}

/// A rename, however it was asked for; the kernel's result.
pub(crate) fn rename_now(from: (c_int, *const c_char), to: (c_int, *const c_char), flags: c_uint) -> isize {
    let real =
        || call(libc::SYS_renameat2, [from.0 as usize, from.1 as usize, to.0 as usize, to.1 as usize, flags as usize, OURS as usize]);
    if !wants(kind::RENAME) {
        return real();
    }
    on_names(kind::RENAME, What::Rename, [&Name::at(from.0, from.1), &Name::at(to.0, to.1)], real)
}

fn link_at(from: (c_int, *const c_char), to: (c_int, *const c_char), flags: c_int) -> c_int {
    let real = || call(libc::SYS_linkat, [from.0 as usize, from.1 as usize, to.0 as usize, to.1 as usize, flags as usize, 0]);
    if !wants(kind::LINK) {
        return told(real()) as c_int;
    }
    told(on_names(kind::LINK, What::Link, [&Name::at(from.0, from.1), &Name::at(to.0, to.1)], real)) as c_int
}

fn unlink_at(folder: c_int, path: *const c_char, flags: c_int) -> c_int {
    let real = || call(libc::SYS_unlinkat, [folder as usize, path as usize, flags as usize, 0, 0, 0]);
    if !wants(kind::UNLINK) {
        return told(real()) as c_int;
    }
    told(on_names(kind::UNLINK, What::Unlink, [&Name::at(folder, path), &NOBODY], real)) as c_int
}

fn mkdir_at(folder: c_int, path: *const c_char, mode: c_uint) -> c_int {
    let real = || call(libc::SYS_mkdirat, [folder as usize, path as usize, mode as usize, 0, 0, 0]);
    if !wants(kind::MKDIR) {
        return told(real()) as c_int;
    }
    told(on_names(kind::MKDIR, What::Mkdir, [&Name::at(folder, path), &NOBODY], real)) as c_int
}

fn write_at(fd: c_int, data: usize, len: size_t, at: off_t) -> ssize_t {
    let real = || call(libc::SYS_pwrite64, [fd as usize, data, len, at as usize, 0, 0]);
    told(on_file(kind::WRITE, fd, real, |result| (What::Write, at as u64, (data, result.max(0) as usize))))
}

fn sync(number: libc::c_long, fd: c_int) -> c_int {
    told(on_file(kind::SYNC, fd, || call(number, [fd as usize, 0, 0, 0, 0, 0]), |_| (What::Sync, 0, NO_DATA))) as c_int
}

fn truncate(fd: c_int, len: off_t) -> c_int {
    let real = || call(libc::SYS_ftruncate, [fd as usize, len as usize, 0, 0, 0, 0]);
    told(on_file(kind::TRUNCATE, fd, real, |_| (What::Truncate, len as u64, NO_DATA))) as c_int
}

/// Copies within the kernel cannot be traced: then the program is told to do without.
fn copy(number: libc::c_long, to: c_int, args: [usize; 6]) -> ssize_t {
    if !wants(kind::COPY) {
        return told(call(number, args));
    }
    let name = Name::of(to);
    if trace::is_on() && is_below(&name) {
        return told(-(libc::ENOSYS as isize));
    }
    told(carry_out(kind::COPY, &[&name], || call(number, args)))
}

fn read_from(number: libc::c_long, fd: c_int, args: [usize; 6]) -> ssize_t {
    if !wants(kind::READ) {
        return told(call(number, args));
    }
    told(carry_out(kind::READ, &[&Name::of(fd)], || call(number, args)))
}

/// Defines calls under their names in the C library.
macro_rules! exports {
    ($($name:ident($($arg:ident: $kind:ty),*) -> $result:ty $body:block)*) => {$(
        /// As in the C library.
        ///
        /// # Safety
        /// As in the C library.
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $name($($arg: $kind),*) -> $result $body
    )*};
}

exports! {
    open(path: *const c_char, flags: c_int, mode: c_uint) -> c_int { open_at(AT_FDCWD, path, flags, mode) }
    open64(path: *const c_char, flags: c_int, mode: c_uint) -> c_int { open_at(AT_FDCWD, path, flags, mode) }
    openat(folder: c_int, path: *const c_char, flags: c_int, mode: c_uint) -> c_int { open_at(folder, path, flags, mode) }
    openat64(folder: c_int, path: *const c_char, flags: c_int, mode: c_uint) -> c_int { open_at(folder, path, flags, mode) }
    creat(path: *const c_char, mode: c_uint) -> c_int { open_at(AT_FDCWD, path, O_CREAT | O_TRUNC | libc::O_WRONLY, mode) }
    creat64(path: *const c_char, mode: c_uint) -> c_int { open_at(AT_FDCWD, path, O_CREAT | O_TRUNC | libc::O_WRONLY, mode) }

    write(fd: c_int, data: *const u8, len: size_t) -> ssize_t {
        let real = || call(libc::SYS_write, [fd as usize, data as usize, len, 0, 0, 0]);
        let begin = |written: usize| (call(libc::SYS_lseek, [fd as usize, 0, libc::SEEK_CUR as usize, 0, 0, 0]) as u64).wrapping_sub(written as u64);
        told(on_file(kind::WRITE, fd, real, |result| {
            let written = result.max(0) as usize;
            (What::Write, begin(written), (data as usize, written))
        }))
    }
    writev(fd: c_int, parts: *const iovec, count: c_int) -> ssize_t {
        if !wants(kind::WRITE) || !is_below(&Name::of(fd)) {
            return told(call(libc::SYS_writev, [fd as usize, parts as usize, count as usize, 0, 0, 0]));
        }
        // A part of it is an answer that every program must understand.
        // SAFETY: the program gives so many parts.
        let parts = unsafe { core::slice::from_raw_parts(parts, count.max(0) as usize) };
        let first = parts.iter().find(|part| part.iov_len > 0);
        // SAFETY: as one part of it.
        first.map_or(0, |part| unsafe { write(fd, part.iov_base.cast(), part.iov_len) })
    }
    pwrite(fd: c_int, data: *const u8, len: size_t, at: off_t) -> ssize_t { write_at(fd, data as usize, len, at) }
    pwrite64(fd: c_int, data: *const u8, len: size_t, at: off_t) -> ssize_t { write_at(fd, data as usize, len, at) }

    fsync(fd: c_int) -> c_int { sync(libc::SYS_fsync, fd) }
    fdatasync(fd: c_int) -> c_int { sync(libc::SYS_fdatasync, fd) }
    ftruncate(fd: c_int, len: off_t) -> c_int { truncate(fd, len) }
    ftruncate64(fd: c_int, len: off_t) -> c_int { truncate(fd, len) }

    rename(from: *const c_char, to: *const c_char) -> c_int { told(rename_now((AT_FDCWD, from), (AT_FDCWD, to), 0)) as c_int }
    renameat(from: c_int, old: *const c_char, to: c_int, new: *const c_char) -> c_int { told(rename_now((from, old), (to, new), 0)) as c_int }
    renameat2(from: c_int, old: *const c_char, to: c_int, new: *const c_char, flags: c_uint) -> c_int {
        told(rename_now((from, old), (to, new), flags)) as c_int
    }
    link(from: *const c_char, to: *const c_char) -> c_int { link_at((AT_FDCWD, from), (AT_FDCWD, to), 0) }
    linkat(from: c_int, old: *const c_char, to: c_int, new: *const c_char, flags: c_int) -> c_int { link_at((from, old), (to, new), flags) }
    unlink(path: *const c_char) -> c_int { unlink_at(AT_FDCWD, path, 0) }
    unlinkat(folder: c_int, path: *const c_char, flags: c_int) -> c_int { unlink_at(folder, path, flags) }
    rmdir(path: *const c_char) -> c_int { unlink_at(AT_FDCWD, path, AT_REMOVEDIR) }
    mkdir(path: *const c_char, mode: c_uint) -> c_int { mkdir_at(AT_FDCWD, path, mode) }
    mkdirat(folder: c_int, path: *const c_char, mode: c_uint) -> c_int { mkdir_at(folder, path, mode) }

    copy_file_range(from: c_int, at: *mut off_t, to: c_int, into: *mut off_t, len: size_t, flags: c_uint) -> ssize_t {
        copy(libc::SYS_copy_file_range, to, [from as usize, at as usize, to as usize, into as usize, len, flags as usize])
    }
    sendfile(to: c_int, from: c_int, at: *mut off_t, len: size_t) -> ssize_t {
        copy(libc::SYS_sendfile, to, [to as usize, from as usize, at as usize, len, 0, 0])
    }
    sendfile64(to: c_int, from: c_int, at: *mut off_t, len: size_t) -> ssize_t {
        copy(libc::SYS_sendfile, to, [to as usize, from as usize, at as usize, len, 0, 0])
    }
    read(fd: c_int, into: *mut u8, len: size_t) -> ssize_t { read_from(libc::SYS_read, fd, [fd as usize, into as usize, len, 0, 0, 0]) }
    pread(fd: c_int, into: *mut u8, len: size_t, at: off_t) -> ssize_t {
        read_from(libc::SYS_pread64, fd, [fd as usize, into as usize, len, at as usize, 0, 0])
    }
    pread64(fd: c_int, into: *mut u8, len: size_t, at: off_t) -> ssize_t {
        read_from(libc::SYS_pread64, fd, [fd as usize, into as usize, len, at as usize, 0, 0])
    }
}
