//! Options of a format as a typed form: schema, problems, reading.
//!
//! A form's fields all have defaults and none depends on another, so each field is judged on its own and every problem is found.

use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use serde_path_to_error::Segment;

use crate::failure::{Failure, Rejection};

/// Something wrong with a configured option.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct OptionProblem {
    /// JSON pointer inside the options.
    pub pointer: String,
    /// What is wrong and what is allowed.
    pub message: String,
}

/// The JSON Schema of a form.
pub(crate) fn schema<T: JsonSchema>() -> Value {
    schemars::schema_for!(T).to_value()
}

/// Every problem of `options` as a form `T`.
pub(crate) fn problems<T: DeserializeOwned>(options: &Value) -> Vec<OptionProblem> {
    match options {
        Value::Object(fields) => fields.iter().filter_map(|(key, value)| field_problem::<T>(key, value)).collect(),
        _ => vec![OptionProblem { pointer: String::new(), message: "options are an object of names and values".into() }],
    }
}

/// The form, or a failure that names every option that is wrong.
pub(crate) fn read<T: DeserializeOwned>(options: &Map<String, Value>) -> Result<T, Failure> {
    serde_json::from_value(Value::Object(options.clone())).map_err(|error| {
        let problems = problems::<T>(&Value::Object(options.clone()));
        let named = problems.into_iter().map(|problem| format!("{} {}", problem.pointer, problem.message)).collect::<Vec<_>>();
        let message = if named.is_empty() { error.to_string() } else { named.join("; ") };
        Rejection::new(format!("the format's options cannot be used: {message}"), "correct `options` of this watch rule").into()
    })
}

fn field_problem<T: DeserializeOwned>(key: &str, value: &Value) -> Option<OptionProblem> {
    let alone = Value::Object(Map::from_iter([(key.to_owned(), value.clone())]));
    let error = serde_path_to_error::deserialize::<_, T>(alone).err()?;
    let mut pointer = String::new();
    for segment in error.path() {
        match segment {
            Segment::Seq { index } => pointer.push_str(&format!("/{index}")),
            Segment::Map { key } => pointer.push_str(&format!("/{}", crate::json::escape(key))),
            Segment::Enum { .. } | Segment::Unknown => {}
        }
    }
    if pointer.is_empty() {
        pointer = format!("/{}", crate::json::escape(key));
    }
    Some(OptionProblem { pointer, message: error.into_inner().to_string() })
}
