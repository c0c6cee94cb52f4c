//! Chance against every format: the golden inputs and, where they are at hand, the samples of real testers, spoilt and spliced. Nothing
//! panics or hangs, and what comes out holds what every conversion has to (see `harness/sound.rs`).
//!
//! A test run goes through a share; with `LINESIDE_SHARE=all` each format runs for `LINESIDE_FUZZ_SECONDS` (60 unless it says otherwise).
//! The seed is told and is set by `LINESIDE_SEED`; without it the day is it. An input that breaks a promise is kept in the build folder.

#![allow(clippy::unwrap_used, clippy::print_stderr)] // a test that cannot go on should stop; a failure can be run again by its seed

#[path = "../harness/mod.rs"]
mod harness;
mod mutate;

use std::fs;
use std::panic::catch_unwind;
use std::path::Path;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use harness::sound::sound;
use harness::{How, cases, run, samples};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use serde_json::Map;

/// Inputs of a share, for each format.
const SHARE: u64 = 1000;
/// Only a broken build takes longer for one input.
const LONGEST: Duration = Duration::from_secs(60);
/// Larger samples are left to the tests of samples: here they would only take the time of many small ones.
const LARGEST_SAMPLE: usize = 32 << 10;

fn set(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.parse().unwrap_or_else(|error| panic!("{name} is {text:?}: {error}")))
}

/// What is spoilt: golden inputs of the format first, those of the others to splice with.
fn corpus(format: &str) -> (Vec<Vec<u8>>, Vec<Vec<u8>>) {
    let (own, others): (Vec<_>, Vec<_>) = cases().into_iter().partition(|case| case.format == format);
    let small = |(_, bytes): (String, Vec<u8>)| (bytes.len() <= LARGEST_SAMPLE).then_some(bytes);
    let own = own.into_iter().map(|case| case.bytes).chain(samples(&format!("wats-{format}")).into_iter().filter_map(small));
    (own.collect(), others.into_iter().map(|case| case.bytes).collect())
}

/// Runs one input in one of the ways and holds the outcome against its promises.
fn one(format: &str, bytes: &[u8], how: How) {
    let begun = Instant::now();
    let _ = converters::detect("input", bytes);
    let ran = run(format, "input", bytes, &Map::new(), how);
    assert!(begun.elapsed() < LONGEST, "it took {:?}", begun.elapsed());
    let incomplete = how.may_grow && matches!(ran.end, Err(converters::Failure::Incomplete(_)));
    if !incomplete {
        sound("the input", says_replaced(bytes), &ran);
    }
}

/// Whether the input may itself say U+FFFD, in whichever encoding.
fn says_replaced(bytes: &[u8]) -> bool {
    let has = |needle: &[u8]| bytes.windows(needle.len()).any(|window| window == needle);
    let lower = bytes.to_ascii_lowercase();
    let escaped = |needle: &[u8]| lower.windows(needle.len()).any(|window| window == needle);
    has("\u{fffd}".as_bytes()) || has(&[0xff, 0xfd]) || has(&[0xfd, 0xff]) || escaped(b"fffd") || escaped(b"65533")
}

fn fuzz(format: &'static str) {
    let all = std::env::var_os("LINESIDE_SHARE").is_some_and(|share| share == "all");
    let until = all.then(|| Instant::now() + Duration::from_secs(set("LINESIDE_FUZZ_SECONDS").unwrap_or(60)));
    let day = || SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs() / 86_400);
    let seed = set("LINESIDE_SEED").unwrap_or_else(day);
    eprintln!("LINESIDE_SEED={seed}");
    let (own, others) = corpus(format);
    let mut runs = 0_u64;
    while until.map_or(runs < SHARE, |until| Instant::now() < until) {
        let mut chance = StdRng::seed_from_u64(seed.wrapping_add(runs.wrapping_mul(0x9e37_79b9_7f4a_7c15)));
        let file = &own[chance.random_range(0..own.len())];
        let lenders = if chance.random_ratio(1, 4) { &others } else { &own };
        let bytes = mutate::mutate(file, lenders, &mut chance);
        let how = How { tracing: chance.random_ratio(1, 4), may_grow: chance.random_ratio(1, 4) };
        let kept = bytes.clone();
        if let Err(panic) = catch_unwind(|| one(format, &bytes, how)) {
            let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("fuzz-{format}-{seed}-{runs}"));
            fs::write(&file, kept).unwrap();
            eprintln!("the {runs}th input of seed {seed} breaks a promise; it is kept in {}", file.display());
            std::panic::resume_unwind(panic);
        }
        runs += 1;
    }
    eprintln!("{format}: {runs} inputs");
}

#[test]
fn nothing_that_chance_makes_of_a_wsjf_file_breaks_a_promise() {
    fuzz("wsjf");
}

#[test]
fn nothing_that_chance_makes_of_a_wsxf_file_breaks_a_promise() {
    fuzz("wsxf");
}

#[test]
fn nothing_that_chance_makes_of_a_wrml_file_breaks_a_promise() {
    fuzz("wrml");
}

#[test]
fn nothing_that_chance_makes_of_a_wstf_file_breaks_a_promise() {
    fuzz("wstf");
}
