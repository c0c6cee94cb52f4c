//! What holds for every input whatever, for the tables and the chance of other test files.

use converters::Failure;
use serde_json::Value;

use super::Ran;

/// What is taken can be sent as it is and has lost no text, what is refused has its reasons, and all words can be read. `replaced` says
/// that the input itself has replacement characters.
///
/// # Panics
/// When that does not hold.
pub(crate) fn sound(what: &str, replaced: bool, ran: &Ran) {
    for conversion in &ran.kept {
        let body = conversion.report.to_json();
        let body = std::str::from_utf8(&body).unwrap_or_else(|error| panic!("{what}: {error}"));
        assert!(replaced || !body.contains('\u{fffd}'), "{what}: a character was replaced");
        let parsed: Value = serde_json::from_str(body).unwrap_or_else(|error| panic!("{what}: {error}"));
        let errors = conversion.report.check().into_iter().filter(|issue| issue.severity == report::Severity::Error);
        assert_eq!(errors.map(|issue| issue.to_string()).collect::<Vec<_>>(), Vec::<String>::new(), "{what}");
        assert_eq!(parsed["id"], conversion.id.to_string(), "{what}");
        let offset = parsed["start"].as_str().is_some_and(|start| report::Timestamp::new(start).has_offset());
        assert!(offset && parsed["startUTC"].is_string(), "{what}: the start has no offset: {} {}", parsed["start"], parsed["startUTC"]);
        short(what, conversion.warnings.iter().map(|warning| &*warning.message));
    }
    match &ran.end {
        Ok(()) => assert!(!ran.kept.is_empty(), "{what} gave nothing and did not say so"),
        Err(Failure::Rejected(reasons)) => {
            assert!(!reasons.is_empty(), "{what}: no reason");
            for reason in reasons {
                assert!(!reason.message.is_empty() && !reason.fix.is_empty(), "{what}: {reason:?}");
            }
            short(what, reasons.iter().map(|reason| &*reason.message));
        }
        Err(other) => panic!("{what}: {other}"),
    }
}

/// A message is read by a person, in a terminal or a log line.
fn short<'a>(what: &str, messages: impl Iterator<Item = &'a str>) {
    for message in messages {
        assert!(message.len() < 2500, "{what}: a message of {} bytes", message.len());
        assert!(!message.contains(char::is_control), "{what}: a message with control characters: {message:?}");
    }
}
