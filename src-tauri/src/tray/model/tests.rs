//! The tray of typical stations, as a person reads it.

use super::*;
use crate::snapshot::for_tests::{all, idle, stopped};
use crate::snapshot::{AppSnapshot, QueueSnapshot};

/// The model as text: tone and tooltip, then the menu; `-` before what cannot be clicked.
fn drawn(model: &TrayModel) -> String {
    let mut text = format!("[{:?}] {}\n", model.tone, model.tooltip);
    lines(&model.entries, 0, &mut text);
    text
}

fn lines(entries: &[Entry], depth: usize, text: &mut String) {
    for entry in entries {
        let indent = "  ".repeat(depth);
        match entry {
            Entry::Rule => *text += &format!("{indent}---\n"),
            Entry::Text(line) => *text += &format!("{indent}{line}\n"),
            Entry::Click { action, text: line, enabled } => {
                let mark = if *enabled { "*" } else { "-" };
                *text += &format!("{indent}{mark} {line} ({})\n", action.id());
            }
            Entry::Group { text: line, entries } => {
                *text += &format!("{indent}{line} >\n");
                lines(entries, depth + 1, text);
            }
        }
    }
}

fn busy() -> InstanceSnapshot {
    let queue = QueueSnapshot { queued: 12, processing: 2, error: 1, oldest_age_s: Some(3) };
    InstanceSnapshot {
        tone: Tone::Busy,
        word: StateWord::Busy,
        queue: Some(queue),
        rejected_today: Some(2),
        name: "ICT line 3".to_owned(),
        ..idle("ict", 7)
    }
}

#[test]
fn a_station_without_an_instance_says_so() {
    insta::assert_snapshot!(drawn(&model(&all(Vec::new()), Language::English)));
}

#[test]
fn two_instances_in_english_and_german() {
    let snapshot = all(vec![busy(), stopped("fct")]);
    insta::assert_snapshot!("two_in_english", drawn(&model(&snapshot, Language::English)));
    insta::assert_snapshot!("two_in_german", drawn(&model(&snapshot, Language::German)));
}

#[test]
fn a_worker_that_hangs_can_be_ended_and_a_paused_one_resumed() {
    let hangs = InstanceSnapshot { tone: Tone::Error, word: StateWord::NotResponding, ..idle("ict", 7) };
    let paused = InstanceSnapshot { tone: Tone::Warning, word: StateWord::Degraded, paused: true, ..idle("fct", 8) };
    insta::assert_snapshot!(drawn(&model(&all(vec![hangs, paused]), Language::English)));
}

#[test]
fn what_is_awaited_is_said_and_cannot_be_asked_for_twice() {
    let starting = InstanceSnapshot { pending: Some(Pending::Starting), tone: Tone::Starting, ..stopped("ict") };
    let stopping = InstanceSnapshot { pending: Some(Pending::Stopping), ..idle("fct", 8) };
    insta::assert_snapshot!(drawn(&model(&all(vec![starting, stopping]), Language::English)));
}

#[test]
fn a_missing_program_is_the_first_line_and_a_warning() {
    let app = AppSnapshot { sidecar_trouble: Some("the worker's program is missing".to_owned()), ..AppSnapshot::default() };
    let snapshot = crate::observe::overall(vec![idle("ict", 7)], String::new(), None, app);
    let model = model(&snapshot, Language::English);
    assert_eq!(model.tone, Tone::Warning);
    assert_eq!(model.entries.first(), Some(&Entry::Text("the worker's program is missing".to_owned())));
}

#[test]
fn the_worst_instance_gives_the_shape() {
    let with = |tone| InstanceSnapshot { tone, ..idle("x", 1) };
    let order = [Tone::Off, Tone::Ok, Tone::Busy, Tone::Starting, Tone::Warning, Tone::Error];
    for (at, worse) in order.iter().enumerate() {
        for better in &order[..=at] {
            assert_eq!(all(vec![with(*better), with(*worse)]).tone, *worse, "{better:?} {worse:?}");
        }
    }
}

#[test]
fn a_name_with_line_breaks_or_marks_stays_one_plain_line() {
    let odd = InstanceSnapshot { name: "<b>ICT</b>\u{202e}\u{1b}[31m\nsecond".to_owned(), ..idle("ict", 7) };
    let model = model(&all(vec![odd]), Language::English);
    let Entry::Group { text, .. } = &model.entries[0] else { panic!("{model:?}") };
    assert_eq!(text, "<b>ICT</b>[31m: idle · 0 queued · 0 failed");
}

#[test]
fn every_action_is_found_again_by_its_name() {
    for (verb, _) in VERBS {
        let action = Action::Of(verb, "ict-1".to_owned());
        assert_eq!(Action::parse(&action.id()), Some(action));
    }
    for action in [Action::StartAll, Action::StopAll, Action::Open, Action::CheckUp, Action::Quit, Action::QuitAndStop] {
        assert_eq!(Action::parse(&action.id()), Some(action));
    }
    assert_eq!(Action::parse("format:ict"), None);
}
