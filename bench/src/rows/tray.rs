//! The tray app all day long: what it takes without its window and with it, how soon the window shows something, and what many instances cost.

use crate::figure::{Figure, Reach};
use crate::ground::{RUNS, cpu_s, memory_mb, wait, wait_looking_every};
use anyhow::{Context, Result};
use e2e::{Desktop, ID, Station, TrayApp, lineside, program};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

const INSTANCES: usize = 40;
/// What starting costs is over by then, also in the web view's processes.
const SETTLED: Duration = Duration::from_secs(5);
const WATCHED: Duration = Duration::from_secs(12);
/// A window that is still blank has a colour or two more than the screen with its pointer; letters have many.
const SOMETHING: usize = 10;
/// The window manager has drawn its pointer by then.
const DRAWN: Duration = Duration::from_secs(1);
/// Looking at the screen is work of its own.
const LOOK: Duration = Duration::from_millis(10);

pub(crate) fn measure() -> Result<Vec<Figure>> {
    let ours = program();
    let empty = ours.with_file_name("examples").join("empty");
    let each = |of: fn(&Path) -> Result<f64>, path: &PathBuf| (0..RUNS).map(|_| of(path)).collect::<Result<Vec<_>>>();
    let figure = |what: &str, unit, of: fn(&Path) -> Result<f64>, reach| {
        Ok::<_, anyhow::Error>(Figure::new(what, unit, each(of, &ours)?, reach).beside("an empty Tauri app", each(of, &empty)?))
    };
    Ok(vec![
        figure("resident memory without a window", "MB", |path| resident_mb(path, true), Reach::RatioAtMost(1.2))?,
        figure("resident memory with the window, all processes", "MB", |path| resident_mb(path, false), Reach::None)?,
        figure("from the start of the process to something in the window", "ms", painted_ms, Reach::None)?,
        Figure::new(format!("CPU, {INSTANCES} instances that run, no window"), "%", many_cpu()?, Reach::AtMost(0.5)),
    ])
}

/// Memory of the app and of the web view's processes.
fn resident_mb(path: &Path, hidden: bool) -> Result<f64> {
    let (desktop, station) = (Desktop::new(), Station::new("wsjf"));
    let _panel = desktop.panel();
    let app = TrayApp::of(path, &desktop, &station, hidden);
    std::thread::sleep(SETTLED);
    family(app.pid())?.into_iter().map(|pid| memory_mb(pid, "VmRSS")).sum()
}

fn painted_ms(path: &Path) -> Result<f64> {
    let (desktop, station) = (Desktop::new(), Station::new("wsjf"));
    let _panel = desktop.panel();
    std::thread::sleep(DRAWN);
    let (before, begun) = (desktop.colours(), Instant::now());
    let _app = TrayApp::of(path, &desktop, &station, false);
    wait_looking_every(LOOK, || desktop.colours() >= before + SOMETHING).context("the window shows something")?;
    Ok(begun.elapsed().as_secs_f64() * 1e3)
}

/// Percent of a processor while forty workers run and nobody looks.
fn many_cpu() -> Result<Vec<f64>> {
    let (desktop, station) = (Desktop::new(), Station::new("wsjf"));
    let settings = fs::read(station.instance().join("client_config.json"))?;
    let ids: Vec<String> = std::iter::once(ID.to_owned()).chain((1..INSTANCES).map(|n| format!("{ID}-{n}"))).collect();
    let mut workers = Vec::new();
    for id in &ids {
        let folder = station.home().join("instances").join(id);
        fs::create_dir_all(&folder)?;
        fs::write(folder.join("client_config.json"), own_folder(&settings, &station.home().join(format!("in-{id}")))?)?;
        let mut command = lineside();
        command.env("LINESIDE_HOME", station.home()).args(["run", id]).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        workers.push(Ended(command.spawn()?));
    }
    let panel = desktop.panel();
    let app = TrayApp::start(&desktop, &station, true);
    wait(|| panel.tooltip().starts_with(&format!("{INSTANCES} of {INSTANCES} running"))).context("all of them are shown")?;
    std::thread::sleep(SETTLED);
    let share = |_| {
        let (begun, before) = (Instant::now(), cpu_s(app.pid())?);
        std::thread::sleep(WATCHED);
        Ok((cpu_s(app.pid())? - before) / begun.elapsed().as_secs_f64() * 100.0)
    };
    (0..RUNS).map(share).collect()
}

/// The settings with a watch folder of their own.
fn own_folder(settings: &[u8], folder: &Path) -> Result<Vec<u8>> {
    fs::create_dir_all(folder)?;
    let mut settings: serde_json::Value = serde_json::from_slice(settings)?;
    settings["converters"][0]["watch_folder"] = folder.display().to_string().into();
    Ok(serde_json::to_vec(&settings)?)
}

/// A process and all below it.
fn family(pid: u32) -> Result<Vec<u32>> {
    let mut all = vec![pid];
    // Each of its threads has the children it started.
    for thread in fs::read_dir(format!("/proc/{pid}/task"))? {
        for child in fs::read_to_string(thread?.path().join("children"))?.split_whitespace() {
            all.extend(family(child.parse()?)?);
        }
    }
    Ok(all)
}

/// A process that ends with the row.
struct Ended(std::process::Child);

impl Drop for Ended {
    fn drop(&mut self) {
        // One that has ended already is what is wanted.
        let _gone = self.0.kill();
        let _waited = self.0.wait();
    }
}
