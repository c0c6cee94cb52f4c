//! A number with the digits of its source.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

use crate::scalar::unexpected;

/// A finite decimal number that keeps its digits: `1.50` stays `1.50`, `1e400` keeps its size. NaN and infinities cannot be held.
///
/// Two numbers are equal when their digits are: `10` and `10.0` differ.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Number(serde_json::Number);

/// Why a float is not a [`Number`]: it was NaN or infinite, which JSON cannot say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{found} is not a finite number: leave the value out, or report it as text")]
pub struct NotFinite {
    /// What it was, as text: `NaN`, `inf` or `-inf`.
    pub found: &'static str,
}

impl Number {
    /// Reads a decimal number and keeps its digits. Takes what JSON takes, and also a leading `+`, a missing digit before or
    /// after the point, leading zeros and white space around. `None` for anything else, `NaN` and `inf` included.
    pub fn parse(text: &str) -> Option<Number> {
        let text = text.trim();
        let (sign, rest) = match text.as_bytes().first()? {
            b'-' => ("-", &text[1..]),
            b'+' => ("", &text[1..]),
            _ => ("", text),
        };
        let exponent_at = rest.find(['e', 'E']).unwrap_or(rest.len());
        let (mantissa, exponent) = rest.split_at(exponent_at);
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if whole.len() + fraction.len() == 0 || !all_digits(whole) || !all_digits(fraction) {
            return None;
        }
        let whole = whole.trim_start_matches('0');
        let whole = if whole.is_empty() { "0" } else { whole };
        let point = if fraction.is_empty() { "" } else { "." };
        serde_json::from_str(&format!("{sign}{whole}{point}{fraction}{exponent}")).ok().map(Number)
    }

    /// The nearest float. Beyond the range of a float it is an infinity.
    pub fn as_f64(&self) -> f64 {
        // the digits follow JSON's grammar, which is a part of what Rust's parser reads: the parse cannot fail
        self.0.as_str().parse().unwrap_or(f64::NAN)
    }

    /// Whether it is beyond the range of a float.
    pub fn is_beyond_f64(&self) -> bool {
        // without an exponent it takes 309 digits to get there
        let digits = self.as_str();
        (digits.len() > 300 || digits.contains(['e', 'E'])) && self.as_f64().is_infinite()
    }

    /// The number as an integer, when its digits are those of one.
    pub fn as_i64(&self) -> Option<i64> {
        self.0.as_i64()
    }

    /// The digits, as they are written to JSON.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl From<serde_json::Number> for Number {
    fn from(number: serde_json::Number) -> Self {
        Number(number)
    }
}

impl From<Number> for Value {
    fn from(number: Number) -> Self {
        Value::Number(number.0)
    }
}

macro_rules! from_integers {
    ($($type:ty)+) => {
        $(impl From<$type> for Number {
            fn from(number: $type) -> Self {
                Number(number.into())
            }
        })+
    };
}
from_integers!(i32 u32 i64 u64 usize);

impl TryFrom<f64> for Number {
    type Error = NotFinite;

    fn try_from(number: f64) -> Result<Self, NotFinite> {
        serde_json::Number::from_f64(number).map(Number).ok_or(NotFinite {
            found: match number {
                f64::INFINITY => "inf",
                f64::NEG_INFINITY => "-inf",
                _ => "NaN",
            },
        })
    }
}

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Value::deserialize(deserializer)? {
            Value::Number(number) => Ok(Number(number)),
            other => Err(unexpected(&other, "a number")),
        }
    }
}

impl Serialize for Number {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

#[cfg(test)]
mod tests {
    use super::{NotFinite, Number};

    #[test]
    fn digits_stay_as_the_source_wrote_them() {
        for digits in ["10.0", "1.50", "0", "-0.0", "123456789012345678901234567890", "0.1000000000000000055511151231257827", "1e+400"] {
            assert_eq!(Number::parse(digits).map(|number| number.to_string()).as_deref(), Some(digits));
        }
    }

    #[test]
    fn what_json_does_not_take_is_trimmed_or_completed_but_never_rounded() {
        for (text, digits) in [
            ("+5", "5"),
            (".5", "0.5"),
            ("-.5", "-0.5"),
            ("5.", "5"),
            ("007", "7"),
            (" 1.50 ", "1.50"),
            ("2.E-3", "2e-3"),
            ("-00.10", "-0.10"),
        ] {
            assert_eq!(Number::parse(text).map(|number| number.to_string()).as_deref(), Some(digits), "{text}");
        }
    }

    #[test]
    fn what_is_no_finite_number_is_refused() {
        for text in ["", " ", "-", ".", "NaN", "inf", "-Infinity", "1,5", "0x10", "1e", "--1", "+-1", "1 2", "1.2.3", "1_000"] {
            assert_eq!(Number::parse(text), None, "{text}");
        }
        assert_eq!(Number::try_from(f64::NAN), Err(NotFinite { found: "NaN" }));
        assert_eq!(Number::try_from(f64::NEG_INFINITY), Err(NotFinite { found: "-inf" }));
    }

    #[test]
    fn a_number_beyond_a_double_is_an_infinity_only_as_a_float() {
        let huge = Number::parse("1e400").unwrap();
        assert_eq!((huge.as_f64(), huge.as_str()), (f64::INFINITY, "1e+400"));
        let long = Number::parse(&"9".repeat(310)).unwrap();
        assert!(huge.is_beyond_f64() && long.is_beyond_f64() && !Number::parse("1e300").unwrap().is_beyond_f64());
        assert_eq!(Number::parse("10.0").unwrap().as_i64(), None);
        assert_eq!(Number::from(10).as_i64(), Some(10));
    }
}
