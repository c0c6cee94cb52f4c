//! Pictures over time, asked of the store itself: what was sent and what went wrong, and how many units passed.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use specta::Type;
use store::{Lately, View};
use tauri::State;

use super::{Answer, Place};
use crate::error::CommandError;

/// What happened over the last hours, in equal buckets.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub(crate) struct Activity {
    /// Beginning of the first bucket, epoch milliseconds.
    from_at: i64,
    /// Seconds of a bucket.
    bucket_s: u32,
    /// Reports delivered.
    sent: Vec<u64>,
    /// Files rejected.
    rejected: Vec<u64>,
    /// Reports refused.
    refused: Vec<u64>,
    /// Middle latency of the server's answers.
    latency_ms: Vec<Option<u64>>,
}

/// How far back the yield looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "lowercase")]
pub(crate) enum YieldRange {
    /// 24 hours.
    Day,
    /// 7 days.
    Week,
}

/// How many units passed, right after retests.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub(crate) struct Yield {
    range: YieldRange,
    from_at: i64,
    units: u64,
    first_pass: u64,
    first_pass_yield: Option<f64>,
    passed: u64,
    failed: u64,
    reports: u64,
    by_part: Vec<PartYield>,
    failures: Vec<FailingStep>,
    by_hour: Vec<HourYield>,
}

/// The yield of a part number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub(crate) struct PartYield {
    pn: String,
    units: u64,
    first_pass: u64,
    passed: u64,
}

/// A step that let units fail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub(crate) struct FailingStep {
    step: String,
    pn: String,
    units: u64,
}

/// The yield of an hour.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub(crate) struct HourYield {
    at: i64,
    units: u64,
    first_pass: u64,
}

/// What happened over the last 1, 24 or 168 hours.
#[tauri::command(async)]
#[specta::specta]
pub(crate) fn activity(place: State<'_, Place>, id: String, hours: u32) -> Answer<Activity> {
    let layout = place.instance(&id)?;
    let lately = Lately::of_hours(hours).ok_or_else(|| CommandError::new("invalid", "activity is known of 1, 24 or 168 hours"))?;
    let now = jiff::Timestamp::now().as_millisecond();
    let asked = View::open(layout.queue_db()).and_then(|view| match view {
        Some(view) => view.activity(lately, now),
        None => Ok(store::Activity::none(lately, now)),
    });
    shaped(&asked.map_err(|error| CommandError::at(&layout.queue_db(), error))?)
}

/// How many units passed.
#[tauri::command(async)]
#[specta::specta]
pub(crate) fn yield_of(place: State<'_, Place>, id: String, range: YieldRange) -> Answer<Yield> {
    let layout = place.instance(&id)?;
    let range = match range {
        YieldRange::Day => store::YieldRange::Day,
        YieldRange::Week => store::YieldRange::Week,
    };
    let now = jiff::Timestamp::now().as_millisecond();
    let asked = View::open(layout.queue_db()).and_then(|view| match view {
        Some(view) => view.yield_of(range, now),
        None => Ok(store::Yield::none(range, now)),
    });
    shaped(&asked.map_err(|error| CommandError::at(&layout.queue_db(), error))?)
}

/// The store's answer as the page has it: the same names, with a type the page knows.
fn shaped<T: DeserializeOwned>(told: &impl Serialize) -> Answer<T> {
    let value = serde_json::to_value(told).and_then(serde_json::from_value);
    value.map_err(|error| CommandError::new("failed", error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_store_tells_has_the_shape_the_page_knows() {
        let activity: Activity = shaped(&store::Activity::none(Lately::Hour, 3_600_000)).unwrap();
        assert!(activity.sent.len() >= 60 && activity.latency_ms.len() == activity.sent.len());
        let day: Yield = shaped(&store::Yield::none(store::YieldRange::Day, 0)).unwrap();
        assert_eq!((day.range, day.units, day.first_pass_yield), (YieldRange::Day, 0, None));
        let told = store::Yield {
            units: 3,
            first_pass: 2,
            first_pass_yield: Some(0.5),
            by_part: vec![store::PartYield { pn: "PN-7".to_owned(), units: 3, first_pass: 2, passed: 3 }],
            failures: vec![store::FailingStep { step: "Ripple".to_owned(), pn: "PN-7".to_owned(), units: 1 }],
            ..store::Yield::none(store::YieldRange::Week, 0)
        };
        let week: Yield = shaped(&told).unwrap();
        assert_eq!((week.first_pass_yield, week.by_part[0].pn.as_str(), week.failures[0].step.as_str()), (Some(0.5), "PN-7", "Ripple"));
    }
}
