//! What is well-formed and still makes no sense: checked before a start and shown at the field.

use std::{
    collections::HashMap,
    path::{Component, Path, PathBuf},
};

use super::{
    error::Problem,
    model::{Config, PostAction, ProxyMode, WatchRule},
    nearest::nearest,
    path::{with_index, with_key},
};

/// The format that finds out by itself.
const DETECT: &str = "detect";
/// Keys under which people put secrets into settings.
const SECRET_KEYS: [&str; 5] = ["api_token", "token", "password", "proxy_password", "api_key"];

impl Config {
    /// Everything that would keep these settings from working, each with its JSON path. `formats` are the names a rule
    /// may use besides `detect`. Rules that are switched off are checked for their names only.
    pub fn problems(&self, formats: &[&str]) -> Vec<Problem> {
        let mut problems = Vec::new();
        problems.extend(address_problem(&self.service_address));
        problems.extend(self.proxy_problem());
        problems.extend(self.misplaced_secrets());
        problems.extend(self.name_problems());
        for (index, rule) in self.converters.iter().enumerate().filter(|(_, rule)| rule.enabled) {
            rule.problems(&with_index("converters", index), formats, &mut problems);
        }
        problems.extend(self.folder_problems());
        problems
    }

    fn proxy_problem(&self) -> Option<Problem> {
        (self.proxy.mode == ProxyMode::Manual && self.proxy.host.trim().is_empty()).then(|| {
            Problem::new("proxy.host", "\"\"", "a host name")
                .saying("the proxy has no host. Enter one, or set proxy.mode to system or none")
        })
    }

    fn misplaced_secrets(&self) -> impl Iterator<Item = Problem> {
        let top = self.extra.keys().map(|key| ("", key));
        let proxy = self.proxy.extra.keys().map(|key| ("proxy", key));
        top.chain(proxy).filter(|(_, key)| SECRET_KEYS.contains(&key.as_str())).map(|(parent, key)| {
            Problem::new(&with_key(parent, key), "a secret", "nothing").saying(
                "secrets do not belong in this file, which is copied and shared. Remove it here and enter it as the token or proxy password",
            )
        })
    }

    fn name_problems(&self) -> Vec<Problem> {
        let mut seen: HashMap<&str, usize> = HashMap::new();
        let mut problems = Vec::new();
        for (index, rule) in self.converters.iter().enumerate() {
            let path = with_key(&with_index("converters", index), "name");
            if rule.name.trim().is_empty() {
                problems.push(Problem::new(&path, "\"\"", "a name").saying("the rule has no name. Give it one"));
            } else if let Some(first) = seen.insert(&rule.name, index) {
                problems.push(
                    Problem::new(&path, format!("{:?}", rule.name), "a name no other rule has")
                        .saying(format!("converters[{first}] is called {:?} too. Rename one of them", rule.name)),
                );
            }
        }
        problems
    }

    /// Two rules must not take files from one folder, nor one take what another has filed; rejected files lie apart.
    fn folder_problems(&self) -> Vec<Problem> {
        let rules: Vec<(usize, &WatchRule)> =
            self.converters.iter().enumerate().filter(|(_, rule)| rule.enabled && Path::new(&rule.watch_folder).is_absolute()).collect();
        let mut problems = Vec::new();
        for (position, (index, rule)) in rules.iter().enumerate() {
            for (other_index, other) in &rules {
                problems.extend(filed_into(*index, rule, *other_index, other));
                problems.extend(set_aside_into_done(*index, rule, *other_index, other));
            }
            for (other_index, other) in &rules[..position] {
                problems.extend(shared(*index, rule, *other_index, other));
            }
        }
        problems
    }
}

impl WatchRule {
    fn problems(&self, path: &str, formats: &[&str], problems: &mut Vec<Problem>) {
        let at = |key: &str| with_key(path, key);
        problems.extend(folder_problem(&at("watch_folder"), &self.watch_folder));
        problems.extend(format_problem(&at("format"), &self.format, formats));
        if self.file_patterns.is_empty() {
            let problem = Problem::new(&at("file_patterns"), "[]", "at least one pattern");
            problems.push(problem.saying("without a pattern no file is taken. Use [\"*\"] for every file"));
        }
        problems.extend(crossed(&at("max_age_s"), "min_age_s", self.min_age_s, self.max_age_s));
        let bytes = |bytes: Option<u64>| bytes.map(|bytes| bytes as f64);
        problems.extend(crossed(&at("max_bytes"), "min_bytes", bytes(self.min_bytes), bytes(self.max_bytes)));
        let needed = matches!(self.post_action, PostAction::Move | PostAction::Zip);
        for (key, folder, needed) in [("done_folder", &self.done_folder, needed), ("error_folder", &self.error_folder, true)] {
            if needed && folder.trim().is_empty() {
                let problem = Problem::new(&at(key), "\"\"", "a folder");
                problems.push(
                    problem.saying("the folder is empty, so files could not be moved out of the way. Enter one, for example Done or Error"),
                );
            }
        }
    }

    /// Where converted files go: inside the watch folder unless it is a full path.
    pub fn done_path(&self) -> PathBuf {
        Path::new(&self.watch_folder).join(&self.done_folder)
    }

    /// Where rejected files go: inside the watch folder unless it is a full path.
    pub fn error_path(&self) -> PathBuf {
        Path::new(&self.watch_folder).join(&self.error_folder)
    }
}

fn address_problem(address: &str) -> Option<Problem> {
    let found = if address.contains('@') { "an address with a user name".to_owned() } else { format!("{address:?}") };
    let problem = |message: &str| Some(Problem::new("service_address", &found, "an address like https://acme.wats.com").saying(message));
    if address.trim().is_empty() {
        return problem("no server is set. Enter its address, for example https://acme.wats.com");
    }
    let scheme = ["https://", "http://"].iter().find_map(|s| address.get(..s.len()).filter(|a| a.eq_ignore_ascii_case(s)));
    let Some(scheme) = scheme else { return problem("the address must begin with https:// or http://") };
    let host = address[scheme.len()..].split(['/', '?', '#', ':']).next().unwrap_or_default();
    if address.contains('@') {
        return problem("the address holds a user name. Remove everything up to the @; the token is entered separately");
    }
    if host.is_empty() || address.contains(char::is_whitespace) {
        return problem("the address has no host name, or a space in it. Enter it like https://acme.wats.com");
    }
    None
}

fn folder_problem(path: &str, folder: &str) -> Option<Problem> {
    let problem = |message: &str| Some(Problem::new(path, format!("{folder:?}"), "a full path").saying(message));
    if folder.trim().is_empty() {
        return problem("no folder is set. Enter the full path of the folder the tester writes to");
    }
    if !Path::new(folder).is_absolute() {
        return problem("the path is relative and would depend on who starts the worker. Enter the full path");
    }
    None
}

fn format_problem(path: &str, format: &str, formats: &[&str]) -> Option<Problem> {
    if format == DETECT || formats.contains(&format) {
        return None;
    }
    let allowed = std::iter::once(DETECT).chain(formats.iter().copied()).collect::<Vec<_>>().join(", ");
    let hint = nearest(format, formats.iter().copied()).map_or(String::new(), |name| format!(" Did you mean {name}?"));
    let message = format!("there is no format {format:?}.{hint} Allowed: {allowed}");
    Some(Problem::new(path, format!("{format:?}"), allowed).saying(message))
}

fn crossed(path: &str, lower_key: &str, low: Option<f64>, high: Option<f64>) -> Option<Problem> {
    let (low, high) = (low?, high?);
    (low > high).then(|| {
        Problem::new(path, high.to_string(), format!("at least {low}"))
            .saying(format!("it is smaller than {lower_key} ({low}), so no file is taken"))
    })
}

/// Same folder, or one inside a folder that is watched with all its folders.
pub(super) fn overlap(rule: &WatchRule, other: &WatchRule) -> bool {
    let (ours, theirs) = (normal(Path::new(&rule.watch_folder)), normal(Path::new(&other.watch_folder)));
    ours == theirs || (other.recursive && ours.starts_with(&theirs)) || (rule.recursive && theirs.starts_with(&ours))
}

fn shared(index: usize, rule: &WatchRule, other_index: usize, other: &WatchRule) -> Option<Problem> {
    overlap(rule, other).then(|| {
        Problem::new(&format!("converters[{index}].watch_folder"), format!("{:?}", rule.watch_folder), "a folder of its own").saying(
            format!(
                "converters[{other_index}] ({}) watches it too, so a file would be taken by either. Give each rule its own folder",
                other.name
            ),
        )
    })
}

/// A rule must not file into a folder some rule watches: the files would come round again. Its own done and error
/// folders may be inside its own folder even if that is watched with all its folders; the worker leaves them out.
fn filed_into(index: usize, rule: &WatchRule, other_index: usize, other: &WatchRule) -> Vec<Problem> {
    let watched = normal(Path::new(&other.watch_folder));
    let is_watched = |target: &Path| target == watched || (other.recursive && index != other_index && target.starts_with(&watched));
    [("done_folder", rule.done_path(), &rule.done_folder), ("error_folder", rule.error_path(), &rule.error_folder)]
        .into_iter()
        .filter(|(_, target, text)| !text.trim().is_empty() && is_watched(&normal(target)))
        .map(|(key, _, text)| {
            Problem::new(&format!("converters[{index}].{key}"), format!("{text:?}"), "a folder no rule watches").saying(format!(
                "converters[{other_index}] ({}) watches this folder, so filed files would be taken again. Choose another",
                other.name
            ))
        })
        .collect()
}

/// A rule must not set rejected files aside where a rule puts converted ones: nobody could tell them apart, and
/// `done_keep_days` would delete both.
fn set_aside_into_done(index: usize, rule: &WatchRule, other_index: usize, other: &WatchRule) -> Option<Problem> {
    let filled = matches!(other.post_action, PostAction::Move | PostAction::Zip);
    let same = !rule.error_folder.trim().is_empty() && normal(&rule.error_path()) == normal(&other.done_path());
    (filled && same).then(|| {
        let problem = Problem::new(&format!("converters[{index}].error_folder"), format!("{:?}", rule.error_folder), "a folder of its own");
        problem.saying(format!(
            "it is the done_folder of converters[{other_index}] ({}), so rejected files would lie among converted ones. Choose another",
            other.name
        ))
    })
}

/// A path without `.` and `..`, by its text alone: what a link leads to is not looked at.
pub fn without_dots(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => {
                out.pop();
            }
            Component::CurDir => {}
            part => out.push(part),
        }
    }
    out
}

/// A path by which folders are compared: without `.` and `..` and, where the system does not tell them apart, without capitals.
fn normal(path: &Path) -> PathBuf {
    let plain = without_dots(path);
    if cfg!(any(windows, target_os = "macos")) { plain.as_os_str().to_ascii_lowercase().into() } else { plain }
}
