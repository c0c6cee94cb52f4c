//! Calls on sockets: only counted and failed, never traced.

use crate::kernel::{call, told};
use crate::names::Name;
use crate::plan::{carry_out, kind, wants};
use libc::{c_int, c_void, msghdr, size_t, sockaddr, socklen_t, ssize_t};

fn on_socket(number: libc::c_long, args: [usize; 6]) -> ssize_t {
    if !wants(kind::NET) {
        return told(call(number, args));
    }
    told(carry_out(kind::NET, &[&Name::of(args[0] as c_int)], || call(number, args)))
}

/// As in the C library.
///
/// # Safety
/// As in the C library.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn send(fd: c_int, data: *const c_void, len: size_t, flags: c_int) -> ssize_t {
    on_socket(libc::SYS_sendto, [fd as usize, data as usize, len, flags as usize, 0, 0])
}

/// As in the C library.
///
/// # Safety
/// As in the C library.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sendto(
    fd: c_int,
    data: *const c_void,
    len: size_t,
    flags: c_int,
    to: *const sockaddr,
    to_len: socklen_t,
) -> ssize_t {
    on_socket(libc::SYS_sendto, [fd as usize, data as usize, len, flags as usize, to as usize, to_len as usize])
}

/// As in the C library.
///
/// # Safety
/// As in the C library.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sendmsg(fd: c_int, message: *const msghdr, flags: c_int) -> ssize_t {
    on_socket(libc::SYS_sendmsg, [fd as usize, message as usize, flags as usize, 0, 0, 0])
}

/// As in the C library.
///
/// # Safety
/// As in the C library.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn recv(fd: c_int, into: *mut c_void, len: size_t, flags: c_int) -> ssize_t {
    on_socket(libc::SYS_recvfrom, [fd as usize, into as usize, len, flags as usize, 0, 0])
}

/// As in the C library.
///
/// # Safety
/// As in the C library.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn recvmsg(fd: c_int, message: *mut msghdr, flags: c_int) -> ssize_t {
    on_socket(libc::SYS_recvmsg, [fd as usize, message as usize, flags as usize, 0, 0, 0])
}
