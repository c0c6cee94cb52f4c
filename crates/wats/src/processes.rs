//! The processes (operations) a WATS server knows, to check a report's process code or name without asking each time.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{Cause, Problem, words::Body, words::look_up};

/// One kind of test, repair or work in progress.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Process {
    /// The code reports name it by, for example 10.
    pub code: i64,
    /// The name, case-sensitive in WATS.
    pub name: String,
    /// May be used by test reports.
    pub is_test_operation: bool,
    /// May be used by repair reports.
    pub is_repair_operation: bool,
    /// Is a work-in-progress operation.
    pub is_wip_operation: bool,
    /// 1 = active, 0 = inactive, as far as the server says so.
    pub state: Option<i64>,
}

/// The processes as last heard from a server; the worker keeps them on disk as JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Processes {
    /// When the server was asked.
    pub fetched_at: Timestamp,
    /// The address it was asked at; another server knows other processes.
    pub server: String,
    /// What it answered, in its order.
    pub list: Vec<Process>,
}

impl Processes {
    /// The process with this code.
    pub fn by_code(&self, code: i64) -> Option<&Process> {
        self.list.iter().find(|process| process.code == code)
    }

    /// The process with exactly this name.
    pub fn by_name(&self, name: &str) -> Option<&Process> {
        self.list.iter().find(|process| process.name == name)
    }

    /// What the worker stores.
    pub fn to_json(&self) -> serde_json::Result<Vec<u8>> {
        serde_json::to_vec(self)
    }

    /// What the worker stored. A file that cannot be read is best answered by asking the server again.
    pub fn from_json(bytes: &[u8]) -> serde_json::Result<Processes> {
        serde_json::from_slice(bytes)
    }
}

/// The processes in the body of a 2xx answer. Entries without a usable code are passed over; the server has other uses for them.
pub(crate) fn processes(body: &[u8]) -> Result<Vec<Process>, Problem> {
    match Body::read(body) {
        Body::Json(Value::Array(list)) => Ok(list.iter().filter_map(Value::as_object).filter_map(process).collect()),
        _ => Err(Problem::new(Cause::NotWats, "asked for its processes, the server did not answer with a list")),
    }
}

fn process(object: &Map<String, Value>) -> Option<Process> {
    let number = |key: &str| match look_up(object, key)? {
        Value::String(text) => text.trim().parse().ok(),
        value => value.as_i64(),
    };
    let flag = |key: &str| look_up(object, key).and_then(Value::as_bool).unwrap_or_default();
    Some(Process {
        code: number("code")?,
        name: look_up(object, "name").and_then(Value::as_str).unwrap_or_default().to_owned(),
        is_test_operation: flag("istestoperation"),
        is_repair_operation: flag("isrepairoperation"),
        is_wip_operation: flag("iswipoperation"),
        state: number("state"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANSWER: &str = r#"[
        {"code": 10, "name": "Board Test", "isTestOperation": true, "isRepairOperation": false, "state": 1, "properties": {"x": [1.50]}},
        {"Code": "500", "Name": "Repair", "IsRepairOperation": true, "description": null},
        {"name": "no code"}, {"code": "ten"}, 7, null
    ]"#;

    #[test]
    fn the_list_is_read_leniently() {
        let list = processes(ANSWER.as_bytes()).unwrap();
        assert_eq!(list.len(), 2);
        assert_eq!((list[0].code, list[0].name.as_str(), list[0].is_test_operation, list[0].state), (10, "Board Test", true, Some(1)));
        assert_eq!((list[1].code, list[1].is_repair_operation, list[1].is_test_operation, list[1].state), (500, true, false, None));
    }

    #[test]
    fn what_is_no_list_is_not_wats() {
        for body in ["", "{}", "<html></html>", "[{\"code\": 1"] {
            assert_eq!(processes(body.as_bytes()).unwrap_err().cause, Cause::NotWats, "{body}");
        }
    }

    #[test]
    fn the_cache_survives_its_json_and_finds_by_code_and_exact_name() {
        let cache = Processes {
            fetched_at: "2026-01-02T03:04:05Z".parse().unwrap(),
            server: "https://acme.wats.com".into(),
            list: processes(ANSWER.as_bytes()).unwrap(),
        };
        let again = Processes::from_json(&cache.to_json().unwrap()).unwrap();
        assert_eq!(again, cache);
        assert_eq!(again.by_code(500).map(|p| p.name.as_str()), Some("Repair"));
        assert!(again.by_name("Board Test").is_some() && again.by_name("board test").is_none());
    }
}
