//! Which log lines are left out because the same was just said many times. Pure; the moment is an argument.

use std::collections::HashMap;
use std::time::{Duration, Instant};

/// Equal lines written per window; the rest is counted.
const MOST: u32 = 20;
const WINDOW: Duration = Duration::from_secs(60);
/// Different lines remembered at once.
const REMEMBERED: usize = 256;

/// What is to be done with a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Told {
    pub(super) write: bool,
    /// So many lines like this one were left out before it.
    pub(super) left_out: Option<u32>,
}

/// The lines of the last minute.
#[derive(Default)]
pub(super) struct Repeats {
    seen: HashMap<blake3::Hash, Seen>,
}

struct Seen {
    since: Instant,
    count: u32,
}

impl Repeats {
    /// Judges a line by all of it but its time.
    pub(super) fn judge(&mut self, line: &[u8], now: Instant) -> Told {
        if self.seen.len() >= REMEMBERED {
            self.seen.retain(|_, seen| now.duration_since(seen.since) < WINDOW && seen.count > 1);
        }
        let seen = self.seen.entry(blake3::hash(without_time(line))).or_insert(Seen { since: now, count: 0 });
        if now.duration_since(seen.since) >= WINDOW {
            let left_out = seen.count.checked_sub(MOST).filter(|count| *count > 0);
            *seen = Seen { since: now, count: 1 };
            return Told { write: true, left_out };
        }
        seen.count += 1;
        Told { write: seen.count <= MOST, left_out: None }
    }
}

/// A line begins with `{"timestamp":"…",`.
fn without_time(line: &[u8]) -> &[u8] {
    let end = line.iter().position(|byte| *byte == b',').unwrap_or(0);
    &line[end..]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_of_equal_lines_is_cut_and_counted_and_other_lines_go_on() {
        let mut repeats = Repeats::default();
        let start = Instant::now();
        let line = |n: u32| format!("{{\"timestamp\":\"{n}\",\"level\":\"WARN\"}}\n");
        let written = (0..100_000).filter(|n| repeats.judge(line(*n).as_bytes(), start).write).count();
        assert_eq!(written, MOST as usize);
        assert_eq!(repeats.judge(b"{\"timestamp\":\"1\",\"level\":\"INFO\"}\n", start), Told { write: true, left_out: None });
        let later = repeats.judge(line(1).as_bytes(), start + WINDOW);
        assert_eq!(later, Told { write: true, left_out: Some(100_000 - MOST) });
    }

    #[test]
    fn lines_that_are_all_different_cost_no_memory() {
        let mut repeats = Repeats::default();
        let now = Instant::now();
        assert!((0..10_000).all(|n| repeats.judge(format!("{{\"timestamp\":\"1\",\"n\":{n}}}").as_bytes(), now).write));
        assert!(repeats.seen.len() <= REMEMBERED);
    }
}
