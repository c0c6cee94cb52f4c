//! `queue verify`: the books of an instance, checked without changing anything.

use super::session::{Ending, Instance, Session, now};
use crate::exit::{Exit, Fatal};
use crate::output::{Column, Mood, counted};
use crate::verify::{self, Check, Depth, Found, Subject};
use instance::Liveness;
use serde_json::json;
use std::cell::Cell;

/// Findings of one check that are printed.
const SHOWN: usize = 20;

pub(super) fn verify(session: &Session, instance: &Instance) -> Ending {
    let waiting = session.out.waiting("verifying".to_owned());
    let rows = Cell::new(0);
    let checks = checks(instance, Depth::Thorough, &|more| {
        rows.set(rows.get() + more);
        waiting.at(0, format!("verifying: {}", counted(rows.get(), "row")));
    });
    drop(waiting);
    let checks = checks?;
    let (faults, warnings) = (sum(&checks, |check| check.faults), sum(&checks, |check| check.warnings));
    let ending = (faults > 0).then_some(Exit::Failed);
    if session.out.json {
        session.out.json(&json!({"instance": instance.id, "faults": faults, "warnings": warnings, "checks": checks}));
        return Ok(ending);
    }
    let columns = [Column::Text("what"), Column::Number("checked"), Column::Text("verdict")];
    session.out.table(&columns, &checks.iter().map(cells).collect::<Vec<_>>());
    for check in &checks {
        check.findings.iter().take(SHOWN).for_each(|found| tell(session, check.name, found));
        let more = (check.faults + check.warnings).saturating_sub(SHOWN as u64);
        if more > 0 {
            session.out.note(&format!("{more} more of {}; --json shows the first hundred of each", check.name));
        }
    }
    let (mood, text) = match (faults, warnings) {
        (0, 0) => (Mood::Good, "the books balance".to_owned()),
        (0, _) => (Mood::Warning, format!("the books balance, with {}", counted(warnings, "warning"))),
        _ => (Mood::Bad, format!("{}, {}; what follows → puts it right", counted(faults, "fault"), counted(warnings, "warning"))),
    };
    session.out.line(mood, &text);
    Ok(ending)
}

/// Verifies the instance; a running worker is not disturbed.
pub(super) fn checks(instance: &Instance, depth: Depth, step: &dyn Fn(u64)) -> Result<Vec<Check>, Fatal> {
    let liveness = instance.liveness();
    let subject = Subject {
        layout: &instance.layout,
        running: matches!(liveness, Liveness::Running(_) | Liveness::RunningUnknown),
        crashed: matches!(liveness, Liveness::Stale(_)),
        config: instance.config().ok(),
        now: now(),
    };
    verify::verify(&subject, depth, step).map_err(|error| Fatal::new(Exit::Failed, error))
}

pub(super) fn sum(checks: &[Check], of: fn(&Check) -> u64) -> u64 {
    checks.iter().map(of).sum()
}

fn cells(check: &Check) -> Vec<String> {
    let verdict = match (check.checked, check.faults, check.warnings) {
        (None, 0, 0) => "not looked at".to_owned(),
        (_, 0, 0) => "sound".to_owned(),
        (_, 0, warnings) => counted(warnings, "warning"),
        (_, faults, 0) => counted(faults, "fault"),
        (_, faults, warnings) => format!("{}, {}", counted(faults, "fault"), counted(warnings, "warning")),
    };
    vec![check.name.to_owned(), check.checked.map_or_else(String::new, |checked| checked.to_string()), verdict]
}

fn tell(session: &Session, name: &str, found: &Found) {
    let (mark, mood) = if found.fault { ('✗', Mood::Bad) } else { ('⚠', Mood::Warning) };
    session.out.line(mood, &format!("{mark} {name}: {}: {}", found.about, found.what));
    session.out.line(Mood::Plain, &format!("  → {}", found.remedy));
}
