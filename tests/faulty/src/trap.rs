//! Renames that are made without the C library: a filter in the kernel sends them back to us as a signal.
//!
//! `tempfile` renames so (through `rustix`), and with it the worker's moves. Our own bear a mark in an argument that the call does
//! not have. The filter stays on in programs that are started from here, and so must this library.

/// The mark, in the sixth argument.
pub(crate) const OURS: u32 = 0x11e5_1de5;

/// Sets the trap; elsewhere than on `x86_64` there is none, and such renames go unseen.
#[cfg(not(target_arch = "x86_64"))]
pub(crate) fn set() {}

#[cfg(target_arch = "x86_64")]
pub(crate) use x86_64::set;

#[cfg(target_arch = "x86_64")]
mod x86_64 {
    use super::OURS;
    use crate::calls::rename_now;
    use crate::kernel::call;
    use libc::{c_int, c_void, greg_t, siginfo_t, sock_filter, sock_fprog};

    const LOAD: u16 = 0x20;
    const EQUAL: u16 = 0x15;
    const ANSWER: u16 = 0x06;
    const ALLOW: u32 = 0x7fff_0000;
    const TRAP: u32 = 0x0003_0000;
    const ARCH: u32 = 0xc000_003e;
    /// Where the sixth argument lies in what the filter sees.
    const SIXTH: u32 = 16 + 5 * 8;

    /// Lets calls with our mark pass, and traps every other `renameat` and `renameat2`.
    pub(crate) fn set() {
        let jump = |code, k, jt, jf| sock_filter { code, jt, jf, k };
        let mut program = [
            jump(LOAD, 4, 0, 0),
            jump(EQUAL, ARCH, 0, 5),
            jump(LOAD, 0, 0, 0),
            jump(EQUAL, libc::SYS_renameat2 as u32, 1, 0),
            jump(EQUAL, libc::SYS_renameat as u32, 0, 2),
            jump(LOAD, SIXTH, 0, 0),
            jump(EQUAL, OURS, 0, 1),
            jump(ANSWER, ALLOW, 0, 0),
            jump(ANSWER, TRAP, 0, 0),
        ];
        let filter = sock_fprog { len: program.len() as u16, filter: program.as_mut_ptr() };
        // SAFETY: an empty action of the C library, its handler set to one of the right form.
        unsafe {
            let mut action: libc::sigaction = core::mem::zeroed();
            action.sa_sigaction = trapped as *const () as usize;
            // On the stack of who is trapped: the other one that threads have is too small for two paths.
            action.sa_flags = libc::SA_SIGINFO | libc::SA_NODEFER;
            libc::sigaction(libc::SIGSYS, &raw const action, core::ptr::null_mut());
        }
        call(libc::SYS_prctl, [libc::PR_SET_NO_NEW_PRIVS as usize, 1, 0, 0, 0, 0]);
        call(libc::SYS_prctl, [libc::PR_SET_SECCOMP as usize, 2, &raw const filter as usize, 0, 0, 0]);
    }

    /// Makes the call for who was sent here, with its fate.
    extern "C" fn trapped(_: c_int, _: *mut siginfo_t, context: *mut c_void) {
        // SAFETY: the kernel gives the registers of the call, and takes its result from there.
        let registers = unsafe { &mut (*context.cast::<libc::ucontext_t>()).uc_mcontext.gregs };
        let of = |name: c_int| registers[name as usize];
        let (from, to) =
            ((of(libc::REG_RDI) as c_int, of(libc::REG_RSI) as *const _), (of(libc::REG_RDX) as c_int, of(libc::REG_R10) as *const _));
        let flags = if of(libc::REG_RAX) == libc::SYS_renameat2 { of(libc::REG_R8) as u32 } else { 0 };
        registers[libc::REG_RAX as usize] = rename_now(from, to, flags) as greg_t;
    }
}
