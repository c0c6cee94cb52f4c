//! Local times get their offset here, and only here.
//!
//! The rule where a clock change makes a local time doubtful: a time that never was (clocks went forward) is read with the offset
//! that held before the change, so it lands as much later as the clocks jumped; a time that was twice (clocks went back) is the
//! first of the two. Both come with a note for the person who reads the report.

use jiff::civil::DateTime;
use jiff::tz::{AmbiguousOffset, Offset, TimeZone};
use jiff::{Timestamp as Instant, Zoned};

/// A local time with its offset, and a note where the local time alone was doubtful.
pub(crate) struct Placed {
    pub(crate) zoned: Zoned,
    pub(crate) note: Option<String>,
}

/// The instant a wall clock in `zone` showed `local`. `None` only beyond the years a calendar holds.
pub(crate) fn place(local: DateTime, zone: &TimeZone) -> Option<Placed> {
    let ambiguous = zone.to_ambiguous_zoned(local);
    let doubt = match ambiguous.offset() {
        AmbiguousOffset::Unambiguous { .. } => None,
        AmbiguousOffset::Gap { .. } => Some("never was (clocks went forward); moved on by the change"),
        AmbiguousOffset::Fold { .. } => Some("was twice (clocks went back); the first is taken"),
    };
    let note = doubt.map(|doubt| format!("the local time {local} {doubt}"));
    Some(Placed { zoned: ambiguous.compatible().ok()?, note })
}

/// The local time whose instant is known as well: the offset follows from the two, where it is one that zones have (a multiple of
/// a quarter of an hour, up to 14 hours).
pub(crate) fn beside(local: DateTime, instant: Instant) -> Option<Zoned> {
    let utc = TimeZone::UTC.to_datetime(instant);
    let seconds = local.duration_since(utc).as_secs();
    let offset = i32::try_from(seconds).ok().filter(|seconds| seconds % 900 == 0 && seconds.abs() <= 14 * 3600)?;
    let zone = TimeZone::fixed(Offset::from_seconds(offset).ok()?);
    zone.to_zoned(local).ok()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn oslo(month: i8, day: i8, hour: i8, minute: i8) -> (String, bool) {
        let zone = TimeZone::get("Europe/Oslo").unwrap();
        let placed = place(date(2026, month, day).at(hour, minute, 0, 0), &zone).unwrap();
        (placed.zoned.strftime("%FT%T%:z").to_string(), placed.note.is_some())
    }

    #[test]
    fn a_doubtful_local_time_is_placed_by_rule_and_noted() {
        assert_eq!(oslo(7, 1, 9, 0), ("2026-07-01T09:00:00+02:00".into(), false));
        assert_eq!(oslo(10, 25, 2, 30), ("2026-10-25T02:30:00+02:00".into(), true));
        assert_eq!(oslo(3, 29, 2, 30), ("2026-03-29T03:30:00+02:00".into(), true));
    }

    #[test]
    fn a_local_time_beside_its_instant_tells_the_offset_unless_no_zone_has_it() {
        let local = date(2026, 7, 1).at(9, 0, 0, 0);
        let at = |utc: &str| beside(local, utc.parse().unwrap()).map(|zoned| zoned.offset().seconds());
        assert_eq!(at("2026-07-01T03:15:00Z"), Some(20_700));
        assert_eq!(at("2026-07-01T13:00:00Z"), Some(-14_400));
        assert_eq!(at("2026-07-01T08:59:00Z"), None);
        assert_eq!(at("2026-06-29T09:00:00Z"), None);
    }
}
