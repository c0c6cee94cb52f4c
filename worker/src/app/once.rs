//! `run --once`: when everything is done that can be done now, and how that went.
//!
//! Ends 0 when all was taken and delivered, 1 when a source was rejected or a report refused, 41 when the server could not
//! be reached and 42 when it did not let us in. What is owed then stays owed. A file that cannot be taken is tried
//! a few times and stays in its folder: the run ends 1.

use super::Outcome;
use crate::board::{Board, Condition, Posted, Server};
use crate::exit::{Exit, Fatal};
use crate::rooms::settle::Progress;
use std::time::Duration;
use store::{Counts, Store, StoreError};
use tokio::sync::watch;

const LOOK: Duration = Duration::from_millis(100);

/// Waits until nothing is left to take in, and nothing to send or nobody to send it to.
///
/// `counts` asks the store how many reports stand where; `refused_before` are those that stood in error before anything was sent.
pub(super) async fn done(
    progress: &watch::Receiver<Progress>,
    rules: usize,
    counts: impl Fn() -> Result<Counts, StoreError> + Clone + Send + 'static,
    refused_before: u64,
    board: &Board,
) -> Outcome {
    loop {
        tokio::time::sleep(LOOK).await;
        let taken_in = {
            let progress = progress.borrow();
            progress.scanned >= rules && progress.active == progress.troubled
        };
        let posted = board.read();
        if taken_in || posted.intake_closed.is_some() {
            let counts = asked(counts.clone()).await?;
            if let Some(result) = outcome(&posted, counts, refused_before) {
                return result;
            }
        }
    }
}

/// How it went, once it is over.
fn outcome(posted: &Posted, counts: Counts, refused_before: u64) -> Option<Outcome> {
    let owed = counts.queued + counts.processing;
    let fatal = |code, text: String| Some(Err(Fatal::new(code, text)));
    if owed > 0 {
        return match &posted.server {
            _ if posted.paused => Some(Ok(None)),
            Server::Closed(why) => fatal(Exit::Token, format!("{owed} reports stay in the queue: {why}")),
            Server::Down(why) => fatal(Exit::Unreachable, format!("{owed} reports stay in the queue: {why}")),
            Server::Unknown | Server::Good => None,
        };
    }
    let rejected: u64 = posted.rules.iter().map(|rule| rule.failed).sum();
    let refused = counts.error.saturating_sub(refused_before);
    let unread: Vec<String> = posted
        .rules
        .iter()
        .filter_map(|rule| match &rule.watching {
            Condition::Degraded(why) => Some(format!("{}: {why}", rule.name)),
            _ => rule.trouble.as_ref().map(|why| format!("{}: {why}", rule.name)),
        })
        .collect();
    match (rejected, refused, unread.is_empty(), &posted.intake_closed) {
        (0, 0, true, None) => Some(Ok(None)),
        (_, _, _, Some(why)) => fatal(Exit::Failed, why.clone()),
        (0, 0, false, None) => fatal(Exit::Failed, unread.join("; ")),
        _ => fatal(Exit::Failed, format!("{rejected} files were rejected and {refused} reports refused; see the history and the queue")),
    }
}

/// How many reports stand in error; asked before the rooms begin, for they send at once.
pub(super) async fn refused(store: &Store) -> Result<u64, Fatal> {
    let store = store.clone();
    asked(move || store.counts()).await.map(|counts| counts.error)
}

/// What is owed; a queue that cannot be read is not an empty one.
async fn asked(counts: impl Fn() -> Result<Counts, StoreError> + Send + 'static) -> Result<Counts, Fatal> {
    let counted = tokio::task::spawn_blocking(move || counts().map_err(|error| error.to_string())).await;
    let counted = counted.unwrap_or_else(|_| Err("a fault of Lineside".to_owned()));
    counted.map_err(|error| Fatal::new(Exit::Failed, format!("it is not known what is owed, the queue cannot be read: {error}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn posted(server: Server, failed: u64) -> Posted {
        let board = Board::new(["r".to_owned()], jiff::Timestamp::UNIX_EPOCH);
        let mut posted = board.read();
        posted.server = server;
        posted.rules[0].failed = failed;
        posted
    }

    fn counts(queued: u64, error: u64) -> Counts {
        Counts { queued, error, ..Counts::default() }
    }

    #[test]
    fn the_exit_code_follows_from_what_is_left() {
        let down = || Server::Down(String::new());
        let (good, waits) = (Some(None), None);
        let ends = |exit| Some(Some(exit));
        let table = [
            (posted(Server::Good, 0), counts(0, 0), 0, good),
            (posted(Server::Good, 0), counts(3, 0), 0, waits),
            (posted(down(), 0), counts(3, 0), 0, ends(Exit::Unreachable)),
            (posted(Server::Closed(String::new()), 0), counts(3, 0), 0, ends(Exit::Token)),
            (posted(Server::Good, 1), counts(0, 0), 0, ends(Exit::Failed)),
            (posted(Server::Good, 0), counts(0, 2), 1, ends(Exit::Failed)),
            (posted(Server::Good, 0), counts(0, 2), 2, good),
            (posted(Server::Unknown, 0), counts(0, 0), 0, good),
        ];
        for (posted, counts, before, expected) in table {
            let found = outcome(&posted, counts, before).map(|result| result.err().map(|fatal| fatal.exit));
            assert_eq!(found, expected, "{:?} {counts:?}", posted.server);
        }
    }

    #[test]
    fn a_file_that_cannot_be_taken_ends_the_run_and_is_told() {
        let mut posted = posted(Server::Good, 0);
        posted.rules[0].trouble = Some("unit.json cannot be read now".to_owned());
        let fatal = outcome(&posted, counts(0, 0), 0).expect("it is over").expect_err("a file was left");
        assert!(fatal.exit == Exit::Failed && fatal.to_string().contains("unit.json"), "{fatal}");
    }

    #[tokio::test]
    async fn a_queue_that_cannot_be_read_is_not_an_empty_one() {
        let (_progress, progress) = watch::channel(Progress { active: 0, troubled: 0, scanned: 1 });
        let board = Board::new(["r".to_owned()], jiff::Timestamp::UNIX_EPOCH);
        let ended = done(&progress, 1, || Err(StoreError::Closed), 0, &board).await;
        assert_eq!(ended.err().map(|fatal| fatal.exit), Some(Exit::Failed));
    }
}
