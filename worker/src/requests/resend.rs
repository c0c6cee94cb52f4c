//! Owing delivered reports once more, page by page; bodies come from the archive where the store has given them away.

use instance::{Layout, Which};
use store::{Query, State, Store, StoreError, Ticket, View};

/// Reports owed with one commit.
const PAGE: usize = 64;

/// How it went.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Resent {
    owed: u64,
    failed: u64,
    /// The first one that failed, and why.
    first: Option<(i64, String)>,
}

impl Resent {
    pub(super) fn tell(&self) {
        tracing::info!("{} reports are sent again", self.owed);
        if let Some((ticket, why)) = &self.first {
            tracing::warn!("{} reports cannot be sent again; the first is ticket {ticket}: {why}", self.failed);
        }
    }

    fn note(&mut self, ticket: i64, result: Result<(), String>) {
        match result {
            Ok(()) => self.owed += 1,
            Err(why) => {
                self.failed += 1;
                self.first.get_or_insert((ticket, why));
            }
        }
    }

    fn page(&mut self, store: &Store, layout: &Layout, view: &View, tickets: &[i64], now: i64) {
        let asked: Vec<_> = tickets.iter().map(|id| (*id, store.resend(Ticket(*id), None, now))).collect();
        for (id, reply) in asked {
            let result = match reply.wait() {
                Err(StoreError::BodyGone(_)) => from_archive(store, layout, view, id, now),
                other => other.map_err(|error| error.to_string()),
            };
            self.note(id, result);
        }
    }
}

/// Owes the reports again: these, or all delivered ones, newest first. After each page `go_on` says whether to go on.
pub(super) fn resend(
    store: &Store,
    layout: &Layout,
    which: &Which,
    now: i64,
    mut go_on: impl FnMut() -> bool,
) -> Result<Resent, StoreError> {
    let mut resent = Resent::default();
    let Some(view) = View::open(layout.queue_db())? else { return Ok(resent) };
    match which {
        Which::Ids(ids) => {
            for page in ids.chunks(PAGE) {
                resent.page(store, layout, &view, page, now);
                if !go_on() {
                    break;
                }
            }
        }
        Which::All => {
            let mut before = None;
            loop {
                let query = Query { state: Some(State::Completed), before, limit: PAGE as u32, ..Query::default() };
                let page: Vec<i64> = view.list(&query)?.iter().map(|row| row.ticket.0).collect();
                before = page.last().copied().map(Ticket);
                resent.page(store, layout, &view, &page, now);
                if page.is_empty() || !go_on() {
                    break;
                }
            }
        }
    }
    Ok(resent)
}

fn from_archive(store: &Store, layout: &Layout, view: &View, id: i64, now: i64) -> Result<(), String> {
    let detail = view.report(id).map_err(|error| error.to_string())?;
    let place =
        detail.and_then(|detail| detail.archived).ok_or("its body is neither in the queue nor in the archive; bring its file again")?;
    let body = place.read(&layout.reports()).map_err(|error| format!("reports/{}: {error}", place.file))?;
    store.resend(Ticket(id), Some(body), now).wait().map_err(|error| error.to_string())
}
