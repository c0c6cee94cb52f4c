//! The settings as a worker may use them: read, and checked against what this program can do.

mod env_file;
pub(crate) mod neighbours;

use crate::exit::{Exit, Fatal};
use crate::process;
use converters::Defaults;
use instance::config::ConfigError;
use instance::{Config, Document, Layout, Loaded, Problem};

/// Reads and checks an instance's settings. Writes nothing.
///
/// # Errors
/// With [`Exit::Invalid`], naming the file and for each fault its path, its line, what was found and what is allowed; with [`Exit::NotFound`] when there are no settings.
pub(crate) fn load(layout: &Layout) -> Result<Loaded, Fatal> {
    read(layout).map_err(|error| fatal(&error))
}

/// The same, with what is wrong as values.
pub(crate) fn read(layout: &Layout) -> Result<Loaded, ConfigError> {
    checked(layout, &Document::open(layout)?)
}

/// The same for settings that may not be saved yet.
pub(crate) fn check(layout: &Layout, document: &Document) -> Result<Loaded, Fatal> {
    checked(layout, document).map_err(|error| fatal(&error))
}

fn checked(layout: &Layout, document: &Document) -> Result<Loaded, ConfigError> {
    read_in(Some(layout), document)
}

/// The same for settings of an instance that may not be made yet.
pub(crate) fn read_in(layout: Option<&Layout>, document: &Document) -> Result<Loaded, ConfigError> {
    let file = layout.map(|layout| env_file::read(&layout.dir().join(".env"))).transpose()?.unwrap_or_default();
    // What the process was started with goes before the file.
    let loaded = document.read(&|name| std::env::var(name).ok().or_else(|| file.get(name).cloned()))?;
    let problems = problems(&loaded);
    if problems.is_empty() {
        return Ok(loaded);
    }
    Err(ConfigError::Invalid { file: layout.map(Layout::config).unwrap_or_default(), problems })
}

/// The same as an end of the process.
pub(crate) fn fatal(error: &ConfigError) -> Fatal {
    let exit = match error {
        ConfigError::Missing { .. } => Exit::NotFound,
        ConfigError::Read { .. } => Exit::Config,
        ConfigError::Newer { .. } | ConfigError::Invalid { .. } => Exit::Invalid,
    };
    Fatal::new(exit, error)
}

/// What is well-formed but cannot work, the options of the formats included.
fn problems(loaded: &Loaded) -> Vec<Problem> {
    let names: Vec<&str> = converters::formats().iter().map(|format| format.name()).collect();
    let mut problems = loaded.problems(&names);
    for (index, rule) in loaded.config.converters.iter().enumerate() {
        let Some(format) = converters::format(&rule.format) else { continue };
        for problem in converters::check_options(format, &rule.options.clone().into()) {
            let path = format!("converters[{index}].options{}", problem.pointer.replace('/', "."));
            let allowed = format!("the options of {}: see `lineside formats`", rule.format);
            let problem = Problem { path, line: None, column: None, found: String::new(), allowed, message: problem.message };
            problems.push(loaded.document().located(problem));
        }
    }
    problems
}

/// What the station knows about itself, filled in where a source is silent.
pub(crate) fn defaults(config: &Config) -> Defaults {
    let station_name = if config.station_name.is_empty() { process::host_name() } else { config.station_name.clone() };
    Defaults {
        station_name,
        location: config.location.clone(),
        purpose: config.purpose.clone(),
        process_code: config.default_process_code,
        part_revision: config.part_revision.clone(),
        operator: config.operator.clone(),
    }
}
