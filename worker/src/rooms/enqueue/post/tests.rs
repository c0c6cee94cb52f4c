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

    fn names(&self, folder: &str) -> Vec<String> {
        let entries = fs::read_dir(self.path(folder)).into_iter().flatten();
        let mut names: Vec<String> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
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
fn a_copy_is_whole_and_alone_before_the_original_goes() {
    let case = Case::new();
    let print = case.write("a.json", "content");
    let (folder, path) = (case.path("Done"), case.path("a.json"));
    let place = Place { folder: &folder, name: name(&path), note: Some("why") };
    assert_eq!(make_in(&place, &path, print, copy).unwrap(), Filed::Away(case.path("Done/a.json").display().to_string()));
    assert_eq!(Fingerprint::of(&fs::metadata(case.path("Done/a.json")).unwrap()), print);
    assert_eq!(case.text("Done/a.json"), "content");
    assert_eq!((case.names(""), case.names("Done")), (vec!["Done".into()], vec!["a.json".into(), "a.json.error.txt".into()]));
}

/// Writes other content under the same name, as a tester does that writes beside and renames.
fn replace(path: &Path) {
    fs::write(path.with_extension("new"), "what came after").unwrap();
    fs::rename(path.with_extension("new"), path).unwrap();
}

#[test]
fn a_file_replaced_while_another_is_made_of_it_stays_and_nothing_else_is_left() {
    let case = Case::new();
    let (folder, path) = (case.path("Done"), case.path("a.json"));
    let place = Place { folder: &folder, name: name(&path), note: Some("why") };
    type Make = fn(&mut File, &Path) -> io::Result<()>;
    let makes: [Make; 2] = [copy, |source, target| pack(source, "a.json".into(), target)];
    for make in makes {
        let print = case.write("a.json", "what was read");
        let filed = make_in(&place, &path, print, |source, target| make(source, target).map(|()| replace(&path)));
        assert!(matches!(filed.unwrap(), Filed::Changed(now) if now != print));
        assert_eq!(case.text("a.json"), "what came after");
        assert!(case.names("Done").is_empty(), "{:?}", case.names("Done"));
    }
}

#[test]
fn a_file_replaced_at_the_last_moment_is_neither_moved_nor_deleted() {
    let case = Case::new();
    let path = case.path("a.json");
    let read = case.write("a.json", "what was read");
    replace(&path);
    let attempts: [&dyn Fn() -> io::Result<Filed>; 3] =
        [&|| move_into(&case.path("Done"), &path, read, None), &|| move_into(&case.path("Done"), &path, read, Some("why")), &|| {
            hold(&path, read, |held| held.delete().map(|()| String::new()))
        }];
    for attempt in attempts {
        assert!(matches!(attempt().unwrap(), Filed::Changed(now) if now != read));
        assert_eq!(case.text("a.json"), "what came after");
    }
    assert!(case.names("Done").is_empty());
}

#[test]
fn a_done_folder_that_was_deleted_is_made_again() {
    let case = Case::new();
    for round in 0..2 {
        let print = case.write("a.json", "x");
        carry_out(&Plan::Move(case.path("Done")), &case.path("a.json"), print, "").unwrap();
        assert_eq!(case.text("Done/a.json"), "x", "{round}");
        fs::remove_dir_all(case.path("Done")).unwrap();
    }
}

#[test]
fn a_note_never_overwrites_a_file_nor_is_parted_from_its_source() {
    let case = Case::new();
    fs::create_dir(case.path("Error")).unwrap();
    case.write("Error/a.json.error.txt", "somebody's own");
    case.write("Error/a (2).json", "somebody's own");
    for plan in [Plan::SetAside(case.path("Error")), Plan::NoteOnly(case.path("Error"))] {
        let print = case.write("a.json", "x");
        carry_out(&plan, &case.path("a.json"), print, "why").unwrap();
    }
    assert_eq!(case.text("Error/a.json.error.txt"), "somebody's own");
    assert_eq!((case.text("Error/a (3).json"), case.text("Error/a (3).json.error.txt")), ("x".into(), "why".into()));
    // Of the one that stays there is only the note.
    assert_eq!((case.text("a.json"), case.text("Error/a (2).json.error.txt")), ("x".into(), "why".into()));
}

#[test]
fn the_note_lies_there_before_the_source_and_goes_again_when_that_cannot_come() {
    let case = Case::new();
    let note = Note::write(&case.path("a.json"), "why").unwrap();
    assert_eq!(case.text("a.json.error.txt"), "why");
    assert_eq!(Note::write(&case.path("a.json"), "other").err().map(|error| error.kind()), Some(io::ErrorKind::AlreadyExists));
    drop(note);
    assert!(case.names("").is_empty());
    let (folder, nowhere) = (case.path(""), case.path("nowhere"));
    let place = Place { folder: &folder, name: OsStr::new("a.json"), note: Some("why") };
    assert_eq!(place.put(&nowhere).unwrap_err().kind(), io::ErrorKind::NotFound);
    assert!(case.names("").is_empty());
}

#[cfg(target_os = "linux")]
#[test]
fn a_source_whose_note_cannot_be_written_stays_and_is_tried_again() {
    let case = Case::new();
    let print = case.write("a.json", "x");
    // Nobody can make a file there.
    let error = carry_out(&Plan::SetAside("/proc/self".into()), &case.path("a.json"), print, "why").unwrap_err();
    assert!(error.to_string().contains("a.json"), "{error}");
    assert_eq!((case.text("a.json"), case.names("").len()), ("x".into(), 1));
}

#[test]
fn a_name_as_long_as_a_name_can_be_makes_way_for_the_note_and_for_the_ending_of_an_archive() {
    let long = format!("{}.json", "n".repeat(250));
    for (plan, count) in [(Plan::SetAside as fn(PathBuf) -> Plan, 2), (Plan::Zip, 1)] {
        let case = Case::new();
        let print = case.write(&long, "x");
        assert!(matches!(carry_out(&plan(case.path("there")), &case.path(&long), print, "why").unwrap(), Filed::Away(_)));
        let names = case.names("there");
        assert!(names.len() == count && names.iter().all(|name| name.starts_with("nnn") && name.contains(".json")), "{names:?}");
    }
}

/// Memory is another volume than the disk on most Linux systems.
#[cfg(target_os = "linux")]
#[test]
fn a_file_is_moved_to_another_volume_with_its_note() {
    use std::os::unix::fs::MetadataExt;
    let case = Case::new();
    let Ok(memory) = tempfile::tempdir_in("/dev/shm") else { return println!("skipped: there is no /dev/shm") };
    if fs::metadata(memory.path()).unwrap().dev() == fs::metadata(case.folder.path()).unwrap().dev() {
        return println!("skipped: /dev/shm is no volume of its own");
    }
    let print = case.write("a.json", "x");
    let error = memory.path().join("Error");
    carry_out(&Plan::SetAside(error.clone()), &case.path("a.json"), print, "why").unwrap();
    let text = |name: &str| fs::read_to_string(error.join(name)).unwrap();
    assert_eq!((text("a.json"), text("a.json.error.txt")), ("x".into(), "why".into()));
    assert_eq!((fs::read_dir(&error).unwrap().count(), case.names("").len()), (2, 0));
}
