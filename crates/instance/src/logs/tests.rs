use std::{
    io::Write as _,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};

use jiff::{Timestamp, Zoned, tz::TimeZone};

use super::*;

/// A log in a folder of its own, with a clock that is set by hand: seconds since 2026-11-21 23:59:00.
struct Bench {
    dir: tempfile::TempDir,
    seconds: Arc<AtomicI64>,
    writer: LogWriter,
}

impl Bench {
    fn new(max_bytes: u64, keep_days: u32) -> Bench {
        let dir = tempfile::tempdir().unwrap();
        let seconds = Arc::new(AtomicI64::new(0));
        let clock = Arc::clone(&seconds);
        let now = move || -> Zoned {
            let start: Timestamp = "2026-11-21T23:59:00Z".parse().unwrap();
            (start + jiff::SignedDuration::from_secs(clock.load(Ordering::Relaxed))).to_zoned(TimeZone::UTC)
        };
        let writer = LogWriter::open(&dir.path().join("logs"), max_bytes, keep_days, now);
        Bench { dir, seconds, writer }
    }

    fn folder(&self) -> PathBuf {
        self.dir.path().join("logs")
    }

    fn line(&mut self, text: &str) {
        self.writer.write_all(format!("{text}\n").as_bytes()).unwrap();
    }

    fn wait(&self, seconds: i64) {
        self.seconds.fetch_add(seconds, Ordering::Relaxed);
    }

    fn names(&self) -> Vec<String> {
        files(&self.folder()).unwrap().iter().map(|p| p.file_name().unwrap().to_str().unwrap().to_owned()).collect()
    }

    fn follow(&self, cursor: &mut Cursor) -> Vec<String> {
        texts(follow(&self.folder(), cursor, 1000).unwrap())
    }
}

fn texts(lines: Vec<Line>) -> Vec<String> {
    lines.into_iter().map(|line| line.text).collect()
}

#[test]
fn a_full_file_becomes_a_numbered_part_and_a_new_day_a_new_file() {
    let mut bench = Bench::new(20, 30);
    for number in 0..5 {
        bench.line(&format!("line {number}"));
    }
    bench.wait(60);
    bench.line("next day");
    let day = "worker.2026-11-21";
    assert_eq!(
        bench.names(),
        [format!("{day}.1.jsonl"), format!("{day}.2.jsonl"), format!("{day}.jsonl"), "worker.2026-11-22.jsonl".into()]
    );
    assert_eq!(fs::read_to_string(bench.folder().join("worker.2026-11-21.2.jsonl")).unwrap(), "line 2\nline 3\n");
}

#[test]
fn a_restart_goes_on_in_the_same_file() {
    let mut bench = Bench::new(1000, 30);
    bench.line("before");
    bench.writer = LogWriter::open(&bench.folder(), 1000, 30, || "2026-11-21T23:59:00Z[UTC]".parse().unwrap());
    bench.line("after");
    assert_eq!(texts(tail(&files(&bench.folder()).unwrap()[0], 0, 10).unwrap().0), ["before", "after"]);
}

#[test]
fn what_a_clock_that_was_set_back_wrote_in_days_to_come_is_not_the_newest_for_ever() {
    let mut bench = Bench::new(1000, 30);
    bench.line("before");
    let (_, mut cursor) = Cursor::at_end(&bench.folder(), 10).unwrap();
    bench.wait(365 * 86_400);
    bench.line("a year ahead");
    assert_eq!(bench.follow(&mut cursor), ["a year ahead"]);
    bench.wait(-365 * 86_400);
    bench.line("back");
    bench.line("again");
    assert_eq!(bench.names(), ["worker.2026-11-21.1.jsonl", "worker.2026-11-21.jsonl"]);
    assert_eq!(bench.follow(&mut cursor), ["back", "again"]);
    assert_eq!(texts(Cursor::at_end(&bench.folder(), 1).unwrap().0), ["again"]);
}

#[test]
fn old_days_and_the_oldest_parts_of_a_flood_are_removed_and_strangers_are_not() {
    let mut bench = Bench::new(10, 2);
    fs::create_dir_all(bench.folder()).unwrap();
    for name in ["worker.2026-11-18.jsonl", "worker.2026-11-18.3.jsonl", "worker.2026-11-19.jsonl", "notes.txt"] {
        fs::write(bench.folder().join(name), "x\n").unwrap();
    }
    for number in 0..30 {
        bench.line(&format!("flood {number:04}"));
    }
    let names = bench.names();
    assert_eq!(names[0], "worker.2026-11-19.jsonl");
    assert!(!names.contains(&"worker.2026-11-21.1.jsonl".to_owned()));
    assert!(names.contains(&"worker.2026-11-21.29.jsonl".to_owned()), "{names:?}");
    assert!(names.len() <= 23, "{names:?}");
    assert!(bench.folder().join("notes.txt").exists());
}

#[test]
fn lines_that_cannot_be_written_are_counted_and_told_of_once_it_works_again() {
    let mut bench = Bench::new(0, 30);
    fs::write(bench.folder(), "a file where the folder should be").unwrap();
    let dropped = bench.writer.dropped();
    bench.line("one");
    bench.writer.write_all(b"two\nthree\n").unwrap();
    assert_eq!(dropped.count(), 3);
    fs::remove_file(bench.folder()).unwrap();
    bench.line("four");
    let (lines, _) = last(&files(&bench.folder()).unwrap()[0], 10).unwrap();
    assert!(lines[0].text.contains("3 log lines could not be written"), "{lines:?}");
    serde_json::from_str::<serde_json::Value>(&lines[0].text).unwrap();
    assert_eq!(lines[1].text, "four");
    assert_eq!(dropped.count(), 3);
}

#[test]
fn tail_goes_on_where_it_was_and_leaves_a_half_line_for_later() {
    let mut bench = Bench::new(0, 30);
    bench.line("one");
    bench.writer.write_all(b"two\nhal").unwrap();
    let path = files(&bench.folder()).unwrap().remove(0);
    let (lines, offset) = tail(&path, 0, 10).unwrap();
    assert_eq!((texts(lines), offset), (vec!["one".into(), "two".into()], 8));
    assert_eq!(tail(&path, offset, 10).unwrap(), (vec![], 8));
    bench.writer.write_all(b"f\n\n").unwrap();
    let (lines, offset) = tail(&path, offset, 10).unwrap();
    assert_eq!((texts(lines), offset), (vec!["half".into()], 14));
    assert_eq!(texts(tail(&path, 0, 1).unwrap().0), ["one"]);
    fs::write(&path, "new\n").unwrap();
    assert_eq!(texts(tail(&path, offset, 10).unwrap().0), ["new"]);
}

#[test]
fn following_loses_and_repeats_nothing_across_parts_midnight_and_restarts() {
    let mut bench = Bench::new(40, 30);
    let mut cursor = Cursor::default();
    let mut seen = Vec::new();
    for number in 0..60 {
        bench.line(&format!("line {number}"));
        bench.wait(3);
        if number % 7 == 0 {
            seen.extend(bench.follow(&mut cursor));
        }
    }
    seen.extend(bench.follow(&mut cursor));
    assert!(bench.names().len() > 10);
    assert_eq!(seen, (0..60).map(|number| format!("line {number}")).collect::<Vec<_>>());
    assert_eq!(bench.follow(&mut cursor), [""; 0]);
}

#[test]
fn following_hands_out_what_was_asked_for_and_the_rest_later() {
    let mut bench = Bench::new(20, 30);
    for number in 0..9 {
        bench.line(&format!("line {number}"));
    }
    let mut cursor = Cursor::default();
    let mut seen = Vec::new();
    loop {
        let lines = follow(&bench.folder(), &mut cursor, 2).unwrap();
        assert!(lines.len() <= 2);
        if lines.is_empty() {
            break;
        }
        seen.extend(texts(lines));
    }
    assert_eq!(seen, (0..9).map(|number| format!("line {number}")).collect::<Vec<_>>());
}

#[test]
fn following_begins_again_when_the_file_was_truncated_or_its_file_is_gone() {
    let mut bench = Bench::new(20, 30);
    for number in 0..6 {
        bench.line(&format!("line {number}"));
    }
    let (lines, mut cursor) = Cursor::at_end(&bench.folder(), 1).unwrap();
    assert_eq!(texts(lines), ["line 5"]);
    let path = files(&bench.folder()).unwrap().pop().unwrap();
    fs::write(&path, "fresh\n").unwrap();
    assert_eq!(bench.follow(&mut cursor), ["fresh"]);
    fs::remove_file(&path).unwrap();
    assert_eq!(bench.follow(&mut cursor), [""; 0]);
    fs::write(&path, "fresher\n").unwrap();
    assert_eq!(bench.follow(&mut cursor), ["fresher"]);
}

#[test]
fn no_log_is_an_empty_log() {
    let bench = Bench::new(20, 30);
    assert_eq!(files(&bench.folder()).unwrap(), Vec::<PathBuf>::new());
    assert_eq!(bench.follow(&mut Cursor::default()), [""; 0]);
    assert_eq!(Cursor::at_end(&bench.folder(), 5).unwrap(), (vec![], Cursor::default()));
}

#[test]
fn an_overlong_line_is_cut_and_broken_text_is_shown() {
    let mut bench = Bench::new(0, 30);
    bench.line(&"ü".repeat(MAX_LINE_CHARS + 1));
    bench.writer.write_all(b"\xff\r\n").unwrap();
    let (lines, _) = last(&files(&bench.folder()).unwrap()[0], 10).unwrap();
    assert_eq!((lines[0].text.chars().count(), lines[0].cut), (MAX_LINE_CHARS, true));
    assert_eq!(lines[1], Line { text: "\u{fffd}".into(), cut: false });
}

/// A sparse file: 500 MB of which only the end is real. Reading it whole would take memory the test does not have.
#[test]
fn the_last_lines_of_a_huge_log_need_only_its_end() {
    let bench = Bench::new(0, 30);
    fs::create_dir_all(bench.folder()).unwrap();
    let path = bench.folder().join("worker.2026-11-21.jsonl");
    let mut file = fs::File::create(&path).unwrap();
    file.set_len(500 << 20).unwrap();
    std::io::Seek::seek(&mut file, io::SeekFrom::End(0)).unwrap();
    let tail_text: String = (0..5000).map(|number| format!("\nline {number} {}", "x".repeat(80))).collect();
    file.write_all(format!("{tail_text}\n").as_bytes()).unwrap();
    let (lines, offset) = last(&path, 3000).unwrap();
    assert_eq!(lines.len(), 3000);
    assert!(lines[0].text.starts_with("line 2000 ") && lines[2999].text.starts_with("line 4999 "));
    assert_eq!(offset, fs::metadata(&path).unwrap().len());
    assert_eq!(texts(last(&path, 1).unwrap().0)[0][..9], *"line 4999");
}
