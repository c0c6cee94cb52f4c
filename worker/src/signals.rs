//! The signals that mean "stop", on every system.

use std::io;

/// Waits for the next signal to stop; answers its name.
#[cfg(unix)]
pub(crate) struct Signals {
    terminate: tokio::signal::unix::Signal,
    interrupt: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    pub(crate) fn listen() -> io::Result<Signals> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Signals { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
    }

    pub(crate) async fn next(&mut self) -> &'static str {
        tokio::select! {
            Some(()) = self.terminate.recv() => "SIGTERM",
            Some(()) = self.interrupt.recv() => "SIGINT",
            else => std::future::pending().await,
        }
    }
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
