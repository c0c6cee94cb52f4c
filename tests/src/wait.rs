//! Waiting for something to become true; a time-out is for broken builds only.

use std::time::{Duration, Instant};

/// Waits until the condition holds; panics naming it when that takes longer than `limit`.
pub fn until(what: &str, limit: Duration, mut condition: impl FnMut() -> bool) {
    assert!(eventually(limit, &mut condition), "not within {limit:?}: {what}");
}

/// Whether the condition came to hold within `limit`.
pub fn eventually(limit: Duration, mut condition: impl FnMut() -> bool) -> bool {
    let begun = Instant::now();
    while begun.elapsed() < limit {
        if condition() {
            return true;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    condition()
}
