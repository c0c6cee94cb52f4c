//! The scan over real folders.

use super::*;
use instance::WatchRule;
use std::fs;
use std::path::Path;
use std::time::Duration;

fn rule(folder: &Path, change: impl FnOnce(&mut WatchRule)) -> Arc<Rule> {
    let mut config = WatchRule { name: "r".into(), watch_folder: folder.display().to_string(), ..WatchRule::default() };
    change(&mut config);
    Arc::new(Rule::new(0, &config).unwrap())
}

fn found(rule: &Arc<Rule>) -> Vec<String> {
    let mut names = Vec::new();
    scan(rule, SystemTime::now(), &Pulse::default(), |files| {
        names.extend(files.iter().map(|file| file.path.strip_prefix(&rule.folder).unwrap().display().to_string()));
        true
    })
    .unwrap();
    names.sort();
    names
}

#[test]
fn the_scan_finds_every_plain_file_of_the_rule_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    for path in ["Done/x.json", "Error/x.json", "sub/deep/b.json"] {
        fs::create_dir_all(folder.path().join(path).parent().unwrap()).unwrap();
        fs::write(folder.path().join(path), "1").unwrap();
    }
    fs::create_dir(folder.path().join("folder.json")).unwrap();
    for name in ["a.json", "b.tmp", ".c.json", "d.json.error.txt"] {
        fs::write(folder.path().join(name), "1").unwrap();
    }
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink(folder.path(), folder.path().join("loop")).unwrap();
        std::os::unix::fs::symlink(folder.path().join("a.json"), folder.path().join("link.json")).unwrap();
        std::os::unix::fs::symlink(folder.path(), folder.path().join(".hidden")).unwrap();
    }
    if cfg!(unix) {
        let odd = scan(&rule(folder.path(), |_| {}), SystemTime::now(), &Pulse::default(), |_| true).unwrap().odd;
        assert!(odd.iter().map(|path| path.file_name().unwrap()).eq(["link.json", "loop"]), "{odd:?}");
    }
    assert_eq!(found(&rule(folder.path(), |_| {})), ["a.json"]);
    assert_eq!(found(&rule(folder.path(), |rule| rule.recursive = true)), ["a.json", "sub/deep/b.json"]);
}

#[test]
fn the_time_of_a_file_may_be_anything_and_only_a_rule_with_a_maximum_age_looks_at_it() {
    let folder = tempfile::tempdir().unwrap();
    let years = Duration::from_secs(365 * 86_400);
    for (name, time) in [("old.json", SystemTime::UNIX_EPOCH), ("future.json", SystemTime::now() + 50 * years)] {
        fs::File::create(folder.path().join(name)).unwrap().set_modified(time).unwrap();
    }
    assert_eq!(found(&rule(folder.path(), |_| {})), ["future.json", "old.json"]);
    assert_eq!(found(&rule(folder.path(), |rule| rule.max_age_s = Some(3600.0))), ["future.json"]);
}

#[test]
fn a_folder_that_is_missing_is_an_error_of_that_kind() {
    let folder = tempfile::tempdir().unwrap();
    let error = scan(&rule(&folder.path().join("no"), |_| {}), SystemTime::now(), &Pulse::default(), |_| true).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::NotFound);
}

#[test]
fn the_scan_ends_when_nobody_listens() {
    let folder = tempfile::tempdir().unwrap();
    (0..3 * BATCH).for_each(|n| fs::write(folder.path().join(format!("{n}.json")), "").unwrap());
    let mut told = 0;
    scan(&rule(folder.path(), |_| {}), SystemTime::now(), &Pulse::default(), |_| {
        told += 1;
        false
    })
    .unwrap();
    assert_eq!(told, 1);
}

#[test]
fn what_was_being_filed_when_a_worker_died_is_found_under_its_own_name() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("sub")).unwrap();
    for name in [".lineside-held-00dead00-7-a.json.part", "sub/.lineside-held-00dead00-8-b-1.json.part"] {
        fs::write(folder.path().join(name), "1").unwrap();
    }
    assert_eq!(found(&rule(folder.path(), |_| {})), ["a.json"]);
    assert_eq!(found(&rule(folder.path(), |rule| rule.recursive = true)), ["a.json", "sub/b-1.json"]);
}
