//! Counts what passed and what failed, and reads the counts out of a test runner's closing lines.

/// How many checks passed and failed so far.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) passed: u64,
    pub(crate) failed: u64,
}

impl Tally {
    pub(crate) fn add(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
    }

    /// One check.
    pub(crate) fn one(passed: bool) -> Self {
        Self { passed: u64::from(passed), failed: u64::from(!passed) }
    }

    /// The counts in the output of nextest (`Summary … 3 tests run: 2 passed, 1 failed`), of cargo test (`test result: ok. 3 passed; 0 failed; …`, once per binary),
    /// of vitest (`Tests  1 failed | 3 passed (4)`) or of the screens in Chromium (`browser: 3 passed, 0 failed`). What ends without counts is one check.
    pub(crate) fn of_runner(output: &str, succeeded: bool) -> Self {
        let mut tally = Self::default();
        for line in output.lines() {
            let line = plain(line);
            // Indented, cargo's line is what nextest shows of a test that failed, and counted by its own summary.
            if line.starts_with("test result:") || CLOSING.iter().any(|start| line.trim_start().starts_with(start)) {
                tally.passed += number_before(&line, "passed");
                tally.failed += number_before(&line, "failed") + number_before(&line, "timed out");
            }
        }
        match (succeeded, tally) {
            (false, Self { failed: 0, .. }) => tally.failed = 1,
            (true, Self { passed: 0, failed: 0 }) => tally.passed = 1,
            _ => {}
        }
        tally
    }
}

/// How the lines begin in which the other runners say what came of it.
const CLOSING: [&str; 3] = ["Summary [", "Tests  ", "browser: "];

/// The number right before `word`, 0 when the word is not there.
fn number_before(line: &str, word: &str) -> u64 {
    let Some(at) = line.find(&format!(" {word}")) else { return 0 };
    line[..at].rsplit(|c: char| !c.is_ascii_digit()).next().and_then(|digits| digits.parse().ok()).unwrap_or(0)
}

/// The line without terminal colours.
fn plain(line: &str) -> String {
    let mut text = String::with_capacity(line.len());
    let mut rest = line;
    while let Some(escape) = rest.find("\u{1b}[") {
        text.push_str(&rest[..escape]);
        let after = &rest[escape + 2..];
        rest = after.find('m').map_or("", |end| &after[end + 1..]);
    }
    text + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nextest_and_cargo_test_closing_lines_are_counted() {
        let nextest = "    test result: FAILED. 0 passed; 1 failed; 0 ignored\n     Summary [   2.1s] 12 tests run: 10 passed (1 slow), 2 failed, 3 skipped";
        assert_eq!(Tally::of_runner(nextest, false), Tally { passed: 10, failed: 2 });
        let cargo = "test result: ok. 3 passed; 0 failed; 0 ignored\ntest result: FAILED. 4 passed; 1 failed; 0 ignored";
        assert_eq!(Tally::of_runner(cargo, false), Tally { passed: 7, failed: 1 });
    }

    #[test]
    fn the_closing_lines_of_the_window_s_tests_are_counted() {
        let vitest = " Test Files  1 failed | 2 passed (3)\n      Tests  1 failed | 12 passed (13)\n";
        assert_eq!(Tally::of_runner(vitest, false), Tally { passed: 12, failed: 1 });
        assert_eq!(Tally::of_runner("browser: 80 passed, 2 failed", false), Tally { passed: 80, failed: 2 });
    }

    #[test]
    fn a_command_that_says_nothing_and_succeeds_is_one_check() {
        assert_eq!(Tally::of_runner("", true), Tally { passed: 1, failed: 0 });
    }

    #[test]
    fn colours_do_not_hide_the_counts() {
        let line = "\u{1b}[32;1m     Summary\u{1b}[0m [ 1s] \u{1b}[1m5\u{1b}[0m tests run: \u{1b}[1m5\u{1b}[0m \u{1b}[32mpassed\u{1b}[0m";
        assert_eq!(Tally::of_runner(line, true), Tally { passed: 5, failed: 0 });
    }

    #[test]
    fn a_runner_that_fails_without_counts_is_one_failure() {
        assert_eq!(Tally::of_runner("error: could not compile", false), Tally { passed: 0, failed: 1 });
    }
}
