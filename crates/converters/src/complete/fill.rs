//! What a source left out and the station knows.

use jiff::Timestamp as Instant;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use report::{Kind, Number, Report, Timestamp};
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

/// Gives the start its offset, the UTC start its value, and either from the other.
fn fill_times(report: &mut Report, zone: &TimeZone, warnings: &mut Named<Warning>) {
    let utc = report.start_utc.as_ref().and_then(Timestamp::instant);
    match (&report.start, utc) {
        (Some(start), _) if start.has_offset() => {}
        (Some(start), utc) => {
            if let Some((placed, note)) = place(start, utc, zone) {
                warnings.extend(note.map(|note| Warning::new("/start", note)));
                report.start = Some(placed);
            }
        }
        (None, Some(utc)) => report.start = Some(Timestamp::from_zoned(&utc.to_zoned(zone.clone()))),
        (None, None) => {}
    }
    if report.start_utc.is_none() {
        report.start_utc = report.start.as_ref().and_then(Timestamp::instant).map(Timestamp::from_instant);
    }
}

/// A local start with its offset: the one its UTC start tells, else that of the zone.
fn place(start: &Timestamp, utc: Option<Instant>, zone: &TimeZone) -> Option<(Timestamp, Option<String>)> {
    let local: DateTime = start.to_string().trim().parse().ok()?;
    if let Some(zoned) = utc.and_then(|utc| time::beside(local, utc)) {
        return Some((Timestamp::from_zoned(&zoned), None));
    }
    let placed = time::place(local, zone)?;
    Some((Timestamp::from_zoned(&placed.zoned), placed.note))
}
