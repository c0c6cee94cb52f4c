//! The comparison operators of WATS.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::words;

/// How a measured value is compared with its limits. Read in any case, written in upper case.
///
/// Operators of two letters (and `EQT`) take one limit, in `lowLimit`; operators of four letters take both. The first letters
/// belong to the low limit: `GELT` means low ≤ value < high, `LTGT` means value < low or value > high.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum CompOp {
    /// `LOG`: recorded, not compared.
    Log,
    /// `EQ`
    Eq,
    /// `EQT`: equal within a tolerance the report does not carry.
    Eqt,
    /// `NE`
    Ne,
    /// `GT`
    Gt,
    /// `LT`
    Lt,
    /// `GE`
    Ge,
    /// `LE`
    Le,
    /// `GTLT`: low < value < high
    GtLt,
    /// `GELE`: low ≤ value ≤ high
    GeLe,
    /// `GELT`: low ≤ value < high
    GeLt,
    /// `GTLE`: low < value ≤ high
    GtLe,
    /// `LTGT`: value < low or value > high
    LtGt,
    /// `LEGE`: value ≤ low or value ≥ high
    LeGe,
    /// `LEGT`: value ≤ low or value > high
    LeGt,
    /// `LTGE`: value < low or value ≥ high
    LtGe,
    /// `CASESENSIT`: texts equal, upper and lower case matter.
    CaseSensit,
    /// `IGNORECASE`: texts equal, upper and lower case do not matter.
    IgnoreCase,
    /// An operator WATS does not know, as in the source.
    Other(String),
}

/// How many limits an operator needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Needs {
    Nothing,
    One,
    Both,
    Unknown,
}

const KNOWN: [CompOp; 18] = [
    CompOp::Log,
    CompOp::Eq,
    CompOp::Eqt,
    CompOp::Ne,
    CompOp::Gt,
    CompOp::Lt,
    CompOp::Ge,
    CompOp::Le,
    CompOp::GtLt,
    CompOp::GeLe,
    CompOp::GeLt,
    CompOp::GtLe,
    CompOp::LtGt,
    CompOp::LeGe,
    CompOp::LeGt,
    CompOp::LtGe,
    CompOp::CaseSensit,
    CompOp::IgnoreCase,
];

impl CompOp {
    /// Reads an operator in any case; an unknown one is kept as [`CompOp::Other`].
    pub fn parse(text: &str) -> CompOp {
        let word = text.trim();
        KNOWN.into_iter().find(|op| op.as_str().eq_ignore_ascii_case(word)).unwrap_or_else(|| CompOp::Other(text.to_owned()))
    }

    /// The operator as WATS writes it, or the source's own word where it is not a known one.
    pub fn as_str(&self) -> &str {
        match self {
            CompOp::Log => "LOG",
            CompOp::Eq => "EQ",
            CompOp::Eqt => "EQT",
            CompOp::Ne => "NE",
            CompOp::Gt => "GT",
            CompOp::Lt => "LT",
            CompOp::Ge => "GE",
            CompOp::Le => "LE",
            CompOp::GtLt => "GTLT",
            CompOp::GeLe => "GELE",
            CompOp::GeLt => "GELT",
            CompOp::GtLe => "GTLE",
            CompOp::LtGt => "LTGT",
            CompOp::LeGe => "LEGE",
            CompOp::LeGt => "LEGT",
            CompOp::LtGe => "LTGE",
            CompOp::CaseSensit => "CASESENSIT",
            CompOp::IgnoreCase => "IGNORECASE",
            CompOp::Other(word) => word,
        }
    }

    /// How many limits a numeric measurement needs with this operator.
    pub(crate) fn needs(&self) -> Needs {
        match self {
            CompOp::Log => Needs::Nothing,
            CompOp::Eq | CompOp::Eqt | CompOp::Ne | CompOp::Gt | CompOp::Lt | CompOp::Ge | CompOp::Le => Needs::One,
            CompOp::GtLt | CompOp::GeLe | CompOp::GeLt | CompOp::GtLe => Needs::Both,
            CompOp::LtGt | CompOp::LeGe | CompOp::LeGt | CompOp::LtGe => Needs::Both,
            CompOp::CaseSensit | CompOp::IgnoreCase | CompOp::Other(_) => Needs::Unknown,
        }
    }

    /// Whether texts are compared with this operator.
    pub(crate) fn is_for_text(&self) -> bool {
        matches!(self, CompOp::Log | CompOp::Eq | CompOp::Ne | CompOp::CaseSensit | CompOp::IgnoreCase)
    }
}

impl fmt::Display for CompOp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for CompOp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        words::read(deserializer, "an operator such as \"GELE\"", |text| Some(CompOp::parse(text)))
    }
}

impl Serialize for CompOp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        words::write(serializer, self.as_str())
    }
}
