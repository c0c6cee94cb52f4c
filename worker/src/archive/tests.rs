//! The archive's files.

use super::*;

fn frame(text: &str) -> Vec<u8> {
    zstd::stream::encode_all(format!("{text}\n").as_bytes(), 3).unwrap()
}

fn report(ticket: i64, text: &str) -> ToArchive {
    ToArchive { ticket: Ticket(ticket), day: "2026-01-02".into(), frame: frame(text) }
}

#[test]
fn a_report_is_read_back_from_its_place_and_the_whole_day_unpacks_to_lines() {
    let folder = tempfile::tempdir().unwrap();
    let reports = folder.path().join("reports");
    let mut places = append(&reports, "2026-01-02", &[report(1, "{\"a\":1}"), report(2, "{\"b\":2}")]).unwrap();
    places.extend(append(&reports, "2026-01-02", &[report(3, "{\"c\":3}")]).unwrap());
    let texts: Vec<Vec<u8>> = places.iter().map(|(_, place)| place.read(&reports).unwrap()).collect();
    assert_eq!(texts, [b"{\"a\":1}", b"{\"b\":2}", b"{\"c\":3}"]);
    let whole = zstd::stream::decode_all(File::open(reports.join("2026-01-02.jsonl.zst")).unwrap()).unwrap();
    assert_eq!(whole, b"{\"a\":1}\n{\"b\":2}\n{\"c\":3}\n");
}

#[test]
fn a_place_that_holds_no_report_is_an_error_and_not_a_wrong_report() {
    let folder = tempfile::tempdir().unwrap();
    let places = append(folder.path(), "2026-01-02", &[report(1, "{}")]).unwrap();
    let wrong = ArchivePlace { offset: places[0].1.offset + 3, ..places[0].1.clone() };
    assert!(wrong.read(folder.path()).is_err());
}

#[test]
fn days_before_the_oldest_one_are_removed_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["2026-01-01.jsonl.zst", "2026-01-02.jsonl.zst", "notes.txt"] {
        std::fs::write(folder.path().join(name), "x").unwrap();
    }
    let now: Timestamp = "2026-01-12T00:30:00Z".parse().unwrap();
    let oldest = oldest_day(now, 10).unwrap();
    assert_eq!(forget(folder.path(), oldest).unwrap(), 1);
    assert!(folder.path().join("2026-01-02.jsonl.zst").exists() && folder.path().join("notes.txt").exists());
    assert_eq!(oldest_day(now, 0), None);
}

#[test]
fn a_frame_torn_by_a_kill_is_cut_off_and_the_day_unpacks_to_its_end() {
    let folder = tempfile::tempdir().unwrap();
    let (path, day) = (folder.path().join("2026-01-02.jsonl.zst"), "2026-01-02");
    let first = append(folder.path(), day, &[report(1, "{\"a\":1}")]).unwrap().remove(0).1;
    append(folder.path(), day, &[report(2, "{\"b\":2}")]).unwrap();
    let whole = std::fs::read(&path).unwrap();
    let third = frame(&format!("{{\"c\":\"{}\"}}", "3".repeat(2_000_000)));
    let table = [
        ("nothing is torn", 0, 0),
        ("one byte of a frame", 1, first.len),
        ("half a frame, where the store knows all before", third.len() / 2, whole.len() as u64),
        ("all but a byte, where the store knows the first", third.len() - 1, first.len),
        ("half a frame in a file shorter than the store knows it", third.len() / 2, 1 << 40),
    ];
    for (name, torn, known) in table {
        std::fs::write(&path, [&whole[..], &third[..torn]].concat()).unwrap();
        mend(folder.path(), day, known).unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), whole, "{name}");
    }
    append(folder.path(), day, &[report(3, "{\"c\":3}")]).unwrap();
    let text = zstd::stream::decode_all(File::open(&path).unwrap()).unwrap();
    assert_eq!(text, b"{\"a\":1}\n{\"b\":2}\n{\"c\":3}\n");
    mend(folder.path(), "2026-01-03", 7).unwrap();
    assert!(!folder.path().join("2026-01-03.jsonl.zst").exists(), "a day without a file gets none");
}

#[test]
fn a_day_begins_and_ends_at_midnight_utc() {
    assert_eq!(bounds("1970-01-02"), Some((86_400_000, 172_800_000)));
    assert_eq!(bounds("yesterday"), None);
}
