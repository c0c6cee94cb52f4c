//! JSON paths as people write them: `converters[0].options.separator`, `["a.b"]` for keys that are no plain words.

use serde_json::{Map, Value};

/// One step of a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Step {
    Key(String),
    Index(usize),
}

/// Why a path leads nowhere.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PathError {
    /// It is not a path.
    #[error("{path:?} is not a path like converters[0].watch_folder: {reason}")]
    Malformed {
        /// The text.
        path: String,
        /// What is wrong.
        reason: String,
    },
    /// It goes through a value that has no such place.
    #[error("{path}: {reason}")]
    NoPlace {
        /// The path.
        path: String,
        /// What is there instead.
        reason: String,
    },
}

/// Takes a path apart. The empty path is the whole document.
pub(crate) fn parse(path: &str) -> Result<Vec<Step>, PathError> {
    let malformed = |reason: &str| PathError::Malformed { path: path.to_owned(), reason: reason.to_owned() };
    let (mut steps, mut rest) = (Vec::new(), path);
    while !rest.is_empty() {
        if let Some(inner) = rest.strip_prefix('[') {
            let (step, after) = bracket(inner).ok_or_else(|| malformed("[ needs a number or a quoted key, then ]"))?;
            steps.push(step);
            rest = after;
        } else {
            let word = match rest.strip_prefix('.') {
                Some(word) if !steps.is_empty() => word,
                None if steps.is_empty() => rest,
                _ => return Err(malformed("steps are separated by one dot")),
            };
            let end = word.find(['.', '[']).unwrap_or(word.len());
            if end == 0 {
                return Err(malformed("a key is empty"));
            }
            steps.push(Step::Key(word[..end].to_owned()));
            rest = &word[end..];
        }
    }
    Ok(steps)
}

/// A path as a JSON pointer (RFC 6901). A text that is no path is one key.
pub fn pointer(path: &str) -> String {
    let steps = parse(path).unwrap_or_else(|_| vec![Step::Key(path.to_owned())]);
    let step = |step: &Step| match step {
        Step::Key(key) => format!("/{}", key.replace('~', "~0").replace('/', "~1")),
        Step::Index(index) => format!("/{index}"),
    };
    steps.iter().map(step).collect()
}

/// A JSON pointer as a path: what is all digits is a place in a list.
pub fn from_pointer(pointer: &str) -> String {
    pointer.split('/').skip(1).fold(String::new(), |path, step| match step.parse::<usize>() {
        Ok(index) => with_index(&path, index),
        Err(_) => with_key(&path, &step.replace("~1", "/").replace("~0", "~")),
    })
}

fn bracket(inner: &str) -> Option<(Step, &str)> {
    if inner.starts_with('"') {
        let mut keys = serde_json::Deserializer::from_str(inner).into_iter::<String>();
        let key = keys.next()?.ok()?;
        return Some((Step::Key(key), inner[keys.byte_offset()..].strip_prefix(']')?));
    }
    let (index, after) = inner.split_once(']')?;
    Some((Step::Index(index.parse().ok()?), after))
}

/// `path` with a key added.
pub(crate) fn with_key(path: &str, key: &str) -> String {
    let plain = !key.is_empty() && key.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '-' || c == '$');
    match (plain, path.is_empty()) {
        (true, true) => key.to_owned(),
        (true, false) => format!("{path}.{key}"),
        (false, _) => format!("{path}[{}]", Value::from(key)),
    }
}

/// `path` with an index added.
pub(crate) fn with_index(path: &str, index: usize) -> String {
    format!("{path}[{index}]")
}

/// The value at a path.
pub(crate) fn get<'v>(root: &'v Value, steps: &[Step]) -> Option<&'v Value> {
    steps.iter().try_fold(root, |value, step| match step {
        Step::Key(key) => value.get(key),
        Step::Index(index) => value.get(index),
    })
}

/// Puts a value at a path. Objects on the way are made; an index one past the end appends.
pub(crate) fn set(root: &mut Value, path: &str, new: Value) -> Result<(), PathError> {
    let mut place = root;
    for step in parse(path)? {
        place = step_into(place, &step).map_err(|reason| PathError::NoPlace { path: path.to_owned(), reason })?;
    }
    *place = new;
    Ok(())
}

fn step_into<'v>(value: &'v mut Value, step: &Step) -> Result<&'v mut Value, String> {
    match step {
        Step::Key(key) => {
            if value.is_null() {
                *value = Value::Object(Map::new());
            }
            let object = value.as_object_mut().ok_or_else(|| format!("there is no object to hold {key:?}"))?;
            Ok(object.entry(key.as_str()).or_insert(Value::Null))
        }
        Step::Index(index) => {
            if value.is_null() {
                *value = Value::Array(Vec::new());
            }
            let list = value.as_array_mut().ok_or_else(|| format!("there is no list to hold [{index}]"))?;
            if *index == list.len() {
                list.push(Value::Null);
            }
            let length = list.len();
            list.get_mut(*index).ok_or_else(|| format!("the list has {length} entries"))
        }
    }
}

/// Takes the value at a path away; `None` when nothing is there.
pub(crate) fn remove(root: &mut Value, steps: &[Step]) -> Option<Value> {
    let (last, before) = steps.split_last()?;
    let parent = before.iter().try_fold(root, |value, step| match step {
        Step::Key(key) => value.get_mut(key),
        Step::Index(index) => value.get_mut(index),
    })?;
    match last {
        Step::Key(key) => parent.as_object_mut()?.shift_remove(key),
        Step::Index(index) => parent.as_array_mut().filter(|list| *index < list.len()).map(|list| list.remove(*index)),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_path_and_its_pointer_name_the_same_place() {
        for (path, written) in
            [("", ""), ("converters[0].options.separator", "/converters/0/options/separator"), ("a[\"b.c/d~e\"][2]", "/a/b.c~1d~0e/2")]
        {
            assert_eq!((pointer(path).as_str(), from_pointer(written).as_str()), (written, path));
        }
        assert_eq!(pointer("no path ["), "/no path [");
    }

    #[test]
    fn a_path_is_taken_apart_and_put_together_the_same() {
        for path in ["", "a", "a.b", "converters[0].format", "a[\"x.y\"].b", "[3]", "a[0][1]"] {
            let again = parse(path).unwrap().iter().fold(String::new(), |text, step| match step {
                Step::Key(key) => with_key(&text, key),
                Step::Index(index) => with_index(&text, *index),
            });
            assert_eq!(again, path);
        }
        for bad in [".a", "a..b", "a[", "a[x]", "a.", "a[0]b", "[\"x\""] {
            assert!(parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn setting_makes_the_way_and_appends_at_the_end() {
        let mut root = json!({"converters": []});
        set(&mut root, "proxy.host", json!("p")).unwrap();
        set(&mut root, "converters[0].name", json!("ict")).unwrap();
        assert_eq!(root, json!({"converters": [{"name": "ict"}], "proxy": {"host": "p"}}));
        assert!(set(&mut root, "converters[5].name", json!("x")).unwrap_err().to_string().contains("1 entries"));
        assert!(set(&mut root, "proxy.host.deeper", json!(1)).is_err());
    }

    #[test]
    fn removing_takes_one_value_and_keeps_the_order_of_the_rest() {
        let mut root = json!({"a": 1, "b": 2, "c": [1, 2]});
        assert_eq!(remove(&mut root, &parse("a").unwrap()), Some(json!(1)));
        assert_eq!(remove(&mut root, &parse("c[0]").unwrap()), Some(json!(1)));
        assert_eq!(remove(&mut root, &parse("c[9]").unwrap()), None);
        assert_eq!(root.to_string(), r#"{"b":2,"c":[2]}"#);
    }
}
