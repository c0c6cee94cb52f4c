//! Lines and cells of a WSTF text, each with its place in the text.

/// One cell, without the white space around it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cell<'t> {
    pub(super) text: &'t str,
    pub(super) start: usize,
}

impl<'t> Cell<'t> {
    fn trimmed(raw: &'t str, start: usize) -> Self {
        let text = raw.trim_start();
        Self { text: text.trim_end(), start: start + raw.len() - text.len() }
    }

    /// Whether nothing is written in it.
    pub(super) fn is_empty(self) -> bool {
        self.text.is_empty()
    }

    /// What is written in it, if anything.
    pub(super) fn filled(self) -> Option<Self> {
        (!self.is_empty()).then_some(self)
    }

    /// What is written in it as an owned text, if anything.
    pub(super) fn owned(self) -> Option<String> {
        self.filled().map(|cell| cell.text.to_owned())
    }

    /// Whether it is this word, upper and lower case alike.
    pub(super) fn is(self, word: &str) -> bool {
        self.text.eq_ignore_ascii_case(word)
    }
}

/// One line, cut at its tabs.
#[derive(Debug)]
pub(super) struct Row<'t> {
    pub(super) cells: Vec<Cell<'t>>,
    pub(super) line: &'t str,
    end: usize,
}

impl<'t> Row<'t> {
    fn new(line: &'t str, start: usize) -> Self {
        let mut at = start;
        let cells = line.split('\t').map(|raw| {
            let cell = Cell::trimmed(raw, at);
            at += raw.len() + 1;
            cell
        });
        Self { cells: cells.collect(), line, end: start + line.len() }
    }

    /// The cell in a column, from 0; an empty one where the line is shorter.
    pub(super) fn cell(&self, column: usize) -> Cell<'t> {
        self.cells.get(column).copied().unwrap_or(Cell { text: "", start: self.end })
    }

    /// Whether nothing is written in the line.
    pub(super) fn is_blank(&self) -> bool {
        self.cells.iter().all(|cell| cell.is_empty())
    }
}

/// The lines of a text that are not blank.
pub(super) fn rows(text: &str) -> impl Iterator<Item = Row<'_>> {
    let mut at = 0;
    let lines = text.split_inclusive('\n').map(move |line| {
        let start = at;
        at += line.len();
        Row::new(line.trim_end_matches(['\r', '\n']), start)
    });
    lines.filter(|row| !row.is_blank())
}
