//! `source`: one file of the history as somebody needs it who asks why: what became of it, its reports, where it is now, its text with the
//! line that was wrong, and what the log says of it.

mod log;

use super::args;
use super::files;
use super::queue::unreadable;
use super::session::{Ending, Instance, Session, local};
use super::window::Window;
use crate::exit::{Exit, Fatal};
use crate::output::{Mood, counted};
use converters::{Coding, Span};
use log::LogLine;
use serde::Serialize;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek};
use std::path::{Path, PathBuf};
use store::{Query, Row, SourceId, SourceOutcome, SourceRow};

/// Most reports of a source that are shown.
const REPORTS: u32 = 1_000;
/// Bytes by which a text's coding is judged.
const HEAD: u64 = 64 << 10;

/// Everything about one source.
#[derive(Debug, Serialize)]
struct Detail {
    row: SourceRow,
    reports: Vec<Row>,
    /// Where the file is now, when it can be found.
    file: Option<PathBuf>,
    /// The line a rejection is about.
    marked: Option<Span>,
    text: Option<String>,
    first_line: u32,
    log: Vec<LogLine>,
}

/// The instance and the source that are meant, by one or two words.
pub(super) fn named(session: &Session, asked: &args::Source) -> Result<(Instance, SourceRow), Fatal> {
    let (id, number) = match asked.words.as_slice() {
        [id, number] => (Some(id.as_str()), number),
        [number] => (None, number),
        _ => return Err(Fatal::new(Exit::Usage, "give an instance and a number")),
    };
    let number: i64 = number.parse().map_err(|_| Fatal::new(Exit::Usage, format!("{number:?} is no number of a source file")))?;
    let instance = session.instance(id)?;
    let row = instance.view()?.map(|view| view.source(SourceId(number)).map_err(unreadable)).transpose()?.flatten();
    let none =
        || Fatal::new(Exit::NotFound, format!("there is no source file {number}")).hinting("`lineside history --json` shows their numbers");
    Ok((instance, row.ok_or_else(none)?))
}

pub(crate) fn source(session: &Session, asked: &args::Source) -> Ending {
    let (instance, row) = named(session, asked)?;
    let query = Query { source: Some(row.id), limit: REPORTS, ..Query::default() };
    let reports = instance.view()?.map(|view| view.list(&query).map_err(unreadable)).transpose()?.unwrap_or_default();
    let file = place(&row);
    let place = row.reason.as_deref().and_then(placed);
    let (marked, window) = file.as_deref().and_then(|file| shown(file, place).ok()).unwrap_or_default();
    let (text, first_line) = match window {
        Some(Window::Text { text, first_line, .. }) => (Some(text), first_line),
        Some(Window::Bytes { .. }) | None => (None, 1),
    };
    let log = log::about(&instance.layout.logs(), &row);
    let detail = Detail { row, reports, file, marked, text, first_line, log };
    if session.out.json {
        session.out.json(&detail);
        return Ok(None);
    }
    tell(session, &detail);
    Ok(None)
}

/// Where the file of a source is: where it was filed, else where it was found, if what lies there has its size. A rejected file is mended where it was filed, and is
/// then as long as it is.
pub(super) fn place(row: &SourceRow) -> Option<PathBuf> {
    // Another file may have come to its name since.
    let is_it = |path: &PathBuf| path.is_absolute() && path.metadata().is_ok_and(|found| found.is_file() && found.len() == row.size);
    let mended = |path: &PathBuf| row.outcome == SourceOutcome::Rejected && path.is_absolute() && path.is_file();
    let filed = row.filed_at.as_ref().map(PathBuf::from).filter(|path| is_it(path) || mended(path));
    filed.or_else(|| Some(PathBuf::from(&row.path)).filter(is_it))
}

/// Line and column a reason begins with.
fn placed(reason: &str) -> Option<(u32, u32)> {
    let (line, rest) = reason.strip_prefix("line ")?.split_once(", column ")?;
    let (column, _) = rest.split_once(':')?;
    Some((line.parse().ok()?, column.parse().ok()?))
}

/// The line that is marked, and the file's text around it; nothing of what was packed.
fn shown(path: &Path, place: Option<(u32, u32)>) -> io::Result<(Option<Span>, Option<Window>)> {
    if path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("zip")) {
        return Ok((None, None));
    }
    let mut file = files::open(path).map_err(io::Error::other)?;
    let size = file.metadata()?.len();
    let marked = match place {
        Some((line, column)) => line_span(&mut file, line, column)?,
        None => None,
    };
    Window::around(&mut file, size, marked).map(|window| (marked, Some(window)))
}

/// The bytes of a line; none when the file has no such line.
fn line_span(file: &mut File, line: u32, column: u32) -> io::Result<Option<Span>> {
    let mut head = Vec::new();
    file.take(HEAD).read_to_end(&mut head)?;
    let Some(coding) = Coding::of(&head) else { return Ok(None) };
    file.rewind()?;
    let mut reader = BufReader::new(file);
    let mut start = 0;
    for _ in 1..line {
        match skip_line(&mut reader, coding)? {
            0 => return Ok(None),
            skipped => start += skipped,
        }
    }
    let length = skip_line(&mut reader, coding)?;
    Ok((length > 0).then_some(Span { start, end: start + length, line, column }))
}

/// Reads to the end of a line; how many bytes it has.
fn skip_line(reader: &mut impl BufRead, coding: Coding) -> io::Result<u64> {
    if coding.unit() == 1 {
        return Ok(reader.skip_until(b'\n')? as u64);
    }
    let end = if coding.name() == "UTF-16BE" { [0, b'\n'] } else { [b'\n', 0] };
    let (mut pair, mut length) = ([0; 2], 0);
    while reader.read_exact(&mut pair).is_ok() {
        length += 2;
        if pair == end {
            break;
        }
    }
    Ok(length)
}

fn tell(session: &Session, detail: &Detail) {
    let row = &detail.row;
    let line = |mood, text: &str| session.out.line(mood, text);
    let outcome = match row.outcome {
        SourceOutcome::Converted => format!("converted, {}", counted(row.reports, "report")),
        SourceOutcome::Rejected => "rejected".to_owned(),
        SourceOutcome::Duplicate => "same content as one before".to_owned(),
    };
    line(Mood::Plain, &format!("{} {outcome}: {}", local(row.at), row.path));
    if let Some(reason) = &row.reason {
        line(Mood::Bad, &format!("why     {reason}"));
    }
    let now = detail.file.as_ref().map_or_else(|| "not found any more".to_owned(), |file| file.display().to_string());
    line(Mood::Plain, &format!("file    {now}"));
    for report in &detail.reports {
        line(Mood::Plain, &format!("report  {} {} {} {}", report.ticket, report.sn, report.pn, report.result));
    }
    if let (Some(marked), Some(text)) = (detail.marked, &detail.text) {
        let lines = text.lines().zip(detail.first_line..).filter(|(_, number)| number.abs_diff(marked.line) <= 2);
        for (text, number) in lines {
            let mood = if number == marked.line { Mood::Bad } else { Mood::Quiet };
            line(mood, &format!("{number:>7} {}", crate::output::shortened(text, 120)));
        }
    }
    detail.log.iter().for_each(|one| line(Mood::Quiet, &format!("{} {} {}", one.at, one.level, one.message)));
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    #[test]
    fn the_place_stands_at_the_beginning_of_a_reason() {
        assert_eq!(placed("line 3, column 17: /sn: it is missing: enter it"), Some((3, 17)));
        assert_eq!(placed("the file is empty: look at the tester"), None);
    }

    #[test]
    fn a_line_is_found_by_its_number() {
        let spans = |bytes: &[u8]| {
            let mut file = tempfile::tempfile().unwrap();
            file.write_all(bytes).unwrap();
            [1, 2, 3, 4].map(|line| {
                file.rewind().unwrap();
                line_span(&mut file, line, 1).unwrap().map(|span| (span.start, span.end))
            })
        };
        assert_eq!(spans(b"one\ntwo\nthree"), [Some((0, 4)), Some((4, 8)), Some((8, 13)), None]);
        // U+0A0A has the byte of a line end twice and is none.
        let wide = "\u{feff}o\u{a0a}\ntwo\nthree";
        let expected = [Some((0, 8)), Some((8, 16)), Some((16, 26)), None];
        assert_eq!(spans(&wide.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>()), expected);
        assert_eq!(spans(&wide.encode_utf16().flat_map(u16::to_be_bytes).collect::<Vec<_>>()), expected);
    }
}
