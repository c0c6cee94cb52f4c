//! Requests of another process to a worker's store.

use super::*;
use instance::{ManagedBy, Scope};
use store::{Attempt, NewReport, Role, Settlement, Source};
use tempfile::TempDir;
use uuid::Uuid;

/// An instance with a store and the one who takes its requests.
struct Site {
    _folder: TempDir,
    layout: Layout,
    store: Store,
    orders: mpsc::Receiver<Order>,
    stops: mpsc::Receiver<(String, Option<u32>)>,
    stop: CancellationToken,
}

impl Site {
    fn new() -> Site {
        let folder = tempfile::tempdir().unwrap();
        let layout = Layout::at(folder.path().join("ict"), Scope::User);
        layout.create().unwrap();
        let store = Store::open(layout.queue_db(), Role::Owner, 0).unwrap().0;
        let (orders, taken) = mpsc::channel(4);
        let (scans, (stopper, stops)) = (mpsc::channel(1).0, mpsc::channel(1));
        let board = Board::new([], Timestamp::UNIX_EPOCH);
        let requests = Requests {
            layout: layout.clone(),
            store: store.clone(),
            board,
            orders,
            scans,
            stops: stopper,
            clock: || Timestamp::UNIX_EPOCH,
        };
        let stop = CancellationToken::new();
        let guard = Guard::acquire(&layout).unwrap();
        tokio::spawn(requests.run(guard, lock(), stop.clone()));
        Site { _folder: folder, layout, store, orders: taken, stops, stop }
    }

    async fn deliver_all(&self) {
        for leased in self.store.lease(1000, 0).await.unwrap() {
            let attempt = Attempt { at: 0, latency_ms: 1, status: Some(200), message: String::new() };
            self.store.settle(leased.ticket, attempt, Settlement::Accepted { receipt: String::new() }).await.unwrap();
        }
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

fn lock() -> Lock {
    Lock {
        pid: std::process::id(),
        instance_id: "ict".into(),
        instance_name: String::new(),
        started_at: String::new(),
        service_url: String::new(),
        config_path: String::new(),
        version: String::new(),
        process_started_at: 0,
        managed_by: ManagedBy::Cli,
        config_hash: String::new(),
    }
}

fn commit(store: &Store, name: &str, reports: u32) {
    let hash = *blake3::hash(name.as_bytes()).as_bytes();
    let source = Source { rule: String::new(), path: name.into(), size: 1, mtime_ns: 1, hash, format: "wsjf".into(), priority: 5 };
    let mut intake = store.intake(source, 0);
    for index in 0..reports {
        let report = NewReport {
            step: String::new(),
            id: Uuid::new_v5(&Uuid::NAMESPACE_OID, format!("{name} {index}").as_bytes()),
            index,
            body: format!("{{\"sn\":\"{name} {index}\"}}").into_bytes(),
            kind: 'T',
            sn: String::new(),
            pn: String::new(),
            result: String::new(),
            process: String::new(),
            start: String::new(),
            warnings: Vec::new(),
        };
        intake.push(report).unwrap();
    }
    intake.commit().wait().unwrap();
}

#[tokio::test]
async fn what_another_process_queues_is_looked_at() {
    let mut site = Site::new();
    let guest = Store::open(site.layout.queue_db(), Role::Guest, 0).unwrap().0;
    commit(&guest, "a", 1);
    assert_eq!(site.orders.recv().await, Some(Order::Look));
}

#[tokio::test]
async fn all_delivered_reports_are_sent_again_when_that_is_asked() {
    let mut site = Site::new();
    commit(&site.store, "lot", 150);
    site.deliver_all().await;
    commit(&site.store, "new", 1);
    instance::requests::post(&site.layout, &Ask::Resend(Which::All), Timestamp::UNIX_EPOCH).unwrap();
    while site.store.counts().unwrap().queued < 151 {
        assert_eq!(site.orders.recv().await, Some(Order::Look));
    }
}

#[test]
fn a_report_whose_body_is_only_in_the_archive_is_sent_again_from_there_and_one_that_is_nowhere_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let layout = Layout::at(folder.path().join("ict"), Scope::User);
    layout.create().unwrap();
    let store = Store::open(layout.queue_db(), Role::Owner, 0).unwrap().0;
    commit(&store, "a", 1);
    let leased = store.lease(1, 0).wait().unwrap().remove(0);
    let attempt = Attempt { at: 0, latency_ms: 1, status: Some(200), message: String::new() };
    store.settle(leased.ticket, attempt, Settlement::Accepted { receipt: String::new() }).wait().unwrap();
    let waiting = store.unarchived(1).unwrap();
    let places = crate::archive::append(&layout.reports(), &waiting[0].day, &waiting).unwrap();
    store.archived(places).wait().unwrap();
    let resent = resend::resend(&store, &layout, &Which::Ids(vec![leased.ticket.0, 77]), 0, || true).unwrap();
    assert!(format!("{resent:?}").starts_with("Resent { owed: 1, failed: 1, first: Some((77"), "{resent:?}");
    assert_eq!(store.lease(1, 0).wait().unwrap()[0].body, leased.body);
}

#[cfg(unix)]
#[tokio::test]
async fn a_queue_file_that_was_deleted_is_written_anew_and_one_that_was_replaced_ends_the_worker_as_failed() {
    let folder = tempfile::tempdir().unwrap();
    let layout = Layout::at(folder.path().join("ict"), Scope::User);
    layout.create().unwrap();
    let store = Store::open(layout.queue_db(), Role::Owner, 0).unwrap().0;
    let (stops, mut stopped) = mpsc::channel(1);
    let (orders, scans) = (mpsc::channel(1).0, mpsc::channel(1).0);
    let board = Board::new([], Timestamp::UNIX_EPOCH);
    let (layout_of, clock) = (layout.clone(), || Timestamp::UNIX_EPOCH);
    let requests = Requests { layout: layout_of, store: store.clone(), board: board.clone(), orders, scans, stops, clock };
    commit(&store, "a", 3);
    let queue = layout.queue_db();
    std::fs::remove_dir_all(queue.parent().unwrap()).unwrap();
    requests.look_after_queue().await;
    assert!(stopped.try_recv().is_err());
    assert_eq!(store::View::open(&queue).unwrap().unwrap().counts().unwrap().queued, 3);
    std::fs::remove_dir_all(queue.parent().unwrap()).unwrap();
    layout.create().unwrap();
    std::fs::write(&queue, "another file").unwrap();
    requests.look_after_queue().await;
    let (reason, _) = stopped.try_recv().unwrap();
    assert!(reason.contains("was deleted or replaced"), "{reason}");
    assert_eq!(board.read().failed, Some(reason));
}

#[tokio::test]
async fn a_stop_that_was_meant_for_the_worker_before_stops_no_other() {
    let mut site = Site::new();
    let own = std::process::id();
    for (n, (reason, pid)) in [("the one before", Some(own + 1)), ("us", Some(own)), ("anybody", None)].into_iter().enumerate() {
        let at = Timestamp::from_second(n as i64).unwrap();
        instance::requests::post(&site.layout, &Ask::Stop { reason: reason.to_owned(), deadline_s: None, pid }, at).unwrap();
    }
    let mut asked = async || site.stops.recv().await.unwrap().0;
    assert_eq!((asked().await.as_str(), asked().await.as_str()), ("asked to stop: us", "asked to stop: anybody"));
}
