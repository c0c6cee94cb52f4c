//! Which files a rule wants, judged by place and name.

use super::*;

fn rule(change: impl FnOnce(&mut WatchRule)) -> Rule {
    let mut config = WatchRule { name: "r".into(), watch_folder: "/in".into(), ..WatchRule::default() };
    change(&mut config);
    Rule::new(0, &config).unwrap()
}

#[test]
fn a_file_is_wanted_by_its_place_and_its_name() {
    let flat = rule(|_| {});
    let deep = rule(|rule| rule.recursive = true);
    let picky = rule(|rule| {
        rule.recursive = true;
        rule.file_patterns = vec!["*.json".into(), "lot/*.txt".into()];
        rule.exclude_patterns = vec!["golden*".into(), "old/*".into()];
    });
    let table = [
        (&flat, "/in/a.json", true),
        (&flat, "/in/sub/a.json", false),
        (&flat, "/elsewhere/a.json", false),
        (&flat, "/in/.a.json", false),
        (&flat, "/in/a.json.tmp", false),
        (&flat, "/in/a.json.PART", false),
        (&flat, "/in/~$a.xml", false),
        (&flat, "/in/a.json.error.txt", false),
        (&flat, "/in/Done/a.json", false),
        (&deep, "/in/sub/deeper/a.json", true),
        (&deep, "/in/Done/a.json", false),
        (&deep, "/in/DONE/a.json", !cfg!(any(windows, target_os = "macos"))),
        (&deep, "/in/Error/sub/a.json", false),
        (&deep, "/in/.hidden/a.json", false),
        (&picky, "/in/a.json", true),
        (&picky, "/in/a.xml", false),
        (&picky, "/in/golden 1.json", false),
        (&picky, "/in/old/a.json", false),
        (&picky, "/in/lot/a.txt", true),
        (&picky, "/in/a.txt", false),
    ];
    for (rule, path, expected) in table {
        assert_eq!(rule.wants(Path::new(path)), expected, "{path}");
    }
}

#[test]
fn folders_are_the_same_however_they_are_written() {
    let rule = rule(|rule| {
        rule.watch_folder = "/data/../in/./".into();
        (rule.done_folder, rule.error_folder) = ("sub/../Done".into(), "/in/Error/../Error".into());
        rule.recursive = true;
    });
    let table = [("/in/a.json", true), ("/in/sub/a.json", true), ("/in/Done/a.json", false), ("/in/Error/a.json", false)];
    for (path, expected) in table {
        assert_eq!(rule.wants(Path::new(path)), expected, "{path}");
    }
}

#[test]
fn a_rule_that_files_nothing_away_needs_no_done_folder() {
    let rule = rule(|rule| (rule.done_folder, rule.recursive, rule.post_action) = (String::new(), true, PostAction::Keep));
    assert!(rule.wants(Path::new("/in/a.json")) && rule.wants(Path::new("/in/sub/a.json")));
}

#[test]
fn age_and_size_bound_what_is_taken_and_a_time_ahead_of_the_clock_is_new() {
    let rule = rule(|rule| (rule.max_age_s, rule.min_bytes, rule.max_bytes) = (Some(60.0), Some(10), Some(1000)));
    let table = [(500, 10, None), (500, 61, Some(OutOfBounds::Old)), (9, 0, Some(OutOfBounds::Small)), (1001, 0, Some(OutOfBounds::Large))];
    for (size, age, expected) in table {
        assert_eq!(rule.out_of_bounds(size, Duration::from_secs(age)), expected);
    }
}

#[test]
fn a_pattern_that_is_none_is_named() {
    let config = WatchRule { watch_folder: "/in".into(), file_patterns: vec!["[".into()], ..WatchRule::default() };
    assert!(Rule::new(0, &config).unwrap_err().contains("\"[\""));
}

#[cfg(unix)]
#[test]
fn names_that_are_no_text_stay_apart() {
    use std::os::unix::ffi::OsStrExt;
    let name = |bytes: &[u8]| shown(Path::new(std::ffi::OsStr::from_bytes(bytes)));
    assert_eq!(name(b"/in/a.json"), "/in/a.json");
    assert_ne!(name(b"/in/\xff"), name(b"/in/\xfe"));
}
