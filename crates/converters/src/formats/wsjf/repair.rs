//! Repairs a WSJF document where only one reading is possible. Works on the bare JSON, before the typed report is read from it, so
//! that values of a wrong kind can be put right and unknown keys stay untouched.

use report::{CompOp, Number, Outcome};
use serde_json::{Map, Value, json};

use super::shape::{Due, NUMERIC, REPORT, Shape};
use crate::input::Warning;
use crate::json::number_value;
use crate::nonfinite;
use crate::trace::moved;

/// More repairs of one report are counted, not named.
const NAMED: usize = 200;

/// A repaired document.
pub(super) struct Repaired {
    /// The document.
    pub(super) value: Value,
    /// What was repaired.
    pub(super) warnings: Vec<Warning>,
    /// Pointers that changed, from and to, in the order of the changes.
    pub(super) moves: Vec<(String, String)>,
}

/// Repairs a document.
pub(super) fn repair(value: Value) -> Repaired {
    let mut walk = Walk::default();
    let mut value = value;
    if let Value::Object(fields) = &mut value {
        walk.object(fields, &REPORT);
        walk.header(fields);
    }
    if walk.unnamed > 0 {
        walk.warnings.push(Warning::new("", format!("{} more repairs of these kinds", walk.unnamed)));
    }
    Repaired { value, warnings: walk.warnings, moves: walk.moves }
}

/// Measurements taken off a step.
struct Parted {
    /// Where the step stands.
    index: usize,
    /// The step to be put behind it.
    step: Value,
    /// Where the measurements stood that were taken off, and those that stayed.
    was_text: Vec<usize>,
    was_kept: Vec<usize>,
}

#[derive(Default)]
struct Walk {
    pointer: String,
    warnings: Vec<Warning>,
    unnamed: usize,
    moves: Vec<(String, String)>,
}

impl Walk {
    fn warn(&mut self, message: impl Into<String>) {
        self.warn_at(self.pointer.clone(), message);
    }

    fn warn_at(&mut self, pointer: String, message: impl Into<String>) {
        if self.warnings.len() < NAMED {
            self.warnings.push(Warning::new(pointer, message));
        } else {
            self.unnamed += 1;
        }
    }

    /// Notes that a value has moved, and lets the warnings about it follow.
    fn moved(&mut self, from: String, to: String) {
        for warning in &mut self.warnings {
            if let Some(pointer) = moved(&warning.pointer, &from, &to) {
                warning.pointer = pointer;
            }
        }
        self.moves.push((from, to));
    }

    fn below(&mut self, segment: &str, walk: impl FnOnce(&mut Self)) {
        let here = self.pointer.len();
        self.pointer.push('/');
        self.pointer.push_str(&crate::json::escape(segment));
        walk(self);
        self.pointer.truncate(here);
    }

    fn object(&mut self, fields: &mut Map<String, Value>, shape: &Shape) {
        self.respell(fields, shape);
        for (key, value) in fields.iter_mut() {
            if let Some(due) = shape.due(key) {
                self.below(key, |walk| walk.value(value, due));
            }
        }
        if let Some(Value::Array(numeric)) = fields.get_mut("numericMeas") {
            for (index, item) in numeric.iter_mut().enumerate() {
                if let Value::Object(fields) = item {
                    let at = index.to_string();
                    self.below("numericMeas", |walk| walk.below(&at, |walk| walk.limits_that_are_none(fields)));
                }
            }
        }
    }

    /// Gives keys the case WSJF writes them in, where that key is not there as well.
    fn respell(&mut self, fields: &mut Map<String, Value>, shape: &Shape) {
        let wrong = |key: &String| shape.due(key).is_none() && shape.spelling(key).is_some_and(|right| !fields.contains_key(right));
        if !fields.keys().any(wrong) {
            return;
        }
        for (key, value) in std::mem::take(fields) {
            let right = shape.spelling(&key).filter(|right| *right != key && !fields.contains_key(*right));
            match right.filter(|_| shape.due(&key).is_none()) {
                Some(right) => {
                    self.moves.push((format!("{}/{}", self.pointer, crate::json::escape(&key)), format!("{}/{right}", self.pointer)));
                    self.below(right, |walk| walk.warn(format!("the key `{key}` is written `{right}`")));
                    fields.insert(right.to_owned(), value);
                }
                None => {
                    fields.insert(key, value);
                }
            }
        }
    }

    fn value(&mut self, value: &mut Value, due: &Due) {
        match (due, value) {
            (Due::One(shape), Value::Object(fields)) => self.object(fields, shape),
            (Due::Many(shape), Value::Array(items)) => self.list(items, shape),
            (Due::Text, value @ (Value::Number(_) | Value::Bool(_))) => {
                self.warn(format!("{value} is due as a text"));
                *value = Value::String(value.to_string());
            }
            (Due::Measured, value) => self.number(value),
            (Due::Number, value) if is_none(value) => {
                self.warn(format!("{value} is no number; it was left out"));
                *value = Value::Null;
            }
            (Due::Number, value) => self.number(value),
            (Due::Status, value) => self.word(value, status_letter),
            (Due::Kind, value) => self.word(value, kind_letter),
            _ => {}
        }
    }

    fn list(&mut self, items: &mut Vec<Value>, shape: &Shape) {
        let mut parted = Vec::new();
        for (index, item) in items.iter_mut().enumerate() {
            if let Value::Object(fields) = item {
                self.below(&index.to_string(), |walk| walk.object(fields, shape));
                parted.extend(self.part(fields, index));
            }
        }
        if !parted.is_empty() {
            self.put_behind(items, parted);
        }
    }

    /// Turns the measurements of a step whose value is no number into texts. A step holds numbers or texts and not both: one without
    /// other measurements becomes a step of texts itself; from any other they are taken off, to be put behind it.
    fn part(&mut self, step: &mut Map<String, Value>, index: usize) -> Option<Parted> {
        let numeric = step.get_mut("numericMeas")?.as_array_mut()?;
        let is_text = |item: &(usize, Value)| item.1.get("value").is_some_and(is_none);
        if !numeric.iter().any(|item| item.get("value").is_some_and(is_none)) {
            return None;
        }
        let (texts, kept): (Vec<_>, Vec<_>) = std::mem::take(numeric).into_iter().enumerate().partition(is_text);
        let (was_text, meas): (Vec<_>, Vec<_>) = texts.iter().map(|(old, item)| (*old, as_string_measurement(item))).unzip();
        for (old, item) in &texts {
            let message = format!("the measured value {} is no number; kept as a string measurement", item["value"]);
            self.warn_at(format!("{}/{index}/numericMeas/{old}", self.pointer), message);
        }
        if kept.is_empty() && !step.contains_key("stringMeas") {
            let at = format!("{}/{index}", self.pointer);
            was_text.into_iter().for_each(|old| self.moved(format!("{at}/numericMeas/{old}"), format!("{at}/stringMeas/{old}")));
            if let Some(becomes) = become_texts(step, meas) {
                self.warn_at(format!("{at}/stepType"), format!("the step holds texts and is now of type {becomes}"));
            }
            return None;
        }
        let was_kept = kept.iter().map(|(old, _)| *old).collect();
        step.insert("numericMeas".into(), kept.into_iter().map(|(_, item)| item).collect());
        Some(Parted { index, step: step_behind(step, meas), was_text, was_kept })
    }

    /// Puts the steps that were taken off others behind them. Places move from the last to the first, so that none is moved onto
    /// another.
    fn put_behind(&mut self, steps: &mut Vec<Value>, mut parted: Vec<Parted>) {
        let list = self.pointer.clone();
        for index in (0..steps.len()).rev() {
            let here = parted.pop_if(|parted| parted.index == index);
            let now = index + parted.len();
            if now != index {
                self.moved(format!("{list}/{index}"), format!("{list}/{now}"));
            }
            let Some(Parted { step, was_text, was_kept, .. }) = here else { continue };
            let from = format!("{list}/{now}/numericMeas");
            for (place, old) in was_text.into_iter().enumerate() {
                self.moved(format!("{from}/{old}"), format!("{list}/{}/stringMeas/{place}", now + 1));
            }
            for (place, old) in was_kept.into_iter().enumerate().filter(|(place, old)| place != old) {
                self.moved(format!("{from}/{old}"), format!("{from}/{place}"));
            }
            steps.insert(index + 1, step);
        }
    }

    fn number(&mut self, value: &mut Value) {
        let Value::String(text) = value else { return };
        if text.trim().is_empty() {
            self.warn("an empty text is no number; it was left out");
            *value = Value::Null;
            return;
        }
        let Some(number) = number_in(text) else { return };
        self.warn(format!("the text `{text}` was read as the number {number}"));
        *value = number_value(&number);
    }

    fn word(&mut self, value: &mut Value, letter: fn(&str) -> Option<String>) {
        let Value::String(word) = value else { return };
        if let Some(letter) = letter(word).filter(|letter| letter != word) {
            self.warn(format!("`{word}` is written `{letter}`"));
            *value = Value::String(letter);
        }
    }

    fn header(&mut self, fields: &mut Map<String, Value>) {
        if absent(fields, "type") {
            let kind = if absent(fields, "uur") { "T" } else { "R" };
            fields.insert("type".into(), json!(kind));
            self.below("type", |walk| walk.warn(format!("the type of report is missing; taken as `{kind}`")));
        }
        if absent(fields, "id") {
            self.below("id", |walk| walk.warn("the id is missing; one was made from the content of the file"));
        }
        if absent(fields, "start") && !absent(fields, "startUTC") {
            self.below("start", |walk| walk.warn("the start is missing; it was taken from `startUTC`"));
        }
    }

    fn limits_that_are_none(&mut self, fields: &mut Map<String, Value>) {
        let gone = ["lowLimit", "highLimit"].map(|key| fields.get(key).is_some_and(is_none));
        if !gone.contains(&true) {
            return;
        }
        let limit = |key: &str| fields.get(key).filter(|value| !is_none(value)).and_then(number_of);
        let op = fields.get("compOp").and_then(Value::as_str).map_or(CompOp::Log, CompOp::parse);
        let reduced = nonfinite::reduce(op, limit("lowLimit"), limit("highLimit"));
        let op = reduced.op.to_string();
        let message = format!("a limit is no number and was left out; the operator is now {op}");
        self.warn_at(format!("{}/compOp", self.pointer), message);
        if gone[0] && reduced.low.is_some() {
            self.moves.push((format!("{}/highLimit", self.pointer), format!("{}/lowLimit", self.pointer)));
        }
        fields.insert("compOp".into(), json!(op));
        for (key, limit) in [("lowLimit", reduced.low), ("highLimit", reduced.high)] {
            fields.shift_remove(key);
            if let Some(limit) = limit {
                fields.insert(key.into(), number_value(&limit));
            }
        }
    }
}

fn absent(fields: &Map<String, Value>, key: &str) -> bool {
    fields.get(key).is_none_or(|value| value.is_null() || value.as_str().is_some_and(|text| text.trim().is_empty()))
}

/// Whether the value is NaN, an infinity, or too large for a double.
fn is_none(value: &Value) -> bool {
    match value {
        Value::String(text) => nonfinite::is(text),
        Value::Number(number) => nonfinite::is(&number.to_string()),
        _ => false,
    }
}

fn number_of(value: &Value) -> Option<Number> {
    Number::parse(&value.as_number()?.to_string())
}

/// The number a text says, with a decimal point or a single decimal comma that cannot separate thousands.
fn number_in(text: &str) -> Option<Number> {
    let text = text.trim();
    let comma_is_decimal = || {
        let (whole, fraction) = text.split_once(',')?;
        let whole_digits = whole.trim_start_matches(['+', '-']);
        let thousands = fraction.len() == 3 && whole_digits != "0" && (1..=3).contains(&whole_digits.len());
        (!thousands && !whole.contains('.') && !fraction.contains([',', '.'])).then(|| text.replace(',', "."))
    };
    Number::parse(text).or_else(|| Number::parse(&comma_is_decimal()?))
}

fn status_letter(word: &str) -> Option<String> {
    match Outcome::parse(word.trim()) {
        Outcome::Other(_) => None,
        outcome => Some(outcome.letter().to_string()),
    }
}

fn kind_letter(word: &str) -> Option<String> {
    let letter = match word.trim().to_ascii_lowercase().as_str() {
        "t" | "test" | "uut" => "T",
        "r" | "repair" | "uur" => "R",
        _ => return None,
    };
    Some(letter.to_owned())
}

/// Makes a step of numbers one of texts; the new type where the old one said numbers.
fn become_texts(step: &mut Map<String, Value>, texts: Vec<Value>) -> Option<&'static str> {
    let becomes = match step.get("stepType").and_then(Value::as_str) {
        Some("ET_NLT" | "NumericLimitTest") => Some("ET_SVT"),
        Some("ET_MNLT" | "MultiNumericLimitTest") => Some("ET_MSVT"),
        _ => None,
    };
    if let Some(becomes) = becomes {
        step.insert("stepType".into(), json!(becomes));
    }
    step.shift_remove("numericMeas");
    step.insert("stringMeas".into(), Value::Array(texts));
    becomes
}

/// A step for the texts taken off another one, with that one's name and group.
fn step_behind(step: &Map<String, Value>, texts: Vec<Value>) -> Value {
    let mut behind: Map<String, Value> =
        ["group", "name"].into_iter().filter_map(|key| step.get_key_value(key)).map(|(key, value)| (key.clone(), value.clone())).collect();
    behind.insert("stepType".into(), json!(if texts.len() == 1 && texts[0].get("name").is_none() { "ET_SVT" } else { "ET_MSVT" }));
    let outcomes = texts.iter().filter_map(|text| text.get("status")?.as_str()).map(Outcome::parse);
    let worst = outcomes.max_by_key(Outcome::severity).map(|outcome| outcome.letter().to_owned());
    if let Some(status) = worst.map(Value::String).or_else(|| step.get("status").cloned()) {
        behind.insert("status".into(), status);
    }
    behind.insert("stringMeas".into(), Value::Array(texts));
    Value::Object(behind)
}

/// The measurement as a text: its limits become the text of the limit, everything else stays.
fn as_string_measurement(meas: &Value) -> Value {
    let part = |key: &str| {
        meas.get(key).filter(|value| !value.is_null()).map(|value| match value {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        })
    };
    let parts = [part("compOp").filter(|op| !op.eq_ignore_ascii_case("LOG")), part("lowLimit"), part("highLimit"), part("unit")];
    let limit = nonfinite::limits_as_text(parts.each_ref().map(Option::as_deref));
    let mut text = Map::new();
    if let Some(name) = meas.get("name") {
        text.insert("name".into(), name.clone());
    }
    text.insert("value".into(), json!(part("value").unwrap_or_default()));
    text.insert("compOp".into(), json!("LOG"));
    if let Some(limit) = limit {
        text.insert("limit".into(), json!(limit));
    }
    for (key, value) in meas.as_object().into_iter().flatten() {
        if key == "status" || NUMERIC.due(key).is_none() {
            text.insert(key.clone(), value.clone());
        }
    }
    Value::Object(text)
}
