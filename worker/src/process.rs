//! What the system says about processes and this computer: when a process began, so that a reused PID is not taken for the
//! one that was meant; ending one; starting one that outlives us.

use std::process::Command;
use sysinfo::{Pid, Process, ProcessRefreshKind, ProcessesToUpdate, System};

/// When the process began, in Unix seconds; `None` when there is none of this PID.
pub(crate) fn started_at(pid: u32) -> Option<u64> {
    with(pid, Process::start_time)
}

/// Ends the process at once, if it is the one that began then; whether it was told to end.
pub(crate) fn kill(pid: u32, began: u64) -> bool {
    with(pid, |process| process.start_time() == began && process.kill()).unwrap_or(false)
}

/// The name of this computer in capitals; empty when it has none.
pub(crate) fn host_name() -> String {
    System::host_name().unwrap_or_default().to_uppercase()
}

/// The system and its version, for who looks for a fault.
pub(crate) fn system() -> String {
    let known = [System::long_os_version(), System::kernel_version(), Ok(std::env::consts::ARCH.to_owned())];
    known.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

/// Makes the command start a process that is not ended with us, neither by Ctrl+C nor by closing the terminal.
pub(crate) fn detach(command: &mut Command) {
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(command, 0);
    #[cfg(windows)]
    {
        const DETACHED_PROCESS: u32 = 0x0000_0008;
        const CREATE_NEW_PROCESS_GROUP: u32 = 0x0000_0200;
        std::os::windows::process::CommandExt::creation_flags(command, DETACHED_PROCESS | CREATE_NEW_PROCESS_GROUP);
    }
}

fn with<T>(pid: u32, look: impl FnOnce(&Process) -> T) -> Option<T> {
    let pid = Pid::from_u32(pid);
    let mut system = System::new().ok()?;
    system.refresh_processes_specifics(ProcessesToUpdate::Some(&[pid]), true, ProcessRefreshKind::nothing());
    system.process(pid).map(look)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_own_process_began_before_now() {
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
        assert!(started_at(std::process::id()).is_some_and(|began| began <= now + 1 && began + 86_400 > now));
        assert_eq!(started_at(u32::MAX - 1), None);
    }

    #[test]
    fn a_process_that_began_at_another_time_is_not_ended() {
        assert!(!kill(std::process::id(), 1));
    }
}
