//! Where in the text a value is: maps JSON paths to lines and columns, so that an error can name the place.
//! Works on text that serde_json has accepted; finds keys that stand there twice, which serde_json passes over.

use std::collections::HashMap;

use super::path::{with_index, with_key};

/// A place in a text, both 1-based, the column in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) line: usize,
    pub(crate) column: usize,
}

/// The places of all values of a text.
#[derive(Debug, Clone, Default)]
pub(crate) struct Places {
    offsets: HashMap<String, usize>,
    /// Paths of keys that stand in their object more than once.
    pub(crate) repeated: Vec<String>,
}

impl Places {
    /// Scans a valid JSON text.
    pub(crate) fn of(text: &str) -> Places {
        let mut scanner = Scanner { text, at: 0, places: Places::default() };
        scanner.value("");
        scanner.places
    }

    /// Where the value at `path` begins, or, where it is absent, what should hold it. Nothing for the whole document.
    pub(crate) fn find(&self, text: &str, path: &str) -> Option<Place> {
        let mut path = path;
        while !path.is_empty() {
            if let Some(offset) = self.offsets.get(path) {
                return Some(place(text, *offset));
            }
            path = &path[..path.rfind(['.', '[']).unwrap_or(0)];
        }
        None
    }
}

/// Line and column of a byte offset.
pub(crate) fn place(text: &str, offset: usize) -> Place {
    let before = &text[..offset];
    let line_start = before.rfind('\n').map_or(0, |at| at + 1);
    Place { line: before.matches('\n').count() + 1, column: before[line_start..].chars().count() + 1 }
}

struct Scanner<'t> {
    text: &'t str,
    at: usize,
    places: Places,
}

impl Scanner<'_> {
    fn value(&mut self, path: &str) {
        self.skip_space();
        if self.places.offsets.insert(path.to_owned(), self.at).is_some() {
            self.places.repeated.push(path.to_owned());
        }
        match self.peek() {
            Some(b'{') => self.members(path),
            Some(b'[') => self.entries(path),
            Some(b'"') => {
                self.string();
            }
            _ => self.skip_while(|byte| !b",]} \t\r\n".contains(&byte)),
        }
    }

    fn members(&mut self, path: &str) {
        while self.next_in(b'}') {
            let key = self.string();
            self.skip_space();
            self.at += 1; // the colon
            self.value(&with_key(path, &key));
        }
    }

    fn entries(&mut self, path: &str) {
        let mut index = 0;
        while self.next_in(b']') {
            self.value(&with_index(path, index));
            index += 1;
        }
    }

    /// Steps over the opening bracket or a comma; false, behind the closing one, at the end.
    fn next_in(&mut self, close: u8) -> bool {
        self.skip_space();
        if self.peek() != Some(close) {
            self.at += 1;
            self.skip_space();
        }
        match self.peek() {
            Some(byte) if byte == close => {
                self.at += 1;
                false
            }
            byte => byte.is_some(),
        }
    }

    fn string(&mut self) -> String {
        let start = self.at;
        self.at += 1;
        while let Some(byte) = self.peek() {
            self.at += 1;
            match byte {
                b'"' => break,
                b'\\' => self.at += 1,
                _ => {}
            }
        }
        serde_json::from_str(&self.text[start..self.at]).unwrap_or_default()
    }

    fn skip_space(&mut self) {
        self.skip_while(|byte| byte.is_ascii_whitespace());
    }

    fn skip_while(&mut self, skip: impl Fn(u8) -> bool) {
        while self.peek().is_some_and(&skip) {
            self.at += 1;
        }
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_has_its_line_and_column() {
        let text = "{\r\n  \"ä\": [1, {\"x\\\"y\": true}, []],\n  \"b\": {} , \"c\":-1.5e3}\n";
        let places = Places::of(text);
        for (path, line, column) in [
            ("ä", 2, 8),
            ("ä[0]", 2, 9),
            ("ä[1][\"x\\\"y\"]", 2, 21),
            ("ä[2]", 2, 28),
            ("b", 3, 8),
            ("b.absent[3].too", 3, 8),
            ("c", 3, 17),
        ] {
            assert_eq!(places.find(text, path), Some(Place { line, column }), "{path}");
        }
        assert_eq!(places.find(text, "absent"), None);
        assert!(places.repeated.is_empty());
    }

    #[test]
    fn a_key_that_stands_there_twice_is_found() {
        assert_eq!(Places::of(r#"{"a": {"b": 1, "b": 2}, "c": 1}"#).repeated, ["a.b"]);
    }
}
