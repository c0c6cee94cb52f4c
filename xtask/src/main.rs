//! The project's own commands: `cargo xtask test | app | bundle | soak | bench | screenshots | tidy`.
//!
//! `test` is everything a change must pass, on a fresh machine too; `app` runs what was built, `bundle` packs it; `soak` is more of it, for a night; `bench`
//! measures; `tidy` reads the source tree and holds it to the rules in ARCHITECTURE.md. Nothing here is part of the product.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a command for developers, its output is its result")]

mod app;
mod bench;
mod bundle;
mod setup;
mod skipped;
mod soak;
mod tally;
mod test;
mod tidy;
mod ui;

use anyhow::{Result, bail};
use std::path::PathBuf;
use std::process::ExitCode;

const USAGE: &str = "usage: cargo xtask <command>

  test    everything: format, clippy, tidy, Rust tests, end to end, the window; ends with `N passed, N failed`
  app     builds the window, the worker and the tray app, and runs it
  bundle  [--target TRIPLE]
          packs them for people to install, in target/bundle: .deb and .rpm; on Windows setup programs, on macOS a disk image
          [--debug] only packs what the tests have built, in target/debug/bundle
  soak    [--kills 10000] [--seed N] [--minutes N] [--resume]
          kills without end, their account in target/soak/books.json; then every case of tests that go through a share otherwise
  bench   what the worker costs and how fast it is, beside yardsticks; prints a table and passes or fails nothing
  screenshots [screen…]
          every screen of the window in every scenario, size, theme and language, and the tray in a real panel, as a picture in target/screenshots
  tidy    the rules of the house on the source tree: dependency arrows, file sizes, names, links";

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
        Some("app") => app::run(&std::env::args().skip(2).collect::<Vec<_>>()),
        Some("bundle") => bundle::run(&std::env::args().skip(2).collect::<Vec<_>>()),
        Some("soak") => soak::run(&std::env::args().skip(2).collect::<Vec<_>>()),
        Some("tidy") => {
            let problems = tidy::problems()?;
            problems.iter().for_each(|problem| println!("{problem}"));
            println!("{}", tidy::verdict(&problems));
            Ok(problems.is_empty())
        }
        Some("bench") => bench::run(),
        Some("screenshots") => {
            setup::ensure_tools()?;
            ui::screenshots(&std::env::args().skip(2).collect::<Vec<_>>())
        }
        _ => bail!("{USAGE}"),
    }
}

/// The workspace's folder: xtask lives one below it.
fn root() -> PathBuf {
    let mut root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    root.pop();
    root
}
