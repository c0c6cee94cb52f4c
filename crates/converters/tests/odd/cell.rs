//! One cell of the table: a format over an odd input, held to what every cell must give, and told in a line or two.

use std::time::{Duration, Instant};

use converters::{Conversion, Failure};
use serde_json::{Map, Value};

use crate::base::TEXT;
use crate::harness::sound::sound;
use crate::harness::{How, Ran, run, value};
use crate::oddities::Oddity;

/// How much of a reason or a value is told.
const TOLD: usize = 220;
/// Only a broken build takes longer for one cell.
const LONGEST: Duration = Duration::from_secs(120);
/// Inputs up to this size are run in every way, larger ones in one.
const SMALL: usize = 100_000;
/// The stack of a thread that converts; tokio's threads have no more.
const STACK: usize = 2 << 20;

/// Runs the format over the bytes in every way the worker and the command line do, unless they are many, and tells what came of it.
///
/// # Panics
/// When a cell breaks a promise that holds for any input.
pub(crate) fn tell(format: &'static str, odd: &Oddity) -> String {
    let Oddity { name, bytes } = odd;
    let what = format!("{format} over {name}");
    let once = |how: How| {
        let owned = bytes.clone();
        let begun = Instant::now();
        let work = move || run(format, "input", &owned, &Map::new(), how);
        let thread = std::thread::Builder::new().stack_size(STACK).spawn(work).unwrap();
        let ran = thread.join().unwrap_or_else(|_| panic!("{what} panicked"));
        assert!(begun.elapsed() < LONGEST, "{what} took {:?}", begun.elapsed());
        ran
    };
    let last = once(How::default());
    sound(&what, name.contains("U+FFFD"), &last);
    let told = told(&last);
    if bytes.len() > SMALL {
        return told;
    }
    let traced = once(How { tracing: true, may_grow: false });
    assert_eq!(self::told(&traced), told, "{what}: tracing changes what comes of it");
    let growing = once(How { tracing: false, may_grow: true });
    match (&growing.end, &last.end) {
        (Err(Failure::Incomplete(_)), _) | (Ok(()), Ok(())) => {}
        (Err(Failure::Rejected(_)), Err(Failure::Rejected(_))) => assert_eq!(self::told(&growing), told, "{what}"),
        (growing, _) => panic!("{what}: {growing:?} while it may grow, but once final:\n{told}"),
    }
    told
}

fn told(ran: &Ran) -> String {
    let mut lines = Vec::new();
    match &ran.end {
        Ok(()) => {
            let last = ran.kept.last().map(values).unwrap_or_default();
            lines.push(format!("taken, {}: {last}", counted(ran.kept.len(), "report")));
            let warnings: Vec<_> = ran.kept.iter().flat_map(|conversion| &conversion.warnings).collect();
            let some = |warning: &&converters::Warning| {
                let place = warning.at.map_or_else(String::new, |at| format!("line {}, column {}: ", at.line, at.column));
                format!("  warned: {place}{}: {}", clipped(&warning.pointer), clipped(&warning.message))
            };
            lines.extend(warnings.iter().take(2).map(some));
            if warnings.len() > 2 {
                lines.push(format!("  warned: {} in all", counted(warnings.len(), "warning")));
            }
        }
        Err(failure) => {
            let reasons = failure.to_string();
            lines.extend(reasons.lines().take(2).map(|reason| format!("refused: {}", clipped(reason))));
            let count = reasons.lines().count();
            if count > 2 {
                lines.push(format!("refused: {} in all", counted(count, "reason")));
            }
        }
    }
    lines.join("\n")
}

fn counted(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

/// The values an oddity may have touched.
fn values(conversion: &Conversion) -> String {
    let report = value(conversion);
    let root = &report["root"];
    let mut steps: Vec<&Value> = vec![root];
    let mut at = 0;
    while let Some(step) = steps.get(at) {
        steps.extend(step["steps"].as_array().into_iter().flatten());
        at += 1;
    }
    let measured =
        steps.iter().flat_map(|step| ["numericMeas", "stringMeas"].into_iter().flat_map(|key| step[key].as_array().into_iter().flatten()));
    let measured: Vec<String> = measured
        .take(3)
        .map(|meas| {
            let shown = ["value", "compOp", "lowLimit", "highLimit", "limit"].into_iter().filter(|key| !meas[*key].is_null());
            shown.map(|key| clipped(&meas[key].to_string())).collect::<Vec<_>>().join(" ")
        })
        .collect();
    let name = root["steps"][0]["name"].as_str().unwrap_or("-");
    let name = if name == TEXT { "the text".to_owned() } else { format!("the text as {}", clipped(&format!("{name:?}"))) };
    format!("{} {} {} start {} UTC {}", clipped(&report["sn"].to_string()), name, measured.join(", "), report["start"], report["startUTC"])
}

/// The beginning of a text, and how long it is.
pub(crate) fn clipped(text: &str) -> String {
    match text.char_indices().nth(TOLD) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}… ({} bytes)", &text[..end], text.len()),
    }
}
