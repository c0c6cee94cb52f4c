//! What is found in the folders of the instances. Reads only; what did not change since the look before is not read again.
//!
//! Promises: a look never waits for a worker and never hides an instance: a folder whose settings are gone is shown as long as anything of a
//! worker is in it. Errors are found values like any other: each names its file.

mod cached;

use std::collections::BTreeMap;
use std::path::Path;
use std::time::SystemTime;

use instance::{Home, InstanceId, Layout, Liveness, liveness, logs};
use jiff::Timestamp;
use store::{Query, SourceOutcome, SourceQuery, SourceRow, StoreError, View};

use crate::observe::{Process, Seen, Settings, Standing};
use crate::processes::Processes;
use crate::snapshot::LastReport;
use cached::Cached;

/// Lines of the log shown of a worker that ended without tidying up.
const LAST_WORDS: usize = 20;

/// Looks at every instance below one root.
pub(crate) struct Looker {
    home: Home,
    processes: Processes,
    found: BTreeMap<InstanceId, Found>,
}

/// What was read of one instance and need not be read again while its files stay as they are.
#[derive(Default)]
struct Found {
    settings: Cached<Result<Settings, String>>,
    status: Cached<Result<Option<instance::Status>, String>>,
    store: Cached<Result<Option<Standing>, String>>,
    log_tail: Cached<Vec<String>>,
}

impl Looker {
    pub(crate) fn new(home: Home, processes: Processes) -> Looker {
        Looker { home, processes, found: BTreeMap::new() }
    }

    /// Every instance; where the root cannot be listed, why.
    pub(crate) fn look(&mut self, now: Timestamp) -> (Vec<Seen>, Option<String>) {
        let (ids, trouble) = match ids(&self.home) {
            Ok(ids) => (ids, None),
            Err(error) => (self.found.keys().cloned().collect(), Some(error.to_string())),
        };
        self.found.retain(|id, _| ids.contains(id));
        let alive: Vec<(InstanceId, Liveness)> = ids.into_iter().map(|id| (id.clone(), liveness(&self.home.instance(&id)))).collect();
        let pids: Vec<u32> = alive.iter().filter_map(|(_, liveness)| running(liveness)).collect();
        self.processes.look(&pids);
        let seen = alive.into_iter().map(|(id, liveness)| {
            let process = running(&liveness).and_then(|pid| self.processes.of(pid));
            let layout = self.home.instance(&id);
            self.found.entry(id.clone()).or_default().seen(&id, &layout, liveness, process, now)
        });
        (seen.collect(), trouble)
    }
}

/// The worker's process, while one runs.
fn running(liveness: &Liveness) -> Option<u32> {
    match liveness {
        Liveness::Running(lock) => Some(lock.pid),
        Liveness::RunningUnknown | Liveness::Stale(_) | Liveness::Stopped => None,
    }
}

/// The instances of the rule book, and folders that have lost their settings but not their worker or its reports.
fn ids(home: &Home) -> std::io::Result<Vec<InstanceId>> {
    let mut ids = home.instances()?;
    let folders = std::fs::read_dir(home.root().join("instances"));
    for entry in folders.into_iter().flatten().flatten() {
        let id = entry.file_name().to_str().and_then(|name| name.parse::<InstanceId>().ok());
        if let Some(id) = id.filter(|id| !ids.contains(id)) {
            let layout = home.instance(&id);
            if layout.lock().exists() || layout.queue_db().exists() {
                ids.push(id);
            }
        }
    }
    ids.sort();
    Ok(ids)
}

impl Found {
    fn seen(&mut self, id: &InstanceId, layout: &Layout, liveness: Liveness, process: Option<Process>, now: Timestamp) -> Seen {
        let db = layout.queue_db();
        let wal = db.with_file_name("queue.db-wal");
        let midnight = midnight(now);
        let crashed = matches!(liveness, Liveness::Stale(_));
        let at = SystemTime::from(now);
        Seen {
            id: id.to_string(),
            folder: layout.dir().to_owned(),
            settings: self.settings.get(&[&layout.config()], 0, at, || settings(layout)),
            status: self.status.get(&[&layout.status()], 0, at, || instance::status::read(layout).map_err(|error| error.to_string())),
            store: self.store.get(&[&db, &wal], midnight, at, || standing(&db, midnight)),
            log_tail: if crashed { self.log_tail.get(&[&layout.lock()], 0, at, || last_words(&layout.logs())) } else { Vec::new() },
            liveness,
            process,
        }
    }
}

/// The beginning of the day, where this computer stands, in epoch milliseconds.
pub(crate) fn midnight(now: Timestamp) -> i64 {
    let day = now.to_zoned(jiff::tz::TimeZone::system()).start_of_day();
    day.map_or_else(|_| now.as_millisecond(), |start| start.timestamp().as_millisecond())
}

fn settings(layout: &Layout) -> Result<Settings, String> {
    let loaded = instance::config::load(layout, &|name| std::env::var(name).ok()).map_err(|error| error.to_string())?;
    let config = loaded.config;
    Ok(Settings {
        name: config.instance_name,
        station: if config.station_name.is_empty() { crate::processes::host_name() } else { config.station_name },
        service_address: config.service_address,
        hash: loaded.hash,
        paused: config.paused,
    })
}

fn standing(path: &Path, midnight: i64) -> Result<Option<Standing>, String> {
    let told = |error: StoreError| {
        let text = error.to_string();
        let name = path.display().to_string();
        if text.contains(&name) { text } else { format!("{name}: {text}") }
    };
    let Some(view) = View::open(path).map_err(told)? else { return Ok(None) };
    let newest = view.list(&Query { limit: 1, ..Query::default() }).map_err(told)?.pop();
    let rejected_today = view.rejected_since(midnight).map_err(told)?;
    let rejected = if rejected_today > 0 { newest_rejected(&view).map_err(told)? } else { None };
    Ok(Some(Standing {
        counts: view.counts().map_err(told)?,
        sent_today: view.sent_since(midnight).map_err(told)?,
        rejected_today,
        last_rejected: rejected.as_ref().map(why),
        last_report: newest.map(|row| LastReport {
            sn: row.sn,
            pn: row.pn,
            result: row.result,
            settled_at: row.settled_at.unwrap_or(row.queued_at),
        }),
    }))
}

fn newest_rejected(view: &View) -> Result<Option<SourceRow>, StoreError> {
    let query = SourceQuery { outcome: Some(SourceOutcome::Rejected), limit: 1, ..SourceQuery::default() };
    Ok(view.history(&query)?.pop())
}

/// A rejected file and why, in one line.
fn why(row: &SourceRow) -> String {
    let name = Path::new(&row.path).file_name().map_or(row.path.clone().into(), |name| name.to_string_lossy());
    let reason = row.reason.as_deref().and_then(|reason| reason.lines().next()).unwrap_or_default();
    format!("{name}: {reason}")
}

/// The last lines of the newest log, newest last. A log that cannot be read has none: the snapshot is about the crash, not about the log.
fn last_words(folder: &Path) -> Vec<String> {
    let newest = logs::files(folder).ok().and_then(|mut files| files.pop());
    let lines = newest.and_then(|path| logs::last(&path, LAST_WORDS).ok()).map(|(lines, _)| lines).unwrap_or_default();
    lines.into_iter().map(|line| line.text).collect()
}

#[cfg(test)]
mod tests;
