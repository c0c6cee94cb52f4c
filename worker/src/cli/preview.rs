//! `preview`: what becomes of a file, for somebody who sets up a watch rule: its text, the guessed formats, the first reports with the place
//! of every value, or why there are none. Sends nothing, writes nothing.

use super::args;
use super::convert::{self, content, defaults};
use super::files;
use super::session::{Ending, Session};
use super::stdin;
use super::window::Window;
use crate::exit::{Exit, Fatal};
use crate::intake::{Content, Recipe};
use crate::output::{Mood, counted};
use converters::{Conversion, Defaults, Failure, Guess, Rejection, Sink, Span, Stopped, Warning};
use report::Step;
use serde::Serialize;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::io::{Read, Seek};
use std::path::Path;

/// Most reports that are shown.
const REPORTS: usize = 20;
/// Most steps that are shown, over all reports.
const STEPS: usize = 5_000;
/// Reports after which nobody needs to know how many more there are.
const COUNTED: usize = 1_000;
/// Detection looks at no more of a file.
const HEAD: u64 = 64 << 10;
/// Most reasons that are told.
const REASONS: usize = 20;

/// What is shown of a file.
#[derive(Debug, Serialize)]
struct Preview {
    file: String,
    size: u64,
    guesses: Vec<Guess>,
    format: Option<&'static str>,
    source: Window,
    reports: Vec<Shown>,
    /// Reports behind those that are shown; no more than a thousand are counted.
    more_reports: usize,
    failure: Option<Told>,
}

/// A report that is shown.
#[derive(Debug, Serialize)]
struct Shown {
    id: String,
    report: Value,
    warnings: Vec<Remark>,
    trace: BTreeMap<String, Span>,
    issues: Vec<Remark>,
    /// Steps that are left out.
    more_steps: usize,
}

/// Something to know about a value.
#[derive(Debug, Serialize)]
struct Remark {
    pointer: String,
    message: String,
    at: Option<Span>,
}

/// Why there are no (more) reports.
#[derive(Debug, PartialEq, Eq, Serialize)]
struct Told {
    message: String,
    fix: String,
    at: Option<Span>,
}

pub(crate) fn preview(session: &Session, asked: &args::Preview) -> Ending {
    let path = &asked.file;
    let options = options(asked)?;
    let wanted = asked.reading.format.as_deref().unwrap_or("detect");
    if wanted != "detect" && converters::format(wanted).is_none() {
        return Err(Fatal::new(Exit::Usage, format!("{wanted:?} is no format")).hinting("`lineside formats` lists them"));
    }
    let named = |fatal: Fatal| Fatal { message: format!("{}: {}", path.display(), fatal.message), ..fatal };
    let (content, name) = content(path).map_err(named)?;
    let (size, mut file) = (content.size, files::open(path).map_err(named)?);
    let unreadable = |error: std::io::Error| Fatal::new(Exit::Failed, format!("{}: cannot be read: {error}", path.display()));
    let mut head = Vec::new();
    file.by_ref().take(HEAD).read_to_end(&mut head).and_then(|_| file.rewind()).map_err(unreadable)?;
    let mut taker = Taker { reports: Vec::new(), steps: STEPS, more: 0 };
    let (format, failure) = converted(content, &name, wanted, &options, &defaults(session)?, &mut taker);
    let place = failure.as_ref().and_then(|told| told.at);
    let preview = Preview {
        file: path.display().to_string(),
        size,
        guesses: converters::detect(&name, &head),
        format,
        source: Window::around(&mut file, size, place).map_err(unreadable)?,
        reports: taker.reports,
        more_reports: taker.more,
        failure,
    };
    match session.out.json {
        true => session.out.json(&preview),
        false => tell(session, path, &preview),
    }
    Ok(preview.failure.map(|_| Exit::Failed))
}

/// The whole options of the file or of standard input, and over them those given one by one.
fn options(asked: &args::Preview) -> Result<Map<String, Value>, Fatal> {
    let mut options: Map<String, Value> = match &asked.options_json {
        Some(path) => stdin::json_in("the options", path)?,
        None => Map::new(),
    };
    options.extend(convert::pairs(&asked.reading.options)?);
    Ok(options)
}

fn converted(
    content: Content,
    name: &str,
    wanted: &str,
    options: &Map<String, Value>,
    defaults: &Defaults,
    taker: &mut Taker,
) -> (Option<&'static str>, Option<Told>) {
    let format = match content.format(wanted, name) {
        Ok(format) => format,
        Err(reason) => {
            let told = Told { message: reason.message, fix: "choose the format by hand, if it is one of these".to_owned(), at: None };
            return (None, Some(told));
        }
    };
    let zone = jiff::tz::TimeZone::system();
    let recipe = Recipe { format: format.name(), options, defaults, time_zone: &zone, tracing: true, may_grow: false };
    let failure = content.convert(format, name, &recipe, taker).err().and_then(told);
    (Some(format.name()), failure)
}

/// A failure in words; that enough was counted is none.
fn told(failure: Failure) -> Option<Told> {
    let reasons = match failure {
        Failure::Rejected(reasons) => reasons,
        Failure::Incomplete(reason) => vec![reason],
        Failure::Read(error) => {
            return Some(Told { message: format!("the file cannot be read: {error}"), fix: "try again".to_owned(), at: None });
        }
        Failure::Stopped => return None,
    };
    let first = reasons.first()?;
    let at = reasons.iter().find_map(|reason| reason.at);
    let message = match reasons.as_slice() {
        [only] => about(only),
        many => many.iter().take(REASONS).map(placed).collect::<Vec<_>>().join("\n"),
    };
    Some(Told { message, fix: first.fix.clone(), at })
}

fn about(reason: &Rejection) -> String {
    let pointer = reason.pointer.as_deref().filter(|pointer| !pointer.is_empty());
    pointer.map_or_else(|| reason.message.clone(), |pointer| format!("{pointer}: {}", reason.message))
}

fn placed(reason: &Rejection) -> String {
    let place = reason.at.map_or_else(String::new, |at| format!("line {}, column {}: ", at.line, at.column));
    format!("{place}{}", about(reason))
}

/// Takes the first reports and counts the others.
struct Taker {
    reports: Vec<Shown>,
    /// Steps that may still be shown.
    steps: usize,
    more: usize,
}

impl Sink for Taker {
    fn take(&mut self, conversion: Conversion) -> Result<(), Stopped> {
        if self.reports.len() < REPORTS && self.steps > 0 {
            self.reports.push(shown(conversion, &mut self.steps));
            return Ok(());
        }
        self.more += 1;
        if self.reports.len() + self.more < COUNTED { Ok(()) } else { Err(Stopped) }
    }
}

fn shown(conversion: Conversion, steps: &mut usize) -> Shown {
    let Conversion { mut report, id, warnings, trace, .. } = conversion;
    let checked: Vec<(String, String)> =
        report.check().into_iter().map(|issue| (issue.pointer, format!("{}: {}", issue.message, issue.fix))).collect();
    let is_issue = |warning: &Warning| checked.iter().any(|(pointer, message)| *pointer == warning.pointer && *message == warning.message);
    let (issues, warnings): (Vec<Warning>, Vec<Warning>) = warnings.into_iter().partition(is_issue);
    let remark = |warning: Warning| Remark { pointer: warning.pointer, message: warning.message, at: warning.at };
    let all = report.step_count();
    if let Some(root) = &mut report.root {
        *steps -= 1;
        prune(root, steps);
    }
    let (kept, report) = (report.step_count(), serde_json::to_value(&report).unwrap_or_default());
    let traced = trace.iter().filter(|(pointer, _)| kept == all || report.pointer(pointer).is_some());
    Shown {
        id: id.to_string(),
        trace: traced.map(|(pointer, span)| (pointer.to_owned(), span)).collect(),
        warnings: warnings.into_iter().map(remark).collect(),
        issues: issues.into_iter().map(remark).collect(),
        more_steps: all - kept,
        report,
    }
}

/// Leaves out the steps beyond those that may still be shown, the last ones first.
fn prune(step: &mut Step, left: &mut usize) {
    let mut kept = 0;
    for inner in &mut step.steps {
        if *left == 0 {
            break;
        }
        *left -= 1;
        kept += 1;
        prune(inner, left);
    }
    step.steps.truncate(kept);
}

fn tell(session: &Session, path: &Path, preview: &Preview) {
    let line = |mood, text: &str| session.out.line(mood, text);
    let guesses = preview.guesses.iter().map(|guess| format!("{} ({} %)", guess.format, guess.confidence.0)).collect::<Vec<_>>();
    let guesses = if guesses.is_empty() { "no format that Lineside knows".to_owned() } else { guesses.join(", ") };
    let source = match &preview.source {
        Window::Text { encoding, .. } => encoding,
        Window::Bytes { .. } => "no text",
    };
    line(Mood::Plain, &format!("{}: {} bytes, {source}, looks like {guesses}", path.display(), preview.size));
    for shown in &preview.reports {
        let text = |key: &str| shown.report[key].as_str().unwrap_or("?").to_owned();
        let (result, places) = (text("result"), shown.trace.len() as u64);
        let mood = if result == "P" { Mood::Good } else { Mood::Bad };
        line(mood, &format!("{result} {} · {} {} · {} traced", text("sn"), text("pn"), text("rev"), counted(places, "value")));
        for remark in shown.warnings.iter().chain(&shown.issues) {
            let at = remark.at.map_or_else(String::new, |at| format!("line {}: ", at.line));
            line(Mood::Warning, &format!("  warning: {at}{}: {}", remark.pointer, remark.message));
        }
    }
    if preview.more_reports > 0 {
        line(Mood::Quiet, &format!("and {} more", counted(preview.more_reports as u64, "report")));
    }
    if let Some(told) = &preview.failure {
        let at = told.at.map_or_else(String::new, |at| format!("line {}, column {}: ", at.line, at.column));
        line(Mood::Bad, &format!("{at}{}; {}", told.message, told.fix));
    }
}

#[cfg(test)]
mod tests;
