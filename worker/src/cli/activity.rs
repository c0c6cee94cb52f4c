//! `activity` and `yield`: pictures over time, from the store. A thin shell over its view, which the app asks itself.

use super::args;
use super::queue::unreadable;
use super::session::{Ending, Session, local, now};
use crate::exit::{Exit, Fatal};
use crate::output::{Column, Mood, counted};
use store::{Activity, Lately, Yield, YieldRange};

/// Stretches in which something happened that a person is shown, the latest.
const LINES: usize = 24;

pub(crate) fn activity(session: &Session, asked: &args::Activity) -> Ending {
    let instance = session.instance(asked.id.as_deref())?;
    let lately = Lately::of_hours(asked.hours).ok_or_else(|| Fatal::new(Exit::Usage, "--hours is 1, 24 or 168"))?;
    let now = now().as_millisecond();
    let activity = match instance.view()? {
        Some(view) => view.activity(lately, now).map_err(unreadable)?,
        None => Activity::none(lately, now),
    };
    if session.out.json {
        session.out.json(&activity);
        return Ok(None);
    }
    let columns =
        [Column::Text("from"), Column::Number("sent"), Column::Number("rejected"), Column::Number("refused"), Column::Number("ms")];
    let rows: Vec<Vec<String>> = (0..activity.sent.len()).filter_map(|at| row(&activity, at)).collect();
    if rows.is_empty() {
        session.out.note(&format!("nothing was sent, rejected or refused in {}", counted(asked.hours, "hour")));
        return Ok(None);
    }
    session.out.table(&columns, &rows[rows.len().saturating_sub(LINES)..]);
    let sum = |counts: &[u64]| counts.iter().sum::<u64>();
    let (sent, rejected) = (counted(sum(&activity.sent), "report"), counted(sum(&activity.rejected), "file"));
    session.out.line(Mood::Plain, &format!("{sent} sent, {rejected} rejected, {} refused", counted(sum(&activity.refused), "report")));
    Ok(None)
}

/// A stretch in which something happened.
fn row(activity: &Activity, at: usize) -> Option<Vec<String>> {
    let counts = [activity.sent[at], activity.rejected[at], activity.refused[at]];
    let begins = activity.from_at + i64::try_from(at).ok()? * i64::from(activity.bucket_s) * 1000;
    let latency = activity.latency_ms[at].map_or_else(String::new, |ms| ms.to_string());
    let cells = std::iter::once(local(begins)).chain(counts.iter().map(ToString::to_string)).chain([latency]);
    counts.iter().any(|count| *count > 0).then(|| cells.collect())
}

pub(crate) fn yield_of(session: &Session, asked: &args::Yield) -> Ending {
    let instance = session.instance(asked.id.as_deref())?;
    let range = if asked.range == "week" { YieldRange::Week } else { YieldRange::Day };
    let now = now().as_millisecond();
    let found = match instance.view()? {
        Some(view) => view.yield_of(range, now).map_err(unreadable)?,
        None => Yield::none(range, now),
    };
    if session.out.json {
        session.out.json(&found);
        return Ok(None);
    }
    let Some(share) = found.first_pass_yield else {
        session.out.note(&format!("no unit was tested since {}", local(found.from_at)));
        return Ok(None);
    };
    let (units, reports) = (counted(found.units, "unit"), counted(found.reports, "report"));
    let line = format!("{} of {units} passed at once ({:.1} %), {} in the end; {reports}", found.first_pass, share * 100.0, found.passed);
    session.out.line(Mood::Plain, &line);
    let columns = [Column::Text("part"), Column::Number("units"), Column::Number("at once"), Column::Number("in the end")];
    let part =
        |part: &store::PartYield| vec![part.pn.clone(), part.units.to_string(), part.first_pass.to_string(), part.passed.to_string()];
    session.out.table(&columns, &found.by_part.iter().map(part).collect::<Vec<_>>());
    if !found.failures.is_empty() {
        let columns = [Column::Text("failing step"), Column::Text("part"), Column::Number("units")];
        let step = |one: &store::FailingStep| vec![one.step.clone(), one.pn.clone(), one.units.to_string()];
        session.out.table(&columns, &found.failures.iter().map(step).collect::<Vec<_>>());
    }
    Ok(None)
}
