//! Sequences of steps.

use super::steps::Draft;
use crate::{SeqCall, Step};

/// Marks a sequence.
#[derive(Debug, Clone)]
pub struct Steps;

/// A sequence of steps; the only thing a root can be.
pub type Sequence = Draft<Steps>;

impl Sequence {
    /// Begins a sequence of this name.
    pub fn new(name: impl Into<String>) -> Self {
        let name = name.into();
        let mut draft = Draft::begin("SequenceCall", name.clone());
        draft.step.seq_call = Some(Box::new(SeqCall { name: Some(name), ..SeqCall::default() }));
        draft
    }

    /// File of the sequence.
    pub fn path(self, path: impl Into<String>) -> Self {
        self.call(|call| call.path = Some(path.into()))
    }

    /// Version of the sequence file.
    pub fn version(self, version: impl Into<String>) -> Self {
        self.call(|call| call.version = Some(version.into()))
    }

    /// Appends a step; its status is settled now.
    pub fn push(mut self, step: impl Into<Step>) -> Self {
        self.step.steps.push(step.into());
        self
    }

    fn call(mut self, change: impl FnOnce(&mut SeqCall)) -> Self {
        change(self.step.seq_call.get_or_insert_default());
        self
    }
}

impl<S: Into<Step>> Extend<S> for Sequence {
    fn extend<I: IntoIterator<Item = S>>(&mut self, steps: I) {
        self.step.steps.extend(steps.into_iter().map(Into::into));
    }
}
