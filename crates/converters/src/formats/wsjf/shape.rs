//! What a WSJF document looks like: for each kind of object its keys and what is due there. Keys not named here are passed through
//! as they are.

/// What is due at a key.
pub(super) enum Due {
    /// Anything.
    Free,
    /// A text; a bare number is one in the wrong clothes.
    Text,
    /// A number.
    Number,
    /// A measured number: NaN and the infinities have a rule of their own.
    Measured,
    /// A limit: they have another one.
    Limit,
    /// A status letter.
    Status,
    /// `T` or `R`.
    Kind,
    /// An object of this shape.
    One(&'static Shape),
    /// A list of objects of this shape.
    Many(&'static Shape),
}

/// The keys of one kind of object.
pub(super) struct Shape(&'static [(&'static str, Due)]);

impl Shape {
    /// What is due at exactly this key.
    pub(super) fn due(&self, key: &str) -> Option<&'static Due> {
        self.0.iter().find(|(name, _)| *name == key).map(|(_, due)| due)
    }

    /// The key as WSJF writes it, for one that differs only in upper and lower case.
    pub(super) fn spelling(&self, key: &str) -> Option<&'static str> {
        self.0.iter().find(|(name, _)| name.eq_ignore_ascii_case(key)).map(|(name, _)| *name)
    }
}

use Due::{Free, Kind, Limit, Many, Measured, Number, One, Status, Text};

/// A report.
pub(super) static REPORT: Shape = Shape(&[
    ("type", Kind),
    ("id", Text),
    ("pn", Text),
    ("sn", Text),
    ("rev", Text),
    ("processCode", Number),
    ("processName", Text),
    ("result", Status),
    ("machineName", Text),
    ("location", Text),
    ("purpose", Text),
    ("start", Text),
    ("startUTC", Text),
    ("root", One(&STEP)),
    ("uut", One(&UUT)),
    ("uur", One(&UUR)),
    ("miscInfos", Many(&MISC)),
    ("subUnits", Many(&SUB_UNIT)),
    ("assets", Many(&ASSET)),
    ("binaryData", Many(&FILE)),
    ("additionalData", Free),
]);

static UUT: Shape = Shape(&[
    ("user", Text),
    ("comment", Text),
    ("execTime", Number),
    ("fixtureId", Text),
    ("testSocketIndex", Number),
    ("errorCode", Number),
    ("errorMessage", Text),
    ("batchSN", Text),
    ("batchFailCount", Number),
    ("batchLoopIndex", Number),
    ("stepIdCausedUUTFailure", Number),
]);

static UUR: Shape = Shape(&[
    ("user", Text),
    ("comment", Text),
    ("execTime", Number),
    ("processCode", Number),
    ("processName", Text),
    ("refUUT", Text),
    ("confirmDate", Text),
    ("finalizeDate", Text),
    ("active", Free),
    ("parent", Free),
    ("children", Free),
]);

/// A step.
pub(super) static STEP: Shape = Shape(&[
    ("id", Free),
    ("group", Text),
    ("stepType", Text),
    ("name", Text),
    ("start", Text),
    ("status", Status),
    ("errorCode", Free),
    ("errorMessage", Text),
    ("reportText", Text),
    ("totTime", Number),
    ("tsGuid", Text),
    ("causedUUTFailure", Free),
    ("causedSeqFailure", Free),
    ("loop", One(&LOOP)),
    ("seqCall", One(&SEQ_CALL)),
    ("steps", Many(&STEP)),
    ("numericMeas", Many(&NUMERIC)),
    ("stringMeas", Many(&STRING)),
    ("booleanMeas", Many(&BOOLEAN)),
    ("chart", One(&CHART)),
    ("messagePopup", Free),
    ("callExe", One(&CALL_EXE)),
    ("attachment", One(&FILE)),
    ("additionalResults", Free),
]);

static LOOP: Shape = Shape(&[("idx", Number), ("num", Number), ("endingIndex", Number), ("passed", Number), ("failed", Number)]);
static SEQ_CALL: Shape = Shape(&[("name", Text), ("path", Text), ("version", Text)]);
static CALL_EXE: Shape = Shape(&[("exitCode", Number)]);

static NUMERIC: Shape = Shape(&[
    ("name", Text),
    ("value", Measured),
    ("unit", Text),
    ("compOp", Text),
    ("lowLimit", Limit),
    ("highLimit", Limit),
    ("status", Status),
]);

static STRING: Shape = Shape(&[("name", Text), ("value", Text), ("limit", Text), ("compOp", Text), ("status", Status)]);
static BOOLEAN: Shape = Shape(&[("name", Text), ("status", Status)]);

static CHART: Shape = Shape(&[
    ("chartType", Text),
    ("label", Text),
    ("xLabel", Text),
    ("xUnit", Text),
    ("yLabel", Text),
    ("yUnit", Text),
    ("series", Many(&SERIES)),
]);

static SERIES: Shape = Shape(&[("dataType", Text), ("name", Text), ("xdata", Text), ("ydata", Text)]);
static MISC: Shape = Shape(&[("description", Text), ("text", Text)]);
static ASSET: Shape = Shape(&[("sn", Text), ("assetType", Text), ("partNumber", Text), ("usageCount", Number)]);
static FILE: Shape = Shape(&[("name", Text), ("contentType", Text), ("data", Text)]);

static SUB_UNIT: Shape = Shape(&[
    ("pn", Text),
    ("rev", Text),
    ("sn", Text),
    ("partType", Text),
    ("idx", Number),
    ("parentIdx", Number),
    ("position", Free),
    ("replacedIdx", Number),
    ("failures", Many(&FAILURE)),
]);

static FAILURE: Shape = Shape(&[
    ("category", Text),
    ("code", Text),
    ("comment", Text),
    ("comRef", Text),
    ("funcBlock", Text),
    ("refStepId", Number),
    ("artNumber", Text),
    ("artRev", Text),
    ("artVendor", Text),
    ("artDescription", Text),
    ("attachments", Many(&FILE)),
]);
