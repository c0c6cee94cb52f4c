//! Steps and what they carry.

use super::{Inspection, MAX_STEP_DEPTH, Severity, files, meas};
use crate::{Group, Outcome, SeqCall, Step};

pub(super) fn check_root(inspection: &mut Inspection, root: &Step) {
    if !root.is_sequence() {
        inspection.error("stepType", format!("the root step is \"{}\"", root.step_type), "make it a SequenceCall and put the steps inside");
    }
    check_step(inspection, root, 1);
}

fn check_step(inspection: &mut Inspection, step: &Step, depth: usize) {
    inspection.required("name", &step.name, 100);
    if step.step_type.is_empty() {
        inspection.warning("stepType", "stepType is missing", "say what kind of step it is, such as ET_NLT or Action");
    }
    check_status(inspection, step);
    if let Some(Group::Other(word)) = &step.group {
        inspection.error("group", format!("\"{word}\" is not a step group"), "say S, M or C");
    }
    inspection.time(Severity::Warning, "start", step.start.as_ref());
    check_payload(inspection, step);
    meas::check(inspection, step);
    if depth == MAX_STEP_DEPTH && !step.steps.is_empty() {
        inspection.error("steps", format!("steps are nested deeper than {MAX_STEP_DEPTH}"), "flatten the sequence calls");
    } else {
        inspection.each("steps", &step.steps, |here, inner| check_step(here, inner, depth + 1));
    }
}

fn check_status(inspection: &mut Inspection, step: &Step) {
    match &step.status {
        None => inspection.warning("status", "status is missing", "say P, F, S, D, E or T"),
        Some(Outcome::Other(word)) => inspection.error("status", format!("\"{word}\" is not a status"), "say P, F, S, D, E or T"),
        Some(_) => {}
    }
}

fn check_payload(inspection: &mut Inspection, step: &Step) {
    let kinds = [
        ("seqCall", step.seq_call.is_some() || !step.steps.is_empty()),
        ("numericMeas", !step.numeric.is_empty()),
        ("stringMeas", !step.string.is_empty()),
        ("booleanMeas", !step.boolean.is_empty()),
        ("messagePopup", step.message_popup.is_some()),
        ("callExe", step.call_exe.is_some()),
    ];
    let there: Vec<&str> = kinds.iter().filter(|(_, there)| *there).map(|(key, _)| *key).collect();
    if let [_, second, ..] = there[..] {
        inspection.error(second, format!("one step carries {}", there.join(" and ")), "make a step of each");
    }
    if let Some(call) = &step.seq_call {
        inspection.at("seqCall", |here| check_seq_call(here, call));
    }
    if let Some(attachment) = &step.attachment {
        inspection.at("attachment", |here| files::check_attachment(here, attachment));
        if step.chart.is_some() {
            inspection.warning("attachment", "one step carries a chart and an attachment", "make a step of each");
        }
    }
}

fn check_seq_call(inspection: &mut Inspection, call: &SeqCall) {
    inspection.optional("path", call.path.as_ref(), 500);
    inspection.optional("name", call.name.as_ref(), 200);
    inspection.optional("version", call.version.as_ref(), 30);
}
