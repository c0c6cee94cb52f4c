//! What every verb needs first: which home, which instance, its settings, its store.

use crate::exit::{Exit, Fatal};
use crate::output::Output;
use crate::settings;
use instance::{Ask, Config, Home, InstanceId, Layout, Liveness, Loaded, Scope, liveness};
use jiff::Timestamp;
use std::path::PathBuf;
use store::{Role, Store, View};

/// How a verb ends when it ran to its end; the code says whether what it found is good.
pub(crate) type Ending = Result<Option<Exit>, Fatal>;

/// One call of the command line.
#[derive(Debug)]
pub(crate) struct Session {
    pub(crate) home: Home,
    pub(crate) out: Output,
    chosen: Option<String>,
}

/// An instance that exists.
#[derive(Debug, Clone)]
pub(crate) struct Instance {
    pub(crate) id: InstanceId,
    pub(crate) layout: Layout,
}

impl Session {
    /// Whether `--instance` names one.
    pub(crate) fn names_one(&self) -> bool {
        self.chosen.is_some()
    }

    pub(crate) fn new(home: Option<PathBuf>, chosen: Option<String>, out: Output) -> Self {
        let home = home.map_or_else(
            || Home::resolve(&|name| std::env::var_os(name)),
            |root| Home::at(std::path::absolute(&root).unwrap_or(root), Scope::User),
        );
        Self { home, out, chosen }
    }

    /// The instance named by the word itself, by `--instance`, or the only one there is.
    pub(crate) fn instance(&self, word: Option<&str>) -> Result<Instance, Fatal> {
        let ids = self.ids()?;
        let id = match (word.or(self.chosen.as_deref()), ids.as_slice()) {
            (Some(name), _) => ids.iter().find(|id| id.as_str() == name).ok_or_else(|| self.unknown(name, &ids))?,
            (None, [only]) => only,
            (None, []) => {
                return Err(Fatal::new(
                    Exit::NotFound,
                    format!("there is no instance in {} yet; make one with `lineside init`", self.home.root().display()),
                ));
            }
            (None, _) => return Err(Fatal::new(Exit::Usage, format!("there are several instances; say which: {}", join(&ids)))),
        };
        Ok(self.existing(id))
    }

    /// The instance named by `--instance`, or the only one there is; none where nothing tells.
    pub(crate) fn chosen_or_only(&self) -> Result<Option<Instance>, Fatal> {
        if self.chosen.is_none() && self.ids()?.len() != 1 {
            return Ok(None);
        }
        self.instance(None).map(Some)
    }

    pub(crate) fn instances(&self) -> Result<Vec<Instance>, Fatal> {
        Ok(self.ids()?.iter().map(|id| self.existing(id)).collect())
    }

    fn ids(&self) -> Result<Vec<InstanceId>, Fatal> {
        self.home.instances().map_err(|error| Fatal::new(Exit::Permission, format!("cannot list the instances: {error}")))
    }

    fn existing(&self, id: &InstanceId) -> Instance {
        Instance { id: id.clone(), layout: self.home.instance(id) }
    }

    fn unknown(&self, name: &str, ids: &[InstanceId]) -> Fatal {
        let there = if ids.is_empty() {
            "there is none yet; make one with `lineside init`".to_owned()
        } else {
            format!("there are: {}", join(ids))
        };
        Fatal::new(Exit::NotFound, format!("no instance {name:?} in {}; {there}", self.home.root().display()))
    }
}

fn join(ids: &[InstanceId]) -> String {
    ids.iter().map(InstanceId::as_str).collect::<Vec<_>>().join(", ")
}

impl Instance {
    /// The settings as the worker would read them.
    pub(crate) fn config(&self) -> Result<Config, Fatal> {
        self.loaded().map(|loaded| loaded.config)
    }

    pub(crate) fn loaded(&self) -> Result<Loaded, Fatal> {
        settings::load(&self.layout)
    }

    pub(crate) fn liveness(&self) -> Liveness {
        liveness(&self.layout)
    }

    pub(crate) fn is_running(&self) -> bool {
        matches!(self.liveness(), Liveness::Running(_) | Liveness::RunningUnknown)
    }

    /// The store to read from; none while nothing was ever queued.
    pub(crate) fn view(&self) -> Result<Option<View>, Fatal> {
        View::open(self.layout.queue_db())
            .map_err(|error| Fatal::new(Exit::Failed, format!("{}: {error}", self.layout.queue_db().display())))
    }

    /// The store to write to, beside a worker if one runs.
    pub(crate) fn store(&self) -> Result<Store, Fatal> {
        self.layout.create().map_err(|error| Fatal::new(Exit::Permission, error))?;
        let path = self.layout.queue_db();
        let (store, _) = Store::open(&path, Role::Guest, now().as_millisecond())
            .map_err(|error| Fatal::new(Exit::Failed, format!("{}: {error}", path.display())))?;
        Ok(store)
    }

    /// Leaves a request for the running worker.
    pub(crate) fn ask(&self, ask: &Ask) -> Result<PathBuf, Fatal> {
        instance::requests::post(&self.layout, ask, now()).map_err(|error| Fatal::new(Exit::Permission, error))
    }
}

/// The clock of the command line.
pub(crate) fn now() -> Timestamp {
    Timestamp::now()
}

/// A moment of the store, in local time.
pub(crate) fn local(at: i64) -> String {
    Timestamp::from_millisecond(at).map_or_else(|_| at.to_string(), clock_time)
}

/// A moment in local time, for a person.
pub(crate) fn clock_time(at: Timestamp) -> String {
    at.to_zoned(jiff::tz::TimeZone::system()).strftime("%Y-%m-%d %H:%M:%S").to_string()
}

/// How long ago that was.
pub(crate) fn age(at: Timestamp) -> String {
    instance::status::uptime(now().duration_since(at).try_into().ok())
}
