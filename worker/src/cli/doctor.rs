//! `doctor`: everything an instance needs, each with its remedy. Looks only; changes nothing but a probe file it removes again.

mod disk;
mod remote;

use super::args::Which;
use super::session::{Ending, Instance, Session, now};
use crate::exit::Exit;
use crate::output::{Mood, counted};
use instance::{Config, InstanceId, Liveness, Status, Word, judge};
use serde::{Serialize, Serializer};
use serde_json::{Value, json};

/// How one check came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Finding {
    Ok,
    Warning,
    Failed,
}

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Check {
    name: &'static str,
    result: Finding,
    message: String,
    remedy: Option<String>,
}

impl Serialize for Check {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let level = match self.result {
            Finding::Ok => "ok",
            Finding::Warning => "warning",
            Finding::Failed => "error",
        };
        let fields = json!({
            "name": self.name, "result": self.result, "ok": self.result == Finding::Ok, "level": level, "message": self.message,
            "remedy": self.remedy,
        });
        fields.serialize(serializer)
    }
}

impl Check {
    fn ok(name: &'static str, message: impl Into<String>) -> Self {
        Self { name, result: Finding::Ok, message: message.into(), remedy: None }
    }

    fn warning(name: &'static str, message: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { name, result: Finding::Warning, message: message.into(), remedy: Some(remedy.into()) }
    }

    fn failed(name: &'static str, message: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { name, result: Finding::Failed, message: message.into(), remedy: Some(remedy.into()) }
    }
}

pub(crate) fn doctor(session: &Session, which: &Which) -> Ending {
    let instance = session.instance(which.id.as_deref())?;
    let checks = examine(&instance);
    let failed = checks.iter().filter(|check| check.result == Finding::Failed).count();
    if session.out.json {
        session.out.json(&json!({"instance": instance.id, "failed": failed, "checks": checks}));
    } else {
        checks.iter().for_each(|check| tell(session, check));
        let warned = checks.iter().filter(|check| check.result == Finding::Warning).count();
        let passed = checks.iter().filter(|check| check.result == Finding::Ok).count();
        let (mood, more) = match (failed, warned) {
            (0, 0) => (Mood::Good, String::new()),
            (0, _) => (Mood::Warning, format!(", {}", counted(warned as u64, "warning"))),
            _ => (Mood::Bad, format!(", {failed} failed, {}; what follows → puts it right", counted(warned as u64, "warning"))),
        };
        session.out.line(mood, &format!("{passed}/{} checks passed{more}", checks.len()));
    }
    Ok((failed > 0).then_some(Exit::Failed))
}

/// The same for the support bundle.
pub(super) fn checks(instance: &Instance) -> Value {
    json!(examine(instance))
}

fn tell(session: &Session, check: &Check) {
    let (mark, mood) = match check.result {
        Finding::Ok => ('✓', Mood::Good),
        Finding::Warning => ('⚠', Mood::Warning),
        Finding::Failed => ('✗', Mood::Bad),
    };
    session.out.line(mood, &format!("{mark} {:<12} {}", check.name, check.message));
    if let Some(remedy) = &check.remedy {
        session.out.line(Mood::Plain, &format!("  {:<12} → {remedy}", ""));
    }
}

fn examine(instance: &Instance) -> Vec<Check> {
    let (settings, config) = settings(instance);
    let mut checks = vec![settings, token(instance), worker(instance)];
    checks.extend(flow(instance));
    checks.extend([
        disk::place(instance),
        disk::folders(instance),
        disk::store(instance),
        disk::books(instance),
        disk::logs(instance),
        disk::crashes(instance),
    ]);
    if let Some(config) = config {
        checks.extend([station(instance, &config), disk::space(instance, &config), rules(instance, &config)]);
        checks.extend(config.converters.iter().filter(|rule| rule.enabled).flat_map(disk::watched));
        checks.push(disk::watches(&config));
        checks.extend(remote::checks(instance, &config));
    }
    checks
}

fn settings(instance: &Instance) -> (Check, Option<Config>) {
    match instance.loaded() {
        Ok(loaded) if loaded.warnings.is_empty() => {
            (Check::ok("settings", format!("{} is valid", instance.layout.config().display())), Some(loaded.config))
        }
        Ok(loaded) => {
            let warnings: Vec<String> = loaded.warnings.iter().map(ToString::to_string).collect();
            (
                Check::warning("settings", warnings.join("; "), "correct or remove what is named, or leave it: it is ignored"),
                Some(loaded.config),
            )
        }
        Err(fatal) => {
            (Check::failed("settings", fatal.message, "put right what is named; `lineside config schema` says what is allowed"), None)
        }
    }
}

fn token(instance: &Instance) -> Check {
    match instance::secret::load(&instance.layout, &|name| std::env::var(name).ok()) {
        Ok(Some(_)) => Check::ok("token", "there, and readable by its owner alone"),
        Ok(None) => Check::failed(
            "token",
            format!("there is none in {}", instance.layout.secret().display()),
            format!("create one in WATS under Control Panel > Tokens, then `lineside --instance {} config token FILE`", instance.id),
        ),
        Err(error) => Check::failed("token", error.to_string(), "make it readable by the worker's account alone"),
    }
}

fn worker(instance: &Instance) -> Check {
    let ours = env!("CARGO_PKG_VERSION");
    let liveness = instance.liveness();
    let health = judge(&liveness, instance::status::read(&instance.layout).ok().flatten().as_ref(), now());
    match liveness {
        Liveness::Running(lock) if health.word == Word::NotResponding => Check::failed(
            "worker",
            format!("PID {} runs and does not respond: {}", lock.pid, health.message),
            format!("`lineside restart {} --force`; what it owes is kept", instance.id),
        ),
        Liveness::Running(lock) if lock.version == ours => Check::ok("worker", format!("running, PID {}, version {ours}", lock.pid)),
        Liveness::Running(lock) => Check::warning(
            "worker",
            format!("running version {}, and this is {ours}", lock.version),
            format!("`lineside restart {}` when it suits", instance.id),
        ),
        Liveness::RunningUnknown => {
            Check::warning("worker", "running, but its service.lock cannot be read", "check the folder's permissions")
        }
        Liveness::Stale(lock) => Check::warning(
            "worker",
            format!("ended without tidying up (PID {})", lock.pid),
            format!("`lineside start {}`; what it owed is kept, `lineside logs {}` may say why", instance.id, instance.id),
        ),
        Liveness::Stopped => Check::ok("worker", "not running"),
    }
}

/// What stands still, by the word of a running worker.
fn flow(instance: &Instance) -> Option<Check> {
    let status = instance.is_running().then(|| instance::status::read(&instance.layout).ok().flatten()).flatten()?;
    Some(standing(&status, &instance.id))
}

fn standing(status: &Status, id: &InstanceId) -> Check {
    match status.extra.get("stuck").and_then(|stuck| stuck[0]["what"].as_str()) {
        None => Check::ok("flow", "nothing stands still"),
        Some(what) => Check::warning("flow", what, format!("`lineside status {id}` shows all of it with its times")),
    }
}

/// What reports say about the station where their source is silent.
fn station(instance: &Instance, config: &Config) -> Check {
    let said = crate::settings::defaults(config);
    let missing: Vec<&str> = [("station_name", &said.station_name), ("location", &said.location), ("purpose", &said.purpose)]
        .into_iter()
        .filter_map(|(name, value)| value.is_empty().then_some(name))
        .collect();
    if missing.is_empty() {
        return Check::ok("station", format!("{}, {}, {}", said.station_name, said.location, said.purpose));
    }
    let names = missing.join(" and ");
    Check::warning(
        "station",
        format!("{names} not set: files that name none themselves are rejected"),
        format!("`lineside --instance {} config set {} …`", instance.id, missing[0]),
    )
}

fn rules(instance: &Instance, config: &Config) -> Check {
    match config.converters.iter().filter(|rule| rule.enabled).count() {
        0 => Check::warning(
            "rules",
            "no watch rule is enabled",
            format!("add one under converters in {}", instance.layout.config().display()),
        ),
        n => Check::ok("rules", counted(n as u64, "watch rule")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_still_is_told_with_where_to_look() {
        let id: InstanceId = "ict".parse().unwrap();
        let mut status = Status::default();
        assert_eq!(standing(&status, &id), Check::ok("flow", "nothing stands still"));
        status.extra.insert("stuck".to_owned(), json!([]));
        assert_eq!(standing(&status, &id).result, Finding::Ok);
        status
            .extra
            .insert("stuck".to_owned(), json!([{"since": "2026-11-21T10:00:00Z", "what": "a.json waits to be converted"}, {"what": "b"}]));
        let check = standing(&status, &id);
        assert_eq!((check.result, check.message.as_str()), (Finding::Warning, "a.json waits to be converted"));
        assert!(check.remedy.is_some_and(|remedy| remedy.contains("lineside status ict")));
    }
}
