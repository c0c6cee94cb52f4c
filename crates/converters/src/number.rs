//! A report's number as a JSON value, digit by digit.

use serde_json::{Number, Value};

/// The value with the very digits of the number.
pub(crate) fn number_value(number: &report::Number) -> Value {
    Value::Number(Number::from_string_unchecked(number.to_string()))
}
