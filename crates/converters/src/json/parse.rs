//! A forgiving JSON parser: takes the few things testers write that are not quite JSON (and says so), and knows where in the text
//! each value stood.
//!
//! Forgiven, each with a [`Remark`]: `NaN`, `Infinity` and their kin as bare words (they become strings), a comma before a closing
//! bracket, `+5`, `.5` and `5.`, Python's `True`, `False` and `None`, raw tabs and line ends inside a string, a key given twice (the
//! last one counts). Everything else that is not JSON is wrong, with its place.

use std::ops::Range;

use serde_json::map::Entry;
use serde_json::{Map, Number, Value};

use crate::named::Named;
use crate::nonfinite;
use crate::number::number_value;

/// Deepest nesting, the same as the splitter's.
const MAX_DEPTH: usize = 128;

/// The longest pointer that is told in full: the keys of reports are short, and those of other texts are not worth a copy for each
/// value below them.
const LONGEST_POINTER: usize = 4096;

/// JSON pointer of a value and its bytes in the text.
pub(crate) struct Place {
    /// The value's pointer.
    pub(crate) pointer: String,
    /// Its bytes; for a string without the quotes.
    pub(crate) range: Range<usize>,
}

/// Something that is not quite JSON.
pub(crate) struct Remark {
    /// Pointer of the value.
    pub(crate) pointer: String,
    /// Its bytes in the text.
    pub(crate) range: Range<usize>,
    /// What was found and how it was taken.
    pub(crate) message: String,
}

/// Why a text is not JSON.
#[derive(Debug)]
pub(crate) struct Wrong {
    /// The byte where it goes wrong.
    pub(crate) offset: usize,
    /// What is wrong there.
    pub(crate) message: String,
}

/// Where those values of a JSON text stood whose pointers are `wanted`; null values have no place because reports leave them out,
/// and those under the longest keys have none.
pub(crate) fn places<'t>(text: &'t str, wanted: &'t dyn Fn(&str) -> bool) -> Result<Vec<Place>, Wrong> {
    let mut parser = Parser { wanted: Some(wanted), ..Parser::new(text) };
    parser.value()?;
    Ok(parser.places)
}

/// Reads a text from its beginning. Whoever does not want it as one tree calls [`Parser::object`] and [`Parser::list`] with
/// closures that read the parts.
pub(crate) struct Parser<'t> {
    text: &'t str,
    at: usize,
    depth: usize,
    pointer: String,
    /// When places are noted, and nothing else is kept.
    wanted: Option<&'t dyn Fn(&str) -> bool>,
    places: Vec<Place>,
    remarks: Named<Remark>,
}

impl<'t> Parser<'t> {
    /// For a text of which nothing was read yet.
    pub(crate) fn new(text: &'t str) -> Self {
        Self { text, at: 0, depth: 0, pointer: String::new(), wanted: None, places: Vec::new(), remarks: Named::default() }
    }

    /// What had to be forgiven, when everything was read.
    pub(crate) fn end(mut self) -> Result<Named<Remark>, Wrong> {
        match self.peek() {
            None => Ok(self.remarks),
            Some(_) => Err(self.wrong("there is something behind the end")),
        }
    }

    /// Pointer of the value that is read now.
    pub(crate) fn pointer(&self) -> &str {
        &self.pointer
    }

    /// The next byte that is not white space.
    pub(crate) fn peek(&mut self) -> Option<u8> {
        let rest = &self.text.as_bytes()[self.at..];
        self.at += rest.iter().take_while(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n')).count();
        self.text.as_bytes().get(self.at).copied()
    }

    fn wrong(&self, message: impl Into<String>) -> Wrong {
        Wrong { offset: self.at, message: message.into() }
    }

    fn remark(&mut self, range: Range<usize>, message: impl Into<String>) {
        let pointer = &self.pointer[..self.pointer.floor_char_boundary(LONGEST_POINTER)];
        self.remarks.push(|| Remark { pointer: pointer.to_owned(), range, message: message.into() });
    }

    /// The next value, whatever it is.
    pub(crate) fn value(&mut self) -> Result<Value, Wrong> {
        let first = self.peek();
        let start = self.at;
        let value = match first {
            Some(b'{') => Value::Object(self.object(|parser, _| parser.value())?),
            Some(b'[') => Value::Array(self.list(Self::value)?),
            Some(b'"') => Value::String(self.string()?),
            _ => self.word()?,
        };
        let Some(wanted) = self.wanted else { return Ok(value) };
        if !value.is_null() && self.pointer.len() <= LONGEST_POINTER && wanted(&self.pointer) {
            let inside = if first == Some(b'"') { start + 1..self.at - 1 } else { start..self.at };
            self.places.push(Place { pointer: self.pointer.clone(), range: inside });
        }
        Ok(Value::Null)
    }

    /// What stands below the current pointer at `segment`.
    fn below<T>(&mut self, segment: &str, read: impl FnOnce(&mut Self) -> T) -> T {
        let here = self.pointer.len();
        self.pointer.push('/');
        self.pointer.push_str(&super::escape(segment));
        let value = read(self);
        self.pointer.truncate(here);
        value
    }

    /// After a member: true when another follows, false when `close` was there.
    fn another(&mut self, close: u8) -> Result<bool, Wrong> {
        match self.peek() {
            Some(byte) if byte == close => {
                self.at += 1;
                Ok(false)
            }
            Some(b',') => {
                let comma = self.at;
                self.at += 1;
                if self.peek() != Some(close) {
                    return Ok(true);
                }
                self.remark(comma..comma + 1, "a comma before the closing bracket was left out");
                self.at += 1;
                Ok(false)
            }
            _ => Err(self.wrong(format!("a comma or {} is missing", char::from(close)))),
        }
    }

    /// The next value, which begins with a brace. What stands behind each key is read by `member`.
    pub(crate) fn object<E: From<Wrong>>(
        &mut self,
        mut member: impl FnMut(&mut Self, &str) -> Result<Value, E>,
    ) -> Result<Map<String, Value>, E> {
        // as many as a step has: growing a map costs more than what stands in it
        let mut fields = Map::with_capacity(14);
        let mut more = self.open(b'}')?;
        while more {
            if self.peek() != Some(b'"') {
                return Err(self.wrong("a key in double quotes is missing").into());
            }
            let start = self.at;
            let key = self.string()?;
            let key_range = start..self.at;
            if self.peek() != Some(b':') {
                return Err(self.wrong("the colon behind a key is missing").into());
            }
            self.at += 1;
            let value = self.below(&key, |parser| member(parser, &key))?;
            match fields.entry(key) {
                Entry::Vacant(free) => {
                    free.insert(value);
                }
                Entry::Occupied(mut taken) => {
                    self.below(taken.key(), |parser| parser.remark(key_range, "the key stands twice; the last one counts"));
                    taken.insert(value);
                }
            }
            more = self.another(b'}')?;
        }
        self.depth -= 1;
        Ok(fields)
    }

    /// The next value, which begins with a bracket. Each item is read by `item`.
    pub(crate) fn list<T, E: From<Wrong>>(&mut self, mut item: impl FnMut(&mut Self) -> Result<T, E>) -> Result<Vec<T>, E> {
        let mut items = Vec::new();
        let mut more = self.open(b']')?;
        while more {
            let item = self.below(&items.len().to_string(), &mut item)?;
            items.push(item);
            more = self.another(b']')?;
        }
        self.depth -= 1;
        Ok(items)
    }

    /// Steps over an opening bracket: true when a member follows, false when `close` was there.
    fn open(&mut self, close: u8) -> Result<bool, Wrong> {
        if self.depth == MAX_DEPTH {
            return Err(self.wrong("the nesting is deeper than 128 levels"));
        }
        self.depth += 1;
        self.at += 1;
        let empty = self.peek() == Some(close);
        self.at += usize::from(empty);
        Ok(!empty)
    }

    fn string(&mut self) -> Result<String, Wrong> {
        let start = self.at;
        self.at += 1;
        let mut out = String::new();
        let mut raw_control = false;
        loop {
            let rest = &self.text[self.at..];
            let special = |byte: u8| byte < 0x20 || matches!(byte, b'"' | b'\\');
            let unclosed = || Wrong { offset: start, message: "a string is not closed".into() };
            let plain = rest.bytes().position(special).ok_or_else(unclosed)?;
            self.at += plain + 1;
            match rest.as_bytes()[plain] {
                b'"' if out.is_empty() => {
                    // nearly every string: exactly as long as it is
                    out = rest[..plain].to_owned();
                    break;
                }
                b'"' => {
                    out.push_str(&rest[..plain]);
                    break;
                }
                b'\\' => {
                    out.push_str(&rest[..plain]);
                    out.push(self.escaped()?);
                }
                _ => {
                    raw_control = true;
                    out.push_str(&rest[..=plain]);
                }
            }
        }
        if raw_control {
            self.remark(start..self.at, "a string holds raw control characters; they were kept");
        }
        Ok(out)
    }

    /// The character an escape stands for; the backslash was read.
    fn escaped(&mut self) -> Result<char, Wrong> {
        let letter = self.text.as_bytes().get(self.at).copied();
        let character = match letter {
            Some(byte @ (b'"' | b'\\' | b'/')) => char::from(byte),
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => return self.unicode(),
            _ => return Err(self.wrong("a backslash in a string is written twice (\\\\)")),
        };
        self.at += 1;
        Ok(character)
    }

    fn unicode(&mut self) -> Result<char, Wrong> {
        let first = self.hex()?;
        let code = if (0xD800..0xDC00).contains(&first) && self.text[self.at..].starts_with("\\u") {
            self.at += 1;
            let second = self.hex()?;
            if !(0xDC00..0xE000).contains(&second) {
                return Err(self.wrong("half a character is escaped (a lone surrogate)"));
            }
            0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00)
        } else {
            first
        };
        char::from_u32(code).ok_or_else(|| self.wrong("half a character is escaped (a lone surrogate)"))
    }

    /// The four digits behind `u`, at which the parser stands.
    fn hex(&mut self) -> Result<u32, Wrong> {
        let digits = self.text.get(self.at + 1..self.at + 5).filter(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()));
        let code = digits.and_then(|digits| u32::from_str_radix(digits, 16).ok());
        let code = code.ok_or_else(|| self.wrong("four hexadecimal digits are missing behind \\u"))?;
        self.at += 5;
        Ok(code)
    }

    /// A number, `true`, `false`, `null`, or something close to them.
    fn word(&mut self) -> Result<Value, Wrong> {
        let start = self.at;
        let rest = &self.text[start..];
        let length =
            rest.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.' | '#' | '(' | ')'))).unwrap_or(rest.len());
        let word = &rest[..length];
        let (value, remark) = match word {
            "true" => (Value::Bool(true), None),
            "false" => (Value::Bool(false), None),
            "null" => (Value::Null, None),
            "True" => (Value::Bool(true), Some("true")),
            "False" => (Value::Bool(false), Some("false")),
            "None" => (Value::Null, Some("null")),
            _ if is_number(word) => (Value::Number(Number::from_string_unchecked(word.to_owned())), None),
            _ if nonfinite::is(word) => (Value::String(word.to_owned()), Some("a string")),
            _ => match report::Number::parse(word) {
                Some(number) => (number_value(&number), Some("a number")),
                None if word.is_empty() => return Err(self.wrong("a value is missing")),
                None => return Err(self.wrong(format!("`{word}` is not a value of JSON"))),
            },
        };
        self.at += length;
        if let Some(taken_as) = remark {
            self.remark(start..self.at, format!("`{word}` is not JSON; it was taken as {taken_as}"));
        }
        Ok(value)
    }
}

/// Whether the word is a number as JSON writes them.
fn is_number(word: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let word = word.strip_prefix('-').unwrap_or(word);
    let (mantissa, exponent) = match word.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent.strip_prefix(['+', '-']).unwrap_or(exponent))),
        None => (word, None),
    };
    let (whole, fraction) = match mantissa.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (mantissa, None),
    };
    digits(whole) && (whole == "0" || !whole.starts_with('0')) && fraction.is_none_or(digits) && exponent.is_none_or(digits)
}
