//! Steps while they are written, and those without measurements.

use std::marker::PhantomData;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::{Attachment, CallExe, Group, Loop, MessagePopup, Number, Outcome, Scalar, Step, Timestamp};

/// A step while it is written. `P` is its kind of payload and decides what else can be said of it.
#[derive(Debug, Clone)]
pub struct Draft<P> {
    pub(super) step: Step,
    lower: bool,
    payload: PhantomData<P>,
}

impl<P> Draft<P> {
    pub(super) fn begin(step_type: &str, name: impl Into<String>) -> Self {
        let step = Step { step_type: step_type.to_owned(), name: name.into(), ..Step::default() };
        Draft { step, lower: false, payload: PhantomData }
    }

    /// How it ended, where the source says so; else what is inside decides.
    pub fn status(mut self, status: Outcome) -> Self {
        self.step.status = Some(status);
        self
    }

    /// Lets a worse end inside win over the given status.
    pub fn lower(mut self) -> Self {
        self.lower = true;
        self
    }

    /// Another step type, which selects the icon on the server.
    pub fn step_type(mut self, step_type: impl Into<String>) -> Self {
        self.step.step_type = step_type.into();
        self
    }

    /// Its number or name in the source.
    pub fn id(mut self, id: impl Into<Scalar>) -> Self {
        self.step.id = Some(id.into());
        self
    }

    /// Setup, main or cleanup.
    pub fn group(mut self, group: Group) -> Self {
        self.step.group = Some(group);
        self
    }

    /// When it started.
    pub fn start(mut self, start: Timestamp) -> Self {
        self.step.start = Some(start);
        self
    }

    /// How long it took, in seconds.
    pub fn seconds(mut self, seconds: Number) -> Self {
        self.step.tot_time = Some(seconds);
        self
    }

    /// What went wrong.
    pub fn error(mut self, code: impl Into<Scalar>, message: impl Into<String>) -> Self {
        self.step.error_code = Some(code.into());
        self.step.error_message = Some(message.into());
        self
    }

    /// Free text for the reader of the report.
    pub fn report_text(mut self, text: impl Into<String>) -> Self {
        self.step.report_text = Some(text.into());
        self
    }

    /// Its place in a loop, or the summary of one.
    pub fn looping(mut self, looping: Loop) -> Self {
        self.step.looping = Some(Box::new(looping));
        self
    }
}

impl<P> From<Draft<P>> for Step {
    fn from(draft: Draft<P>) -> Step {
        let mut step = draft.step;
        let worst = worst(&step);
        step.status = match step.status {
            Some(given) if !draft.lower || given.severity() >= worst.severity() => Some(given),
            _ => Some(worst),
        };
        step
    }
}

/// The worst end of what is inside a step; passed where nothing is.
fn worst(step: &Step) -> Outcome {
    let numeric = step.numeric.iter().map(|meas| &meas.status);
    let string = step.string.iter().map(|meas| &meas.status);
    let boolean = step.boolean.iter().map(|meas| &meas.status);
    let steps = step.steps.iter().map(|step| &step.status);
    let statuses = numeric.chain(string).chain(boolean).chain(steps).flatten();
    statuses.filter(|status| status.severity() > 0).max_by_key(|status| status.severity()).cloned().unwrap_or(Outcome::Passed)
}

/// Marks a step that carries nothing.
#[derive(Debug, Clone)]
pub struct Action;
/// Marks a question.
#[derive(Debug, Clone)]
pub struct Popup;
/// Marks a program call.
#[derive(Debug, Clone)]
pub struct Exe;
/// Marks a file.
#[derive(Debug, Clone)]
pub struct File;

/// Something that was done and measured nothing.
pub type ActionStep = Draft<Action>;
/// A question to the operator.
pub type PopupStep = Draft<Popup>;
/// A program that was called.
pub type ExeStep = Draft<Exe>;
/// A file.
pub type AttachmentStep = Draft<File>;

impl ActionStep {
    /// Begins an action.
    pub fn new(name: impl Into<String>) -> Self {
        Draft::begin("ET_A", name)
    }
}

impl PopupStep {
    /// Begins a question with its answer: the button's number and the text.
    pub fn new(name: impl Into<String>, button: i64, response: impl Into<String>) -> Self {
        let mut draft = Draft::begin("MessagePopup", name);
        let popup = MessagePopup { button: Some(button.into()), response: Some(response.into()), ..MessagePopup::default() };
        draft.step.message_popup = Some(Box::new(popup));
        draft
    }
}

impl ExeStep {
    /// Begins a program call with its exit code.
    pub fn new(name: impl Into<String>, exit_code: i64) -> Self {
        let mut draft = Draft::begin("CallExecutable", name);
        draft.step.call_exe = Some(Box::new(CallExe { exit_code: Some(exit_code.into()), ..CallExe::default() }));
        draft
    }
}

impl AttachmentStep {
    /// Begins a step that carries a file of this name, media type and contents.
    pub fn new(name: impl Into<String>, file_name: impl Into<String>, content_type: impl Into<String>, contents: &[u8]) -> Self {
        let mut draft = Draft::begin("WATS_AttachFile", name);
        draft.step.attachment = Some(Box::new(Attachment {
            name: file_name.into(),
            content_type: Some(content_type.into()),
            data: Some(STANDARD.encode(contents)),
            ..Attachment::default()
        }));
        draft
    }
}
