//! The convert room: settled files in, taken files out.
//!
//! Promises that a bounded number of files is converted at a time, each on its own thread; that a file system that hangs
//! takes slots from its own rule only; and that what a file does to its format stays with that file. Commits nothing.

mod job;
mod note;
mod scales;

use crate::board::Board;
use crate::way::{Fate, Landing, SettledFile, Taken};
pub(crate) use job::Shop;
use job::{Ended, run as run_job};
use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use tokio::sync::mpsc;
use tokio::task::{Id, JoinSet};

/// A file system that keeps a reader waiting this long counts as hanging.
const HANGING: Duration = Duration::from_secs(5);
/// How often hanging is looked for while something runs.
const LOOK: Duration = Duration::from_secs(1);

/// The doors of the convert room.
pub(crate) struct Doors {
    pub(crate) settled: mpsc::Receiver<SettledFile>,
    pub(crate) taken: mpsc::Sender<Taken>,
    pub(crate) landings: mpsc::Sender<Landing>,
}

/// A job that runs.
struct Running {
    rule: usize,
    path: Arc<Path>,
    since: Instant,
    /// It waits for the file system, not for the processor.
    reading: Arc<AtomicBool>,
}

impl Running {
    fn hangs(&self) -> bool {
        self.since.elapsed() > HANGING && self.reading.load(Ordering::Relaxed)
    }
}

/// Runs until nothing more comes in and all jobs have ended.
pub(crate) async fn run(mut doors: Doors, shop: Arc<Shop>, limit: usize) {
    let mut jobs: JoinSet<Ended> = JoinSet::new();
    let mut running: HashMap<Id, Running> = HashMap::new();
    let mut open = true;
    while open || !jobs.is_empty() {
        // A hanging job does not count. There are never more of them than `limit` for each rule: one that hangs starts no other.
        let hanging = running.values().filter(|job| job.hangs()).count();
        let free = running.len() - hanging < limit;
        let landed = tokio::select! {
            file = doors.settled.recv(), if open && free => match file {
                Some(file) => start(&shop, file, &mut jobs, &mut running),
                None => {
                    open = false;
                    None
                }
            },
            Some(ended) = jobs.join_next_with_id() => finish(ended, &mut running, &doors.taken, &shop.board).await,
            () = tokio::time::sleep(LOOK), if !jobs.is_empty() => None,
        };
        if let Some(landing) = landed
            && doors.landings.send(landing).await.is_err()
        {
            tracing::debug!("the settle room has closed; the file stays where it is");
        }
    }
}

/// Starts the job, or lands the file at once where its folder hangs already.
fn start(shop: &Arc<Shop>, file: SettledFile, jobs: &mut JoinSet<Ended>, running: &mut HashMap<Id, Running>) -> Option<Landing> {
    let rule = file.rule.index;
    if running.values().any(|job| job.rule == rule && job.hangs()) {
        let why = format!("{} does not answer; its files are tried again", file.rule.folder.display());
        shop.board.trouble(rule, Some(why.clone()));
        return Some(Landing { path: file.path, fate: Fate::Later(why) });
    }
    let (path, reading, shop) = (file.path.clone(), Arc::new(AtomicBool::new(true)), shop.clone());
    let flag = reading.clone();
    let handle = jobs.spawn_blocking(move || {
        let ended = run_job(&shop, &file, &flag);
        if let Err(Fate::Later(why)) = &ended {
            shop.board.trouble(file.rule.index, Some(why.clone()));
        }
        ended
    });
    running.insert(handle.id(), Running { rule, path, since: Instant::now(), reading });
    None
}

/// Hands a finished job on; a landing where the file goes no further.
async fn finish(
    ended: Result<(Id, Ended), tokio::task::JoinError>,
    running: &mut HashMap<Id, Running>,
    taken: &mpsc::Sender<Taken>,
    board: &Board,
) -> Option<Landing> {
    let (id, ended) = match ended {
        Ok(ended) => ended,
        // A panic outside a format is ours; the panic hook has told it.
        Err(error) => (error.id(), Err(Fate::Later("the conversion ended in a fault of Lineside".to_owned()))),
    };
    let job = running.remove(&id)?;
    let fate = match ended {
        Ok(walks_on) => match taken.send(*walks_on).await {
            Ok(()) => return None,
            Err(_) => Fate::Later("the worker is stopping".to_owned()),
        },
        Err(fate) => fate,
    };
    // A file in trouble that somebody took away, or that is left alone from now on, troubles nobody any more.
    if matches!(fate, Fate::Gone | Fate::Kept(_)) {
        board.trouble(job.rule, None);
    }
    Some(Landing { path: job.path, fate })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::way::Fingerprint;

    #[tokio::test]
    async fn a_file_in_trouble_that_was_taken_away_leaves_no_trouble_behind() {
        let print = Fingerprint { size: 1, mtime_ns: 1 };
        let table = [(Fate::Gone, false), (Fate::Kept(print), false), (Fate::Changed(None), true), (Fate::Later("locked".into()), true)];
        let (taken, _to_commit) = mpsc::channel(1);
        for (fate, troubled) in table {
            let board = Board::new(["r".to_owned()], jiff::Timestamp::UNIX_EPOCH);
            board.trouble(0, Some("locked".into()));
            let mut jobs: JoinSet<Ended> = JoinSet::new();
            let said = format!("{fate:?}");
            let reading = Arc::new(AtomicBool::new(false));
            let job = Running { rule: 0, path: Path::new("/in/a").into(), since: Instant::now(), reading };
            let mut running = HashMap::from([(jobs.spawn(async { Err(fate) }).id(), job)]);
            finish(jobs.join_next_with_id().await.unwrap(), &mut running, &taken, &board).await;
            assert_eq!(board.read().rules[0].trouble.is_some(), troubled, "{said}");
        }
    }
}
