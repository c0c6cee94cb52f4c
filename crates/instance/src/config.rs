//! The settings of an instance: `client_config.json`.
//!
//! Promises: unknown keys are kept, and told of. Every fault is reported, not only the first, with its JSON path, its
//! line, what was found and what is allowed. `${VAR}` and `${VAR:-default}` are expanded on reading and never written
//! back. A file is saved whole, keeps its former text beside it, and only if nobody changed it meanwhile. Older files
//! are migrated with a copy kept; newer ones are refused.
//!
//! Reading never writes: a worker may run on settings it cannot change.
//!
//! Reading is three steps: bytes → [`Document`] (raw JSON, migrated in memory) → [`Loaded`] (checked and typed). Edits
//! are made on the document, by path, so that texts like `${VAR}` and unknown keys stay as they were.

mod check;
mod document;
mod error;
mod expand;
mod merge;
mod migrate;
mod model;
mod nearest;
mod neighbours;
mod path;
mod place;
mod problems;
mod pywats;
mod schema;
mod text;
mod versions;

use serde_json::Value;

use crate::{Layout, Secret};

pub use document::Document;
pub use error::{ConfigError, ConfigWarning, Problem, SaveError};
pub use model::{CONFIG_VERSION, Config, Duplicates, LogLevel, Polling, PostAction, Proxy, ProxyMode, WatchRule};
pub use path::{PathError, from_pointer, pointer};
pub use problems::without_dots;
pub use schema::schema;
pub use versions::{Version, versions};

/// Settings read from a file.
#[derive(Debug, Clone)]
pub struct Loaded {
    /// The settings, with variables expanded.
    pub config: Config,
    /// Hash of the file's bytes: see [`hash_of`].
    pub hash: String,
    /// What is odd and does not stop the worker: unknown keys, unset variables, notes of a migration.
    pub warnings: Vec<ConfigWarning>,
    /// Set when the file is of an older version and was migrated in memory only.
    pub migration: Option<Migration>,
    pub(crate) document: Document,
}

impl Loaded {
    /// The raw document, to edit and save.
    pub fn document(&self) -> &Document {
        &self.document
    }

    /// [`Config::problems`], each with its place in the file.
    pub fn problems(&self, formats: &[&str]) -> Vec<Problem> {
        let problems = self.config.problems(formats);
        problems.into_iter().map(|problem| self.document.located(problem)).collect()
    }
}

/// What a migration found besides settings.
#[derive(Debug, Clone, PartialEq)]
pub struct Migration {
    /// The `schema_version` of the file.
    pub from: String,
    /// The token that stood in the settings; [`migrate()`] moves it to `secret.json`.
    pub secret: Option<Secret>,
    /// What the user should look at.
    pub notes: Vec<ConfigWarning>,
}

/// Hash of a settings file: the first 32 hex digits of the BLAKE3 of its bytes.
pub fn hash_of(bytes: &[u8]) -> String {
    blake3::hash(bytes).to_hex()[..32].to_owned()
}

/// Reads and checks the settings of an instance. `env` gives the variables for `${VAR}`. Writes nothing.
///
/// # Errors
/// When there is no file, it cannot be read, is of a newer version, or breaks the schema. What is well-formed but
/// makes no sense is not an error here: see [`Loaded::problems`].
pub fn load(layout: &Layout, env: &dyn Fn(&str) -> Option<String>) -> Result<Loaded, ConfigError> {
    Document::open(layout)?.read(env)
}

/// Replaces the settings, if they still have the hash `expected` (`None`: if there are none yet). Returns the new hash.
///
/// # Errors
/// [`SaveError::Changed`] when somebody else saved meanwhile; [`SaveError::Invalid`] when `settings` break the schema.
pub fn save(layout: &Layout, settings: &Value, expected: Option<&str>) -> Result<String, SaveError> {
    Document::over(settings.clone(), expected).save(layout)
}

/// Migrates the file of an older version on disk: the token to `secret.json` (unless there is one), a copy of the old
/// file without its secrets to `client_config.json.v<old>.bak`, then the new settings. `None` when there was nothing to do.
///
/// # Errors
/// As for [`load`] and [`save`]. Interrupted anywhere, it can be done again: the settings come last.
pub fn migrate(layout: &Layout) -> Result<Option<Migration>, SaveError> {
    let mut document = Document::open(layout).map_err(SaveError::Invalid)?;
    let migration = document.migration().cloned();
    if migration.is_some() {
        document.save(layout)?;
    }
    Ok(migration)
}
