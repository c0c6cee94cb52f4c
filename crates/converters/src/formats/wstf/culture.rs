//! How a culture writes numbers and dates, as far as WSTF files need it.
//!
//! A thousands separator is never read: `1.234` under a comma culture and `1,234` under a point culture are refused, because the
//! other reading is a thousand times off.

use std::borrow::Cow;
use std::str::FromStr;

use jiff::civil::{Date, DateTime, Time};
use schemars::JsonSchema;
use serde::Deserialize;

use report::{Number, Timestamp};

/// What a date written with digits begins with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Order {
    Day,
    Month,
    Year,
}

/// A culture, such as `invariant` or `nb-NO`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(try_from = "String")]
#[schemars(with = "String")]
pub(super) struct Culture {
    comma: bool,
    order: Order,
}

/// Languages that write a decimal comma.
const COMMA: [&str; 27] = [
    "af", "bg", "ca", "cs", "da", "de", "el", "es", "et", "fi", "fr", "hr", "hu", "id", "is", "it", "lt", "lv", "nb", "nl", "nn", "no",
    "pl", "pt", "ro", "ru", "sv",
];
/// More languages that write a decimal comma.
const COMMA_TOO: [&str; 6] = ["sk", "sl", "sr", "tr", "uk", "vi"];
/// Languages that write a decimal point.
const POINT: [&str; 8] = ["en", "he", "hi", "ja", "ko", "ms", "th", "zh"];
/// Regions that write a point although their language writes a comma.
const POINT_REGIONS: [&str; 7] = ["de-ch", "de-li", "it-ch", "es-mx", "es-us", "es-pr", "es-do"];
/// Languages and regions that begin a date with the year.
const YEAR_FIRST: [&str; 9] = ["af", "fr-ca", "hu", "ja", "ko", "lt", "sv", "zh", "en-ca"];

impl Default for Culture {
    fn default() -> Self {
        Self { comma: false, order: Order::Month }
    }
}

impl FromStr for Culture {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        let name = name.trim().to_ascii_lowercase();
        if name.is_empty() || name == "invariant" {
            return Ok(Self::default());
        }
        let language = name.split('-').next().unwrap_or_default();
        let in_list = |list: &[&str]| list.contains(&name.as_str()) || list.contains(&language);
        let comma = in_list(&COMMA) || in_list(&COMMA_TOO);
        if !comma && !in_list(&POINT) {
            return Err(format!("the culture `{name}` is not known; allowed are `invariant` and names such as `en-US`, `nb-NO`, `de-DE`"));
        }
        let order = match name.as_str() {
            "en" | "en-us" => Order::Month,
            _ if in_list(&YEAR_FIRST) => Order::Year,
            _ => Order::Day,
        };
        Ok(Self { comma: comma && !POINT_REGIONS.contains(&name.as_str()), order })
    }
}

impl TryFrom<String> for Culture {
    type Error = String;

    fn try_from(name: String) -> Result<Self, String> {
        name.parse()
    }
}

impl Culture {
    /// The number a cell says, with all its digits; `None` when it says none in this culture.
    pub(super) fn number(self, cell: &str) -> Option<Number> {
        let text: Cow<'_, str> = match self.comma {
            true if cell.contains('.') => return None,
            true => cell.replacen(',', ".", 1).into(),
            false => cell.into(),
        };
        Number::parse(&text)
    }

    /// What numbers look like, for messages.
    pub(super) fn number_rule(self) -> &'static str {
        if self.comma {
            "numbers have a decimal comma and no thousands separator"
        } else {
            "numbers have a decimal point and no thousands separator"
        }
    }

    /// The date and time a cell says: ISO 8601, or this culture's order of day, month and year.
    pub(super) fn date_time(self, cell: &str) -> Option<DateTime> {
        let cell = cell.trim();
        Timestamp::new(cell).civil().or_else(|| {
            let (date, time) = cell.split_once([' ', 'T']).unwrap_or((cell, ""));
            Some(DateTime::from_parts(self.date(date)?, clock(time)?))
        })
    }

    fn date(self, text: &str) -> Option<Date> {
        // some cultures end a date with a point; a sign before the year is no separator
        let parts: Vec<&str> = text.trim_end_matches('.').split(['.', '/', '-']).map(str::trim).collect();
        let [a, b, c] = parts[..] else { return None };
        let (year, month, day) = match self.order {
            _ if a.len() == 4 => (a, b, c),
            Order::Year => (a, b, c),
            Order::Day => (c, b, a),
            Order::Month => (c, a, b),
        };
        (year.len() == 4).then_some(())?;
        Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok()
    }
}

/// A time of day: `14:05`, `14:05:09.5`, `2:05 PM`, `14.05.09`; nothing is midnight.
fn clock(text: &str) -> Option<Time> {
    let text = Some(text.trim()).filter(|text| !text.contains('['))?;
    if text.is_empty() {
        return Some(Time::midnight());
    }
    let lower = text.to_ascii_lowercase();
    let (digits, afternoon) = match (lower.strip_suffix("am"), lower.strip_suffix("pm")) {
        (Some(digits), _) => (digits.trim(), Some(false)),
        (_, Some(digits)) => (digits.trim(), Some(true)),
        _ => (lower.as_str(), None),
    };
    let digits = if digits.contains(':') { digits.to_owned() } else { digits.replacen('.', ":", 2) };
    let (hour, rest) = digits.split_once(':')?;
    let hour: u8 = hour.parse().ok()?;
    let hour = match afternoon {
        Some(afternoon) => (1..=12).contains(&hour).then_some(hour % 12 + 12 * u8::from(afternoon))?,
        None => hour,
    };
    format!("{hour:02}:{rest}").parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_read_in_its_culture_or_not_at_all() {
        let table = [
            ("invariant", "3.30", Some("3.30")),
            ("invariant", "3,3", None),
            ("invariant", "1,234.5", None),
            ("en-US", "-0.5", Some("-0.5")),
            ("nb-NO", "3,30", Some("3.30")),
            ("nb-NO", "3.3", None),
            ("de-DE", "1.234,5", None),
            ("de-DE", "1,234,5", None),
            ("de-CH", "1.5", Some("1.5")),
            ("fr-FR", "12", Some("12")),
            ("invariant", "007", Some("7")),
            ("invariant", "0x1F", None),
        ];
        for (culture, cell, expected) in table {
            let number = culture.parse::<Culture>().unwrap().number(cell).map(|number| number.to_string());
            assert_eq!(number.as_deref(), expected, "{culture} {cell}");
        }
    }

    #[test]
    fn a_date_is_read_in_its_culture_and_iso_in_every_one() {
        let table = [
            ("invariant", "2014-07-04T12:09:04", Some("2014-07-04T12:09:04")),
            ("nb-NO", "2014-07-04 12:09:04.5", Some("2014-07-04T12:09:04.5")),
            ("nb-NO", "04.07.2014 12:09:04", Some("2014-07-04T12:09:04")),
            ("en-US", "7/4/2014 12:09:04 AM", Some("2014-07-04T00:09:04")),
            ("en-US", "7/4/2014 2:09 PM", Some("2014-07-04T14:09:00")),
            ("en-GB", "4/7/2014 02:09", Some("2014-07-04T02:09:00")),
            ("it-IT", "04/07/2014 12.09.04", Some("2014-07-04T12:09:04")),
            ("nb-NO", "13.13.2014", None),
            ("en-US", "07/04/14 12:00", None),
            ("en-US", "yesterday", None),
            ("hu-HU", "2014.07.04. 12:09", Some("2014-07-04T12:09:00")),
            ("invariant", "-2014-07-04 12:09", None),
            ("invariant", "2014-07-04T12:09:04.12345678901234567890", Some("2014-07-04T12:09:04.123456789")),
            ("invariant", "2014-07-04T12:09:04[Asia/Tokyo]", None),
        ];
        for (culture, cell, expected) in table {
            let time = culture.parse::<Culture>().unwrap().date_time(cell).map(|time| time.to_string());
            assert_eq!(time.as_deref(), expected, "{culture} {cell}");
        }
    }

    #[test]
    fn an_unknown_culture_is_refused_with_what_is_allowed() {
        let message = "tlh-XX".parse::<Culture>().unwrap_err();
        assert!(message.contains("tlh-xx") && message.contains("nb-NO"), "{message}");
    }
}
