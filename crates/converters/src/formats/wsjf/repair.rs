//! Repairs a WSJF document where only one reading is possible. Works on the bare JSON, before the typed report is read from it, so
//! that values of a wrong kind can be put right and unknown keys stay untouched.

use report::{Number, Outcome};
use serde_json::{Map, Value, json};

use super::shape::{Due, REPORT, STEP, Shape};
use crate::input::Warning;
use crate::named::Named;
use crate::nonfinite::{self, Moves};
use crate::number::number_value;

/// Repairs one part of a document after the other, and notes what it did.
#[derive(Default)]
pub(super) struct Repairs {
    pointer: String,
    /// What was repaired.
    pub(super) warnings: Named<Warning>,
    /// Where values went.
    pub(super) moves: Moves,
}

impl Repairs {
    /// Repairs a report. The steps in it may have been taken out before.
    pub(super) fn report(&mut self, fields: &mut Map<String, Value>) {
        self.pointer.clear();
        self.object(fields, &REPORT);
        self.header(fields);
    }

    /// Repairs the step at `pointer`. The steps in it may have been taken out before.
    pub(super) fn step(&mut self, pointer: &str, fields: &mut Map<String, Value>) {
        pointer.clone_into(&mut self.pointer);
        self.object(fields, &STEP);
    }

    fn warn(&mut self, message: impl Into<String>) {
        self.warnings.push(|| Warning::new(&*self.pointer, message));
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
        if shape.due("lowLimit").is_some() {
            self.limits(fields);
        }
    }

    fn list(&mut self, items: &mut [Value], shape: &Shape) {
        for (index, item) in items.iter_mut().enumerate() {
            if let Value::Object(fields) = item {
                self.below(&index.to_string(), |walk| walk.object(fields, shape));
            }
        }
    }

    /// Gives keys the case WSJF writes them in, where that key is not there as well.
    fn respell(&mut self, fields: &mut Map<String, Value>, shape: &Shape) {
        let wrong = |key: &String| shape.due(key).is_none() && shape.spelling(key).is_some_and(|right| !fields.contains_key(right));
        if !fields.keys().any(wrong) {
            return self.alike(fields, shape);
        }
        for (key, value) in std::mem::take(fields) {
            let right = shape.spelling(&key).filter(|right| *right != key && !fields.contains_key(*right));
            match right.filter(|_| shape.due(&key).is_none()) {
                Some(right) => {
                    self.moves.push(format!("{}/{}", self.pointer, crate::json::escape(&key)), format!("{}/{right}", self.pointer));
                    self.below(right, |walk| walk.warn(format!("the key `{key}` is written `{right}`")));
                    fields.insert(right.to_owned(), value);
                }
                None => {
                    fields.insert(key, value);
                }
            }
        }
    }

    /// A key that stands beside its own right spelling is left as it is, and who reads it may take either.
    fn alike(&mut self, fields: &Map<String, Value>, shape: &Shape) {
        for key in fields.keys().filter(|key| shape.due(key).is_none()) {
            if let Some(right) = shape.spelling(key) {
                self.below(key, |walk| walk.warn(format!("the key stands beside `{right}`; both are kept")));
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
            // a measurement without a number is a measurement all the same
            (Due::Measured, Value::String(text)) if text.trim().is_empty() => {}
            // beyond what a double can hold: as a word it keeps its spelling
            (Due::Measured, value @ Value::Number(_)) if nonfinite::is_value(value) => *value = Value::String(value.to_string()),
            (Due::Measured | Due::Limit, value) => self.number(value),
            (Due::Number, value) if nonfinite::is_value(value) => {
                self.warn(format!("{value} is no number; it was left out"));
                *value = Value::Null;
            }
            (Due::Number, value) => self.number(value),
            (Due::Status, value) => self.word(value, status_letter),
            (Due::Kind, value) => self.word(value, kind_letter),
            _ => {}
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
    }

    fn limits(&mut self, measurement: &mut Map<String, Value>) {
        let Some(reduction) = nonfinite::reduce_limits(measurement) else { return };
        self.below("compOp", |walk| walk.warn(reduction.message));
        if reduction.raised {
            self.moves.push(format!("{}/highLimit", self.pointer), format!("{}/lowLimit", self.pointer));
        }
    }
}

fn absent(fields: &Map<String, Value>, key: &str) -> bool {
    fields.get(key).is_none_or(|value| value.is_null() || value.as_str().is_some_and(|text| text.trim().is_empty()))
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
