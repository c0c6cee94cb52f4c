//! The one thread that looks, decides and has done: every two seconds, five times a second while something is awaited, at once when asked.
//!
//! Decides nothing itself: `observe`, `control` and `alarms` do. Everything outside comes in as a call or goes out through `Ports`, so that tests
//! record what is done.

use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use instance::Ask;
use jiff::Timestamp;

use crate::alarms::{Alarms, Notice, crashed};
use crate::control::{Control, Deed, Wish};
use crate::error::CommandError;
use crate::look::Looker;
use crate::observe::{observe, overall};
use crate::snapshot::{AppSnapshot, InstanceSnapshot, Snapshot, Tone, Totals};

/// Between two looks while nothing happens.
const CALM: Duration = Duration::from_secs(2);
/// Between two looks while something is awaited.
const AWAITING: Duration = Duration::from_millis(200);
/// How long a command waits for its answer; the engine never takes that long.
const PATIENCE: Duration = Duration::from_secs(20);

/// What the engine has done for it.
pub(crate) trait Ports: Send {
    /// Starts the worker's process; it outlives us.
    fn launch(&mut self, instance: &InstanceSnapshot) -> Result<(), String>;
    /// Leaves a request for the worker.
    fn ask(&mut self, instance: &InstanceSnapshot, ask: &Ask) -> Result<(), String>;
    /// Ends the worker's process.
    fn kill(&mut self, instance: &InstanceSnapshot) -> Result<(), String>;
    /// Tells a person.
    fn tell(&mut self, notice: &Notice);
    /// Shows a snapshot that differs from the one before.
    fn show(&mut self, snapshot: &Snapshot);
}

/// A call to the engine.
pub(crate) enum Call {
    /// A wish for one instance.
    Wish(Wish, String, Sender<Result<(), CommandError>>),
    /// A look at once.
    Look(Sender<Snapshot>),
    /// A process we started has ended; why, if not well.
    Ended { id: String, pid: u32, why: Option<String> },
    /// What is known of the worker's program.
    App(AppSnapshot),
}

/// The way to the engine, for everybody.
#[derive(Clone)]
pub(crate) struct Line {
    calls: Sender<Call>,
    latest: Arc<Mutex<Snapshot>>,
}

impl Line {
    /// The newest snapshot, without waiting.
    pub(crate) fn latest(&self) -> Snapshot {
        self.latest.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Looks at once.
    pub(crate) fn look(&self) -> Snapshot {
        let (reply, answer) = channel();
        self.call(Call::Look(reply));
        answer.recv_timeout(PATIENCE).unwrap_or_else(|_| self.latest())
    }

    /// Has a wish carried out, as far as that is possible at once.
    ///
    /// # Errors
    /// When it makes no sense now, or cannot be carried out.
    pub(crate) fn wish(&self, wish: Wish, id: &str) -> Result<(), CommandError> {
        let (reply, answer) = channel();
        self.call(Call::Wish(wish, id.to_owned(), reply));
        answer.recv_timeout(PATIENCE).unwrap_or_else(|_| Err(CommandError::new("busy", "the app is busy; try again")))
    }

    /// Tells the engine something.
    pub(crate) fn call(&self, call: Call) {
        // The engine ends with the app only.
        let _gone = self.calls.send(call);
    }
}

/// A line whose calls the engine is to take.
pub(crate) fn line(root: String) -> (Line, Receiver<Call>) {
    let (calls, incoming) = channel();
    let empty = Snapshot {
        instances: Vec::new(),
        tone: Tone::Off,
        totals: Totals::default(),
        root,
        root_trouble: None,
        app: AppSnapshot { version: env!("CARGO_PKG_VERSION").to_owned(), ..AppSnapshot::default() },
    };
    (Line { calls, latest: Arc::new(Mutex::new(empty)) }, incoming)
}

/// The state of the thread.
pub(crate) struct Engine<P> {
    looker: Looker,
    control: Control,
    alarms: Alarms,
    line: Line,
    shown: Option<Snapshot>,
    ports: P,
}

impl<P: Ports> Engine<P> {
    pub(crate) fn new(looker: Looker, line: Line, ports: P) -> Engine<P> {
        Engine { looker, control: Control::default(), alarms: Alarms::default(), line, shown: None, ports }
    }

    /// Works until nobody is left to call.
    pub(crate) fn run(mut self, calls: &Receiver<Call>) {
        loop {
            self.turn();
            let pause = if self.control.awaits() { AWAITING } else { CALM };
            match calls.recv_timeout(pause) {
                Ok(call) => self.take(call),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return,
            }
        }
    }

    fn take(&mut self, call: Call) {
        match call {
            Call::Wish(wish, id, reply) => {
                self.turn();
                let answer = self.wish(wish, &id);
                self.turn();
                // Whoever asked may have given up.
                let _gone = reply.send(answer);
            }
            Call::Look(reply) => {
                self.turn();
                let _gone = reply.send(self.line.latest());
            }
            Call::Ended { id, pid, why } => {
                let deeds = self.control.ended(&id, pid, why.as_deref(), Instant::now());
                self.carry_out(deeds.into_iter().map(|deed| (id.clone(), deed)));
            }
            Call::App(app) => {
                self.line.latest.lock().unwrap_or_else(PoisonError::into_inner).app = app;
            }
        }
    }

    fn wish(&mut self, wish: Wish, id: &str) -> Result<(), CommandError> {
        let latest = self.line.latest();
        let instance = latest.instances.iter().find(|one| one.id == id);
        let instance = instance.ok_or_else(|| CommandError::new("not_found", format!("there is no instance {id}")))?;
        for deed in self.control.wish(wish, instance, Instant::now())? {
            if let Err(why) = self.carry(instance, &deed) {
                self.control.failed(id, why.clone());
                return Err(CommandError::new("failed", format!("{id}: {why}")));
            }
        }
        Ok(())
    }

    /// Looks, lets the rules judge, has done what they say, and shows what is different.
    fn turn(&mut self) {
        let (now, wall) = (Instant::now(), Timestamp::now());
        let (seen, trouble) = self.looker.look(wall);
        let mut instances: Vec<InstanceSnapshot> = seen.iter().map(|seen| observe(seen, wall)).collect();
        let deeds = self.control.look(&instances, now);
        instances.iter_mut().for_each(|one| self.control.dress(one, now));
        let known = self.line.latest();
        let snapshot = overall(instances, known.root, trouble, known.app);
        self.line.latest.lock().unwrap_or_else(PoisonError::into_inner).clone_from(&snapshot);
        self.carry_out(deeds);
        for notice in self.alarms.look(&snapshot.instances, now, wall) {
            self.ports.tell(&notice);
        }
        if self.shown.as_ref() != Some(&snapshot) {
            self.ports.show(&snapshot);
            self.shown = Some(snapshot);
        }
    }

    fn carry_out(&mut self, deeds: impl IntoIterator<Item = (String, Deed)>) {
        let latest = self.line.latest();
        for (id, deed) in deeds {
            let Some(instance) = latest.instances.iter().find(|one| one.id == id) else { continue };
            if let Err(why) = self.carry(instance, &deed) {
                self.control.failed(&id, why);
            }
        }
    }

    fn carry(&mut self, instance: &InstanceSnapshot, deed: &Deed) -> Result<(), String> {
        match deed {
            Deed::Launch => self.ports.launch(instance),
            Deed::Ask(ask) => self.ports.ask(instance, ask),
            Deed::Kill => self.ports.kill(instance),
            Deed::TellCrash(why) => {
                self.ports.tell(&crashed(instance, why.clone()));
                Ok(())
            }
        }
    }
}

#[cfg(test)]
mod tests;
