//! A figure: what was measured in each run, beside its yardstick and what it is to reach. Pure.

use serde::Serialize;

/// What is measured, how often, and against what.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Figure {
    /// What the numbers say, such as `CPU` or `worker, default settings`.
    pub(crate) what: String,
    /// Their unit, such as `s`, `MB`, `files/s`.
    pub(crate) unit: &'static str,
    /// One number a run.
    pub(crate) values: Vec<f64>,
    pub(crate) yardstick: Option<Yardstick>,
    pub(crate) reach: Reach,
}

/// The same work by something simpler, in the same run.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Yardstick {
    pub(crate) what: String,
    /// In the figure's unit.
    pub(crate) values: Vec<f64>,
}

/// What the figure is to reach.
#[derive(Debug, Clone, Copy, Serialize)]
pub(crate) enum Reach {
    AtMost(f64),
    /// Times the yardstick, at most.
    RatioAtMost(f64),
    /// Times the yardstick, at least.
    RatioAtLeast(f64),
    /// Shown for what it tells.
    None,
}

impl Figure {
    pub(crate) fn new(what: impl Into<String>, unit: &'static str, values: Vec<f64>, reach: Reach) -> Figure {
        Figure { what: what.into(), unit, values, yardstick: None, reach }
    }

    pub(crate) fn beside(mut self, what: impl Into<String>, values: Vec<f64>) -> Figure {
        self.yardstick = Some(Yardstick { what: what.into(), values });
        self
    }

    pub(crate) fn median(&self) -> f64 {
        quantile(&self.values, 0.5)
    }

    /// The figure's median in units of its yardstick's.
    pub(crate) fn ratio(&self) -> Option<f64> {
        self.yardstick.as_ref().map(|yardstick| self.median() / quantile(&yardstick.values, 0.5))
    }

    /// Whether it was reached; `None` where nothing is to be reached.
    pub(crate) fn reached(&self) -> Option<bool> {
        match self.reach {
            Reach::AtMost(most) => Some(self.median() <= most),
            Reach::RatioAtMost(most) => self.ratio().map(|ratio| ratio <= most),
            Reach::RatioAtLeast(least) => self.ratio().map(|ratio| ratio >= least),
            Reach::None => None,
        }
    }
}

/// The value below which the share `q` of the values lies; the nearest one that was measured.
pub(crate) fn quantile(values: &[f64], q: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let last = sorted.len().saturating_sub(1);
    sorted.get((last as f64 * q).round() as usize).copied().unwrap_or(f64::NAN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_figure_is_judged_by_its_median_and_by_its_yardsticks() {
        let figure = |reach| Figure::new("rate", "files/s", vec![90.0, 40.0, 50.0], reach).beside("bare", vec![100.0, 100.0, 1.0]);
        assert_eq!(figure(Reach::None).median(), 50.0);
        let table = [
            (Reach::AtMost(50.0), Some(true)),
            (Reach::AtMost(49.0), Some(false)),
            (Reach::RatioAtLeast(0.5), Some(true)),
            (Reach::RatioAtLeast(0.6), Some(false)),
            (Reach::RatioAtMost(0.5), Some(true)),
            (Reach::RatioAtMost(0.4), Some(false)),
            (Reach::None, None),
        ];
        for (reach, expected) in table {
            assert_eq!(figure(reach).reached(), expected, "{reach:?}");
        }
    }

    #[test]
    fn a_quantile_is_a_value_that_was_measured() {
        let values: Vec<f64> = (0..=100).rev().map(f64::from).collect();
        assert_eq!((quantile(&values, 0.5), quantile(&values, 0.95), quantile(&values, 1.0)), (50.0, 95.0, 100.0));
        assert!(quantile(&[], 0.5).is_nan());
    }
}
