//! The enqueue room: taken files in; their reports owed, then the files filed.
//!
//! Promises the one order that loses nothing: first the commit, then the post action, then the note in the ledger that it
//! is done. A crash in between leaves a file that the scan finds and whose content the ledger knows: only what is missing
//! is done again. Every rule files on its own, so that one folder that hangs stops no other.

mod post;

use crate::board::Board;
use crate::budget::Budget;
use crate::rule::Rule;
use crate::walks::{Step, Walk};
use crate::way::{Claim, Fate, Fingerprint, Landing, Product, Taken};
use jiff::Timestamp;
use post::{Filed, Plan};
use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;
use store::{Reply, SourceId, Store, StoreError};
use tokio::sync::{Notify, mpsc};
use tokio::task::JoinSet;

/// Files committed or filed at a time.
const BATCH: usize = 256;
/// Committed files that may wait for their folder.
const WAITING: usize = 4 * BATCH;

/// The doors of the enqueue room.
#[derive(Clone)]
pub(crate) struct Doors {
    pub(crate) store: Store,
    pub(crate) landings: mpsc::Sender<Landing>,
    /// Rung when reports are owed.
    pub(crate) owed: Arc<Notify>,
    pub(crate) board: Board,
    pub(crate) budget: Arc<Budget>,
    pub(crate) clock: fn() -> Timestamp,
}

/// A file whose outcome is in the store and that is still to be filed.
struct Committed {
    rule: Arc<Rule>,
    path: Arc<Path>,
    print: Fingerprint,
    source: SourceId,
    plan: Plan,
    /// For a rejected source: what is put beside it.
    note: Option<String>,
    _claim: Option<Claim>,
    _walk: Walk,
}

/// Runs until nothing more comes in and everything is filed.
pub(crate) async fn run(mut taken: mpsc::Receiver<Taken>, doors: Doors) {
    let mut filers: HashMap<usize, mpsc::Sender<Committed>> = HashMap::new();
    let mut filing = JoinSet::new();
    let mut batch = Vec::with_capacity(BATCH);
    while taken.recv_many(&mut batch, BATCH).await > 0 {
        let commits: Vec<(Commit, Pending)> = batch.drain(..).map(|taken| commit(taken, &doors)).collect();
        for (commit, reply) in commits {
            match reply.answer().await {
                Ok(source) => {
                    let index = commit.rule.index;
                    let filer = filers.entry(index).or_insert_with(|| {
                        let (sender, receiver) = mpsc::channel(WAITING);
                        filing.spawn(file_all(receiver, doors.clone()));
                        sender
                    });
                    commit.done(source, filer, &doors).await;
                }
                Err(error) => commit.failed(&error, &doors).await,
            }
        }
    }
    filers.clear();
    while filing.join_next().await.is_some() {}
}

/// What is being committed, with all that is needed when it is done.
struct Commit {
    rule: Arc<Rule>,
    path: Arc<Path>,
    print: Fingerprint,
    claim: Option<Claim>,
    what: What,
    note: Option<String>,
    _working: crate::board::Working,
    walk: Walk,
}

/// The answer of the store, which a source that was committed before does not need.
enum Pending {
    Reply(Reply<SourceId>),
    Done(SourceId),
}

impl Pending {
    async fn answer(self) -> Result<SourceId, StoreError> {
        match self {
            Pending::Reply(reply) => reply.await,
            Pending::Done(source) => Ok(source),
        }
    }
}

enum What {
    Reports(usize),
    Rejected(String),
    Duplicate,
    Again,
}

fn commit(taken: Taken, doors: &Doors) -> (Commit, Pending) {
    let Taken { rule, path, print, source, product, claim, working, walk } = taken;
    let now = (doors.clock)().as_millisecond();
    let (what, note, reply) = match product {
        Product::Reports { intake, count } => (What::Reports(count), None, Pending::Reply(intake.commit())),
        Product::Rejected { reason, note } => {
            let reply = doors.store.reject(source, &reason, now);
            (What::Rejected(reason), Some(note), Pending::Reply(reply))
        }
        Product::Duplicate { of } => (What::Duplicate, None, Pending::Reply(doors.store.duplicate(source, of, now))),
        Product::Committed { source, note } => (What::Again, note, Pending::Done(source)),
    };
    (Commit { rule, path, print, claim, what, note, _working: working, walk }, reply)
}

impl Commit {
    async fn done(self, source: SourceId, filer: &mpsc::Sender<Committed>, doors: &Doors) {
        self.tell(doors);
        let plan = post::plan(&self.rule, self.note.is_some());
        let Commit { rule, path, print, claim, note, walk, .. } = self;
        walk.step(Step::Filing, (doors.clock)());
        let index = rule.index;
        let committed = Committed { rule, path: path.clone(), print, source, plan, note, _claim: claim, _walk: walk };
        if filer.try_send(committed).is_err() {
            let why = "its folder does not answer; the file is filed later".to_owned();
            doors.board.trouble(index, Some(why.clone()));
            land(doors, path, Fate::Later(why)).await;
        }
    }

    async fn failed(self, error: &StoreError, doors: &Doors) {
        let why = format!("nothing can be queued now: {error}");
        doors.board.trouble(self.rule.index, Some(why.clone()));
        land(doors, self.path, Fate::Later(why)).await;
    }

    /// Says what was committed, on the board and in the log.
    fn tell(&self, doors: &Doors) {
        let (rule, path) = (&self.rule.name, self.path.display());
        match &self.what {
            What::Reports(count) => {
                doors.board.converted(self.rule.index, (doors.clock)());
                doors.budget.add(*count);
                doors.owed.notify_one();
                tracing::info!(rule, count, "converted {path}");
            }
            What::Rejected(reason) => {
                doors.board.rejected(self.rule.index, reason);
                tracing::warn!(rule, "rejected {path}: {reason}");
            }
            What::Duplicate => tracing::info!(rule, "{path} has the content of a file that was taken before; nothing is sent"),
            What::Again => tracing::info!(rule, "{path} was taken before; it is filed now"),
        }
    }
}

/// Files what was committed for one rule, in batches on a thread of their own.
async fn file_all(mut waiting: mpsc::Receiver<Committed>, doors: Doors) {
    let mut batch = Vec::with_capacity(BATCH);
    while waiting.recv_many(&mut batch, BATCH).await > 0 {
        let files = std::mem::take(&mut batch);
        let carried = tokio::task::spawn_blocking(move || {
            let filed = |one: Committed| {
                let how = post::carry_out(&one.plan, &one.path, one.print, one.note.as_deref().unwrap_or_default());
                (one, how)
            };
            files.into_iter().map(filed).collect::<Vec<_>>()
        });
        // A panic here is ours and told by the panic hook; the files stay and are filed after the next start.
        let noting = carried.await.unwrap_or_default().into_iter().map(|(one, how)| {
            let (fate, noted) = note(&one, how, &doors);
            (one, fate, noted)
        });
        for (one, fate, noted) in noting.collect::<Vec<_>>() {
            if let Some(noted) = noted {
                // Should it be lost, the next start finds nothing left to file, or files once more.
                let _lost = noted.await;
            }
            land(&doors, one.path, fate).await;
        }
    }
}

/// Notes in the ledger that the file is filed; its fate, which is told when that is written.
fn note(one: &Committed, how: std::io::Result<Filed>, doors: &Doors) -> (Fate, Option<Reply<()>>) {
    let now = (doors.clock)().as_millisecond();
    let index = one.rule.index;
    match how {
        Ok(Filed::Changed(now)) => (Fate::Changed(Some(now)), None),
        Ok(filed) => {
            let (place, fate) = match filed {
                Filed::Away(place) => (Some(place), Fate::Gone),
                _ => (None, Fate::Kept(one.print)),
            };
            doors.board.trouble(index, None);
            (fate, Some(doors.store.filed(one.source, place.as_deref(), now)))
        }
        Err(error) => {
            let why = format!("a file that was taken cannot be filed: {error}; it is tried again, check the permissions of both folders");
            doors.board.trouble(index, Some(why.clone()));
            (Fate::Later(why), None)
        }
    }
}

/// Tells the settle room; when that has closed the worker is stopping and nobody needs to know.
async fn land(doors: &Doors, path: Arc<Path>, fate: Fate) {
    let _stopping = doors.landings.send(Landing { path, fate }).await;
}
