//! Frozen step: a pyWATS client's settings ("1.0" and "2.0" have the same keys) to schema_version 3.
//!
//! What Lineside has no use for goes to `pywats`, at the top and in each rule, so nothing is lost; only secrets leave
//! the file, and its copy too. A converter Lineside has no format for is switched off, with a note.

use serde_json::{Map, Value, json};

use super::{ConfigWarning, Migration, path::with_key};
use crate::{Secret, Token};

type Object = Map<String, Value>;

/// Converter classes and the formats that read the same files.
const FORMATS: [(&str, &str); 4] = [
    ("WATSStandardJsonConverter", "wsjf"),
    ("WATSStandardXMLConverter", "wsxf"),
    ("WATSStandardTextConverter", "wstf"),
    ("AIConverter", "detect"),
];
/// Keys with the same meaning in both.
const SAME: [&str; 5] = ["instance_name", "service_address", "station_name", "location", "purpose"];
/// The same for a converter. An empty folder means the default.
const SAME_IN_RULE: [&str; 6] = ["name", "enabled", "watch_folder", "done_folder", "error_folder", "priority"];
/// Secrets that have no place in Lineside.
const DROPPED_SECRETS: [&str; 2] = ["webhook_auth_value", "password"];
/// pyWATS's default of `max_queue_size`: nobody chose it.
const QUEUE_DEFAULT: i64 = 10_000;
/// Converter arguments that mean our `default_process_code`.
const PROCESS_ARGUMENTS: [&str; 2] = ["defaultProcessCode", "defaultOperationTypeCode"];

/// The document as schema_version 3.
pub(super) fn migrate(document: Value, from: String) -> (Value, Migration) {
    let Value::Object(old) = document else { return (document, Migration { from, secret: None, notes: Vec::new() }) };
    let mut step = Step { old, new: Object::new(), notes: Vec::new() };
    step.old.shift_remove("schema_version");
    step.new.insert("schema_version".into(), json!(3));
    move_all(&mut step.old, &mut step.new, &SAME);
    step.station();
    step.numbers();
    let proxy_password = step.proxy();
    let secret = step.secret(proxy_password);
    step.log_level();
    step.converters();
    for key in DROPPED_SECRETS {
        step.old.shift_remove(key);
    }
    if !step.old.is_empty() {
        step.new.insert("pywats".into(), Value::Object(step.old));
    }
    (Value::Object(step.new), Migration { from, secret, notes: step.notes })
}

/// The old document as it may be kept in clear text; `moved` when its token and proxy password are in secret.json.
pub(super) fn without_secrets(mut document: Value, moved: bool) -> Value {
    let kept = if moved { "moved to secret.json" } else { "removed: enter it again" };
    let dropped = DROPPED_SECRETS.map(|key| (format!("/{key}"), "removed: Lineside has no use for it"));
    let secrets = ["/api_token", "/proxy_password", "/proxy/password"].map(|pointer| (pointer.to_owned(), kept));
    for (pointer, note) in secrets.into_iter().chain(dropped) {
        if let Some(secret) = document.pointer_mut(&pointer).filter(|secret| !secret.is_null() && *secret != "") {
            *secret = note.into();
        }
    }
    document
}

struct Step {
    old: Object,
    new: Object,
    notes: Vec<ConfigWarning>,
}

impl Step {
    fn note(&mut self, path: &str, message: impl Into<String>) {
        self.notes.push(ConfigWarning::new(path, message));
    }

    /// The station that was chosen among several.
    fn station(&mut self) {
        let active = self.old.get("active_station_key").and_then(Value::as_str).filter(|key| !key.is_empty());
        let many = self.old.get("multi_station_enabled") == Some(&Value::Bool(true));
        let presets = self.old.get("station_presets").and_then(Value::as_array);
        let preset = presets.into_iter().flatten().find(|preset| many && preset["key"].as_str() == active).cloned();
        let Some(preset) = preset else { return };
        for (from, to) in [("name", "station_name"), ("location", "location"), ("purpose", "purpose")] {
            if let Some(text) = preset[from].as_str().filter(|text| !text.is_empty()) {
                self.new.insert(to.into(), text.into());
            }
        }
        self.note("station_name", "this was one of several stations; an instance has one. Make an instance for each other station");
    }

    fn numbers(&mut self) {
        if let Some(value) = take(&mut self.old, "max_concurrent_uploads") {
            let value = value.as_i64().map_or(value, |number| json!(number.clamp(1, 32)));
            self.new.insert("max_concurrent_uploads".into(), value);
        }
        if let Some(value) = take(&mut self.old, "max_queue_size").filter(|value| value.as_i64() != Some(QUEUE_DEFAULT)) {
            self.new.insert("max_queue_size".into(), value);
        }
    }

    /// pyWATS has the proxy twice; the flat keys are the ones its screens write.
    fn proxy(&mut self) -> Option<Token> {
        let mut block = match take(&mut self.old, "proxy") {
            Some(Value::Object(block)) => block,
            _ => Object::new(),
        };
        let enabled = block.shift_remove("enabled") == Some(Value::Bool(true));
        let mut proxy = Object::new();
        if let Some(mode) = take(&mut self.old, "proxy_mode").or(enabled.then(|| json!("manual"))) {
            proxy.insert("mode".into(), mode);
        }
        for key in ["host", "port", "username", "bypass"] {
            let flat = take(&mut self.old, &format!("proxy_{key}"));
            let nested = block.shift_remove(key);
            if let Some(value) = flat.filter(|value| value != "").or(nested).filter(|value| value != "") {
                proxy.insert(key.into(), value);
            }
        }
        if !proxy.is_empty() {
            self.new.insert("proxy".into(), Value::Object(proxy));
        }
        let passwords = [take(&mut self.old, "proxy_password"), block.shift_remove("password")];
        passwords.iter().flatten().find_map(|password| Token::new(password.as_str()?))
    }

    fn secret(&mut self, proxy_password: Option<Token>) -> Option<Secret> {
        let token = take(&mut self.old, "api_token").and_then(|token| Token::new(token.as_str()?));
        match (token, proxy_password) {
            (Some(token), proxy_password) => {
                self.note("api_token", "the token was in clear text here and moves to secret.json");
                Some(Secret { token, proxy_password })
            }
            (None, Some(_)) => {
                self.note("proxy_password", "there is a proxy password but no token. Enter both again");
                None
            }
            (None, None) => None,
        }
    }

    fn log_level(&mut self) {
        let Some(level) = take(&mut self.old, "log_level") else { return };
        let level = match level.as_str().map(str::to_ascii_lowercase).as_deref() {
            Some("warning") => json!("warn"),
            Some("critical") => json!("error"),
            Some(same) => json!(same),
            None => level,
        };
        self.new.insert("log_level".into(), level);
    }

    fn converters(&mut self) {
        let Some(Value::Array(converters)) = take(&mut self.old, "converters") else { return };
        let rules = converters.into_iter().enumerate().map(|(index, converter)| match converter {
            Value::Object(converter) => self.rule(&format!("converters[{index}]"), converter),
            other => other,
        });
        let rules = rules.collect();
        self.new.insert("converters".into(), Value::Array(rules));
    }

    fn rule(&mut self, path: &str, mut old: Object) -> Value {
        let mut rule = Object::new();
        move_all(&mut old, &mut rule, &SAME_IN_RULE);
        rule.retain(|key, value| !(key.ends_with("_folder") && value == ""));
        self.format(path, &old, &mut rule);
        if let Some(Value::Array(patterns)) = take(&mut old, "file_patterns") {
            // there it meant every file with a dot in its name
            let patterns = patterns.into_iter().map(|pattern| if pattern == "*.*" { json!("*") } else { pattern });
            rule.insert("file_patterns".into(), patterns.collect());
        }
        if let Some(action) = take(&mut old, "post_action") {
            rule.insert("post_action".into(), if action == "archive" { json!("zip") } else { action });
        }
        self.options(path, &mut old, &mut rule);
        if !old.is_empty() {
            rule.insert("pywats".into(), Value::Object(old));
        }
        Value::Object(rule)
    }

    fn format(&mut self, path: &str, old: &Object, rule: &mut Object) {
        let module = old.get("module_path").and_then(Value::as_str).unwrap_or_default();
        let class = module.rsplit('.').next().unwrap_or_default();
        let known = FORMATS.iter().find(|(name, _)| *name == class).map(|(_, format)| *format);
        rule.insert("format".into(), json!(known.unwrap_or("detect")));
        if known.is_none() {
            rule.insert("enabled".into(), json!(false));
            let message = format!(
                "there is no format for the converter {module:?} yet, so this rule is switched off. Choose a format, then switch it on"
            );
            self.note(&with_key(path, "format"), message);
        }
        let kind = old.get("converter_type").and_then(Value::as_str).unwrap_or("file");
        if kind != "file" {
            rule.insert("enabled".into(), json!(false));
            let message = format!(
                "it took whole folders or ran on a schedule (converter_type {kind:?}), which Lineside does not; the rule is switched off"
            );
            self.note(&with_key(path, "enabled"), message);
        }
    }

    fn options(&mut self, path: &str, old: &mut Object, rule: &mut Object) {
        let Some(Value::Object(mut options)) = take(old, "arguments") else { return };
        for argument in PROCESS_ARGUMENTS {
            let Some(value) = options.shift_remove(argument) else { continue };
            let code = value.as_i64().or_else(|| value.as_str()?.trim().parse().ok());
            if let Some(code) = code.filter(|_| !self.new.contains_key("default_process_code")) {
                self.new.insert("default_process_code".into(), json!(code));
            } else if code != self.new.get("default_process_code").and_then(Value::as_i64) {
                let message =
                    format!("{argument} is one setting for all rules now (default_process_code); {value} of this rule was not taken");
                self.note(&with_key(path, "options"), message);
            }
            old.insert(argument.into(), value);
        }
        if !options.is_empty() {
            rule.insert("options".into(), Value::Object(options));
        }
    }
}

/// A value that is set; null is as good as none.
fn take(object: &mut Object, key: &str) -> Option<Value> {
    object.shift_remove(key).filter(|value| !value.is_null())
}

fn move_all(from: &mut Object, to: &mut Object, keys: &[&str]) {
    for key in keys {
        if let Some(value) = take(from, key) {
            to.insert((*key).into(), value);
        }
    }
}
