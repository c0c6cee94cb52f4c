//! `run`, `start`, `stop`, `restart`: a worker's life, from outside.

use super::args;
use super::session::{Ending, Instance, Session, age, now};
use crate::app::{self, Options};
use crate::exit::{Exit, Fatal};
use crate::process;
use instance::{Ask, Liveness, Lock, ManagedBy, SaveError, State, Tone, Word, judge};
use jiff::Timestamp;
use serde_json::{Value, json};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// How often a change of state is looked for.
const LOOK: Duration = Duration::from_millis(50);
/// How long a worker may take from its start to saying how it is.
const STARTING: Duration = Duration::from_secs(30);
/// Seconds that a worker may take beyond its own time to stop: to take the request, to give up what hangs, to say its last word.
const STOPPING: u64 = 10;
/// How long the system may take to end a process.
const KILLING: Duration = Duration::from_secs(5);

pub(crate) fn run(session: &Session, run: &args::Run) -> Ending {
    let instance = session.instance(run.id.as_deref())?;
    bring_up_to_date(session, &instance);
    let options = Options {
        instance: instance.id,
        layout: instance.layout,
        once: run.once,
        if_not_running: run.if_not_running,
        managed_by: managed_by(run.managed_by),
    };
    app::start(options)
}

/// Settings of an older version are migrated, their token going to its place, before a worker reads them: it never writes them. Where they
/// cannot be written the worker runs on them as they are.
fn bring_up_to_date(session: &Session, instance: &Instance) {
    match instance::config::migrate(&instance.layout) {
        Ok(Some(migration)) => session
            .out
            .note(&format!("{}: settings of version {} were migrated; the old ones are kept beside them", instance.id, migration.from)),
        // What is wrong with settings that cannot be read is said when the worker reads them.
        Ok(None) | Err(SaveError::Invalid(_)) => {}
        Err(error) => session.out.warning(&format!("{}: the settings cannot be migrated: {error}", instance.id)),
    }
}

fn managed_by(word: args::ManagedBy) -> ManagedBy {
    match word {
        args::ManagedBy::Cli => ManagedBy::Cli,
        args::ManagedBy::Tray => ManagedBy::Tray,
        args::ManagedBy::Systemd => ManagedBy::Systemd,
        args::ManagedBy::Launchd => ManagedBy::Launchd,
        args::ManagedBy::Scm => ManagedBy::Scm,
        args::ManagedBy::Task => ManagedBy::Task,
    }
}

pub(crate) fn start(session: &Session, which: &args::Which) -> Ending {
    let instance = session.instance(which.id.as_deref())?;
    if let Some(holder) = holder(&instance) {
        return Err(Fatal::new(Exit::Start, format!("{}: a worker is running already ({holder})", instance.id)));
    }
    bring_up_to_date(session, &instance);
    // Read here first: the worker has no terminal to say it on.
    instance.loaded()?;
    launch(session, &instance, "started")
}

/// Starts a worker that outlives this command, waits until it says how it is, and tells that.
fn launch(session: &Session, instance: &Instance, done: &str) -> Ending {
    let waiting = session.out.waiting(format!("{}: starting", instance.id));
    let mut child = spawn(session, instance).map_err(|error| not_started(instance, &error))?;
    let begun = Instant::now();
    let health = loop {
        let liveness = instance.liveness();
        let health = judge(&liveness, instance::status::read(&instance.layout).ok().flatten().as_ref(), now());
        // The guard may be held by another one, and a lock be left by a dead one: only its own lock says that this one has begun.
        let begins = matches!(&liveness, Liveness::Running(lock) if lock.pid == child.id());
        if begins && health.word != Word::Says(State::Startup) {
            break health;
        }
        if let Ok(Some(status)) = child.try_wait() {
            return Err(not_started(instance, &format!("it ended at once ({status}); see `lineside logs {}`", instance.id)));
        }
        if begun.elapsed() >= STARTING {
            // A worker that holds its guard runs, even if it takes long to say how it is.
            if health.running {
                break health;
            }
            let message = format!("{0}: the worker did not come up within {1} s; see `lineside logs {0}`", instance.id, STARTING.as_secs());
            return Err(Fatal::new(Exit::Timeout, message));
        }
        std::thread::sleep(LOOK);
    };
    drop(waiting);
    if session.out.json {
        let (state, message) = (health.word.as_str(), &health.message);
        session.out.json(&json!({"instance": instance.id, "pid": child.id(), "state": state, "message": message}));
    }
    session.out.note(&format!("{}: {done}, PID {}, {}", instance.id, child.id(), health.word));
    if !matches!(health.tone, Tone::Ok | Tone::Busy) && !session.out.json {
        session.out.warning(&format!("{}: {}", instance.id, health.message));
    }
    Ok(None)
}

fn not_started(instance: &Instance, error: &dyn std::fmt::Display) -> Fatal {
    Fatal::new(Exit::Start, format!("{}: the worker could not be started: {error}", instance.id))
}

fn spawn(session: &Session, instance: &Instance) -> std::io::Result<Child> {
    let mut command = Command::new(std::env::current_exe()?);
    command.arg("--home").arg(session.home.root()).args(["run", instance.id.as_str()]);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    process::detach(&mut command);
    command.spawn()
}

pub(crate) fn stop(session: &Session, stop: &args::Stop) -> Ending {
    if stop.all {
        // What clap says of two arguments reaches none that every verb takes.
        if session.names_one() {
            return Err(Fatal::new(Exit::Usage, "name one instance, or all of them with --all"));
        }
        return stop_all(session, &stop.stopping);
    }
    let instance = session.instance(stop.stopping.id.as_deref())?;
    if !instance.is_running() {
        return Err(Fatal::new(Exit::NotRunning, format!("{}: no worker is running", instance.id)));
    }
    let forced = end(session, &instance, &stop.stopping)?;
    let answer = stopped(session, &instance, forced);
    if session.out.json {
        session.out.json(&answer);
    }
    Ok(None)
}

/// Stops what runs; that nothing runs is as good. One that does not stop keeps none of the others from it, and the first such gives the exit code.
fn stop_all(session: &Session, stopping: &args::Stopping) -> Ending {
    let (mut answers, mut exit) = (Vec::new(), None);
    for instance in session.instances()?.iter().filter(|instance| instance.is_running()) {
        match end(session, instance, stopping) {
            Ok(forced) => answers.push(stopped(session, instance, forced)),
            Err(fatal) => {
                session.out.warning(&fatal.message);
                answers.push(json!({"instance": instance.id, "stopped": false, "error": fatal.as_json()}));
                exit = exit.or(Some(fatal.exit));
            }
        }
    }
    if session.out.json {
        session.out.json(&answers);
    } else if answers.is_empty() {
        session.out.note("no worker is running");
    }
    Ok(exit)
}

/// Says so to people; what is said to programs.
fn stopped(session: &Session, instance: &Instance, forced: bool) -> Value {
    let how = if forced { "ended by force; what it owed is kept" } else { "stopped" };
    session.out.note(&format!("{}: {how}", instance.id));
    json!({"instance": instance.id, "stopped": true, "forced": forced})
}

pub(crate) fn restart(session: &Session, stop: &args::Stopping) -> Ending {
    let instance = session.instance(stop.id.as_deref())?;
    instance.loaded()?;
    if instance.is_running() {
        end(session, &instance, stop)?;
    }
    launch(session, &instance, "restarted")
}

/// Asks the worker to stop and waits; with `--force` ends the process that the lock names, if it is still that one. Answers whether it had to.
fn end(session: &Session, instance: &Instance, stop: &args::Stopping) -> Result<bool, Fatal> {
    let deadline = Duration::from_secs(stop.timeout.unwrap_or_else(|| patience(instance)));
    let _waiting = session.out.waiting(format!("{}: finishing what is in flight", instance.id));
    let pid = pid(instance);
    let request = instance.ask(&Ask::Stop { reason: "asked on the command line".to_owned(), deadline_s: None, pid })?;
    let gone = wait_until_gone(instance, pid, deadline);
    // A worker that was stopping anyway, or hangs, leaves the request behind: nobody waits for it any more.
    let _ = std::fs::remove_file(request);
    if gone {
        return Ok(false);
    }
    if !stop.force {
        return Err(Fatal::new(Exit::Timeout, format!("{}: still running after {} s; --force ends it", instance.id, deadline.as_secs())));
    }
    let Liveness::Running(lock) = instance.liveness() else {
        return Err(Fatal::new(
            Exit::Stop,
            format!("{}: it is not known which process to end: {} cannot be read", instance.id, instance.layout.lock().display()),
        ));
    };
    if !process::kill(lock.pid, lock.process_started_at) {
        return Err(Fatal::new(
            Exit::Stop,
            format!("{}: PID {} is not this worker any more, or may not be ended by this account", instance.id, lock.pid),
        ));
    }
    if wait_until_gone(instance, Some(lock.pid), KILLING) {
        Ok(true)
    } else {
        Err(Fatal::new(Exit::Stop, format!("{}: PID {} does not end", instance.id, lock.pid)))
    }
}

/// Settings that cannot be read must not keep a worker from being stopped: it read them when they were good.
fn patience(instance: &Instance) -> u64 {
    let config = instance.config().unwrap_or_default();
    u64::from(config.shutdown_timeout_s) + STOPPING
}

/// The worker that holds the guard, where its lock can be read.
fn pid(instance: &Instance) -> Option<u32> {
    match instance.liveness() {
        Liveness::Running(lock) => Some(lock.pid),
        Liveness::RunningUnknown | Liveness::Stale(_) | Liveness::Stopped => None,
    }
}

/// Waits until this worker does not hold the guard any more; a new one may have begun then, where somebody looks after it.
fn wait_until_gone(instance: &Instance, worker: Option<u32>, deadline: Duration) -> bool {
    let begun = Instant::now();
    while instance.is_running() && (worker.is_none() || pid(instance).is_none_or(|pid| Some(pid) == worker)) {
        if begun.elapsed() >= deadline {
            return false;
        }
        std::thread::sleep(LOOK);
    }
    true
}

/// Who holds the guard, in words.
fn holder(instance: &Instance) -> Option<String> {
    match instance.liveness() {
        Liveness::Running(lock) => Some(described(&lock)),
        Liveness::RunningUnknown => Some("its service.lock cannot be read".to_owned()),
        Liveness::Stale(_) | Liveness::Stopped => None,
    }
}

fn described(lock: &Lock) -> String {
    let up = lock.started_at.parse::<Timestamp>().map_or_else(|_| "N/A".to_owned(), age);
    format!("PID {}, up {up}", lock.pid)
}
