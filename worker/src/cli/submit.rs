//! `submit`: files sent by hand, through the same store as everything a tester wrote. The files stay where they are.

use super::args::Submit;
use super::convert::{Reader, content, options};
use super::files;
use super::session::{Ending, Session, now};
use crate::exit::{Exit, Fatal};
use crate::intake;
use crate::output::counted;
use crate::rule::shown;
use crate::settings;
use converters::{Conversion, Sink, Stopped};
use serde_json::{Value, json};
use std::path::Path;
use std::time::UNIX_EPOCH;
use store::{Account, Intake, Source, SourceOutcome, Store};

/// Priority of what a person sends by hand: before everything a tester wrote.
const BY_HAND: u8 = 1;

/// What became of a file.
enum Queued {
    Now { format: &'static str, tickets: u64, warnings: Vec<String> },
    Before { path: String },
}

pub(crate) fn submit(session: &Session, submit: &Submit) -> Ending {
    let instance = session.instance(None)?;
    let options = options(&submit.reading)?;
    let defaults = settings::defaults(&instance.config()?);
    let reader = Reader { reading: &submit.reading, options: &options, defaults: &defaults, tracing: false };
    let store = instance.store()?;
    let ending = files::each(session, &submit.files, session.out.json, |path| {
        let queued = enqueue(&store, path, &reader).inspect_err(|fatal| {
            if session.out.json {
                session.out.json(&json!({"file": path, "state": "failed", "reports": 0, "failure": fatal.message}));
            }
        })?;
        if session.out.json {
            session.out.json(&as_json(path, &queued));
            return Ok(None);
        }
        Ok(Some(told(&queued, session.out.verbose)))
    });
    if !instance.is_running() {
        session.out.note(&format!("no worker is running; `lineside start {}` sends what is queued", instance.id));
    }
    ending
}

fn as_json(path: &Path, queued: &Queued) -> Value {
    match queued {
        Queued::Now { format, tickets, warnings } => {
            json!({"file": path, "state": "queued", "format": format, "reports": tickets, "warnings": warnings, "failure": null})
        }
        Queued::Before { path: before } => {
            let failure = told(queued, false);
            json!({"file": path, "state": "known", "before": before, "reports": 0, "failure": failure})
        }
    }
}

fn told(queued: &Queued, verbose: bool) -> String {
    match queued {
        Queued::Before { path } => format!("its content was taken before, from {path}; `lineside resend` sends it again"),
        Queued::Now { format, tickets, warnings } => {
            let mut text = format!("{} queued as {format}", counted(*tickets, "report"));
            if verbose {
                warnings.iter().for_each(|warning| text += &format!("\n  warning: {warning}"));
            } else if !warnings.is_empty() {
                text += &format!(", {} (--verbose shows them)", counted(warnings.len() as u64, "warning"));
            }
            text
        }
    }
}

/// One file into the store, all of its reports or none.
fn enqueue(store: &Store, path: &Path, reader: &Reader<'_>) -> Result<Queued, Fatal> {
    let failed = |error: store::StoreError| Fatal::new(Exit::Failed, error);
    let (content, name) = content(path)?;
    let hash = *content.hash.as_bytes();
    let known = store.known_content(hash, &shown(path)).map_err(failed)?;
    if let Some(known) = known.filter(|known| known.outcome == SourceOutcome::Converted && known.account == Account::Whole) {
        return Ok(Queued::Before { path: known.path });
    }
    let format = reader.format(&content, &name)?.name();
    let modified = path.metadata().and_then(|metadata| metadata.modified()).ok().and_then(|at| at.duration_since(UNIX_EPOCH).ok());
    let source = Source {
        rule: String::new(),
        path: shown(&std::path::absolute(path).unwrap_or_else(|_| path.to_owned())),
        size: content.size,
        mtime_ns: modified.and_then(|age| i64::try_from(age.as_nanos()).ok()).unwrap_or_default(),
        hash,
        format: format.to_owned(),
        priority: BY_HAND,
    };
    let mut collector = Collector { intake: store.intake(source, now().as_millisecond()), reports: 0, warnings: Vec::new(), trouble: None };
    let converted = reader.convert(content, &name, &mut collector);
    if let Some(trouble) = collector.trouble {
        return Err(Fatal::new(Exit::Failed, trouble));
    }
    converted?;
    let id = collector.intake.commit().wait().map_err(failed)?;
    store.filed(id, None, now().as_millisecond()).wait().map_err(failed)?;
    Ok(Queued::Now { format, tickets: collector.reports, warnings: collector.warnings })
}

/// Puts each report into the intake as it comes.
struct Collector {
    intake: Intake,
    reports: u64,
    warnings: Vec<String>,
    trouble: Option<String>,
}

impl Sink for Collector {
    fn take(&mut self, conversion: Conversion) -> Result<(), Stopped> {
        let owed = intake::owed(conversion);
        self.reports += 1;
        self.warnings.extend(owed.warnings.iter().cloned());
        self.intake.push(owed).map_err(|error| {
            self.trouble = Some(error.to_string());
            Stopped
        })
    }
}
