//! A disk that fails at one call, for every call of a whole run in turn: whichever it is, the books balance and work goes on by itself.
//!
//! A share of the calls is tried in every test run, another one each day; all of them with `LINESIDE_SWEEP=all`.

use e2e::{Books, Fault, Faulty, Produced, Station, counted, eventually, files, no_report, report};
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Runs side by side: they wait more than they work.
const AT_ONCE: usize = 8;
/// Of so many calls one is tried.
const SHARE: usize = 6;
/// For builds that do not get there at all.
pub(super) const LIMIT: Duration = Duration::from_secs(120);

/// How a call fails, and which calls.
struct Sweep {
    kinds: &'static str,
    error: &'static str,
    /// Calls in a row that fail.
    times: u64,
    /// Of so many calls one is tried, compared with a sweep of single failures.
    thin: usize,
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
fn run(name: &str, disk: impl FnOnce(&Station) -> Faulty) -> Result<bool, String> {
    let (mut station, produced) = laden(name);
    let count = station.home().join("count");
    let disk = disk(&station).counting(&count);
    station.spawn_with(|command| disk.under(command));
    let mut ended = None;
    let over = eventually(LIMIT, || {
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

/// Of so many one is tried, and which one first: all with `LINESIDE_SWEEP=all`, else another share each day.
pub(super) fn share(of: usize) -> (usize, usize) {
    if std::env::var("LINESIDE_SWEEP").is_ok_and(|which| which == "all") {
        return (1, 0);
    }
    let day = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs() / 86_400);
    (of, usize::try_from(day).unwrap_or(0) % of)
}

fn sweep(sweep: &Sweep) {
    let (step, first) = share(SHARE * sweep.thin);
    let calls = calls(sweep.kinds);
    let next = AtomicU64::new(1 + first as u64);
    let (step, hits) = (step as u64, AtomicU64::new(0));
    let run_some = || {
        let mut broken = Vec::new();
        loop {
            let n = next.fetch_add(step, Ordering::Relaxed);
            if n > calls {
                return broken;
            }
            let fault = Fault::Fails(sweep.error);
            let name = format!("{}-{}-{n}", sweep.error, sweep.times);
            let one = thread::spawn({
                let (name, kinds, times) = (name.clone(), sweep.kinds, sweep.times);
                move || run(&name, |station| Faulty::root(station.home(), kinds).at(n, fault).times(times))
            });
            match one.join() {
                Ok(Ok(hit)) => _ = hits.fetch_add(u64::from(hit), Ordering::Relaxed),
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
    let (tried, hits) = (calls.saturating_sub(first as u64).div_ceil(step), hits.into_inner());
    assert!(hits * 4 >= tried * 3, "only {hits} of {tried} runs met their fault");
}

const CHANGES: &str = "create,write,truncate,rename,mkdir";

#[test]
fn a_full_disk_at_any_one_write_costs_nothing() {
    sweep(&Sweep { kinds: CHANGES, error: "ENOSPC", times: 1, thin: 1 });
}

#[test]
fn a_sync_that_fails_once_at_any_place_costs_nothing() {
    sweep(&Sweep { kinds: "sync", error: "EIO", times: 1, thin: 1 });
}

#[test]
fn a_disk_that_stays_full_for_a_while_from_any_write_on_costs_nothing() {
    sweep(&Sweep { kinds: CHANGES, error: "ENOSPC", times: 60, thin: 6 });
}

#[test]
fn syncs_that_fail_for_a_while_from_any_one_on_cost_nothing() {
    sweep(&Sweep { kinds: "sync", error: "EIO", times: 12, thin: 3 });
}
