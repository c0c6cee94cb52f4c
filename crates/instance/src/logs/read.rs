//! Reads logs while they are written: the last lines of a large file at once, then what is new, across full parts,
//! midnight, truncation and deletion.

use std::{
    fs::File,
    io::{self, Read, Seek, SeekFrom},
    path::Path,
};

use super::{Name, named};

/// Longer lines are cut to this many characters.
pub const MAX_LINE_CHARS: usize = 10_000;
/// Most bytes read by one call; the rest comes with the next one.
const MAX_READ: u64 = 4 << 20;
/// Bytes that tell one log file from another: its first line begins with a time.
const HEAD: usize = 128;

/// One line of a log, without its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// The text, cut to [`MAX_LINE_CHARS`]; bytes that are no UTF-8 are shown as U+FFFD.
    pub text: String,
    /// It was cut.
    pub cut: bool,
}

impl Line {
    fn new(bytes: &[u8]) -> Line {
        let text = String::from_utf8_lossy(bytes.strip_suffix(b"\r").unwrap_or(bytes));
        match text.char_indices().nth(MAX_LINE_CHARS) {
            Some((end, _)) => Line { text: text[..end].to_owned(), cut: true },
            None => Line { text: text.into_owned(), cut: false },
        }
    }
}

/// A place in the log of an instance that outlives rotation. The default is the beginning of the oldest file.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Cursor {
    /// The file by its name when last read, and by its first bytes, which move with it when it is renamed.
    name: Option<Name>,
    head: Vec<u8>,
    offset: u64,
}

/// Whole lines of one file from `offset` on, `max` at most, and the offset after them. An offset beyond the end (the
/// file was truncated) begins again at 0. Empty lines are skipped; a line still being written waits for its end.
///
/// # Errors
/// When the file cannot be read.
pub fn tail(path: &Path, offset: u64, max: usize) -> io::Result<(Vec<Line>, u64)> {
    let mut file = File::open(path)?;
    let size = file.metadata()?.len();
    let start = if offset > size { 0 } else { offset };
    file.seek(SeekFrom::Start(start))?;
    let mut bytes = Vec::new();
    file.take(MAX_READ).read_to_end(&mut bytes)?;
    let (lines, used) = split(&bytes, max);
    Ok((lines, start + used as u64))
}

/// The last `max` whole lines of one file and the offset after them, for [`tail`] to go on from. Reads only the end of
/// the file, 4 MiB at most.
///
/// # Errors
/// When the file cannot be read.
pub fn last(path: &Path, max: usize) -> io::Result<(Vec<Line>, u64)> {
    let mut file = File::open(path)?;
    let size = file.metadata()?.len();
    let mut length = (64 << 10).min(size);
    loop {
        let mut bytes = Vec::new();
        file.seek(SeekFrom::Start(size - length))?;
        file.by_ref().take(length).read_to_end(&mut bytes)?;
        let enough = bytes.iter().filter(|byte| **byte == b'\n').count() > max;
        if enough || length == size || length >= MAX_READ {
            let skipped = if length == size { 0 } else { first_line_start(&bytes) };
            let (mut lines, used) = split(&bytes[skipped..], usize::MAX);
            lines.drain(..lines.len().saturating_sub(max));
            return Ok((lines, size - length + (skipped + used) as u64));
        }
        length = (length * 4).min(size).min(MAX_READ);
    }
}

/// New whole lines of the log in `folder`, `max` at most, moving the cursor behind them. Goes from file to file; when
/// the cursor's file is gone, goes on with the next one, and when it was truncated, with its beginning.
///
/// # Errors
/// When the folder or a file cannot be read. The cursor is where the lines before ended.
pub fn follow(folder: &Path, cursor: &mut Cursor, max: usize) -> io::Result<Vec<Line>> {
    let mut files = Vec::new();
    for (name, path) in named(folder)? {
        let head = head(&path)?;
        // without a whole line there is nothing to read yet
        if !head.is_empty() {
            files.push((name, head, path));
        }
    }
    let same = files.iter().position(|(_, head, _)| *head == cursor.head);
    let start = same.or_else(|| files.iter().position(|(name, ..)| Some(*name) >= cursor.name));
    let mut lines = Vec::new();
    for (name, head, path) in files.into_iter().skip(start.unwrap_or(usize::MAX)) {
        let offset = if cursor.head == head { cursor.offset } else { 0 };
        *cursor = Cursor { name: Some(name), head, offset };
        cursor.read_on(&path, max, &mut lines)?;
        if lines.len() >= max {
            break;
        }
    }
    Ok(lines)
}

impl Cursor {
    /// Begins at the last `max` lines of the newest file; returns them too.
    ///
    /// # Errors
    /// When the folder or the file cannot be read.
    pub fn at_end(folder: &Path, max: usize) -> io::Result<(Vec<Line>, Cursor)> {
        let Some((name, path)) = named(folder)?.pop() else { return Ok((Vec::new(), Cursor::default())) };
        let (lines, offset) = last(&path, max)?;
        Ok((lines, Cursor { name: Some(name), head: head(&path)?, offset }))
    }

    /// Reads the file to its end or until there are `max` lines.
    fn read_on(&mut self, path: &Path, max: usize, lines: &mut Vec<Line>) -> io::Result<()> {
        while lines.len() < max {
            let (more, offset) = tail(path, self.offset, max - lines.len())?;
            if offset == self.offset {
                break;
            }
            self.offset = offset;
            lines.extend(more);
        }
        Ok(())
    }
}

/// The beginning of the first line, once that is whole; it never changes after.
fn head(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(HEAD as u64).read_to_end(&mut bytes)?;
    let end = bytes.iter().position(|byte| *byte == b'\n').map(|at| at + 1);
    let whole = end.or((bytes.len() == HEAD).then_some(HEAD));
    bytes.truncate(whole.unwrap_or(0));
    Ok(bytes)
}

fn first_line_start(bytes: &[u8]) -> usize {
    bytes.iter().position(|byte| *byte == b'\n').map_or(0, |at| at + 1)
}

/// Whole lines, and how many bytes they took. A line longer than one read is handed out in pieces.
fn split(bytes: &[u8], max: usize) -> (Vec<Line>, usize) {
    let (mut lines, mut used) = (Vec::new(), 0);
    while lines.len() < max {
        let Some(end) = bytes[used..].iter().position(|byte| *byte == b'\n') else { break };
        let line = &bytes[used..used + end];
        used += end + 1;
        if !line.is_empty() {
            lines.push(Line::new(line));
        }
    }
    if used == 0 && bytes.len() as u64 == MAX_READ && max > 0 {
        return (vec![Line::new(bytes)], bytes.len());
    }
    (lines, used)
}
