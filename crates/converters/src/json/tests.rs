//! The parser against the strict one, and the splitter over every way to put documents behind each other.

use std::io::BufReader;

use proptest::prelude::*;
use serde_json::Value;

use super::{Parser, Remark, Splitter, Wrong, places};
use crate::named::Named;

fn parse(text: &str) -> Result<(Value, Named<Remark>), Wrong> {
    let mut parser = Parser::new(text);
    let value = parser.value()?;
    Ok((value, parser.end()?))
}

fn documents(text: &[u8], may_grow: bool) -> Result<Vec<(String, u64, u32, u32)>, String> {
    let mut reader = BufReader::with_capacity(3, text);
    let mut splitter = Splitter::open(&mut reader, may_grow).map_err(|failure| failure.to_string())?;
    let mut found = Vec::new();
    while let Some(document) = splitter.next_document().map_err(|failure| failure.to_string())? {
        let span = document.span;
        assert_eq!(&text[usize::try_from(span.start).unwrap()..usize::try_from(span.end).unwrap()], &document.bytes);
        found.push((String::from_utf8(document.bytes).unwrap(), span.start, span.line, span.column));
    }
    Ok(found)
}

#[test]
fn documents_are_found_one_by_one_with_their_places() {
    let one = || vec![("{}".to_owned(), 0, 1, 1)];
    assert_eq!(documents(b"{}", false), Ok(one()));
    assert_eq!(documents(b"", false), Ok(Vec::new()));
    let text = "\u{feff}[ {\"a\":\"}]\\\"{\"},\r\n\té".replace('é', "{\"b\":[{}]} ]");
    let found = documents(text.as_bytes(), false).unwrap();
    assert_eq!(found, [("{\"a\":\"}]\\\"{\"}".to_owned(), 5, 1, 3), ("{\"b\":[{}]}".to_owned(), 22, 2, 2)]);
    assert_eq!(documents(b"{}\n{}{}\x1e{}", false).unwrap().len(), 4);
}

#[test]
fn a_stream_that_breaks_off_is_incomplete_only_while_it_may_grow() {
    for text in [&b"[{}"[..], b"{\"a\":", b"{\"a\":\"", b"["] {
        assert!(documents(text, true).unwrap_err().starts_with("not complete yet"));
        assert!(documents(text, false).unwrap_err().starts_with("line 1"));
    }
    for text in [&b"{]}"[..], b"x", b"{} x", b"]", b"[[{}]]"] {
        assert!(!documents(text, true).unwrap_err().starts_with("not complete yet"), "{text:?}");
    }
}

#[test]
fn what_is_nearly_json_is_read_with_a_remark() {
    let table = [
        ("[1,2,]", "[1,2]"),
        ("{\"a\":NaN}", "{\"a\":\"NaN\"}"),
        ("[-Infinity, 1.#QNAN]", "[\"-Infinity\",\"1.#QNAN\"]"),
        ("[+5, .5, 5.]", "[5, 0.5, 5]"),
        ("[True, None]", "[true, null]"),
        ("{\"a\":1,\"a\":2}", "{\"a\":2}"),
        ("\"a\tb\"", "\"a\\tb\""),
    ];
    for (text, meant) in table {
        let (value, remarks) = parse(text).unwrap_or_else(|wrong| panic!("{text}: {wrong:?}"));
        assert_eq!(value, serde_json::from_str::<Value>(meant).unwrap(), "{text}");
        assert!(!remarks.is_empty(), "{text}");
    }
}

#[test]
fn what_could_mean_two_things_is_wrong_at_its_place() {
    let table = [
        ("{\"a\" 1}", 5),
        ("[1 2]", 3),
        ("{a:1}", 1),
        ("[1,,2]", 3),
        ("[3,3x]", 3),
        ("\"C:\\Tests\"", 4),
        ("\"\\ud83d\"", 7),
        ("[]]", 2),
        ("", 0),
    ];
    for (text, offset) in table {
        let wrong = parse(text).err().unwrap_or_else(|| panic!("{text} was read"));
        assert_eq!(wrong.offset, offset, "{text}: {}", wrong.message);
    }
    assert!(parse(&"[".repeat(100_000)).is_err());
}

#[test]
fn places_are_those_of_the_values_without_their_quotes() {
    let text = "{\"a/b\": [1, \"x\\n\"], \"n\": null}";
    let noted = |wanted: &dyn Fn(&str) -> bool| places(text, wanted).unwrap_or_else(|wrong| panic!("{wrong:?}"));
    let all = noted(&|_| true);
    let places: Vec<_> = all.iter().map(|place| (place.pointer.as_str(), &text[place.range.clone()])).collect();
    assert_eq!(places, [("/a~1b/0", "1"), ("/a~1b/1", "x\\n"), ("/a~1b", "[1, \"x\\n\"]"), ("", text)]);
    assert_eq!(noted(&|pointer| pointer.ends_with("/1")).len(), 1);
}

fn any_json() -> impl Strategy<Value = Value> {
    let number = "-?(0|[1-9][0-9]{0,20})(\\.[0-9]{1,9})?(e-?[0-9]{1,2})?".prop_map(|text| serde_json::from_str(&text).unwrap());
    let leaf = prop_oneof![Just(Value::Null), any::<bool>().prop_map(Value::Bool), number, any::<String>().prop_map(Value::String)];
    leaf.prop_recursive(4, 40, 6, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..6).prop_map(Value::Array),
            proptest::collection::vec((any::<String>(), inner), 0..6).prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn every_json_text_is_read_as_the_strict_parser_reads_it(value in any_json(), pretty: bool) {
        let text = if pretty { serde_json::to_string_pretty(&value) } else { serde_json::to_string(&value) }.unwrap();
        let (read, remarks) = parse(&text).unwrap_or_else(|wrong| panic!("{text}: {wrong:?}"));
        prop_assert_eq!(&read, &value);
        prop_assert!(remarks.is_empty());
        for place in places(&text, &|_| true).unwrap_or_default() {
            prop_assert!(value.pointer(&place.pointer).is_some());
        }
    }
}
