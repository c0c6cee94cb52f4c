//! The writer thread: takes every command that waits, runs them in one transaction, commits once, then answers.
//!
//! A command that fails is rolled back to its savepoint and does not hurt its neighbours. When the commit itself fails
//! nothing of the group is acknowledged, and the connection is opened anew before the next group: a sync that failed
//! once is never taken for done because a second one succeeds. When a command meets damage, the owner's thread sets the
//! file aside and rescues what is readable before it answers.

use std::path::PathBuf;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::mpsc::Receiver;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rusqlite::Connection;
use tokio::sync::oneshot;

use crate::connection;
use crate::error::{StoreError, Trouble};
use crate::opening::Role;
use crate::reply::Reply;
use crate::rescue;

/// The most commands one transaction takes, so that the first of them does not wait for ever.
const GROUP: usize = 512;

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
        }
    }

    pub(crate) fn reader(&self) -> MutexGuard<'_, Option<Connection>> {
        lock(&self.reader)
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
    fn answer(self: Box<Self>, fate: &Result<(), StoreError>, shared: &Shared);
}

struct Task<T, F> {
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
    let (reply, answer) = oneshot::channel();
    (Box::new(Task { work: Some(work), result: Err(StoreError::Closed), reply }), Reply::new(answer))
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

    fn answer(self: Box<Self>, fate: &Result<(), StoreError>, shared: &Shared) {
        let result = fate.clone().and(self.result).map_err(|error| error.at(&shared.path));
        // nobody waiting is fine: the work is done all the same
        let _ = self.reply.send(result);
    }
}

pub(crate) struct Writer {
    shared: Arc<Shared>,
    conn: Option<Connection>,
}

impl Writer {
    pub(crate) fn new(shared: Arc<Shared>, conn: Connection) -> Self {
        Self { shared, conn: Some(conn) }
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
        let mut damage = None;
        let fate = self.transact(&mut jobs, &mut damage);
        if let Err(error) = &fate {
            self.after_failure(error);
        }
        if let Some(error) = damage.or_else(|| fate.as_ref().err().filter(|error| error.is_damage()).cloned()) {
            self.heal(&error);
        }
        jobs.into_iter().for_each(|job| job.answer(&fate, &self.shared));
    }

    fn transact(&mut self, jobs: &mut [Box<dyn Job>], damage: &mut Option<StoreError>) -> Result<(), StoreError> {
        let shared = Arc::clone(&self.shared);
        let conn = self.connection()?;
        conn.execute_batch("BEGIN IMMEDIATE")?;
        let before = conn.total_changes();
        for job in jobs {
            conn.execute_batch("SAVEPOINT command")?;
            let outcome = job.run(conn);
            if conn.is_autocommit() {
                // SQLite gave the whole transaction up (disk full, I/O error): the neighbours fail with this one
                return Err(outcome.err().unwrap_or(StoreError::Closed));
            }
            if let Err(error) = outcome {
                conn.execute_batch("ROLLBACK TO command")?;
                if error.is_damage() {
                    *damage = Some(error);
                }
            }
            conn.execute_batch("RELEASE command")?;
        }
        conn.execute_batch("COMMIT")?;
        if conn.total_changes() != before {
            shared.commits.fetch_add(1, Ordering::Relaxed);
        }
        Ok(())
    }

    fn serve_alone(&mut self, mut job: Box<dyn Job>) {
        let fate = match self.connection() {
            Ok(conn) => job.run(conn),
            Err(error) => Err(error),
        };
        if let Some(error) = fate.as_ref().err().filter(|error| error.is_damage()) {
            self.heal(error);
        }
        job.answer(&fate, &self.shared);
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
            let conn = connection::writer(&self.shared.path)?;
            let mut reader = self.shared.reader();
            if reader.is_none() {
                *reader = Some(connection::reader(&self.shared.path)?);
            }
            self.conn = Some(conn);
        }
        self.conn.as_ref().ok_or(StoreError::Closed)
    }

    /// The owner replaces a damaged file while running; leases stay as they are, their tickets are still good.
    fn heal(&mut self, error: &StoreError) {
        if self.shared.role == Role::Guest {
            return;
        }
        let path = &self.shared.path;
        tracing::error!(path = %path.display(), %error, "the store is damaged; setting it aside");
        self.conn = None;
        let mut reader = self.shared.reader();
        *reader = None;
        match rescue::rescue(path, self.shared.clock.load(Ordering::Relaxed)) {
            Ok(rescue) => {
                *lock(&self.shared.rescued) = Some(rescue);
                self.shared.rescues.fetch_add(1, Ordering::Relaxed);
            }
            Err(error) => tracing::error!(path = %path.display(), %error, "the rescue failed; it is tried again"),
        }
    }
}
