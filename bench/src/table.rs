//! The figures as a Markdown table, as JSON, and their place in the document.

use crate::figure::{Figure, Reach, quantile};
use crate::machine::Machine;
use crate::rows::Row;
use anyhow::{Context, Result};
use serde_json::{Value, json};
use std::fmt::Write;
use std::fs;
use std::path::Path;

/// The lines between which the table lies in the document.
const BEGIN: &str = "<!-- begin: cargo xtask bench --write -->";
const END: &str = "<!-- end -->";

pub(crate) fn markdown(machine: &Machine, measured: &[(&Row, Vec<Figure>)]) -> String {
    let Machine { processor, cores, memory_gib, system, compiler, commit, day, load } = machine;
    let mut text = format!(
        "{day}, commit {commit}, {processor}, {cores} cores, {memory_gib} GiB, {system}, {compiler}, load {load}.\n\n\
         | row | figure | median (range) of runs | yardstick | ratio | reach | reached |\n|---|---|---|---|---|---|---|\n"
    );
    for (row, figures) in measured {
        for figure in figures {
            let yardstick = figure.yardstick.as_ref().map(|it| format!("{}: {}", it.what, spread(&it.values, figure.unit)));
            let ratio = figure.ratio().map_or("—".to_owned(), |ratio| format!("{ratio:.2}"));
            let reached = figure.reached().map_or("", |reached| if reached { "yes" } else { "**no**" });
            let (what, values) = (&figure.what, spread(&figure.values, figure.unit));
            let (yardstick, reach) = (yardstick.as_deref().unwrap_or("—"), reach(figure));
            let _ = writeln!(text, "| {} | {what} | {values} | {yardstick} | {ratio} | {reach} | {reached} |", row.id);
        }
    }
    text
}

pub(crate) fn json(machine: &Machine, measured: &[(&Row, Vec<Figure>)]) -> Value {
    let row = |(row, figures): &(&Row, Vec<Figure>)| json!({"id": row.id, "work": row.work, "figures": figures});
    json!({"machine": machine, "rows": measured.iter().map(row).collect::<Vec<_>>()})
}

/// Puts the table between its two lines in the document.
pub(crate) fn write(path: &Path, table: &str) -> Result<()> {
    let shown = path.display();
    let text = fs::read_to_string(path).with_context(|| shown.to_string())?;
    let lies = text.split_once(BEGIN).and_then(|(before, rest)| Some((before, rest.split_once(END)?.1)));
    let (before, after) = lies.with_context(|| format!("{shown}: the lines {BEGIN:?} and {END:?} are not there in this order"))?;
    fs::write(path, format!("{before}{BEGIN}\n{table}{END}{after}")).with_context(|| shown.to_string())
}

fn spread(values: &[f64], unit: &str) -> String {
    let at = |q| number(quantile(values, q));
    format!("{} ({}–{}) {unit}, {} runs", at(0.5), at(0.0), at(1.0), values.len())
}

/// Three digits that mean something.
fn number(value: f64) -> String {
    match value.abs() {
        large if large >= 100.0 => format!("{value:.0}"),
        middle if middle >= 10.0 => format!("{value:.1}"),
        small if small >= 1.0 || small == 0.0 => format!("{value:.2}"),
        _ => format!("{value:.3}"),
    }
}

fn reach(figure: &Figure) -> String {
    match figure.reach {
        Reach::AtMost(most) => format!("≤ {} {}", number(most), figure.unit),
        Reach::RatioAtMost(most) => format!("≤ {most:.2} ×"),
        Reach::RatioAtLeast(least) => format!("≥ {least:.2} ×"),
        Reach::None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_between_the_two_lines_is_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("measures.md");
        fs::write(&path, format!("# Measures\n{BEGIN}\nold\n{END}\nwords\n")).unwrap();
        write(&path, "| new |\n").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), format!("# Measures\n{BEGIN}\n| new |\n{END}\nwords\n"));
        fs::write(&path, "# Measures\n").unwrap();
        assert!(write(&path, "").unwrap_err().to_string().contains("are not there"));
    }

    #[test]
    fn numbers_have_three_digits_that_mean_something() {
        let shown: Vec<String> = [0.0, 0.0123, 1.234, 12.34, 1234.5].map(number).to_vec();
        assert_eq!(shown, ["0.00", "0.012", "1.23", "12.3", "1234"]);
    }
}
