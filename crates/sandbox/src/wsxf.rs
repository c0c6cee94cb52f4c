//! Checks a WSXF report: one report, its required attributes and elements.

use std::collections::HashMap;

use quick_xml::{Reader, XmlVersion, events::BytesStart, events::Event};

use crate::{
    processes,
    summary::{Inspection, Summary},
};

const DEEPEST: usize = 512;
const KINDS: [(&str, &str); 2] = [("UUT", "T"), ("UUR", "R")];
const RESULTS: [(&str, &str); 4] = [("Passed", "P"), ("Failed", "F"), ("Error", "E"), ("Terminated", "T")];

type Attributes = HashMap<String, String>;

/// What stands at the top of the document.
#[derive(Default)]
struct Outline {
    reports: usize,
    report: Attributes,
    process: Option<Attributes>,
    uut: bool,
    uur: bool,
    root_steps: usize,
}

/// What the server keeps of the report in `body`, or the text it refuses it with.
pub(crate) fn inspect(body: &[u8]) -> Result<Summary, String> {
    let text = std::str::from_utf8(body).map_err(|_| "The XML is not UTF-8.".to_owned())?;
    let outline = outline(text.strip_prefix('\u{FEFF}').unwrap_or(text))?;
    if outline.reports != 1 {
        return Err(format!("The Reports element must hold exactly one Report, but holds {}.", outline.reports));
    }
    judge(outline)
}

fn outline(text: &str) -> Result<Outline, String> {
    let mut reader = Reader::from_str(text);
    let mut outline = Outline::default();
    let mut depth = 0;
    loop {
        let event = reader.read_event().map_err(|error| format!("The XML cannot be read: {error}."))?;
        match event {
            Event::Start(element) => {
                note(&mut outline, depth, &element)?;
                depth += 1;
            }
            Event::Empty(element) => note(&mut outline, depth, &element)?,
            Event::End(_) => depth -= 1,
            Event::DocType(_) => return Err("The XML must not have a DTD.".into()),
            Event::Eof if depth == 0 => return Ok(outline),
            Event::Eof => return Err("The XML ends before its elements are closed.".into()),
            _ => {}
        }
        if depth > DEEPEST {
            return Err(format!("The XML is nested deeper than {DEEPEST} elements."));
        }
    }
}

fn note(outline: &mut Outline, depth: usize, element: &BytesStart<'_>) -> Result<(), String> {
    let name = element.local_name();
    let name: &str = name.as_ref();
    match (depth, name) {
        (0, "Reports") => {}
        (0, other) => return Err(format!("The root element must be Reports, but is {other}.")),
        (1, "Report") => {
            outline.reports += 1;
            outline.report = attributes(element)?;
        }
        (2, "UUT") => outline.uut = true,
        (2, "UUR") => outline.uur = true,
        (2, "Step") => outline.root_steps += 1,
        (2, "Process") => outline.process = Some(attributes(element)?),
        _ => {}
    }
    Ok(())
}

fn attributes(element: &BytesStart<'_>) -> Result<Attributes, String> {
    let mut all = Attributes::new();
    for attribute in element.attributes() {
        let attribute = attribute.map_err(|error| format!("The XML cannot be read: {error}."))?;
        let value = attribute.normalized_value(XmlVersion::Implicit1_0).map_err(|error| format!("The XML cannot be read: {error}."))?;
        let name = attribute.key.local_name();
        let name: &str = name.as_ref();
        all.insert(name.to_owned(), value.into_owned());
    }
    Ok(all)
}

fn judge(outline: Outline) -> Result<Summary, String> {
    let mut seen = Inspection::default();
    let mut report = outline.report;
    let mut take = |name: &str| report.remove(name);
    let kind = seen.word("type", take("type"), &KINDS);
    let id = seen.guid("ID", take("ID"));
    let pn = seen.filled("PN", take("PN"));
    let sn = seen.filled("SN", take("SN"));
    let rev = seen.present("Rev", take("Rev"));
    let station = seen.filled("MachineName", take("MachineName"));
    seen.present("Location", take("Location"));
    seen.present("Purpose", take("Purpose"));
    let start = seen.date("Start", take("Start"));
    seen.date("Start_utc", take("Start_utc"));
    let result = seen.word("Result", take("Result"), &RESULTS);
    let process = process(&mut seen, outline.process);
    match kind {
        "T" => {
            seen.require("UUT", outline.uut);
            if outline.root_steps != 1 {
                seen.complain(format!("A Report must hold exactly one Step, but holds {}.", outline.root_steps));
            }
        }
        "R" => seen.require("UUR", outline.uur),
        _ => {}
    }
    seen.conclude(Summary { id, kind, sn, pn, rev, process, station, result, start })
}

fn process(seen: &mut Inspection, process: Option<Attributes>) -> String {
    seen.require("Process", process.is_some());
    let Some(mut process) = process else { return String::new() };
    let mut part = |name| process.remove(name).filter(|text| !text.is_empty());
    match (part("Code"), part("Name")) {
        (None, None) => seen.complain("The Process element needs a Code or a Name."),
        (Some(code), _) if code.parse::<i64>().is_err() => {
            seen.complain(format!("The Process Code must be an integer, but is '{code}'."));
        }
        (Some(code), name) => return format!("{code} {}", name.unwrap_or_default()).trim_end().to_owned(),
        (None, Some(name)) if processes::is_name(&name) => return name,
        (None, Some(name)) => {
            seen.complain(format!("The Process Name '{name}' is not known (upper and lower case count)."));
        }
    }
    String::new()
}

#[cfg(test)]
mod tests;
