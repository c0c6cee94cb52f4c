//! A disk that fails at one call, for every call of a whole run in turn: whichever it is, the books balance and work goes on by itself.
//!
//! A share of the calls is tried in every test run, all of them in a soak.

use e2e::{Books, Fault, Faulty, Produced, Station, counted, eventually, files, no_report, report, share_of};
use std::fs;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// Runs side by side: they wait more than they work.
const AT_ONCE: usize = 8;
/// For builds that do not get there at all.
pub(super) const LIMIT: Duration = Duration::from_secs(120);

/// How a call fails, and which calls.
struct Sweep {
    kinds: &'static str,
    error: &'static str,
    /// How long all calls from there on fail; else it is that one alone.
    lasts: Option<Duration>,
    /// How many of the calls are tried in a test run.
    small: usize,
}

/// A station with three reports and one file that is none before it.
pub(super) fn laden(name: &str) -> (Station, Vec<Produced>) {
    let station = Station::new("wsjf");
    station.does(&["config", "set", "converters[0].settle_s", "0.1"]);
    let mut produced: Vec<Produced> = (0..3).map(|n| report(name, n)).collect();
    produced.push(no_report(b"{\"type\": oops}"));
    for (n, one) in produced.iter().enumerate() {
        station.drop_file(&format!("{n}.json"), &one.bytes);
    }
    (station, produced)
}

/// Whether everything has come to its end: sent, archived, filed.
pub(super) fn is_over(station: &Station) -> bool {
    let sent = station.server().received().is_ok_and(|received| received.len() == 3);
    let archived = files(&station.instance().join("reports")).iter().any(|day| day.metadata().is_ok_and(|day| day.len() > 0));
    sent && archived && station.waiting().is_empty() && Books::of(station).owed.is_empty()
}

/// One run over a disk that fails as told: whether it did, or how it went against the promises.
fn run(name: &str, n: u64, sweep: &Sweep) -> Result<bool, String> {
    let (mut station, produced) = laden(name);
    let (count, switch) = (station.home().join("count"), station.home().join("switch"));
    let disk = Faulty::root(station.home(), sweep.kinds).at(n, Fault::Fails(sweep.error)).counting(&count);
    let disk = if sweep.lasts.is_some() { disk.forever().while_there_is(&switch) } else { disk };
    fs::write(&switch, "").expect("our own file");
    let mut failing_since = None;
    station.spawn_with(|command| disk.under(command));
    let mut ended = None;
    let over = eventually(LIMIT, || {
        if counted(&count).1 > 0 && failing_since.get_or_insert_with(Instant::now).elapsed() > sweep.lasts.unwrap_or_default() {
            let _gone = fs::remove_file(&switch);
        }
        ended = station.ended();
        ended.is_some() || is_over(&station)
    });
    Books::of(&station).balance(&produced);
    if let Some(status) = ended {
        // A worker that cannot even begin says so and ends; whoever supervises it starts it again.
        if status.code() != Some(1) {
            return Err(format!("{name}: it ended with {status}"));
        }
        station.start();
        if !eventually(LIMIT, || is_over(&station)) {
            return Err(format!("{name}: it does not heal after a restart"));
        }
    } else if !over {
        return Err(format!("{name}: it does not go on: {} wait, {}", station.waiting().len(), station.status()["message"]));
    }
    Books::of(&station).balance(&produced);
    if !station.folder().join("Error/3.json").exists() {
        return Err(format!("{name}: the rejected file is not set aside"));
    }
    Ok(counted(&count).1 > 0)
}

/// How many calls of these kinds a run makes.
fn calls(kinds: &str) -> u64 {
    let (mut station, _) = laden("count");
    let count = station.home().join("count");
    let disk = Faulty::root(station.home(), kinds).counting(&count);
    station.spawn_with(|command| disk.under(command));
    assert!(eventually(LIMIT, || is_over(&station)), "a run on a good disk does not end");
    let _well = station.terminate();
    counted(&count).0
}

fn sweep(sweep: &Sweep) {
    let calls = calls(sweep.kinds);
    let cases = share_of((1..=calls).collect(), sweep.small);
    let (tried, hits, cases) = (cases.len(), AtomicUsize::new(0), Mutex::new(cases));
    let run_some = || {
        let mut broken = Vec::new();
        loop {
            let Some(n) = cases.lock().expect("nobody panics with it").pop() else { return broken };
            let name = format!("{}-{}-{n}", sweep.error, sweep.lasts.map_or(0, |lasts| lasts.as_secs()));
            match thread::scope(|scope| scope.spawn(|| run(&name, n, sweep)).join()) {
                Ok(Ok(hit)) => _ = hits.fetch_add(usize::from(hit), Ordering::Relaxed),
                Ok(Err(why)) => broken.push(why),
                Err(_) => broken.push(format!("{name}: the books do not balance")),
            }
        }
    };
    let broken: Vec<String> = thread::scope(|scope| {
        let runs: Vec<_> = (0..AT_ONCE).map(|_| scope.spawn(run_some)).collect();
        runs.into_iter().flat_map(|run| run.join().expect("told by its own run")).collect()
    });
    assert!(broken.is_empty(), "of {calls} calls ({}): {broken:#?}", sweep.kinds);
    // Runs differ by a few calls; most must have met their fault, or nothing was tried here.
    let hits = hits.into_inner();
    assert!(hits * 4 >= tried * 3, "only {hits} of {tried} runs met their fault");
}

const A_WHILE: Duration = Duration::from_secs(4);
const CHANGES: &str = "create,write,truncate,rename,mkdir";

#[test]
fn a_full_disk_at_any_one_write_costs_nothing() {
    sweep(&Sweep { kinds: CHANGES, error: "ENOSPC", lasts: None, small: 24 });
}

#[test]
fn a_sync_that_fails_once_at_any_place_costs_nothing() {
    sweep(&Sweep { kinds: "sync", error: "EIO", lasts: None, small: 10 });
}

#[test]
fn a_disk_that_stays_full_for_a_while_from_any_write_on_costs_nothing() {
    sweep(&Sweep { kinds: CHANGES, error: "ENOSPC", lasts: Some(A_WHILE), small: 8 });
}

#[test]
fn syncs_that_fail_for_a_while_from_any_one_on_cost_nothing() {
    sweep(&Sweep { kinds: "sync", error: "EIO", lasts: Some(A_WHILE), small: 6 });
}
