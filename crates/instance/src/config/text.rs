//! From the bytes of a settings file to a JSON object, however the file was saved.

use serde_json::Value;

use super::{Problem, check::shown, place::place};

/// The text of a settings file and the JSON object in it.
pub(crate) fn parse(bytes: &[u8]) -> Result<(String, Value), Box<Problem>> {
    let text = decode(bytes)?;
    if text.trim().is_empty() {
        return Err(nothing("the file is empty").into());
    }
    // what a power cut leaves of a file whose content was never written
    if text.bytes().all(|byte| byte == 0) {
        return Err(nothing("the file holds zero bytes only").into());
    }
    let value: Value = serde_json::from_str(&text).map_err(|e| syntax_problem(&text, &e))?;
    if !value.is_object() {
        return Err(Problem::new("", shown(&value), "an object").into());
    }
    Ok((text, value))
}

fn nothing(what: &str) -> Problem {
    let problem = Problem::new("", "an empty file", "a JSON object");
    problem.saying(format!("{what}. Restore a copy of it, or create the instance again"))
}

fn syntax_problem(text: &str, e: &serde_json::Error) -> Problem {
    let words = e.to_string();
    let words = words.split(" at line ").next().unwrap_or_default();
    // serde counts columns in bytes and may point behind the end
    let line_start: usize = text.split_inclusive('\n').take(e.line().saturating_sub(1)).map(str::len).sum();
    let offset = text.floor_char_boundary(line_start + e.column().saturating_sub(1));
    Problem::new("", words, "JSON").saying(format!("this is not JSON: {words}")).at(Some(place(text, offset)))
}

/// UTF-8 with or without a byte order mark, or UTF-16 with one.
fn decode(bytes: &[u8]) -> Result<String, Box<Problem>> {
    match bytes {
        [0xFF, 0xFE, wide @ ..] => decode_utf16(wide, u16::from_le_bytes),
        [0xFE, 0xFF, wide @ ..] => decode_utf16(wide, u16::from_be_bytes),
        [0xEF, 0xBB, 0xBF, bytes @ ..] | bytes => decode_utf8(bytes),
    }
}

fn decode_utf8(bytes: &[u8]) -> Result<String, Box<Problem>> {
    str::from_utf8(bytes).map(str::to_owned).map_err(|e| {
        let valid = String::from_utf8_lossy(&bytes[..e.valid_up_to()]);
        Problem::new("", "a byte that is not UTF-8", "UTF-8")
            .saying("there is a byte that is not UTF-8. Save the file as UTF-8")
            .at(Some(place(&valid, valid.len())))
            .into()
    })
}

fn decode_utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Result<String, Box<Problem>> {
    let units: Vec<u16> = bytes.chunks_exact(2).map(|pair| unit([pair[0], pair[1]])).collect();
    let broken = || Problem::new("", "broken UTF-16", "UTF-8").saying("the file is broken UTF-16. Save it as UTF-8");
    String::from_utf16(&units).map_err(|_| broken().into())
}
