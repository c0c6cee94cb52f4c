//! Kills without end: workers that are killed at random moments while files keep coming and the server answers badly.
//!
//! The kills come in shifts, each on a station of its own and, with the same seed and number, with the same chance. Several
//! shifts run side by side. After every kill the books must balance; after every shift everything must be where it belongs.
//! Promises to end, and to tell in an account what was found; it judges nothing: see [`Account::is_clean`].

mod hopper;
mod shift;

use serde::{Deserialize, Serialize};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Kills of one shift: enough to pile up what earlier kills left behind, few enough for the books to stay quick.
const SHIFT: u64 = 25;
/// Findings that are written down; the rest only counts.
const TOLD: usize = 50;

/// What is to be done.
#[derive(Debug, Clone, Copy)]
pub struct Plan {
    /// Kills in all, those of the account to go on from included.
    pub kills: u64,
    /// Stations side by side.
    pub lanes: u64,
    /// No shift begins after so long.
    pub limit: Duration,
}

/// What came of it, and all that is needed to go on from there.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// What chance starts from.
    pub seed: u64,
    /// Shifts begun: the number of the next one.
    pub shifts: u64,
    /// Kills.
    pub kills: u64,
    /// Of those, while the worker was coming up.
    pub kills_starting: u64,
    /// Of those, while some was delivered and some was not.
    pub kills_at_work: u64,
    /// Of those, while it was stopping because it was asked to.
    pub kills_stopping: u64,
    /// Files that testers wrote, those with the content of an earlier one included.
    pub files: u64,
    /// Reports at the server.
    pub delivered: u64,
    /// Reports that arrived more than once under the same id, which is harmless.
    pub repeated: u64,
    /// Reports that the server refused and the store keeps.
    pub owed: u64,
    /// Files that are no reports and lie in the error folder with a note.
    pub rejected: u64,
    /// Reports and files that are nowhere.
    pub lost: u64,
    /// Reports that are at the server under two ids, and files that are filed twice.
    pub doubled: u64,
    /// Reports with other content than their source, and queue files that were found damaged.
    pub torn: u64,
    /// Shifts in which something did not come to rest in time.
    pub stuck: u64,
    /// From the start after a kill until the worker said that it runs, at the slowest.
    pub slowest_recovery_ms: u64,
    /// The first of what was found, with the number of its shift.
    pub findings: Vec<String>,
}

impl Account {
    /// An account to begin with.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self { seed, ..Self::default() }
    }

    /// Whether nothing was lost, doubled, torn or stuck.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.lost + self.doubled + self.torn + self.stuck == 0
    }

    /// One line for people.
    #[must_use]
    pub fn line(&self) -> String {
        let Self { seed, kills, files, delivered, repeated, owed, rejected, lost, doubled, torn, stuck, slowest_recovery_ms, .. } = self;
        format!(
            "{kills} kills ({} starting, {} at work, {} stopping): {files} files, {delivered} reports delivered ({repeated} of them sent again), {owed} owed, \
             {rejected} rejected, {lost} lost, {doubled} doubled, {torn} torn, {stuck} stuck; slowest recovery {slowest_recovery_ms} ms; seed {seed}",
            self.kills_starting, self.kills_at_work, self.kills_stopping
        )
    }

    /// Adds what a shift found.
    fn add(&mut self, shift: Self) {
        self.kills += shift.kills;
        self.kills_starting += shift.kills_starting;
        self.kills_at_work += shift.kills_at_work;
        self.kills_stopping += shift.kills_stopping;
        self.files += shift.files;
        self.delivered += shift.delivered;
        self.repeated += shift.repeated;
        self.owed += shift.owed;
        self.rejected += shift.rejected;
        self.lost += shift.lost;
        self.doubled += shift.doubled;
        self.torn += shift.torn;
        self.stuck += shift.stuck;
        self.slowest_recovery_ms = self.slowest_recovery_ms.max(shift.slowest_recovery_ms);
        self.findings.extend(shift.findings);
        self.findings.truncate(TOLD);
    }
}

/// Goes on from an account until the plan is fulfilled or its time is over; tells the account after every shift.
///
/// # Panics
/// When a station cannot be set up, or `tell` panics.
pub fn run(plan: Plan, from: Account, tell: impl Fn(&Account) + Sync) -> Account {
    let begun = Instant::now();
    let kills = from.kills;
    // What is begun counts, so that lanes do not all begin the last shift.
    let desk = Mutex::new((from, kills));
    let lane = || {
        while let Some((seed, number, kills)) = next(&desk, plan, begun) {
            let found = shift::work(seed, number, kills);
            let mut desk = at(&desk);
            desk.0.add(found);
            tell(&desk.0);
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..plan.lanes {
            scope.spawn(lane);
        }
    });
    desk.into_inner().unwrap_or_else(PoisonError::into_inner).0
}

/// The seed, the number and the kills of the next shift; none when all are begun.
fn next(desk: &Mutex<(Account, u64)>, plan: Plan, begun: Instant) -> Option<(u64, u64, u64)> {
    let mut desk = at(desk);
    let kills = SHIFT.min(plan.kills.saturating_sub(desk.1));
    if kills == 0 || begun.elapsed() >= plan.limit {
        return None;
    }
    let number = desk.0.shifts;
    desk.0.shifts += 1;
    desk.1 += kills;
    Some((desk.0.seed, number, kills))
}

fn at(desk: &Mutex<(Account, u64)>) -> MutexGuard<'_, (Account, u64)> {
    desk.lock().unwrap_or_else(PoisonError::into_inner)
}
