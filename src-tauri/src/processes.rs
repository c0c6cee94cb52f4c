//! What the system says about processes: how a worker's fares, starting one that outlives the app, ending one that hangs.

use std::io;
use std::process::{Child, Command};

use sysinfo::{Pid, ProcessRefreshKind, ProcessStatus, ProcessesToUpdate, System};

use crate::observe::Process;

/// The processes that were asked about, with what a second look needs of the first to tell their load.
pub(crate) struct Processes {
    system: System,
}

impl Processes {
    /// Nothing looked at yet.
    ///
    /// # Errors
    /// When the system tells nothing about processes.
    pub(crate) fn new() -> io::Result<Processes> {
        System::new().map(|system| Processes { system }).map_err(|error| io::Error::other(error.to_string()))
    }

    /// Looks at these processes; the load is that since the look before.
    pub(crate) fn look(&mut self, pids: &[u32]) {
        let pids: Vec<Pid> = pids.iter().map(|pid| Pid::from_u32(*pid)).collect();
        let what = ProcessRefreshKind::nothing().with_cpu().with_memory();
        self.system.refresh_processes_specifics(ProcessesToUpdate::Some(&pids), true, what);
    }

    /// The process of this number, if there was one at the last look.
    pub(crate) fn of(&self, pid: u32) -> Option<Process> {
        self.system.process(Pid::from_u32(pid)).map(|process| Process {
            began: process.start_time(),
            cpu: process.cpu_usage(),
            memory: process.memory(),
            suspended: process.status() == ProcessStatus::Stop,
        })
    }

    /// Ends the process at once, if it is the one that began then (in Unix seconds); whether it was told to end.
    pub(crate) fn kill(&mut self, pid: u32, is_worker: impl FnOnce(&Process) -> bool) -> bool {
        self.look(&[pid]);
        let meant = self.of(pid).is_some_and(|process| is_worker(&process));
        meant && self.system.process(Pid::from_u32(pid)).is_some_and(sysinfo::Process::kill)
    }
}

/// The name of this computer in capitals; empty when it has none.
pub(crate) fn host_name() -> String {
    System::host_name().unwrap_or_default().to_uppercase()
}

/// Starts a process that outlives us, whichever way we end: in a group of its own, so that neither Ctrl+C, nor a closed terminal, nor a signal
/// to our group reaches it.
///
/// # Errors
/// When the system does not start it.
pub(crate) fn spawn_detached(command: &mut Command) -> io::Result<Child> {
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(command, 0);
    #[cfg(windows)]
    {
        const CREATE_NEW_PROCESS_GROUP: u32 = 0x0000_0200;
        const CREATE_NO_WINDOW: u32 = 0x0800_0000;
        const CREATE_BREAKAWAY_FROM_JOB: u32 = 0x0100_0000;
        const ACCESS_DENIED: i32 = 5;
        let flags = CREATE_NEW_PROCESS_GROUP | CREATE_NO_WINDOW;
        std::os::windows::process::CommandExt::creation_flags(command, flags | CREATE_BREAKAWAY_FROM_JOB);
        match command.spawn() {
            // A job that lets nobody out: the worker then ends with it, which cannot be helped.
            Err(error) if error.raw_os_error() == Some(ACCESS_DENIED) => {
                std::os::windows::process::CommandExt::creation_flags(command, flags);
            }
            spawned => return spawned,
        }
    }
    command.spawn()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_own_process_is_found_and_one_that_does_not_exist_is_not() {
        let mut processes = Processes::new().unwrap();
        let own = std::process::id();
        processes.look(&[own, u32::MAX - 1]);
        assert!(processes.of(own).is_some_and(|process| process.began > 0 && process.memory > 0 && !process.suspended));
        assert_eq!(processes.of(u32::MAX - 1), None);
    }

    #[test]
    fn a_process_that_is_not_meant_is_not_ended() {
        assert!(!Processes::new().unwrap().kill(std::process::id(), |process| process.began == 1));
    }
}
