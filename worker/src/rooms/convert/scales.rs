//! Keeps the sources that are converted at the same time within a weight, so that ten large files do not fill the memory.

use std::sync::{Condvar, Mutex, PoisonError};

/// Bytes of sources under conversion; a single larger one goes alone.
const MOST: u64 = 64 << 20;

#[derive(Default)]
pub(super) struct Scales {
    weight: Mutex<u64>,
    lighter: Condvar,
}

/// A source on the scales; dropping it makes room.
pub(super) struct Weighed<'a>(&'a Scales, u64);

impl Scales {
    /// Waits, on the calling thread, until there is room for so many bytes.
    pub(super) fn put(&self, bytes: u64) -> Weighed<'_> {
        let weight = self.weight.lock().unwrap_or_else(PoisonError::into_inner);
        let full = |weight: &mut u64| *weight > 0 && *weight + bytes > MOST;
        let mut weight = self.lighter.wait_while(weight, full).unwrap_or_else(PoisonError::into_inner);
        *weight += bytes;
        Weighed(self, bytes)
    }
}

impl Drop for Weighed<'_> {
    fn drop(&mut self) {
        *self.0.weight.lock().unwrap_or_else(PoisonError::into_inner) -= self.1;
        self.0.lighter.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_larger_than_all_room_goes_alone_and_the_next_one_waits_for_it() {
        let scales = Scales::default();
        let giant = scales.put(MOST * 3);
        std::thread::scope(|scope| {
            let next = scope.spawn(|| drop(scales.put(1)));
            assert!(!next.is_finished());
            drop(giant);
        });
        assert_eq!(*scales.weight.lock().unwrap(), 0);
    }
}
