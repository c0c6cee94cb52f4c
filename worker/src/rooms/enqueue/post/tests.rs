//! Filing sources in real folders.

use super::*;
use instance::WatchRule;
use tempfile::TempDir;

struct Case {
    folder: TempDir,
}

impl Case {
    fn new() -> Case {
        Case { folder: tempfile::tempdir().unwrap() }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, text: &str) -> Fingerprint {
        fs::write(self.path(name), text).unwrap();
        Fingerprint::of(&fs::metadata(self.path(name)).unwrap())
    }

    fn text(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }
}

#[test]
fn the_plan_follows_from_the_rule_and_the_outcome() {
    let rule = |post_action| {
        let config = WatchRule { watch_folder: "/in".into(), post_action, ..WatchRule::default() };
        Rule::new(0, &config).unwrap()
    };
    let (done, error) = (PathBuf::from("/in/Done"), PathBuf::from("/in/Error"));
    let table = [
        (PostAction::Move, Plan::Move(done.clone()), Plan::SetAside(error.clone())),
        (PostAction::Zip, Plan::Zip(done), Plan::SetAside(error.clone())),
        (PostAction::Delete, Plan::Delete, Plan::SetAside(error.clone())),
        (PostAction::Keep, Plan::Leave, Plan::NoteOnly(error)),
    ];
    for (action, converted, rejected) in table {
        assert_eq!((plan(&rule(action), false), plan(&rule(action), true)), (converted, rejected), "{action:?}");
    }
}

#[test]
fn two_files_of_one_name_are_both_kept() {
    let case = Case::new();
    for text in ["one", "two"] {
        let print = case.write("a.json", text);
        carry_out(&Plan::Move(case.path("Done")), &case.path("a.json"), print, "").unwrap();
    }
    assert_eq!((case.text("Done/a.json"), case.text("Done/a (2).json")), ("one".into(), "two".into()));
    assert!(!case.path("a.json").exists());
}

#[test]
fn a_file_that_changed_since_it_was_read_is_left_alone() {
    let case = Case::new();
    let print = case.write("a.json", "one");
    let now = case.write("a.json", "one and more");
    for plan in [Plan::Delete, Plan::Move(case.path("Done")), Plan::SetAside(case.path("Error"))] {
        assert_eq!(carry_out(&plan, &case.path("a.json"), print, "note").unwrap(), Filed::Changed(now));
    }
    assert_eq!(case.text("a.json"), "one and more");
    assert!(!case.path("Error").exists());
}

#[test]
fn a_rejected_file_has_its_note_beside_it() {
    let case = Case::new();
    for note in ["first", "second"] {
        let print = case.write("a.json", note);
        carry_out(&Plan::SetAside(case.path("Error")), &case.path("a.json"), print, note).unwrap();
    }
    assert_eq!((case.text("Error/a.json.error.txt"), case.text("Error/a (2).json.error.txt")), ("first".into(), "second".into()));
}

#[test]
fn a_rejected_file_that_is_to_be_kept_stays_and_its_note_goes_to_the_error_folder() {
    let case = Case::new();
    let print = case.write("a.json", "x");
    let filed = carry_out(&Plan::NoteOnly(case.path("Error")), &case.path("a.json"), print, "why").unwrap();
    assert_eq!((filed, case.text("Error/a.json.error.txt"), case.text("a.json")), (Filed::Stays, "why".into(), "x".into()));
}

#[test]
fn a_zipped_file_unpacks_to_what_it_was() {
    let case = Case::new();
    let print = case.write("a.json", "content");
    let filed = carry_out(&Plan::Zip(case.path("Done")), &case.path("a.json"), print, "").unwrap();
    let target = case.path("Done/a.json.zip");
    assert_eq!(filed, Filed::Away(target.display().to_string()));
    let mut archive = zip::ZipArchive::new(File::open(target).unwrap()).unwrap();
    let mut text = String::new();
    io::Read::read_to_string(&mut archive.by_name("a.json").unwrap(), &mut text).unwrap();
    assert_eq!(text, "content");
    assert!(!case.path("a.json").exists());
}

#[test]
fn a_file_that_is_gone_already_is_filed() {
    let case = Case::new();
    let print = Fingerprint { size: 1, mtime_ns: 1 };
    let filed = carry_out(&Plan::Delete, &case.path("a.json"), print, "").unwrap();
    assert!(matches!(filed, Filed::Away(_)));
}

#[test]
fn a_folder_that_cannot_be_made_leaves_the_file_and_is_named() {
    let case = Case::new();
    let print = case.write("a.json", "x");
    case.write("Done", "a file where the folder should be");
    let error = carry_out(&Plan::Move(case.path("Done")), &case.path("a.json"), print, "").unwrap_err();
    assert!(error.to_string().contains("Done"), "{error}");
    assert_eq!(case.text("a.json"), "x");
}

#[test]
fn a_copy_to_another_volume_is_whole_before_the_original_goes() {
    let case = Case::new();
    case.write("a.json", "content");
    case.write("b.json", "");
    copy_over(&case.path("a.json"), &case.path("b.json")).unwrap();
    assert_eq!(case.text("b.json"), "content");
    assert!(!case.path("a.json").exists());
}
