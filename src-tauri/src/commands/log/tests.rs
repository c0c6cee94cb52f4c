//! Pages of a log, from both ends.

use std::fmt::Write;
use std::path::PathBuf;

use super::*;

struct Log {
    _dir: tempfile::TempDir,
    path: PathBuf,
}

impl Log {
    fn new(text: &str) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("worker.2026-11-21.jsonl");
        std::fs::write(&path, text).unwrap();
        Self { _dir: dir, path }
    }

    fn page(&self, before: Option<u64>, after: Option<u64>, filter: &LogFilter, limit: usize) -> LogPage {
        page(&self.path, before, after, filter, limit).unwrap()
    }
}

fn line(n: usize, level: &str) -> String {
    format!(
        "{{\"timestamp\":\"t{n}\",\"level\":\"{level}\",\"target\":\"lineside\",\"fields\":{{\"message\":\"line {n}\",\"file\":\"/in/{n}.csv\"}}}}\n"
    )
}

fn messages(page: &LogPage) -> Vec<&str> {
    page.lines.iter().map(|line| line.message.as_str()).collect()
}

#[test]
fn pages_from_the_end_to_the_beginning_hold_every_line_once() {
    let text: String = (0..5000).map(|n| line(n, "INFO")).collect();
    let log = Log::new(&text);
    let (mut before, mut seen) = (None, Vec::new());
    loop {
        let page = log.page(before, None, &LogFilter::default(), 700);
        seen.splice(0..0, page.lines.iter().map(|line| line.message.clone()));
        before = page.before;
        if before.is_none() {
            break;
        }
    }
    assert_eq!(seen, (0..5000).map(|n| format!("line {n}")).collect::<Vec<_>>());
}

#[test]
fn what_comes_later_follows_where_the_page_ended() {
    let log = Log::new(&(0..3).map(|n| line(n, "INFO")).collect::<String>());
    let page = log.page(None, None, &LogFilter::default(), 2);
    assert_eq!(messages(&page), ["line 1", "line 2"]);
    assert_eq!(page.after, page.size);
    let mut text = std::fs::read_to_string(&log.path).unwrap();
    text += &line(3, "INFO");
    text += "{\"timestamp\":\"half";
    std::fs::write(&log.path, &text).unwrap();
    let next = log.page(None, Some(page.after), &LogFilter::default(), 100);
    assert_eq!(messages(&next), ["line 3"], "half a line waits for its end");
    assert_eq!(next.after, text.rfind("{\"timestamp\":\"half").unwrap() as u64);
    assert_eq!(log.page(None, None, &LogFilter::default(), 1).after, next.after, "from the end, too");
    std::fs::write(&log.path, line(9, "INFO")).unwrap();
    assert_eq!(messages(&log.page(None, Some(next.after), &LogFilter::default(), 100)), ["line 9"], "cut off: from the beginning");
}

#[test]
fn a_filter_finds_levels_texts_and_files_and_says_how_far_it_looked() {
    let mut text = line(0, "ERROR");
    (1..100).for_each(|n| text += &line(n, if n % 10 == 0 { "WARN" } else { "DEBUG" }));
    let log = Log::new(&text);
    let level = LogFilter { level: Some(Level::Warn), ..LogFilter::default() };
    let page = log.page(None, None, &level, 100);
    assert_eq!((page.lines.len(), messages(&page)[0], page.before), (10, "line 0", None));
    let file = LogFilter { file: Some("/in/42.csv".to_owned()), ..LogFilter::default() };
    assert_eq!(messages(&log.page(None, None, &file, 100)), ["line 42"]);
    let text = LogFilter { text: Some("LINE 7".to_owned()), ..LogFilter::default() };
    assert_eq!(log.page(None, None, &text, 100).lines.len(), 11);
}

#[test]
fn a_call_reads_four_mebibytes_at_most_and_the_next_one_goes_on() {
    let mut text = line(0, "ERROR");
    while text.len() < (9 << 20) {
        writeln!(text, "{}", "x".repeat(200_000)).unwrap();
    }
    let log = Log::new(&text);
    let errors = LogFilter { level: Some(Level::Error), ..LogFilter::default() };
    let (mut before, mut calls, mut found) = (None, 0, Vec::new());
    loop {
        let page = log.page(before, None, &errors, 10);
        calls += 1;
        found.extend(page.lines);
        match page.before {
            Some(next) => assert!(before.is_none_or(|last| next < last), "every call gets further"),
            None => break,
        }
        before = page.before;
    }
    assert!((2..=4).contains(&calls), "{calls} calls");
    assert_eq!(found.len(), 1);
}

#[test]
fn a_line_longer_than_a_call_reads_is_passed_over_and_hides_nothing() {
    let text = format!("{}{}\n{}", line(0, "INFO"), "y".repeat(6 << 20), line(1, "INFO"));
    let log = Log::new(&text);
    let (mut before, mut seen) = (None, Vec::new());
    for _ in 0..10 {
        let page = log.page(before, None, &LogFilter { text: Some("line".to_owned()), ..LogFilter::default() }, 10);
        seen.extend(page.lines.into_iter().map(|line| line.message));
        before = page.before;
        if before.is_none() {
            break;
        }
    }
    assert_eq!(seen, ["line 1", "line 0"]);
}

#[test]
fn a_line_of_nobody_knows_whom_is_shown_as_text() {
    let log =
        Log::new("<script>alert(1)</script>\n\u{1b}[31mred\n\n{\"level\":\"LOUD\",\"fields\":{\"message\":\"\u{202e}abc\",\"n\":3}}\r\n");
    let page = log.page(None, None, &LogFilter::default(), 10);
    assert_eq!(messages(&page), ["<script>alert(1)</script>", "\u{1b}[31mred", "\u{202e}abc"]);
    assert_eq!((page.lines[2].level, page.lines[2].fields["n"].as_str()), (Level::Info, "3"));
}

#[test]
fn an_empty_log_is_an_empty_page() {
    let page = Log::new("").page(None, None, &LogFilter::default(), 10);
    assert_eq!((page.lines.len(), page.before, page.after, page.size), (0, None, 0, 0));
}

/// Counts what is read of a log.
struct Counted {
    file: File,
    bytes: u64,
}

impl Read for Counted {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read(buffer)?;
        self.bytes += read as u64;
        Ok(read)
    }
}

impl Seek for Counted {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.file.seek(to)
    }
}

#[test]
fn the_end_of_half_a_gigabyte_is_shown_after_reading_no_more_than_a_block() {
    const SIZE: u64 = 500 << 20;
    let log = Log::new("");
    let lines: String = (0..1000).map(|n| line(n, "INFO")).collect();
    let mut file = File::options().read(true).write(true).open(&log.path).unwrap();
    // A hole: as long as a log of months, and nothing on the disk.
    file.set_len(SIZE).unwrap();
    file.seek(SeekFrom::End(0)).unwrap();
    io::Write::write_all(&mut file, format!("\n{lines}").as_bytes()).unwrap();
    let size = file.metadata().unwrap().len();
    let mut counted = Counted { file, bytes: 0 };
    let begun = std::time::Instant::now();
    let page = part(&mut counted, size, None, None, &LogFilter::default(), 400).unwrap();
    println!("the last 400 lines of {} MiB: {:.1} ms, {} bytes read", size >> 20, begun.elapsed().as_secs_f64() * 1e3, counted.bytes);
    assert_eq!((page.lines.len(), page.lines[399].message.as_str()), (400, "line 999"));
    assert!(page.before.is_some_and(|before| before > SIZE) && counted.bytes <= BLOCK, "{} bytes", counted.bytes);
}
