//! The settings as raw JSON: what is edited and saved. Keeps unknown keys, their order, and texts like `${VAR}`.

use std::{
    fmt, fs,
    fs::{File, OpenOptions},
    io,
    path::{Path, PathBuf},
};

use serde_json::{Value, json};

use super::{
    CONFIG_VERSION, Config, ConfigError, ConfigWarning, Loaded, Migration, PathError, Problem, SaveError,
    check::{Placeholders, check, shown},
    expand::{expand, has_placeholder},
    hash_of, merge, migrate,
    path::{self, Step},
    place::Places,
    pywats,
    schema::Shape,
    text::parse,
    versions,
};
use crate::{
    Layout, Secret,
    replace::{Durability, patiently, replace},
    secret,
};

/// A settings file as raw JSON, with the hash it must still have when it is saved.
#[derive(Clone)]
pub struct Document {
    file: PathBuf,
    /// The text it was read from, for places in messages.
    text: String,
    places: Places,
    value: Value,
    hash: Option<String>,
    migration: Option<Migration>,
}

impl Document {
    /// New settings, to be saved where there are none yet. Everything has its default.
    pub fn create() -> Document {
        Document::over(json!({ "schema_version": CONFIG_VERSION }), None)
    }

    /// Settings made elsewhere, to be saved over those with the hash `expected` (`None`: where there are none yet).
    pub fn over(value: Value, expected: Option<&str>) -> Document {
        Document {
            file: PathBuf::new(),
            text: String::new(),
            places: Places::default(),
            value,
            hash: expected.map(str::to_owned),
            migration: None,
        }
    }

    /// Reads a settings file; one of an older version is migrated in memory. A byte order mark, CRLF and UTF-16 (as
    /// Windows tools write it) are accepted.
    ///
    /// # Errors
    /// When there is none, it cannot be read, is of a newer version or no JSON object. Values are checked by
    /// [`Document::read`].
    pub fn open(layout: &Layout) -> Result<Document, ConfigError> {
        Document::open_file(layout.config())
    }

    /// The same for a settings file that lies elsewhere.
    ///
    /// # Errors
    /// As for [`Document::open`].
    pub fn open_file(file: PathBuf) -> Result<Document, ConfigError> {
        let bytes = match patiently(|| fs::read(&file)) {
            Ok(bytes) => bytes,
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Err(ConfigError::Missing { file }),
            Err(source) => return Err(ConfigError::Read { file, source }),
        };
        let (text, value) = parse(&bytes).map_err(|problem| invalid(&file, vec![*problem]))?;
        let places = Places::of(&text);
        let (value, migration) = migrate::migrate(value, &file)?;
        Ok(Document { file, text, places, value, hash: Some(hash_of(&bytes)), migration })
    }

    /// The whole raw document.
    pub fn value(&self) -> &Value {
        &self.value
    }

    /// Hash of the file this was read from; `None` for new settings.
    pub fn hash(&self) -> Option<&str> {
        self.hash.as_deref()
    }

    /// Set when the file is of an older version.
    pub fn migration(&self) -> Option<&Migration> {
        self.migration.as_ref()
    }

    /// The raw value at a path like `converters[0].format`; `None` when nothing is set there.
    ///
    /// # Errors
    /// When the path is malformed.
    pub fn get(&self, path: &str) -> Result<Option<&Value>, PathError> {
        Ok(path::get(&self.value, &path::parse(path)?))
    }

    /// Sets a value. Objects on the way are made; an index one past the end of a list appends.
    ///
    /// # Errors
    /// When the path is malformed or goes through something that is no object or list.
    pub fn set(&mut self, path: &str, value: Value) -> Result<(), PathError> {
        path::set(&mut self.value, path, value)
    }

    /// Sets a value given as text, as on a command line: taken as a text where the schema wants one, else as JSON.
    ///
    /// # Errors
    /// As for [`Document::set`].
    pub fn set_text(&mut self, path: &str, text: &str) -> Result<(), PathError> {
        let value = typed(text, shape_at(&path::parse(path)?));
        self.set(path, value)
    }

    /// Removes a value, so that its default holds; returns what was there.
    ///
    /// # Errors
    /// When the path is malformed.
    pub fn remove(&mut self, path: &str) -> Result<Option<Value>, PathError> {
        Ok(path::remove(&mut self.value, &path::parse(path)?))
    }

    /// Carries over what differs between the settings as they were read and as they are wanted. A `${VAR}` whose value
    /// is the same stays.
    ///
    /// # Errors
    /// None today: settings always are JSON. The error is serde's.
    pub fn update(&mut self, before: &Config, after: &Config) -> serde_json::Result<()> {
        merge::merge(&mut self.value, &serde_json::to_value(before)?, &serde_json::to_value(after)?);
        Ok(())
    }

    /// Expands variables, checks everything, and gives the typed settings.
    ///
    /// # Errors
    /// [`ConfigError::Invalid`] with every value that breaks the schema.
    pub fn read(&self, env: &dyn Fn(&str) -> Option<String>) -> Result<Loaded, ConfigError> {
        let (expanded, unset) = expand(&self.value, env);
        let findings = check(&expanded, Placeholders::Expanded);
        if !findings.problems.is_empty() {
            return Err(self.invalid(findings.problems.into_iter().map(|problem| self.with_source(problem)).collect()));
        }
        let config: Config = serde_path_to_error::deserialize(expanded)
            .map_err(|e| self.invalid(vec![Problem::new(&e.path().to_string(), e.inner().to_string(), "a smaller value")]))?;
        let twice = self
            .places
            .repeated
            .iter()
            .map(|path| ConfigWarning::new(path, "this key stands here twice; the last one counts. Remove one of them"));
        let notes = self.migration.iter().flat_map(|migration| migration.notes.clone());
        let warnings = notes.chain(twice).chain(unset).chain(findings.warnings);
        Ok(Loaded {
            config,
            hash: self.hash.clone().unwrap_or_default(),
            warnings: warnings
                .map(|warning| {
                    let place = self.places.find(&self.text, &warning.path);
                    warning.at(place)
                })
                .collect(),
            migration: self.migration.clone(),
            document: self.clone(),
        })
    }

    /// Saves the settings: atomically, with the former text in `client_config.json.bak` and among the [`super::versions()`] (of an older version: only in
    /// `client_config.json.v<old>.bak`, without its secrets), and only over the file they were read from. Returns the new hash. Saving what
    /// is already there changes nothing.
    ///
    /// # Errors
    /// [`SaveError::Changed`] when somebody else saved meanwhile, [`SaveError::Invalid`] when a value breaks the schema.
    pub fn save(&mut self, layout: &Layout) -> Result<String, SaveError> {
        let file = layout.config();
        let problems = check(&self.value, Placeholders::Stand).problems;
        if !problems.is_empty() {
            return Err(invalid(&file, problems).into());
        }
        let mut text = format!("{:#}", self.value);
        text.push('\n');
        let io = |source| SaveError::Io { file: file.clone(), source };
        let _turn = take_turn(layout).map_err(io)?;
        let former = existing(&file).map_err(io)?;
        let found = former.as_deref().map(hash_of);
        if found != self.hash {
            return Err(SaveError::Changed { found });
        }
        if let Some(former) = former.filter(|former| former != text.as_bytes()) {
            self.keep(layout, &former)?;
        }
        let hash = hash_of(text.as_bytes());
        if found.as_ref() != Some(&hash) {
            replace(&file, text.as_bytes(), layout.config_mode(), Durability::Synced).map_err(io)?;
        }
        *self = Document { file, places: Places::of(&text), text, value: self.value.take(), hash: Some(hash.clone()), migration: None };
        Ok(hash)
    }

    /// Keeps what is about to be replaced: the former text. Secrets of an older version go to `secret.json` alone.
    fn keep(&self, layout: &Layout, former: &[u8]) -> Result<(), SaveError> {
        let file = layout.config();
        let (backup, text) = match &self.migration {
            Some(migration) => {
                let moved = keep_secret(layout, migration.secret.as_ref())?;
                let (_, old) = parse(former).map_err(|problem| invalid(&file, vec![*problem]))?;
                let major = migration.from.split('.').next().unwrap_or_default();
                let text = format!("{:#}\n", pywats::without_secrets(old, moved));
                (file_beside(&file, &format!(".v{major}.bak")), text.into_bytes())
            }
            None => {
                versions::keep(layout, former).map_err(|(file, source)| SaveError::Io { file, source })?;
                (file_beside(&file, ".bak"), former.to_owned())
            }
        };
        replace(&backup, &text, 0o600, Durability::Synced).map_err(|source| SaveError::Io { file: backup, source })
    }

    /// The same problem with its place in the file.
    pub fn located(&self, problem: Problem) -> Problem {
        let place = self.places.find(&self.text, &problem.path);
        problem.at(place)
    }

    /// Names the variable a wrong value came from.
    fn with_source(&self, problem: Problem) -> Problem {
        match self.get(&problem.path) {
            Ok(Some(raw)) if has_placeholder(raw) => {
                let message = format!("{}; it comes from {}", problem.message, shown(raw));
                problem.saying(message)
            }
            _ => problem,
        }
    }

    fn invalid(&self, problems: Vec<Problem>) -> ConfigError {
        invalid(&self.file, problems.into_iter().map(|problem| self.located(problem)).collect())
    }
}

/// The raw text of an older version may hold a token, so nothing of it is shown.
impl fmt::Debug for Document {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Document").field("file", &self.file).field("hash", &self.hash).finish_non_exhaustive()
    }
}

/// Saves what is not in `secret.json` yet; whether a secret is there now.
fn keep_secret(layout: &Layout, found: Option<&Secret>) -> Result<bool, SaveError> {
    let there = secret::load(layout, &|_| None)?;
    let wanted = match (&there, found) {
        (Some(there), Some(found)) => {
            let proxy_password = there.proxy_password.clone().or_else(|| found.proxy_password.clone());
            Some(Secret { token: there.token.clone(), proxy_password })
        }
        (there, found) => there.as_ref().or(found).cloned(),
    };
    match &wanted {
        Some(wanted) if there.as_ref() != Some(wanted) => secret::save(layout, wanted)?,
        _ => {}
    }
    Ok(wanted.is_some())
}

fn invalid(file: &Path, problems: Vec<Problem>) -> ConfigError {
    ConfigError::Invalid { file: file.to_owned(), problems }
}

fn existing(file: &Path) -> io::Result<Option<Vec<u8>>> {
    match patiently(|| fs::read(file)) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(e) => Err(e),
    }
}

fn file_beside(file: &Path, ending: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}

/// Savers take turns between comparing and replacing; held until dropped.
fn take_turn(layout: &Layout) -> io::Result<File> {
    let file = OpenOptions::new().write(true).create(true).truncate(false).open(layout.dir().join(".client_config.turn"))?;
    file.lock()?;
    Ok(file)
}

fn shape_at(steps: &[Step]) -> Option<Shape> {
    steps.iter().try_fold(Shape::root(), |shape, step| match step {
        Step::Key(key) => shape.key(key),
        Step::Index(_) => shape.entry(),
    })
}

fn typed(text: &str, shape: Option<Shape>) -> Value {
    let plain = Value::from(text);
    let wants_text = shape.is_some_and(|shape| shape.takes("string")) && text != "null";
    if wants_text || has_placeholder(&plain) {
        return plain;
    }
    serde_json::from_str(text).unwrap_or(plain)
}
