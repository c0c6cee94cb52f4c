//! Carries the changes of typed settings over to the raw document, and nothing else: a `${VAR}` whose value was not
//! changed stays a `${VAR}`, and keys that were absent and have their default stay absent.

use serde_json::{Map, Value};

/// Makes `raw` say `after` where it said `before`.
pub(crate) fn merge(raw: &mut Value, before: &Value, after: &Value) {
    if before == after {
        return;
    }
    match (raw, before, after) {
        (Value::Object(raw), Value::Object(before), Value::Object(after)) => merge_objects(raw, before, after),
        (Value::Array(raw), Value::Array(before), Value::Array(after)) => merge_lists(raw, before, after),
        (raw, _, _) => *raw = after.clone(),
    }
}

fn merge_objects(raw: &mut Map<String, Value>, before: &Map<String, Value>, after: &Map<String, Value>) {
    raw.retain(|key, _| after.contains_key(key) || !before.contains_key(key));
    for (key, new) in after {
        match (raw.get_mut(key), before.get(key)) {
            (Some(raw), Some(old)) => merge(raw, old, new),
            (_, Some(old)) if old == new => {}
            _ => {
                raw.insert(key.clone(), new.clone());
            }
        }
    }
}

/// Entries are matched by their `name` where all have one, else by position.
fn merge_lists(raw: &mut Vec<Value>, before: &[Value], after: &[Value]) {
    let named = [before, after].iter().all(|list| list.iter().all(|entry| name(entry).is_some()));
    let merged = after.iter().enumerate().map(|(position, new)| {
        let was = if named { before.iter().position(|old| name(old) == name(new)) } else { Some(position) };
        // a rule that was only renamed
        let was = was.or_else(|| (before.len() == after.len()).then_some(position));
        match was.and_then(|at| Some((raw.get(at)?.clone(), before.get(at)?))) {
            Some((mut entry, old)) => {
                merge(&mut entry, old, new);
                entry
            }
            None => new.clone(),
        }
    });
    *raw = merged.collect();
}

fn name(entry: &Value) -> Option<&str> {
    entry.get("name")?.as_str()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_what_changed_is_written() {
        let table = [
            // raw, before, after, expected
            (json!({"a": "${A}", "x": 1}), json!({"a": "1", "b": 5}), json!({"a": "1", "b": 6}), json!({"a": "${A}", "x": 1, "b": 6})),
            (json!({"a": "${A}"}), json!({"a": "1"}), json!({"a": "2"}), json!({"a": "2"})),
            (json!({"a": 1}), json!({"a": 1}), json!({}), json!({})),
            (
                json!({"l": [{"name": "x", "f": "${X}"}, {"name": "y", "f": "${Y}"}]}),
                json!({"l": [{"name": "x", "f": "1"}, {"name": "y", "f": "2"}]}),
                json!({"l": [{"name": "y", "f": "2"}, {"name": "z", "f": "3"}, {"name": "x", "f": "9"}]}),
                json!({"l": [{"name": "y", "f": "${Y}"}, {"name": "z", "f": "3"}, {"name": "x", "f": "9"}]}),
            ),
            (
                json!([{"name": "x", "f": "${X}"}]),
                json!([{"name": "x", "f": "1"}]),
                json!([{"name": "new", "f": "1"}]),
                json!([{"name": "new", "f": "${X}"}]),
            ),
            (json!(["${A}", "b"]), json!(["a", "b"]), json!(["a"]), json!(["${A}"])),
        ];
        for (mut raw, before, after, expected) in table {
            merge(&mut raw, &before, &after);
            assert_eq!(raw, expected);
        }
    }
}
