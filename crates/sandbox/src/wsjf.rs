//! Checks a WSJF report the way the real server's REST interface does: what it calls required, and no more.

use serde::{Deserialize, de::IgnoredAny};
use serde_json::Value;

use crate::{
    processes,
    summary::{Inspection, Summary},
};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", expecting = "one report object")]
struct Head {
    #[serde(rename = "type")]
    kind: Option<Value>,
    id: Option<Value>,
    pn: Option<Value>,
    sn: Option<Value>,
    rev: Option<Value>,
    process_code: Option<Value>,
    process_name: Option<Value>,
    result: Option<Value>,
    machine_name: Option<Value>,
    location: Option<Value>,
    purpose: Option<Value>,
    start: Option<Value>,
    #[serde(rename = "startUTC")]
    start_utc: Option<Value>,
    root: Option<Root>,
    uut: Option<Uut>,
    uur: Option<Uur>,
    sub_units: Option<Vec<IgnoredAny>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", expecting = "the root field to be a step object")]
struct Root {
    step_type: Option<Value>,
}

#[derive(Deserialize)]
#[serde(expecting = "the uut field to be an object")]
struct Uut {}

#[derive(Deserialize)]
#[serde(expecting = "the uur field to be an object")]
struct Uur {}

const KINDS: [(&str, &str); 2] = [("T", "T"), ("R", "R")];
const RESULTS: [(&str, &str); 4] = [("P", "P"), ("F", "F"), ("E", "E"), ("T", "T")];

/// What the server keeps of the report in `body`, or the text it refuses it with.
pub(crate) fn inspect(body: &[u8]) -> Result<Summary, String> {
    let body = body.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(body);
    if body.trim_ascii_start().starts_with(b"[") {
        return Err("The body must be one report object, not an array. Post each report by itself.".into());
    }
    let head: Head = serde_json::from_slice(body).map_err(|error| format!("The report cannot be read: {error}."))?;
    let mut seen = Inspection::default();
    let kind = text(&mut seen, "type", head.kind);
    let kind = seen.word("type", kind, &KINDS);
    check_parts(&mut seen, kind, head.root, head.uut.is_some(), head.uur.is_some(), head.sub_units.is_some());
    let mut field = |name: &str, value: Option<Value>, check: fn(&mut Inspection, &str, Option<String>) -> String| {
        let value = text(&mut seen, name, value);
        check(&mut seen, name, value)
    };
    let pn = field("pn", head.pn, Inspection::filled);
    let sn = field("sn", head.sn, Inspection::filled);
    let rev = field("rev", head.rev, Inspection::present);
    let station = field("machineName", head.machine_name, Inspection::filled);
    field("location", head.location, Inspection::present);
    field("purpose", head.purpose, Inspection::present);
    let start = field("start", head.start, Inspection::date);
    field("startUTC", head.start_utc, Inspection::date);
    let id = text(&mut seen, "id", head.id);
    let id = seen.guid("id", id);
    let result = text(&mut seen, "result", head.result);
    let result = seen.word("result", result, &RESULTS);
    let process = process(&mut seen, head.process_code, head.process_name);
    seen.conclude(Summary { id, kind, sn, pn, rev, process, station, result, start })
}

/// The text in a field; anything but a text or null is complained about and counts as blank.
fn text(seen: &mut Inspection, name: &str, value: Option<Value>) -> Option<String> {
    match value? {
        Value::String(text) => Some(text),
        Value::Null => None,
        other => {
            seen.complain(format!("The {name} field must be a string, but is {other}."));
            None
        }
    }
}

fn check_parts(seen: &mut Inspection, kind: &str, root: Option<Root>, uut: bool, uur: bool, sub_units: bool) {
    match kind {
        "T" => {
            seen.require("root", root.is_some());
            seen.require("uut", uut);
            if let Some(root) = root
                && root.step_type.as_ref().and_then(Value::as_str) != Some("SequenceCall")
            {
                seen.complain("The root step must have stepType 'SequenceCall'.");
            }
        }
        "R" => {
            seen.require("uur", uur);
            seen.require("subUnits", sub_units);
        }
        _ => {}
    }
}

/// A code, or the name of a known operation.
fn process(seen: &mut Inspection, code: Option<Value>, name: Option<Value>) -> String {
    let name = text(seen, "processName", name).filter(|name| !name.is_empty());
    match (code.filter(|code| !code.is_null()), name) {
        (Some(code), name) if code.as_i64().is_some() => match name {
            Some(name) => format!("{code} {name}"),
            None => code.to_string(),
        },
        (Some(code), _) => {
            seen.complain(format!("The processCode field must be an integer, but is {code}."));
            String::new()
        }
        (None, Some(name)) if processes::is_name(&name) => name,
        (None, Some(name)) => {
            seen.complain(format!("The processName '{name}' is not known (upper and lower case count)."));
            String::new()
        }
        (None, None) => {
            seen.complain("The processCode field is required, or a valid processName.");
            String::new()
        }
    }
}

#[cfg(test)]
mod tests;
