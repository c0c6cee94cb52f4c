//! What a repair has: units with their failures, and attached files.

use serde_json::{Map, Value, json};

use super::fields::Kind::{Number, Text};
use super::fields::{Field, Notes, Pointer};
use crate::xml::Element;

pub(super) const UNIT: &[Field] = &[
    Field("PartType", "partType", Text),
    Field("PN", "pn", Text),
    Field("Rev", "rev", Text),
    Field("SN", "sn", Text),
    Field("Position", "position", Number),
];
const PLACED_UNIT: &[Field] = &[
    Field("PartType", "partType", Text),
    Field("PN", "pn", Text),
    Field("Rev", "rev", Text),
    Field("SN", "sn", Text),
    Field("Position", "position", Number),
    Field("Idx", "idx", Number),
    Field("ParentIDX", "parentIdx", Number),
    Field("ReplacedIDX", "replacedIdx", Number),
];
const FAILURE: &[Field] = &[
    Field("Category", "category", Text),
    Field("Code", "code", Text),
    Field("Comment", "comment", Text),
    Field("CompRef", "comRef", Text),
    Field("FunctionBlock", "funcBlock", Text),
    Field("StepID", "refStepId", Number),
    Field("ArticleNumber", "artNumber", Text),
    Field("ArticleRevision", "artRev", Text),
    Field("ArticleVendor", "artVendor", Text),
    Field("ArticleDescription", "artDescription", Text),
];
const BINARY: &[Field] = &[Field("FileName", "name", Text), Field("ContentType", "contentType", Text), Field("BinaryDataGUID", "id", Text)];

/// Reads the units and hangs each failure on the unit its `PartIdx` names; the main unit is number 0 and always there.
pub(super) fn units(notes: &mut Notes, report: &mut Map<String, Value>, element: &Element) {
    super::head::list(notes, report, "subUnits", element.named("ReportUnitHierarchy"), |notes, unit, at| {
        notes.leaf(unit, at, PLACED_UNIT, &["order_no"])
    });
    let mut units = match report.remove("subUnits") {
        Some(Value::Array(units)) => units,
        _ => Vec::new(),
    };
    if !units.iter().any(|unit| number_of(unit, "idx") == Some(0)) {
        units.push(json!({ "idx": 0, "partType": "Unknown", "pn": report.get("pn"), "sn": report.get("sn"), "rev": report.get("rev") }));
    }
    let list = Pointer::WHOLE.key("subUnits");
    let mut failures: Vec<Vec<Value>> = units.iter().map(|_| Vec::new()).collect();
    for failure in element.named("Failure").chain(element.named("Failures")) {
        let part = index_of(failure, "PartIdx").unwrap_or(0);
        let Some(place) = units.iter().position(|unit| number_of(unit, "idx") == Some(part)) else {
            let message = format!("a failure names PartIdx {part}, and no unit has that Idx");
            notes.reject(&list, failure.at, message, "write a <ReportUnitHierarchy> with that Idx, or correct PartIdx");
            continue;
        };
        let at = list.index(place);
        let at = at.key("failures");
        let read = self::failure(notes, element, failure, &at.index(failures[place].len()));
        failures[place].push(read);
    }
    for (unit, failures) in units.iter_mut().zip(failures).filter(|(_, failures)| !failures.is_empty()) {
        unit["failures"] = failures.into();
    }
    report.insert("subUnits".into(), units.into());
}

fn failure(notes: &mut Notes, report: &Element, element: &Element, pointer: &Pointer<'_>) -> Value {
    let mut failure = notes.read(element, pointer, FAILURE, &["Idx", "PartIdx"]);
    for child in &element.children {
        if child.is("Comment") {
            notes.text(&mut failure, pointer, "comment", child);
        } else {
            notes.homeless(pointer, child);
        }
    }
    let own = index_of(element, "Idx");
    let list = pointer.key("attachments");
    let mut attachments = Vec::new();
    for file in all_binaries(report).filter(|file| own.is_some() && index_of(file, "FailIdx") == own) {
        attachments.push(binary(notes, file, &list.index(attachments.len())));
    }
    if !attachments.is_empty() {
        failure.insert("attachments".into(), attachments.into());
    }
    failure.into()
}

/// Reads the files of the report itself; those of a failure are the failure's.
pub(super) fn binaries(notes: &mut Notes, report: &mut Map<String, Value>, element: &Element) {
    let owners: Vec<i64> = element.named("Failure").chain(element.named("Failures")).filter_map(|one| index_of(one, "Idx")).collect();
    let list = Pointer::WHOLE.key("binaryData");
    let mut files = Vec::new();
    for file in all_binaries(element) {
        if index_of(file, "FailIdx").is_none_or(|owner| !owners.contains(&owner)) {
            files.push(binary(notes, file, &list.index(files.len())));
        }
    }
    if !files.is_empty() {
        report.insert("binaryData".into(), files.into());
    }
}

fn all_binaries(report: &Element) -> impl Iterator<Item = &Element> {
    report.named("Binary").chain(report.named("Binaries").flat_map(|binaries| binaries.named("Binary")))
}

fn binary(notes: &mut Notes, element: &Element, pointer: &Pointer<'_>) -> Value {
    notes.place(pointer, element.at);
    let Some(content) = element.child("Data") else {
        notes.reject(pointer, element.at, "a <Binary> has no <Data>", "write the file in base64 into <Data>");
        return Value::Null;
    };
    let mut file = notes.leaf(content, pointer, BINARY, &["size"]);
    notes.text(&mut file, pointer, "data", content);
    if let Some(Value::String(data)) = file.get_mut("data") {
        data.retain(|c| !c.is_ascii_whitespace());
    }
    file.into()
}

fn index_of(element: &Element, name: &str) -> Option<i64> {
    element.attribute(name)?.value.trim().parse().ok()
}

fn number_of(value: &Value, key: &str) -> Option<i64> {
    value.get(key)?.as_i64()
}
