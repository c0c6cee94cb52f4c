//! `cargo xtask test`: every check a change must pass, in the order that tells soonest what is wrong.

use crate::tally::Tally;
use crate::{bundle, setup, skipped, tidy, ui};
use anyhow::{Context, Result, bail};
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

/// Runs everything, prints one line per step and the closing `N passed, N failed`; true when nothing failed.
///
/// # Errors
/// When a needed tool is missing and cannot be installed, or a command cannot be started.
pub(crate) fn run() -> Result<bool> {
    setup::ensure_tools()?;
    let mut total = Tally::default();
    total.add(step("format", || command("cargo", &["fmt", "--all", "--check"]))?);
    total.add(step("tidy", tidy_step)?);
    // Before the app is compiled for the first time: the page is a part of it.
    total.add(step("page", ui::build)?);
    total.add(step("clippy", || command("cargo", &["clippy", "--workspace", "--all-targets", "--quiet", "--", "-D", "warnings"]))?);
    total.add(step("documentation", rustdoc)?);
    // All at once: the end-to-end suites start the program, and building it alone would build its libraries again with fewer features.
    total.add(step("build", || command("cargo", &["build", "--quiet", "--workspace", "--all-targets"]))?);
    if cfg!(target_os = "linux") {
        total.add(step("bundle", || bundle::for_tests().map(|()| Tally::one(true)))?);
    }
    total.add(step("tests", rust_tests)?);
    total.add(step("ui", ui::test)?);
    println!("{} passed, {} failed", total.passed, total.failed);
    Ok(total.failed == 0)
}

fn step(name: &str, work: impl FnOnce() -> Result<Tally>) -> Result<Tally> {
    println!("── {name}");
    let start = Instant::now();
    let tally = work()?;
    let mark = if tally.failed == 0 { "✓" } else { "✗" };
    println!("{mark} {name}: {} passed, {} failed in {:.0?} s\n", tally.passed, tally.failed, start.elapsed().as_secs_f32());
    Ok(tally)
}

fn command(program: &str, args: &[&str]) -> Result<Tally> {
    let status =
        Command::new(program).args(args).stdin(Stdio::null()).status().with_context(|| format!("{program} could not be started"))?;
    Ok(Tally::one(status.success()))
}

fn rustdoc() -> Result<Tally> {
    let status = Command::new("cargo")
        .args(["doc", "--workspace", "--no-deps", "--document-private-items", "--quiet"])
        .env("RUSTDOCFLAGS", "-D warnings")
        .status()
        .context("cargo could not be started")?;
    Ok(Tally::one(status.success()))
}

fn tidy_step() -> Result<Tally> {
    let problems = tidy::problems()?;
    problems.iter().for_each(|problem| println!("{problem}"));
    println!("{}", tidy::verdict(&problems));
    Ok(Tally::one(problems.is_empty()))
}

/// nextest when it is there (one process per test, so a stuck one can be named and ended), else cargo test.
fn rust_tests() -> Result<Tally> {
    let report = target()?.join("nextest/default/junit.xml");
    let _old = std::fs::remove_file(&report);
    let mut cargo = Command::new("cargo");
    if setup::on_path("cargo-nextest") {
        cargo.args(["nextest", "run", "--workspace", "--no-fail-fast", "--status-level", "slow", "--final-status-level", "slow"]);
    } else {
        cargo.args(["test", "--workspace", "--no-fail-fast", "--quiet"]);
    }
    cargo.env("LINESIDE_BIN", program("debug")?).env("LINESIDE_FAULTY", built("debug", "libfaulty.so")?);
    if cfg!(target_os = "linux") {
        cargo.env("LINESIDE_BUNDLES", built("debug", "bundle")?);
    }
    let tally = runner(&mut cargo)?;
    // Absent where cargo test ran them: it keeps nothing of tests that pass.
    let report = std::fs::read_to_string(report).unwrap_or_default();
    skipped::of(&report).iter().for_each(|line| println!("not tried here: {line}"));
    Ok(tally)
}

/// The same tests with all of their cases, and with the time that takes.
///
/// # Errors
/// When nextest is missing: only with it a test that is stuck is ended.
pub(crate) fn all_cases(program: &Path) -> Result<Tally> {
    if !setup::on_path("cargo-nextest") {
        bail!("cargo-nextest is missing; `cargo install cargo-nextest --locked` brings it");
    }
    let args = ["nextest", "run", "--workspace", "--profile", "soak", "--status-level", "slow", "--final-status-level", "slow"];
    runner(Command::new("cargo").args(args).env("LINESIDE_BIN", program).env("LINESIDE_SHARE", "all"))
}

/// Runs tests with their output passed on line by line and read for the counts.
///
/// # Errors
/// When the command cannot be started.
pub(crate) fn runner(tests: &mut Command) -> Result<Tally> {
    let named = tests.get_program().to_string_lossy().into_owned();
    let mut child = tests
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| format!("{named} could not be started"))?;
    let stdout = child.stdout.take().map(pass_on);
    let stderr = child.stderr.take().map(pass_on);
    let status = child.wait()?;
    let output = [stdout, stderr].into_iter().flatten().filter_map(|reader| reader.join().ok()).collect::<String>();
    Ok(Tally::of_runner(&output, status.success()))
}

/// The program under test, where the build of this profile has just put it.
///
/// # Errors
/// When it is not known where we are.
pub(crate) fn program(profile: &str) -> Result<PathBuf> {
    program_named(profile, "lineside")
}

/// As [`program`], for another program of the workspace.
///
/// # Errors
/// As there.
pub(crate) fn program_named(profile: &str, name: &str) -> Result<PathBuf> {
    built(profile, &format!("{name}{}", std::env::consts::EXE_SUFFIX))
}

/// A file in a folder that cargo builds into.
///
/// # Errors
/// As [`program`].
pub(crate) fn built(profile: &str, name: &str) -> Result<PathBuf> {
    Ok(target()?.join(profile).join(name))
}

fn target() -> Result<PathBuf> {
    Ok(std::path::absolute(std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| PathBuf::from("target"), PathBuf::from))?)
}

fn pass_on(pipe: impl Read + Send + 'static) -> std::thread::JoinHandle<String> {
    std::thread::spawn(move || {
        let mut seen = String::new();
        for line in BufReader::new(pipe).lines().map_while(Result::ok) {
            // The closing line of a whole run is ours alone, printed once at the very end.
            let _ = writeln!(std::io::stdout(), "{line}");
            seen.push_str(&line);
            seen.push('\n');
        }
        seen
    })
}
