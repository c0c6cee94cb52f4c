use serde_json::json;

use super::*;

fn env(name: &str) -> Option<String> {
    let pairs =
        [("HOST", "line.example"), ("PORT", "3128"), ("EMPTY", ""), ("ON", "yes"), ("FLOAT", "0.50"), ("A1_b", "x"), ("LOOP", "${HOST}")];
    pairs.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
}

fn text(text: &str) -> (String, usize) {
    let (value, warnings) = expand(&json!({ "location": text }), &env);
    (value["location"].as_str().unwrap().to_owned(), warnings.len())
}

#[test]
fn a_text_is_expanded_by_these_rules() {
    for (raw, expected, warnings) in [
        ("plain", "plain", 0),
        ("${HOST}", "line.example", 0),
        ("https://${HOST}:${PORT}/x", "https://line.example:3128/x", 0),
        ("${HOST:-other}", "line.example", 0),
        ("${NOPE:-other}", "other", 0),
        ("${NOPE:-}", "", 0),
        ("${EMPTY:-other}", "other", 0),
        ("${EMPTY}", "${EMPTY}", 1),
        ("${NOPE}", "${NOPE}", 1),
        ("${NOPE}/${ALSO}", "${NOPE}/${ALSO}", 2),
        ("${NOPE:-${HOST}}", "line.example", 0),
        ("${NOPE:-${ALSO:-deep}}", "deep", 0),
        ("${NOPE:-${ALSO}}", "${ALSO}", 1),
        ("${NOPE:-http://a:1/b}", "http://a:1/b", 0),
        ("${A1_b}", "x", 0),
        // a value is not expanded again
        ("${LOOP}", "${HOST}", 0),
        ("$HOST", "$HOST", 0),
        ("$$HOST $", "$$HOST $", 0),
        ("${HOST", "${HOST", 0),
        ("${HOST ${PORT}", "${HOST 3128", 0),
        ("HOST}", "HOST}", 0),
        ("${}", "${}", 0),
        ("${1A}", "${1A}", 0),
        ("${A B}", "${A B}", 0),
        ("{HOST}", "{HOST}", 0),
        ("${PORT}", "3128", 0),
        ("ä${HOST}ö", "äline.exampleö", 0),
    ] {
        assert_eq!(text(raw), (expected.to_owned(), warnings), "{raw}");
    }
}

#[test]
fn expanded_values_have_the_type_the_schema_wants() {
    let raw = json!({
        "max_concurrent_uploads": "${PORT}",
        "paused": "${ON}",
        "station_name": "${PORT}",
        "operator": "${PORT}",
        "default_process_code": "${NOPE:-10}",
        "converters": [{ "settle_s": "${FLOAT}", "priority": "${HOST}", "options": { "n": "${PORT}", "s": "p${PORT}", "deep": ["${HOST}"] } }],
    });
    let expected = json!({
        "max_concurrent_uploads": 3128,
        "paused": true,
        "station_name": "3128",
        "operator": "3128",
        "default_process_code": 10,
        "converters": [{ "settle_s": serde_json::from_str::<Value>("0.50").unwrap(), "priority": "line.example",
            "options": { "n": 3128, "s": "p3128", "deep": ["line.example"] } }],
    });
    let (value, warnings) = expand(&raw, &env);
    assert_eq!(value, expected);
    assert!(warnings.is_empty());
}

#[test]
fn a_text_that_was_written_as_a_text_stays_one() {
    let raw = json!({ "max_concurrent_uploads": "7", "paused": "yes", "converters": [{ "options": { "n": "7" } }] });
    assert_eq!(expand(&raw, &env).0, raw);
}

#[test]
fn an_unset_variable_is_told_of_with_its_path() {
    let (_, warnings) = expand(&json!({ "converters": [{ "watch_folder": "${NOPE}/in" }] }), &env);
    assert_eq!(warnings[0].path, "converters[0].watch_folder");
    assert!(warnings[0].message.contains("NOPE is not set"), "{}", warnings[0].message);
}
