//! Limits that bring their operator along.

use crate::{CompOp, Number};

/// Whether a limit itself still passes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Edge {
    /// It passes.
    Passes,
    /// It fails.
    Fails,
}

/// What a number is compared with.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Limits {
    /// With nothing: it is recorded.
    #[default]
    None,
    /// It must be this.
    Equal(Number),
    /// It must not be this.
    NotEqual(Number),
    /// It must be this or more.
    AtLeast(Number),
    /// It must be more.
    Above(Number),
    /// It must be this or less.
    AtMost(Number),
    /// It must be less.
    Below(Number),
    /// It must lie between two limits.
    Between {
        /// The low limit.
        low: Number,
        /// The high limit.
        high: Number,
        /// Whether the low and the high limit themselves pass.
        edges: (Edge, Edge),
    },
    /// It must lie outside two limits.
    Outside {
        /// The low limit.
        low: Number,
        /// The high limit.
        high: Number,
        /// Whether the low and the high limit themselves pass.
        edges: (Edge, Edge),
    },
}

impl Limits {
    /// low ≤ value ≤ high
    pub fn between(low: Number, high: Number) -> Limits {
        Limits::Between { low, high, edges: (Edge::Passes, Edge::Passes) }
    }

    /// value < low or value > high
    pub fn outside(low: Number, high: Number) -> Limits {
        Limits::Outside { low, high, edges: (Edge::Fails, Edge::Fails) }
    }

    /// The limits of a source that speaks WATS's operators. Where one of two limits is missing (NaN in the source), what remains
    /// is compared; where all are, nothing is. `None` for operators that do not compare numbers, and for `EQT`, whose tolerance
    /// no report carries.
    pub fn of(op: &CompOp, low: Option<Number>, high: Option<Number>) -> Option<Limits> {
        use Edge::{Fails, Passes};
        let one = |limits: fn(Number) -> Limits, limit: Option<Number>| limit.map_or(Limits::None, limits);
        let single = low.clone().or_else(|| high.clone());
        Some(match op {
            CompOp::Log => Limits::None,
            CompOp::Eq => one(Limits::Equal, single),
            CompOp::Ne => one(Limits::NotEqual, single),
            CompOp::Gt => one(Limits::Above, single),
            CompOp::Lt => one(Limits::Below, single),
            CompOp::Ge => one(Limits::AtLeast, single),
            CompOp::Le => one(Limits::AtMost, single),
            CompOp::GtLt => within(low, high, (Fails, Fails)),
            CompOp::GeLe => within(low, high, (Passes, Passes)),
            CompOp::GeLt => within(low, high, (Passes, Fails)),
            CompOp::GtLe => within(low, high, (Fails, Passes)),
            CompOp::LtGt => beyond(low, high, (Fails, Fails)),
            CompOp::LeGe => beyond(low, high, (Passes, Passes)),
            CompOp::LeGt => beyond(low, high, (Passes, Fails)),
            CompOp::LtGe => beyond(low, high, (Fails, Passes)),
            CompOp::Eqt | CompOp::CaseSensit | CompOp::IgnoreCase | CompOp::Other(_) => return None,
        })
    }

    /// Operator, low limit and high limit as the report says them.
    pub fn into_parts(self) -> (CompOp, Option<Number>, Option<Number>) {
        use Edge::{Fails, Passes};
        match self {
            Limits::None => (CompOp::Log, None, None),
            Limits::Equal(limit) => (CompOp::Eq, Some(limit), None),
            Limits::NotEqual(limit) => (CompOp::Ne, Some(limit), None),
            Limits::AtLeast(limit) => (CompOp::Ge, Some(limit), None),
            Limits::Above(limit) => (CompOp::Gt, Some(limit), None),
            Limits::AtMost(limit) => (CompOp::Le, Some(limit), None),
            Limits::Below(limit) => (CompOp::Lt, Some(limit), None),
            Limits::Between { low, high, edges } => {
                let op = match edges {
                    (Passes, Passes) => CompOp::GeLe,
                    (Passes, Fails) => CompOp::GeLt,
                    (Fails, Passes) => CompOp::GtLe,
                    (Fails, Fails) => CompOp::GtLt,
                };
                (op, Some(low), Some(high))
            }
            Limits::Outside { low, high, edges } => {
                let op = match edges {
                    (Passes, Passes) => CompOp::LeGe,
                    (Passes, Fails) => CompOp::LeGt,
                    (Fails, Passes) => CompOp::LtGe,
                    (Fails, Fails) => CompOp::LtGt,
                };
                (op, Some(low), Some(high))
            }
        }
    }
}

fn within(low: Option<Number>, high: Option<Number>, edges: (Edge, Edge)) -> Limits {
    match (low, high) {
        (Some(low), Some(high)) => Limits::Between { low, high, edges },
        (Some(low), None) if edges.0 == Edge::Passes => Limits::AtLeast(low),
        (Some(low), None) => Limits::Above(low),
        (None, Some(high)) if edges.1 == Edge::Passes => Limits::AtMost(high),
        (None, Some(high)) => Limits::Below(high),
        (None, None) => Limits::None,
    }
}

fn beyond(low: Option<Number>, high: Option<Number>, edges: (Edge, Edge)) -> Limits {
    match (low, high) {
        (Some(low), Some(high)) => Limits::Outside { low, high, edges },
        (Some(low), None) if edges.0 == Edge::Passes => Limits::AtMost(low),
        (Some(low), None) => Limits::Below(low),
        (None, Some(high)) if edges.1 == Edge::Passes => Limits::AtLeast(high),
        (None, Some(high)) => Limits::Above(high),
        (None, None) => Limits::None,
    }
}

/// What a text is compared with.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum TextLimit {
    /// With nothing: it is recorded.
    #[default]
    None,
    /// It must be this, upper and lower case included.
    Equal(String),
    /// It must be this, upper and lower case aside.
    EqualIgnoringCase(String),
    /// It must not be this.
    NotEqual(String),
}

impl TextLimit {
    /// Operator and limit as the report says them.
    pub fn into_parts(self) -> (CompOp, Option<String>) {
        match self {
            TextLimit::None => (CompOp::Log, None),
            TextLimit::Equal(limit) => (CompOp::CaseSensit, Some(limit)),
            TextLimit::EqualIgnoringCase(limit) => (CompOp::IgnoreCase, Some(limit)),
            TextLimit::NotEqual(limit) => (CompOp::Ne, Some(limit)),
        }
    }
}
