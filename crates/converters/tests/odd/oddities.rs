//! The odd inputs: files that are no text, texts in every wrong encoding, numbers, times and names as no report should have them.

use encoding_rs::WINDOWS_1252;

use crate::base::{Fields, TEXT, head, record, tail, text};

/// An odd input: what is odd about it, and its bytes.
pub(crate) struct Oddity {
    pub(crate) name: String,
    pub(crate) bytes: Vec<u8>,
}

/// An oddity of this name.
pub(crate) fn odd(name: impl Into<String>, bytes: impl Into<Vec<u8>>) -> Oddity {
    Oddity { name: name.into(), bytes: bytes.into() }
}

fn plain(format: &str) -> String {
    text(format, &Fields::default())
}

/// The file with one field set otherwise.
fn with(format: &str, set: impl FnOnce(&mut Fields)) -> String {
    let mut fields = Fields::default();
    set(&mut fields);
    text(format, &fields)
}

/// Nothing odd at all, and files that are no text.
pub(crate) fn files(format: &str) -> Vec<Oddity> {
    let plain = plain(format);
    let noise: Vec<u8> = (0..4096_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    vec![
        odd("nothing odd", plain.clone()),
        odd("no bytes", ""),
        odd("one byte", "x"),
        odd("one opening byte", plain[..1].to_owned()),
        odd("white space only", " \r\n\t\n"),
        odd("noise", noise),
        odd("the beginning of a PNG", &b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x01\0"[..]),
        odd("a ZIP file", &b"PK\x03\x04\x14\0\0\0\x08\0"[..]),
        odd("4096 NUL bytes", vec![0; 4096]),
        odd("NUL bytes behind the report", [plain.as_bytes(), &[0; 512]].concat()),
        odd("a NUL byte in a text", plain.replace(TEXT, "a\0b")),
        odd("the second half is NUL bytes", [&plain.as_bytes()[..plain.len() / 2], &vec![0; plain.len() / 2]].concat()),
        odd("the end-of-file character of DOS", plain.clone() + "\u{1a}"),
        odd("an HTML page", "<!DOCTYPE html>\n<html><body>Please log in</body></html>\n"),
        odd("prose", "Dear tester,\nthis is no report.\n"),
        odd("line ends CRLF", plain.replace('\n', "\r\n")),
        odd("line ends CR", plain.replace('\n', "\r")),
        odd("line ends mixed", plain.replacen('\n', "\r\n", 2).replacen("\n ", "\r ", 1)),
        odd("the file twice", plain.repeat(2)),
    ]
}

/// The report in encodings that are announced, not announced, or announced wrongly.
pub(crate) fn encodings(format: &str) -> Vec<Oddity> {
    let plain = plain(format);
    let utf16 = |text: &str, big: bool| -> Vec<u8> {
        text.encode_utf16().flat_map(|unit| if big { unit.to_be_bytes() } else { unit.to_le_bytes() }).collect()
    };
    let utf32 = |big: bool| -> Vec<u8> {
        let units = std::iter::once('\u{feff}').chain(plain.chars()).map(u32::from);
        units.flat_map(|unit| if big { unit.to_be_bytes() } else { unit.to_le_bytes() }).collect()
    };
    let marked = format!("\u{feff}{plain}");
    let lone = |big: bool| -> Vec<u8> {
        let at = marked.find(TEXT).unwrap();
        let unit = if big { [0xd8, 0x00] } else { [0x00, 0xd8] };
        [utf16(&marked[..at], big), unit.to_vec(), utf16(&marked[at..], big)].concat()
    };
    let latin = WINDOWS_1252.encode(&plain).0.into_owned();
    let swapped = |from: &str, to: &[u8]| {
        let at = plain.find(from).unwrap();
        [&plain.as_bytes()[..at], to, &plain.as_bytes()[at + from.len()..]].concat()
    };
    let declared =
        |label: &str| odd(format!("UTF-8 declared as {label}"), plain.replace("encoding=\"utf-8\"", &format!("encoding=\"{label}\"")));
    let mut all = vec![
        odd("UTF-8 with its mark", marked.clone()),
        odd("UTF-8 with its mark twice", format!("\u{feff}{marked}")),
        odd("UTF-16 LE with its mark", utf16(&marked, false)),
        odd("UTF-16 BE with its mark", utf16(&marked, true)),
        odd("UTF-16 LE without a mark", utf16(&plain, false)),
        odd("UTF-16 BE without a mark", utf16(&plain, true)),
        odd("UTF-16 with an odd number of bytes", [utf16(&marked, false), vec![b' ']].concat()),
        odd("UTF-16 with a lone surrogate, LE", lone(false)),
        odd("UTF-16 with a lone surrogate, BE", lone(true)),
        odd("UTF-32 LE with its mark", utf32(false)),
        odd("UTF-32 BE with its mark", utf32(true)),
        odd("a mark of UTF-16 over UTF-8", [&[0xff, 0xfe], plain.as_bytes()].concat()),
        odd("a mark of UTF-8 over windows-1252", [&[0xef, 0xbb, 0xbf], &*latin].concat()),
        odd("windows-1252, or declared as UTF-8", latin),
        odd("UTF-8 with one letter in windows-1252", swapped("±", &[0xb1])),
        odd("UTF-8 cut inside of a letter", swapped("±", &[0xc2])),
        odd("a surrogate in UTF-8", swapped("±", &[0xed, 0xa0, 0x80])),
        odd("an overlong slash in UTF-8", swapped("±", &[0xc0, 0xaf])),
        odd("U+FFFD itself", plain.replace('±', "\u{fffd}")),
        odd("a letter beyond the 16 bits, in UTF-16", utf16(&marked.replace('±', "𝄞"), false)),
    ];
    if format.starts_with("ws") && format != "wsxf" {
        let escaped = |escape: &str| plain.replace('±', escape);
        if format == "wsjf" {
            all.push(odd("an escaped pair of surrogates", escaped("\\ud834\\udd1e")));
            all.push(odd("an escaped lone surrogate", escaped("\\ud834")));
            all.push(odd("an escaped second half of a surrogate", escaped("\\udd1e")));
            all.push(odd("an escaped NUL", escaped("\\u0000")));
            all.push(odd("a backslash that escapes nothing", escaped("C:\\data")));
        }
    } else {
        all.extend(["windows-1252", "utf-16", "utf-32", "utf-7", "x-user-defined", "klingon", ""].map(declared));
        for reference in ["&#xD834;", "&#0;", "&#1;", "&#x110000;", "&#99999999999;", "&#;", "&nbsp;", "&amp", "& "] {
            all.push(odd(format!("the reference {reference}"), plain.replace('±', reference)));
        }
    }
    all
}

/// Numbers as testers write them. A format that has texts for numbers gets each of them as a text as well.
pub(crate) fn numbers(format: &str) -> Vec<Oddity> {
    let long = "1".repeat(200_000);
    let cases = [
        "NaN",
        "nan",
        "-nan(ind)",
        "Infinity",
        "-Infinity",
        "inf",
        "1.#QNAN",
        "-1.#IND",
        "1.#INF",
        "1e400",
        "-1e400",
        "1e-400",
        "1e99999999999",
        "1,50",
        "1.234,5",
        "1,234",
        "1 234",
        "1_000",
        "0x1F",
        "1.5V",
        "+1.5",
        ".5",
        "5.",
        "007",
        "-0",
        "1e",
        "--1",
        "１.５",
        "٣",
        "true",
        "null",
        "",
        "OVERFLOW",
        "9.91E+37",
        "12345678901234567890.123456789",
    ];
    let mut all = Vec::new();
    for case in cases.into_iter().chain([&*long]) {
        let shown = if case.len() > 100 { "of 200,000 digits" } else { case };
        all.push(odd(format!("the value {shown}"), with(format, |fields| fields.value = case.into())));
        all.push(odd(format!("the limit {shown}"), with(format, |fields| fields.low = case.into())));
        if format == "wsjf" {
            all.push(odd(format!("the value \"{shown}\""), with(format, |fields| fields.value = format!("\"{case}\""))));
            all.push(odd(format!("the limit \"{shown}\""), with(format, |fields| fields.low = format!("\"{case}\""))));
        }
    }
    all
}

/// Times without a zone, in the hours of a clock change (the station is in Oslo), at the ends of the calendar, and no times.
pub(crate) fn times(format: &str) -> Vec<Oddity> {
    let cases = [
        ("local in summer", "2026-07-01T09:00:00"),
        ("that never was", "2026-03-29T02:30:00"),
        ("that was twice", "2026-10-25T02:30:00"),
        ("with an offset", "2026-10-25T02:30:00+01:00"),
        ("in universal time", "2026-10-25T00:30:00Z"),
        ("with an offset of seconds", "1899-12-30T00:00:00+00:43:00"),
        ("in the year 1899", "1899-12-30T00:00:00"),
        ("in the year 0001", "0001-01-01T00:00:00"),
        ("in the year 9999", "9999-12-31T23:59:59"),
        ("in the year 10000", "10000-01-01T00:00:00"),
        ("before the year 0", "-0001-01-01T00:00:00"),
        ("at second 60", "2016-12-31T23:59:60"),
        ("at 24:00", "2026-03-04T24:00:00"),
        ("on 30 February", "2026-02-30T00:00:00"),
        ("without a time of day", "2026-03-04"),
        ("as Unix seconds", "1772608530"),
        ("with month first", "03/04/2026 08:15:30"),
        ("with dots", "04.03.2026 08:15:30"),
        ("with a long fraction", "2026-03-04T08:15:30.12345678901234567890"),
        ("in words", "yesterday"),
        ("with another zone's name", "2026-03-04T08:15:30[Asia/Tokyo]"),
    ];
    let mut all: Vec<Oddity> = cases
        .iter()
        .map(|(name, time)| odd(format!("a start {name}"), with(format, |fields| fields.start = Some((*time).into()))))
        .collect();
    all.extend(cases.iter().map(|(name, time)| {
        odd(format!("a UTC start {name}"), with(format, |fields| (fields.start, fields.start_utc) = (None, Some((*time).into()))))
    }));
    all.push(odd("a start and a UTC start a day apart", with(format, |fields| fields.start_utc = Some("2026-03-05T07:15:30Z".into()))));
    all.push(odd("no start", with(format, |fields| fields.start = None)));
    all.push(odd("an empty start", with(format, |fields| fields.start = Some(String::new()))));
    all
}

/// Serial numbers, part numbers and names that are missing, endless, or not for reading.
pub(crate) fn names(format: &str) -> Vec<Oddity> {
    let values = [
        ("empty", String::new()),
        ("blank", "  ".into()),
        ("of 100 characters", "x".repeat(100)),
        ("of 101 characters", "x".repeat(101)),
        ("of 10,000 characters", "x".repeat(10_000)),
        ("with control characters", "a\u{1}\u{1b}[31mb\u{7f}".into()),
        ("with a C1 control character", "a\u{85}b".into()),
        ("with a line end", "a\nb".into()),
        ("with a tab", "a\tb".into()),
        ("with wild cards", "*%?".into()),
        ("with a path", "..\u{2215}..\u{2215}etc".into()),
        ("that reads from right to left", "\u{202e}321".into()),
        ("of one letter joined from many", "e\u{301}\u{302}\u{303}".into()),
        ("of emoji", "👩‍🔧".into()),
    ];
    let mut all = Vec::new();
    for (name, value) in values {
        all.push(odd(format!("a serial number {name}"), with(format, |fields| fields.sn = value.clone())));
        all.push(odd(format!("a part number {name}"), with(format, |fields| fields.pn = value.clone())));
        all.push(odd(format!("a step name {name}"), with(format, |fields| fields.text = value)));
    }
    all
}

/// Files of many reports.
pub(crate) fn crowds(format: &str) -> Vec<Oddity> {
    let each = |n: usize, fields: Fields| record(format, &Fields { sn: format!("SN-{n}"), ..fields });
    let many =
        |count: usize| format!("{}{}{}", head(format), (0..count).map(|n| each(n, Fields::default())).collect::<String>(), tail(format));
    let bad = |at: usize| -> String {
        let fields = |n| Fields { pn: if n == at { String::new() } else { "PN-1".into() }, ..Fields::default() };
        format!("{}{}{}", head(format), (0..10).map(|n| each(n, fields(n))).collect::<String>(), tail(format))
    };
    vec![
        odd("500 reports", many(500)),
        odd("ten reports, the fifth without a part number", bad(4)),
        odd("ten reports, the last without a part number", bad(9)),
    ]
}
