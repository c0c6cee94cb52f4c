//! What stands still: a stage of the way at which something waits, which nothing holds back, and which nothing leaves.
//!
//! Pure. A stage is judged by its movement and not by the age of what waits there, so that a long backlog that moves is no
//! fault; what is held back with a reason (paused, server away, no room) is not asked about. Only time that the worker lived
//! through counts: a machine that slept, or a process that was stopped, did not fail to move anything.

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use std::collections::HashMap;
use std::time::Duration;

/// A stage at which nothing moves for so long stands still.
const PATIENCE: Duration = Duration::from_secs(60);
/// A conversion may take as long as this: it is at work, not waiting.
const CONVERSION: Duration = Duration::from_secs(600);
/// Between two looks no more time than this was lived through: they are seconds apart.
const BETWEEN: Duration = Duration::from_secs(10);

/// A stage of the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Lane {
    /// One file, by its walk.
    Converting(u64),
    /// The files of all rules that wait for the store.
    Committing,
    /// The files of one rule.
    Filing(usize),
    /// What is owed and due.
    Sending,
    /// What was sent and is not archived.
    Archiving,
}

/// A stage at which something waits that nothing holds back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(crate) lane: Lane,
    /// Changes whenever something leaves the stage.
    pub(crate) mark: u64,
}

/// A stage that stands still.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stuck {
    pub(crate) lane: Lane,
    /// When it moved last, as far as is known.
    pub(crate) since: Timestamp,
    /// It did not stand still at the last look.
    pub(crate) new: bool,
}

/// The same in words, for the board and the status.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Told {
    /// What stands still, and what to do.
    pub(crate) what: String,
    /// Since when.
    pub(crate) since: String,
    /// The way of the file that has waited longest: each step and when it began.
    pub(crate) journey: Vec<(&'static str, String)>,
}

/// What was seen at the last look.
#[derive(Debug, Default)]
pub(crate) struct Still {
    lanes: HashMap<Lane, Watched>,
}

#[derive(Debug, Clone, Copy)]
struct Watched {
    mark: u64,
    lived: Duration,
    since: Option<Timestamp>,
}

impl Still {
    /// Takes in what is seen `elapsed` after the last look; what stands still.
    pub(crate) fn look(&mut self, seen: &[Seen], elapsed: Duration, now: Timestamp) -> Vec<Stuck> {
        let before = std::mem::take(&mut self.lanes);
        let mut stuck = Vec::new();
        for Seen { lane, mark } in seen.iter().copied() {
            let known = before.get(&lane).filter(|known| known.mark == mark);
            let lived = known.map_or(Duration::ZERO, |known| known.lived + elapsed.min(BETWEEN));
            let told = known.and_then(|known| known.since);
            let since = told.or_else(|| (lived >= patience(lane)).then(|| back(now, lived)));
            if let Some(since) = since {
                stuck.push(Stuck { lane, since, new: told.is_none() });
            }
            self.lanes.insert(lane, Watched { mark, lived, since });
        }
        stuck
    }
}

fn patience(lane: Lane) -> Duration {
    match lane {
        Lane::Converting(_) => CONVERSION,
        Lane::Committing | Lane::Filing(_) | Lane::Sending | Lane::Archiving => PATIENCE,
    }
}

fn back(now: Timestamp, lived: Duration) -> Timestamp {
    SignedDuration::try_from(lived).ok().and_then(|lived| now.checked_sub(lived).ok()).unwrap_or(now)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Looks every `every` seconds at marks of a lane; `None` is a look at which it was not seen. The looks that found it stuck.
    fn stuck_at(lane: Lane, every: u64, marks: &[Option<u64>]) -> Vec<usize> {
        let mut still = Still::default();
        let mut now = Timestamp::from_second(1_000_000).unwrap();
        let looks = marks.iter().enumerate().filter(|(_, mark)| {
            now += SignedDuration::from_secs(i64::try_from(every).unwrap());
            let seen: Vec<Seen> = mark.iter().map(|mark| Seen { lane, mark: *mark }).collect();
            !still.look(&seen, Duration::from_secs(every), now).is_empty()
        });
        looks.map(|(at, _)| at).collect()
    }

    #[test]
    fn what_does_not_move_for_a_minute_stands_still_and_nothing_else() {
        let waits = |looks: usize| vec![Some(7); looks];
        let moves: Vec<_> = (0..100).map(Some).collect();
        let slowly: Vec<_> = (0..100).map(|look| Some(look / 11)).collect();
        let held_back: Vec<_> = (0..100).map(|look| (look % 12 != 11).then_some(7)).collect();
        let table = [
            ("nothing moves", Lane::Filing(0), 5, waits(20), Some(12)),
            ("not yet a minute", Lane::Filing(0), 5, waits(12), None),
            ("a backlog that moves", Lane::Sending, 5, moves, None),
            ("one that moves every 55 seconds", Lane::Sending, 5, slowly, None),
            ("now and then it is held back", Lane::Sending, 5, held_back, None),
            ("a conversion of two minutes", Lane::Converting(1), 5, waits(24), None),
            ("a conversion without end", Lane::Converting(1), 5, waits(121), Some(120)),
            // the looks are an hour apart: the machine slept, or the process was stopped
            ("five hours of sleep", Lane::Archiving, 3600, waits(6), None),
        ];
        for (what, lane, every, marks, first) in table {
            let found = stuck_at(lane, every, &marks);
            assert_eq!(found.first().copied(), first, "{what}: {found:?}");
        }
    }

    #[test]
    fn it_is_new_once_and_its_time_is_that_of_the_last_movement() {
        let mut still = Still::default();
        let begin = Timestamp::from_second(1_000_000).unwrap();
        let at = |look: i64| begin + SignedDuration::from_secs(5 * look);
        let mut look = |n, mark| still.look(&[Seen { lane: Lane::Sending, mark }], Duration::from_secs(5), at(n));
        assert!((0..12).all(|n| look(n, 1).is_empty()));
        assert_eq!(look(12, 1), [Stuck { lane: Lane::Sending, since: at(0), new: true }]);
        assert_eq!(look(13, 1), [Stuck { lane: Lane::Sending, since: at(0), new: false }]);
        assert_eq!(look(14, 2), []);
    }

    #[test]
    fn one_lane_that_moves_does_not_excuse_another() {
        let mut still = Still::default();
        let stuck = (0..13).map(|n| {
            let seen = [Seen { lane: Lane::Filing(0), mark: n }, Seen { lane: Lane::Filing(1), mark: 0 }];
            still.look(&seen, Duration::from_secs(5), Timestamp::UNIX_EPOCH)
        });
        let lanes: Vec<_> = stuck.last().unwrap().iter().map(|stuck| stuck.lane).collect();
        assert_eq!(lanes, [Lane::Filing(1)]);
    }
}
