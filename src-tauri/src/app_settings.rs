//! The app's own settings, for this user: one small file. One that cannot be read is set aside, and the defaults hold.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use specta::Type;

use crate::error::CommandError;
use crate::words::Language;

/// What a person chose for the app.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub(crate) struct AppSettings {
    /// The language of window, tray and notifications.
    pub(crate) language: LanguageChoice,
    /// Light or dark.
    pub(crate) theme: Theme,
    /// Whether notifications are shown.
    pub(crate) notifications: bool,
    /// Whether the app starts when the user logs in.
    pub(crate) start_with_computer: bool,
    /// What the page wants to remember.
    pub(crate) flags: BTreeMap<String, bool>,
}

/// The language of the app.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "lowercase")]
pub(crate) enum LanguageChoice {
    /// The system's.
    #[default]
    System,
    /// English.
    En,
    /// German.
    De,
}

/// Light or dark.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Theme {
    /// As the system.
    #[default]
    System,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

impl Default for AppSettings {
    fn default() -> Self {
        Self {
            language: LanguageChoice::System,
            theme: Theme::System,
            notifications: true,
            start_with_computer: false,
            flags: BTreeMap::new(),
        }
    }
}

impl AppSettings {
    /// The language to speak on a system with this locale.
    pub(crate) fn language(&self, locale: &str) -> Language {
        match self.language {
            LanguageChoice::System => Language::of(locale),
            LanguageChoice::En => Language::English,
            LanguageChoice::De => Language::German,
        }
    }
}

/// The settings as they are, and their file.
pub(crate) struct Kept {
    file: PathBuf,
    now: Mutex<AppSettings>,
}

impl Kept {
    /// Reads the file.
    pub(crate) fn open(file: PathBuf) -> Kept {
        let now = read(&file);
        Kept { file, now: Mutex::new(now) }
    }

    pub(crate) fn get(&self) -> AppSettings {
        self.now.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Saves them.
    ///
    /// # Errors
    /// When the file cannot be written; the ones before hold then.
    pub(crate) fn set(&self, settings: AppSettings) -> Result<(), CommandError> {
        write(&self.file, &settings).map_err(|error| CommandError::at(&self.file, error))?;
        *self.now.lock().unwrap_or_else(PoisonError::into_inner) = settings;
        Ok(())
    }
}

fn read(file: &Path) -> AppSettings {
    let Ok(text) = std::fs::read(file) else { return AppSettings::default() };
    parsed(&text).unwrap_or_else(|_| {
        // Kept for whoever wants to look; a file that cannot be renamed is written over by the next change.
        let _kept = std::fs::rename(file, file.with_extension("json.bad"));
        AppSettings::default()
    })
}

/// What an older version did not write yet has its default.
fn parsed(text: &[u8]) -> serde_json::Result<AppSettings> {
    let mut whole: Map<String, Value> = serde_json::from_value(serde_json::to_value(AppSettings::default())?)?;
    whole.extend(serde_json::from_slice::<Map<String, Value>>(text)?);
    serde_json::from_value(Value::Object(whole))
}

fn write(file: &Path, settings: &AppSettings) -> std::io::Result<()> {
    if let Some(folder) = file.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let new = file.with_extension("json.new");
    std::fs::write(&new, serde_json::to_vec_pretty(settings)?)?;
    std::fs::rename(&new, file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_chosen_is_there_after_a_restart_and_a_damaged_file_is_set_aside() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("app/settings.json");
        let kept = Kept::open(file.clone());
        assert!(kept.get() == AppSettings::default() && kept.get().notifications && !kept.get().start_with_computer);
        let chosen = AppSettings { language: LanguageChoice::De, notifications: false, ..AppSettings::default() };
        kept.set(chosen.clone()).unwrap();
        assert_eq!(Kept::open(file.clone()).get(), chosen);
        std::fs::write(&file, r#"{"theme": "dark", "later": 1}"#).unwrap();
        assert_eq!(Kept::open(file.clone()).get(), AppSettings { theme: Theme::Dark, ..AppSettings::default() });
        std::fs::write(&file, "{\"language\":").unwrap();
        assert_eq!(Kept::open(file.clone()).get(), AppSettings::default());
        assert!(file.with_extension("json.bad").exists());
    }

    #[test]
    fn a_chosen_language_wins_over_the_systems() {
        let german = AppSettings { language: LanguageChoice::De, ..AppSettings::default() };
        assert_eq!(german.language("en_US"), Language::German);
        assert_eq!(AppSettings::default().language("de_DE"), Language::German);
        assert_eq!(AppSettings::default().language("fr_FR"), Language::English);
    }
}
