//! The handle: opens the file, sends commands to the writer thread, reads through its own connection.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc;
use std::thread;

use rusqlite::Connection;

use crate::archive::{self, ArchivePlace, ToArchive};
use crate::connection;
use crate::error::StoreError;
use crate::hand::Hand;
use crate::intake::Intake;
use crate::lease::{self, Attempt, Leased, Settlement};
use crate::ledger::{self, Known, Source};
use crate::opening::{self, Opened, Role};
use crate::read::{self, Counts};
use crate::reply::Reply;
use crate::rescue::Rescue;
use crate::retention::{self, Retention, Swept};
use crate::schema;
use crate::standing::Identity;
use crate::types::{Millis, Select, SourceId, Ticket};
use crate::wishes;
use crate::writer::{self, Command, Shared, Writer};

/// The store of one instance. Cheap to clone; the last handle to go waits for the commands already given, then closes
/// the file.
///
/// Every command fails with [`StoreError::Database`] when the disk or SQLite refuses (nothing of it is stored then; it
/// can be given again), and with [`StoreError::Closed`] when the writer thread has ended.
#[derive(Clone)]
pub struct Store {
    shared: Arc<Shared>,
    pub(crate) hand: Hand,
}

impl Store {
    /// Opens the store, making the file when there is none (its folder must exist). Blocks; with a damaged file for as
    /// long as the rescue takes.
    ///
    /// # Errors
    /// [`StoreError::Newer`] for a file of a newer version, [`StoreError::Database`] when the file cannot be opened or,
    /// for a guest, is damaged.
    pub fn open(path: impl AsRef<Path>, role: Role, now: Millis) -> Result<(Self, Opened), StoreError> {
        let path = path.as_ref();
        let named = |error: StoreError| error.at(path);
        // a guest may meet the owner between two files: it goes by the one it found
        let found = Identity::of(path).ok().filter(|_| role == Role::Guest);
        let (conn, opened) = opening::open(path, role, now).map_err(named)?;
        let identity = found.map_or_else(|| Identity::of(path), Ok).map_err(|error| StoreError::io(path, &error))?;
        let shared = Arc::new(Shared::new(path.to_path_buf(), role, now));
        *shared.reader() = Some(connection::reader(path).map_err(|error| named(error.into()))?);
        shared.seen_version.store(read::data_version(&conn).map_err(|error| named(error.into()))?, Ordering::Relaxed);
        let (commands, waiting) = mpsc::channel();
        let writer = Writer::new(Arc::clone(&shared), conn, identity);
        let thread = thread::Builder::new()
            .name("store-writer".to_owned())
            .spawn(move || writer.serve(&waiting))
            .map_err(|error| StoreError::io(path, &error))?;
        Ok((Self { shared, hand: Hand::new(commands, thread) }, opened))
    }

    /// Begins to take in the reports of one source. They become owed, all together, when [`Intake::commit`] is answered.
    #[must_use]
    pub fn intake(&self, source: Source, now: Millis) -> Intake {
        self.tell(now);
        Intake::new(self.hand.clone(), source, now)
    }

    /// Notes that a source could not be converted, and why.
    pub fn reject(&self, source: Source, reason: &str, now: Millis) -> Reply<SourceId> {
        self.tell(now);
        let reason = reason.to_owned();
        self.hand.write(move |conn| ledger::reject(conn, &source, &reason, now))
    }

    /// Notes that the content of a source had been taken before, as `of`.
    pub fn duplicate(&self, source: Source, of: SourceId, now: Millis) -> Reply<SourceId> {
        self.tell(now);
        self.hand.write(move |conn| ledger::duplicate(conn, &source, of, now))
    }

    /// Notes that the post action of a source is done: where the file is now, or `None` when it stays where it was. The
    /// ledger never forgets a source that stayed; say something (like `deleted`) for one that is gone.
    pub fn filed(&self, source: SourceId, filed_at: Option<&str>, now: Millis) -> Reply<()> {
        self.tell(now);
        let filed_at = filed_at.map(str::to_owned);
        self.hand.write(move |conn| ledger::filed(conn, source, filed_at.as_deref()))
    }

    /// What the ledger knows of this very file (same rule, path, size and mtime), without reading it.
    ///
    /// # Errors
    /// [`StoreError::Database`] when the file cannot be read.
    pub fn known(&self, rule: &str, path: &str, size: u64, mtime_ns: i64) -> Result<Option<Known>, StoreError> {
        self.read(|conn| ledger::known(conn, rule, path, size, mtime_ns))
    }

    /// What the ledger knows of this content (blake3), whatever its name was: a conversion, else a rejection; of several
    /// the latest one at this path, else the latest.
    ///
    /// # Errors
    /// [`StoreError::Database`] when the file cannot be read.
    pub fn known_content(&self, hash: [u8; 32], path: &str) -> Result<Option<Known>, StoreError> {
        self.read(|conn| ledger::known_content(conn, &hash, path))
    }

    /// Leases up to `n` reports that are due, priority 1 first, then first in first out; fewer when their bodies are
    /// larger than 64 MiB together. A body that fails its hash goes to error and its neighbours go on.
    pub fn lease(&self, n: usize, now: Millis) -> Reply<Vec<Leased>> {
        self.tell(now);
        let shared = Arc::clone(&self.shared);
        self.hand.write(move |conn| {
            // a second of tolerance: two callers may have read the clock in the other order
            let set_back = now < shared.leased_at.swap(now, Ordering::Relaxed).saturating_sub(1_000);
            lease::lease(conn, n, now, set_back)
        })
    }

    /// Ends a lease with what the server said. Fails with [`StoreError::NotLeased`] when it has ended before. After a
    /// [`StoreError::Database`] give it again until it succeeds: till then (or till the worker starts anew) the report
    /// stays leased.
    pub fn settle(&self, ticket: Ticket, attempt: Attempt, settlement: Settlement) -> Reply<()> {
        self.hand.write(move |conn| lease::settle(conn, ticket, &attempt, &settlement))
    }

    /// When the next report is due: [`Millis::MIN`] when one is due whatever the time, `None` when none is queued.
    ///
    /// # Errors
    /// [`StoreError::Database`] when the file cannot be read.
    pub fn next_due(&self) -> Result<Option<Millis>, StoreError> {
        self.read(read::next_due)
    }

    /// Whether another process has committed something since the last call (or since opening). Takes no lock.
    pub fn changed(&self) -> Reply<bool> {
        let shared = Arc::clone(&self.shared);
        let (job, reply) = writer::job(move |conn| {
            let version = read::data_version(conn)?;
            Ok(version != shared.seen_version.swap(version, Ordering::Relaxed))
        });
        self.hand.send(Command::Alone(job));
        reply
    }

    /// Up to `n` delivered reports whose bodies are not archived yet, oldest first; fewer when their frames are larger than
    /// 16 MiB together.
    ///
    /// # Errors
    /// [`StoreError::Database`] when the file cannot be read.
    pub fn unarchived(&self, n: usize) -> Result<Vec<ToArchive>, StoreError> {
        let (whole, damaged) = self.read(|conn| archive::unarchived(conn, n))?;
        if !damaged.is_empty() {
            self.hand.write(move |conn| archive::give_up(conn, &damaged)).wait()?;
        }
        Ok(whole)
    }

    /// How far the file of the archive is known to be whole: the end of the last body that has a place in it, among those
    /// delivered in `from..until`. 0 when none is known.
    ///
    /// # Errors
    /// [`StoreError::Database`] when the file cannot be read.
    pub fn archive_end(&self, file: &str, from: Millis, until: Millis) -> Result<u64, StoreError> {
        self.read(|conn| archive::end(conn, file, from, until))
    }

    /// Notes where bodies were archived (after the archive was synced); only now they leave the database.
    pub fn archived(&self, places: Vec<(Ticket, ArchivePlace)>) -> Reply<()> {
        self.hand.write(move |conn| archive::archived(conn, &places))
    }

    /// Makes reports in error queued again and waiting ones due at once; answers how many. With [`Select::All`] what
    /// was discarded stays discarded.
    pub fn retry(&self, which: Select, now: Millis) -> Reply<u64> {
        self.tell(now);
        self.hand.write(move |conn| wishes::retry(conn, &which, now))
    }

    /// Makes every waiting report due at once, as after an outage; what is in error stays there. Answers how many.
    pub fn due_now(&self, now: Millis) -> Reply<u64> {
        self.tell(now);
        self.hand.write(wishes::due_now)
    }

    /// Discards reports: with [`Select::All`] those in error, by id also queued ones. Their bodies stay until retention
    /// takes them. Answers how many.
    pub fn discard(&self, which: Select, now: Millis) -> Reply<u64> {
        self.tell(now);
        self.hand.write(move |conn| wishes::discard(conn, &which, now))
    }

    /// Owes a delivered report, or one in error, once more. A body that is only in the archive must be given along.
    pub fn resend(&self, ticket: Ticket, body: Option<Vec<u8>>, now: Millis) -> Reply<()> {
        self.tell(now);
        self.hand.write(move |conn| wishes::resend(conn, ticket, body, now))
    }

    /// One bounded step of forgetting what is older than asked; call again while [`Swept::more`] says so.
    pub fn retention(&self, retention: Retention) -> Reply<Swept> {
        self.hand.write(move |conn| retention::sweep(conn, retention))
    }

    /// Gives a bounded part of the free pages back to the disk and brings the WAL home; answers whether free pages are
    /// left.
    pub fn checkpoint(&self) -> Reply<bool> {
        let (job, reply) = writer::job(retention::checkpoint);
        self.hand.send(Command::Alone(job));
        reply
    }

    /// Whether the file is still at its path, or could be written there anew from what is open. Every commit looks too;
    /// this is for quiet times.
    ///
    /// Fails with [`StoreError::CutOff`] when not: nothing is acknowledged any more, the worker must end.
    pub fn in_place(&self) -> Reply<()> {
        let (job, reply) = writer::job(|_| Ok(()));
        self.hand.send(Command::Alone(job));
        reply
    }

    /// Why nothing can be stored now, if the last transaction failed and one more, made here, fails too. Costs nothing
    /// while all goes well; blocks for the length of a commit otherwise.
    #[must_use]
    pub fn trouble(&self) -> Option<StoreError> {
        self.shared.trouble().as_ref()?;
        // writes a page with what is in it already, and syncs it
        let probe = |conn: &Connection| Ok(conn.pragma_update(None, "user_version", schema::version(conn)?)?);
        self.hand.write(probe).wait().err()
    }

    /// How many reports stand where.
    ///
    /// # Errors
    /// [`StoreError::Database`] when the file cannot be read.
    pub fn counts(&self) -> Result<Counts, StoreError> {
        self.read(read::counts)
    }

    /// How many deliveries there were since the quarter of an hour `since` falls in. Never forgotten by retention; a
    /// report sent again counts again.
    ///
    /// # Errors
    /// [`StoreError::Database`] when the file cannot be read.
    pub fn sent_since(&self, since: Millis) -> Result<u64, StoreError> {
        self.read(|conn| read::sent_since(conn, since))
    }

    /// When the last delivery was, to a quarter of an hour at least; `None` when there was none.
    ///
    /// # Errors
    /// [`StoreError::Database`] when the file cannot be read.
    pub fn last_sent(&self) -> Result<Option<Millis>, StoreError> {
        self.read(read::last_sent)
    }

    /// The delivered report that has waited longest for the archive.
    ///
    /// # Errors
    /// [`StoreError::Database`] when the file cannot be read.
    pub fn oldest_unarchived(&self) -> Result<Option<Ticket>, StoreError> {
        self.read(archive::oldest)
    }

    /// How many transactions have changed the file since it was opened: what group commit saves shows here.
    #[must_use]
    pub fn commits(&self) -> u64 {
        self.shared.commits.load(Ordering::Relaxed)
    }

    /// A rescue that happened while running, told once.
    #[must_use]
    pub fn take_rescue(&self) -> Option<Rescue> {
        writer::lock(&self.shared.rescued).take()
    }

    fn read<T>(&self, look: impl FnOnce(&Connection) -> Result<T, StoreError>) -> Result<T, StoreError> {
        let shared = &self.shared;
        let path = &shared.path;
        let rescues = shared.rescues.load(Ordering::Relaxed);
        let found = {
            let mut reader = shared.reader();
            if reader.is_none() {
                *reader = Some(connection::reader(path).map_err(|error| StoreError::from(error).at(path))?);
            }
            reader.as_ref().ok_or(StoreError::Closed).and_then(look)
        };
        if let Err(error) = found.as_ref()
            && error.is_damage()
        {
            // the writer thread is the one who rescues; a command that fails with the damage makes it do so (once)
            let (met, shared) = (error.clone(), Arc::clone(shared));
            drop(self.hand.write(move |_| if shared.rescues.load(Ordering::Relaxed) == rescues { Err(met) } else { Ok(()) }));
        }
        found.map_err(|error| error.at(path))
    }

    fn tell(&self, now: Millis) {
        self.shared.clock.store(now, Ordering::Relaxed);
    }
}
