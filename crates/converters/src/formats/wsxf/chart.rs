//! Charts and attachments of a step.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};

use super::Options;
use super::fields::Kind::Text;
use super::fields::{Field, Notes, Pointer, number};
use crate::xml::Element;

const CHART: &[Field] = &[
    Field("ChartType", "chartType", Text),
    Field("Label", "label", Text),
    Field("XLabel", "xLabel", Text),
    Field("XUnit", "xUnit", Text),
    Field("YLabel", "yLabel", Text),
    Field("YUnit", "yUnit", Text),
];
const SERIES: &[Field] = &[Field("Name", "name", Text), Field("DataType", "dataType", Text)];
const ATTACHMENT: &[Field] =
    &[Field("Name", "name", Text), Field("ContentType", "contentType", Text), Field("Description", "description", Text)];

pub(super) fn chart(notes: &mut Notes, element: &Element, pointer: &Pointer<'_>) -> Value {
    let mut chart = notes.read(element, pointer, CHART, &["idx", "MeasIndex"]);
    chart.entry("chartType").or_insert_with(|| "Line".into());
    let key = pointer.key("series");
    let mut all = Vec::new();
    for child in &element.children {
        if child.is("Series") {
            all.push(series(notes, child, &key.index(all.len())));
        } else {
            notes.homeless(pointer, child);
        }
    }
    chart.insert("series".into(), all.into());
    chart.into()
}

fn series(notes: &mut Notes, element: &Element, pointer: &Pointer<'_>) -> Value {
    let mut series = notes.read(element, pointer, SERIES, &["idx"]);
    series.entry("dataType").or_insert_with(|| "XYG".into());
    let y = points(notes, element, pointer, "ydata");
    let x = points(notes, element, pointer, "xdata");
    for child in element.children.iter().filter(|child| !child.is("xdata") && !child.is("ydata")) {
        notes.homeless(pointer, child);
    }
    match (x, y) {
        (_, None) => notes.reject(pointer, element.at, "the series has no ydata", "write its points, separated by semicolons"),
        (None, Some(y)) => {
            let places: Vec<String> = (0..y.len()).map(|place| place.to_string()).collect();
            put_points(&mut series, &places, &y);
        }
        (Some(x), Some(y)) if x.len() != y.len() => {
            let message = format!("the series has {} x values and {} y values", x.len(), y.len());
            notes.reject(pointer, element.at, message, "write one x for each y");
        }
        (Some(x), Some(y)) => put_points(&mut series, &x, &y),
    }
    series.into()
}

fn put_points(series: &mut Map<String, Value>, x: &[String], y: &[String]) {
    series.insert("xdata".into(), x.join(";").into());
    series.insert("ydata".into(), y.join(";").into());
}

/// The points of one axis as written; a number that JSON does not know is a point all the same.
fn points(notes: &mut Notes, series: &Element, pointer: &Pointer<'_>, key: &str) -> Option<Vec<String>> {
    let text = series.child(key)?.text.as_ref()?;
    let pointer = pointer.key(key);
    notes.place(&pointer, text.at);
    let points: Vec<String> = text.value.trim_end_matches(';').split(';').map(|point| point.trim().to_owned()).collect();
    if let Some(bad) = points.iter().find(|point| number(point).is_none() && point.parse::<f64>().is_err()) {
        let fix = "write numbers with a decimal point, separated by semicolons";
        notes.reject(&pointer, text.at, format!("the series has \"{bad}\" where a number is meant"), fix);
    }
    Some(points)
}

/// An attachment; none when the file names it and does not hold it, which the step then says by a warning.
pub(super) fn attachment(notes: &mut Notes, options: &Options, element: &Element, pointer: &Pointer<'_>) -> Option<Value> {
    let mut attachment = notes.leaf(element, pointer, ATTACHMENT, &["Size", "MeasIndex"]);
    let Some(text) = &element.text else {
        let name = element.attribute("Name").map_or("", |name| &name.value);
        let message = format!("the attachment \"{name}\" is named but its content is not in the file");
        if options.require_attachments {
            notes.reject(pointer, element.at, message, "write the content as base64, or set `require_attachments` to false");
        } else {
            notes.warn(pointer, element.at, message + "; it was left out");
        }
        return None;
    };
    let data: String = text.value.split_ascii_whitespace().collect();
    let pointer = pointer.key("data");
    notes.place(&pointer, text.at);
    match STANDARD.decode(&data) {
        Err(error) => {
            let message = format!("the attachment is not base64: {error}");
            notes.reject(&pointer, text.at, message, "write the whole file as base64, or leave the attachment out");
        }
        Ok(bytes) => {
            let size = element.attribute("Size").and_then(|size| size.value.trim().parse::<usize>().ok());
            if let Some(size) = size.filter(|size| *size != bytes.len()) {
                let message = format!("the attachment has {} bytes where Size says {size}", bytes.len());
                notes.warn(&pointer, text.at, message);
            }
        }
    }
    attachment.insert("data".into(), data.into());
    Some(attachment.into())
}
