//! What the crate promises around a conversion: streaming, options, detection, ids, growing files.

#![allow(clippy::unwrap_used)] // a test that cannot go on should stop

mod harness;

use std::cell::Cell;
use std::io::{BufReader, Read};

use converters::{Conversion, Failure, Input, Sink, Stopped};
use harness::{How, context, run, run_at};
use serde_json::{Map, Value, json};

const WSTF: &str = "--Header-Start--\nSerialNumber\tRFX-1\nPartNumber\tRFX-900\nUTCStartDateTime\t2026-03-02T07:14:05\n--Step-Data-Start--\nNumericLimitTest\tTx power\t\t20.1\t18\t22\tGELE\tdBm\n--Step-Data-End--\n--UUT-End--\n";
const WSJF: &str = r#"{"type":"T","pn":"RFX-900","sn":"RFX-1","rev":"A","processCode":50,"result":"P","start":"2026-03-02T09:00:00+01:00","root":{"stepType":"SequenceCall","name":"MainSequence Callback","status":"P","seqCall":{"name":"fct","path":"fct","version":"1"}}}
"#;

const WSXF: &str = "<?xml version=\"1.0\"?><Reports><Report type=\"UUT\" PN=\"P\" SN=\"S\" Rev=\"A\" Start=\"2026-03-02T09:00:00Z\" Result=\"Passed\"><UUT/><Process Code=\"50\"/><Step Id=\"1\" Name=\"Main\" StepType=\"SequenceCall\" Status=\"Passed\"><SequenceCall Name=\"m\" Filepath=\"p\" Version=\"1\"/></Step></Report></Reports>\n";

/// A source that repeats a text and counts what was read of it.
struct Repeated<'a> {
    text: &'a [u8],
    total: usize,
    read: &'a Cell<usize>,
}

impl Read for Repeated<'_> {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        let at = self.read.get();
        let rest = &self.text[at % self.text.len()..];
        let length = rest.len().min(out.len()).min(self.total - at);
        out[..length].copy_from_slice(&rest[..length]);
        self.read.set(at + length);
        Ok(length)
    }
}

/// Checks that each report comes as soon as its bytes were read.
struct Prompt<'a> {
    read: &'a Cell<usize>,
    one: usize,
    taken: usize,
    stop_after: usize,
}

impl Sink for Prompt<'_> {
    fn take(&mut self, conversion: Conversion) -> Result<(), Stopped> {
        assert_eq!(conversion.index, self.taken);
        self.taken += 1;
        let ahead = self.read.get() - self.taken * self.one;
        assert!(ahead <= 3 * 8192, "{ahead} bytes were read ahead of report {}", self.taken);
        if self.taken == self.stop_after { Err(Stopped) } else { Ok(()) }
    }
}

fn stream(format: &str, text: &str, reports: usize, stop_after: usize) -> (Result<(), Failure>, usize) {
    let read = Cell::new(0);
    let mut reader = BufReader::new(Repeated { text: text.as_bytes(), total: text.len() * reports, read: &read });
    let mut sink = Prompt { read: &read, one: text.len(), taken: 0, stop_after };
    let (context, options) = (context(), Map::new());
    let size = (text.len() * reports) as u64;
    let input =
        Input { file_name: "input", size, reader: &mut reader, options: &options, context: &context, tracing: false, may_grow: false };
    let end = converters::format(format).unwrap().convert(input, &mut sink);
    (end, sink.taken)
}

#[test]
fn thousands_of_reports_are_handed_over_one_by_one_while_the_source_is_read() {
    for (format, text) in [("wstf", WSTF), ("wsjf", WSJF), ("wsxf", WSXF)] {
        let (end, taken) = stream(format, text, 2000, usize::MAX);
        assert!(end.is_ok(), "{format}: {end:?}");
        assert_eq!(taken, 2000, "{format}");
    }
}

#[test]
fn a_receiver_that_has_enough_ends_the_conversion() {
    for (format, text) in [("wstf", WSTF), ("wsjf", WSJF), ("wsxf", WSXF)] {
        let (end, taken) = stream(format, text, 2000, 3);
        assert!(matches!(end, Err(Failure::Stopped)), "{format}: {end:?}");
        assert_eq!(taken, 3, "{format}");
    }
}

#[test]
fn reports_without_an_id_of_their_own_get_different_ones() {
    let ran = run("wstf", "input.txt", WSTF.repeat(3).as_bytes(), &Map::new(), How::default());
    let mut ids: Vec<_> = ran.kept.iter().map(|conversion| conversion.id).collect();
    ids.dedup();
    assert_eq!(ids.len(), 3);
    assert!(ran.kept.iter().all(|conversion| conversion.report.id.as_deref() == Some(&*conversion.id.to_string())));
}

#[test]
fn a_test_whose_source_says_nothing_of_a_unit_has_one_all_the_same() {
    let mut station = context();
    station.defaults.operator = None;
    let ran = run_at(&station, "wsjf", "input.json", WSJF.as_bytes(), &Map::new(), How::default());
    assert!(ran.end.is_ok(), "{:?}", ran.end);
    assert!(ran.kept[0].report.uut.is_some());
}

#[test]
fn a_wstf_file_without_its_end_is_looked_at_again_while_it_may_grow_and_taken_once_it_is_final() {
    let text = WSTF.replace("--UUT-End--\n", "");
    let growing = run("wstf", "input.txt", text.as_bytes(), &Map::new(), How { tracing: false, may_grow: true });
    assert!(matches!(growing.end, Err(Failure::Incomplete(_))) && growing.kept.is_empty());
    let last = run("wstf", "input.txt", text.as_bytes(), &Map::new(), How::default());
    assert!(last.end.is_ok());
    assert!(last.kept[0].warnings[0].message.contains("--UUT-End--"));
}

#[test]
fn every_wrong_option_is_named_and_right_ones_are_not() {
    let problems = |format: &str, options: &Value| -> Vec<String> {
        let format = converters::format(format).unwrap();
        converters::check_options(format, options).into_iter().map(|problem| problem.pointer).collect()
    };
    let wrong = json!({ "time_zone": "Mars/Base", "culture": "tlh", "encoding": "morse", "default_process_code": -1, "colour": "blue" });
    assert_eq!(problems("wstf", &wrong), ["/time_zone", "/culture", "/encoding", "/default_process_code", "/colour"]);
    let right = json!({ "time_zone": "Europe/Oslo", "culture": "nb-NO", "encoding": "windows-1252", "default_process_name": "FCT" });
    assert!(problems("wstf", &right).is_empty());
    assert_eq!(problems("wsjf", &json!({ "default_process_code": "ten" })), ["/default_process_code"]);
    assert_eq!(problems("wsjf", &json!([])), [""]);
}

#[test]
fn every_format_publishes_its_options_as_a_closed_form_with_a_word_on_each() {
    for format in converters::formats() {
        let schema = format.options_schema();
        assert_eq!(schema["type"], "object", "{}", format.name());
        assert_eq!(schema["additionalProperties"], false, "{}", format.name());
        for (name, field) in schema["properties"].as_object().into_iter().flatten() {
            assert!(field["description"].is_string(), "{}: {name} has no description", format.name());
        }
        assert!(converters::check_options(*format, &json!({})).is_empty());
        let about = format.about();
        assert!(!about.title.is_empty() && !about.summary.is_empty() && !about.extensions.is_empty() && !about.source_of_rules.is_empty());
    }
}

#[test]
fn a_file_is_recognised_by_what_it_holds_more_than_by_its_name() {
    let best = |name: &str, head: &[u8]| converters::detect(name, head).first().map(|guess| guess.format);
    assert_eq!(best("x.txt", WSTF.as_bytes()), Some("wstf"));
    assert_eq!(best("x.dat", WSTF.as_bytes()), Some("wstf"));
    assert_eq!(best("x.json", WSJF.as_bytes()), Some("wsjf"));
    assert_eq!(best("x.txt", WSJF.as_bytes()), Some("wsjf"));
    assert_eq!(best("x.txt", b"hello"), None);
    assert_eq!(best("x.json", b"[1, 2]"), None);
    assert!(converters::detect("x.json", b"{\"name\": \"package\"}").iter().all(|guess| guess.confidence.0 < 10));
}
