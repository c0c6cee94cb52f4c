//! Charts and attached files, which WRML writes alike: a `<Chart>` that opens one, and `<Chart>`s with its content.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::nest::number;
use crate::Span;
use crate::formats::wsxf::Notes;
use crate::xml::{Attribute, Element, Text};

/// The charts and files of one step in WSXF's form.
pub(super) fn plots(notes: &mut Notes, mut rows: Vec<Element>) -> Vec<Element> {
    rows.sort_by_key(|row| number(row, "idx"));
    let mut done: Vec<Element> = Vec::new();
    for row in rows {
        let opens = row.attribute("ChartType").is_some();
        if opens || done.is_empty() {
            done.push(opening(&row));
        }
        let Some(whole) = done.last_mut().filter(|_| row.child("Data").is_some() || !opens) else { continue };
        if whole.is("Attachment") {
            add_file(notes, whole, row);
        } else {
            whole.children.extend(series(notes, row));
        }
    }
    done
}

/// The chart or file that a row opens, with the row's attributes; a row that opens none opens a chart without any.
fn opening(row: &Element) -> Element {
    let file = row.attribute("ChartType").is_some_and(|kind| kind.value.trim().eq_ignore_ascii_case("ATTACHMENT"));
    let opens = row.attribute("ChartType").is_some();
    let (name, own, label): (_, &[&str], _) =
        if file { ("Attachment", &["ChartType", "idx"], "Name") } else { ("Chart", &["PlotName", "DataType", "idx"], "Label") };
    element(name, if opens { attributes(row, own, "Label", label) } else { Vec::new() }, row.at)
}

fn add_file(notes: &mut Notes, whole: &mut Element, row: Element) {
    if whole.text.is_some() {
        notes.reject_at(Some(row.at), "an attached file has two contents", "open each file with its own <Chart ChartType=\"ATTACHMENT\">");
        return;
    }
    whole.attributes.extend(attributes(&row, &["ChartType", "Label", "DataType", "idx"], "PlotName", "ContentType"));
    whole.text = content(row).and_then(|data| data.text);
}

fn series(notes: &mut Notes, row: Element) -> Option<Element> {
    let kind = row.attribute("DataType").map_or("XYG", |kind| kind.value.trim());
    if !kind.eq_ignore_ascii_case("XYG") {
        let message = format!("the points of a chart are of the DataType \"{kind}\", which is not known");
        notes.reject_at(Some(row.at), message, "write XYG: base64 of doubles, x and y in turn");
        return None;
    }
    let mut series = element("Series", attributes(&row, &["idx"], "PlotName", "Name"), row.at);
    if let Some(data) = content(row).and_then(|data| data.text) {
        let (x, y) = points(notes, &data)?;
        series.children.push(axis("xdata", x, data.at));
        series.children.push(axis("ydata", y, data.at));
    }
    Some(series)
}

/// The attributes of a row but for some, one of them by another name.
fn attributes(row: &Element, but: &[&str], from: &str, to: &str) -> Vec<Attribute> {
    let mut kept = row.attributes.clone();
    kept.retain(|attribute| !but.iter().any(|name| attribute.name.eq_ignore_ascii_case(name)));
    for attribute in kept.iter_mut().filter(|attribute| attribute.name.eq_ignore_ascii_case(from)) {
        attribute.name = to.to_owned();
    }
    kept
}

fn element(name: &str, attributes: Vec<Attribute>, at: Span) -> Element {
    Element { name: name.to_owned(), attributes, children: Vec::new(), text: None, at }
}

fn axis(name: &str, points: Vec<String>, at: Span) -> Element {
    let text = Text { value: points.join(";"), at };
    Element { text: Some(text), ..element(name, Vec::new(), at) }
}

fn content(row: Element) -> Option<Element> {
    row.children.into_iter().find(|child| child.is("Data"))
}

/// The x and y values of little-endian doubles in turn, in the shortest digits that give the same double.
fn points(notes: &mut Notes, data: &Text) -> Option<(Vec<String>, Vec<String>)> {
    let compact: String = data.value.split_ascii_whitespace().collect();
    let bytes = match STANDARD.decode(compact) {
        Ok(bytes) if bytes.len() % 16 == 0 => bytes,
        Ok(bytes) => {
            let message = format!("the points of a chart take {} bytes, which is no multiple of 16", bytes.len());
            notes.reject_at(Some(data.at), message, "write one x and one y, 8 bytes each, for every point");
            return None;
        }
        Err(error) => {
            let message = format!("the points of a chart are not base64: {error}");
            notes.reject_at(Some(data.at), message, "write base64 of doubles, x and y in turn");
            return None;
        }
    };
    let doubles = bytes.as_chunks::<8>().0.iter().map(|eight| digits(f64::from_le_bytes(*eight)));
    let (x, y): (Vec<_>, Vec<_>) = doubles.enumerate().partition(|(place, _)| place % 2 == 0);
    let bare = |axis: Vec<(usize, String)>| axis.into_iter().map(|(_, digits)| digits).collect();
    Some((bare(x), bare(y)))
}

fn digits(value: f64) -> String {
    let size = value.abs();
    if size != 0.0 && !(1e-5..1e16).contains(&size) && value.is_finite() { format!("{value:e}") } else { value.to_string() }
}
