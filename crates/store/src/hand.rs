//! The way to the writer thread, for all who change something.

use std::sync::Arc;
use std::sync::mpsc::Sender;
use std::thread::JoinHandle;

use rusqlite::Connection;

use crate::error::StoreError;
use crate::reply::Reply;
use crate::writer::{self, Command};

/// Gives commands to the writer thread. The last hand to go waits for the commands already given, then the file is closed.
#[derive(Clone)]
pub(crate) struct Hand {
    line: Arc<Line>,
}

struct Line {
    commands: Option<Sender<Command>>,
    thread: Option<JoinHandle<()>>,
}

impl Drop for Line {
    fn drop(&mut self) {
        self.commands = None;
        if let Some(thread) = self.thread.take() {
            // a writer that panicked has nothing left to close
            let _ = thread.join();
        }
    }
}

impl Hand {
    pub(crate) fn new(commands: Sender<Command>, thread: JoinHandle<()>) -> Self {
        Self { line: Arc::new(Line { commands: Some(commands), thread: Some(thread) }) }
    }

    /// Has the work done in the next group.
    pub(crate) fn write<T, F>(&self, work: F) -> Reply<T>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    {
        let (job, reply) = writer::job(work);
        self.send(Command::Grouped(job));
        reply
    }

    pub(crate) fn send(&self, command: Command) {
        if let Some(commands) = &self.line.commands {
            // with the writer gone the job is dropped, and its reply says `Closed`
            let _ = commands.send(command);
        }
    }
}
