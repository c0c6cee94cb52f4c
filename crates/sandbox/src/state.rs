//! What all calls share.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use crate::{
    Faults, SandboxError,
    faults::Trouble,
    ledger::Ledger,
    line::{Lines, Wire},
    tally::Tally,
};

/// The server's state.
pub(crate) struct Shared {
    pub(crate) ledger: Ledger,
    pub(crate) tally: Tally,
    pub(crate) token: Option<String>,
    trouble: Mutex<Trouble>,
    lines: Arc<Lines>,
}

impl Shared {
    pub(crate) fn new(ledger: Ledger, token: Option<String>, lines: Arc<Lines>) -> Shared {
        Shared { ledger, token, lines, tally: Tally::default(), trouble: Mutex::default() }
    }

    pub(crate) fn trouble(&self) -> MutexGuard<'_, Trouble> {
        self.trouble.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts new switches in force.
    pub(crate) fn set_faults(&self, faults: Faults) -> Result<(), SandboxError> {
        faults.check()?;
        self.trouble().set(faults);
        self.cut_if_out();
        Ok(())
    }

    /// An outage from now on; zero ends a running one.
    pub(crate) fn outage(&self, length: Duration) {
        self.trouble().outage(Instant::now(), length);
        self.cut_if_out();
    }

    pub(crate) fn is_out(&self) -> bool {
        self.trouble().is_out(Instant::now())
    }

    fn cut_if_out(&self) {
        if self.is_out() {
            self.lines.cut(Wire::is_api);
        }
    }

    /// Resets every connection there is.
    pub(crate) fn cut_all(&self) {
        self.lines.cut(|_| true);
    }
}
