//! What a tester writes: small reports with an id, a serial number and a measurement of their own.

use serde_json::json;
use uuid::Uuid;

/// A WSJF report for the n-th unit of a test, with an id made from both.
#[must_use]
pub fn report(test: &str, n: usize) -> (Uuid, Vec<u8>) {
    let id = Uuid::new_v5(&Uuid::NAMESPACE_OID, format!("{test}/{n}").as_bytes());
    (id, report_with_id(id, test, n))
}

/// The same report under an id of the caller's choice.
#[must_use]
pub fn report_with_id(id: Uuid, test: &str, n: usize) -> Vec<u8> {
    let status = if n % 11 == 10 { "F" } else { "P" };
    let value = f64::from(u32::try_from(n % 11).unwrap_or(0)) / 2.0 + 10.0;
    json!({
        "type": "T", "id": id, "pn": "PSU-24-10", "sn": format!("{test}-{n:06}"), "rev": "C", "processCode": 20, "result": status,
        "machineName": "ICT-07", "location": "Hall 3", "purpose": "Production", "start": "2026-11-21T09:00:00+01:00",
        "root": {"id": 0, "group": "M", "stepType": "SequenceCall", "name": "MainSequence", "status": status, "seqCall": {"path": "main.seq", "name": "main.seq", "version": "1"},
            "steps": [{"id": 1, "group": "M", "stepType": "ET_NLT", "name": "24 V rail", "status": status,
                "numericMeas": [{"value": value, "compOp": "GELE", "lowLimit": 10.0, "highLimit": 14.5, "unit": "V", "status": status}]}]},
        "uut": {"execTime": 12.5, "user": "Ada"},
    })
    .to_string()
    .into_bytes()
}
