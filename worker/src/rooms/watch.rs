//! The watch room: folders in, sightings out.
//!
//! A scan of every rule's folder is the truth; events of the operating system only make it faster, and a lost event asks
//! for a scan at once. A folder that is missing, unreadable or hangs is said on the board and stops no other rule: each
//! rule scans on its own thread, one scan at a time, and one that hangs keeps no more than that thread. Judges by place and name only; whether a file is done is not its business.

mod arms;
mod events;
mod pulse;
mod rhythm;
mod scan;

use crate::board::{Board, Condition};
use crate::rule::Rule;
use crate::way::{Hint, Sight, Sighting};
use arms::{Armed, Arms};
use events::{Meaning, Tap};
use pulse::{Lookout, Pulse};
use rhythm::{Rhythm, pause};
use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};
use tokio::sync::mpsc;
use tokio::task::{Id, JoinError, JoinSet};
use tokio_util::sync::CancellationToken;

/// Events turned into sightings at a time.
const BATCH: usize = 512;
/// How often a scan that runs is looked after.
const LOOK: Duration = Duration::from_secs(1);

/// The doors of the watch room.
pub(crate) struct Doors {
    pub(crate) sights: mpsc::Sender<Sight>,
    /// Someone asks for a scan of everything.
    pub(crate) asks: mpsc::Receiver<()>,
    pub(crate) board: Board,
}

/// One rule and how its last scan went.
struct Post {
    rule: Arc<Rule>,
    rhythm: Rhythm,
    /// The scan that runs.
    scan: Option<Lookout>,
    ended_at: Instant,
    /// Events come from all of the folder, as far as the system says.
    armed: bool,
    /// What has been told of that is no plain file.
    odd: BTreeSet<PathBuf>,
}

/// How a scan ended.
struct Report {
    armed: Option<Armed>,
    found: std::io::Result<scan::Found>,
    took: Duration,
}

/// Runs until `stop`.
pub(crate) async fn run(rules: Vec<Arc<Rule>>, doors: Doors, stop: CancellationToken) {
    let (arms, tap) = Arms::new(&rules);
    watch(rules, Arc::new(arms), tap, doors, stop).await;
}

async fn watch(rules: Vec<Arc<Rule>>, arms: Arc<Arms>, mut tap: Tap, mut doors: Doors, stop: CancellationToken) {
    let mut posts: Vec<Post> = rules.into_iter().map(Post::new).collect();
    let mut scans = JoinSet::new();
    let mut running = HashMap::new();
    let mut look = tokio::time::interval(LOOK);
    look.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        let now = Instant::now();
        for (index, post) in posts.iter_mut().enumerate().filter(|(_, post)| post.due().is_some_and(|due| due <= now)) {
            let pulse = Arc::new(Pulse::default());
            (post.scan, post.rhythm.asked) = (Some(Lookout::new(pulse.clone(), now)), false);
            let (rule, arms, sights) = (post.rule.clone(), arms.clone(), doors.sights.clone());
            let scan = scans.spawn_blocking(move || run_scan(&rule, &arms, &sights, &pulse));
            running.insert(scan.id(), index);
        }
        let next = posts.iter().filter_map(Post::due).min().unwrap_or(now + Duration::from_secs(60));
        let step = tokio::select! {
            () = stop.cancelled() => return,
            Some(event) = tap.events.recv() => Step::Event(event),
            () = tap.lost.notified() => Step::ScanAll,
            Some(()) = doors.asks.recv() => Step::LookAgain,
            Some(ended) = scans.join_next_with_id() => Step::Scanned(ended),
            _ = look.tick(), if !running.is_empty() => Step::Look,
            () = tokio::time::sleep_until(next.into()) => continue,
        };
        let told = match step {
            Step::Event(event) => heard(&mut posts, &mut tap, event),
            Step::Scanned(ended) => {
                let id = ended.as_ref().map_or_else(JoinError::id, |(id, _)| *id);
                running.remove(&id).and_then(|index| posts.get_mut(index)).and_then(|post| scanned(post, ended, &doors.board))
            }
            Step::Look => posts.iter_mut().find_map(|post| hanging(post, Instant::now(), &doors.board)),
            Step::ScanAll => scan_all(&mut posts),
            Step::LookAgain => {
                scan_all(&mut posts);
                Some(Sight::LookAgain)
            }
        };
        if let Some(sight) = told {
            tokio::select! {
                () = stop.cancelled() => return,
                sent = doors.sights.send(sight) => if sent.is_err() { return },
            }
        }
    }
}

enum Step {
    Event((Meaning, PathBuf)),
    Scanned(Result<(Id, Report), JoinError>),
    Look,
    ScanAll,
    LookAgain,
}

impl Post {
    fn new(rule: Arc<Rule>) -> Post {
        let rhythm = Rhythm { readable: true, events_work: false, asked: true, took: Duration::ZERO };
        // The first scan needs no pause before it.
        let ended_at = Instant::now().checked_sub(Duration::from_secs(1)).unwrap_or_else(Instant::now);
        Post { rule, rhythm, scan: None, ended_at, armed: false, odd: BTreeSet::new() }
    }

    fn due(&self) -> Option<Instant> {
        self.scan.is_none().then(|| self.ended_at + pause(self.rhythm))
    }
}

fn scan_all(posts: &mut [Post]) -> Option<Sight> {
    posts.iter_mut().for_each(|post| post.rhythm.asked = true);
    None
}

/// Says of a folder that it hangs. Who waits for the scan of every folder waits for this one no longer.
fn hanging(post: &mut Post, now: Instant, board: &Board) -> Option<Sight> {
    post.scan.as_mut().is_some_and(|scan| scan.finds_it_hanging(now)).then_some(())?;
    let folder = post.rule.folder.display();
    let why = format!("the folder {folder} does not answer; check the share or the disk. It is scanned as soon as it answers again");
    board.watching(post.rule.index, Condition::Degraded(why));
    Some(Sight::Scanned { rule: post.rule.clone(), complete: false })
}

/// Runs on a thread of its own and may hang there as long as the share does.
fn run_scan(rule: &Arc<Rule>, arms: &Arms, sights: &mpsc::Sender<Sight>, pulse: &Pulse) -> Report {
    let began = Instant::now();
    pulse.asks();
    let mut waited = Duration::ZERO;
    let mut armed = None;
    let found = arms.arm(rule).and_then(|how| {
        armed = Some(how);
        scan::scan(rule, SystemTime::now(), pulse, |files| {
            let before = Instant::now();
            pulse.rests();
            let told = sights.blocking_send(Sight::Files(files)).is_ok();
            waited += before.elapsed();
            pulse.asks();
            told
        })
    });
    pulse.rests();
    let complete = found.as_ref().is_ok_and(|found| found.unreadable.is_none());
    let took = began.elapsed().saturating_sub(waited);
    // Nobody listens any more when the worker stops.
    let _stopping = sights.blocking_send(Sight::Scanned { rule: rule.clone(), complete });
    Report { armed, found, took }
}

/// Takes in how a scan ended. After a panic the folder counts as one that cannot be read: it is scanned again in a while.
fn scanned(post: &mut Post, ended: Result<(Id, Report), JoinError>, board: &Board) -> Option<Sight> {
    let hung = post.scan.take().is_some_and(|scan| scan.has_hung());
    post.ended_at = Instant::now();
    let Ok((_, report)) = ended else {
        post.rhythm.readable = false;
        let folder = post.rule.folder.display();
        let why = format!("the scan of {folder} ended in a fault of Lineside; it is tried again, see the newest panic file beside the log");
        board.watching(post.rule.index, Condition::Degraded(why));
        return Some(Sight::Scanned { rule: post.rule.clone(), complete: false });
    };
    // Waiting for an answer keeps no disk busy; and what came meanwhile is looked for at once.
    post.rhythm.took = if hung { Duration::ZERO } else { report.took };
    post.rhythm.asked |= hung;
    post.rhythm.readable = report.found.is_ok();
    if report.armed != Some(Armed::Events { anew: false }) {
        post.rhythm.events_work = false;
    }
    post.armed = matches!(report.armed, Some(Armed::Events { .. }));
    let condition = condition(&post.rule, &report);
    let found = report.found.unwrap_or_default();
    tracing::debug!(rule = post.rule.name, files = found.files, took = ?report.took, "scanned");
    for path in found.odd.difference(&post.odd) {
        tracing::info!(rule = post.rule.name, "{} is a link, a pipe, a socket or a device and is left alone", path.display());
    }
    post.odd = found.odd;
    board.watching(post.rule.index, condition);
    None
}

/// What the scan says about the rule's folder.
fn condition(rule: &Rule, report: &Report) -> Condition {
    let folder = rule.folder.display();
    match (&report.found, &report.armed) {
        (Err(error), _) if error.kind() == std::io::ErrorKind::NotFound => {
            Condition::Degraded(format!("the folder {folder} is missing; it is watched as soon as it is there"))
        }
        (Err(error), _) => Condition::Degraded(format!("the folder {folder} cannot be read: {error}; check its permissions and the share")),
        (Ok(scan::Found { unreadable: Some(below), .. }), _) => Condition::Degraded(format!("a folder below cannot be read: {below}")),
        (Ok(_), Some(Armed::Polling(why))) if why.starts_with("the system") => {
            Condition::Degraded(format!("{folder} is scanned every few seconds instead: {why}"))
        }
        (Ok(_), Some(Armed::Polling(why))) => Condition::Good(format!("watching {folder} by scans: {why}")),
        (Ok(_), _) => Condition::Good(format!("watching {folder}")),
    }
}

/// Turns an event, and those that wait behind it, into sightings.
fn heard(posts: &mut [Post], tap: &mut Tap, first: (Meaning, PathBuf)) -> Option<Sight> {
    let mut sightings = Vec::new();
    let mut next = Some(first);
    while let Some((meaning, path)) = next {
        sightings.extend(sighted(posts, meaning, &path));
        next = if sightings.len() < BATCH { tap.events.try_recv().ok() } else { None };
    }
    (!sightings.is_empty()).then_some(Sight::Files(once_each(sightings)))
}

fn sighted(posts: &mut [Post], meaning: Meaning, path: &Path) -> Option<Sighting> {
    let mut first = None;
    for post in posts.iter_mut().filter(|post| path.starts_with(&post.rule.folder)) {
        // On Windows a lost event is told by nobody, so events never prove that scans may be rare; nor do those from the part of
        // a folder that could be watched.
        post.rhythm.events_work = post.armed && !cfg!(windows);
        // A folder that was moved in brings files of which nobody tells.
        let unclear = meaning == Meaning::Unclear || (meaning == Meaning::Closed && path.extension().is_none());
        post.rhythm.asked |= unclear && post.rule.recursive;
        if first.is_none() && post.rule.wants(path) {
            first = Some(post.rule.clone());
        }
    }
    let hint = match meaning {
        Meaning::Appeared => Hint::Appeared,
        Meaning::Touched => Hint::Touched,
        Meaning::Closed => Hint::Closed,
        Meaning::Unclear => return None,
    };
    first.map(|rule| Sighting { rule, path: path.into(), hint })
}

/// A writer makes hundreds of events for one file; the last one says it all.
fn once_each(sightings: Vec<Sighting>) -> Vec<Sighting> {
    let mut last: HashMap<Arc<Path>, usize> = HashMap::new();
    for (index, sighting) in sightings.iter().enumerate() {
        last.insert(sighting.path.clone(), index);
    }
    let kept = sightings.into_iter().enumerate();
    kept.filter(|(index, sighting)| last.get(&sighting.path) == Some(index)).map(|(_, sighting)| sighting).collect()
}

#[cfg(test)]
mod tests;
