//! The demo's course: set up, write, take the server away, bring it back, wait, add up.

use super::books::Books;
use super::plan::{Drop, FOLDERS, Manner, plan};
use crate::exit::{Exit, Fatal};
use crate::output::{Mood, Output};
use indicatif::{ProgressBar, ProgressStyle};
use instance::{Home, Layout, Scope};
use jiff::Timestamp;
use sandbox::{Faults, Options, Running};
use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use store::View;
use tempfile::TempDir;

const ID: &str = "demo";
/// The whole day is written in about this long.
const DAY: Duration = Duration::from_secs(6);
/// How long the server is away, in the middle of it.
const OUTAGE: Duration = Duration::from_secs(3);
/// Pieces of the file that grows, and the pause between them.
const PIECES: usize = 25;
const PIECE_PAUSE: Duration = Duration::from_millis(100);
/// When everything should have arrived long ago.
const PATIENCE: Duration = Duration::from_secs(90);

/// The stage the demo plays on.
struct Stage {
    folder: TempDir,
    layout: Layout,
    server: Running,
    worker: Child,
    out: Output,
}

pub(crate) fn demo(out: Output, files: usize, leave: bool) -> Result<Option<Exit>, Fatal> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(failed)?;
    runtime.block_on(async {
        let mut stage = Stage::set(out).await?;
        let day = plan(files, 7, Timestamp::now());
        let begun = Instant::now();
        let played = stage.play(&day).await;
        let books = stage.books(&day, begun.elapsed());
        stage.clear();
        let (books, in_time) = (books?, played?);
        let balanced = in_time && books.balance(&day);
        stage.tell(&books, balanced);
        // What went wrong is to be found in the folder.
        stage.folder.disable_cleanup(!balanced);
        if !out.json && !leave && std::io::stdin().is_terminal() {
            out.note("the page stays up until Ctrl+C");
            let _ = tokio::signal::ctrl_c().await;
        }
        stage.server.stop().await;
        Ok((!balanced).then_some(Exit::Failed))
    })
}

impl Stage {
    /// A server, an instance made by `lineside init`, and a worker started by `lineside run`: each as a user would.
    async fn set(out: Output) -> Result<Self, Fatal> {
        let folder = TempDir::with_prefix("lineside-demo-").map_err(failed)?;
        let token = uuid::Uuid::new_v4().simple().to_string();
        let faults = Faults { latency_ms: 10, ..Faults::default() };
        let options = Options { token: Some(token.clone()), faults, ..Options::default() };
        let server = sandbox::start(options).await.map_err(failed)?;
        out.note(&format!("sandbox server   {}", server.url()));
        out.note(&format!("stations write to {}", folder.path().join("stations").display()));
        let home = Home::at(folder.path(), Scope::User);
        let layout = home.instance(&ID.parse().map_err(failed)?);
        let mut init = lineside(folder.path())?;
        init.args(["--quiet", "init", ID, "--server", &server.url(), "--token-file", "-", "--station", "DEMO", "--location", "Hall 3"]);
        for (name, format) in FOLDERS {
            let watched = folder.path().join("stations").join(name);
            std::fs::create_dir_all(&watched).map_err(failed)?;
            init.arg("--watch").arg(format!("{}={format}", watched.display()));
        }
        feed(init, &token)?;
        let worker = lineside(folder.path())?.args(["run", ID]).stdin(Stdio::null()).spawn().map_err(failed)?;
        out.note(&format!("worker           PID {}", worker.id()));
        Ok(Self { folder, layout, server, worker, out })
    }

    /// Writes the day and waits until nothing is on its way any more; false when that takes too long.
    async fn play(&mut self, day: &[Drop]) -> Result<bool, Fatal> {
        let bar = bar(self.out, day.len());
        let pause = DAY / u32::try_from(day.len()).unwrap_or(u32::MAX);
        let mut back_at = None;
        let mut growing = None;
        for (n, drop) in day.iter().enumerate() {
            if n == day.len() / 2 {
                self.server.outage(OUTAGE);
                back_at = Some(Instant::now() + OUTAGE);
            }
            match drop.manner {
                Manner::Growing => growing = Some(tokio::spawn(grow(self.path(drop), drop.bytes.clone()))),
                Manner::Whole | Manner::Corrupt | Manner::Duplicate => self.put(drop)?,
            }
            self.show(&bar, n + 1, back_at);
            tokio::time::sleep(pause).await;
        }
        if let Some(growing) = growing {
            growing.await.map_err(failed)?.map_err(failed)?;
        }
        let begun = Instant::now();
        while !self.is_done()? {
            if begun.elapsed() > PATIENCE || self.worker.try_wait().map_err(failed)?.is_some() {
                return Ok(false);
            }
            self.show(&bar, day.len(), back_at);
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        bar.finish_and_clear();
        Ok(true)
    }

    fn path(&self, drop: &Drop) -> PathBuf {
        self.folder.path().join("stations").join(FOLDERS[drop.folder].0).join(&drop.name)
    }

    /// Moves a whole file in, as most testers do.
    fn put(&self, drop: &Drop) -> Result<(), Fatal> {
        let beside = self.folder.path().join("being-written");
        std::fs::write(&beside, &drop.bytes).and_then(|()| std::fs::rename(&beside, self.path(drop))).map_err(failed)
    }

    fn show(&self, bar: &ProgressBar, written: usize, back_at: Option<Instant>) {
        let counts = self.view().ok().flatten().and_then(|view| view.counts().ok()).unwrap_or_default();
        let away = back_at.is_some_and(|back| Instant::now() < back);
        let server = if away { "the server is away" } else { "the server answers" };
        bar.set_position(written as u64);
        bar.set_message(format!("{} reports sent, {} owed · {server}", counts.completed, counts.queued + counts.processing));
    }

    /// No file lies in a watch folder and no report is owed.
    fn is_done(&self) -> Result<bool, Fatal> {
        let folders = FOLDERS.iter().map(|(name, _)| self.folder.path().join("stations").join(name));
        let lies =
            |folder: PathBuf| std::fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok).any(|entry| entry.path().is_file());
        if folders.into_iter().any(lies) {
            return Ok(false);
        }
        let counts = self.view()?.map(|view| view.counts().map_err(failed)).transpose()?.unwrap_or_default();
        Ok(counts.queued + counts.processing == 0)
    }

    fn view(&self) -> Result<Option<View>, Fatal> {
        View::open(self.layout.queue_db()).map_err(failed)
    }

    fn books(&self, day: &[Drop], took: Duration) -> Result<Books, Fatal> {
        let held = self.view()?.map(|view| view.books().map_err(failed)).transpose()?.unwrap_or_default();
        let received = self.server.received().map_err(failed)?;
        Ok(Books::new(day, &received, &held, (took.as_secs_f64() * 10.0).round() / 10.0))
    }

    /// Stops the worker as a user would; what does not stop in time is ended.
    fn clear(&mut self) {
        let stopped = lineside(self.folder.path()).and_then(|mut stop| stop.args(["--quiet", "stop", ID]).status().map_err(failed));
        if !stopped.is_ok_and(|status| status.success()) {
            let _ = self.worker.kill();
        }
        let _ = self.worker.wait();
    }

    fn tell(&self, books: &Books, balanced: bool) {
        if self.out.json {
            return self.out.json(books);
        }
        let rate = books.files as f64 / books.seconds.max(0.1);
        let rows = [
            ("files written", books.files.to_string()),
            ("reports in them", books.reports.to_string()),
            ("accepted by the server", books.accepted.to_string()),
            ("files rejected, with the reason beside them", books.rejected.to_string()),
            ("files that came twice", books.duplicates.to_string()),
            ("reports still owed", books.owed.to_string()),
            ("reports lost", books.lost.to_string()),
            ("seconds", format!("{:.1} ({rate:.0} files/s, {} s of them without a server)", books.seconds, OUTAGE.as_secs())),
        ];
        let cells: Vec<Vec<String>> = rows.iter().map(|(what, value)| vec![(*what).to_owned(), value.clone()]).collect();
        self.out.table(&["", ""], &cells);
        for reason in self.reasons() {
            self.out.line(Mood::Quiet, &format!("rejected: {reason}"));
        }
        if balanced {
            self.out.line(Mood::Good, &format!("✓ the books balance: every report arrived, once. See them at {}", self.server.url()));
        } else {
            self.out.line(Mood::Bad, &format!("✗ the books do not balance; the worker's log is in {}", self.layout.logs().display()));
        }
    }

    fn reasons(&self) -> Vec<String> {
        let query = store::SourceQuery { outcome: Some(store::SourceOutcome::Rejected), ..store::SourceQuery::default() };
        let rows = self.view().ok().flatten().and_then(|view| view.history(&query).ok()).unwrap_or_default();
        let name = |path: &str| Path::new(path).file_name().unwrap_or_default().to_string_lossy().into_owned();
        rows.iter()
            .map(|row| format!("{}: {}", name(&row.path), row.reason.as_deref().unwrap_or_default().lines().next().unwrap_or_default()))
            .collect()
    }
}

/// This very program, with the demo's home.
fn lineside(home: &Path) -> Result<Command, Fatal> {
    let mut command = Command::new(std::env::current_exe().map_err(failed)?);
    command.arg("--home").arg(home).env_remove("WATS_TOKEN").stdout(Stdio::null()).stderr(Stdio::null());
    Ok(command)
}

/// Runs a command with a text on its standard input; it must succeed.
fn feed(mut command: Command, text: &str) -> Result<(), Fatal> {
    let mut child = command.stdin(Stdio::piped()).stderr(Stdio::piped()).spawn().map_err(failed)?;
    if let Some(mut stdin) = child.stdin.take() {
        writeln!(stdin, "{text}").map_err(failed)?;
    }
    let output = child.wait_with_output().map_err(failed)?;
    if output.status.success() { Ok(()) } else { Err(Fatal::new(Exit::Failed, String::from_utf8_lossy(&output.stderr))) }
}

async fn grow(path: PathBuf, bytes: Vec<u8>) -> std::io::Result<()> {
    let mut file = std::fs::File::create(path)?;
    for piece in bytes.chunks(bytes.len() / PIECES + 1) {
        file.write_all(piece)?;
        tokio::time::sleep(PIECE_PAUSE).await;
    }
    Ok(())
}

fn bar(out: Output, files: usize) -> ProgressBar {
    if out.json || out.quiet || !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new(files as u64);
    if let Ok(style) = ProgressStyle::with_template("{bar:30} {pos}/{len} files · {msg}") {
        bar.set_style(style);
    }
    bar
}

fn failed(error: impl std::fmt::Display) -> Fatal {
    Fatal::new(Exit::Failed, error)
}
