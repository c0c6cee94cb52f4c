//! Numbers that are none: NaN and the infinities, which JSON does not have.
//!
//! The rules are ours (the vendor's documents are silent about such numbers) and the same for every format:
//!
//! - A limit that is no number is left out and its operator reduced to what the other limit still says.
//! - A measured value that is no number makes its measurement a string measurement that keeps the word, the status, and operator,
//!   limits and unit as text. Finite measurements stay numeric in their step; the others go to a step right behind it. A step in
//!   which nothing finite is left becomes a step of texts itself. Zero is never put in a value's place.
//! - A point of a chart that is no number is left out, x and y together.
//!
//! The first rule is applied by the formats while they read limits; the others by [`part()`] to every report alike.

mod part;

pub(crate) use part::{Moves, part};

use report::{CompOp, Number};
use serde_json::{Map, Value};

use crate::number::number_value;

/// The spellings of "not a number", without sign, in lower case.
const WORDS: [&str; 13] =
    ["nan", "nan(ind)", "nan(snan)", "inf", "infinity", "1.#qnan", "1.#snan", "1.#nan", "1.#ind", "1.#inf", "qnan", "ind", "snan"];

/// Whether a text is how some system writes NaN or an infinity, or a number beyond what a double can hold.
pub(crate) fn is(text: &str) -> bool {
    let bare = text.trim();
    let bare = bare.strip_prefix(['+', '-']).unwrap_or(bare);
    let spelled = WORDS.iter().any(|word| {
        bare.get(..word.len()).is_some_and(|head| head.eq_ignore_ascii_case(word)) && bare[word.len()..].bytes().all(|byte| byte == b'0')
    });
    spelled || (bare.starts_with(|c: char| c.is_ascii_digit()) && bare.parse::<f64>().is_ok_and(f64::is_infinite))
}

/// An operator with its limits.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Reduced {
    pub(crate) op: CompOp,
    pub(crate) low: Option<Number>,
    pub(crate) high: Option<Number>,
}

/// What an operator still says when a limit it needs is gone. Two-letter operators have their limit in `low`.
pub(crate) fn reduce(op: CompOp, low: Option<Number>, high: Option<Number>) -> Reduced {
    use CompOp as Op;
    let only_low = match op {
        Op::GtLt | Op::GtLe => Op::Gt,
        Op::GeLe | Op::GeLt => Op::Ge,
        Op::LtGt | Op::LtGe => Op::Lt,
        Op::LeGe | Op::LeGt => Op::Le,
        _ => return if low.is_some() { Reduced { op, low, high } } else { Reduced { op: Op::Log, low: None, high: None } },
    };
    let only_high = match op {
        Op::GtLt | Op::GeLt => Op::Lt,
        Op::GeLe | Op::GtLe => Op::Le,
        Op::LtGt | Op::LeGt => Op::Gt,
        _ => Op::Ge,
    };
    match (low, high) {
        (None, None) => Reduced { op: Op::Log, low: None, high: None },
        (Some(low), None) => Reduced { op: only_low, low: Some(low), high: None },
        (None, Some(high)) => Reduced { op: only_high, low: Some(high), high: None },
        (low, high) => Reduced { op, low, high },
    }
}

/// What became of an operator in a WSJF measurement when a limit of it went.
pub(crate) struct Reduction {
    /// What was found and what was done.
    pub(crate) message: String,
    /// Whether `highLimit` is `lowLimit` now.
    pub(crate) raised: bool,
}

/// Applies the rule about limits to a numeric measurement in WSJF's keys. `None` where both limits are numbers or absent.
pub(crate) fn reduce_limits(measurement: &mut Map<String, Value>) -> Option<Reduction> {
    let gone = ["lowLimit", "highLimit"].map(|key| measurement.get(key).is_some_and(is_value));
    if gone == [false, false] {
        return None;
    }
    let limit = |key: &str| measurement.get(key).filter(|value| !is_value(value)).and_then(|value| Number::parse(&value.to_string()));
    let before = measurement.get("compOp").and_then(Value::as_str).map_or(CompOp::Log, CompOp::parse);
    let Reduced { op, low, high } = reduce(before.clone(), limit("lowLimit"), limit("highLimit"));
    let raised = gone[0] && low.is_some();
    for (key, limit) in [("lowLimit", low), ("highLimit", high)] {
        measurement.shift_remove(key);
        if let Some(limit) = limit {
            measurement.insert(key.into(), number_value(&limit));
        }
    }
    measurement.insert("compOp".into(), op.as_str().into());
    Some(Reduction { message: reduction(&before, &op), raised })
}

/// How a reduced operator is told.
pub(crate) fn reduction(before: &CompOp, after: &CompOp) -> String {
    format!("a limit is missing or no number; the operator {before} became {after}")
}

/// Whether a JSON value is a number that is none, as a word or beyond what a double can hold.
pub(crate) fn is_value(value: &Value) -> bool {
    match value {
        Value::String(text) => is(text),
        Value::Number(number) => is(&number.to_string()),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_to_write_no_number_is_known_and_no_number_is_taken_for_one() {
        for word in ["NaN", "nan", "-Infinity", "+INF", "inf", "1.#QNAN", "-1.#IND", "1.#INF00", "1.#QNAN0", "-nan(ind)", "1e400", "-2E999"]
        {
            assert!(is(word), "{word}");
        }
        for word in ["", "1", "-1.5e3", "1e300", "information", "nano", "5 V", "1.#", "é", "N/A"] {
            assert!(!is(word), "{word}");
        }
    }

    #[test]
    fn an_operator_keeps_what_its_remaining_limit_says() {
        use CompOp as Op;
        let table = [
            (Op::GeLe, Op::Ge, Op::Le),
            (Op::GtLt, Op::Gt, Op::Lt),
            (Op::GeLt, Op::Ge, Op::Lt),
            (Op::GtLe, Op::Gt, Op::Le),
            (Op::LtGt, Op::Lt, Op::Gt),
            (Op::LeGe, Op::Le, Op::Ge),
            (Op::LeGt, Op::Le, Op::Gt),
            (Op::LtGe, Op::Lt, Op::Ge),
        ];
        let five = || Some(Number::from(5));
        for (op, low_only, high_only) in table {
            assert_eq!(reduce(op.clone(), five(), None), Reduced { op: low_only, low: five(), high: None }, "{op}");
            assert_eq!(reduce(op.clone(), None, five()), Reduced { op: high_only, low: five(), high: None }, "{op}");
            assert_eq!(reduce(op.clone(), None, None).op, Op::Log, "{op}");
            assert_eq!(reduce(op.clone(), five(), five()), Reduced { op, low: five(), high: five() });
        }
        assert_eq!(reduce(Op::Lt, None, None), Reduced { op: Op::Log, low: None, high: None });
    }
}
