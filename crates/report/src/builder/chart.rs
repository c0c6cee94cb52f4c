//! Charts.

use super::steps::Draft;
use crate::{Chart, Number, Series};

/// How the axes of a chart are divided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChartType {
    /// Both evenly.
    Line,
    /// x logarithmically.
    LineLogX,
    /// y logarithmically.
    LineLogY,
    /// Both logarithmically.
    LineLogXY,
}

impl ChartType {
    /// The word WATS uses.
    pub fn as_str(self) -> &'static str {
        match self {
            ChartType::Line => "Line",
            ChartType::LineLogX => "LineLogX",
            ChartType::LineLogY => "LineLogY",
            ChartType::LineLogXY => "LineLogXY",
        }
    }
}

/// Why a series does not go into a chart.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ChartError {
    /// The chart is full.
    #[error("a chart has at most {max} series: leave \"{name}\" out, or start another chart", max = Chart::MAX_SERIES)]
    TooManySeries {
        /// The series that is one too many.
        name: String,
    },
    /// The series is too long.
    #[error("series \"{name}\" has {points} points, the server takes {max}: thin them out", max = Chart::MAX_POINTS)]
    TooManyPoints {
        /// The series.
        name: String,
        /// Its points.
        points: usize,
    },
}

/// A chart while it is written.
#[derive(Debug, Clone)]
pub struct Plot(Chart);

impl Plot {
    /// Begins a chart with its title.
    pub fn new(chart_type: ChartType, label: impl Into<String>) -> Plot {
        let chart_type = Some(chart_type.as_str().to_owned());
        Plot(Chart { chart_type, label: Some(label.into()), ..Chart::default() })
    }

    /// Name and unit of the x axis; an empty unit is none.
    pub fn x(mut self, label: impl Into<String>, unit: impl Into<String>) -> Self {
        self.0.x_label = Some(label.into());
        self.0.x_unit = Some(unit.into()).filter(|unit| !unit.is_empty());
        self
    }

    /// Name and unit of the y axis; an empty unit is none.
    pub fn y(mut self, label: impl Into<String>, unit: impl Into<String>) -> Self {
        self.0.y_label = Some(label.into());
        self.0.y_unit = Some(unit.into()).filter(|unit| !unit.is_empty());
        self
    }

    /// Adds a line through these points (x, y).
    ///
    /// # Errors
    /// When the chart is full or the line too long.
    pub fn series(mut self, name: impl Into<String>, points: &[(Number, Number)]) -> Result<Self, ChartError> {
        let name = name.into();
        if self.0.series.len() == Chart::MAX_SERIES {
            return Err(ChartError::TooManySeries { name });
        }
        if points.len() > Chart::MAX_POINTS {
            return Err(ChartError::TooManyPoints { name, points: points.len() });
        }
        self.0.series.push(Series {
            data_type: Some("XYG".to_owned()),
            name,
            xdata: Some(join(points.iter().map(|(x, _)| x))),
            ydata: Some(join(points.iter().map(|(_, y)| y))),
            ..Series::default()
        });
        Ok(self)
    }

    pub(super) fn into_chart(self) -> Chart {
        self.0
    }
}

fn join<'a>(numbers: impl Iterator<Item = &'a Number>) -> String {
    numbers.map(Number::as_str).collect::<Vec<_>>().join(";")
}

/// Marks a chart without measurements.
#[derive(Debug, Clone)]
pub struct Lines;

/// A chart without measurements; see also [`MultiNumericStep::chart`](super::MultiNumericStep::chart).
pub type ChartStep = Draft<Lines>;

impl ChartStep {
    /// Begins a step with its chart.
    pub fn new(name: impl Into<String>, plot: Plot) -> Self {
        let mut draft = Draft::begin("Chart", name);
        draft.step.chart = Some(Box::new(plot.into_chart()));
        draft
    }
}
