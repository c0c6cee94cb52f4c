//! The end of a worker that did not want to end: a panic on the thread that runs everything.

use super::Outcome;
use crate::exit::{Exit, Fatal};
use instance::status::{self, Status};
use instance::{Layout, Liveness, State, liveness};
use jiff::Timestamp;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Runs the worker; a panic that would have ended the process ends the worker as failed.
pub(super) fn outliving(layout: &Layout, run: impl FnOnce() -> Outcome) -> Outcome {
    catch_unwind(AssertUnwindSafe(run)).unwrap_or_else(|_| {
        let why = format!("the worker ended in a fault of Lineside; see the newest panic file in {}", layout.logs().display());
        if let Liveness::Running(lock) | Liveness::Stale(lock) = liveness(layout)
            && lock.pid == std::process::id()
        {
            // What it said last still holds, but for how it is; the one of an earlier worker says nothing about this one.
            let said = status::read(layout).ok().flatten().filter(|said| said.pid == lock.pid);
            let said = said.unwrap_or_else(|| Status {
                schema_version: status::STATUS_VERSION,
                pid: lock.pid,
                started_at: lock.started_at,
                ..Status::default()
            });
            let last = Status { status: State::Failed, message: why.clone(), updated_at: Timestamp::now().to_string(), ..said };
            if let Err(error) = status::write(layout, &last) {
                tracing::warn!("the status cannot be written: {error}");
            }
        }
        Err(Fatal::new(Exit::Failed, why))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use instance::{Guard, Lock, Scope};

    fn running(pid: u32) -> (tempfile::TempDir, Layout, Guard) {
        let folder = tempfile::tempdir().unwrap();
        let layout = Layout::at(folder.path(), Scope::User);
        let guard = Guard::acquire(&layout).unwrap();
        guard.write_lock(&Lock { pid, ..Lock::default() }).unwrap();
        (folder, layout, guard)
    }

    #[test]
    fn a_panic_that_nobody_caught_ends_the_worker_as_failed_with_exit_code_1() {
        let (_folder, layout, _guard) = running(std::process::id());
        let said = Status { pid: std::process::id(), version: "1".to_owned(), status: State::Busy, ..Status::default() };
        status::write(&layout, &said).unwrap();
        let ended = outliving(&layout, || panic!("a fault made by this test"));
        assert_eq!(ended.err().map(|fatal| fatal.exit), Some(Exit::Failed));
        let last = status::read(&layout).unwrap().unwrap();
        assert_eq!((last.status, last.version.as_str()), (State::Failed, "1"));
        assert!(last.message.contains("panic file"), "{}", last.message);
    }

    #[test]
    fn a_panic_before_the_instance_is_ours_leaves_the_status_of_the_other_worker_alone() {
        let (_folder, layout, _guard) = running(std::process::id() + 1);
        let said = Status { pid: std::process::id() + 1, status: State::Busy, ..Status::default() };
        status::write(&layout, &said).unwrap();
        assert!(outliving(&layout, || panic!("a fault made by this test")).is_err());
        assert_eq!(status::read(&layout).unwrap(), Some(said));
    }
}
