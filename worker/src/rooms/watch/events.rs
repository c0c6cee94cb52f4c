//! What the operating system tells about the folders: hints, never the truth.
//!
//! The callback runs on notify's own thread and must never wait: what does not fit is dropped and a scan asked for.

use notify::event::{AccessKind, AccessMode, CreateKind, ModifyKind, RenameMode};
use notify::{Event, EventKind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::sync::{Notify, mpsc};

/// Events that may wait to be looked at.
const MOST: usize = 16_384;

/// What an event means to us.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Meaning {
    Appeared,
    Touched,
    Closed,
    /// A folder came, went or was renamed, or what happened is not told: only a scan knows.
    Unclear,
}

/// The meaning of an event, `None` where it says nothing about a source.
pub(super) fn meaning(kind: &EventKind) -> Option<Meaning> {
    match kind {
        EventKind::Access(AccessKind::Close(AccessMode::Write)) => Some(Meaning::Closed),
        EventKind::Modify(ModifyKind::Name(RenameMode::To)) => Some(Meaning::Closed),
        EventKind::Create(CreateKind::Folder) => Some(Meaning::Unclear),
        EventKind::Create(_) if cfg!(windows) => Some(Meaning::Touched),
        EventKind::Create(_) => Some(Meaning::Appeared),
        EventKind::Modify(ModifyKind::Data(_) | ModifyKind::Any | ModifyKind::Other) => Some(Meaning::Touched),
        EventKind::Modify(ModifyKind::Name(RenameMode::Any | RenameMode::Other)) => Some(Meaning::Appeared),
        EventKind::Any | EventKind::Other => Some(Meaning::Unclear),
        // Both halves of a rename are told on their own too; what leaves, and what is only looked at, is nothing new.
        EventKind::Modify(ModifyKind::Name(_) | ModifyKind::Metadata(_)) | EventKind::Access(_) | EventKind::Remove(_) => None,
    }
}

/// The receiving end of the events.
pub(super) struct Tap {
    pub(super) events: mpsc::Receiver<(Meaning, PathBuf)>,
    /// Something was not told; only a scan of everything knows.
    pub(super) lost: Arc<Notify>,
    /// A watch could not be set or does not work any more; which one is not told.
    pub(super) failed: Arc<AtomicBool>,
}

/// The callback for the watcher and the tap it feeds. `folders` are watched themselves: when one goes, a scan must see.
pub(super) fn tap(folders: Vec<PathBuf>) -> (impl FnMut(notify::Result<Event>) + Send + 'static, Tap) {
    let (sender, events) = mpsc::channel(MOST);
    let (lost, failed) = (Arc::new(Notify::new()), Arc::new(AtomicBool::new(false)));
    let (signal, failure) = (lost.clone(), failed.clone());
    let callback = move |event: notify::Result<Event>| {
        failure.fetch_or(event.is_err(), Ordering::Relaxed);
        let heard = event.is_ok_and(|event| hear(&sender, &folders, event));
        if !heard {
            signal.notify_one();
        }
    };
    (callback, Tap { events, lost, failed })
}

/// Passes an event on; false where something is lost and a scan must find it.
fn hear(sender: &mpsc::Sender<(Meaning, PathBuf)>, folders: &[PathBuf], event: Event) -> bool {
    let Some(path) = event.paths.last().filter(|_| !event.need_rescan()) else { return !event.need_rescan() };
    if about_a_folder(&event.kind) && folders.iter().any(|folder| folder == path) {
        return false;
    }
    let Some(meaning) = meaning(&event.kind) else { return true };
    sender.try_send((meaning, path.clone())).is_ok()
}

/// Whether the event may tell that a watched folder itself is gone.
fn about_a_folder(kind: &EventKind) -> bool {
    matches!(kind, EventKind::Remove(_) | EventKind::Modify(ModifyKind::Name(_)))
}

/// What identifies a folder, so that one deleted and made again is noticed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Identity {
    place: (u64, u64),
    /// A new folder often gets the number of one just deleted; its birth tells them apart, where the file system keeps it.
    born: Option<std::time::SystemTime>,
}

pub(super) fn identity(folder: &Path) -> std::io::Result<Identity> {
    let metadata = std::fs::metadata(folder)?;
    if !metadata.is_dir() {
        return Err(std::io::Error::new(std::io::ErrorKind::NotADirectory, "this is not a folder"));
    }
    Ok(Identity { place: place(&metadata), born: metadata.created().ok() })
}

#[cfg(unix)]
fn place(metadata: &std::fs::Metadata) -> (u64, u64) {
    use std::os::unix::fs::MetadataExt;
    (metadata.dev(), metadata.ino())
}

#[cfg(not(unix))]
fn place(_: &std::fs::Metadata) -> (u64, u64) {
    (0, 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use notify::event::{DataChange, Flag, MetadataKind, RemoveKind};

    #[test]
    fn an_event_means_what_a_writer_did() {
        let table = [
            (EventKind::Access(AccessKind::Close(AccessMode::Write)), Some(Meaning::Closed)),
            (EventKind::Access(AccessKind::Close(AccessMode::Read)), None),
            (EventKind::Access(AccessKind::Open(AccessMode::Any)), None),
            (EventKind::Modify(ModifyKind::Name(RenameMode::To)), Some(Meaning::Closed)),
            (EventKind::Modify(ModifyKind::Name(RenameMode::From)), None),
            (EventKind::Modify(ModifyKind::Name(RenameMode::Both)), None),
            (EventKind::Modify(ModifyKind::Metadata(MetadataKind::Any)), None),
            (EventKind::Modify(ModifyKind::Data(DataChange::Any)), Some(Meaning::Touched)),
            (EventKind::Create(CreateKind::Folder), Some(Meaning::Unclear)),
            (EventKind::Remove(RemoveKind::File), None),
            (EventKind::Other, Some(Meaning::Unclear)),
        ];
        for (kind, expected) in table {
            assert_eq!(meaning(&kind), expected, "{kind:?}");
        }
    }

    #[test]
    fn an_overflow_an_error_and_the_loss_of_a_watched_folder_ask_for_a_scan() {
        let (mut callback, mut tap) = tap(vec![PathBuf::from("/in")]);
        let mut asked = |event: notify::Result<Event>| {
            callback(event);
            let lost = tap.lost.clone();
            // A permit is stored by notify_one, so the question can be asked without waiting.
            let mut context = std::task::Context::from_waker(std::task::Waker::noop());
            let future = std::pin::pin!(lost.notified());
            std::future::Future::poll(future, &mut context).is_ready()
        };
        assert!(asked(Ok(Event::new(EventKind::Other).set_flag(Flag::Rescan))));
        assert!(!tap.failed.load(Ordering::Relaxed));
        assert!(asked(Err(notify::Error::generic("limit"))));
        assert!(tap.failed.load(Ordering::Relaxed), "the watches count as whole");
        assert!(asked(Ok(Event::new(EventKind::Remove(RemoveKind::Folder)).add_path("/in".into()))));
        assert!(!asked(Ok(Event::new(EventKind::Remove(RemoveKind::File)).add_path("/in/a".into()))));
        assert!(tap.events.try_recv().is_err());
    }

    #[test]
    fn events_beyond_what_fits_are_dropped_and_a_scan_is_asked_for() {
        let (mut callback, mut tap) = tap(vec![]);
        let closed = EventKind::Access(AccessKind::Close(AccessMode::Write));
        for _ in 0..=MOST {
            callback(Ok(Event::new(closed).add_path("/in/a".into())));
        }
        assert_eq!(std::iter::from_fn(|| tap.events.try_recv().ok()).count(), MOST);
        let mut context = std::task::Context::from_waker(std::task::Waker::noop());
        assert!(std::future::Future::poll(std::pin::pin!(tap.lost.notified()), &mut context).is_ready());
    }
}
