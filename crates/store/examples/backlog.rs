//! What a backlog costs: the store with a thousand, a hundred thousand and a million reports owed.
//!
//! `cargo run --release -p store --example backlog [-- OWED…]` fills a store per number (in the temporary folder; a
//! million takes 1 GB), opens each in a process of its own for the time and the memory that takes, then measures the rates
//! by turns, so that a disk that is slow for a while is slow for all of them. Prints one line of JSON per store: `owed`,
//! `commits_per_s` (`each`: a report is taken in when the one before is on the disk; `by_16`: sixteen wait at a time),
//! `cpu_us` and `written_kb` per report likewise, `status_read_ms`, `open_ms`, `first_lease_ms`, `rss_mb` (the peak of a process that only has this store open),
//! `fill_s`, `file_mb`. It judges nothing: that is for who calls it.

use std::error::Error;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};
use std::{env, fs, io};

use serde_json::{Value, json};
use store::{Intake, Millis, NewReport, Role, Source, Store, View};
use uuid::Uuid;

type Outcome<T> = Result<T, Box<dyn Error>>;

const OWED: [u64; 3] = [1_000, 100_000, 1_000_000];
/// A Tuesday in 2026.
const NOW: Millis = 1_780_000_000_000;
/// Turns of measuring, and how many reports a store takes in its turn for each of the two rates.
const TURNS: usize = 12;
const EACH: usize = 64;
const BY_16: usize = 512;

/// Makes of a store's first report as many as are owed, alike but for what makes the indexes large: ids and hashes.
const MULTIPLIED: [&str; 3] = [
    "INSERT INTO sources (rule, path, place, size, mtime_ns, hash, format, priority, outcome, at, filed, reports)
     SELECT rule, path || n.value, random(), size, mtime_ns + n.value, randomblob(32), format, priority, outcome, at + n.value, 0, 1
     FROM sources, (WITH RECURSIVE n (value) AS (SELECT 2 UNION ALL SELECT value + 1 FROM n WHERE value < ?1) SELECT value FROM n) n
     WHERE id = 1",
    "INSERT INTO bodies (report_id, hash, size, frame)
     SELECT randomblob(16), hash, size, frame
     FROM bodies, (WITH RECURSIVE n (value) AS (SELECT 2 UNION ALL SELECT value + 1 FROM n WHERE value < ?1) SELECT value FROM n) n
     WHERE id = 1",
    "INSERT INTO reports (report_id, source, idx, state, priority, queued_at, body, body_hash, size, bytes,
       kind, sn, pn, result, process, start, warnings)
     SELECT b.report_id, b.id, 0, 0, priority, queued_at + b.id, b.id, body_hash, r.size, bytes,
       kind, sn || b.id, pn, result, process, start, warnings
     FROM reports r, bodies b WHERE r.id = 1 AND b.id BETWEEN 2 AND ?1",
];

fn main() -> Outcome<()> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    if let [probe, path] = arguments.as_slice()
        && probe == "probe"
    {
        return print(&probed(Path::new(path))?);
    }
    let sizes = arguments.iter().map(|owed| owed.parse()).collect::<Result<Vec<u64>, _>>()?;
    let folder = env::temp_dir().join(format!("lineside-backlog-{}", std::process::id()));
    fs::create_dir_all(&folder)?;
    let measured = measure(&folder, if sizes.is_empty() { &OWED } else { &sizes });
    fs::remove_dir_all(&folder)?;
    measured?.iter().try_for_each(print)
}

fn print(line: &Value) -> Outcome<()> {
    Ok(writeln!(io::stdout(), "{line}")?)
}

fn measure(folder: &Path, sizes: &[u64]) -> Outcome<Vec<Value>> {
    let mut filled = sizes.iter().map(|owed| Filled::new(folder, *owed)).collect::<Outcome<Vec<_>>>()?;
    let probes = filled.iter().map(|filled| in_a_process_of_its_own(&filled.path)).collect::<Outcome<Vec<_>>>()?;
    for filled in &mut filled {
        filled.open = Some(Store::open(&filled.path, Role::Owner, NOW)?.0);
    }
    for _ in 0..TURNS {
        for filled in &mut filled {
            let (each, by_16) = (filled.turn(EACH, 1)?, filled.turn(BY_16, 16)?);
            filled.each.push(each);
            filled.by_16.push(by_16);
        }
    }
    Ok(filled.iter().zip(probes).map(|(filled, probe)| filled.told(&probe)).collect())
}

/// A store with a backlog, and what its turns measured (reports per second).
struct Filled {
    path: PathBuf,
    owed: u64,
    taken: u64,
    took: Duration,
    open: Option<Store>,
    each: Vec<Turn>,
    by_16: Vec<Turn>,
}

struct Turn {
    per_s: f64,
    /// Processor time of all threads, in hundredths of a second.
    ticks: u64,
    /// Bytes given to the system to write.
    written: u64,
}

impl Filled {
    fn new(folder: &Path, owed: u64) -> Outcome<Self> {
        let path = folder.join(format!("{owed}.db"));
        let began = Instant::now();
        let mut filled = Self { path, owed, taken: 0, took: Duration::ZERO, open: None, each: Vec::new(), by_16: Vec::new() };
        let store = Store::open(&filled.path, Role::Owner, NOW)?.0;
        filled.take(&store)?.commit().wait()?;
        drop(store);
        let conn = rusqlite::Connection::open(&filled.path)?;
        conn.execute_batch("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -400000; BEGIN")?;
        MULTIPLIED.iter().try_for_each(|sql| conn.execute(sql, [owed.cast_signed()]).map(drop))?;
        conn.execute_batch("COMMIT")?;
        drop(conn);
        fs::File::open(&filled.path)?.sync_all()?;
        filled.taken = owed;
        filled.took = began.elapsed();
        Ok(filled)
    }

    /// One more source with one report, as a tester makes them: nothing of it is like the one before.
    fn take(&mut self, store: &Store) -> Outcome<Intake> {
        self.taken += 1;
        let n = self.taken;
        let noise = *blake3::hash(&n.to_le_bytes()).as_bytes();
        let steps: Vec<Value> =
            noise.iter().map(|byte| json!({"name": format!("Step {byte}"), "value": f64::from(*byte) / 7.0, "unit": "V"})).collect();
        let id = Uuid::from_slice(&noise[..16])?;
        let body = json!({"id": id, "type": "T", "sn": format!("SN-{n}"), "pn": "PN-7", "root": {"steps": steps}});
        let source = Source {
            rule: "bench".to_owned(),
            path: format!("/var/testers/line-4/out/report-{n:09}.json"),
            size: 20_000,
            mtime_ns: NOW * 1_000_000 + n.cast_signed(),
            hash: noise,
            format: "wsjf".to_owned(),
            priority: 5,
        };
        let mut intake = store.intake(source, NOW + n.cast_signed());
        intake.push(NewReport {
            id,
            index: 0,
            body: serde_json::to_vec(&body)?,
            kind: 'T',
            sn: format!("SN-{n}"),
            pn: "PN-7".to_owned(),
            result: "Passed".to_owned(),
            process: "10".to_owned(),
            start: "2026-05-28T08:00:00+02:00".to_owned(),
            warnings: Vec::new(),
        })?;
        Ok(intake)
    }

    /// Takes in `count` reports, `together` of which wait for the disk at a time. What the store is not asked to do
    /// (making and compressing them) is done before.
    fn turn(&mut self, count: usize, together: usize) -> Outcome<Turn> {
        let store = self.open.clone().ok_or("the store is not open")?;
        let mut ready = (0..count).map(|_| self.take(&store)).collect::<Outcome<Vec<_>>>()?.into_iter();
        let (began, cpu, before) = (Instant::now(), cpu_ticks(), written());
        loop {
            let replies: Vec<_> = ready.by_ref().take(together).map(Intake::commit).collect();
            if replies.is_empty() {
                return Ok(Turn {
                    per_s: count as f64 / began.elapsed().as_secs_f64(),
                    ticks: cpu_ticks() - cpu,
                    written: written() - before,
                });
            }
            replies.into_iter().try_for_each(|reply| reply.wait().map(drop))?;
        }
    }

    fn told(&self, probe: &Value) -> Value {
        let file_mb = fs::metadata(&self.path).map_or(0, |file| file.len()) >> 20;
        json!({
            "owed": self.owed,
            "commits_per_s": {"each": median(&self.each, |turn| turn.per_s), "by_16": median(&self.by_16, |turn| turn.per_s)},
            "written_kb": {"each": written_kb(&self.each, EACH), "by_16": written_kb(&self.by_16, BY_16)},
            "cpu_us": {"each": cpu_us(&self.each, EACH), "by_16": cpu_us(&self.by_16, BY_16)},
            "status_read_ms": probe["status_read_ms"],
            "open_ms": probe["open_ms"],
            "first_lease_ms": probe["first_lease_ms"],
            "rss_mb": probe["rss_mb"],
            "fill_s": rounded(self.took.as_secs_f64()),
            "file_mb": file_mb,
        })
    }
}

fn in_a_process_of_its_own(path: &Path) -> Outcome<Value> {
    let said = Command::new(env::current_exe()?).arg("probe").arg(path).output()?;
    if !said.status.success() {
        return Err(String::from_utf8_lossy(&said.stderr).into());
    }
    Ok(serde_json::from_slice(&said.stdout)?)
}

/// What it takes to open the store, to hand out the first reports, and to read how it goes.
fn probed(path: &Path) -> Outcome<Value> {
    let began = Instant::now();
    let (store, _) = Store::open(path, Role::Owner, NOW)?;
    let opened = began.elapsed();
    let leased = store.lease(16, NOW).wait()?;
    let first_lease = began.elapsed() - opened;
    let reads = (0..50).map(|_| status_read_ms(path)).collect::<Outcome<Vec<_>>>()?;
    for one in leased {
        let attempt = store::Attempt { at: NOW, latency_ms: 5, status: Some(200), message: String::new() };
        store.settle(one.ticket, attempt, store::Settlement::Released).wait()?;
    }
    Ok(json!({
        "open_ms": rounded(opened.as_secs_f64() * 1_000.0),
        "first_lease_ms": rounded(first_lease.as_secs_f64() * 1_000.0),
        "status_read_ms": median(&reads, |ms| *ms),
        "rss_mb": peak_mb(),
    }))
}

/// As `lineside status` does it: a view of its own, opened for this one look.
fn status_read_ms(path: &Path) -> Outcome<f64> {
    let began = Instant::now();
    let view = View::open(path)?.ok_or("there is no store")?;
    view.counts()?;
    view.sent_since(NOW)?;
    Ok(began.elapsed().as_secs_f64() * 1_000.0)
}

/// The most memory this process ever had; Linux only.
fn peak_mb() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.split_whitespace().next()?.parse::<u64>().ok().map(|kb| kb / 1_024)
}

/// The processor time of this process; Linux only, elsewhere 0.
fn cpu_ticks() -> u64 {
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after_name = stat.rsplit(')').next().unwrap_or_default();
    after_name.split_whitespace().skip(11).take(2).filter_map(|field| field.parse::<u64>().ok()).sum()
}

/// The bytes this process has given to the system to write; Linux only, elsewhere 0.
fn written() -> u64 {
    let io = fs::read_to_string("/proc/self/io").unwrap_or_default();
    io.lines().find_map(|line| line.strip_prefix("wchar: ")).and_then(|bytes| bytes.parse().ok()).unwrap_or_default()
}

/// Kilobytes written per report, all turns together: what a disk has to do, however busy it is with others.
fn written_kb(turns: &[Turn], reports: usize) -> f64 {
    let bytes: u64 = turns.iter().map(|turn| turn.written).sum();
    rounded(bytes as f64 / 1_000.0 / (turns.len() * reports) as f64)
}

/// Microseconds of processor time per report, all turns together.
fn cpu_us(turns: &[Turn], reports: usize) -> f64 {
    let ticks: u64 = turns.iter().map(|turn| turn.ticks).sum();
    rounded(ticks as f64 * 10_000.0 / (turns.len() * reports) as f64)
}

fn median<T>(values: &[T], of: impl Fn(&T) -> f64) -> f64 {
    let mut values: Vec<f64> = values.iter().map(of).collect();
    values.sort_by(f64::total_cmp);
    rounded(values.get(values.len() / 2).copied().unwrap_or_default())
}

fn rounded(value: f64) -> f64 {
    (value * 100.0).round() / 100.0
}
