//! Paths of the old computer turned into those of the new one: pure.

use serde_json::Value;

/// The keys of a watch rule that hold a folder.
pub(super) const FOLDERS: [&str; 3] = ["watch_folder", "done_folder", "error_folder"];

/// A folder of the old computer and the one that takes its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Mapping {
    old: String,
    new: String,
}

impl Mapping {
    /// `OLD=NEW`.
    pub(super) fn parse(text: &str) -> Option<Mapping> {
        let (old, new) = text.split_once('=')?;
        let old = old.trim_end_matches(['/', '\\']);
        (!old.is_empty() && !new.is_empty()).then(|| Mapping { old: old.to_owned(), new: new.trim_end_matches(['/', '\\']).to_owned() })
    }

    /// The path on the new computer, when it is that folder or inside it.
    fn apply(&self, path: &str) -> Option<String> {
        let windows = self.old.contains('\\') || self.old.as_bytes().get(1) == Some(&b':');
        let head = path.get(..self.old.len())?;
        let same = if windows { head.replace('/', "\\").eq_ignore_ascii_case(&self.old.replace('/', "\\")) } else { head == self.old };
        let rest = &path[self.old.len()..];
        if !same || !(rest.is_empty() || rest.starts_with(['/', '\\'])) {
            return None;
        }
        // what follows is written as the new folder is
        let rest = if self.new.contains('\\') {
            rest.replace('/', "\\")
        } else if windows {
            rest.replace('\\', "/")
        } else {
            rest.to_owned()
        };
        Some(format!("{}{rest}", self.new))
    }
}

/// Maps every folder in the settings; the first mapping that fits counts.
pub(super) fn apply(settings: &mut Value, mappings: &[Mapping]) {
    let mapped = |value: &mut Value| {
        if let Some(new) = value.as_str().and_then(|path| mappings.iter().find_map(|mapping| mapping.apply(path))) {
            *value = new.into();
        }
    };
    if let Some(file) = settings.get_mut("ca_file") {
        mapped(file);
    }
    for rule in settings.get_mut("converters").and_then(Value::as_array_mut).into_iter().flatten() {
        FOLDERS.iter().for_each(|key| {
            if let Some(folder) = rule.get_mut(*key) {
                mapped(folder)
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn map(mapping: &str, path: &str) -> Option<String> {
        Mapping::parse(mapping).unwrap().apply(path)
    }

    #[test]
    fn a_folder_and_what_is_inside_is_mapped_and_its_neighbours_are_not() {
        for (mapping, path, expected) in [
            ("/data/ict=/srv/ict", "/data/ict/out", Some("/srv/ict/out")),
            ("/data/ict/=/srv/ict/", "/data/ict", Some("/srv/ict")),
            ("/data/ict=/srv", "/data/ict2/out", None),
            ("/data/ict=/srv", "/DATA/ict/out", None),
            (r"D:\ict=/srv/ict", r"d:\ICT\out\x", Some("/srv/ict/out/x")),
            (r"D:\ict=E:\new", "D:/ict/out", Some(r"E:\new\out")),
            (r"\\server\share=/mnt/share", r"\\SERVER\share\a", Some("/mnt/share/a")),
        ] {
            assert_eq!(map(mapping, path).as_deref(), expected, "{mapping} {path}");
        }
        assert_eq!([Mapping::parse("nothing"), Mapping::parse("=x"), Mapping::parse("x=")], [None, None, None]);
    }

    #[test]
    fn every_folder_of_the_settings_is_mapped_and_relative_ones_stay() {
        let mut settings = json!({"ca_file": "/old/ca.pem", "location": "/old/town", "converters": [
            {"watch_folder": "/old/a", "done_folder": "Done", "error_folder": "/old/e"}, {"watch_folder": "/elsewhere"}]});
        apply(&mut settings, &[Mapping::parse("/old=/new").unwrap()]);
        assert_eq!(
            settings,
            json!({"ca_file": "/new/ca.pem", "location": "/old/town", "converters": [
            {"watch_folder": "/new/a", "done_folder": "Done", "error_folder": "/new/e"}, {"watch_folder": "/elsewhere"}]})
        );
    }
}
