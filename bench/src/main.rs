//! The bench: what the worker costs and how fast it is, each figure beside its yardstick in the same run.
//!
//! It promises: the real program on real folders against the sandbox, at least five runs a row, the median with its range, and the
//! same numbers as a table for people and as JSON. It deliberately passes or fails nothing: a figure that misses its reach is shown
//! as such. It reads /proc and therefore runs on Linux only.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a command for developers, its output is its result")]

mod bare;
mod figure;
mod ground;
mod machine;
mod rows;
mod table;

use anyhow::{Context, Result, bail};
use std::fs;
use std::path::Path;
use std::process::ExitCode;
use std::time::Instant;

const USAGE: &str = "usage: cargo xtask bench [--write] [row …]

  --write   also puts the table into docs/measures.md
  row       only these, in this order; without any, all of them:";

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bench: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<()> {
    let (options, names): (Vec<String>, Vec<String>) = std::env::args().skip(1).partition(|arg| arg.starts_with('-'));
    let chosen: Option<Vec<&rows::Row>> = names.iter().map(|name| rows::ROWS.iter().find(|row| row.id == *name)).collect();
    let (Some(chosen), true) = (chosen, options.iter().all(|option| option == "--write")) else {
        let rows: String = rows::ROWS.iter().map(|row| format!("\n    {:<9} {}", row.id, row.work)).collect();
        bail!("{USAGE}{rows}");
    };
    let chosen = if chosen.is_empty() { rows::ROWS.iter().collect() } else { chosen };
    let (mut measured, mut failed) = (Vec::new(), Vec::new());
    for row in chosen {
        let begun = Instant::now();
        eprintln!("── {}: {}", row.id, row.work);
        match (row.measure)() {
            Ok(figures) => measured.push((row, figures)),
            Err(error) => failed.push(format!("{}: {error:#}", row.id)),
        }
        eprintln!("   {:.0} s", begun.elapsed().as_secs_f64());
    }
    let machine = machine::Machine::look();
    let text = table::markdown(&machine, &measured);
    println!("{text}");
    let results = Path::new("target/bench/results.json");
    fs::create_dir_all("target/bench").context("target/bench")?;
    fs::write(results, serde_json::to_vec_pretty(&table::json(&machine, &measured))?).with_context(|| results.display().to_string())?;
    if !failed.is_empty() {
        bail!("not measured: {}", failed.join("; "));
    }
    if !options.is_empty() {
        table::write(Path::new("docs/measures.md"), &text)?;
    }
    Ok(())
}
