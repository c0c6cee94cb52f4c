//! What instances must not share: a folder that two workers watch gives each file to either of them. Knows no files; the settings of the others are given.

use std::path::Path;

use super::{
    Loaded,
    error::Problem,
    model::{Config, WatchRule},
    problems::overlap,
};

impl Loaded {
    /// Watch folders that another instance watches too, each at its field. `others` are settings by the names of their instances.
    pub fn shared_with(&self, others: &[(String, Config)]) -> Vec<Problem> {
        let mut problems = Vec::new();
        for (index, rule) in self.config.converters.iter().enumerate().filter(|(_, rule)| watches(rule)) {
            let other = others.iter().find(|(_, other)| other.converters.iter().any(|other| watches(other) && overlap(rule, other)));
            problems.extend(other.map(|(name, _)| self.document.located(shared(index, rule, name))));
        }
        problems
    }
}

fn watches(rule: &WatchRule) -> bool {
    rule.enabled && Path::new(&rule.watch_folder).is_absolute()
}

fn shared(index: usize, rule: &WatchRule, other: &str) -> Problem {
    let problem = Problem::new(&format!("converters[{index}].watch_folder"), format!("{:?}", rule.watch_folder), "a folder of its own");
    problem.saying(format!("the instance {other} watches it too, so a file would be taken by either. Give each instance its own folder"))
}

#[cfg(test)]
mod tests {
    use super::super::Document;
    use serde_json::{Value, json};

    fn loaded(rules: &Value) -> super::Loaded {
        let settings = json!({"schema_version": 3, "service_address": "https://acme.wats.com", "converters": rules});
        Document::over(settings, None).read(&|_| None).unwrap()
    }

    #[test]
    fn a_folder_that_another_instance_watches_is_told_at_its_field_with_who_watches_it() {
        let ours = loaded(&json!([
            {"name": "own", "watch_folder": "/data/own", "format": "detect"},
            {"name": "same", "watch_folder": "/data/ict/../ict/out", "format": "detect"},
            {"name": "above", "watch_folder": "/srv", "format": "detect", "recursive": true},
            {"name": "off", "watch_folder": "/data/ict/out", "format": "detect", "enabled": false}
        ]));
        let other = loaded(&json!([
            {"name": "a", "watch_folder": "/data/ict/out", "format": "detect"},
            {"name": "b", "watch_folder": "/srv/deep", "format": "detect"},
            {"name": "off", "watch_folder": "/data/own", "format": "detect", "enabled": false}
        ]));
        let problems = ours.shared_with(&[("ict".to_owned(), other.config)]);
        let paths: Vec<&str> = problems.iter().map(|problem| problem.path.as_str()).collect();
        assert_eq!(paths, ["converters[1].watch_folder", "converters[2].watch_folder"]);
        assert!(problems[0].message.contains("the instance ict watches it too"), "{}", problems[0].message);
        assert!(ours.shared_with(&[]).is_empty());
    }
}
