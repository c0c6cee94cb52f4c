//! Files spoilt by chance, the way files are: bytes that flip or go missing, pieces that come twice or from another file, numbers and
//! texts that no tester should write, markup and lines repeated, the encoding changed.

use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{Rng, RngExt};

/// Values put where a number or a text stood.
const ODD: [&str; 32] = [
    "NaN",
    "-nan(ind)",
    "Infinity",
    "1.#QNAN",
    "-1.#IND",
    "1e400",
    "1e-400",
    "1,5",
    "1.234,5",
    "-0",
    "+5",
    ".5",
    "5.",
    "0x1F",
    "",
    " ",
    "null",
    "true",
    "{}",
    "[]",
    "\"\"",
    "\\u0000",
    "\\ud800",
    "&#0;",
    "&x;",
    "2026-03-29T02:30:00",
    "9999-12-31T23:59:59",
    "1899-12-30",
    "Passed",
    "GELE",
    "\u{0}\u{1b}",
    "é\u{301}𝄞",
];
/// No file of chance is longer.
const LONGEST: usize = 64 << 10;

/// The file, spoilt in one to six places; `others` lend pieces.
pub(crate) fn mutate(file: &[u8], others: &[Vec<u8>], chance: &mut StdRng) -> Vec<u8> {
    let mut bytes = file.to_vec();
    for _ in 0..chance.random_range(1..=6) {
        once(&mut bytes, others, chance);
        bytes.truncate(LONGEST);
    }
    bytes
}

fn once(bytes: &mut Vec<u8>, others: &[Vec<u8>], chance: &mut StdRng) {
    let at = chance.random_range(0..=bytes.len());
    match chance.random_range(0..12) {
        0 if at < bytes.len() => bytes[at] ^= 1 << chance.random_range(0..8),
        1 if at < bytes.len() => bytes[at] = chance.random(),
        2 => bytes.insert(at, *b"\0\t\n\r\"&'<>\\{}[],:;-.\xff\xc3\xed".choose(chance).unwrap_or(&0)),
        3 => drop(bytes.drain(some(at, bytes.len(), chance))),
        4 => {
            let piece = bytes[some(at, bytes.len(), chance)].to_vec();
            insert(bytes, chance, &piece);
        }
        5 => {
            let other = others.choose(chance).cloned().unwrap_or_default();
            let from = chance.random_range(0..=other.len());
            let piece = some(from, other.len(), chance);
            insert(bytes, chance, &other[piece]);
        }
        6 | 7 => replace_run(bytes, at, chance, |byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'-')),
        8 => replace_run(bytes, at, chance, |byte| !matches!(byte, b'"' | b'\t' | b'\n' | b'<' | b'>')),
        9 => repeat_piece(bytes, at, chance, b'<', b'>'),
        10 => repeat_piece(bytes, at, chance, b'\n', b'\n'),
        11 if chance.random_ratio(1, 8) => *bytes = recoded(bytes, chance),
        _ => bytes.truncate(at),
    }
}

/// A short range that begins at `at`; now and then a long one.
fn some(at: usize, length: usize, chance: &mut StdRng) -> std::ops::Range<usize> {
    let most = if chance.random_ratio(1, 10) { 4096 } else { 40 };
    at..(at + chance.random_range(0..=most)).min(length)
}

fn insert(bytes: &mut Vec<u8>, chance: &mut impl Rng, piece: &[u8]) {
    let at = chance.random_range(0..=bytes.len());
    bytes.splice(at..at, piece.iter().copied());
}

/// Puts an odd value in the place of the bytes around or behind `at` that are all `of` a kind.
fn replace_run(bytes: &mut Vec<u8>, at: usize, chance: &mut StdRng, of: fn(u8) -> bool) {
    let Some(begin) = bytes[at..].iter().position(|byte| of(*byte)).map(|offset| at + offset) else { return };
    let end = bytes[begin..].iter().position(|byte| !of(*byte)).map_or(bytes.len(), |offset| begin + offset);
    let value = if chance.random_ratio(1, 20) { "9".repeat(5000) } else { (*ODD.choose(chance).unwrap_or(&"")).to_owned() };
    bytes.splice(begin..end, value.into_bytes());
}

/// Repeats what stands between the two bytes, as a tag or a line, up to a hundred times.
fn repeat_piece(bytes: &mut Vec<u8>, at: usize, chance: &mut StdRng, open: u8, close: u8) {
    let Some(begin) = bytes[at..].iter().position(|byte| *byte == open).map(|offset| at + offset) else { return };
    let Some(end) = bytes[begin + 1..].iter().position(|byte| *byte == close).map(|offset| begin + 2 + offset) else { return };
    let piece = bytes[begin..end].repeat(chance.random_range(1..=100));
    bytes.splice(end..end, piece);
}

/// The text in UTF-16 or windows-1252, or with a byte order mark that may be a lie.
fn recoded(bytes: &[u8], chance: &mut StdRng) -> Vec<u8> {
    let text = String::from_utf8_lossy(bytes);
    match chance.random_range(0..4) {
        0 => text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
        1 => [0xfe, 0xff].into_iter().chain(text.encode_utf16().flat_map(u16::to_be_bytes)).collect(),
        2 => encoding_rs::WINDOWS_1252.encode(&text).0.into_owned(),
        _ => [&[0xff, 0xfe], bytes].concat(),
    }
}
