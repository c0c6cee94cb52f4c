//! What a step measured.

use crate::object::wsjf_object;
use crate::{CompOp, Number, Outcome, Scalar};

wsjf_object! {
    /// A measured number with its limits. Keys that only say how it is shown (`…Format`) live in `extra`.
    NumericMeas, "a numeric measurement (a JSON object)", {
        /// Its name, unique in the step; absent where the step has one measurement.
        name: Option<String> = "name",
        /// What was measured; a text where the source says so (`"NaN"`).
        value: Option<Scalar> = "value",
        /// Unit of value and limits.
        unit: Option<String> = "unit",
        /// How value and limits are compared.
        comp_op: Option<CompOp> = "compOp",
        /// The low limit, or the only one.
        low_limit: Option<Number> = "lowLimit",
        /// The high limit.
        high_limit: Option<Number> = "highLimit",
        /// How it ended.
        status: Option<Outcome> = "status",
    }
}

wsjf_object! {
    /// A measured text with its limit.
    StringMeas, "a string measurement (a JSON object)", {
        /// Its name, unique in the step; absent where the step has one measurement.
        name: Option<String> = "name",
        /// What was measured.
        value: Option<String> = "value",
        /// What it is compared with.
        limit: Option<String> = "limit",
        /// How value and limit are compared.
        comp_op: Option<CompOp> = "compOp",
        /// How it ended.
        status: Option<Outcome> = "status",
    }
}

wsjf_object! {
    /// A yes-or-no check. Exports say only the status.
    BooleanMeas, "a boolean measurement (a JSON object)", {
        /// Its name, unique in the step; absent where the step has one measurement.
        name: Option<String> = "name",
        /// What was measured.
        value: Option<bool> = "value",
        /// How it ended.
        status: Option<Outcome> = "status",
    }
}

wsjf_object! {
    /// A chart of up to ten series.
    Chart, "a chart (a JSON object)", {
        /// `Line`, `LineLogX`, `LineLogY` or `LineLogXY`.
        chart_type: Option<String> = "chartType",
        /// Title.
        label: Option<String> = "label",
        /// Name of the x axis.
        x_label: Option<String> = "xLabel",
        /// Unit of the x axis.
        x_unit: Option<String> = "xUnit",
        /// Name of the y axis.
        y_label: Option<String> = "yLabel",
        /// Unit of the y axis.
        y_unit: Option<String> = "yUnit",
        /// Its lines.
        series: Vec<Series> = "series",
    }
}

wsjf_object! {
    /// One line of a chart.
    Series, "a chart series (a JSON object)", {
        /// `XYG`.
        data_type: Option<String> = "dataType",
        /// Its name.
        name: String = "name",
        /// x values: numbers with a decimal point, separated by semicolons.
        xdata: Option<String> = "xdata",
        /// y values, as many as x values.
        ydata: Option<String> = "ydata",
    }
}

impl Chart {
    /// How many series a chart may have.
    pub const MAX_SERIES: usize = 10;
    /// How many points a series may have.
    pub const MAX_POINTS: usize = 10_000;
}
