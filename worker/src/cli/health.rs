//! How the judgement of an instance looks on a terminal: a symbol and a mood for it. The judgement itself is `instance::health`.

use crate::output::Mood;
use instance::{Health, State, Tone, Word};

/// The mark before an instance.
pub(crate) fn symbol(health: &Health) -> char {
    match health.word {
        Word::Stopped => '○',
        Word::Crashed => '×',
        Word::NotResponding => '⚠',
        Word::Says(State::Ok | State::Idle | State::Busy) => '●',
        Word::Says(State::Startup) => '○',
        Word::Says(State::Degraded | State::Warning) => '◐',
        Word::Says(State::Error | State::Failed) => '×',
        Word::Says(State::Shutdown) => '-',
        Word::Says(State::Unknown) => '?',
    }
}

/// How its line is set off.
pub(crate) fn mood(health: &Health) -> Mood {
    match health.tone {
        Tone::Off => Mood::Quiet,
        Tone::Ok | Tone::Busy => Mood::Good,
        Tone::Starting | Tone::Warning => Mood::Warning,
        Tone::Error => Mood::Bad,
    }
}

/// What the symbols mean.
pub(crate) const LEGEND: [(char, Mood, &str); 8] = [
    ('●', Mood::Good, "ok, idle or busy: all is well"),
    ('○', Mood::Quiet, "stopped, or (yellow) starting"),
    ('◐', Mood::Warning, "degraded, or a warning"),
    ('×', Mood::Bad, "an error, a failure, or ended without tidying up"),
    ('⚠', Mood::Bad, "runs, but gave no heartbeat for 10 s (yellow) or a minute (red)"),
    ('-', Mood::Warning, "stopping"),
    ('?', Mood::Warning, "unknown"),
    ('⟳', Mood::Warning, "the settings have changed; a restart applies them"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_symbol_and_mood_an_instance_can_have_is_in_the_legend() {
        let health = |tone, word| Health { tone, word, message: String::new(), running: true };
        let table = [
            (Tone::Off, Word::Stopped),
            (Tone::Error, Word::Crashed),
            (Tone::Error, Word::NotResponding),
            (Tone::Ok, Word::Says(State::Idle)),
            (Tone::Warning, Word::Says(State::Degraded)),
            (Tone::Error, Word::Says(State::Failed)),
            (Tone::Starting, Word::Says(State::Shutdown)),
            (Tone::Warning, Word::Says(State::Unknown)),
        ];
        for (tone, word) in table {
            let health = health(tone, word);
            let shown = (symbol(&health), mood(&health));
            assert!(LEGEND.iter().any(|(symbol, mood, _)| (*symbol, *mood) == shown), "{word}: {shown:?}");
        }
    }
}
