//! `run`, `start`, `stop`, `restart`: a worker's life, from outside.

use super::args;
use super::session::{Ending, Instance, Session, now};
use crate::app::{self, Options};
use crate::exit::{Exit, Fatal};
use crate::process;
use instance::{Ask, Liveness, Lock, ManagedBy};
use jiff::Timestamp;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// How often a change of state is looked for.
const LOOK: Duration = Duration::from_millis(50);
/// How long a worker may take from its start to holding its guard.
const STARTING: Duration = Duration::from_secs(15);
/// How long the system may take to end a process.
const KILLING: Duration = Duration::from_secs(5);

pub(crate) fn run(session: &Session, run: &args::Run) -> Ending {
    let instance = session.instance(run.id.as_deref())?;
    let options = Options {
        instance: instance.id,
        layout: instance.layout,
        once: run.once,
        if_not_running: run.if_not_running,
        managed_by: managed_by(run.managed_by),
    };
    app::start(options)
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
    // Read here first: the worker has no terminal to say it on.
    instance.loaded()?;
    let pid = launch(session, &instance)?;
    session.out.note(&format!("{}: started, PID {pid}", instance.id));
    Ok(None)
}

/// Starts a worker that outlives this command, and waits until it holds its guard.
fn launch(session: &Session, instance: &Instance) -> Result<u32, Fatal> {
    let failed =
        |error: &dyn std::fmt::Display| Fatal::new(Exit::Start, format!("{}: the worker could not be started: {error}", instance.id));
    let program = std::env::current_exe().map_err(|error| failed(&error))?;
    let mut command = Command::new(program);
    command.arg("--home").arg(session.home.root()).args(["run", instance.id.as_str()]);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    process::detach(&mut command);
    let mut child = command.spawn().map_err(|error| failed(&error))?;
    let begun = Instant::now();
    while begun.elapsed() < STARTING {
        if let Liveness::Running(lock) = instance.liveness() {
            return Ok(lock.pid);
        }
        if let Ok(Some(status)) = child.try_wait() {
            return Err(failed(&format!("it ended at once ({status}); see `lineside logs {}`", instance.id)));
        }
        std::thread::sleep(LOOK);
    }
    Err(Fatal::new(
        Exit::Timeout,
        format!("{}: the worker did not come up within {} s; see `lineside logs {}`", instance.id, STARTING.as_secs(), instance.id),
    ))
}

pub(crate) fn stop(session: &Session, stop: &args::Stop) -> Ending {
    let instance = session.instance(stop.id.as_deref())?;
    match holder(&instance) {
        None => Err(Fatal::new(Exit::NotRunning, format!("{}: no worker is running", instance.id))),
        Some(_) => {
            end(&instance, stop)?;
            session.out.note(&format!("{}: stopped", instance.id));
            Ok(None)
        }
    }
}

pub(crate) fn restart(session: &Session, stop: &args::Stop) -> Ending {
    let instance = session.instance(stop.id.as_deref())?;
    instance.loaded()?;
    if instance.is_running() {
        end(&instance, stop)?;
    }
    let pid = launch(session, &instance)?;
    session.out.note(&format!("{}: restarted, PID {pid}", instance.id));
    Ok(None)
}

/// Asks the worker to stop and waits; with `--force` ends the process that the lock names, if it is still that one.
fn end(instance: &Instance, stop: &args::Stop) -> Result<(), Fatal> {
    let deadline = Duration::from_secs(stop.timeout.map_or_else(|| patience(instance), Ok)?);
    let request = instance.ask(&Ask::Stop { reason: "asked on the command line".to_owned(), deadline_s: None })?;
    if wait_until_gone(instance, deadline) {
        // A worker that was stopping anyway may leave the request behind: it must not stop the next one.
        let _ = std::fs::remove_file(request);
        return Ok(());
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
    let _ = std::fs::remove_file(request);
    if wait_until_gone(instance, KILLING) {
        Ok(())
    } else {
        Err(Fatal::new(Exit::Stop, format!("{}: PID {} does not end", instance.id, lock.pid)))
    }
}

fn patience(instance: &Instance) -> Result<u64, Fatal> {
    Ok(u64::from(instance.config()?.shutdown_timeout_s) + 5)
}

fn wait_until_gone(instance: &Instance, deadline: Duration) -> bool {
    let begun = Instant::now();
    while instance.is_running() {
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
    let since =
        lock.started_at.parse::<Timestamp>().ok().map(|since| instance::status::uptime(now().duration_since(since).try_into().ok()));
    format!("PID {}, up {}", lock.pid, since.unwrap_or_else(|| "N/A".to_owned()))
}
