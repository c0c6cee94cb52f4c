//! Windows refuses for a moment what a virus scanner or an indexer looks at; there such refusals are waited out.

use std::io;
use std::time::{Duration, Instant};

/// Access denied, sharing violation, lock violation.
const PASSING: [i32; 3] = [5, 32, 33];
const PATIENCE: Duration = Duration::from_secs(2);
const PAUSE: Duration = Duration::from_millis(50);

/// Does it, on Windows again and again for up to two seconds while the refusal is one that passes.
pub(crate) fn patiently(mut action: impl FnMut() -> io::Result<()>) -> io::Result<()> {
    let began = Instant::now();
    loop {
        match action() {
            Err(error) if cfg!(windows) && passes(&error) && began.elapsed() < PATIENCE => std::thread::sleep(PAUSE),
            done => return done,
        }
    }
}

fn passes(error: &io::Error) -> bool {
    error.raw_os_error().is_some_and(|code| PASSING.contains(&code))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_refusals_that_pass_by_themselves_are_waited_out() {
        let table = [(5, true), (32, true), (33, true), (2, false), (112, false)];
        for (code, expected) in table {
            assert_eq!(passes(&io::Error::from_raw_os_error(code)), expected, "{code}");
        }
    }
}
