//! The JSON Schema of the settings, generated from [`Config`], and a small view on it: what is allowed at a place.
//! The types are the one source of truth; checking, expanding and `config set` all ask the schema.

use std::sync::LazyLock;

use serde_json::{Map, Value};

use super::model::Config;

static SCHEMA: LazyLock<Value> = LazyLock::new(|| schemars::schema_for!(Config).to_value());

/// The JSON Schema of `client_config.json`.
pub fn schema() -> Value {
    SCHEMA.clone()
}

/// What the schema says of one place.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Shape(&'static Value);

impl Shape {
    /// The whole document.
    pub(crate) fn root() -> Shape {
        Shape(&SCHEMA)
    }

    /// The definition behind a reference.
    fn resolve(node: &'static Value) -> Shape {
        let target = node.get("$ref").and_then(Value::as_str).and_then(|name| SCHEMA.pointer(name.strip_prefix('#')?));
        Shape(target.unwrap_or(node))
    }

    /// The value of a known key.
    pub(crate) fn key(self, key: &str) -> Option<Shape> {
        Some(Shape::resolve(self.keys()?.get(key)?))
    }

    /// The known keys; `None` when any key is fine.
    pub(crate) fn keys(self) -> Option<&'static Map<String, Value>> {
        self.0.get("properties")?.as_object()
    }

    /// The entries of a list.
    pub(crate) fn entry(self) -> Option<Shape> {
        Some(Shape::resolve(self.0.get("items")?))
    }

    /// The allowed types: null, boolean, integer, number, string, array, object. Empty: any.
    pub(crate) fn types(self) -> Vec<&'static str> {
        match self.0.get("type") {
            Some(Value::String(one)) => vec![one],
            Some(Value::Array(many)) => many.iter().filter_map(Value::as_str).collect(),
            _ if self.words().is_some() => vec!["string"],
            _ => Vec::new(),
        }
    }

    /// Whether a value of this type is allowed.
    pub(crate) fn takes(self, kind: &str) -> bool {
        self.types().contains(&kind)
    }

    /// The words of a closed set.
    pub(crate) fn words(self) -> Option<Vec<&'static str>> {
        if let Some(words) = self.0.get("enum") {
            return Some(words.as_array()?.iter().filter_map(Value::as_str).collect());
        }
        self.0.get("oneOf")?.as_array()?.iter().map(|one| one.get("const")?.as_str()).collect()
    }

    /// Smallest and largest number.
    pub(crate) fn range(self) -> (Option<f64>, Option<f64>) {
        let bound = |name| self.0.get(name).and_then(Value::as_f64);
        (bound("minimum"), bound("maximum"))
    }

    /// What is allowed, for people.
    pub(crate) fn allowed(self) -> String {
        if let Some(words) = self.words() {
            return words.join(", ");
        }
        let kinds: Vec<String> = self.types().iter().map(|kind| self.kind_text(kind)).collect();
        kinds.join(" or ")
    }

    fn kind_text(self, kind: &str) -> String {
        let range = match self.range() {
            (Some(low), Some(high)) => format!(" from {low} to {high}"),
            (Some(low), None) => format!(" of at least {low}"),
            (None, Some(high)) => format!(" of at most {high}"),
            (None, None) => String::new(),
        };
        match kind {
            "integer" => format!("a whole number{range}"),
            "number" => format!("a number{range}"),
            "boolean" => "true or false".to_owned(),
            "string" => "a text".to_owned(),
            "array" => "a list".to_owned(),
            "object" => "an object".to_owned(),
            other => other.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The keywords this module, `check` and `expand` understand or may ignore.
    const UNDERSTOOD: [&str; 16] = [
        "$schema",
        "$ref",
        "$defs",
        "title",
        "description",
        "type",
        "properties",
        "items",
        "enum",
        "oneOf",
        "const",
        "minimum",
        "maximum",
        "default",
        "additionalProperties",
        "format",
    ];

    #[test]
    fn the_schema_uses_no_keyword_the_checker_does_not_understand() {
        fn walk(schema: &Value) {
            for (keyword, value) in schema.as_object().unwrap() {
                assert!(UNDERSTOOD.contains(&keyword.as_str()), "{keyword}");
                match keyword.as_str() {
                    "properties" | "$defs" => value.as_object().unwrap().values().for_each(walk),
                    "items" => walk(value),
                    "oneOf" => value.as_array().unwrap().iter().for_each(walk),
                    _ => {}
                }
            }
        }
        walk(&schema());
    }

    #[test]
    fn every_key_has_a_description() {
        let schema = schema();
        let definitions = schema["$defs"].as_object().unwrap().values();
        for object in definitions.chain([&schema]).filter_map(|d| d.get("properties")) {
            for (key, property) in object.as_object().unwrap() {
                assert!(property["description"].as_str().is_some_and(|text| text.len() > 10), "{key}");
            }
        }
    }

    #[test]
    fn what_is_allowed_reads_like_a_sentence() {
        let rule = Shape::root().key("converters").unwrap().entry().unwrap();
        for (shape, expected) in [
            (Shape::root().key("max_concurrent_uploads"), "a whole number from 1 to 32"),
            (Shape::root().key("paused"), "true or false"),
            (Shape::root().key("operator"), "a text or null"),
            (rule.key("post_action"), "move, delete, zip, keep"),
            (rule.key("min_age_s"), "a number of at least 0 or null"),
            (rule.key("file_patterns"), "a list"),
        ] {
            assert_eq!(shape.unwrap().allowed(), expected);
        }
    }

    /// `LINESIDE_BLESS=1 cargo test -p instance` writes the file.
    #[test]
    fn the_schema_file_is_up_to_date() {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../schemas/client_config.schema.json");
        let text = format!("{}\n", serde_json::to_string_pretty(&schema()).unwrap());
        if std::env::var_os("LINESIDE_BLESS").is_some() {
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(&path, &text).unwrap();
        }
        let stored = std::fs::read_to_string(&path).unwrap_or_default().replace("\r\n", "\n");
        assert!(stored == text, "{} is stale: run LINESIDE_BLESS=1 cargo test -p instance", path.display());
    }
}
