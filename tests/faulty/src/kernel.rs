//! System calls without the C library: results as the kernel gives them, `-errno` for a failure.

use libc::c_long;

/// One system call.
#[cfg(target_arch = "x86_64")]
pub(crate) fn call(number: c_long, args: [usize; 6]) -> isize {
    let result: isize;
    // SAFETY: the arguments are those the program gave to the same call of the C library, or our own buffers.
    unsafe {
        core::arch::asm!(
            "syscall",
            inlateout("rax") number as isize => result,
            in("rdi") args[0], in("rsi") args[1], in("rdx") args[2], in("r10") args[3], in("r8") args[4], in("r9") args[5],
            lateout("rcx") _, lateout("r11") _, options(nostack),
        );
    }
    result
}

/// One system call, through the C library's own door for them.
#[cfg(not(target_arch = "x86_64"))]
pub(crate) fn call(number: c_long, args: [usize; 6]) -> isize {
    // SAFETY: the arguments are those the program gave to the same call of the C library, or our own buffers.
    let result = unsafe { libc::syscall(number, args[0], args[1], args[2], args[3], args[4], args[5]) };
    if result == -1 { -(errno() as isize) } else { result as isize }
}

/// The result as the C library gives it: -1 and `errno`.
pub(crate) fn told(result: isize) -> isize {
    if (-4095..0).contains(&result) {
        // SAFETY: the address of this thread's errno.
        unsafe { *libc::__errno_location() = -result as i32 };
        return -1;
    }
    result
}

/// What `errno` is, to be put back after calls the program knows nothing of.
#[cfg(not(target_arch = "x86_64"))]
fn errno() -> i32 {
    // SAFETY: the address of this thread's errno.
    unsafe { *libc::__errno_location() }
}

/// Ends this process as a power cut does.
pub(crate) fn die() -> ! {
    let pid = call(libc::SYS_getpid, [0; 6]);
    loop {
        call(libc::SYS_kill, [pid as usize, libc::SIGKILL as usize, 0, 0, 0, 0]);
    }
}

/// Sleeps.
pub(crate) fn stall(ms: u64) {
    let time = libc::timespec { tv_sec: (ms / 1000) as i64, tv_nsec: (ms % 1000 * 1_000_000) as i64 };
    call(libc::SYS_nanosleep, [&raw const time as usize, 0, 0, 0, 0, 0]);
}
