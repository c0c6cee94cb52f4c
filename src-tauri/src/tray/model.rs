//! The tray as a value: what it shows for a snapshot. Compared with the one before, and drawn only when it differs. Pure.

use crate::snapshot::{InstanceSnapshot, Pending, Snapshot, StateWord, Tone};
use crate::words::{Language, Phrase};

/// Everything the tray shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TrayModel {
    pub(crate) tone: Tone,
    pub(crate) tooltip: String,
    pub(crate) entries: Vec<Entry>,
}

/// A line of the menu.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Entry {
    /// Something to read.
    Text(String),
    /// Something to click.
    Click { action: Action, text: String, enabled: bool },
    /// A menu in the menu.
    Group { text: String, entries: Vec<Entry> },
    /// A line across.
    Rule,
}

/// What a click asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Action {
    /// For one instance.
    Of(Verb, String),
    StartAll,
    StopAll,
    Open,
    CheckUp,
    Quit,
    QuitAndStop,
}

/// What a click asks of one instance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verb {
    Start,
    Stop,
    Restart,
    Force,
    Pause,
    Resume,
    Folder,
    Log,
}

const VERBS: [(Verb, &str); 8] = [
    (Verb::Start, "start"),
    (Verb::Stop, "stop"),
    (Verb::Restart, "restart"),
    (Verb::Force, "force"),
    (Verb::Pause, "pause"),
    (Verb::Resume, "resume"),
    (Verb::Folder, "folder"),
    (Verb::Log, "log"),
];

impl Action {
    /// The name the menu carries through the system.
    pub(crate) fn id(&self) -> String {
        match self {
            Action::Of(verb, id) => {
                let word = VERBS.iter().find(|(known, _)| known == verb).map_or("", |(_, word)| word);
                format!("{word}:{id}")
            }
            Action::StartAll => "start-all".to_owned(),
            Action::StopAll => "stop-all".to_owned(),
            Action::Open => "open".to_owned(),
            Action::CheckUp => "check-up".to_owned(),
            Action::Quit => "quit".to_owned(),
            Action::QuitAndStop => "quit-and-stop".to_owned(),
        }
    }

    /// The action of a name.
    pub(crate) fn parse(name: &str) -> Option<Action> {
        let plain = [Action::StartAll, Action::StopAll, Action::Open, Action::CheckUp, Action::Quit, Action::QuitAndStop];
        if let Some(action) = plain.into_iter().find(|action| action.id() == name) {
            return Some(action);
        }
        let (word, id) = name.split_once(':')?;
        let (verb, _) = VERBS.iter().find(|(_, known)| *known == word)?;
        Some(Action::Of(*verb, id.to_owned()))
    }
}

/// The tray of a snapshot.
pub(crate) fn model(snapshot: &Snapshot, language: Language) -> TrayModel {
    let say = |phrase| language.say(phrase).to_owned();
    let click = |action, phrase, enabled| Entry::Click { action, text: say(phrase), enabled };
    let totals = &snapshot.totals;
    let mut entries: Vec<Entry> = Vec::new();
    entries.extend(snapshot.app.sidecar_trouble.iter().chain(&snapshot.root_trouble).map(|trouble| Entry::Text(first_line(trouble))));
    entries.extend(snapshot.instances.iter().map(|one| group(one, language)));
    if snapshot.instances.is_empty() {
        entries.push(Entry::Text(say(Phrase::NoInstance)));
    }
    let any = |wanted: fn(&InstanceSnapshot) -> bool| snapshot.instances.iter().any(wanted);
    entries.extend([
        Entry::Rule,
        click(Action::StartAll, Phrase::StartAll, any(may_start)),
        click(Action::StopAll, Phrase::StopAll, any(may_stop)),
        Entry::Rule,
        click(Action::Open, Phrase::OpenWindow, true),
        click(Action::CheckUp, Phrase::CheckUp, !snapshot.instances.is_empty()),
        Entry::Rule,
        click(Action::Quit, Phrase::Quit, true),
        click(Action::QuitAndStop, Phrase::QuitAndStop, any(|one| one.running)),
    ]);
    let tooltip = language.sum(totals.running, totals.instances, totals.owed, totals.refused + totals.rejected_today);
    TrayModel { tone: snapshot.tone, tooltip, entries }
}

pub(crate) fn may_start(one: &InstanceSnapshot) -> bool {
    !one.running && one.pending.is_none()
}

pub(crate) fn may_stop(one: &InstanceSnapshot) -> bool {
    one.running && one.pending != Some(Pending::Stopping)
}

fn group(one: &InstanceSnapshot, language: Language) -> Entry {
    let owed = one.queue.as_ref().map_or(0, |queue| queue.queued + queue.processing);
    let failed = one.queue.as_ref().map_or(0, |queue| queue.error) + one.rejected_today.unwrap_or(0);
    let state = match one.pending {
        Some(Pending::Starting) => language.say(Phrase::Starting).to_owned(),
        Some(Pending::Stopping) => language.say(Phrase::Stopping).to_owned(),
        None if one.running && one.paused => format!("{}, {}", language.state(one.word), language.say(Phrase::Paused)),
        None => language.state(one.word).to_owned(),
    };
    let of =
        |verb, phrase, enabled| Entry::Click { action: Action::Of(verb, one.id.clone()), text: language.say(phrase).to_owned(), enabled };
    let hangs = one.word == StateWord::NotResponding || one.pending == Some(Pending::Stopping);
    let mut entries = vec![
        of(Verb::Start, Phrase::Start, may_start(one)),
        of(Verb::Stop, Phrase::Stop, may_stop(one)),
        of(Verb::Restart, Phrase::Restart, may_stop(one)),
    ];
    if one.running && hangs {
        entries.push(of(Verb::Force, Phrase::Force, true));
    }
    entries.extend([
        if one.paused { of(Verb::Resume, Phrase::Resume, one.running) } else { of(Verb::Pause, Phrase::Pause, one.running) },
        Entry::Rule,
        of(Verb::Folder, Phrase::OpenFolder, true),
        of(Verb::Log, Phrase::ShowLog, true),
    ]);
    Entry::Group { text: language.line(&first_line(&one.name), &state, owed, failed), entries }
}

/// A menu has lines, and its system may take an underscore or ampersand for a mark: names are shown as they are.
fn first_line(text: &str) -> String {
    // Marks that turn the direction of the text would turn what follows the name, too.
    let turns = |c: char| matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    text.lines().next().unwrap_or_default().chars().filter(|c| !c.is_control() && !turns(*c)).take(80).collect()
}

#[cfg(test)]
mod tests;
