//! `convert`: files by hand, read the way the worker reads them. Sends nothing, writes nothing.

use super::args::{Convert, Reading};
use super::files;
use super::session::{Ending, Session};
use crate::exit::{Exit, Fatal};
use crate::intake::{Content, Recipe};
use crate::output::Mood;
use crate::settings;
use converters::{Conversion, Defaults, Failure, Sink, Stopped};
use instance::Config;
use report::Step;
use serde_json::{Map, Value, json};
use std::path::Path;

/// What a report says where neither its file nor an instance names a place: enough to look at it.
const UNKNOWN: &str = "Unknown";

pub(crate) fn convert(session: &Session, convert: &Convert) -> Ending {
    let options = options(&convert.reading)?;
    let defaults = defaults(session)?;
    let sees = Reader { reading: &convert.reading, options: &options, defaults: &defaults, tracing: convert.trace };
    files::each(session, &convert.files, true, |path| {
        let (content, name) = content(path)?;
        sees.convert(content, &name, &mut Printer { session, trace: convert.trace })?;
        Ok(None)
    })
}

/// Those of the instance that was chosen, or of the only one; without any, stand-ins.
pub(super) fn defaults(session: &Session) -> Result<Defaults, Fatal> {
    if let Some(instance) = session.chosen_or_only()? {
        return Ok(settings::defaults(&instance.config()?));
    }
    session.out.note(&format!("no instance is chosen: where a file names no location or purpose, they are {UNKNOWN:?}"));
    let config = Config { location: UNKNOWN.to_owned(), purpose: UNKNOWN.to_owned(), ..Config::default() };
    Ok(settings::defaults(&config))
}

/// How files are read by hand.
pub(super) struct Reader<'a> {
    pub(super) reading: &'a Reading,
    pub(super) options: &'a Map<String, Value>,
    pub(super) defaults: &'a Defaults,
    pub(super) tracing: bool,
}

impl Reader<'_> {
    /// The format that was named, or the one the content looks like.
    pub(super) fn format(&self, content: &Content, name: &str) -> Result<&'static dyn converters::Format, Fatal> {
        let wanted = self.reading.format.as_deref().unwrap_or("detect");
        content.format(wanted, name).map_err(|reason| {
            // By hand there is no watch rule to correct.
            let fix = if wanted == "detect" { "name the format with --format" } else { &reason.fix };
            Fatal::new(Exit::Failed, format!("{}: {fix}", reason.message))
        })
    }

    pub(super) fn convert(&self, content: Content, name: &str, sink: &mut dyn Sink) -> Result<&'static str, Fatal> {
        let format = self.format(&content, name)?;
        let zone = jiff::tz::TimeZone::system();
        let (options, defaults, tracing) = (self.options, self.defaults, self.tracing);
        let recipe = Recipe { format: format.name(), options, defaults, time_zone: &zone, tracing, may_grow: false };
        let failed = |failure: Failure| Fatal::new(Exit::Failed, failure);
        content.convert(format, name, &recipe, sink).map_err(failed)?;
        Ok(format.name())
    }
}

/// The content of a file and its name.
pub(super) fn content(path: &Path) -> Result<(Content, String), Fatal> {
    let file = files::open(path)?;
    let read = file.metadata().and_then(|metadata| Content::read(file, metadata.len()));
    let content = read.map_err(|error| Fatal::new(Exit::Failed, format!("cannot be read: {error}")))?;
    Ok((content, path.file_name().unwrap_or_default().to_string_lossy().into_owned()))
}

/// The pairs given as NAME=VALUE: JSON where it is JSON, else text.
pub(super) fn pairs(texts: &[String]) -> Result<Map<String, Value>, Fatal> {
    let pair = |text: &String| {
        let (name, value) = text.split_once('=').ok_or_else(|| Fatal::new(Exit::Usage, format!("--option {text:?} is no NAME=VALUE")))?;
        Ok((name.to_owned(), serde_json::from_str(value).unwrap_or_else(|_| Value::from(value))))
    };
    texts.iter().map(pair).collect()
}

/// The options that were given, which must be right for the format they are for.
pub(super) fn options(reading: &Reading) -> Result<Map<String, Value>, Fatal> {
    let options = pairs(&reading.options)?;
    let Some(name) = reading.format.as_deref().filter(|name| *name != "detect") else {
        return if options.is_empty() {
            Ok(options)
        } else {
            Err(Fatal::new(Exit::Usage, "--option needs --format: options belong to a format"))
        };
    };
    let format =
        converters::format(name).ok_or_else(|| Fatal::new(Exit::Usage, format!("{name:?} is no format; `lineside formats` lists them")))?;
    match converters::check_options(format, &options.clone().into()).first() {
        None => Ok(options),
        Some(problem) => Err(Fatal::new(Exit::Usage, format!("--option {}: {}", problem.pointer.trim_start_matches('/'), problem.message))),
    }
}

/// Prints each report as it comes.
struct Printer<'a> {
    session: &'a Session,
    trace: bool,
}

impl Sink for Printer<'_> {
    fn take(&mut self, conversion: Conversion) -> Result<(), Stopped> {
        let out = self.session.out;
        if out.json && self.trace {
            let warnings: Vec<Value> = conversion
                .warnings
                .iter()
                .map(|warning| json!({"pointer": warning.pointer, "message": warning.message, "at": warning.at}))
                .collect();
            out.json(&json!({"report": conversion.report, "warnings": warnings, "trace": conversion.trace}));
        } else if out.json {
            out.raw(&String::from_utf8_lossy(&conversion.report.to_json()));
        } else {
            summarize(self.session, &conversion);
        }
        Ok(())
    }
}

fn summarize(session: &Session, conversion: &Conversion) {
    let report = &conversion.report;
    let result = report.result.as_ref().map_or("?", |result| result.letter());
    let mood = if result == "P" { Mood::Good } else { Mood::Bad };
    let steps = crate::output::counted(report.step_count() as u64, "step");
    session.out.line(mood, &format!("{result} {} · {} {} · {steps} · {}", report.sn, report.pn, report.rev, conversion.id));
    if let Some(root) = &report.root {
        tree(session, root, 1);
    }
    for warning in &conversion.warnings {
        let at = warning.at.map_or_else(String::new, |at| format!("line {}: ", at.line));
        let pointer = if warning.pointer.is_empty() { String::new() } else { format!("{}: ", warning.pointer) };
        session.out.line(Mood::Warning, &format!("  warning: {at}{pointer}{}", warning.message));
    }
    for (pointer, at) in conversion.trace.iter() {
        session.out.line(Mood::Quiet, &format!("  {pointer}  line {}, column {} (bytes {}–{})", at.line, at.column, at.start, at.end));
    }
}

fn tree(session: &Session, step: &Step, depth: usize) {
    let status = step.status.as_ref().map_or(" ", |status| status.letter());
    let mood = if status == "F" { Mood::Bad } else { Mood::Plain };
    let measured: Vec<String> = step.numeric.iter().map(measured).collect();
    let line = format!("{}{status} {} [{}] {}", "  ".repeat(depth), step.name, step.step_type, measured.join("; "));
    session.out.line(mood, line.trim_end());
    step.steps.iter().for_each(|step| tree(session, step, depth + 1));
}

fn measured(meas: &report::NumericMeas) -> String {
    let text = |value: &Option<report::Number>| value.as_ref().map_or_else(String::new, ToString::to_string);
    let value = meas.value.as_ref().map_or_else(|| "no value".to_owned(), ToString::to_string);
    let limits = match (&meas.low_limit, &meas.high_limit) {
        (None, None) => String::new(),
        (low, high) => format!(" ({} … {})", text(low), text(high)),
    };
    let unit = meas.unit.as_ref().filter(|unit| !unit.is_empty()).map_or_else(String::new, |unit| format!(" {unit}"));
    let name = meas.name.as_ref().map_or_else(String::new, |name| format!("{name} = "));
    format!("{name}{value}{unit}{limits}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_json_where_they_can_be_and_text_else() {
        let reading = |format: Option<&str>, options: &[&str]| Reading {
            format: format.map(str::to_owned),
            options: options.iter().map(|option| (*option).to_owned()).collect(),
        };
        let given =
            options(&reading(Some("wstf"), &["default_process_code=10", "culture=nb-NO", "time_zone=\"UTC\""])).expect("three pairs");
        assert_eq!(Value::from(given), json!({"default_process_code": 10, "culture": "nb-NO", "time_zone": "UTC"}));
        for wrong in [reading(Some("wstf"), &["nothing"]), reading(Some("wstf"), &["nothing=1"]), reading(None, &["culture=nb-NO"])] {
            assert_eq!(options(&wrong).map_err(|fatal| fatal.exit), Err(Exit::Usage), "{wrong:?}");
        }
    }
}
