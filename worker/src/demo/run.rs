//! The demo's course: set up, write, take the server away, bring it back, wait, add up.

use super::books::Books;
use super::plan::{Drop, Manner, plan};
use super::stage::{Stage, grow};
use super::telling::{self, Live};
use crate::exit::{Exit, Fatal};
use crate::output::Output;
use crate::signals::Signals;
use jiff::Timestamp;
use std::io::IsTerminal;
use std::time::{Duration, Instant};

/// The whole day is written in about this long.
const DAY: Duration = Duration::from_secs(6);
/// How long the server is away, in the middle of it.
pub(super) const OUTAGE: Duration = Duration::from_secs(3);
/// How often is looked whether all has arrived.
const LOOK: Duration = Duration::from_millis(50);
/// When everything should have arrived long ago.
const PATIENCE: Duration = Duration::from_secs(90);

pub(crate) fn demo(out: Output, files: usize, leave: bool) -> Result<Option<Exit>, Fatal> {
    // Somebody who sees the answer can also press Ctrl+C.
    let stays = !out.json && !leave && std::io::stdin().is_terminal() && std::io::stdout().is_terminal();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(failed)?;
    runtime.block_on(async {
        let mut signals = Signals::listen().map_err(failed)?;
        tokio::select! {
            // Dropped with its stage, and the worker with that.
            _signal = signals.next() => Ok(Some(Exit::Interrupted)),
            told = show(out, files, stays) => {
                let (stage, balanced) = told?;
                if stays {
                    out.note("the page stays up until Ctrl+C");
                    signals.next().await;
                }
                stage.server.stop().await;
                Ok((!balanced).then_some(Exit::Failed))
            }
        }
    })
}

/// The whole demo but its end.
async fn show(out: Output, files: usize, stays: bool) -> Result<(Stage, bool), Fatal> {
    let mut stage = Stage::set(out).await?;
    let day = plan(files, 7, Timestamp::now());
    let begun = Instant::now();
    let in_time = play(&mut stage, &day, out).await?;
    let seconds = begun.elapsed().as_secs_f64();
    stage.stop_worker()?;
    let books = books(&stage, &day, (seconds * 10.0).round() / 10.0)?;
    let balanced = in_time && books.balance(&day);
    // What went wrong is to be found in the folder.
    stage.folder.disable_cleanup(!balanced);
    telling::tell(out, &stage, &books, balanced, stays);
    Ok((stage, balanced))
}

/// Writes the day and waits until nothing is on its way any more; false when that takes too long.
async fn play(stage: &mut Stage, day: &[Drop], out: Output) -> Result<bool, Fatal> {
    let mut live = Live::new(out, day.len());
    let pause = DAY / u32::try_from(day.len()).unwrap_or(u32::MAX);
    let mut growing = None;
    for (n, drop) in day.iter().enumerate() {
        if n == day.len() / 2 {
            stage.server.outage(OUTAGE);
            live.server_leaves(OUTAGE);
        }
        match drop.manner {
            Manner::Growing => growing = Some(tokio::spawn(grow(stage.path(drop), drop.bytes.clone()))),
            Manner::Whole | Manner::Corrupt | Manner::Duplicate => stage.put(drop)?,
        }
        live.show(n + 1, stage.counts()?);
        tokio::time::sleep(pause).await;
    }
    if let Some(growing) = growing {
        growing.await.map_err(failed)?.map_err(failed)?;
    }
    let begun = Instant::now();
    while !stage.is_done()? {
        if begun.elapsed() > PATIENCE || stage.worker_has_ended()? {
            return Ok(false);
        }
        live.show(day.len(), stage.counts()?);
        tokio::time::sleep(LOOK).await;
    }
    live.show(day.len(), stage.counts()?);
    Ok(true)
}

fn books(stage: &Stage, day: &[Drop], seconds: f64) -> Result<Books, Fatal> {
    let held = stage.view()?.map(|view| view.books().map_err(failed)).transpose()?.unwrap_or_default();
    let received = stage.server.received().map_err(failed)?;
    Ok(Books::new(day, &received, &held, seconds))
}

pub(super) fn failed(error: impl std::fmt::Display) -> Fatal {
    Fatal::new(Exit::Failed, error)
}
