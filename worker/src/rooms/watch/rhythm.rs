//! How often a folder is scanned: pure.

use std::time::Duration;

/// Where only the scan finds files, and where events have not shown yet that they work.
const USUAL: Duration = Duration::from_secs(10);
/// Where events work.
const RELAXED: Duration = Duration::from_secs(60);
/// A folder that is missing or cannot be read.
const MISSING: Duration = Duration::from_secs(5);
/// The least pause when a scan was asked for, so that a flood of questions is one scan.
const ASKED: Duration = Duration::from_millis(200);
/// A scan may take this share of the time at most: a folder with a million kept files must not keep the disk busy.
const SHARE: u32 = 20;

/// What decides when a folder is scanned next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Rhythm {
    /// The last scan could read the folder.
    pub(super) readable: bool,
    /// An event has been seen since the folder is watched.
    pub(super) events_work: bool,
    /// Someone asked for a scan: a lost event, a new folder, the operator.
    pub(super) asked: bool,
    /// How long the last scan took.
    pub(super) took: Duration,
}

/// The pause between the end of the last scan and the next one.
pub(super) fn pause(rhythm: Rhythm) -> Duration {
    let wish = match rhythm {
        Rhythm { asked: true, .. } => ASKED,
        Rhythm { readable: false, .. } => MISSING,
        Rhythm { events_work: true, .. } => RELAXED,
        _ => USUAL,
    };
    wish.max((rhythm.took * SHARE).min(RELAXED))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pause_follows_from_what_the_folder_needs() {
        let calm = Rhythm { readable: true, events_work: true, asked: false, took: Duration::ZERO };
        let slow = Duration::from_secs(1);
        let table = [
            (calm, 60.0),
            (Rhythm { events_work: false, ..calm }, 10.0),
            (Rhythm { readable: false, ..calm }, 5.0),
            (Rhythm { asked: true, ..calm }, 0.2),
            (Rhythm { asked: true, readable: false, ..calm }, 0.2),
            (Rhythm { events_work: false, took: slow, ..calm }, 20.0),
            (Rhythm { asked: true, took: slow, ..calm }, 20.0),
            (Rhythm { took: slow * 100, ..calm }, 60.0),
        ];
        for (rhythm, expected) in table {
            assert_eq!(pause(rhythm), Duration::from_secs_f64(expected), "{rhythm:?}");
        }
    }
}
