//! What a source left out and the station knows.

use jiff::Timestamp as Instant;
use jiff::tz::TimeZone;
use report::{Issue, Kind, Number, Report, Severity, Timestamp};
use uuid::Uuid;

use super::made_id;
use crate::input::{Context, Defaults, Warning};
use crate::named::Named;
use crate::time;

/// Fills the report in and gives it its id.
pub(super) fn fill(report: &mut Report, context: &Context, index: usize, warnings: &mut Named<Warning>) -> Uuid {
    fill_defaults(report, &context.defaults);
    fill_times(report, &context.time_zone, warnings);
    let id = report.uuid().unwrap_or_else(|| {
        if let Some(given) = report.id.as_deref().filter(|id| !id.trim().is_empty()) {
            warnings.push(|| Warning::new("/id", format!("`{given}` is not a UUID; one was made from the content of the file")));
        }
        made_id(&context.content_hash, index)
    });
    report.id = Some(id.to_string());
    id
}

fn fill_defaults(report: &mut Report, defaults: &Defaults) {
    fill_text(&mut report.machine_name, &defaults.station_name);
    fill_text(&mut report.location, &defaults.location);
    fill_text(&mut report.purpose, &defaults.purpose);
    fill_text(&mut report.rev, defaults.part_revision.as_deref().unwrap_or_default());
    if report.process_code.is_none() && report.process_name.as_deref().unwrap_or_default().is_empty() {
        report.process_code = defaults.process_code.map(Number::from);
    }
    if report.kind == Kind::Test {
        report.uut.get_or_insert_default();
    }
    let user = match (&mut report.uut, &mut report.uur) {
        (Some(uut), _) => &mut uut.user,
        (None, Some(uur)) => &mut uur.user,
        (None, None) => return,
    };
    let operator = defaults.operator.as_deref().unwrap_or_default();
    if !operator.is_empty() && user.as_deref().unwrap_or_default().is_empty() {
        *user = Some(operator.to_owned());
    }
}

fn fill_text(text: &mut String, default: &str) {
    if text.trim().is_empty() {
        default.clone_into(text);
    }
}

/// Gives the start its offset, the UTC start its value, and either from the other. A UTC start that does not say so is one all the same.
fn fill_times(report: &mut Report, zone: &TimeZone, warnings: &mut Named<Warning>) {
    let utc = report.start_utc.as_ref().and_then(universal);
    match (&report.start, utc) {
        (Some(start), _) if start.has_offset() => {}
        (Some(start), utc) => {
            if let Some((placed, notes)) = place(start, utc, zone) {
                warnings.extend(notes);
                report.start = Some(placed);
            }
        }
        (None, Some(utc)) => report.start = Some(Timestamp::from_zoned(&utc.to_zoned(zone.clone()))),
        (None, None) => {}
    }
    if report.start_utc.is_none() {
        report.start_utc = report.start.as_ref().and_then(Timestamp::instant).map(Timestamp::from_instant);
    } else if let Some(utc) = utc.filter(|_| !report.start_utc.as_ref().is_some_and(Timestamp::has_offset)) {
        report.start_utc = Some(Timestamp::from_instant(utc));
    }
}

/// The instant of a time that is universal where it does not say its offset.
fn universal(time: &Timestamp) -> Option<Instant> {
    time.instant().or_else(|| TimeZone::UTC.to_timestamp(time.civil()?).ok())
}

/// A local start with its offset: the one its UTC start tells, else that of the zone. What is doubtful about it comes as warnings.
fn place(start: &Timestamp, utc: Option<Instant>, zone: &TimeZone) -> Option<(Timestamp, Vec<Warning>)> {
    let local = start.civil()?;
    if let Some(zoned) = utc.and_then(|utc| time::beside(local, utc)) {
        return Some((Timestamp::from_zoned(&zoned), Vec::new()));
    }
    let placed = time::place(local, zone)?;
    let apart = utc.filter(|utc| *utc != placed.zoned.timestamp());
    let apart = apart.map(|utc| Warning::new("/startUTC", format!("no zone shows {local} at {utc}; the start is taken as the station's")));
    let notes = placed.note.map(|note| Warning::new("/start", note)).into_iter().chain(apart).collect();
    Some((Timestamp::from_zoned(&placed.zoned), notes))
}

/// A start that, with its offset, lies in no year from 1 to 9999: the server could not keep it.
pub(super) fn beyond_the_calendar(report: &Report) -> Option<Issue> {
    let times = [("/start", &report.start), ("/startUTC", &report.start_utc)];
    times.into_iter().find_map(|(pointer, time)| {
        let time = time.as_ref().filter(|time| time.civil().is_some())?;
        let years = 1..=9999;
        let held = time.instant().is_some_and(|instant| years.contains(&TimeZone::UTC.to_datetime(instant).year()));
        let issue = || Issue {
            pointer: pointer.to_owned(),
            severity: Severity::Error,
            message: format!("\"{time}\" has no universal time in the years 1 to 9999"),
            fix: "correct the clock of the tester".to_owned(),
        };
        (!held).then(issue)
    })
}
