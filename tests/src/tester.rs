//! What a tester writes: small reports with a serial number and a measurement of their own; every other one carries an id, as testers differ.

use serde_json::{Value, json};
use uuid::Uuid;

/// A file that a tester wrote, with the one report in it.
#[derive(Debug, Clone)]
pub struct Produced {
    /// The report's serial number: no other report of the test has it.
    pub sn: String,
    /// The report's own id, where the tester gives one.
    pub id: Option<Uuid>,
    /// The file's bytes.
    pub bytes: Vec<u8>,
}

/// The report of the n-th unit of a test, as WSJF.
#[must_use]
pub fn report(test: &str, n: usize) -> Produced {
    let sn = format!("{test}-{n:06}");
    let id = n.is_multiple_of(2).then(|| Uuid::new_v5(&Uuid::NAMESPACE_OID, sn.as_bytes()));
    let status = if n % 11 == 10 { "F" } else { "P" };
    let value = f64::from(u32::try_from(n % 11).unwrap_or(0)) / 2.0 + 10.0;
    let mut report = json!({
        "type": "T", "pn": "PSU-24-10", "sn": sn, "rev": "C", "processCode": 20, "result": status,
        "machineName": "ICT-07", "location": "Hall 3", "purpose": "Production", "start": "2026-11-21T09:00:00+01:00",
        "root": {"id": 0, "group": "M", "stepType": "SequenceCall", "name": "MainSequence", "status": status, "seqCall": {"path": "main.seq", "name": "main.seq", "version": "1"},
            "steps": [{"id": 1, "group": "M", "stepType": "ET_NLT", "name": "24 V rail", "status": status,
                "numericMeas": [{"value": value, "compOp": "GELE", "lowLimit": 10.0, "highLimit": 14.5, "unit": "V", "status": status}]}]},
        "uut": {"execTime": 12.5, "user": "Ada"},
    });
    if let (Some(id), Value::Object(fields)) = (id, &mut report) {
        fields.insert("id".to_owned(), id.to_string().into());
    }
    Produced { sn, id, bytes: report.to_string().into_bytes() }
}

/// One large report with so many steps below its sequences of a hundred, about 550 bytes each: 20,000 of them are 11 MB. Most
/// measure a number; some check, read a text or measure several numbers, and some carry a key that WSJF does not name.
#[must_use]
pub fn large(test: &str, steps: usize) -> Produced {
    let Produced { sn, id, bytes } = report(test, 0);
    let mut report: Value = serde_json::from_slice(&bytes).expect("what a tester writes is JSON");
    report["root"]["steps"] = json!([]);
    let (before, after) = halves(&report, "steps");
    let mut bytes = before.into_bytes();
    for first in (0..steps).step_by(100) {
        let sequence = json!({"id": format!("seq-{first}"), "group": "M", "stepType": "SequenceCall", "name": format!("Sequence {first}"),
            "status": "P", "totTime": 12.125, "seqCall": {"path": "C:/Tests/board.seq", "name": "board.seq", "version": "4.2"}, "steps": []});
        let (before, after) = halves(&sequence, "steps");
        let list: Vec<String> = (first..steps.min(first + 100)).map(|n| step(n).to_string()).collect();
        bytes.extend([if first > 0 { "," } else { "" }, &before, &list.join(","), &after].concat().bytes());
    }
    bytes.extend(after.bytes());
    Produced { sn, id, bytes }
}

/// The text of an object up to the empty list at `key` and from its end on.
fn halves(object: &Value, key: &str) -> (String, String) {
    let text = object.to_string();
    let inside = text.find(&format!("\"{key}\":[]")).expect("the list is empty") + key.len() + 4;
    (text[..inside].to_owned(), text[inside..].to_owned())
}

/// The n-th step of a large report; digits differ from step to step, as measured ones do.
fn step(n: usize) -> Value {
    let digits = |salt: u64| (n as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15 ^ salt) >> 33;
    let value = |salt| json!(f64::from(u32::try_from(digits(salt) % 10_000_000).unwrap_or(0)) / 1e6 + 9.75);
    let numeric = |name: Value, salt| json!({"name": name, "value": value(salt), "unit": "V", "compOp": "GELE", "lowLimit": 9.5, "highLimit": 20.25, "status": "P"});
    let (kind, key, list) = match n % 20 {
        3 | 11 => ("ET_PFT", "booleanMeas", json!([{"name": null, "status": "P"}])),
        6 | 13 => {
            let serial = format!("FW 4.2.{} build {}", digits(3) % 100, digits(4));
            ("ET_SVT", "stringMeas", json!([{"value": serial, "limit": "FW 4.2", "compOp": "LOG", "status": "P"}]))
        }
        4 | 9 | 14 | 19 => ("ET_MNLT", "numericMeas", (0..4).map(|pin| numeric(format!("pin {pin}").into(), pin)).collect()),
        0 => {
            let mut shown = numeric(Value::Null, 1);
            shown["valueFormat"] = "%.4f".into();
            ("ET_NLT", "numericMeas", json!([shown]))
        }
        _ => ("ET_NLT", "numericMeas", json!([numeric(Value::Null, 1)])),
    };
    let mut step = json!({"id": n + 1, "group": "M", "stepType": kind, "name": format!("Relay board channel {}, rail {}", n % 64, n / 64),
        "start": "2026-11-21T09:00:00.125+01:00", "status": "P", "errorCode": 0, "errorMessage": null, "totTime": value(2),
        "tsGuid": format!("ID#:{:08x}{:08x}AbCdEf", digits(5), digits(6)), "causedUUTFailure": false, "causedSeqFailure": false,
        "reportText": format!("DMM 2, {} ms, 100 V, mean of {}", digits(7) % 1000, n % 8 + 1)});
    step[key] = list;
    step
}

/// A file that is no report.
#[must_use]
pub fn no_report(bytes: &[u8]) -> Produced {
    Produced { sn: String::new(), id: None, bytes: bytes.to_vec() }
}
