//! Points in time as texts of the source.

use serde::{Deserialize, Serialize};

/// An ISO 8601 text exactly as the source wrote it, fractions of seven digits included.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(String);

impl Timestamp {
    /// Keeps a text as it is, parsable or not.
    pub fn new(text: impl Into<String>) -> Timestamp {
        Timestamp(text.into())
    }

    /// Local time with its offset: `2020-01-01T09:00:00+01:00`.
    pub fn from_zoned(time: &jiff::Zoned) -> Timestamp {
        Timestamp(time.timestamp().display_with_offset(time.offset()).to_string())
    }

    /// Universal time: `2020-01-01T08:00:00Z`.
    pub fn from_instant(time: jiff::Timestamp) -> Timestamp {
        Timestamp(time.to_string())
    }

    /// The text of the source.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The point in time. `None` where the text is no time or has no offset. Lenient: `2020-01-01T08:00:00.Z` is read, and digits
    /// beyond nanoseconds are cut. A zone's name in brackets is none of ISO 8601, and no reader of reports knows it.
    pub fn instant(&self) -> Option<jiff::Timestamp> {
        if self.0.contains('[') { None } else { self.tidy().parse().ok() }
    }

    /// The date and time of day as written, the offset aside. `None` where the text is no time.
    pub fn civil(&self) -> Option<jiff::civil::DateTime> {
        let tidy = Some(self.tidy()).filter(|tidy| !tidy.contains('['))?;
        let local = tidy.strip_suffix(['Z', 'z']).unwrap_or(&tidy);
        local.parse().ok()
    }

    /// Whether the text says its offset from universal time.
    pub fn has_offset(&self) -> bool {
        self.instant().is_some()
    }

    /// The text with an empty fraction removed and a long one cut to nine digits.
    fn tidy(&self) -> String {
        let text = self.0.trim();
        let Some((before, after)) = text.split_once(['.', ',']) else {
            return text.to_owned();
        };
        let digits = after.bytes().take_while(u8::is_ascii_digit).count();
        let (fraction, rest) = after.split_at(digits);
        match digits {
            0 => format!("{before}{rest}"),
            _ => format!("{before}.{}{rest}", &fraction[..digits.min(9)]),
        }
    }
}

impl std::fmt::Display for Timestamp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::Timestamp;

    #[test]
    fn texts_of_real_reports_are_points_in_time() {
        for (text, instant) in [
            ("2020-01-01T09:00:00+01:00", "2020-01-01T08:00:00Z"),
            ("2020-01-01T08:00:00.Z", "2020-01-01T08:00:00Z"),
            ("2026-01-30T22:01:41.4707353+01:00", "2026-01-30T21:01:41.4707353Z"),
            ("2026-01-30 22:01:41,5+0100", "2026-01-30T21:01:41.5Z"),
            ("2026-01-30T22:01:41.12345678901Z", "2026-01-30T22:01:41.123456789Z"),
        ] {
            assert_eq!(Timestamp::new(text).instant().map(|instant| instant.to_string()).as_deref(), Some(instant), "{text}");
        }
    }

    #[test]
    fn a_text_without_offset_has_a_time_of_day_only() {
        let naive = Timestamp::new("2018-04-01T13:40:40");
        assert_eq!((naive.instant(), naive.has_offset()), (None, false));
        assert_eq!(naive.civil(), Some(jiff::civil::date(2018, 4, 1).at(13, 40, 40, 0)));
    }

    #[test]
    fn the_time_of_day_ignores_the_offset() {
        for text in ["2020-01-01T09:00:00+01:00", "2020-01-01T09:00:00Z", "2020-01-01T09:00:00.Z"] {
            assert_eq!(Timestamp::new(text).civil(), Some(jiff::civil::date(2020, 1, 1).at(9, 0, 0, 0)), "{text}");
        }
    }

    #[test]
    fn other_texts_are_kept_and_are_no_time() {
        let odd = Timestamp::new("yesterday");
        assert_eq!((odd.as_str(), odd.instant(), odd.civil()), ("yesterday", None, None));
        let zoned = Timestamp::new("2026-01-30T22:01:41+09:00[Asia/Tokyo]");
        assert_eq!((zoned.instant(), zoned.civil()), (None, None));
    }

    #[test]
    fn a_zoned_time_is_written_with_its_offset() {
        let zoned = jiff::civil::date(2026, 7, 1).at(12, 0, 0, 500_000_000).in_tz("Europe/Berlin").unwrap();
        assert_eq!(Timestamp::from_zoned(&zoned).as_str(), "2026-07-01T12:00:00.5+02:00");
        assert_eq!(Timestamp::from_instant(zoned.timestamp()).as_str(), "2026-07-01T10:00:00.5Z");
    }
}
