//! What walks from room to room: owned values, no behaviour of their own.
//!
//! Every room takes one of these in and hands the next one out; none of them knows a room.

use crate::board::Working;
use crate::rule::Rule;
use crate::walks::Walk;
use std::collections::HashSet;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

/// What tells one state of a file from the next. Times are only ever compared for being equal, never with a clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Fingerprint {
    /// Bytes.
    pub(crate) size: u64,
    /// Nanoseconds since 1970, negative before; what the file system says, which may be any time at all.
    pub(crate) mtime_ns: i64,
}

impl Fingerprint {
    pub(crate) fn of(metadata: &std::fs::Metadata) -> Fingerprint {
        Fingerprint { size: metadata.len(), mtime_ns: metadata.modified().map_or(0, nanos) }
    }
}

fn nanos(time: SystemTime) -> i64 {
    match time.duration_since(SystemTime::UNIX_EPOCH) {
        Ok(after) => i64::try_from(after.as_nanos()).unwrap_or(i64::MAX),
        Err(before) => i64::try_from(before.duration().as_nanos()).map_or(i64::MIN, |nanos| -nanos),
    }
}

/// Why the watch room thinks a file is worth a look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Hint {
    /// A scan saw it in this state.
    Scanned(Fingerprint),
    /// It is new there.
    Appeared,
    /// Something was written to it.
    Touched,
    /// Its writer closed it, or it was moved in whole.
    Closed,
}

/// A file that may be a source.
#[derive(Debug)]
pub(crate) struct Sighting {
    pub(crate) rule: Arc<Rule>,
    pub(crate) path: Arc<Path>,
    pub(crate) hint: Hint,
}

/// What the watch room tells.
#[derive(Debug)]
pub(crate) enum Sight {
    Files(Vec<Sighting>),
    /// The rule's folder was scanned; with `complete`, every file in it has been told before this.
    Scanned {
        rule: Arc<Rule>,
        complete: bool,
    },
    /// The operator asks to look again at everything, also at what was left alone.
    LookAgain,
}

/// A file that has come to rest and may be read.
#[derive(Debug)]
pub(crate) struct SettledFile {
    pub(crate) rule: Arc<Rule>,
    pub(crate) path: Arc<Path>,
    /// The state it rested in, where it was measured; a file in another state is not read.
    pub(crate) expect: Option<Fingerprint>,
    /// It has been quiet so long that waiting for more is pointless: what is wrong now is rejected.
    pub(crate) last_try: bool,
}

/// How the way of a source file ended, told back to the settle room, which alone remembers files.
#[derive(Debug)]
pub(crate) struct Landing {
    pub(crate) path: Arc<Path>,
    pub(crate) fate: Fate,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Fate {
    /// Its reports are in the store and the file has left the folder, or it was not there any more.
    Gone,
    /// Nothing more is to be done with it as long as it stays in this state.
    Kept(Fingerprint),
    /// It changed under our hands: let it come to rest again.
    Changed(Option<Fingerprint>),
    /// It ends too early: its writer may not be done.
    Incomplete(Fingerprint),
    /// It has no bytes yet, or its last ones are still to be written.
    Empty(Fingerprint),
    /// It could not be read, committed or filed now; try again in a while.
    Later(String),
}

/// What the convert room made of a settled file; still to be committed and filed.
pub(crate) struct Taken {
    pub(crate) rule: Arc<Rule>,
    pub(crate) path: Arc<Path>,
    /// The state the file was in when it was read.
    pub(crate) print: Fingerprint,
    pub(crate) source: store::Source,
    pub(crate) product: Product,
    /// Nobody else takes the same content before this is committed.
    pub(crate) claim: Option<Claim>,
    pub(crate) working: Working,
    pub(crate) walk: Walk,
}

pub(crate) enum Product {
    /// Reports, staged and not visible yet.
    Reports { intake: Box<store::Intake>, count: usize },
    /// It cannot be converted; the reason in one line, and the note that is put beside it.
    Rejected { reason: String, note: String },
    /// Its content was taken before, as this source.
    Duplicate { of: store::SourceId },
    /// It was committed before; only its filing is left to do. For a rejected one, the note that is put beside it.
    Committed { source: store::SourceId, note: Option<String> },
}

/// The right to take one content, so that two equal files that arrive together become one source and one duplicate.
pub(crate) struct Claim {
    claims: Claims,
    hash: [u8; 32],
}

/// The contents that are being taken just now.
#[derive(Clone, Default)]
pub(crate) struct Claims(Arc<Mutex<HashSet<[u8; 32]>>>);

impl Claims {
    /// The claim, or `None` while someone else has it.
    pub(crate) fn claim(&self, hash: [u8; 32]) -> Option<Claim> {
        let fresh = self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(hash);
        fresh.then(|| Claim { claims: self.clone(), hash })
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        self.claims.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.hash);
    }
}
