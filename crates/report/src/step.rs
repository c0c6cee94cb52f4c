//! A step and what it may carry besides measurements.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

use crate::meas::{BooleanMeas, Chart, NumericMeas, StringMeas};
use crate::object::wsjf_object;
use crate::{Number, Outcome, Scalar, Timestamp, words};

/// The part of a sequence a step belongs to.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Group {
    /// `S`
    Setup,
    /// `M`
    Main,
    /// `C`
    Cleanup,
    /// A word WATS does not know, as in the source.
    Other(String),
}

impl Group {
    /// Reads a letter or a word in any case; anything else is kept as [`Group::Other`].
    pub fn parse(text: &str) -> Group {
        match text.trim().to_ascii_lowercase().as_str() {
            "s" | "setup" => Group::Setup,
            "m" | "main" => Group::Main,
            "c" | "cleanup" => Group::Cleanup,
            _ => Group::Other(text.to_owned()),
        }
    }

    /// The letter WATS uses, or the source's own word where it is not a known one.
    pub fn letter(&self) -> &str {
        match self {
            Group::Setup => "S",
            Group::Main => "M",
            Group::Cleanup => "C",
            Group::Other(word) => word,
        }
    }
}

impl<'de> Deserialize<'de> for Group {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        words::read(deserializer, "a step group: \"S\", \"M\" or \"C\"", |text| Some(Group::parse(text)))
    }
}

impl Serialize for Group {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        words::write(serializer, self.letter())
    }
}

wsjf_object! {
    /// One step of a test. It carries at most one kind of payload; a chart may come beside measurements.
    ///
    /// Rare payloads are boxed: a report may have tens of thousands of steps.
    Step, "a step (a JSON object)", {
        /// Its number or name in the source, unique in the report.
        id: Option<Scalar> = "id",
        /// Setup, main or cleanup; absent means main.
        group: Option<Group> = "group",
        /// Selects the icon on the server, such as `ET_NLT` or `SequenceCall`; unknown ones are accepted.
        step_type: String = "stepType",
        /// Its name.
        name: String = "name",
        /// When it started.
        start: Option<Timestamp> = "start",
        /// How it ended.
        status: Option<Outcome> = "status",
        /// Code of what went wrong.
        error_code: Option<Scalar> = "errorCode",
        /// What went wrong.
        error_message: Option<String> = "errorMessage",
        /// Free text for the reader of the report.
        report_text: Option<String> = "reportText",
        /// How long it took, in seconds.
        tot_time: Option<Number> = "totTime",
        /// The step's id in TestStand.
        ts_guid: Option<String> = "tsGuid",
        /// Whether it made the unit fail.
        caused_uut_failure: Option<bool> = "causedUUTFailure",
        /// Whether it made its sequence fail.
        caused_seq_failure: Option<bool> = "causedSeqFailure",
        /// Its place in a loop, or the summary of one.
        looping: Option<Box<Loop>> = "loop",
        /// What sequence it is, for a sequence call.
        seq_call: Option<Box<SeqCall>> = "seqCall",
        /// The steps inside, for a sequence call.
        steps: Vec<Step> = "steps",
        /// Numbers measured.
        numeric: Vec<NumericMeas> = "numericMeas",
        /// Texts measured.
        string: Vec<StringMeas> = "stringMeas",
        /// Yes-or-no checks.
        boolean: Vec<BooleanMeas> = "booleanMeas",
        /// A chart.
        chart: Option<Box<Chart>> = "chart",
        /// What an operator answered.
        message_popup: Option<Box<MessagePopup>> = "messagePopup",
        /// How a called program ended.
        call_exe: Option<Box<CallExe>> = "callExe",
        /// A file.
        attachment: Option<Box<Attachment>> = "attachment",
        /// Further results, any JSON.
        additional_results: Vec<Value> = "additionalResults",
    }
}

impl Step {
    /// How many steps this is, itself included.
    pub fn count(&self) -> usize {
        1 + self.steps.iter().map(Step::count).sum::<usize>()
    }

    /// The innermost step that is to blame, in the order of the test.
    pub(crate) fn to_blame(&self, is: &impl Fn(&Step) -> bool) -> Option<&Step> {
        let inside = self.steps.iter().find_map(|step| step.to_blame(is));
        inside.or_else(|| is(self).then_some(self))
    }

    /// Down from a failed step to the first failed one in it that holds none.
    pub(crate) fn first_failed(&self) -> Option<&Step> {
        let failed = self.status.as_ref().is_some_and(|status| status.severity() > 0);
        let inside = || self.steps.iter().find_map(Step::first_failed);
        failed.then(|| inside().unwrap_or(self))
    }

    /// Whether it calls a sequence, by payload or by type.
    pub fn is_sequence(&self) -> bool {
        self.seq_call.is_some() || matches!(self.step_type.as_str(), "SequenceCall" | "WATS_SeqCall")
    }
}

wsjf_object! {
    /// A step's place in a loop (`idx`, or `i` and `n` as pyWATS writes them) or the loop's summary (the rest).
    Loop, "loop details (a JSON object)", {
        /// Turn of the loop, from 0.
        idx: Option<Number> = "idx",
        /// Number of turns.
        num: Option<Number> = "num",
        /// Turn at which the loop ended.
        ending_index: Option<Number> = "endingIndex",
        /// Turns that passed.
        passed: Option<Number> = "passed",
        /// Turns that failed.
        failed: Option<Number> = "failed",
        /// The other spelling of `idx`.
        i: Option<Number> = "i",
        /// The other spelling of `num`.
        n: Option<Number> = "n",
    }
}

wsjf_object! {
    /// The sequence a step calls.
    SeqCall, "a sequence call (a JSON object)", {
        /// File of the sequence.
        path: Option<String> = "path",
        /// Name of the sequence.
        name: Option<String> = "name",
        /// Version of the sequence file.
        version: Option<String> = "version",
    }
}

wsjf_object! {
    /// A question to the operator and the answer.
    MessagePopup, "a message popup (a JSON object)", {
        /// What the operator typed.
        response: Option<String> = "response",
        /// Which button was pressed.
        button: Option<Number> = "button",
    }
}

wsjf_object! {
    /// A program the test called.
    CallExe, "a program call (a JSON object)", {
        /// Its exit code.
        exit_code: Option<Number> = "exitCode",
    }
}

wsjf_object! {
    /// A file on a step.
    Attachment, "an attachment (a JSON object)", {
        /// File name.
        name: String = "name",
        /// Media type, such as `image/png`.
        content_type: Option<String> = "contentType",
        /// Contents in base64.
        data: Option<String> = "data",
        /// What it shows.
        description: Option<String> = "description",
    }
}
