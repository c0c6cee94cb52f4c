//! Keeps what was received. One thread owns the database; everything else asks it.
//!
//! Reports that arrive together are committed together, and a report is answered only after its commit, so what was
//! acknowledged and what is kept are the same at every moment.

mod book;

use std::{
    sync::mpsc::{Receiver, Sender, channel},
    thread,
};

use bytes::Bytes;
use tokio::sync::oneshot;

pub(crate) use book::{Book, Entry, Filing, Minute, Query, Totals};

use crate::{Db, Format, SandboxError};

/// A batch is committed at the latest when it holds this many reports …
const MOST_REPORTS: usize = 256;
/// … or this many bytes.
const MOST_BYTES: usize = 16 << 20;

/// A report the sandbox has, as [`crate::Running::received`] gives it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    /// The report's own id.
    pub id: uuid::Uuid,
    /// The format it last arrived in.
    pub format: Format,
    /// How many times it was recorded.
    pub count: u64,
    /// How many of the repeats had another body than the one before.
    pub changed: u64,
    /// Serial number.
    pub sn: String,
    /// Part number.
    pub pn: String,
    /// `P` passed, `F` failed, `E` error, `T` terminated.
    pub result: String,
    /// BLAKE3 of the last body, in hex.
    pub body_hash: String,
    /// The last body, byte for byte.
    pub body: Vec<u8>,
    /// When it first arrived, in Unix milliseconds.
    pub first_at: i64,
    /// When it last arrived, in Unix milliseconds.
    pub last_at: i64,
}

type Question = Box<dyn FnOnce(&Book) + Send>;

enum Order {
    File(Entry, oneshot::Sender<Filing>),
    Ask(Question),
    Close(oneshot::Sender<()>),
}

/// The way to the thread that owns the database.
#[derive(Clone)]
pub(crate) struct Ledger(Sender<Order>);

impl Ledger {
    /// Opens the database and starts its thread.
    pub(crate) fn open(db: &Db) -> Result<Ledger, SandboxError> {
        let book = Book::open(db)?;
        let (orders, inbox) = channel();
        thread::Builder::new().name("sandbox-ledger".into()).spawn(move || keep(book, &inbox)).map_err(|_| SandboxError::Stopped)?;
        Ok(Ledger(orders))
    }

    /// Checks and records one report; comes back after it is committed or refused.
    pub(crate) async fn file(&self, format: Format, body: Bytes, at: i64) -> Result<Filing, SandboxError> {
        let (reply, answer) = oneshot::channel();
        self.order(Order::File(Entry { format, body, at }, reply))?;
        answer.await.map_err(|_| SandboxError::Stopped)
    }

    /// Asks the database something.
    pub(crate) async fn ask<T: Send + 'static>(
        &self,
        question: impl FnOnce(&Book) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, SandboxError> {
        let (reply, answer) = oneshot::channel();
        self.order(Order::Ask(Box::new(move |book| {
            // A caller that went away needs no answer.
            let _ = reply.send(question(book));
        })))?;
        Ok(answer.await.map_err(|_| SandboxError::Stopped)??)
    }

    /// As [`Ledger::ask`], for callers that are not async.
    pub(crate) fn ask_and_wait<T: Send + 'static>(
        &self,
        question: impl FnOnce(&Book) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, SandboxError> {
        let (reply, answer) = channel();
        self.order(Order::Ask(Box::new(move |book| {
            let _ = reply.send(question(book));
        })))?;
        Ok(answer.recv().map_err(|_| SandboxError::Stopped)??)
    }

    /// Closes the database once everything ordered so far is done.
    pub(crate) async fn close(&self) {
        let (reply, closed) = oneshot::channel();
        if self.order(Order::Close(reply)).is_ok() {
            // An error means that the thread is gone, and the database with it.
            let _ = closed.await;
        }
    }

    fn order(&self, order: Order) -> Result<(), SandboxError> {
        self.0.send(order).map_err(|_| SandboxError::Stopped)
    }
}

/// The thread's work: batches of reports, and questions between them.
fn keep(mut book: Book, inbox: &Receiver<Order>) {
    let mut next = inbox.recv().ok();
    while let Some(order) = next.take() {
        match order {
            Order::Ask(question) => question(&book),
            Order::Close(reply) => {
                drop(book);
                let _ = reply.send(());
                return;
            }
            Order::File(entry, reply) => next = file_together(&mut book, inbox, entry, reply),
        }
        next = next.or_else(|| inbox.recv().ok());
    }
}

/// Records this report and those waiting behind it; hands back the first order that is something else.
fn file_together(book: &mut Book, inbox: &Receiver<Order>, entry: Entry, reply: oneshot::Sender<Filing>) -> Option<Order> {
    let mut bytes = entry.body.len();
    let mut entries = vec![entry];
    let mut replies = vec![reply];
    let mut other = None;
    while other.is_none() && entries.len() < MOST_REPORTS && bytes < MOST_BYTES {
        match inbox.try_recv() {
            Ok(Order::File(entry, reply)) => {
                bytes += entry.body.len();
                entries.push(entry);
                replies.push(reply);
            }
            Ok(order) => other = Some(order),
            Err(_) => break,
        }
    }
    for (reply, filing) in replies.into_iter().zip(book.file(&entries)) {
        let _ = reply.send(filing);
    }
    other
}
