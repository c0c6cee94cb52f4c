//! The words of the tray and of notifications, in the languages of the page. Everything else is said by the page or by the worker.

use crate::alarms::Cause;
use crate::snapshot::StateWord;

/// A language there are words for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Language {
    English,
    German,
}

impl Language {
    /// The language of a locale like `de_DE.UTF-8` or `de-AT`; English where there are no words for it.
    pub(crate) fn of(locale: &str) -> Language {
        let language = locale.split(['_', '-', '.', '@']).next().unwrap_or_default();
        if language.eq_ignore_ascii_case("de") { Language::German } else { Language::English }
    }

    fn of_two(self, english: &'static str, german: &'static str) -> &'static str {
        match self {
            Language::English => english,
            Language::German => german,
        }
    }

    /// The line of a menu or dialogue.
    pub(crate) fn say(self, phrase: Phrase) -> &'static str {
        let (english, german) = phrase.texts();
        self.of_two(english, german)
    }

    /// `2 of 2 running · 14 queued · 0 failed`.
    pub(crate) fn sum(self, running: u32, instances: u32, owed: u64, failed: u64) -> String {
        match self {
            Language::English => format!("{running} of {instances} running · {owed} queued · {failed} failed"),
            Language::German => format!("{running} von {instances} laufen · {owed} in der Warteschlange · {failed} gescheitert"),
        }
    }

    /// The line of one instance: `ict: busy · 14 queued · 1 failed`.
    pub(crate) fn line(self, name: &str, state: &str, owed: u64, failed: u64) -> String {
        match self {
            Language::English => format!("{name}: {state} · {owed} queued · {failed} failed"),
            Language::German => format!("{name}: {state} · {owed} in der Warteschlange · {failed} gescheitert"),
        }
    }

    /// The state in this language.
    pub(crate) fn state(self, word: StateWord) -> &'static str {
        let (english, german) = match word {
            StateWord::Stopped => ("stopped", "gestoppt"),
            StateWord::Crashed => ("crashed", "abgestürzt"),
            StateWord::NotResponding => ("not responding", "antwortet nicht"),
            StateWord::Unknown => ("unknown", "unbekannt"),
            StateWord::Startup => ("starting", "startet"),
            StateWord::Ok => ("ok", "in Ordnung"),
            StateWord::Idle => ("idle", "bereit"),
            StateWord::Busy => ("busy", "arbeitet"),
            StateWord::Degraded => ("degraded", "eingeschränkt"),
            StateWord::Warning => ("warning", "Warnung"),
            StateWord::Error => ("error", "Fehler"),
            StateWord::Shutdown => ("stopping", "hält an"),
            StateWord::Failed => ("failed", "gescheitert"),
        };
        self.of_two(english, german)
    }

    /// The headline of a notification.
    pub(crate) fn headline(self, cause: Cause, name: &str, count: u64) -> String {
        let one = count == 1;
        match (self, cause) {
            (Language::English, Cause::Crashed) => format!("{name}: the worker crashed"),
            (Language::German, Cause::Crashed) => format!("{name}: Der Worker ist abgestürzt"),
            (Language::English, Cause::Hangs) => format!("{name}: the worker does not respond"),
            (Language::German, Cause::Hangs) => format!("{name}: Der Worker antwortet nicht"),
            (Language::English, Cause::Unreachable) => format!("{name}: the server cannot be reached; reports are kept"),
            (Language::German, Cause::Unreachable) => format!("{name}: Der Server ist nicht erreichbar; Berichte bleiben erhalten"),
            (Language::English, Cause::Refuses) => format!("{name}: the server does not let us in"),
            (Language::German, Cause::Refuses) => format!("{name}: Der Server verweigert den Zugang"),
            (Language::English, Cause::Intake) => format!("{name}: no more files are taken in"),
            (Language::German, Cause::Intake) => format!("{name}: Es werden keine Dateien mehr angenommen"),
            (Language::English, Cause::Reports) if one => format!("{name}: 1 report was refused by the server"),
            (Language::English, Cause::Reports) => format!("{name}: {count} reports were refused by the server"),
            (Language::German, Cause::Reports) if one => format!("{name}: 1 Bericht wurde vom Server abgelehnt"),
            (Language::German, Cause::Reports) => format!("{name}: {count} Berichte wurden vom Server abgelehnt"),
            (Language::English, Cause::Files) if one => format!("{name}: 1 file could not be converted"),
            (Language::English, Cause::Files) => format!("{name}: {count} files could not be converted"),
            (Language::German, Cause::Files) if one => format!("{name}: 1 Datei konnte nicht umgewandelt werden"),
            (Language::German, Cause::Files) => format!("{name}: {count} Dateien konnten nicht umgewandelt werden"),
        }
    }
}

/// A fixed text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phrase {
    Start,
    Stop,
    Restart,
    Force,
    Pause,
    Resume,
    OpenFolder,
    ShowLog,
    StartAll,
    StopAll,
    OpenWindow,
    CheckUp,
    Quit,
    QuitAndStop,
    NoInstance,
    Starting,
    Stopping,
    Paused,
    QuitAndStopTitle,
    QuitAndStopQuestion,
    Cancel,
    NotDone,
}

impl Phrase {
    fn texts(self) -> (&'static str, &'static str) {
        match self {
            Phrase::Start => ("Start", "Starten"),
            Phrase::Stop => ("Stop", "Stoppen"),
            Phrase::Restart => ("Restart", "Neu starten"),
            Phrase::Force => ("End by force", "Gewaltsam beenden"),
            Phrase::Pause => ("Pause uploads", "Senden anhalten"),
            Phrase::Resume => ("Resume uploads", "Senden fortsetzen"),
            Phrase::OpenFolder => ("Open folder", "Ordner öffnen"),
            Phrase::ShowLog => ("Show log", "Protokoll zeigen"),
            Phrase::StartAll => ("Start all", "Alle starten"),
            Phrase::StopAll => ("Stop all", "Alle stoppen"),
            Phrase::OpenWindow => ("Open Lineside", "Lineside öffnen"),
            Phrase::CheckUp => ("Run a check-up", "Prüfung ausführen"),
            Phrase::Quit => ("Quit (workers keep running)", "Beenden (Worker laufen weiter)"),
            Phrase::QuitAndStop => ("Quit and stop workers…", "Beenden und Worker stoppen…"),
            Phrase::NoInstance => ("No instance yet", "Noch keine Instanz"),
            Phrase::Starting => ("starting", "startet"),
            Phrase::Stopping => ("stopping", "hält an"),
            Phrase::Paused => ("paused", "angehalten"),
            Phrase::QuitAndStopTitle => ("Quit and stop workers", "Beenden und Worker stoppen"),
            Phrase::QuitAndStopQuestion => (
                "No test report is converted or sent until the workers are started again. What is in flight is finished first.",
                "Bis zum nächsten Start wird kein Testbericht umgewandelt oder gesendet. Was unterwegs ist, wird vorher abgeschlossen.",
            ),
            Phrase::Cancel => ("Cancel", "Abbrechen"),
            Phrase::NotDone => ("That did not work", "Das hat nicht geklappt"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_locale_names_its_language_and_everything_else_is_english() {
        for german in ["de", "de_DE.UTF-8", "de-AT", "DE_ch"] {
            assert_eq!(Language::of(german), Language::German, "{german}");
        }
        for english in ["", "C", "POSIX", "en_US.UTF-8", "fr_FR", "den"] {
            assert_eq!(Language::of(english), Language::English, "{english}");
        }
    }
}
