//! The report around the steps.

use report::Step;
use serde_json::{Map, Value};

use super::Options;
use super::fields::Kind::{AnyNumber, Flag, Number, NumberOrText, Outcome, Text};
use super::fields::{Field, Notes, Pointer};
use super::repair;
use super::step::step;
use crate::Defaults;
use crate::xml::Element;

const REPORT: &[Field] = &[
    Field("ID", "id", Text),
    Field("PN", "pn", Text),
    Field("SN", "sn", Text),
    Field("Rev", "rev", Text),
    Field("Result", "result", Outcome),
    Field("MachineName", "machineName", Text),
    Field("Location", "location", Text),
    Field("Purpose", "purpose", Text),
    Field("origin", "origin", Text),
    Field("ProductName", "productName", Text),
    Field("Start", "start", Text),
    Field("Start_utc", "startUTC", Text),
];
const PROCESS: &[Field] =
    &[Field("Code", "processCode", Number), Field("CodeFormat", "processCodeFormat", Text), Field("Name", "processName", Text)];
const UUT: &[Field] = &[
    Field("UserLoginName", "user", Text),
    Field("BatchSN", "batchSN", Text),
    Field("TestSocketIndex", "testSocketIndex", Number),
    Field("TestSocketIndexFormat", "testSocketIndexFormat", Text),
    Field("ExecutionTime", "execTime", Number),
    Field("ExecutionTimeFormat", "execTimeFormat", Text),
    Field("FixtureId", "fixtureId", Text),
    Field("ErrorCode", "errorCode", NumberOrText),
    Field("ErrorCodeFormat", "errorCodeFormat", Text),
    Field("ErrorMessage", "errorMessage", Text),
    Field("BatchFailCount", "batchFailCount", Number),
    Field("BatchFailCountFormat", "batchFailCountFormat", Text),
    Field("BatchLoopIndex", "batchLoopIndex", Number),
    Field("BatchLoopIndexFormat", "batchLoopIndexFormat", Text),
    Field("StepIdCausedUUTFailure", "stepIdCausedUUTFailure", Number),
    Field("Comment", "comment", Text),
];
const UUR: &[Field] = &[
    Field("UserLoginName", "user", Text),
    Field("ConfirmDate", "confirmDate", Text),
    Field("FinalizeDate", "finalizeDate", Text),
    Field("Active", "active", Flag),
    Field("ExecutionTime", "execTime", Number),
    Field("ReferencedUUT", "refUUT", Text),
    Field("Parent", "parent", Text),
    Field("Comment", "comment", Text),
];
const MISC_INFO: &[Field] = &[
    Field("Description", "description", Text),
    Field("Numeric", "numeric", AnyNumber),
    Field("NumericFormat", "numericFormat", Text),
    Field("Id", "id", Text),
    Field("Typedef", "typedef", Text),
];
const ASSET: &[Field] = &[
    Field("AssetSN", "sn", Text),
    Field("AssetType", "assetType", Text),
    Field("UsageCount", "usageCount", Number),
    Field("UsageCountFormat", "usageCountFormat", Text),
];

/// A report in WSXF's nested shape: what is around the steps as WSJF, and its root step. What is wrong is in the notes' rejections.
pub(super) fn report(notes: &mut Notes, options: &Options, defaults: &Defaults, element: &Element) -> (Value, Option<Step>) {
    let mut root_step = None;
    let whole = Pointer::WHOLE;
    let mut report = notes.read(element, &whole, REPORT, &["type", "schemaLocation"]);
    for (key, name) in [("pn", "PN"), ("sn", "SN")] {
        if !report.contains_key(key) {
            let message = format!("the report has no {name}");
            notes.reject(&whole.key(key), element.at, message, format!("write the attribute {name} of <Report>"));
        }
    }
    let repair = kind(notes, element);
    report.insert("type".into(), if repair { "R" } else { "T" }.into());
    process(notes, &mut report, element, defaults.process_code.is_some());
    if repair {
        uur(notes, &mut report, element);
        repair::units(notes, &mut report, element);
        repair::binaries(notes, &mut report, element);
    } else {
        uut(notes, &mut report, element);
        root_step = root(notes, options, element);
        list(notes, &mut report, "subUnits", element.named("ReportUnitHierarchy"), |notes, unit, at| {
            notes.leaf(unit, at, repair::UNIT, &["idx", "order_no"])
        });
        repair::binaries(notes, &mut report, element);
    }
    list(notes, &mut report, "miscInfos", element.named("MiscInfo"), misc_info);
    let assets = element.named("Asset").chain(element.named("Assets").flat_map(|assets| assets.named("Asset")));
    list(notes, &mut report, "assets", assets, |notes, asset, at| notes.leaf(asset, at, ASSET, &[]));
    left_over(notes, element, repair);
    (report.into(), root_step)
}

/// Whether the report is a repair.
fn kind(notes: &mut Notes, element: &Element) -> bool {
    let Some(kind) = element.attribute("type") else {
        return element.child("UUR").is_some();
    };
    let repair = kind.value.trim().eq_ignore_ascii_case("UUR");
    if !repair && !kind.value.trim().eq_ignore_ascii_case("UUT") {
        let message = format!("type=\"{}\" is no type of report", kind.value);
        notes.reject(&Pointer::WHOLE.key("type"), kind.at, message, "write UUT for a test or UUR for a repair");
    }
    notes.place(&Pointer::WHOLE.key("type"), kind.at);
    repair
}

fn process(notes: &mut Notes, into: &mut Map<String, Value>, element: &Element, default: bool) {
    let found = element.child("Process").map(|process| read_process(notes, process, &Pointer::WHOLE));
    let complete = found.as_ref().is_some_and(|process| process.contains_key("processCode") || process.contains_key("processName"));
    if !complete && !default {
        let message = "the report has no Process, or one without Code and Name";
        let fix = "write <Process Code=\"…\"/>, or set `default_process_code`";
        notes.reject(&Pointer::WHOLE.key("processCode"), element.at, message, fix);
    }
    into.extend(found.into_iter().flatten());
}

/// A process; its `Guid` identifies it on one server only, and the all-zero one says nothing.
fn read_process(notes: &mut Notes, process: &Element, pointer: &Pointer<'_>) -> Map<String, Value> {
    let mut known = Vec::new();
    if let Some(guid) = process.attribute("Guid")
        && guid.value.chars().all(|c| matches!(c, '0' | '-'))
    {
        known.push("Guid");
    }
    // a process is part of what holds it and has no place of its own
    let span = notes.trace.get(&pointer.to_string());
    let fields = notes.leaf(process, pointer, PROCESS, &known);
    if let Some(span) = span {
        notes.place(pointer, span);
    }
    fields
}

fn uut(notes: &mut Notes, report: &mut Map<String, Value>, element: &Element) {
    let pointer = Pointer::WHOLE.key("uut");
    let Some(uut) = element.child("UUT") else {
        notes.reject(&pointer, element.at, "the report is of type UUT and has no <UUT>", "write the element <UUT>");
        return;
    };
    let mut fields = notes.read(uut, &pointer, UUT, &[]);
    for child in &uut.children {
        if child.is("Comment") {
            notes.text(&mut fields, &pointer, "comment", child);
        } else {
            notes.homeless(&pointer, child);
        }
    }
    report.insert("uut".into(), fields.into());
}

fn uur(notes: &mut Notes, report: &mut Map<String, Value>, element: &Element) {
    let pointer = Pointer::WHOLE.key("uur");
    let Some(uur) = element.child("UUR") else {
        notes.reject(&pointer, element.at, "the report is of type UUR and has no <UUR>", "write the element <UUR>");
        return;
    };
    let mut fields = notes.read(uur, &pointer, UUR, &[]);
    for child in &uur.children {
        if child.is("Comment") {
            notes.text(&mut fields, &pointer, "comment", child);
        } else if child.is("Process") {
            let process = read_process(notes, child, &pointer);
            fields.extend(process);
        } else {
            notes.homeless(&pointer, child);
        }
    }
    if !fields.contains_key("processCode") && !fields.contains_key("processName") {
        let fix = "write <Process Code=\"…\"/> inside of <UUR>";
        notes.reject(&pointer.key("processCode"), uur.at, "the repair does not say which test operation it follows", fix);
    }
    report.insert("uur".into(), fields.into());
}

fn root(notes: &mut Notes, options: &Options, element: &Element) -> Option<Step> {
    let pointer = Pointer::WHOLE.key("root");
    let mut roots = element.named("Step");
    match (roots.next(), roots.next()) {
        (Some(root), None) => return Some(step(notes, options, root, &pointer)),
        (None, _) => notes.reject(&pointer, element.at, "the report has no root step", "write one <Step> that all other steps are in"),
        (_, Some(second)) => {
            let message = format!("the report has {} root steps; this is the second", 2 + roots.count());
            notes.reject(&pointer, second.at, message, "write one <Step> that all other steps are in");
        }
    }
    None
}

fn misc_info(notes: &mut Notes, element: &Element, pointer: &Pointer<'_>) -> Map<String, Value> {
    let mut fields = notes.leaf(element, pointer, MISC_INFO, &["idx", "order_no"]);
    notes.text(&mut fields, pointer, "text", element);
    fields
}

/// Puts a list under `key`, unless it is empty.
pub(super) fn list<'a>(
    notes: &mut Notes,
    report: &mut Map<String, Value>,
    key: &'static str,
    elements: impl Iterator<Item = &'a Element>,
    mut read: impl FnMut(&mut Notes, &Element, &Pointer<'_>) -> Map<String, Value>,
) {
    let list = Pointer::WHOLE.key(key);
    let items: Vec<Value> = elements.enumerate().map(|(place, element)| read(notes, element, &list.index(place)).into()).collect();
    if !items.is_empty() {
        report.insert(key.into(), items.into());
    }
}

/// Names what nothing above has read.
fn left_over(notes: &mut Notes, element: &Element, repair: bool) {
    const BOTH: [&str; 7] = ["Process", "MiscInfo", "ReportUnitHierarchy", "Asset", "Assets", "Binary", "Binaries"];
    let own: &[&str] = if repair { &["UUR", "Failure", "Failures"] } else { &["UUT", "Step"] };
    for child in &element.children {
        if !BOTH.iter().chain(own).any(|name| child.is(name)) {
            notes.homeless(&Pointer::WHOLE, child);
        }
    }
}
