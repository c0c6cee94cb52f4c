//! Comparing values with limits, as WATS does.

use crate::CompOp;

/// Whether a value is within its limits. `None` where that cannot be said: a limit is missing or not a number, the value is
/// not a number, or the operator is not one for numbers.
///
/// One-limit operators take `low`; `high` stands in where `low` is missing, as some sources write the limit of `LT` and `LE`
/// there. `EQT` compares within a tolerance no report carries: equal passes, anything else cannot be said.
pub fn compare(op: &CompOp, value: f64, low: Option<f64>, high: Option<f64>) -> Option<bool> {
    let has_nan = [Some(value), low, high].into_iter().flatten().any(f64::is_nan);
    let one = || low.or(high);
    let both = || low.zip(high);
    match op {
        CompOp::Log => Some(true),
        _ if has_nan => None,
        CompOp::Eq => one().map(|limit| value == limit),
        CompOp::Eqt => one().filter(|limit| value == *limit).map(|_| true),
        CompOp::Ne => one().map(|limit| value != limit),
        CompOp::Gt => one().map(|limit| value > limit),
        CompOp::Lt => one().map(|limit| value < limit),
        CompOp::Ge => one().map(|limit| value >= limit),
        CompOp::Le => one().map(|limit| value <= limit),
        CompOp::GtLt => both().map(|(low, high)| value > low && value < high),
        CompOp::GeLe => both().map(|(low, high)| value >= low && value <= high),
        CompOp::GeLt => both().map(|(low, high)| value >= low && value < high),
        CompOp::GtLe => both().map(|(low, high)| value > low && value <= high),
        CompOp::LtGt => both().map(|(low, high)| value < low || value > high),
        CompOp::LeGe => both().map(|(low, high)| value <= low || value >= high),
        CompOp::LeGt => both().map(|(low, high)| value <= low || value > high),
        CompOp::LtGe => both().map(|(low, high)| value < low || value >= high),
        CompOp::CaseSensit | CompOp::IgnoreCase | CompOp::Other(_) => None,
    }
}

/// Whether a text agrees with its limit. `None` where that cannot be said: the limit is missing, or the operator is not one for
/// texts. `EQ` and `NE` look at upper and lower case as `CASESENSIT` does.
pub fn compare_text(op: &CompOp, value: &str, limit: Option<&str>) -> Option<bool> {
    match op {
        CompOp::Log => Some(true),
        CompOp::Eq | CompOp::CaseSensit => limit.map(|limit| value == limit),
        CompOp::Ne => limit.map(|limit| value != limit),
        CompOp::IgnoreCase => limit.map(|limit| value.to_lowercase() == limit.to_lowercase()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{compare, compare_text};
    use crate::CompOp;

    #[test]
    fn each_operator_judges_below_on_between_and_above_the_limits() {
        // values 0 | 1 = low | 2 | 3 = high | 4; one letter each: p passes, f fails
        for (op, expected) in [
            ("LOG", "ppppp"),
            ("EQ", "fpfff"),
            ("NE", "pfppp"),
            ("GT", "ffppp"),
            ("GE", "fpppp"),
            ("LT", "pffff"),
            ("LE", "ppfff"),
            ("GTLT", "ffpff"),
            ("GELE", "fpppf"),
            ("GELT", "fppff"),
            ("GTLE", "ffppf"),
            ("LTGT", "pfffp"),
            ("LEGE", "ppfpp"),
            ("LEGT", "ppffp"),
            ("LTGE", "pffpp"),
        ] {
            let judge = |value: i32| match compare(&CompOp::parse(op), value.into(), Some(1.0), Some(3.0)) {
                Some(true) => 'p',
                Some(false) => 'f',
                None => '?',
            };
            assert_eq!((0..5).map(judge).collect::<String>(), expected, "{op}");
        }
    }

    #[test]
    fn what_cannot_be_judged_is_not_judged() {
        let op = CompOp::parse;
        assert_eq!(compare(&op("GELE"), 1.0, Some(1.0), None), None);
        assert_eq!(compare(&op("EQ"), 1.0, None, None), None);
        assert_eq!(compare(&op("GE"), f64::NAN, Some(1.0), None), None);
        assert_eq!(compare(&op("GE"), 1.0, Some(f64::NAN), None), None);
        assert_eq!(compare(&op("CASESENSIT"), 1.0, Some(1.0), None), None);
        assert_eq!(compare(&op("EQT"), 1.1, Some(1.0), None), None);
        assert_eq!(compare(&op("EQT"), 1.0, Some(1.0), None), Some(true));
        assert_eq!(compare(&op("LE"), 1.0, None, Some(1.0)), Some(true));
        assert_eq!(compare(&op("LOG"), f64::NAN, None, None), Some(true));
    }

    #[test]
    fn texts_are_compared_with_or_without_their_case() {
        for (op, limit, expected) in [
            ("log", None, Some(true)),
            ("EQ", Some("ok"), Some(false)),
            ("NE", Some("ok"), Some(true)),
            ("CaseSensit", Some("OK"), Some(true)),
            ("CaseSensit", Some("ok"), Some(false)),
            ("IgnoreCase", Some("ok"), Some(true)),
            ("IgnoreCase", None, None),
            ("GELE", Some("ok"), None),
        ] {
            assert_eq!(compare_text(&CompOp::parse(op), "OK", limit), expected, "{op}");
        }
    }
}
