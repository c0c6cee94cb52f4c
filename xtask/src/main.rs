//! The project's own commands: `cargo xtask test`, `cargo xtask tidy` and `cargo xtask bench`.
//!
//! `test` is everything a change must pass, on a fresh machine too; `tidy` is the part of it that reads the source tree
//! and holds it to the rules in ARCHITECTURE.md. Nothing here is part of the product.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a command for developers, its output is its result")]

mod bench;
mod setup;
mod tally;
mod test;
mod tidy;

use anyhow::{Result, bail};
use std::path::PathBuf;
use std::process::ExitCode;

const USAGE: &str = "usage: cargo xtask <command>

  test    everything: format, clippy, tidy, Rust tests, end to end; ends with `N passed, N failed`
  tidy    the rules of the house on the source tree: dependency arrows, file sizes, names, links
  bench   what the worker costs and how fast it is, beside yardsticks; prints a table and passes or fails nothing";

fn main() -> ExitCode {
    match run() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<bool> {
    std::env::set_current_dir(root())?;
    match std::env::args().nth(1).as_deref() {
        Some("test") => test::run(),
        Some("tidy") => {
            let problems = tidy::problems()?;
            problems.iter().for_each(|problem| println!("{problem}"));
            println!("{}", tidy::verdict(&problems));
            Ok(problems.is_empty())
        }
        Some("bench") => bench::run(),
        _ => bail!("{USAGE}"),
    }
}

/// The workspace's folder: xtask lives one below it.
fn root() -> PathBuf {
    let mut root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    root.pop();
    root
}
