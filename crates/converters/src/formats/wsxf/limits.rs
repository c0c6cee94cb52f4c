//! Limits that JSON does not know as numbers: the common rule of `nonfinite`, applied to a step.

use serde_json::{Map, Value};

use super::fields::{Notes, Pointer};
use crate::nonfinite;
use crate::xml::Element;

/// Leaves out the limits of a step that are words.
pub(super) fn settle_limits(notes: &mut Notes, step: &mut Map<String, Value>, element: &Element, pointer: &Pointer<'_>) {
    let Some(Value::Array(all)) = step.get_mut("numericMeas") else { return };
    let list = pointer.key("numericMeas");
    for (place, (one, source)) in all.iter_mut().zip(element.named("NumericLimit")).enumerate() {
        let Some(reduction) = one.as_object_mut().and_then(nonfinite::reduce_limits) else { continue };
        let pointer = list.index(place);
        let at = source.attribute("CompOperator").map_or(source.at, |op| op.at);
        notes.warn(&pointer.key("compOp"), at, reduction.message);
        if reduction.raised {
            notes.trace.moved(&pointer.key("highLimit").to_string(), &pointer.key("lowLimit").to_string());
        }
    }
}
