//! From a settled file to the filed source: the convert and the enqueue room together, on real folders and a real store.

mod brought_again;

use super::{convert, enqueue};
use crate::board::Board;
use crate::budget::{Budget, Limits};
use crate::rule::Rule;
use crate::way::{Fate, Landing, SettledFile};
use converters::Defaults;
use instance::{Duplicates, PostAction, WatchRule};
use jiff::Timestamp;
use std::fs::{self, File};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, SystemTime};
use store::{Attempt, Role, Settlement, SourceOutcome, SourceQuery, SourceRow, Store, View};
use tempfile::TempDir;
use tokio::sync::{Notify, mpsc};

struct Bench {
    folder: TempDir,
    rule: Arc<Rule>,
    store: Store,
    board: Board,
    settled: mpsc::Sender<SettledFile>,
    landed: mpsc::Receiver<Landing>,
}

impl Bench {
    fn new(change: impl FnOnce(&mut WatchRule)) -> Bench {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("in")).unwrap();
        let watch_folder = folder.path().join("in").display().to_string();
        let mut config = WatchRule { name: "r".into(), watch_folder, format: "wsjf".into(), ..WatchRule::default() };
        change(&mut config);
        let store = Store::open(folder.path().join("queue.db"), Role::Owner, 0).unwrap().0;
        let board = Board::new(["r".to_owned()], Timestamp::UNIX_EPOCH);
        let clock = || Timestamp::UNIX_EPOCH;
        let (settled, to_convert) = mpsc::channel(1);
        let (taken, to_commit) = mpsc::channel(1);
        let (landings, landed) = mpsc::channel(1);
        let shop = convert::Shop::new(store.clone(), board.clone(), Defaults::default(), 1 << 20, clock);
        let converting = convert::Doors { settled: to_convert, taken, landings: landings.clone() };
        tokio::spawn(convert::run(converting, Arc::new(shop), 2));
        let budget = Arc::new(Budget::new(Limits { reports: 0, bytes: 0, free: 0 }));
        let owed = Arc::new(Notify::new());
        tokio::spawn(enqueue::run(to_commit, enqueue::Doors { store: store.clone(), landings, owed, board: board.clone(), budget, clock }));
        Bench { rule: Arc::new(Rule::new(0, &config).unwrap()), folder, store, board, settled, landed }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join("in").join(name)
    }

    /// Writes a file of reports of these numbers and takes it.
    async fn drop_reports(&mut self, name: &str, numbers: &[u32]) -> Fate {
        fs::write(self.path(name), numbers.iter().map(|n| report(*n) + "\n").collect::<String>()).unwrap();
        self.take(name).await
    }

    async fn take(&mut self, name: &str) -> Fate {
        let file = SettledFile { rule: self.rule.clone(), path: self.path(name).into(), expect: None, last_try: true };
        self.settled.send(file).await.unwrap();
        self.landed.recv().await.unwrap().fate
    }

    async fn deliver_all(&self) -> usize {
        let leased = self.store.lease(100, 0).await.unwrap();
        for one in &leased {
            let attempt = Attempt { at: 0, latency_ms: 1, status: Some(200), message: String::new() };
            self.store.settle(one.ticket, attempt, Settlement::Accepted { receipt: String::new() }).await.unwrap();
        }
        leased.len()
    }

    /// The sources in the ledger, the oldest first.
    fn history(&self) -> Vec<SourceRow> {
        let view = View::open(self.folder.path().join("queue.db")).unwrap().unwrap();
        let mut rows = view.history(&SourceQuery::default()).unwrap();
        rows.reverse();
        rows
    }

    fn outcomes(&self) -> Vec<SourceOutcome> {
        self.history().iter().map(|row| row.outcome).collect()
    }

    fn touch(&self, name: &str, seconds: u64) {
        let file = File::options().write(true).open(self.path(name)).unwrap();
        file.set_modified(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)).unwrap();
    }
}

fn report(n: u32) -> String {
    let id = uuid::Uuid::from_u128(u128::from(n) + 1);
    serde_json::json!({
        "type": "T", "id": id, "pn": "PSU", "sn": format!("SN-{n}"), "rev": "A", "processCode": 10, "result": "P", "machineName": "M",
        "location": "L", "purpose": "P", "start": "2026-01-02T08:00:00+01:00", "uut": {"user": "Ada"},
        "root": {"id": 0, "group": "M", "stepType": "SequenceCall", "name": "Main", "status": "P", "seqCall": {"path": "m", "name": "m", "version": "1"}},
    })
    .to_string()
}

#[tokio::test]
async fn of_a_file_with_several_reports_only_those_that_were_not_delivered_are_owed() {
    let mut bench = Bench::new(|_| {});
    assert_eq!(bench.drop_reports("a.json", &[0, 1]).await, Fate::Gone);
    assert_eq!(bench.deliver_all().await, 2);
    assert_eq!(bench.drop_reports("b.json", &[1, 2, 3]).await, Fate::Gone);
    assert_eq!(bench.store.counts().unwrap().queued, 2);
}

#[tokio::test]
async fn rejected_content_that_is_dropped_again_is_converted_again() {
    let mut bench = Bench::new(|_| {});
    for _ in 0..2 {
        fs::write(bench.path("a.json"), "no report").unwrap();
        assert_eq!(bench.take("a.json").await, Fate::Gone);
    }
    assert_eq!(bench.outcomes(), [SourceOutcome::Rejected; 2]);
    assert!(bench.path("Error/a (2).json.error.txt").exists());
}

#[tokio::test]
async fn a_kept_file_is_sent_again_when_its_content_changed_and_not_when_only_its_time_did() {
    for duplicates in [Duplicates::Skip, Duplicates::Send] {
        let mut bench = Bench::new(|rule| (rule.post_action, rule.duplicates) = (PostAction::Keep, duplicates));
        assert!(matches!(bench.drop_reports("a.json", &[0]).await, Fate::Kept(_)));
        assert!(matches!(bench.drop_reports("b.json", &[0]).await, Fate::Kept(_)), "the same content under another name");
        bench.deliver_all().await;
        for seconds in [1, 2] {
            bench.touch("a.json", seconds);
            assert!(matches!(bench.take("a.json").await, Fate::Kept(_)));
            assert!(matches!(bench.take("a.json").await, Fate::Kept(_)), "looked at once more, unchanged");
        }
        assert_eq!(bench.store.counts().unwrap().queued, 0, "{duplicates:?}");
        assert!(matches!(bench.drop_reports("a.json", &[5]).await, Fate::Kept(_)));
        assert_eq!(bench.store.counts().unwrap().queued, 1);
    }
}

#[tokio::test]
async fn a_file_that_is_dropped_again_is_sent_again_where_that_is_wanted() {
    for (duplicates, queued) in [(Duplicates::Skip, 0), (Duplicates::Send, 1)] {
        let mut bench = Bench::new(|rule| rule.duplicates = duplicates);
        bench.drop_reports("a.json", &[0]).await;
        bench.deliver_all().await;
        bench.drop_reports("a.json", &[0]).await;
        assert_eq!(bench.store.counts().unwrap().queued, queued, "{duplicates:?}");
    }
}

#[tokio::test]
async fn a_file_that_cannot_be_filed_is_tried_again_and_sent_once() {
    for duplicates in [Duplicates::Skip, Duplicates::Send] {
        let mut bench = Bench::new(|rule| rule.duplicates = duplicates);
        fs::write(bench.path("Done"), "a file where the folder should be").unwrap();
        assert!(matches!(bench.drop_reports("a.json", &[0]).await, Fate::Later(_)));
        assert_eq!(bench.deliver_all().await, 1);
        // The same content filed from elsewhere meanwhile changes nothing for this one.
        fs::remove_file(bench.path("Done")).unwrap();
        assert_eq!(bench.drop_reports("b.json", &[0]).await, Fate::Gone);
        bench.deliver_all().await;
        fs::rename(bench.path("Done"), bench.path("away")).unwrap();
        fs::write(bench.path("Done"), "").unwrap();
        assert!(matches!(bench.take("a.json").await, Fate::Later(_)));
        fs::remove_file(bench.path("Done")).unwrap();
        assert_eq!(bench.take("a.json").await, Fate::Gone);
        assert_eq!(bench.store.counts().unwrap().queued, 0, "{duplicates:?}");
        assert!(bench.path("Done/a.json").exists());
        assert_eq!(bench.history().len(), 2, "each of the two files once");
    }
}

#[tokio::test]
async fn a_rejected_file_that_cannot_be_filed_is_rejected_once() {
    for text in ["no report", ""] {
        let mut bench = Bench::new(|_| {});
        fs::write(bench.path("Error"), "a file where the folder should be").unwrap();
        fs::write(bench.path("a.json"), text).unwrap();
        for _ in 0..3 {
            assert!(matches!(bench.take("a.json").await, Fate::Later(_)));
        }
        fs::remove_file(bench.path("Error")).unwrap();
        assert_eq!(bench.take("a.json").await, Fate::Gone);
        assert_eq!(bench.outcomes(), [SourceOutcome::Rejected]);
        assert_eq!(bench.board.read().rules[0].failed, 1);
        assert!(fs::read_to_string(bench.path("Error/a.json.error.txt")).unwrap().contains("What to do"));
    }
}

#[tokio::test]
async fn a_rejected_file_that_stays_gets_its_whole_note_also_when_it_was_committed_before() {
    let mut bench = Bench::new(|rule| rule.post_action = PostAction::Keep);
    fs::write(bench.path("Error"), "a file where the folder should be").unwrap();
    fs::write(bench.path("a.json"), "no report").unwrap();
    assert!(matches!(bench.take("a.json").await, Fate::Later(_)));
    fs::remove_file(bench.path("Error")).unwrap();
    assert!(matches!(bench.take("a.json").await, Fate::Kept(_)));
    assert_eq!(bench.outcomes(), [SourceOutcome::Rejected]);
    assert!(fs::read_to_string(bench.path("Error/a.json.error.txt")).unwrap().contains("What to do"));
    assert!(bench.path("a.json").exists());
}
