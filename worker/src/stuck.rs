//! What stands still, in words: from the board, the walks and the store to a list for the status, each with its journey.
//!
//! Promises to name each thing once in the log and as long as it lasts in the status. Judges nothing: see `still`.

use crate::board::{Board, Posted};
use crate::output::counted;
use crate::still::{Lane, Seen, Still, Stuck, Told};
use crate::walks::{Journey, Step, Walks};
use jiff::Timestamp;
use std::time::Duration;

/// What the store says of what waits in it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Waiting {
    /// Something is owed and due now, or leased.
    pub(crate) due: bool,
    /// The ticket that has waited longest for the archive.
    pub(crate) unarchived: Option<store::Ticket>,
}

/// Looks at all stages, tells the log of what has come to stand still, and the board of all that does.
pub(crate) fn look(still: &mut Still, board: &Board, waiting: Waiting, elapsed: Duration, now: Timestamp) {
    let posted = board.read();
    let stuck = still.look(&seen(&posted, &board.walks, waiting), elapsed, now);
    let told: Vec<Told> = stuck.iter().map(|stuck| tell(stuck, &posted, &board.walks, waiting)).collect();
    for (told, _) in told.iter().zip(&stuck).filter(|(_, stuck)| stuck.new) {
        let way: Vec<String> = told.journey.iter().map(|(step, at)| format!("{step} {at}")).collect();
        tracing::error!(since = told.since, "{}{}{}", told.what, if way.is_empty() { "" } else { "; its way: " }, way.join(", "));
    }
    board.note(|posted| &mut posted.stuck, told);
}

/// The stages at which something waits that nothing holds back.
fn seen(posted: &Posted, walks: &Walks, waiting: Waiting) -> Vec<Seen> {
    let mut seen = Vec::new();
    let mut committing: Option<u64> = None;
    for ((rule, step), standing) in walks.standing() {
        match step {
            Step::Converting => seen.extend(standing.waiting.iter().map(|id| Seen { lane: Lane::Converting(*id), mark: 0 })),
            Step::Committing => committing = Some(committing.unwrap_or(0) + standing.left),
            Step::Filing => seen.push(Seen { lane: Lane::Filing(rule), mark: standing.left }),
        }
    }
    seen.extend(committing.map(|mark| Seen { lane: Lane::Committing, mark }));
    if waiting.due && posted.sending.open && posted.sending.idle {
        seen.push(Seen { lane: Lane::Sending, mark: posted.sending.answers });
    }
    let archive = waiting.unarchived.map(|ticket| Seen { lane: Lane::Archiving, mark: ticket.0.unsigned_abs() });
    seen.extend(archive);
    seen
}

fn tell(stuck: &Stuck, posted: &Posted, walks: &Walks, waiting: Waiting) -> Told {
    let first = first(stuck.lane, walks);
    let path = first.as_ref().map(|(journey, _)| journey.path.display().to_string()).unwrap_or_default();
    let files = counted(first.as_ref().map_or(0, |(_, count)| *count), "file");
    let what = match stuck.lane {
        Lane::Converting(_) => format!("{path} is still being converted; look at the file and its folder, `lineside restart` begins again"),
        Lane::Committing => format!("{files} wait for the queue file, the first is {path}; check the disk of the queue"),
        Lane::Filing(rule) => {
            let rule = posted.rules.get(rule).map_or("", |rule| rule.name.as_str());
            format!("{files} of {rule}, taken in safely, cannot be filed, the first is {path}; check that its folders answer")
        }
        Lane::Sending => "reports are due and the server answers, but none is sent; `lineside restart` begins again".to_owned(),
        Lane::Archiving => {
            let ticket = waiting.unarchived.map(|ticket| ticket.to_string()).unwrap_or_default();
            format!("sent reports are not archived, the first is {ticket}; check the disk of the reports folder")
        }
    };
    let journey = first.map(|(journey, _)| steps(&journey)).unwrap_or_default();
    Told { what, since: shown(stuck.since), journey }
}

/// The file that has waited longest in a lane, and how many are there.
fn first(lane: Lane, walks: &Walks) -> Option<(Journey, u64)> {
    let mut standing = walks.standing().into_iter().filter(|((rule, step), _)| match lane {
        Lane::Committing => *step == Step::Committing,
        Lane::Filing(of) => *step == Step::Filing && *rule == of,
        Lane::Converting(_) | Lane::Sending | Lane::Archiving => false,
    });
    match lane {
        Lane::Converting(id) => walks.journey(id).map(|journey| (journey, 1)),
        _ => {
            let (_, standing) = standing.next()?;
            Some((walks.journey(*standing.waiting.first()?)?, standing.waiting.len() as u64))
        }
    }
}

fn steps(journey: &Journey) -> Vec<(&'static str, String)> {
    let word = |step| match step {
        Step::Converting => "taken up",
        Step::Committing => "converted",
        Step::Filing => "committed",
    };
    journey.steps.iter().map(|(step, at)| (word(*step), shown(*at))).collect()
}

fn shown(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::board::Sending;
    use std::path::Path;

    fn board() -> Board {
        Board::new(["ict".to_owned()], Timestamp::UNIX_EPOCH)
    }

    /// The words of what stands still after so many looks, five seconds apart.
    fn after(looks: i64, board: &Board, waiting: Waiting) -> Vec<Told> {
        let mut still = Still::default();
        for look in 0..looks {
            let now = Timestamp::from_second(1_000 + 5 * look).unwrap();
            super::look(&mut still, board, waiting, Duration::from_secs(5), now);
        }
        board.read().stuck
    }

    #[test]
    fn a_file_that_is_not_filed_is_named_with_its_journey_until_it_is() {
        let board = board();
        let at = |second| Timestamp::from_second(second).unwrap();
        let walk = board.walks.begin(0, Path::new("/in/a.json").into(), at(990));
        walk.step(Step::Committing, at(991));
        walk.step(Step::Filing, at(992));
        assert_eq!(after(12, &board, Waiting::default()), []);
        let told = after(13, &board, Waiting::default());
        assert!(
            told.len() == 1 && told[0].what.starts_with("1 file of ict, taken in safely") && told[0].what.contains("/in/a.json"),
            "{told:?}"
        );
        let words: Vec<_> = told[0].journey.iter().map(|(step, _)| *step).collect();
        assert_eq!(
            (words.as_slice(), told[0].since.as_str()),
            (["taken up", "converted", "committed"].as_slice(), "1970-01-01T00:16:40.000Z")
        );
        drop(walk);
        assert_eq!(after(13, &board, Waiting::default()), []);
    }

    #[test]
    fn what_is_due_stands_still_only_while_the_way_is_open_and_nothing_is_under_way() {
        // due, open, idle
        let table = [((true, true, true), 1), ((true, true, false), 0), ((true, false, true), 0), ((false, true, true), 0)];
        for ((due, open, idle), expected) in table {
            let board = board();
            board.sending(open, idle);
            let told = after(20, &board, Waiting { due, unarchived: None });
            assert_eq!(told.len(), expected, "{due} {open} {idle}: {told:?}");
        }
        assert_eq!(board().read().sending, Sending::default());
    }

    #[test]
    fn what_is_not_archived_is_told_with_its_ticket() {
        let told = after(13, &board(), Waiting { due: false, unarchived: Some(store::Ticket(7)) });
        assert!(told[0].what.contains("the first is 7"), "{told:?}");
    }
}
