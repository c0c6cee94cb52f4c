//! What is asked of workers, and what becomes of it: the courses of all instances as one state machine. Pure: wishes, looks and ends of processes
//! with the time go in, deeds come out; `engine` carries them out.
//!
//! Promises: one wish at a time per instance; a worker that crashed is started again only if this app is its restart owner, five seconds later and
//! five times in five minutes at most; one that was asked to stop, or ended by force, never. What was found when the app came up is no news.

mod restarts;

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use instance::Ask;

use crate::error::CommandError;
use crate::snapshot::{InstanceSnapshot, ManagedBy, Pending, StateWord, Tone};
use restarts::{Again, Restarts};

/// How long a worker may take from its start to holding its guard.
const STARTING: Duration = Duration::from_secs(30);
/// How long a worker may take to stop before it is said that it does not.
const STOPPING: Duration = Duration::from_secs(40);

/// What a person may want of an instance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wish {
    Start,
    Stop,
    Restart,
    /// End the process, whatever it does.
    Force,
    Pause,
    Resume,
}

/// What is to be done, and to which instance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Deed {
    /// Start the worker's process.
    Launch,
    /// Leave a request for the worker.
    Ask(Ask),
    /// End the worker's process.
    Kill,
    /// Tell a person that the worker is gone; why, and what is done about it.
    TellCrash(String),
}

/// A deed for an instance.
pub(crate) type Deeds = Vec<(String, Deed)>;

/// The courses of all instances.
#[derive(Debug, Default)]
pub(crate) struct Control {
    courses: BTreeMap<String, Course>,
    /// Whether the instances were looked at before: what the first look finds is no news.
    looked: bool,
}

/// Where one instance is on its way.
#[derive(Debug, Default)]
struct Course {
    wanted: Option<Wanted>,
    /// The worker seen running last.
    ran: Option<u32>,
    /// The worker that is meant to end, or whose end has been dealt with.
    ended: Option<u32>,
    restarts: Restarts,
    /// What is said instead of the instance's own message while no worker runs.
    note: Option<Note>,
}

/// What was asked for and not yet seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wanted {
    Up { since: Instant },
    Down { since: Instant, pid: Option<u32>, then_up: bool },
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Note {
    text: String,
    /// It is why nothing runs, and not just what happens next.
    failure: bool,
}

impl Control {
    /// Takes a wish.
    ///
    /// # Errors
    /// When it makes no sense as the instance is now.
    pub(crate) fn wish(&mut self, wish: Wish, instance: &InstanceSnapshot, now: Instant) -> Result<Vec<Deed>, CommandError> {
        let course = self.courses.entry(instance.id.clone()).or_default();
        match wish {
            Wish::Start => course.start(instance, now),
            Wish::Stop => course.stop(instance, false, now),
            Wish::Restart if instance.running => course.stop(instance, true, now),
            Wish::Restart => course.start(instance, now),
            Wish::Force => course.force(instance, now),
            Wish::Pause => asked(instance, Ask::Pause),
            Wish::Resume => asked(instance, Ask::Resume),
        }
    }

    /// Takes a look at all instances.
    pub(crate) fn look(&mut self, instances: &[InstanceSnapshot], now: Instant) -> Deeds {
        self.courses.retain(|id, _| instances.iter().any(|one| one.id == *id));
        let mut deeds = Vec::new();
        for instance in instances {
            let course = self.courses.entry(instance.id.clone()).or_default();
            deeds.extend(course.look(instance, self.looked, now).into_iter().map(|deed| (instance.id.clone(), deed)));
        }
        self.looked = true;
        deeds
    }

    /// A process that this app started has ended. `why` is none for a good end.
    pub(crate) fn ended(&mut self, id: &str, pid: u32, why: Option<&str>, now: Instant) -> Vec<Deed> {
        let Some(course) = self.courses.get_mut(id) else { return Vec::new() };
        course.process_ended(pid, why, now)
    }

    /// A deed could not be done.
    pub(crate) fn failed(&mut self, id: &str, why: String) {
        let course = self.courses.entry(id.to_owned()).or_default();
        course.wanted = None;
        course.note = Some(Note { text: why, failure: true });
    }

    /// Whether something is awaited, so that looking more often makes sense.
    pub(crate) fn awaits(&self) -> bool {
        self.courses.values().any(|course| course.wanted.is_some() || course.restarts.due().is_some())
    }

    /// Puts what is awaited and what went wrong into a snapshot.
    pub(crate) fn dress(&self, instance: &mut InstanceSnapshot, now: Instant) {
        let Some(course) = self.courses.get(&instance.id) else { return };
        instance.pending = match course.wanted {
            Some(Wanted::Up { .. }) => Some(Pending::Starting),
            Some(Wanted::Down { .. }) => Some(Pending::Stopping),
            None => course.restarts.due().map(|_| Pending::Starting),
        };
        if let Some(Wanted::Down { since, .. }) = course.wanted
            && now.saturating_duration_since(since) >= STOPPING
        {
            instance.message = format!("still running {} s after it was asked to stop; force it", STOPPING.as_secs());
            instance.tone = worse(instance.tone, Tone::Warning);
        }
        if let Some(note) = course.note.as_ref().filter(|_| !instance.running) {
            instance.message.clone_from(&note.text);
            if note.failure {
                instance.tone = worse(instance.tone, Tone::Error);
            }
        }
        if instance.tone == Tone::Off && instance.pending == Some(Pending::Starting) {
            instance.tone = Tone::Starting;
        }
    }
}

fn worse(one: Tone, other: Tone) -> Tone {
    if one.badness() >= other.badness() { one } else { other }
}

fn asked(instance: &InstanceSnapshot, ask: Ask) -> Result<Vec<Deed>, CommandError> {
    if instance.running { Ok(vec![Deed::Ask(ask)]) } else { Err(not_running(instance)) }
}

fn not_running(instance: &InstanceSnapshot) -> CommandError {
    CommandError::new("not_running", format!("{}: no worker is running", instance.id)).with_hint("Start it first.")
}

impl Course {
    fn start(&mut self, instance: &InstanceSnapshot, now: Instant) -> Result<Vec<Deed>, CommandError> {
        if let Some(Wanted::Down { then_up, .. }) = &mut self.wanted {
            *then_up = true;
            return Ok(Vec::new());
        }
        if instance.running {
            return Err(CommandError::new("running", format!("{}: a worker is running already", instance.id)));
        }
        if matches!(self.wanted, Some(Wanted::Up { .. })) {
            return Ok(Vec::new());
        }
        self.restarts = Restarts::default();
        Ok(self.launch(now))
    }

    fn launch(&mut self, now: Instant) -> Vec<Deed> {
        self.wanted = Some(Wanted::Up { since: now });
        self.restarts.begun();
        self.note = self.note.take().filter(|note| !note.failure);
        vec![Deed::Launch]
    }

    fn stop(&mut self, instance: &InstanceSnapshot, then_up: bool, now: Instant) -> Result<Vec<Deed>, CommandError> {
        if !instance.running {
            // One that is about to be started again is not.
            let called_off = self.restarts.call_off() || self.wanted.is_some();
            self.note = None;
            return if called_off { Ok(Vec::new()) } else { Err(not_running(instance)) };
        }
        if let Some(Wanted::Down { then_up: up, .. }) = &mut self.wanted {
            *up = then_up;
            return Ok(Vec::new());
        }
        self.ended = instance.pid;
        self.wanted = Some(Wanted::Down { since: now, pid: instance.pid, then_up });
        self.restarts = Restarts::default();
        Ok(vec![Deed::Ask(Ask::Stop { reason: "asked in the app".to_owned(), deadline_s: None, pid: instance.pid })])
    }

    fn force(&mut self, instance: &InstanceSnapshot, now: Instant) -> Result<Vec<Deed>, CommandError> {
        if !instance.running {
            return Err(not_running(instance));
        }
        self.ended = instance.pid;
        let then_up = matches!(self.wanted, Some(Wanted::Down { then_up: true, .. }));
        self.wanted = Some(Wanted::Down { since: now, pid: instance.pid, then_up });
        self.note = Some(Note { text: "ended by force; what it owed is kept".to_owned(), failure: false });
        Ok(vec![Deed::Kill])
    }

    fn look(&mut self, instance: &InstanceSnapshot, looked: bool, now: Instant) -> Vec<Deed> {
        if instance.running {
            return self.look_running(instance, now);
        }
        match self.wanted {
            Some(Wanted::Down { then_up: true, .. }) => return self.launch(now),
            Some(Wanted::Down { .. }) => self.wanted = None,
            Some(Wanted::Up { since }) if now.saturating_duration_since(since) >= STARTING => {
                self.failed_to_start(format!("did not come up within {} s; look at the log", STARTING.as_secs()));
            }
            Some(Wanted::Up { .. }) | None => {}
        }
        let crashed = instance.unclean_exit.as_ref().filter(|_| instance.word == StateWord::Crashed).map(|exit| exit.pid);
        let ours = instance.managed_by == Some(ManagedBy::Tray);
        if let Some(pid) = crashed.filter(|pid| looked && self.ran == Some(*pid) && self.ended != Some(*pid)) {
            return self.went_down(pid, "ended without tidying up", ours, now);
        }
        if self.restarts.due().is_some_and(|at| now >= at) {
            return self.launch(now);
        }
        Vec::new()
    }

    fn look_running(&mut self, instance: &InstanceSnapshot, now: Instant) -> Vec<Deed> {
        self.ran = instance.pid;
        match self.wanted {
            Some(Wanted::Up { .. }) => self.wanted = None,
            Some(Wanted::Down { pid, then_up, .. }) if pid.is_some() && instance.pid.is_some() && pid != instance.pid => {
                // Another one runs already: whoever looks after it was quicker.
                self.wanted = None;
                if !then_up {
                    self.note = None;
                }
            }
            Some(Wanted::Down { .. }) | None => {}
        }
        if self.wanted.is_none() {
            self.note = None;
            self.restarts.call_off();
        }
        self.restarts.forget(now);
        Vec::new()
    }

    fn process_ended(&mut self, pid: u32, why: Option<&str>, now: Instant) -> Vec<Deed> {
        let Some(why) = why.filter(|_| self.ended != Some(pid)) else { return Vec::new() };
        if self.ran == Some(pid) {
            return self.went_down(pid, why, true, now);
        }
        if !matches!(self.wanted, Some(Wanted::Up { .. })) {
            // It met another worker that was quicker.
            return Vec::new();
        }
        self.ended = Some(pid);
        self.failed_to_start(format!("could not be started: {why}"));
        // Where it had run before, it is one more of its crashes.
        if self.restarts.has_crashed() { self.again(why, true, now) } else { Vec::new() }
    }

    fn failed_to_start(&mut self, text: String) {
        self.wanted = None;
        self.note = Some(Note { text, failure: true });
    }

    /// A worker that ran is gone, and nobody asked for that.
    fn went_down(&mut self, pid: u32, why: &str, ours: bool, now: Instant) -> Vec<Deed> {
        self.ended = Some(pid);
        self.again(why, ours, now)
    }

    fn again(&mut self, why: &str, ours: bool, now: Instant) -> Vec<Deed> {
        if !ours {
            return vec![Deed::TellCrash(why.to_owned())];
        }
        self.wanted = None;
        let (text, failure) = match self.restarts.crashed(now) {
            Again::In { n, of } => (format!("Restarting ({n}/{of}): {why}"), false),
            Again::No { of, within } => (format!("restart limit {of}/{} s reached, not started again: {why}", within.as_secs()), true),
        };
        self.note = Some(Note { text: text.clone(), failure });
        vec![Deed::TellCrash(text)]
    }
}

#[cfg(test)]
mod tests;
