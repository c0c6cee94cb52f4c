//! One report being read from its block: the text, its culture, and what is noted on the way.

use report::{CompOp, Number, Outcome, Report};

use super::block::{Block, Marker};
use super::culture::Culture;
use super::header::Header;
use super::row::{Cell, rows};
use super::steps::Steps;
use crate::failure::{Failure, Rejection};
use crate::input::Warning;
use crate::named::Named;
use crate::nonfinite;
use crate::text::Locator;
use crate::trace::Trace;

/// What is noted while a block is read.
pub(super) struct Reading<'t> {
    /// How numbers and dates are written.
    pub(super) culture: Culture,
    /// Whether outcomes are taken as they are (`Import`) instead of being computed where they are missing (`Active`).
    pub(super) import: bool,
    pub(super) warnings: Named<Warning>,
    pub(super) trace: Trace,
    locator: Locator<'t>,
}

/// A report read from a block.
pub(super) struct Read {
    pub(super) report: Report,
    pub(super) warnings: Named<Warning>,
    pub(super) trace: Trace,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Section {
    Header,
    Steps,
    Footer,
}

/// Reads the report of a block; notes places in `trace`.
pub(super) fn read(block: &Block, culture: Culture, trace: Trace) -> Result<Read, Failure> {
    let mut reading = Reading {
        culture,
        import: false,
        warnings: Named::default(),
        trace,
        locator: Locator::new(&block.text, block.encoding, block.span),
    };
    let mut header = Header::default();
    let mut steps = Steps::default();
    reading.trace.note(String::new, block.span);
    if block.mixed {
        let begin = Cell { text: "", start: 0 };
        let read_as = block.encoding.name();
        reading.warn(
            "",
            begin,
            format!("the text is UTF-8 in part only; it was read as {read_as}, its letters beyond ASCII may be others"),
        );
    }
    let mut section = Section::Header;
    for row in rows(&block.text) {
        let first = row.cell(0);
        section = match (Marker::of(row.line.as_bytes()), section) {
            (Some(Marker::HeaderStart), _) => Section::Header,
            (Some(Marker::StepDataStart), Section::Header) => Section::Steps,
            (Some(Marker::StepDataEnd), Section::Steps) => Section::Footer,
            (Some(Marker::UutEnd), _) => break,
            (Some(_), _) => return Err(reading.refuse(first, "this marker does not belong here", "put the sections in order")),
            (None, Section::Steps) if !first.is("UUTStatus") => {
                steps.take(&row, &mut reading)?;
                section
            }
            (None, Section::Footer) if first.text.starts_with("--") => {
                return Err(reading.refuse(first, format!("`{}` is not a marker of the format", first.text), "write `--UUT-End--`"));
            }
            (None, _) => {
                header.take(&row, section != Section::Header, &mut reading)?;
                section
            }
        };
    }
    if !block.ended {
        reading.unended(block, section)?;
    }
    let report = header.into_report(steps, &mut reading);
    Ok(Read { report, warnings: reading.warnings, trace: reading.trace })
}

impl Reading<'_> {
    /// A block without its end marker: whole lines are taken with a warning, a cut line could hold half a value.
    fn unended(&mut self, block: &Block, section: Section) -> Result<(), Failure> {
        let end = Cell { text: "", start: block.text.len() };
        if section == Section::Header {
            return Err(self.refuse(end, "the report ends inside its header", "write the whole report"));
        }
        if block.last && section == Section::Steps && !block.text.ends_with('\n') {
            return Err(self.refuse(end, "the file ends in the middle of a step line", "write the whole report, up to `--UUT-End--`"));
        }
        self.warn("", end, "`--UUT-End--` is missing; the report was taken as far as it goes");
        Ok(())
    }

    /// Notes that the value at `pointer` came from this cell, if anything is written there.
    pub(super) fn note(&mut self, pointer: impl FnOnce() -> String, cell: Cell<'_>) {
        if !cell.is_empty() {
            self.place(pointer, cell);
        }
    }

    /// Notes that the value at `pointer` comes from this cell now; an empty one means that it was computed and has no place.
    pub(super) fn note_anew(&mut self, pointer: &str, cell: Cell<'_>) {
        self.trace.forget(pointer);
        self.note(|| pointer.to_owned(), cell);
    }

    /// Notes that this cell is the place of the value at `pointer`, even where nothing is written.
    pub(super) fn place(&mut self, pointer: impl FnOnce() -> String, cell: Cell<'_>) {
        if self.trace.is_recording() {
            let span = self.locator.span(cell.start..cell.start + cell.text.len());
            self.trace.note(pointer, span);
        }
    }

    /// Warns about this cell.
    pub(super) fn warn(&mut self, pointer: impl Into<String>, cell: Cell<'_>, message: impl Into<String>) {
        let Self { warnings, locator, .. } = self;
        warnings.push(|| Warning::new(pointer, message).at(locator.span(cell.start..cell.start + cell.text.len())));
    }

    /// Refuses the source because of this cell.
    pub(super) fn refuse(&mut self, cell: Cell<'_>, message: impl Into<String>, fix: impl Into<String>) -> Failure {
        let span = self.locator.span(cell.start..cell.start + cell.text.len());
        Rejection::new(message, fix).at(span).into()
    }

    /// The number in a cell; `None` where nothing is written.
    pub(super) fn number(&mut self, cell: Cell<'_>) -> Result<Option<Number>, Failure> {
        let Some(cell) = cell.filled() else { return Ok(None) };
        let number = self.culture.number(cell.text);
        let rule = self.culture.number_rule();
        number.map(Some).ok_or_else(|| {
            let fix = format!("{rule}; set `cultureCode` in the header or the option `culture` if the file is of another culture");
            self.refuse(cell, format!("`{}` is not a number", cell.text), fix)
        })
    }

    /// The number in a cell; `None` where nothing is written, or NaN or an infinity.
    pub(super) fn finite(&mut self, cell: Cell<'_>) -> Result<Option<Number>, Failure> {
        if nonfinite::is(cell.text) { Ok(None) } else { self.number(cell) }
    }

    /// The outcome in a cell; `None` where nothing is written.
    pub(super) fn outcome(&mut self, cell: Cell<'_>) -> Result<Option<Outcome>, Failure> {
        let Some(cell) = cell.filled() else { return Ok(None) };
        match Outcome::parse(cell.text) {
            Outcome::Other(word) => {
                let fix = "write Passed, Failed, Done, Skipped, Error or Terminated";
                Err(self.refuse(cell, format!("`{word}` is not a status"), fix))
            }
            outcome => Ok(Some(outcome)),
        }
    }

    /// The operator in a cell; `None` where nothing is written.
    pub(super) fn comp_op(&mut self, cell: Cell<'_>) -> Result<Option<CompOp>, Failure> {
        let Some(cell) = cell.filled() else { return Ok(None) };
        match CompOp::parse(cell.text) {
            CompOp::Other(word) => Err(self.refuse(cell, format!("`{word}` is not an operator"), "write one such as LOG, EQ, GE or GELE")),
            op => Ok(Some(op)),
        }
    }
}
