//! The watch room with real folders: what it tells, and what it says of itself.

use super::*;
use instance::{Polling, WatchRule};

struct Watching {
    sights: mpsc::Receiver<Sight>,
    _asks: mpsc::Sender<()>,
    board: Board,
    stop: CancellationToken,
}

fn watch(folder: &Path, change: impl FnOnce(&mut WatchRule)) -> Watching {
    watch_by(Arms::new, folder, change)
}

/// Watches with arms and a tap that the test has its hands on.
fn watch_by(arms: impl FnOnce(&[Arc<Rule>]) -> (Arms, Tap), folder: &Path, change: impl FnOnce(&mut WatchRule)) -> Watching {
    let mut config = WatchRule { name: "r".into(), watch_folder: folder.display().to_string(), ..WatchRule::default() };
    change(&mut config);
    let rule = Arc::new(Rule::new(0, &config).unwrap());
    let (sender, sights) = mpsc::channel(64);
    let (asker, asks) = mpsc::channel(1);
    let board = Board::new(["r".to_owned()], jiff::Timestamp::UNIX_EPOCH);
    let stop = CancellationToken::new();
    let (arms, tap) = arms(std::slice::from_ref(&rule));
    let doors = Doors { sights: sender, asks, board: board.clone() };
    tokio::spawn(super::watch(vec![rule], Arc::new(arms), tap, doors, stop.clone()));
    Watching { sights, _asks: asker, board, stop }
}

impl Watching {
    /// The next sighting of this file; other ones are passed over.
    async fn sees(&mut self, name: &str) -> Hint {
        loop {
            match self.sights.recv().await.expect("the room runs") {
                Sight::Files(files) => {
                    if let Some(file) = files.iter().find(|file| file.path.ends_with(name)) {
                        return file.hint;
                    }
                }
                Sight::Scanned { .. } | Sight::LookAgain => {}
            }
        }
    }

    async fn scanned(&mut self) -> bool {
        loop {
            if let Sight::Scanned { complete, .. } = self.sights.recv().await.expect("the room runs") {
                return complete;
            }
        }
    }
}

#[tokio::test]
async fn what_was_there_before_is_found_by_the_scan_and_a_closed_file_by_its_event() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("before.json"), "1").unwrap();
    let mut watching = watch(folder.path(), |_| {});
    assert!(matches!(watching.sees("before.json").await, Hint::Scanned(_)));
    assert!(watching.scanned().await);
    if cfg!(target_os = "linux") {
        std::fs::write(folder.path().join("later.json"), "1").unwrap();
        assert_eq!(watching.sees("later.json").await, Hint::Closed);
    }
    watching.stop.cancel();
}

#[tokio::test]
async fn a_missing_folder_is_said_and_watched_as_soon_as_it_is_there() {
    let above = tempfile::tempdir().unwrap();
    let folder = above.path().join("in");
    let mut watching = watch(&folder, |_| {});
    assert!(!watching.scanned().await);
    while !matches!(watching.board.read().rules[0].watching, Condition::Degraded(ref why) if why.contains("missing")) {
        watching.board.bell.notified().await;
    }
    std::fs::create_dir(&folder).unwrap();
    std::fs::write(folder.join("a.json"), "1").unwrap();
    watching.sees("a.json").await;
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_folder_that_is_deleted_and_made_again_is_watched_again() {
    let above = tempfile::tempdir().unwrap();
    let folder = above.path().join("in");
    std::fs::create_dir(&folder).unwrap();
    let mut watching = watch(&folder, |_| {});
    assert!(watching.scanned().await);
    std::fs::remove_dir(&folder).unwrap();
    assert!(!watching.scanned().await);
    std::fs::create_dir(&folder).unwrap();
    assert!(watching.scanned().await);
    // The scan may see it first; the event must come too.
    std::fs::write(folder.join("a.json"), "1").unwrap();
    while watching.sees("a.json").await != Hint::Closed {
        std::fs::write(folder.join("a.json"), "1").unwrap();
    }
}

/// Watches are set, but what they tell is heard by nobody; the callback tells what the test wants.
fn deaf(rules: &[Arc<Rule>], heard: &mut Option<Box<dyn FnMut(notify::Result<notify::Event>)>>) -> (Arms, Tap) {
    let (callback, tap) = events::tap(vec![]);
    *heard = Some(Box::new(callback));
    (Arms::new(rules).0, tap)
}

#[tokio::test]
async fn where_events_never_come_the_scan_finds_everything_within_its_interval() {
    let folder = tempfile::tempdir().unwrap();
    let mut heard = None;
    let mut watching = watch_by(|rules| deaf(rules, &mut heard), folder.path(), |_| {});
    assert!(watching.scanned().await);
    let names: Vec<String> = (0..600).map(|n| format!("{n}.json")).collect();
    names.iter().for_each(|name| std::fs::write(folder.path().join(name), "1").unwrap());
    let mut missing: BTreeSet<&str> = names.iter().map(String::as_str).collect();
    while !missing.is_empty() {
        match watching.sights.recv().await.expect("the room runs") {
            Sight::Files(files) => files.iter().for_each(|file| {
                missing.remove(file.path.file_name().unwrap().to_str().unwrap());
            }),
            // A scan that was under way when the files came may have missed some of them.
            Sight::Scanned { .. } | Sight::LookAgain => {}
        }
    }
}

#[tokio::test]
async fn an_overflow_of_the_systems_queue_is_a_scan_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let mut heard = None;
    let mut watching = watch_by(|rules| deaf(rules, &mut heard), folder.path(), |_| {});
    assert!(watching.scanned().await);
    std::fs::write(folder.path().join("lost.json"), "1").unwrap();
    let told = std::time::Instant::now();
    heard.expect("it was made")(Ok(notify::Event::new(notify::EventKind::Other).set_flag(notify::event::Flag::Rescan)));
    assert!(matches!(watching.sees("lost.json").await, Hint::Scanned(_)));
    // Without the question it would be the usual interval of ten seconds.
    assert!(told.elapsed() < Duration::from_secs(8), "nobody scanned before it was due anyway");
}

#[tokio::test]
async fn a_rule_that_polls_is_told_by_scans_alone() {
    let folder = tempfile::tempdir().unwrap();
    let mut watching = watch(folder.path(), |rule| rule.polling = Polling::Always);
    assert!(watching.scanned().await);
    std::fs::write(folder.path().join("a.json"), "1").unwrap();
    watching._asks.send(()).await.unwrap();
    assert!(matches!(watching.sees("a.json").await, Hint::Scanned(_)));
}

#[test]
fn of_many_events_for_one_file_the_last_one_counts() {
    let config = WatchRule { watch_folder: "/in".into(), ..WatchRule::default() };
    let rule = Arc::new(Rule::new(0, &config).unwrap());
    let sighting = |name: &str, hint| Sighting { rule: rule.clone(), path: Path::new(name).into(), hint };
    let kept = once_each(vec![sighting("a", Hint::Touched), sighting("b", Hint::Touched), sighting("a", Hint::Closed)]);
    let kept: Vec<(String, Hint)> = kept.into_iter().map(|one| (one.path.display().to_string(), one.hint)).collect();
    assert_eq!(kept, [("b".to_owned(), Hint::Touched), ("a".to_owned(), Hint::Closed)]);
}

#[tokio::test]
async fn a_rule_whose_scan_panicked_says_so_and_is_scanned_again() {
    let config = WatchRule { watch_folder: "/in".into(), ..WatchRule::default() };
    let mut post = Post::new(Arc::new(Rule::new(0, &config).unwrap()));
    let board = Board::new(["r".to_owned()], jiff::Timestamp::UNIX_EPOCH);
    (post.scan, post.rhythm.asked) = (Some(Lookout::new(Arc::default(), Instant::now())), false);
    assert_eq!(post.due(), None);
    let mut scans: JoinSet<Report> = JoinSet::new();
    scans.spawn(async { panic!("a fault made by this test") });
    let told = scanned(&mut post, scans.join_next_with_id().await.unwrap(), &board);
    assert!(matches!(told, Some(Sight::Scanned { complete: false, .. })), "who waits for the scan waits for ever");
    assert!(post.due().is_some());
    assert!(matches!(&board.read().rules[0].watching, Condition::Degraded(why) if why.contains("fault")));
}
