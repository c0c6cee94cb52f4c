//! Taking in the reports of one source: compressed on the caller's thread, staged invisibly when there are many, owed
//! all together at the commit.

use uuid::Uuid;

use crate::body::{self, Packed};
use crate::error::StoreError;
use crate::hand::Hand;
use crate::ledger::{self, Source};
use crate::offer::{Body, Offer, Owing};
use crate::owe;
use crate::reply::Reply;
use crate::types::{Millis, SourceId, signed};
use crate::writer::{self, Command};

/// Reports held in memory before they are staged: at most this many, at most this many compressed bytes.
const BATCH_REPORTS: usize = 256;
const BATCH_BYTES: usize = 4 << 20;

/// A report as a conversion gave it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewReport {
    /// The report's id: two reports with one id are one report.
    pub id: Uuid,
    /// Its place in the source, from 0.
    pub index: u32,
    /// The JSON text, without a line feed.
    pub body: Vec<u8>,
    /// `T` for a test, `R` for a repair.
    pub kind: char,
    /// Serial number.
    pub sn: String,
    /// Part number.
    pub pn: String,
    /// The outcome's word or letter.
    pub result: String,
    /// The process's code or name.
    pub process: String,
    /// The start as the report has it (ISO 8601).
    pub start: String,
    /// The step that made it fail; empty where none did.
    pub step: String,
    /// What the conversion warned of.
    pub warnings: Vec<String>,
}

/// A source being taken in. Dropped without a commit, nothing of it remains.
pub struct Intake {
    hand: Hand,
    source: Source,
    now: Millis,
    batch: Vec<Prepared>,
    bytes: usize,
    staged: Option<SourceId>,
    again: bool,
}

/// A report whose body is compressed and hashed.
struct Prepared {
    report: NewReport,
    packed: Packed,
    warnings: String,
}

impl Intake {
    pub(crate) fn new(hand: Hand, source: Source, now: Millis) -> Self {
        Self { hand, source, now, batch: Vec::new(), bytes: 0, staged: None, again: false }
    }

    /// Reports that were delivered before with the very same body are owed once more (otherwise they are only noted).
    #[must_use]
    pub fn sending_again(mut self) -> Self {
        self.again = true;
        self
    }

    /// Adds a report. Blocks while a full batch is staged, so that memory stays flat however many there are.
    ///
    /// # Errors
    /// [`StoreError::Database`] when the batch cannot be stored, [`StoreError::IntakeLost`] when what was staged before
    /// was dropped by a recovering owner. The intake is then of no more use; drop it.
    pub fn push(&mut self, report: NewReport) -> Result<(), StoreError> {
        let mut report = report;
        let packed = body::pack(report.id, std::mem::take(&mut report.body))?;
        let warnings = serde_json::Value::from(std::mem::take(&mut report.warnings)).to_string();
        self.bytes += packed.frame.len();
        self.batch.push(Prepared { report, packed, warnings });
        if self.batch.len() >= BATCH_REPORTS || self.bytes >= BATCH_BYTES {
            self.stage()?;
        }
        Ok(())
    }

    /// Commits the source and all its reports. Answered once they are on the disk and visible.
    #[must_use = "nothing is durable before the reply has come"]
    pub fn commit(mut self) -> Reply<SourceId> {
        let (batch, source, now) = (std::mem::take(&mut self.batch), self.source.clone(), self.now);
        let (staged, again) = (self.staged.take(), self.again);
        let (job, reply) = writer::job_over(staged, move |conn| {
            let id = match staged {
                Some(id) => id,
                None => ledger::stage(conn, &source, now)?,
            };
            ledger::convert(conn, id, &source.path)?;
            let owing = Owing { source: id, priority: priority(&source), again, now };
            owe::publish_staged(conn, &owing)?;
            batch.iter().try_for_each(|one| owe::publish(conn, &owing, &one.offer()))?;
            ledger::count_reports(conn, id)?;
            Ok(id)
        });
        self.hand.send(Command::Grouped(job));
        reply
    }

    fn stage(&mut self) -> Result<(), StoreError> {
        let batch = std::mem::take(&mut self.batch);
        let (staged, source, now) = (self.staged, self.source.clone(), self.now);
        self.bytes = 0;
        let stage = self.hand.write(move |conn| {
            let id = match staged {
                Some(id) => ledger::must_be_staged(conn, id, &source.path).map(|()| id)?,
                None => ledger::stage(conn, &source, now)?,
            };
            batch.iter().try_for_each(|one| one.offer().stage(conn, id))?;
            Ok(id)
        });
        self.staged = Some(stage.wait()?);
        Ok(())
    }
}

impl Drop for Intake {
    fn drop(&mut self) {
        if let Some(id) = self.staged {
            self.hand.send(Command::Grouped(writer::forget(id)));
        }
    }
}

impl Prepared {
    fn offer(&self) -> Offer<'_> {
        let report = &self.report;
        Offer {
            report_id: report.id,
            index: report.index,
            body: Body::Here(&self.packed.frame),
            hash: self.packed.hash,
            size: signed(self.packed.size as u64),
            bytes: signed(self.packed.frame.len() as u64),
            kind: report.kind.to_string().into(),
            sn: report.sn.as_str().into(),
            pn: report.pn.as_str().into(),
            result: report.result.as_str().into(),
            process: report.process.as_str().into(),
            start: report.start.as_str().into(),
            warnings: self.warnings.as_str().into(),
            step: report.step.as_str().into(),
        }
    }
}

fn priority(source: &Source) -> i64 {
    i64::from(source.priority.clamp(1, 10))
}
