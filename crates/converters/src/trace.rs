//! Where a value stood in the source: spans, and the trace that maps JSON pointers of a report to them.

use std::collections::{BTreeMap, HashSet};

use serde::Serialize;

/// A place in the source file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Span {
    /// First byte, counted from the beginning of the file.
    pub start: u64,
    /// One past the last byte.
    pub end: u64,
    /// Line, counted from 1.
    pub line: u32,
    /// Column in characters, counted from 1.
    pub column: u32,
}

/// JSON pointer of a value in the produced report → its place in the source. Records only what it was asked to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Trace {
    places: BTreeMap<String, Span>,
    #[serde(skip)]
    keeping: Keeping,
}

/// Which places are kept.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
enum Keeping {
    #[default]
    Nothing,
    All,
    These(HashSet<String>),
}

impl Trace {
    /// A trace that keeps what it is told when `recording`, and ignores it otherwise.
    pub(crate) fn new(recording: bool) -> Self {
        Self { places: BTreeMap::new(), keeping: if recording { Keeping::All } else { Keeping::Nothing } }
    }

    /// A trace that keeps only what [`Trace::nearest`] needs for these pointers: all places of a large report take more memory
    /// than the report.
    pub(crate) fn around(pointers: &[String]) -> Self {
        let above = |pointer| std::iter::successors(Some(pointer), |at: &&str| Some(&at[..at.rfind('/')?]));
        let these = pointers.iter().map(String::as_str).flat_map(above).map(str::to_owned).collect();
        Self { places: BTreeMap::new(), keeping: Keeping::These(these) }
    }

    /// Whether places are kept.
    pub(crate) fn is_recording(&self) -> bool {
        self.keeping != Keeping::Nothing
    }

    /// Whether the place of the value at `pointer` is kept.
    pub(crate) fn keeps(&self, pointer: &str) -> bool {
        match &self.keeping {
            Keeping::Nothing => false,
            Keeping::All => true,
            Keeping::These(these) => these.contains(pointer),
        }
    }

    /// Notes where the value at `pointer` came from. The pointer is only built when something is kept.
    pub(crate) fn note(&mut self, pointer: impl FnOnce() -> String, span: Span) {
        if !self.is_recording() {
            return;
        }
        let pointer = pointer();
        if self.keeps(&pointer) {
            self.places.insert(pointer, span);
        }
    }

    /// Forgets the place of the value at `pointer`, because the value comes from elsewhere now.
    pub(crate) fn forget(&mut self, pointer: &str) {
        self.places.remove(pointer);
    }

    /// Moves a place (and all below it) to another pointer, after a repair moved the value.
    pub(crate) fn moved(&mut self, from: &str, to: &str) {
        let below = format!("{from}/");
        let alike = self.places.range(below.clone()..).map(|(key, _)| key).take_while(|key| key.starts_with(&below));
        let whole = self.places.contains_key(from).then(|| from.to_owned());
        let renamed: Vec<_> = whole.into_iter().chain(alike.cloned()).filter_map(|key| Some((moved(&key, from, to)?, key))).collect();
        for (new, old) in renamed {
            if let Some(span) = self.places.remove(&old) {
                self.places.insert(new, span);
            }
        }
    }

    /// Keeps only places of values that are in the report.
    pub(crate) fn keep_those_in(&mut self, report: &serde_json::Value) {
        self.places.retain(|pointer, _| report.pointer(pointer).is_some());
    }

    /// The place of the value at `pointer`.
    pub fn get(&self, pointer: &str) -> Option<Span> {
        self.places.get(pointer).copied()
    }

    /// The place of the value at `pointer`, or else of the nearest thing around it.
    pub fn nearest(&self, pointer: &str) -> Option<Span> {
        let mut at = pointer;
        loop {
            if let Some(span) = self.get(at) {
                return Some(span);
            }
            at = &at[..at.rfind('/')?];
        }
    }

    /// All places, ordered by pointer.
    pub fn iter(&self) -> impl Iterator<Item = (&str, Span)> {
        self.places.iter().map(|(pointer, span)| (pointer.as_str(), *span))
    }

    /// Whether nothing was recorded.
    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
    }
}

/// The pointer after what was at `from` has moved to `to`; `None` when it is not about that.
pub(crate) fn moved(pointer: &str, from: &str, to: &str) -> Option<String> {
    let below = pointer.strip_prefix(from)?;
    (below.is_empty() || below.starts_with('/')).then(|| format!("{to}{below}"))
}
