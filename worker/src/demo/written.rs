//! How the example stations write a unit: in each of the formats that Lineside reads so far.

use super::station::{Group, Test, Unit};
use serde_json::{Value, json};
use std::fmt::Write;
use uuid::Uuid;

/// A unit as WSJF, one JSON object with an id of its own.
pub(crate) fn wsjf(unit: &Unit, id: Uuid) -> String {
    let groups: Vec<Value> = unit.groups.iter().map(wsjf_group).collect();
    json!({
        "type": "T", "id": id, "pn": unit.part, "sn": unit.serial, "rev": unit.revision,
        "processCode": unit.process.0, "processName": unit.process.1, "result": letter(unit.passed()),
        "machineName": unit.station, "location": "Hall 3", "purpose": "Production", "start": unit.start.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string(),
        "root": {"group": "M", "stepType": "SequenceCall", "name": "MainSequence", "status": letter(unit.passed()), "totTime": unit.seconds,
                 "seqCall": {"path": "C:/Tests/main.seq", "name": "main.seq", "version": "4.2"}, "steps": groups},
        "uut": {"execTime": unit.seconds, "user": unit.operator, "testSocketIndex": unit.socket},
        "miscInfos": [{"description": "Fixture", "text": "FX-11"}],
    })
    .to_string()
}

fn wsjf_group(group: &Group) -> Value {
    let steps: Vec<Value> = group.tests.iter().map(wsjf_test).collect();
    json!({"group": "M", "stepType": "SequenceCall", "name": group.name, "status": letter(group.passed()),
           "seqCall": {"path": "C:/Tests/main.seq", "name": group.name, "version": "4.2"}, "steps": steps})
}

fn wsjf_test(test: &Test) -> Value {
    let status = letter(test.passed());
    match test {
        Test::Numeric { name, value, low, high, unit } => json!({"group": "M", "stepType": "ET_NLT", "name": name, "status": status,
            "numericMeas": [{"compOp": "GELE", "value": value, "lowLimit": low, "highLimit": high, "unit": unit, "status": status}]}),
        Test::PassFail { name, .. } => {
            json!({"group": "M", "stepType": "ET_PFT", "name": name, "status": status, "booleanMeas": [{"status": status}]})
        }
        Test::Text { name, value, limit } => json!({"group": "M", "stepType": "ET_SVT", "name": name, "status": status,
            "stringMeas": [{"compOp": "EQ", "value": value, "limit": limit, "status": status}]}),
    }
}

/// A unit as WSXF: one XML document with one nested report.
pub(crate) fn wsxf(unit: &Unit, id: Uuid) -> String {
    let mut steps = String::new();
    for group in &unit.groups {
        let _ = write!(
            steps,
            "\n      <Step Group=\"Main\" Name=\"{}\" StepType=\"SequenceCall\" Status=\"{}\">\n        <SequenceCall Name=\"{}\" Version=\"4.2\" Filename=\"main.seq\" Filepath=\"C:/Tests/main.seq\" />",
            group.name,
            word(group.passed()),
            group.name
        );
        for test in &group.tests {
            let (kind, measured) = wsxf_measured(test, "");
            let _ = write!(
                steps,
                "\n        <Step Group=\"Main\" Name=\"{}\" StepType=\"{kind}\" Status=\"{}\">{measured}</Step>",
                name_of(test),
                word(test.passed())
            );
        }
        steps.push_str("\n      </Step>");
    }
    format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<Reports xmlns=\"http://wats.virinco.com/schemas/WATS/Report/wsxf\">\n  <Report {}>\n    {}\n    <Step Group=\"Main\" Name=\"MainSequence\" StepType=\"SequenceCall\" Status=\"{}\" total_time=\"{}\">\n      <SequenceCall Name=\"main.seq\" Version=\"4.2\" Filename=\"main.seq\" Filepath=\"C:/Tests/main.seq\" />{steps}\n    </Step>\n  </Report>\n</Reports>\n",
        xml_header(unit, id),
        xml_unit(unit),
        word(unit.passed()),
        unit.seconds
    )
}

/// A unit as WRML: the same document flat, each step naming its parent.
pub(crate) fn wrml(unit: &Unit, id: Uuid) -> String {
    let mut flat = format!(
        "<Step StepID=\"1\" Group=\"Main\" Name=\"MainSequence\" StepType=\"SequenceCall\" Status=\"{}\" total_time=\"{}\" StepIndex=\"0\" />\n    <SequenceCall StepID=\"1\" Name=\"main.seq\" Version=\"4.2\" Filename=\"main.seq\" Filepath=\"C:/Tests/main.seq\" MeasIndex=\"0\" />",
        word(unit.passed()),
        unit.seconds
    );
    let mut next = 2;
    for (place, group) in unit.groups.iter().enumerate() {
        let parent = next;
        let _ = write!(
            flat,
            "\n    <Step StepID=\"{parent}\" ParentStepID=\"1\" Group=\"Main\" Name=\"{}\" StepType=\"SequenceCall\" Status=\"{}\" StepIndex=\"{place}\" />\n    <SequenceCall StepID=\"{parent}\" Name=\"{}\" Version=\"4.2\" Filename=\"main.seq\" Filepath=\"C:/Tests/main.seq\" MeasIndex=\"0\" />",
            group.name,
            word(group.passed()),
            group.name
        );
        next += 1;
        for (index, test) in group.tests.iter().enumerate() {
            let (kind, measured) = wsxf_measured(test, &format!("StepID=\"{next}\" "));
            let _ = write!(
                flat,
                "\n    <Step StepID=\"{next}\" ParentStepID=\"{parent}\" Group=\"Main\" Name=\"{}\" StepType=\"{kind}\" Status=\"{}\" StepIndex=\"{index}\" />\n    {measured}",
                name_of(test),
                word(test.passed())
            );
            next += 1;
        }
    }
    format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<Reports xmlns=\"http://wats.virinco.com/schemas/WATS/Report\">\n  <Report {}>\n    {}\n    {flat}\n  </Report>\n</Reports>\n",
        xml_header(unit, id),
        xml_unit(unit)
    )
}

fn xml_header(unit: &Unit, id: Uuid) -> String {
    format!(
        "type=\"UUT\" ID=\"{id}\" Start=\"{}\" Result=\"{}\" SN=\"{}\" PN=\"{}\" Rev=\"{}\" MachineName=\"{}\" Location=\"Hall 3\" Purpose=\"Production\"",
        unit.start.strftime("%Y-%m-%dT%H:%M:%S%:z"),
        word(unit.passed()),
        unit.serial,
        unit.part,
        unit.revision,
        unit.station
    )
}

fn xml_unit(unit: &Unit) -> String {
    let socket = unit.socket.map_or(String::new(), |socket| format!(" TestSocketIndex=\"{socket}\""));
    format!(
        "<UUT UserLoginName=\"{}\" ExecutionTime=\"{}\"{socket} />\n    <Process Code=\"{}\" Name=\"{}\" />\n    <MiscInfo Description=\"Fixture\" idx=\"0\">FX-11</MiscInfo>",
        unit.operator, unit.seconds, unit.process.0, unit.process.1
    )
}

/// The step's type and the element with what it measured.
fn wsxf_measured(test: &Test, step: &str) -> (&'static str, String) {
    let status = word(test.passed());
    match test {
        Test::Numeric { value, low, high, unit, .. } => (
            "ET_NLT",
            format!(
                "<NumericLimit {step}NumericValue=\"{value}\" LowLimit=\"{low}\" HighLimit=\"{high}\" Units=\"{unit}\" CompOperator=\"GELE\" Status=\"{status}\" MeasIndex=\"0\" />"
            ),
        ),
        Test::PassFail { .. } => ("ET_PFT", format!("<PassFail {step}Status=\"{status}\" MeasIndex=\"0\" />")),
        Test::Text { value, limit, .. } => (
            "ET_SVT",
            format!(
                "<StringValue {step}StringValue=\"{value}\" StringLimit=\"{limit}\" CompOperator=\"EQ\" Status=\"{status}\" MeasIndex=\"0\" />"
            ),
        ),
    }
}

/// Units as WSTF: tab-delimited text, one after the other in one file; a panel is four of them.
pub(crate) fn wstf(units: &[Unit]) -> String {
    units.iter().map(wstf_unit).collect()
}

fn wstf_unit(unit: &Unit) -> String {
    let mut text = format!(
        "--Header-Start--\r\nSerialNumber\t{}\r\nPartNumber\t{}\r\nRevision\t{}\r\nOperationTypeName\t{}\r\nOperationTypeCode\t{}\r\nUUTStatus\t{}\r\nUTCStartDateTime\t{}\r\nExecutionTime\t{}\r\nStationName\t{}\r\nOperatorName\t{}\r\nFixtureId\tFX-11\r\n",
        unit.serial,
        unit.part,
        unit.revision,
        unit.process.1,
        unit.process.0,
        word(unit.passed()),
        unit.start.timestamp().strftime("%Y-%m-%dT%H:%M:%S"),
        unit.seconds,
        unit.station,
        unit.operator.replace('ö', "oe"),
    );
    if let Some(socket) = unit.socket {
        let _ = write!(text, "TestSocketIndex\t{socket:02}\r\n");
    }
    text.push_str("--Step-Data-Start--\r\nStepType\tStepName\tMeasureName\tValue\tLowLimit\tHighLimit\tCompOperator\tUnit\tStepStatus\tStepExecutionTime\tStepReportText\tStepErrorCode\tStepErrorMessage\tCausedSequenceFailure\r\n");
    for group in &unit.groups {
        let _ = write!(text, "SequenceCall\t{}\t\t\t\t\t\t\t{}\t\t\t\t\t\r\n", group.name, word(group.passed()));
        group.tests.iter().for_each(|test| text.push_str(&wstf_test(test)));
        text.push_str("EndSequenceCall\t\t\t\t\t\t\t\t\t\t\t\t\t\r\n");
    }
    let _ = write!(text, "--Step-Data-End--\r\nUUTStatus\t{}\r\n--UUT-End--\r\n", word(unit.passed()));
    text
}

fn wstf_test(test: &Test) -> String {
    let status = word(test.passed());
    match test {
        Test::Numeric { name, value, low, high, unit } => {
            format!("NumericLimitTest\t{name}\t\t{value}\t{low}\t{high}\tGELE\t{unit}\t{status}\t\t\t\t\t\r\n")
        }
        Test::PassFail { name, passed } => {
            format!("PassFailTest\t{name}\t\t{}\t\t\t\t\t{status}\t\t\t\t\t\r\n", if *passed { "TRUE" } else { "FALSE" })
        }
        Test::Text { name, value, limit } => format!("StringValueTest\t{name}\t\t{value}\t{limit}\t\tEQ\t\t{status}\t\t\t\t\t\r\n"),
    }
}

fn name_of(test: &Test) -> &str {
    match test {
        Test::Numeric { name, .. } => name,
        Test::PassFail { name, .. } | Test::Text { name, .. } => name,
    }
}

fn letter(passed: bool) -> &'static str {
    if passed { "P" } else { "F" }
}

fn word(passed: bool) -> &'static str {
    if passed { "Passed" } else { "Failed" }
}
