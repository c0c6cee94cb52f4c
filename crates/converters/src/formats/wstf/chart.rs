//! Charts and their series in step data.

use report::{Chart, Series, Step};

use super::reading::Reading;
use super::row::Cell;
use super::step_row::{Column, StepRow};
use crate::failure::Failure;
use crate::nonfinite;

/// The types a chart can be of.
const TYPES: [&str; 4] = ["Line", "LineLogX", "LineLogY", "LineLogXY"];
/// The most series of a chart and the most points of a series.
const MAX_SERIES: usize = 10;
const MAX_POINTS: usize = 10_000;

/// Gives a step its chart: the type in the column of the step name, then label, and name and unit of the x and y axes.
pub(super) fn begin(row: &StepRow<'_>, step: &mut Step, pointer: &str, reading: &mut Reading<'_>) -> Result<(), Failure> {
    let type_cell = row.cell(Column::StepName);
    let Some(chart_type) = TYPES.into_iter().find(|known| type_cell.is(known)) else {
        return Err(reading.refuse(
            type_cell,
            format!("`{}` is not a chart type", type_cell.text),
            "write Line, LineLogX, LineLogY or LineLogXY",
        ));
    };
    let columns = [Column::MeasureName, Column::Value, Column::LowLimit, Column::HighLimit, Column::CompOperator];
    let [label, x_label, x_unit, y_label, y_unit] = columns.map(|column| row.cell(column));
    let noted =
        [("chartType", type_cell), ("label", label), ("xLabel", x_label), ("xUnit", x_unit), ("yLabel", y_label), ("yUnit", y_unit)];
    reading.note(|| format!("{pointer}/chart"), type_cell);
    for (key, cell) in noted {
        reading.note(|| format!("{pointer}/chart/{key}"), cell);
    }
    step.chart = Some(Box::new(Chart {
        chart_type: Some(chart_type.to_owned()),
        label: label.owned(),
        x_label: x_label.owned(),
        x_unit: x_unit.owned(),
        y_label: y_label.owned(),
        y_unit: y_unit.owned(),
        ..Chart::default()
    }));
    Ok(())
}

/// Adds a series to the step's chart: y values before x values; without x values the points are counted from 0.
pub(super) fn add_series(row: &StepRow<'_>, step: &mut Step, pointer: &str, reading: &mut Reading<'_>) -> Result<(), Failure> {
    let columns = [Column::StepType, Column::StepName, Column::MeasureName, Column::Value, Column::LowLimit];
    let [first, name, data_type, y_cell, x_cell] = columns.map(|column| row.cell(column));
    let Some(chart) = step.chart.as_mut() else {
        return Err(reading.refuse(first, "a Series without a Chart", "write the Chart line before it"));
    };
    if chart.series.len() == MAX_SERIES {
        return Err(reading.refuse(first, "a chart has at most 10 series", "put the rest into another chart"));
    }
    if !data_type.is("XYG") {
        return Err(reading.refuse(data_type, format!("`{}` is not a series type", data_type.text), "write XYG into MeasureName"));
    }
    let at = format!("{pointer}/chart/series/{}", chart.series.len());
    let ys = points(y_cell, reading)?;
    let xs = if x_cell.is_empty() { (0..ys.len()).map(|x| x.to_string()).collect() } else { points(x_cell, reading)? };
    if xs.len() != ys.len() {
        let message = format!("the series has {} y values but {} x values", ys.len(), xs.len());
        return Err(reading.refuse(y_cell, message, "write as many of one as of the other"));
    }
    reading.note(|| at.clone(), first);
    for (key, cell) in [("name", name), ("dataType", data_type), ("ydata", y_cell), ("xdata", x_cell)] {
        reading.note(|| format!("{at}/{key}"), cell);
    }
    chart.series.push(Series {
        data_type: Some("XYG".into()),
        name: name.text.to_owned(),
        xdata: Some(xs.join(";")),
        ydata: Some(ys.join(";")),
        ..Series::default()
    });
    Ok(())
}

/// The values of a list, whatever the culture with a decimal point.
fn points(cell: Cell<'_>, reading: &mut Reading<'_>) -> Result<Vec<String>, Failure> {
    let values: Vec<String> = cell.text.trim_end_matches(';').split(';').map(|value| value.trim().replace(',', ".")).collect();
    if values.len() > MAX_POINTS {
        return Err(reading.refuse(cell, "a series has at most 10000 points", "leave points out"));
    }
    match values.iter().find(|value| !nonfinite::is(value) && report::Number::parse(value).is_none()) {
        Some(wrong) => {
            Err(reading.refuse(cell, format!("`{wrong}` in the series is not a number"), "write numbers separated by semicolons"))
        }
        None => Ok(values),
    }
}
