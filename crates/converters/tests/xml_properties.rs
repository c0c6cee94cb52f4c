//! What must hold for WSXF and WRML whatever the damage: a verdict and no panic.
#![allow(clippy::unwrap_used, clippy::print_stdout)] // helpers of tests, which clippy does not take for tests

mod harness;

use converters::Failure;
use harness::{Case, How, cases, run};
use proptest::prelude::*;
use serde_json::Map;

fn xml_cases() -> Vec<Case> {
    cases().into_iter().filter(|case| matches!(case.format.as_str(), "wsxf" | "wrml")).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn damaged_files_never_panic(pick in any::<prop::sample::Index>(), damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8), wrml in any::<bool>()) {
        let cases = xml_cases();
        let mut bytes = pick.get(&cases).bytes.clone();
        for (at, byte) in damage {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        let how = How { tracing: true, may_grow: false };
        let ended = run(if wrml { "wrml" } else { "wsxf" }, "input.xml", &bytes, &Map::new(), how).end;
        prop_assert!(!matches!(ended, Err(Failure::Incomplete(_) | Failure::Stopped)));
    }

    #[test]
    fn random_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        prop_assert!(run("wsxf", "input.xml", &bytes, &Map::new(), How::default()).end.is_err());
        converters::detect("input.xml", &bytes);
    }
}
