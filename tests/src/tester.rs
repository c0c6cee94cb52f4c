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

/// A file that is no report.
#[must_use]
pub fn no_report(bytes: &[u8]) -> Produced {
    Produced { sn: String::new(), id: None, bytes: bytes.to_vec() }
}
