//! Reading and converting one file.

use super::*;
use converters::{About, Confidence, Conversion, OptionProblem, Stopped};
use std::io::Write;

struct Count(usize);

impl Sink for Count {
    fn take(&mut self, _: Conversion) -> Result<(), Stopped> {
        self.0 += 1;
        Ok(())
    }
}

/// A format with a fault.
struct Faulty;

impl Format for Faulty {
    fn name(&self) -> &'static str {
        "faulty"
    }

    fn about(&self) -> About {
        About { title: "", extensions: &[], summary: "", binary: false, source_of_rules: "" }
    }

    fn options_schema(&self) -> Value {
        Value::Null
    }

    fn option_problems(&self, _: &Value) -> Vec<OptionProblem> {
        Vec::new()
    }

    fn detect(&self, _: &str, _: &[u8]) -> Confidence {
        Confidence::NONE
    }

    fn convert(&self, _: Input<'_>, _: &mut dyn Sink) -> Result<(), Failure> {
        panic!("index out of bounds")
    }
}

fn content(bytes: &[u8]) -> Content {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(bytes).unwrap();
    file.rewind().unwrap();
    Content::read(file, bytes.len() as u64).unwrap()
}

fn convert(content: Content, format: &dyn Format) -> Result<usize, Failure> {
    let (options, defaults, mut count) = (Map::new(), Defaults::default(), Count(0));
    let zone = jiff::tz::TimeZone::UTC;
    let recipe = Recipe { format: "detect", options: &options, defaults: &defaults, time_zone: &zone, tracing: false, may_grow: false };
    content.convert(format, "a.json", &recipe, &mut count).map(|()| count.0)
}

#[test]
fn a_small_and_a_large_source_have_the_hash_of_all_their_bytes() {
    for size in [0, 1, SMALL as usize, SMALL as usize + 1, SMALL as usize + 3 * PIECE + 7] {
        let bytes: Vec<u8> = (0..size).map(|n| (n % 251) as u8).collect();
        let content = content(&bytes);
        assert_eq!((content.hash, content.size), (blake3::hash(&bytes), size as u64), "{size}");
        assert_eq!(content.is_read_twice(), size as u64 > SMALL);
        assert_eq!(content.head.len(), size.min(HEAD as usize));
    }
}

#[test]
fn a_format_that_panics_rejects_the_file_and_says_so() {
    let failure = convert(content(b"x"), &Faulty).unwrap_err();
    assert!(matches!(&failure, Failure::Rejected(reasons) if reasons[0].message.contains("index out of bounds")), "{failure}");
    assert!(!is_converting());
}

#[test]
fn detection_takes_the_best_guess_and_names_the_guesses_when_none_is_sure() {
    let wsjf = br#"{"type":"T","pn":"1","sn":"2","rev":"A","processCode":10,"result":"P"}"#;
    assert_eq!(content(wsjf).format("detect", "a.json").ok().map(Format::name), Some("wsjf"));
    let refused = content(b"\x00\x01\x02").format("detect", "a.bin").err().unwrap();
    assert!(refused.message.contains("no format that is known for sure"), "{refused}");
    let unknown = content(b"x").format("nosuch", "a").err().unwrap();
    assert!(unknown.message.contains("nosuch") && unknown.fix.contains("wsjf"), "{unknown}");
}

#[test]
fn a_file_that_ends_in_zeros_is_one_that_is_still_to_be_filled() {
    let text = b"{\"a\":1}";
    let zeros = [0; 40];
    let utf_16: Vec<u8> = "no zeros at its end\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let large = vec![b' '; SMALL as usize];
    let table: [(&[&[u8]], bool); 8] = [
        (&[text], false),
        (&[], false),
        (&[&[0]], true),
        (&[&zeros], true),
        (&[text, &zeros], true),
        (&[&zeros, text], false),
        (&[&utf_16], false),
        (&[&large, &zeros], true),
    ];
    for (parts, unfilled) in table {
        let mut file = tempfile::tempfile().unwrap();
        let bytes = parts.concat();
        file.write_all(&bytes).unwrap();
        file.rewind().unwrap();
        assert_eq!(Content::read(file, bytes.len() as u64).unwrap().unfilled, unfilled, "{} bytes", bytes.len());
    }
}
