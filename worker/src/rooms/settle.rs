//! The settle room: sightings in, settled files out.
//!
//! Promises that a file is handed on once at a time, by priority, and only when it has come to rest; that it is looked at
//! again after every change; and that no more than a bounded number of files is remembered, whatever is dropped: beyond
//! it, the watch room has to wait, but never for files that cannot be taken just now. Reads no file: the convert room measures the file it opens and answers with a landing.

mod files;
mod patience;

use crate::budget::Budget;
use crate::way::{Landing, SettledFile, Sight};
use files::Files;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;

/// Files on their way that are remembered at most; those in trouble and those that are kept in place are not counted.
const MOST: usize = 20_000;
/// A settled file waits here for its turn when nothing else comes due.
const FOREVER: Duration = Duration::from_secs(3600);

/// The doors of the settle room.
pub(crate) struct Doors {
    pub(crate) sights: mpsc::Receiver<Sight>,
    pub(crate) landings: mpsc::Receiver<Landing>,
    pub(crate) settled: mpsc::Sender<SettledFile>,
    /// Whether more may be taken in.
    pub(crate) budget: Arc<Budget>,
    pub(crate) progress: watch::Sender<Progress>,
}

/// How far the room is; `run --once` waits for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Progress {
    /// Files between a first sighting and a landing.
    pub(crate) active: usize,
    /// Those of them that could not be read, committed or filed, time after time.
    pub(crate) troubled: usize,
    /// Rules of which a scan was heard to its end, also one that failed.
    pub(crate) scanned: usize,
}

/// Runs until `stop`; what has not been handed on then stays in its folder.
pub(crate) async fn run(mut doors: Doors, stop: CancellationToken) {
    let mut files = Files::default();
    let mut gate = doors.budget.gate();
    let mut scanned = BTreeSet::new();
    loop {
        let now = Instant::now();
        files.ripen(now);
        publish(&doors.progress, Progress { active: files.active(), troubled: files.troubled(), scanned: scanned.len() });
        let open = doors.budget.has_room(files.away());
        let next = files.next_due().unwrap_or(now + FOREVER);
        tokio::select! {
            biased;
            () = stop.cancelled() => return,
            Some(landing) = doors.landings.recv() => {
                files.land(landing, Instant::now());
                while let Ok(landing) = doors.landings.try_recv() {
                    files.land(landing, Instant::now());
                }
            }
            Ok(permit) = doors.settled.reserve(), if open && files.any_ready() => {
                if let Some(file) = files.take() {
                    permit.send(file);
                }
            }
            Some(sight) = doors.sights.recv(), if files.active() - files.troubled() < MOST => {
                if let Sight::Scanned { rule, .. } = &sight {
                    scanned.insert(rule.index);
                }
                told(&mut files, sight);
            }
            Ok(()) = gate.changed() => {}
            () = tokio::time::sleep_until(next.into()) => {}
        }
    }
}

fn publish(door: &watch::Sender<Progress>, progress: Progress) {
    door.send_if_modified(|told| std::mem::replace(told, progress) != progress);
}

fn told(files: &mut Files, sight: Sight) {
    let now = Instant::now();
    match sight {
        Sight::Files(sightings) => sightings.into_iter().for_each(|sighting| files.sight(sighting, now)),
        Sight::Scanned { rule, complete: true } => files.scanned(&rule),
        Sight::Scanned { complete: false, .. } => {}
        Sight::LookAgain => files.forget_kept(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::budget::Limits;
    use crate::rule::Rule;
    use crate::way::{Hint, Sighting};
    use instance::WatchRule;
    use std::path::Path;

    #[tokio::test]
    async fn one_rule_that_is_scanned_often_does_not_stand_for_another_that_hangs() {
        let (sighted, sights) = mpsc::channel(4);
        let (_landed, landings) = mpsc::channel(1);
        let (settled, _ready) = mpsc::channel(1);
        let (progress, mut told) = watch::channel(Progress::default());
        let budget = Arc::new(Budget::new(Limits { reports: 0, bytes: 0, free: 0 }));
        tokio::spawn(run(Doors { sights, landings, settled, budget, progress }, CancellationToken::new()));
        let config = WatchRule { watch_folder: "/in".into(), ..WatchRule::default() };
        let rule = Arc::new(Rule::new(0, &config).unwrap());
        for _ in 0..3 {
            sighted.send(Sight::Scanned { rule: rule.clone(), complete: true }).await.unwrap();
        }
        let file = Sighting { rule, path: Path::new("/in/last").into(), hint: Hint::Touched };
        sighted.send(Sight::Files(vec![file])).await.unwrap();
        let after_all = told.wait_for(|progress| progress.active == 1).await.unwrap();
        assert_eq!(after_all.scanned, 1);
    }
}
