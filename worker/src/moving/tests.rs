//! Moving without overwriting.

use super::*;

#[test]
fn a_name_that_is_taken_is_refused_and_both_files_stay_whichever_way_is_used() {
    let folder = tempfile::tempdir().unwrap();
    let (from, to) = (folder.path().join("a"), folder.path().join("b"));
    for way in [rename_new, exclusively, over_a_claim] {
        fs::write(&from, "from").unwrap();
        fs::write(&to, "to").unwrap();
        assert_eq!(way(&from, &to).unwrap_err().kind(), io::ErrorKind::AlreadyExists);
        assert_eq!((fs::read_to_string(&from).unwrap(), fs::read_to_string(&to).unwrap()), ("from".into(), "to".into()));
        fs::remove_file(&to).unwrap();
        way(&from, &to).unwrap();
        assert_eq!((from.exists(), fs::read_to_string(&to).unwrap()), (false, "from".into()));
    }
}

#[test]
fn a_move_that_fails_leaves_no_claim() {
    let folder = tempfile::tempdir().unwrap();
    assert!(over_a_claim(&folder.path().join("none"), &folder.path().join("b")).is_err());
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 0);
}

#[test]
fn a_copy_that_does_not_get_its_name_is_removed() {
    let folder = tempfile::tempdir().unwrap();
    let copy = Copy::begin(folder.path());
    fs::write(copy.path(), "half").unwrap();
    assert!(is_copy(&copy.path().file_name().unwrap().to_string_lossy()) && !is_copy("a.part"));
    drop(copy);
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 0);
}
