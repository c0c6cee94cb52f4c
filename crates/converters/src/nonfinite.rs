//! Numbers that are none: NaN and the infinities, which JSON does not have.
//!
//! The rules, the same for every format: a limit that is no number is left out and its operator reduced to what the other limit
//! still says; a measured value that is no number makes the measurement a string measurement that keeps the word, the status and
//! the limits as text. Zero is never put in its place.

use report::{CompOp, Number};

/// The spellings of "not a number", without sign, in lower case.
const WORDS: [&str; 11] = ["nan", "inf", "infinity", "1.#qnan", "1.#snan", "1.#nan", "1.#ind", "1.#inf", "qnan", "ind", "snan"];

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

/// Operator, limits and unit as one text, for the limit of a string measurement whose value is no number. `None` when there is
/// nothing to say.
pub(crate) fn limits_as_text(parts: [Option<&str>; 4]) -> Option<String> {
    let text = parts.into_iter().flatten().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ");
    (!text.is_empty()).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_to_write_no_number_is_known_and_no_number_is_taken_for_one() {
        for word in ["NaN", "nan", "-Infinity", "+INF", "inf", "1.#QNAN", "-1.#IND", "1.#INF00", "1.#QNAN0", "1e400", "-2E999"] {
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
