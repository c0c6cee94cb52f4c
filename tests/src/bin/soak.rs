//! `soak [--kills N] [--seed N] [--minutes N] [--resume]`: the kills of `cargo xtask soak`, with the account in `target/soak/books.json`.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a command for developers, its output is its result")]

use e2e::soak::{Account, Plan, run};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Mutex;
use std::time::Duration;
use std::{env, fs, io};

/// Stations side by side: most of the time they wait for the disk or for each other.
const LANES: u64 = 6;
/// Kills between two lines.
const EVERY: u64 = 100;

const USAGE: &str = "usage: soak [--kills N] [--seed N] [--minutes N] [--resume]";

/// What was asked for.
struct Asked {
    kills: u64,
    seed: Option<u64>,
    minutes: u64,
    resume: bool,
}

fn main() -> ExitCode {
    match asked(env::args().skip(1)).and_then(|asked| soak(&asked)) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(why) => {
            eprintln!("soak: {why}");
            ExitCode::from(2)
        }
    }
}

fn asked(mut args: impl Iterator<Item = String>) -> Result<Asked, String> {
    let mut asked = Asked { kills: 10_000, seed: None, minutes: 24 * 60, resume: false };
    while let Some(name) = args.next() {
        let mut number = || args.next().and_then(|text| text.parse().ok()).ok_or_else(|| format!("{name} needs a number; {USAGE}"));
        match name.as_str() {
            "--kills" => asked.kills = number()?,
            "--seed" => asked.seed = Some(number()?),
            "--minutes" => asked.minutes = number()?,
            "--resume" => asked.resume = true,
            _ => return Err(format!("{name} is not known; {USAGE}")),
        }
    }
    Ok(asked)
}

/// Runs the kills; whether nothing was found.
fn soak(asked: &Asked) -> Result<bool, String> {
    let path = PathBuf::from("target/soak/books.json");
    let begin = match asked.resume.then(|| read(&path)).transpose()? {
        Some(account) if asked.seed.is_none_or(|seed| seed == account.seed) => account,
        Some(account) => return Err(format!("{} has the seed {}; leave --seed or --resume out", path.display(), account.seed)),
        None => Account::new(asked.seed.unwrap_or_else(e2e::seed)),
    };
    println!("{} kills, {} of them done; seed {}; the account is {}", asked.kills, begin.kills, begin.seed, path.display());
    let plan = Plan { kills: asked.kills, lanes: LANES, limit: Duration::from_secs(asked.minutes * 60) };
    let told = Mutex::new(begin.kills);
    let account = run(plan, begin, |account| {
        if let Err(error) = write(&path, account) {
            eprintln!("soak: {}: {error}", path.display());
        }
        let mut told = told.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if account.kills >= *told + EVERY || !account.findings.is_empty() {
            *told = account.kills;
            println!("{}", account.line());
        }
    });
    account.findings.iter().for_each(|finding| println!("✗ {finding}"));
    println!("{} {}", if account.is_clean() { "✓" } else { "✗" }, account.line());
    if account.kills < asked.kills {
        println!("{} kills are left; --resume goes on", asked.kills - account.kills);
    }
    Ok(account.is_clean())
}

fn read(path: &Path) -> Result<Account, String> {
    let text = fs::read(path).map_err(|error| format!("{}: {error}; there is nothing to go on from", path.display()))?;
    serde_json::from_slice(&text).map_err(|error| format!("{}: {error}", path.display()))
}

/// Whole or not at all: the soak may be ended at any moment.
fn write(path: &Path, account: &Account) -> io::Result<()> {
    let beside = path.with_extension("new");
    fs::create_dir_all(path.parent().unwrap_or(path))?;
    fs::write(&beside, serde_json::to_vec_pretty(account)?)?;
    fs::rename(beside, path)
}
