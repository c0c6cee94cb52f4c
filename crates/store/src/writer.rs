//! The writer thread: takes every command that waits, runs them in one transaction, commits once, then answers.
//!
//! A command that fails is rolled back to its savepoint and does not hurt its neighbours. When the commit itself fails
//! nothing of the group is acknowledged, and the connection is opened anew before the next group: a sync that failed
//! once is never taken for done because a second one succeeds. When a command meets damage, the owner's thread sets the
//! file aside and rescues what is readable before it answers. A commit counts only while the file is at its path.

use std::path::PathBuf;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::mpsc::Receiver;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rusqlite::Connection;
use tokio::sync::oneshot;

use crate::connection;
use crate::error::{StoreError, Trouble};
use crate::ledger;
use crate::opening::Role;
use crate::reply::Reply;
use crate::rescue;
use crate::standing::{self, Identity, Standing};
use crate::types::{Millis, SourceId};

/// The most commands one transaction takes, so that the first of them does not wait for ever.
const GROUP: usize = 512;

/// After a rescue that failed (a full disk), the next is not tried before: each reads the whole file.
const RESCUE_AGAIN: Millis = 60_000;

/// What the store's handles and its writer thread share.
pub(crate) struct Shared {
    pub(crate) path: PathBuf,
    pub(crate) role: Role,
    /// The reading connection; `None` while the file is being rescued or could not be opened.
    reader: Mutex<Option<Connection>>,
    /// The latest time anybody told us, for naming a damaged file.
    pub(crate) clock: AtomicI64,
    /// Transactions that changed the file since it was opened.
    pub(crate) commits: AtomicU64,
    /// What `PRAGMA data_version` said last.
    pub(crate) seen_version: AtomicI64,
    /// The time of the latest lease, to notice a clock that was set back.
    pub(crate) leased_at: AtomicI64,
    /// How often the file was rescued while running, and what the last rescue found.
    pub(crate) rescues: AtomicU64,
    pub(crate) rescued: Mutex<Option<rescue::Rescue>>,
    /// Why the last transaction could not be committed, if it could not.
    trouble: Mutex<Option<StoreError>>,
}

impl Shared {
    pub(crate) fn new(path: PathBuf, role: Role, now: i64) -> Self {
        Self {
            path,
            role,
            reader: Mutex::new(None),
            clock: AtomicI64::new(now),
            commits: AtomicU64::new(0),
            seen_version: AtomicI64::new(0),
            leased_at: AtomicI64::new(i64::MIN),
            rescues: AtomicU64::new(0),
            rescued: Mutex::new(None),
            trouble: Mutex::new(None),
        }
    }

    pub(crate) fn reader(&self) -> MutexGuard<'_, Option<Connection>> {
        lock(&self.reader)
    }

    pub(crate) fn trouble(&self) -> MutexGuard<'_, Option<StoreError>> {
        lock(&self.trouble)
    }
}

/// A poisoned lock guards a connection or a plain value here; both are as good as before.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A command on its way to the writer thread.
pub(crate) enum Command {
    /// Runs with its neighbours in one transaction.
    Grouped(Box<dyn Job>),
    /// Runs outside of any transaction (a checkpoint).
    Alone(Box<dyn Job>),
}

/// One command: it runs inside the transaction, and answers when the fate of the transaction is known.
pub(crate) trait Job: Send {
    fn run(&mut self, conn: &Connection) -> Result<(), StoreError>;
    /// Gives the answer; what it should have published or dropped and did not is to be dropped.
    fn answer(self: Box<Self>, fate: &Result<(), StoreError>, shared: &Shared) -> Option<SourceId>;
}

struct Task<T, F> {
    staged: Option<SourceId>,
    work: Option<F>,
    result: Result<T, StoreError>,
    reply: oneshot::Sender<Result<T, StoreError>>,
}

/// A command made of a closure, and the reply it will give.
pub(crate) fn job<T, F>(work: F) -> (Box<dyn Job>, Reply<T>)
where
    T: Send + 'static,
    F: FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
{
    job_over(None, work)
}

/// As [`job`]; when it fails, what is staged of the source is dropped.
pub(crate) fn job_over<T, F>(staged: Option<SourceId>, work: F) -> (Box<dyn Job>, Reply<T>)
where
    T: Send + 'static,
    F: FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
{
    let (reply, answer) = oneshot::channel();
    (Box::new(Task { staged, work: Some(work), result: Err(StoreError::Closed), reply }), Reply::new(answer))
}

/// Drops what is staged of a source; tried again with every group until it succeeds, for a full disk may refuse it now.
pub(crate) fn forget(staged: SourceId) -> Box<dyn Job> {
    job_over(Some(staged), move |conn| ledger::drop_one_staged(conn, staged)).0
}

impl<T, F> Job for Task<T, F>
where
    T: Send,
    F: FnOnce(&Connection) -> Result<T, StoreError> + Send,
{
    fn run(&mut self, conn: &Connection) -> Result<(), StoreError> {
        if let Some(work) = self.work.take() {
            self.result = work(conn);
        }
        self.result.as_ref().map(|_| ()).map_err(Clone::clone)
    }

    fn answer(self: Box<Self>, fate: &Result<(), StoreError>, shared: &Shared) -> Option<SourceId> {
        let result = fate.clone().and(self.result).map_err(|error| error.at(&shared.path));
        let left = self.staged.filter(|_| result.is_err());
        // nobody waiting is fine: the work is done all the same
        let _ = self.reply.send(result);
        left
    }
}

pub(crate) struct Writer {
    shared: Arc<Shared>,
    conn: Option<Connection>,
    identity: Identity,
    /// Why nothing is acknowledged any more.
    cut_off: Option<StoreError>,
    /// Staged sources that are still to be dropped.
    left: Vec<SourceId>,
    /// Before this time no further rescue is tried.
    rescue_again_at: Option<Millis>,
}

impl Writer {
    pub(crate) fn new(shared: Arc<Shared>, conn: Connection, identity: Identity) -> Self {
        Self { shared, conn: Some(conn), identity, cut_off: None, left: Vec::new(), rescue_again_at: None }
    }

    /// Serves until every handle is gone; then closes the file, which brings the WAL home and removes it.
    pub(crate) fn serve(mut self, commands: &Receiver<Command>) {
        while let Ok(first) = commands.recv() {
            let mut grouped = Vec::new();
            let mut alone = Vec::new();
            for command in std::iter::once(first).chain(commands.try_iter().take(GROUP - 1)) {
                match command {
                    Command::Grouped(job) => grouped.push(job),
                    Command::Alone(job) => alone.push(job),
                }
            }
            self.serve_group(grouped);
            alone.into_iter().for_each(|job| self.serve_alone(job));
        }
        self.shared.reader().take();
    }

    fn serve_group(&mut self, mut jobs: Vec<Box<dyn Job>>) {
        if jobs.is_empty() {
            return;
        }
        jobs.splice(0..0, self.left.drain(..).map(forget));
        let mut damage = None;
        let mut fate = self.transact(&mut jobs, &mut damage);
        match &fate {
            Ok(()) => fate = self.keep_in_place(),
            Err(error) => self.after_failure(error),
        }
        if let Some(error) = damage.or_else(|| fate.as_ref().err().filter(|error| error.is_damage()).cloned()) {
            self.heal(&error);
        }
        *self.shared.trouble() = fate.as_ref().err().cloned();
        self.left.extend(jobs.into_iter().filter_map(|job| job.answer(&fate, &self.shared)));
    }

    fn transact(&mut self, jobs: &mut [Box<dyn Job>], damage: &mut Option<StoreError>) -> Result<(), StoreError> {
        let shared = Arc::clone(&self.shared);
        let conn = self.connection()?;
        does(conn, "BEGIN IMMEDIATE")?;
        let before = conn.total_changes();
        for job in jobs {
            does(conn, "SAVEPOINT command")?;
            let outcome = job.run(conn);
            if conn.is_autocommit() {
                // SQLite gave the whole transaction up (disk full, I/O error): the neighbours fail with this one
                return Err(outcome.err().unwrap_or(StoreError::Closed));
            }
            if let Err(error) = outcome {
                does(conn, "ROLLBACK TO command")?;
                if error.is_damage() {
                    *damage = Some(error);
                }
            }
            does(conn, "RELEASE command")?;
        }
        does(conn, "COMMIT")?;
        if conn.total_changes() != before {
            shared.commits.fetch_add(1, Ordering::Relaxed);
        }
        Ok(())
    }

    fn serve_alone(&mut self, mut job: Box<dyn Job>) {
        let done = self.connection().and_then(|conn| job.run(conn));
        let fate = done.and_then(|()| self.keep_in_place());
        if let Some(error) = fate.as_ref().err().filter(|error| error.is_damage()) {
            self.heal(error);
        }
        self.left.extend(job.answer(&fate, &self.shared));
    }

    /// After a failed transaction the connection is given up, unless the file was only busy.
    fn after_failure(&mut self, error: &StoreError) {
        // the callers are told; a full disk must not also flood the log
        tracing::debug!(path = %self.shared.path.display(), %error, "the store could not commit");
        if error.trouble() == Some(Trouble::Busy) && self.conn.as_ref().is_some_and(Connection::is_autocommit) {
            return;
        }
        self.conn = None;
    }

    fn connection(&mut self) -> Result<&Connection, StoreError> {
        if self.conn.is_none() {
            // never a new file, nor another one than what was acknowledged is in
            self.keep_in_place()?;
            let conn = connection::writer_of_existing(&self.shared.path)?;
            rescue::sync_folder(&self.shared.path).map_err(|error| StoreError::io(&self.shared.path, &error))?;
            let mut reader = self.shared.reader();
            if reader.is_none() {
                *reader = Some(connection::reader(&self.shared.path)?);
            }
            self.conn = Some(conn);
        }
        self.conn.as_ref().ok_or(StoreError::Closed)
    }

    /// What was committed to a file that is no longer at its path would be gone with this process. The owner writes it
    /// anew where nothing has taken its place; otherwise this is the end, and nothing more is acknowledged.
    fn keep_in_place(&mut self) -> Result<(), StoreError> {
        if let Some(error) = &self.cut_off {
            return Err(error.clone());
        }
        let path = &self.shared.path;
        let found = standing::look(path, self.identity);
        if found == Standing::Same {
            return Ok(());
        }
        let mut reader = self.shared.reader();
        let saved = match (self.conn.as_ref().or(reader.as_ref()), self.shared.role) {
            (_, Role::Guest) => Err(standing::cut_off(path, "try again")),
            (None, Role::Owner) => Err(standing::cut_off(path, "nothing of it was open any more")),
            (Some(open), Role::Owner) => standing::bring_back(open, path, self.shared.clock.load(Ordering::Relaxed)),
        };
        self.conn = None;
        *reader = None;
        match saved.and_then(|()| Identity::of(path).map_err(|error| StoreError::io(path, &error))) {
            Ok(identity) => {
                self.identity = identity;
                // open at once, for the file may go again; what fails here is met by the next command
                self.conn = connection::writer_of_existing(path).ok();
                tracing::error!(path = %path.display(), "the queue file was deleted while it was in use; it was written anew from what was open");
                Ok(())
            }
            Err(error @ StoreError::CutOff { .. }) => Err(self.cut_off.insert(error).clone()),
            Err(error) => Err(self.cut_off.insert(standing::cut_off(path, &format!("it could not be saved: {error}"))).clone()),
        }
    }

    /// The owner replaces a damaged file while running; leases stay as they are, their tickets are still good.
    fn heal(&mut self, error: &StoreError) {
        if self.shared.role == Role::Guest {
            return;
        }
        let (path, now) = (&self.shared.path, self.shared.clock.load(Ordering::Relaxed));
        self.conn = None;
        if self.rescue_again_at.is_some_and(|at| now < at && at - now <= RESCUE_AGAIN) {
            return;
        }
        tracing::error!(path = %path.display(), %error, "the store is damaged; setting it aside");
        let mut reader = self.shared.reader();
        *reader = None;
        let rescued = rescue::rescue(path, now);
        self.identity = Identity::of(path).unwrap_or(self.identity);
        match rescued {
            Ok(rescue) => {
                self.rescue_again_at = None;
                *lock(&self.shared.rescued) = Some(rescue);
                self.shared.rescues.fetch_add(1, Ordering::Relaxed);
            }
            Err(error) => {
                // told since by whoever waited for us; reading the file took a while
                self.rescue_again_at = Some(self.shared.clock.load(Ordering::Relaxed) + RESCUE_AGAIN);
                tracing::error!(path = %path.display(), %error, "the rescue failed; it is tried again in a minute");
            }
        }
    }
}

/// A statement without values that is run time and again.
fn does(conn: &Connection, sql: &str) -> Result<(), rusqlite::Error> {
    conn.prepare_cached(sql)?.execute([]).map(drop)
}
