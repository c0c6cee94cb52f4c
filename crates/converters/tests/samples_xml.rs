//! The WSXF and WRML samples of real testers: every value of the report against an independent reading of the source, and the WSXF
//! export against the server's own WSJF export of the same report.
#![allow(clippy::unwrap_used, clippy::print_stdout)] // helpers of tests, which clippy does not take for tests

mod harness;

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use harness::{How, run, samples, value};
use quick_xml::Reader;
use quick_xml::events::Event;
use serde_json::{Map, Value, json};

/// An element as it stands in the source.
#[derive(Debug, Default)]
struct Row {
    name: String,
    attributes: BTreeMap<String, String>,
    text: String,
    parent: usize,
}

impl Row {
    fn get(&self, name: &str) -> Option<&str> {
        self.attributes.get(name).map(String::as_str).filter(|text| !text.is_empty())
    }
}

/// All elements of a document in order, read by nothing but the parser.
fn rows(bytes: &[u8]) -> Vec<Row> {
    let text = std::str::from_utf8(bytes).unwrap().trim_start_matches('\u{feff}');
    let mut reader = Reader::from_str(text);
    reader.config_mut().expand_empty_elements = true;
    let mut rows = vec![Row::default()];
    let mut open = vec![0];
    loop {
        match reader.read_event().unwrap() {
            Event::Start(tag) => {
                let attributes = tag.attributes().map(|attribute| attribute.unwrap());
                let attributes = attributes
                    .map(|one| {
                        (one.key.as_ref().to_owned(), one.normalized_value(quick_xml::XmlVersion::Implicit1_0).unwrap().into_owned())
                    })
                    .collect();
                let name = tag.local_name().as_ref().to_owned();
                rows.push(Row { name, attributes, text: String::new(), parent: *open.last().unwrap() });
                open.push(rows.len() - 1);
            }
            Event::End(_) => {
                open.pop();
            }
            Event::Text(text) => rows[*open.last().unwrap()].text.push_str(&text.xml10_content()),
            Event::GeneralRef(reference) => rows[*open.last().unwrap()].text.push(match &*reference {
                "lt" => '<',
                "gt" => '>',
                "amp" => '&',
                other => panic!("&{other}; in a sample"),
            }),
            Event::Eof => return rows,
            _ => {}
        }
    }
}

/// A value with only what is there, numbers with the digits of the source.
struct Expected(Map<String, Value>);

fn expected() -> Expected {
    Expected(Map::new())
}

impl Expected {
    fn text(mut self, key: &str, text: Option<&str>) -> Self {
        if let Some(text) = text {
            self.0.insert(key.into(), text.into());
        }
        self
    }

    fn number(mut self, key: &str, text: Option<&str>) -> Self {
        if let Some(text) = text {
            self.0.insert(key.into(), serde_json::from_str(text).unwrap());
        }
        self
    }

    fn letter(self, key: &str, word: Option<&str>) -> Self {
        self.text(key, word.map(|word| &word[..1]))
    }
}

fn of<'a>(rows: &'a [Row], name: &'a str, expect: impl Fn(&Row) -> Expected + 'a) -> Vec<Value> {
    rows.iter().filter(|row| row.name == name).map(|row| Value::Object(expect(row).0)).collect()
}

/// All steps of a report, each before those inside of it.
fn steps(report: &Value) -> Vec<&Value> {
    let mut steps = Vec::new();
    let mut open = vec![&report["root"]];
    while let Some(step) = open.pop() {
        steps.push(step);
        open.extend(step["steps"].as_array().into_iter().flatten().rev());
    }
    steps
}

/// The values under `key` of all steps, lists laid end to end.
fn under(report: &Value, key: &str) -> Vec<Value> {
    let each = |value: &Value| value.as_array().cloned().unwrap_or_else(|| vec![value.clone()]);
    steps(report).into_iter().filter_map(|step| step.get(key)).flat_map(each).collect()
}

fn only(value: &Value, keys: &[&str]) -> Value {
    let fields = value.as_object().unwrap().iter().filter(|(key, _)| keys.contains(&key.as_str()));
    Value::Object(fields.map(|(key, value)| (key.clone(), value.clone())).collect())
}

/// Both lists alike, or the first that differs.
fn assert_alike(found: &[Value], wanted: &[Value], what: &str) {
    for (place, (found, wanted)) in found.iter().zip(wanted).enumerate() {
        assert_eq!(found, wanted, "{what}, number {place}");
    }
    assert_eq!(found.len(), wanted.len(), "{what}: how many");
}

fn convert(format: &str, name: &str, bytes: &[u8]) -> Value {
    let ran = run(format, name, bytes, &Map::new(), How::default());
    ran.end.unwrap_or_else(|failure| panic!("{name}: {failure}"));
    assert_eq!(ran.kept.len(), 1, "{name}");
    for warning in &ran.kept[0].warnings {
        println!("{name}: {}: {}", warning.pointer, warning.message);
    }
    value(&ran.kept[0])
}

/// What WSXF and WRML write alike.
fn check_common(name: &str, rows: &[Row], report: &Value, id: &str) {
    let step = |row: &Row| {
        let step = expected().number("id", row.get(id)).letter("group", row.get("Group")).text("stepType", row.get("StepType"));
        let step = step.text("name", row.get("Name")).letter("status", row.get("Status")).number("totTime", row.get("total_time"));
        let step = step.number("errorCode", row.get("StepErrorCode")).text("errorMessage", row.get("StepErrorMessage"));
        let caused = row.get("StepCausedUUTFailure").map(|flag| if matches!(flag, "true" | "1") { "true" } else { "false" });
        step.number("causedUUTFailure", caused)
    };
    let own = ["id", "group", "stepType", "name", "status", "totTime", "errorCode", "errorMessage", "causedUUTFailure"];
    let found: Vec<Value> = steps(report).into_iter().map(|step| only(step, &own)).collect();
    let wanted = of(rows, "Step", step);
    assert!(wanted.len() > 40, "{name}: {} steps", wanted.len());
    assert_alike(&found, &wanted, &format!("{name}: steps"));

    let measured = |row: &Row| expected().text("name", row.get("Name")).letter("status", row.get("Status"));
    let numeric = |row: &Row| {
        let upper = matches!(row.get("CompOperator"), Some("LE" | "LT"));
        let (low, high) =
            if upper { (row.get("HighLimit").or(row.get("LowLimit")), None) } else { (row.get("LowLimit"), row.get("HighLimit")) };
        let one = measured(row).number("value", row.get("NumericValue")).text("unit", row.get("Units"));
        one.text("compOp", row.get("CompOperator")).number("lowLimit", low).number("highLimit", high)
    };
    let string = |row: &Row| {
        let one = measured(row).text("value", row.get("StringValue")).text("limit", row.get("StringLimit"));
        one.text("compOp", row.get("CompOperator"))
    };
    assert_alike(&under(report, "numericMeas"), &of(rows, "NumericLimit", numeric), &format!("{name}: numeric measurements"));
    assert_alike(&under(report, "stringMeas"), &of(rows, "StringValue", string), &format!("{name}: string measurements"));
    assert_alike(&under(report, "booleanMeas"), &of(rows, "PassFail", measured), &format!("{name}: boolean measurements"));

    let call = |row: &Row| expected().text("path", row.get("Filepath")).text("name", row.get("Name")).text("version", row.get("Version"));
    assert_alike(&under(report, "seqCall"), &of(rows, "SequenceCall", call), &format!("{name}: sequence calls"));
    let popup = |row: &Row| expected().number("button", row.get("Button")).text("response", row.get("Response"));
    assert_alike(&under(report, "messagePopup"), &of(rows, "MessagePopup", popup), &format!("{name}: popups"));
    let exe = |row: &Row| expected().number("exitCode", row.get("ExitCode"));
    assert_alike(&under(report, "callExe"), &of(rows, "Callexe", exe), &format!("{name}: programs"));
    let looping = |row: &Row| {
        let count = expected().number("num", row.get("num")).number("passed", row.get("passed")).number("failed", row.get("failed"));
        count.number("endingIndex", row.get("ending_index")).number("idx", row.get("index"))
    };
    let loops: Vec<Value> = of(rows, "Loop", looping).into_iter().filter(|one| *one != json!({})).collect();
    assert_alike(&under(report, "loop"), &loops, &format!("{name}: loops"));
    let texts: Vec<Value> = rows.iter().filter(|row| row.name == "ReportText").map(|row| row.text.replace("\r\n", "\n").into()).collect();
    assert_alike(&under(report, "reportText"), &texts, &format!("{name}: report texts"));
    check_head(name, rows, report);
}

fn check_head(name: &str, rows: &[Row], report: &Value) {
    let find = |name: &str| rows.iter().find(|row| row.name == name).unwrap();
    let (head, uut, process) = (find("Report"), find("UUT"), find("Process"));
    let keys = [("pn", "PN"), ("sn", "SN"), ("rev", "Rev"), ("machineName", "MachineName"), ("location", "Location")];
    for (key, attribute) in keys.into_iter().chain([("purpose", "Purpose"), ("start", "Start"), ("startUTC", "Start_utc")]) {
        assert_eq!(report[key], json!(head.get(attribute)), "{name}: {key}");
    }
    assert_eq!(report["id"].as_str().unwrap().to_lowercase(), head.get("ID").unwrap().to_lowercase(), "{name}: id");
    assert_eq!(report["result"], json!(&head.get("Result").unwrap()[..1]), "{name}: result");
    assert_eq!(report["processCode"].to_string(), process.get("Code").unwrap(), "{name}: process");
    assert_eq!(report["processName"], json!(process.get("Name")), "{name}: process");
    let wanted = expected().text("user", uut.get("UserLoginName")).text("comment", Some(&find("Comment").text));
    let wanted = wanted.number("execTime", uut.get("ExecutionTime")).number("testSocketIndex", uut.get("TestSocketIndex"));
    let wanted = wanted.text("batchSN", uut.get("BatchSN")).number("batchFailCount", uut.get("BatchFailCount"));
    let wanted = wanted.text("fixtureId", uut.get("FixtureId")).number("errorCode", uut.get("ErrorCode"));
    let wanted = wanted.text("errorMessage", uut.get("ErrorMessage"));
    let wanted = wanted.number("stepIdCausedUUTFailure", uut.get("StepIdCausedUUTFailure"));
    assert_eq!(report["uut"], Value::Object(wanted.0), "{name}: uut");
    let misc = |row: &Row| {
        let text = Some(row.text.as_str()).filter(|text| !text.is_empty());
        expected().text("description", row.get("Description")).number("numeric", row.get("Numeric")).text("text", text)
    };
    assert_eq!(report["miscInfos"], Value::Array(of(rows, "MiscInfo", misc)), "{name}: misc infos");
    let unit = |row: &Row| {
        let unit = expected().text("partType", row.get("PartType")).text("pn", row.get("PN")).text("sn", row.get("SN"));
        unit.text("rev", row.get("Rev")).number("position", row.get("Position"))
    };
    let mut units = of(rows, "ReportUnitHierarchy", unit);
    units.extend(of(rows, "PartInfo", unit));
    assert_eq!(report["subUnits"], Value::Array(units), "{name}: sub-units");
}

fn chart_head(row: &Row) -> Expected {
    let chart = expected().text("chartType", row.get("ChartType")).text("label", row.get("Label")).text("xLabel", row.get("XLabel"));
    chart.text("xUnit", row.get("XUnit")).text("yLabel", row.get("YLabel")).text("yUnit", row.get("YUnit"))
}

#[test]
fn every_value_of_the_wsxf_samples_is_in_the_report() {
    for (name, bytes) in samples("wats-wsxf") {
        let report = convert("wsxf", &name, &bytes);
        let rows = rows(&bytes);
        check_common(&name, &rows, &report, "Id");
        let charts = rows.iter().enumerate().filter(|(_, row)| row.name == "Chart").map(|(at, chart)| {
            let series = rows.iter().enumerate().filter(|(_, row)| row.name == "Series" && row.parent == at);
            let series = series.map(|(at, row)| {
                let axis = |name| rows.iter().find(|row| row.name == name && row.parent == at).map(|row| row.text.as_str());
                let series = expected().text("name", row.get("Name")).text("dataType", row.get("DataType"));
                Value::Object(series.text("xdata", axis("xdata")).text("ydata", axis("ydata")).0)
            });
            let mut chart = chart_head(chart).0;
            chart.insert("series".into(), series.collect());
            Value::Object(chart)
        });
        let charts: Vec<Value> = charts.collect();
        assert_eq!(charts.len(), 2, "{name}");
        assert_alike(&under(&report, "chart"), &charts, &format!("{name}: charts"));
        assert!(rows.iter().filter(|row| row.name == "Attachment").all(|row| row.text.is_empty()), "{name}: attachments have content");
    }
}

#[test]
fn every_value_of_the_wrml_sample_is_in_the_report() {
    for (name, bytes) in samples("wats-wrml") {
        let report = convert("wrml", &name, &bytes);
        let rows = rows(&bytes);
        check_common(&name, &rows, &report, "StepID");
        check_parents(&name, &rows, &report);
        let mut charts: Vec<Value> = Vec::new();
        let mut files: Vec<Value> = Vec::new();
        let mut in_file = false;
        for (at, row) in rows.iter().enumerate().filter(|(_, row)| row.name == "Chart") {
            let data = rows.iter().find(|one| one.name == "Data" && one.parent == at).map(|one| one.text.as_str());
            match (row.get("ChartType"), data) {
                (Some("ATTACHMENT"), None) => {
                    in_file = true;
                    files.push(Value::Object(expected().text("name", row.get("Label")).0));
                }
                (Some(_), None) => {
                    in_file = false;
                    charts.push(Value::Object(chart_head(row).0));
                    charts.last_mut().unwrap()["series"] = json!([]);
                }
                (None, Some(data)) if in_file => {
                    files.last_mut().unwrap()["contentType"] = row.get("PlotName").into();
                    files.last_mut().unwrap()["data"] = data.into();
                }
                (None, Some(data)) => {
                    let bytes = STANDARD.decode(data).unwrap();
                    let doubles: Vec<f64> = bytes.chunks(8).map(|eight| f64::from_le_bytes(eight.try_into().unwrap())).collect();
                    let points: Vec<[f64; 2]> = doubles.chunks(2).map(|point| [point[0], point[1]]).collect();
                    let series = json!({ "name": row.get("PlotName"), "dataType": row.get("DataType"), "points": points });
                    charts.last_mut().unwrap()["series"].as_array_mut().unwrap().push(series);
                }
                other => panic!("{name}: {other:?}"),
            }
        }
        let mut found = under(&report, "chart");
        for series in found.iter_mut().flat_map(|chart| chart["series"].as_array_mut().unwrap()) {
            let axis = |key: &str| series[key].as_str().unwrap().split(';').map(|point| point.parse().unwrap()).collect::<Vec<f64>>();
            let points: Vec<[f64; 2]> = axis("xdata").into_iter().zip(axis("ydata")).map(|(x, y)| [x, y]).collect();
            *series = json!({ "name": series["name"], "dataType": series["dataType"], "points": points });
        }
        assert_eq!((charts.len(), files.len()), (2, 2), "{name}");
        assert_alike(&found, &charts, &format!("{name}: charts"));
        assert_alike(&under(&report, "attachment"), &files, &format!("{name}: attachments"));
    }
}

/// Every step is in the step its `ParentStepID` names.
fn check_parents(name: &str, rows: &[Row], report: &Value) {
    let mut found = BTreeMap::new();
    for step in steps(report) {
        for inner in step["steps"].as_array().into_iter().flatten() {
            found.insert(inner["id"].to_string(), step["id"].to_string());
        }
    }
    let named = rows.iter().filter_map(|row| Some((row.get("StepID")?.to_owned(), row.get("ParentStepID")?.to_owned())));
    assert_eq!(found, named.collect(), "{name}: parents");
}

/// Numbers as doubles, nothing for null and empty lists.
fn plain(value: &Value) -> Value {
    match value {
        Value::Number(number) => json!(number.to_string().parse::<f64>().unwrap()),
        Value::Array(items) => items.iter().map(plain).collect(),
        Value::Object(fields) => {
            let there = fields.iter().filter(|(_, value)| !value.is_null() && **value != json!([]));
            Value::Object(there.map(|(key, value)| (key.clone(), plain(value))).collect())
        }
        other => other.clone(),
    }
}

#[test]
fn the_wsxf_export_becomes_what_the_server_exports_as_wsjf() {
    let of = |folder: &str, name: &str| samples(folder).into_iter().find(|sample| sample.0 == name).map(|sample| sample.1);
    let (Some(source), Some(export)) = (of("wats-wsxf", "uut-wsxf-export.xml"), of("wats-wsjf", "uut-wsjf-export.json")) else {
        println!("skipped: the exports are not at hand");
        return;
    };
    let export = std::str::from_utf8(&export).unwrap().trim_start_matches('\u{feff}').to_owned();
    assert_eq!(plain(&convert("wsxf", "export", &source)), plain(&serde_json::from_str(&export).unwrap()));
}
