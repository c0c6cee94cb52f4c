//! One shift: a station, a tester that keeps writing, a worker that is killed again and again, and the reckoning.

use super::Account;
use super::hopper::{Hopper, Written};
use crate::books::Books;
use crate::station::{Station, all_files, files};
use crate::wait::eventually;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use sandbox::Faults;
use std::time::{Duration, Instant};

/// How long everything may take to come to rest after the last kill.
const REST: Duration = Duration::from_secs(180);

/// When the worker is killed.
#[derive(Debug, Clone, Copy)]
enum Moment {
    /// So long after its process was started.
    Up(Duration),
    /// So long after it was asked to stop, at a moment at which it worked.
    Stopping(Duration),
}

/// Works a shift with so many kills; the account of it.
pub(super) fn work(seed: u64, number: u64, kills: u64) -> Account {
    let mut chance = StdRng::seed_from_u64(seed.wrapping_mul(1_000_003).wrapping_add(number));
    let mut station = Station::new("wsjf");
    // What lay there before the start must rest before it is taken: shortly, so that each round gets to work.
    station.does(&["config", "set", "converters[0].settle_s", "0.2"]);
    let mut account = Account::default();
    let hopper = Hopper::new(station.home().to_owned(), station.folder());
    let name = format!("shift{number}");
    let own = chance.random();
    std::thread::scope(|scope| {
        scope.spawn(|| hopper.run(&name, own));
        // Whatever becomes of the rounds, the tester must not write for ever.
        let _stops = Stops(&hopper);
        for _ in 0..kills {
            round(&mut station, &hopper, &mut chance, &mut account);
            if !account.is_clean() {
                return;
            }
        }
    });
    station.faults(Faults::default());
    station.spawn();
    let written = hopper.written();
    if !eventually(REST, || is_at_rest(&station, &written)) {
        account.stuck += 1;
        account.findings.push(format!("not at rest: {}", station.status()["message"]));
    }
    reckon(&station, &written, &mut account);
    if !account.is_clean() {
        station.kill();
        station.keep();
        account.findings.push(format!("all of it is kept in {}", station.home().display()));
    }
    account.findings.iter_mut().for_each(|finding| finding.insert_str(0, &format!("shift {number}: ")));
    account
}

struct Stops<'a>(&'a Hopper);

impl Drop for Stops<'_> {
    fn drop(&mut self) {
        self.0.stop();
    }
}

/// Starts the worker, kills it, and looks at the books.
fn round(station: &mut Station, hopper: &Hopper, chance: &mut StdRng, account: &mut Account) {
    station.faults(faults(chance));
    let moment = moment(chance);
    let (Moment::Up(wait) | Moment::Stopping(wait)) = moment;
    station.spawn();
    let begun = Instant::now();
    let after = if matches!(moment, Moment::Stopping(_)) { Duration::from_secs(2) } else { wait };
    let runs = eventually(after, || station.status()["pid"] == station.pid());
    if runs {
        account.slowest_recovery_ms = account.slowest_recovery_ms.max(u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX));
    }
    if let Moment::Stopping(wait) = moment {
        station.signal("TERM");
        std::thread::sleep(wait);
        account.kills_stopping += 1;
    } else {
        std::thread::sleep(wait.saturating_sub(begun.elapsed()));
        account.kills_starting += u64::from(!runs);
    }
    station.kill();
    account.kills += 1;
    let written = hopper.written();
    let books = Books::of(station);
    account.kills_at_work += u64::from(!books.delivered.is_empty() && (!books.owed.is_empty() || !books.waiting.is_empty()));
    write_down(&books, &written, account);
}

/// In one round of five the server is away; else it is slow, refuses, or breaks off now and then.
fn faults(chance: &mut StdRng) -> Faults {
    Faults {
        outage: chance.random_range(0..5) == 0,
        latency_ms: chance.random_range(0..120),
        rate_503: 0.05,
        rate_429: 0.03,
        rate_reset_before: 0.05,
        rate_reset_after: 0.05,
        seed: chance.random(),
        ..Faults::default()
    }
}

fn moment(chance: &mut StdRng) -> Moment {
    let ms = Duration::from_millis;
    match chance.random_range(0..10) {
        0..2 => Moment::Up(ms(chance.random_range(0..60))),
        2..4 => Moment::Stopping(ms(chance.random_range(0..80))),
        _ => Moment::Up(ms(chance.random_range(60..900))),
    }
}

/// Whether everything is where it belongs.
fn is_at_rest(station: &Station, written: &Written) -> bool {
    if !station.waiting().is_empty() {
        return false;
    }
    let books = Books::of(station);
    books.owed == written.refused
        && books.rejected.len() == written.others.len()
        && written.reports.iter().all(|report| books.delivered.contains_key(&report.sn) != written.refused.contains(&report.sn))
}

/// The sums of a shift that is over.
fn reckon(station: &Station, written: &Written, account: &mut Account) {
    let books = Books::of(station);
    write_down(&books, written, account);
    account.files += written.files;
    account.delivered += books.delivered.len() as u64;
    account.repeated += books.delivered.values().flatten().filter(|report| report.count > 1).count() as u64;
    account.owed += books.owed.len() as u64;
    account.rejected += books.rejected.len() as u64;
    let not_a_note = |path: &std::path::PathBuf| !path.to_string_lossy().ends_with(".error.txt");
    let filed = all_files(&station.folder()).into_iter().filter(not_a_note).count() as u64;
    if filed != written.files {
        account.lost += written.files.saturating_sub(filed);
        account.doubled += filed.saturating_sub(written.files);
        account.findings.push(format!("{} files were written and {filed} are there", written.files));
    }
    // What a killed worker left half-written is put away by the next; the one that runs now may be writing its status.
    let writing = format!(".status.json.{}-", station.pid());
    let strange =
        |name: &str| (name.ends_with(".tmp") && !name.starts_with(&writing)) || name.contains(".damaged") || name.contains(".rescue");
    for path in files(&station.instance()).into_iter().chain(files(&station.instance().join("queue"))) {
        if path.file_name().and_then(|name| name.to_str()).is_none_or(strange) {
            account.torn += 1;
            account.findings.push(format!("left half-written or set aside: {}", path.display()));
        }
    }
}

/// Writes down what is wrong with the books.
fn write_down(books: &Books, written: &Written, account: &mut Account) {
    let all: Vec<_> = written.reports.iter().chain(&written.others).cloned().collect();
    let mut found = books.findings(&all);
    // A file that is not whole yet may be anywhere.
    found.lost.retain(|sn| written.unfinished.as_ref() != Some(sn));
    account.lost += found.lost.len() as u64;
    account.doubled += found.doubled.len() as u64;
    account.torn += found.torn.len() as u64;
    let told = |what: &str, list: Vec<String>| list.into_iter().map(|one| format!("{what}: {one}")).collect::<Vec<_>>();
    account.findings.extend([told("lost", found.lost), told("doubled", found.doubled), told("torn", found.torn)].concat());
}
