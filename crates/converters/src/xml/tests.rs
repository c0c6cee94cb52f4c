//! The reader against texts with known places, and against texts that are wrong.

use std::io::{self, BufRead, Read};

use encoding_rs::WINDOWS_1252;

use super::{Element, XmlReader};
use crate::{Failure, Span, Warning};

fn all(mut bytes: &[u8]) -> Result<(Vec<Element>, Vec<Warning>), Failure> {
    let mut reader = XmlReader::open(&mut bytes, false)?;
    let mut elements = Vec::new();
    while let Some(element) = reader.next(|depth, _| depth > 1)? {
        elements.push(element);
    }
    Ok((elements, reader.take_warnings()))
}

fn one(bytes: &[u8]) -> Element {
    all(bytes).unwrap().0.remove(0)
}

fn wrong(text: impl AsRef<[u8]>) -> String {
    all(text.as_ref()).unwrap_err().to_string()
}

fn slice(bytes: &[u8], span: Span) -> &[u8] {
    &bytes[span.start as usize..span.end as usize]
}

#[test]
fn values_know_their_place_in_a_file_with_crlf() {
    let text = "<a>\r\n <b x='1'\r\n  y=\"z&amp;z\">\r\n  word\r\n </b>\r\n</a>";
    let b = one(text.as_bytes());
    let y = &b.attributes[1];
    assert_eq!((y.value.as_str(), y.at.line, y.at.column), ("z&z", 3, 6));
    assert_eq!(slice(text.as_bytes(), y.at), b"z&amp;z");
    let word = b.text.as_ref().unwrap();
    assert_eq!((word.value.as_str(), word.at.line, word.at.column), ("word", 4, 3));
    assert_eq!(slice(text.as_bytes(), word.at), b"word");
    assert!(slice(text.as_bytes(), b.at).starts_with(b"<b x"));
    assert!(slice(text.as_bytes(), b.at).ends_with(b"</b>"));
}

#[test]
fn a_lone_carriage_return_ends_a_line() {
    let b = one(b"<a>\r<b x='1'/>\r</a>");
    assert_eq!((b.attributes[0].at.line, b.attributes[0].at.column), (2, 7));
}

#[test]
fn places_in_utf_16_count_the_bytes_of_the_file() {
    let text = "<?xml version='1.0' encoding='utf-16'?>\n<a><b x='ü𝄞' y='end'/></a>";
    for big in [false, true] {
        let mut bytes: Vec<u8> = Vec::new();
        for unit in std::iter::once(0xfeff).chain(text.encode_utf16()) {
            bytes.extend(if big { unit.to_be_bytes() } else { unit.to_le_bytes() });
        }
        let b = one(&bytes);
        assert_eq!(b.attributes[0].value, "ü𝄞");
        assert_eq!(b.attributes[0].at.end - b.attributes[0].at.start, 6);
        let y = b.attributes[1].at;
        assert_eq!((y.line, y.column), (2, 17));
        let wide: Vec<u8> = "end".encode_utf16().flat_map(|u| if big { u.to_be_bytes() } else { u.to_le_bytes() }).collect();
        assert_eq!(slice(&bytes, y), wide);
    }
}

#[test]
fn a_byte_order_mark_counts_in_the_places_and_not_in_the_columns() {
    let b = one("\u{feff}<a><b x='1'/></a>".as_bytes());
    assert_eq!((b.attributes[0].at.start, b.attributes[0].at.column), (12, 10));
}

#[test]
fn latin_1_that_says_utf_8_loses_nothing_and_is_named_once() {
    let text = "<?xml version='1.0' encoding='utf-8'?>\n<a><b x='20 °C' y='ü'/><b x='ß'/></a>";
    let bytes = WINDOWS_1252.encode(text).0;
    let (elements, warnings) = all(&bytes).unwrap();
    assert_eq!(elements[0].attributes[0].value, "20 °C");
    assert_eq!(slice(&bytes, elements[0].attributes[1].at), [0xfc]);
    assert_eq!(elements[1].attributes[0].value, "ß");
    assert_eq!(warnings.len(), 1);
    let at = warnings[0].at.unwrap();
    assert_eq!((slice(&bytes, at), at.line, at.column), (&[0xb0][..], 2, 13));
}

#[test]
fn the_declared_encoding_is_used() {
    let text = "<?xml version=\"1.0\" encoding=\"Shift_JIS\"?><a><b x='電圧' y='1'/></a>";
    let bytes = encoding_rs::SHIFT_JIS.encode(text).0;
    let b = one(&bytes);
    assert_eq!(b.attributes[0].value, "電圧");
    assert_eq!(slice(&bytes, b.attributes[1].at), b"1");
    assert!(wrong("<?xml version='1.0' encoding='klingon'?><a/>").contains("\"klingon\", which is unknown"));
}

#[test]
fn utf_16_declared_over_single_bytes_is_disbelieved() {
    assert_eq!(one("<?xml version='1.0' encoding='utf-16'?><a><b x='ü'/></a>".as_bytes()).attributes[0].value, "ü");
}

#[test]
fn text_is_unescaped_and_joined() {
    let b = one(b"<a><b>\n 1 &lt; 2 <!-- no -->&#x26;<![CDATA[ <raw> & ]]>\r\n end\n</b></a>");
    assert_eq!(b.text.unwrap().value, "1 < 2 & <raw> & \n end");
}

#[test]
fn prefixes_and_namespace_declarations_are_left_out() {
    let b = one(b"<w:a xmlns:w='u'><w:b xmlns='v' w:x='1'/></w:a>");
    assert_eq!((b.name.as_str(), b.attributes[0].name.as_str(), b.attributes.len()), ("b", "x", 1));
}

#[test]
fn control_characters_are_left_out_with_a_warning() {
    let (elements, warnings) = all(b"<a><b x='\x02S&#1;N\t1'>\x03</b></a>").unwrap();
    assert_eq!(elements[0].attributes[0].value, "SN 1");
    assert_eq!(elements[0].text, None);
    assert_eq!(warnings.len(), 2);
}

#[test]
fn what_is_wrong_is_refused_with_its_place() {
    let cases: [(&str, &str); 9] = [
        ("<!DOCTYPE a>\n<a/>", "line 1, column 1: the file has a document type declaration"),
        ("<a>\n <b x='&nbsp;'/></a>", "line 2, column 8: &nbsp; is not a known reference"),
        ("<a>\n <b>&#0x;</b></a>", "&#0x; is not a known reference"),
        ("<a>\n <b>x</c></a>", "line 2, column 6: the XML is malformed: ill-formed document: expected `</b>`, but `</c>` was found"),
        ("<a>\n <b x='1' x='2'/></a>", "line 2, column 2: the tag <b> is malformed"),
        ("<a>\n <b x=1/></a>", "line 2, column 2: the tag <b> is malformed"),
        ("plain text", "line 1, column 1: there is text outside of the XML elements"),
        ("  \n", "the file holds no XML element"),
        ("<a>R & D</a>", "line 1, column 6: the XML is malformed"),
    ];
    for (text, message) in cases {
        let found = wrong(text);
        assert!(found.contains(message), "{text:?}\n gave {found}\n not {message}");
    }
}

#[test]
fn nesting_is_capped() {
    let nested = |depth: usize| "<s>".repeat(depth) + &"</s>".repeat(depth);
    assert!(all(nested(512).as_bytes()).is_ok());
    assert!(wrong(nested(513)).contains("nested more than 512 deep"));
    assert!(wrong("<s>".repeat(200_000)).contains("nested more than 512 deep"));
}

#[test]
fn a_text_that_ends_too_early_is_incomplete_while_the_file_may_grow() {
    let text = "<?xml version='1.0'?><a><b x='1'>t &amp; <![CDATA[c]]><!-- d --></b></a>";
    for length in 0..text.len() {
        for may_grow in [true, false] {
            let mut bytes = &text.as_bytes()[..length];
            let ended = XmlReader::open(&mut bytes, may_grow).and_then(|mut reader| {
                while reader.next(|depth, _| depth > 1)?.is_some() {}
                Ok(())
            });
            match ended {
                Err(Failure::Incomplete(rejection)) if may_grow => assert!(rejection.at.is_some()),
                Err(Failure::Rejected(_)) if !may_grow => {}
                other => panic!("{:?} with may_grow {may_grow} gave {other:?}", &text[..length]),
            }
        }
    }
}

#[test]
fn malformed_text_is_rejected_even_while_the_file_may_grow() {
    let mut bytes = &b"<a><b></c></a>"[..];
    let ended = XmlReader::open(&mut bytes, true).and_then(|mut reader| reader.next(|depth, _| depth > 1));
    assert!(matches!(ended, Err(Failure::Rejected(_))), "{ended:?}");
}

/// Gives one byte at a time.
struct Drip<'a>(&'a [u8]);

impl Read for Drip<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let length = out.len().min(1).min(self.0.len());
        self.0.read(&mut out[..length])
    }
}

impl BufRead for Drip<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        Ok(&self.0[..self.0.len().min(1)])
    }
    fn consume(&mut self, amount: usize) {
        self.0.consume(amount);
    }
}

#[test]
fn it_does_not_matter_in_which_pieces_the_bytes_come() {
    let long = "ü ° ".repeat(1000);
    let text = format!("<a>\r\n<b x='{long}'>{long}<c y='1'/></b>\r\n<b>\u{1}</b></a>");
    for bytes in [text.as_bytes().to_vec(), WINDOWS_1252.encode(&text).0.into_owned()] {
        let mut drip = Drip(&bytes);
        let mut reader = XmlReader::open(&mut drip, false).unwrap();
        let mut elements = Vec::new();
        while let Some(element) = reader.next(|depth, _| depth > 1).unwrap() {
            elements.push(element);
        }
        assert_eq!((elements, reader.take_warnings()), all(&bytes).unwrap());
    }
}

#[test]
fn a_record_is_given_before_the_rest_of_the_file_is_read() {
    let mut bytes = Vec::from(b"<a>");
    for number in 0..20_000 {
        bytes.extend(format!("<b n='{number}'>text of a record</b>\n").bytes());
    }
    let mut rest = &bytes[..];
    {
        let mut reader = XmlReader::open(&mut rest, false).unwrap();
        let first = reader.next(|depth, _| depth > 1).unwrap().unwrap();
        assert_eq!(first.attributes[0].value, "0");
    }
    assert!(bytes.len() - rest.len() < 64 * 1024, "{} bytes were read for the first record", bytes.len() - rest.len());
}

#[test]
fn documents_appended_to_one_file_are_all_read() {
    assert_eq!(all(b"<?xml version='1.0'?><a><b/></a>\n<?xml version='1.0'?><a><b/><b/></a>\0\0").unwrap().0.len(), 3);
}
