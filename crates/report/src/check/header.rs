//! The keys every report has.

use uuid::Uuid;

use super::{Inspection, Severity};
use crate::{Kind, Outcome, Report};

/// Characters that the server's searches take for wild cards.
const WILD: [char; 9] = ['*', '%', '?', '[', ']', '^', '!', '/', '\\'];

pub(super) fn check(inspection: &mut Inspection, report: &Report) {
    check_id(inspection, report);
    for (key, text) in [("pn", &report.pn), ("sn", &report.sn)] {
        inspection.required(key, text, 100);
        // white space around it is the server's to trim
        if let Some(control) = text.trim().chars().find(|c| c.is_control()) {
            let code = u32::from(control);
            inspection.error(
                key,
                format!("{key} holds the control character U+{code:04X}"),
                "nobody could type it to find the unit: leave it out",
            );
        }
        if text.contains(WILD) {
            inspection.warning(
                key,
                format!("{key} \"{text}\" holds one of * % ? [ ] ^ ! / \\"),
                "searches take these for wild cards: use others",
            );
        }
    }
    inspection.required("rev", &report.rev, 100);
    inspection.required("machineName", &report.machine_name, 100);
    inspection.required("location", &report.location, 100);
    inspection.required("purpose", &report.purpose, 100);
    check_process(inspection, report);
    check_result(inspection, report);
    check_start(inspection, report);
    check_parts(inspection, report);
}

fn check_id(inspection: &mut Inspection, report: &Report) {
    match report.id.as_deref().map(str::trim) {
        None | Some("") => inspection.error("id", "id is missing", "give the report a UUID"),
        Some(id) if Uuid::try_parse(id).is_err() => inspection.error("id", format!("\"{id}\" is not a UUID"), "give the report a UUID"),
        Some(_) => {}
    }
}

fn check_process(inspection: &mut Inspection, report: &Report) {
    match &report.process_code {
        Some(code) if code.as_i64().is_none() => {
            inspection.error(
                "processCode",
                format!("processCode {code} is not a whole number"),
                "give the number of the process on the server",
            );
        }
        None if report.process_name.as_deref().is_none_or(|name| name.trim().is_empty()) => {
            inspection.error("processCode", "neither processCode nor processName is given", "give the number of the process on the server");
        }
        _ => {}
    }
}

fn check_result(inspection: &mut Inspection, report: &Report) {
    let fix = "say P, F, E or T";
    match &report.result {
        None => inspection.error("result", "result is missing", fix),
        Some(Outcome::Skipped) => inspection.error("result", "a report cannot be skipped", fix),
        Some(Outcome::Other(word)) => inspection.error("result", format!("\"{word}\" is not a result"), fix),
        Some(Outcome::Passed) if root_failed(report) => inspection.warning("result", "the report passed, but its root step did not", fix),
        Some(_) => {}
    }
}

fn root_failed(report: &Report) -> bool {
    report.root.as_ref().and_then(|root| root.status.as_ref()).is_some_and(|status| status.severity() > 0)
}

fn check_start(inspection: &mut Inspection, report: &Report) {
    if report.start.is_none() && report.start_utc.is_none() {
        inspection.error("start", "start is missing", "say when the test started, with offset: 2026-01-31T08:00:00+01:00");
    }
    inspection.time(Severity::Error, "start", report.start.as_ref());
    inspection.time(Severity::Error, "startUTC", report.start_utc.as_ref());
    if let Some(start) = report.start.as_ref().filter(|start| start.civil().is_some_and(|civil| civil.year() < 1970)) {
        inspection.warning("start", format!("\"{start}\" lies before 1970"), "the clock of the tester may not have been set: correct it");
    }
    if let Some(start) = &report.start
        && report.start_utc.is_none()
        && start.civil().is_some()
        && !start.has_offset()
    {
        inspection.warning(
            "start",
            format!("\"{start}\" does not say its offset"),
            "write it as 2026-01-31T08:00:00+01:00, or give startUTC",
        );
    }
}

fn check_parts(inspection: &mut Inspection, report: &Report) {
    let has = |inspection: &mut Inspection, key: &str, there: bool, what: &str| {
        if !there {
            inspection.error(key, format!("{key} is missing"), format!("a {what} report needs it"));
        }
    };
    let has_not = |inspection: &mut Inspection, key: &str, there: bool, what: &str| {
        if there {
            inspection.warning(key, format!("a {what} report carries {key}"), "leave it out, or change the type of the report");
        }
    };
    match report.kind {
        Kind::Test => {
            has(inspection, "root", report.root.is_some(), "test");
            has(inspection, "uut", report.uut.is_some(), "test");
            has_not(inspection, "uur", report.uur.is_some(), "test");
        }
        Kind::Repair => {
            has(inspection, "uur", report.uur.is_some(), "repair");
            has(inspection, "subUnits", !report.sub_units.is_empty(), "repair");
            has_not(inspection, "root", report.root.is_some(), "repair");
        }
    }
}
