//! Everything that must be right before work starts: settings, guard, log, lock, store. Each with its own exit code.

use super::Options;
use crate::connection;
use crate::exit::{Exit, Fatal};
use crate::mounts;
use crate::process;
use crate::rule::Rule;
use crate::settings;
use converters::Defaults;
use instance::logs::Dropped;
use instance::{Config, Guard, GuardError, Layout, Lock};
use jiff::{Timestamp, Zoned};
use std::io::IsTerminal;
use std::sync::Arc;
use std::time::SystemTime;
use store::{Role, Store};

/// A worker that may start.
pub(super) struct Ready {
    pub(super) layout: Layout,
    pub(super) config: Config,
    pub(super) rules: Vec<Arc<Rule>>,
    pub(super) guard: Guard,
    pub(super) lock: Lock,
    pub(super) dropped: Dropped,
    pub(super) defaults: Defaults,
}

/// Reads the settings, takes the guard, begins the log, writes the lock. `None` when a worker runs already and that will do.
pub(super) fn prepare(options: &Options) -> Result<Option<Ready>, Fatal> {
    let layout = options.layout.clone();
    let loaded = settings::load(&layout)?;
    // A token that others can read is no secret; one that is missing only pauses the sending.
    connection::secret(&layout)?;
    let rules = rules(&loaded.config)?;
    layout.create().map_err(|error| Fatal::new(Exit::Failed, format!("the instance folder cannot be made: {error}")))?;
    let guard = match Guard::acquire(&layout) {
        Ok(guard) => guard,
        Err(GuardError::Held { .. }) if options.if_not_running => return Ok(None),
        Err(error @ GuardError::Held { .. }) => return Err(Fatal::new(Exit::Start, error)),
        Err(error) => return Err(Fatal::new(Exit::Failed, error)),
    };
    // What a dead worker left would be taken for ours until ours is written.
    guard.remove_lock().map_err(|error| Fatal::new(Exit::Failed, format!("the lock of an earlier worker cannot be removed: {error}")))?;
    let config = loaded.config;
    let dropped = crate::logging::begin(&layout, config.log_level, config.log_max_mib, config.log_keep_days, is_watched())
        .map_err(|error| Fatal::new(Exit::Failed, format!("logging cannot be started: {error}")))?;
    banner(&layout, options, &config);
    for warning in &loaded.warnings {
        tracing::warn!("settings: {}: {}", warning.path, warning.message);
    }
    let lock = Lock {
        pid: std::process::id(),
        instance_id: options.instance.to_string(),
        instance_name: config.instance_name.clone(),
        started_at: Zoned::now().strftime("%Y-%m-%dT%H:%M:%S%.6f%:z").to_string(),
        service_url: config.service_address.clone(),
        config_path: layout.config().display().to_string(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        process_started_at: process::started_at(std::process::id()).unwrap_or(0),
        managed_by: options.managed_by,
        config_hash: loaded.hash,
    };
    match guard.sweep(&layout, SystemTime::now()) {
        Ok(0) => {}
        Ok(count) => tracing::info!("{count} half-written files of processes that were killed are removed"),
        Err(error) => tracing::warn!("half-written files of processes that were killed cannot be removed: {error}"),
    }
    guard.write_lock(&lock).map_err(|error| Fatal::new(Exit::Failed, format!("the lock cannot be written: {error}")))?;
    tracing::info!("✓ lock: {}", layout.lock().display());
    Ok(Some(Ready { defaults: settings::defaults(&config), layout, config, rules, guard, lock, dropped }))
}

/// Opens the store and says what was put right.
pub(super) fn open_store(layout: &Layout) -> Result<Store, Fatal> {
    if let Some(kind) = mounts::share(layout.dir(), false) {
        tracing::warn!("the queue lies on a share ({kind}) and is not safe there; move the instance to a disk of this computer");
    }
    let (store, opened) = Store::open(layout.queue_db(), Role::Owner, Timestamp::now().as_millisecond())
        .map_err(|error| Fatal::new(Exit::Failed, format!("✗ queue: {error}")))?;
    if let Some(rescue) = &opened.rescue {
        let (reports, sources) = (rescue.reports, rescue.sources);
        tracing::error!(
            reports,
            sources,
            "the queue file was damaged; it lies in {}, what was readable was rescued",
            rescue.aside.display()
        );
    }
    if opened.leases_returned > 0 || opened.sources_dropped > 0 {
        let (returned, dropped) = (opened.leases_returned, opened.sources_dropped);
        tracing::info!("the last run ended in the middle of work: {returned} reports are sent again, {dropped} files are converted again");
    }
    tracing::info!("✓ queue: {}", layout.queue_db().display());
    Ok(store)
}

/// When the last report was delivered, by this worker or one before it.
pub(super) fn last_sent(store: &Store) -> Option<Timestamp> {
    let last = store.last_sent().unwrap_or_else(|error| {
        tracing::warn!("it is not known when the last report was sent: {error}");
        None
    });
    last.and_then(|last| Timestamp::from_millisecond(last).ok())
}

fn rules(config: &Config) -> Result<Vec<Arc<Rule>>, Fatal> {
    let enabled = config.converters.iter().filter(|rule| rule.enabled);
    let rule = |(index, rule): (usize, &instance::WatchRule)| {
        Rule::new(index, rule).map(Arc::new).map_err(|error| Fatal::new(Exit::Invalid, format!("watch rule {}: {error}", rule.name)))
    };
    enabled.enumerate().map(rule).collect()
}

/// Whether a person looks at standard error.
pub(super) fn is_watched() -> bool {
    std::io::stderr().is_terminal()
}

fn banner(layout: &Layout, options: &Options, config: &Config) {
    let folder = std::env::current_dir().map(|folder| folder.display().to_string()).unwrap_or_default();
    tracing::info!("==== Lineside {} ====", env!("CARGO_PKG_VERSION"));
    tracing::info!("instance: {} ({})", options.instance, config.instance_name);
    tracing::info!("folder: {}", layout.dir().display());
    tracing::info!("working directory: {folder}");
    tracing::info!("log: {}", layout.logs().display());
    tracing::info!("server: {}", config.service_address);
    tracing::info!("✓ settings: {}", layout.config().display());
}
