//! What the settings of an instance must not share with those of the others beside it. Others that cannot be read say nothing.

use crate::exit::Fatal;
use instance::config::ConfigError;
use instance::{Config, Home, InstanceId, Loaded, Problem};

/// Everything these settings share with the other instances of a home; `own` is not asked.
pub(crate) fn problems(home: &Home, own: Option<&InstanceId>, loaded: &Loaded) -> Vec<Problem> {
    let ids = home.instances().unwrap_or_default();
    let others: Vec<(String, Config)> = ids
        .iter()
        .filter(|id| Some(*id) != own)
        .filter_map(|id| Some((id.to_string(), super::read(&home.instance(id)).ok()?.config)))
        .collect();
    loaded.shared_with(&others)
}

/// The same as an end of the process.
///
/// # Errors
/// With [`crate::exit::Exit::Invalid`], naming each folder and who watches it.
pub(crate) fn check(home: &Home, own: &InstanceId, loaded: &Loaded) -> Result<(), Fatal> {
    let problems = problems(home, Some(own), loaded);
    if problems.is_empty() {
        return Ok(());
    }
    Err(super::fatal(&ConfigError::Invalid { file: home.instance(own).config(), problems }))
}
