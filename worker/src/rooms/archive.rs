//! The archive room: bodies of delivered reports out of the store, into one compressed file per day.
//!
//! Promises that a body leaves the store only after it is on the disk in the archive.

use crate::archive;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use store::{Store, ToArchive};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

/// Reports archived with one sync: at first, and at most.
const FIRST: usize = 64;
const MOST: usize = 512;
/// Compressed bytes of one batch that are aimed at.
const BYTES: usize = 8 << 20;
/// Deliveries are gathered this long, so that a busy hour is not a sync per report.
const GATHER: Duration = Duration::from_secs(1);
/// After a failure.
const AGAIN: Duration = Duration::from_secs(5);

/// The doors of the archive room.
pub(crate) struct Doors {
    pub(crate) store: Store,
    /// Rung when a report was delivered.
    pub(crate) delivered: Arc<Notify>,
    /// `reports/` of the instance.
    pub(crate) folder: PathBuf,
}

/// Runs until `stop`; what is not archived then is archived after the next start.
pub(crate) async fn run(doors: Doors, stop: CancellationToken) {
    let (mut batch, mut mended) = (FIRST, BTreeSet::new());
    while !stop.is_cancelled() {
        let (store, folder) = (doors.store.clone(), doors.folder.clone());
        let mut days = std::mem::take(&mut mended);
        let archived = tokio::task::spawn_blocking(move || archive_some(&store, &folder, batch, &mut days).map(|done| (done, days))).await;
        // A panic is ours and told by the panic hook.
        let archived = archived.unwrap_or_else(|_| Err("a fault of Lineside".to_owned()));
        let more = match archived {
            Ok(((count, bytes), days)) => {
                mended = days;
                let full = count == batch;
                batch = next_batch(batch, count, bytes);
                full
            }
            Err(error) => {
                tracing::warn!("sent reports cannot be archived now, they stay in the queue file: {error}");
                rest(&stop, AGAIN).await;
                true
            }
        };
        if !more {
            tokio::select! {
                () = stop.cancelled() => return,
                () = doors.delivered.notified() => rest(&stop, GATHER).await,
            }
        }
    }
}

/// Waits, but not beyond a stop.
async fn rest(stop: &CancellationToken, time: Duration) {
    let _stopped = tokio::time::timeout(time, stop.cancelled()).await;
}

/// How many reports to archive next, after so many had so many bytes: memory stays flat whatever their size.
fn next_batch(batch: usize, count: usize, bytes: usize) -> usize {
    if bytes > BYTES {
        (batch / 2).max(1)
    } else if count == batch && bytes * 2 <= BYTES {
        (batch * 2).min(MOST)
    } else {
        batch
    }
}

/// Archives one batch; how many reports and bytes it had. A day's file that is not among the `mended` is looked after first.
fn archive_some(store: &Store, folder: &Path, batch: usize, mended: &mut BTreeSet<String>) -> Result<(usize, usize), String> {
    let waiting = store.unarchived(batch).map_err(|error| error.to_string())?;
    let (count, bytes) = (waiting.len(), waiting.iter().map(|report| report.frame.len()).sum());
    if count == 0 {
        return Ok((0, 0));
    }
    let mut days: BTreeMap<String, Vec<ToArchive>> = BTreeMap::new();
    for one in waiting {
        days.entry(one.day.clone()).or_default().push(one);
    }
    let mut places = Vec::with_capacity(count);
    for (day, reports) in days {
        let told = |error| format!("{}: {error}", folder.join(archive::file_name(&day)).display());
        if !mended.contains(&day) {
            let (from, until) = archive::bounds(&day).unwrap_or_default();
            let known = store.archive_end(&archive::file_name(&day), from, until).map_err(|error| error.to_string())?;
            archive::mend(folder, &day, known).map_err(told)?;
        }
        places.extend(archive::append(folder, &day, &reports).map_err(told)?);
        mended.insert(day);
    }
    store.archived(places).wait().map_err(|error| error.to_string())?;
    Ok((count, bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_reports_are_archived_in_large_batches_and_large_ones_in_small_ones() {
        let table = [
            (64, 64, 100_000, 128),
            (512, 512, 900_000, 512),
            (64, 10, 1_000, 64),
            (64, 64, 6 << 20, 64),
            (64, 64, 90 << 20, 32),
            (1, 1, 90 << 20, 1),
        ];
        for (batch, count, bytes, expected) in table {
            assert_eq!(next_batch(batch, count, bytes), expected, "{batch} {count} {bytes}");
        }
    }

    #[test]
    fn a_frame_torn_before_this_run_is_cut_off_before_the_first_append() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path().join("queue.db"), store::Role::Owner, 0).unwrap().0;
        let source = |name: &str| store::Source {
            rule: String::new(),
            path: name.to_owned(),
            size: 1,
            mtime_ns: 1,
            hash: [7; 32],
            format: String::new(),
            priority: 5,
        };
        let sent = |n: u32| {
            let text = |text: &str| text.to_owned();
            let mut intake = store.intake(source(&n.to_string()), 0);
            let (kind, sn, pn, result, process, start) = ('T', text("1"), text("2"), text("P"), text("10"), text(""));
            let (id, body) = (uuid::Uuid::from_u128(n.into()), format!("{{\"n\":{n}}}").into_bytes());
            intake
                .push(store::NewReport {
                    id,
                    step: String::new(),
                    index: 0,
                    body,
                    kind,
                    sn,
                    pn,
                    result,
                    process,
                    start,
                    warnings: Vec::new(),
                })
                .unwrap();
            intake.commit().wait().unwrap();
            let ticket = store.lease(1, 0).wait().unwrap()[0].ticket;
            let attempt = store::Attempt { at: 0, latency_ms: 1, status: Some(200), message: String::new() };
            store.settle(ticket, attempt, store::Settlement::Accepted { receipt: String::new() }).wait().unwrap();
        };
        sent(1);
        archive_some(&store, folder.path(), 10, &mut BTreeSet::new()).unwrap();
        let path = folder.path().join("1970-01-01.jsonl.zst");
        let whole = std::fs::read(&path).unwrap();
        std::fs::write(&path, [&whole[..], &whole[..whole.len() / 2]].concat()).unwrap();
        sent(2);
        archive_some(&store, folder.path(), 10, &mut BTreeSet::new()).unwrap();
        let text = zstd::stream::decode_all(std::fs::File::open(&path).unwrap()).unwrap();
        assert_eq!(text, b"{\"n\":1}\n{\"n\":2}\n");
    }
}
