//! The signals that mean "stop", on every system.

use std::io;

/// Waits for the next signal to stop; answers its name.
#[cfg(unix)]
pub(crate) struct Signals {
    terminate: tokio::signal::unix::Signal,
    interrupt: tokio::signal::unix::Signal,
    /// The terminal was closed; `None` where that was to be ignored from the start.
    hangup: Option<tokio::signal::unix::Signal>,
    /// A file has grown to the size this process may write: heard so that it is an error of that write and not our end.
    _too_large: tokio::signal::unix::Signal,
}

/// SIGXFSZ.
#[cfg(unix)]
const TOO_LARGE: i32 = 25;

#[cfg(unix)]
impl Signals {
    pub(crate) fn listen() -> io::Result<Signals> {
        let own = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        Signals::heard(!ignores_hangup(&own))
    }

    fn heard(hangup: bool) -> io::Result<Signals> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Signals {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            hangup: hangup.then(|| signal(SignalKind::hangup())).transpose()?,
            _too_large: signal(SignalKind::from_raw(TOO_LARGE))?,
        })
    }

    pub(crate) async fn next(&mut self) -> &'static str {
        tokio::select! {
            Some(()) = self.terminate.recv() => "SIGTERM",
            Some(()) = self.interrupt.recv() => "SIGINT",
            Some(()) = async { self.hangup.as_mut()?.recv().await } => "SIGHUP",
            else => std::future::pending().await,
        }
    }
}

/// Whether who started us wants the closing of the terminal ignored, as `nohup` does; `own` is what Linux tells of a process
/// (elsewhere empty: then it is not known).
#[cfg(unix)]
fn ignores_hangup(own: &str) -> bool {
    let ignored = own.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).is_some_and(|mask| mask & 1 == 1)
}

/// Waits for the next signal to stop; answers its name.
#[cfg(windows)]
pub(crate) struct Signals {
    c: tokio::signal::windows::CtrlC,
    r#break: tokio::signal::windows::CtrlBreak,
    close: tokio::signal::windows::CtrlClose,
    shutdown: tokio::signal::windows::CtrlShutdown,
    logoff: tokio::signal::windows::CtrlLogoff,
}

#[cfg(windows)]
impl Signals {
    pub(crate) fn listen() -> io::Result<Signals> {
        use tokio::signal::windows::{ctrl_break, ctrl_c, ctrl_close, ctrl_logoff, ctrl_shutdown};
        Ok(Signals { c: ctrl_c()?, r#break: ctrl_break()?, close: ctrl_close()?, shutdown: ctrl_shutdown()?, logoff: ctrl_logoff()? })
    }

    pub(crate) async fn next(&mut self) -> &'static str {
        tokio::select! {
            Some(()) = self.c.recv() => "CTRL+C",
            Some(()) = self.r#break.recv() => "CTRL+BREAK",
            Some(()) = self.close.recv() => "the window was closed",
            Some(()) = self.shutdown.recv() => "the system shuts down",
            Some(()) = self.logoff.recv() => "the user logs off",
            else => std::future::pending().await,
        }
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn a_terminal_that_closes_is_to_be_ignored_only_where_that_was_said_at_the_start() {
        let table = [("", false), ("SigIgn:\t0000000000000001", true), ("Name:\tx\nSigIgn:\t0000000000001006\n", false)];
        for (own, expected) in table {
            assert_eq!(ignores_hangup(own), expected, "{own}");
        }
    }

    #[tokio::test]
    async fn a_terminal_that_closes_is_a_reason_to_stop() {
        let mut signals = Signals::heard(true).unwrap();
        let hang_up = format!("kill -HUP {}", std::process::id());
        assert!(std::process::Command::new("sh").args(["-c", &hang_up]).status().unwrap().success());
        assert_eq!(signals.next().await, "SIGHUP");
    }
}
