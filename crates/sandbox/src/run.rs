//! Starting and stopping.

use std::{
    net::{Ipv4Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use tokio::{net::TcpListener, sync::oneshot, task::JoinHandle};

use crate::{
    Faults, Options, Received, SandboxError, api, board,
    ledger::{Book, Ledger},
    line::{Door, Lines, Wire},
    state::Shared,
};

/// Starts a sandbox on 127.0.0.1, on the current Tokio runtime.
///
/// # Errors
/// When the port is taken, the database cannot be opened or belongs to something else, or a fault rate is no share.
pub async fn start(options: Options) -> Result<Running, SandboxError> {
    let Options { port, token, db, faults } = options;
    faults.check()?;
    let bound = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await;
    let listener = bound.map_err(|source| SandboxError::Bind { port, source })?;
    let addr = listener.local_addr().map_err(|source| SandboxError::Bind { port, source })?;
    let lines = Arc::new(Lines::default());
    let shared = Arc::new(Shared::new(Ledger::open(&db)?, token, Arc::clone(&lines)));
    shared.set_faults(faults)?;
    let app = board::routes(Arc::clone(&shared)).nest("/api", api::routes(Arc::clone(&shared)));
    let (stop, stopped) = oneshot::channel::<()>();
    let served = axum::serve(Door { listener, lines }, app.into_make_service_with_connect_info::<Wire>()).with_graceful_shutdown(async {
        // Asked to stop, or dropped: both end it.
        let _ = stopped.await;
    });
    let server = tokio::spawn(async { served.await.unwrap_or(()) });
    Ok(Running { addr, shared, server, stop })
}

/// A running sandbox. Dropping it lets it end; [`Running::stop`] also waits until port and file are free.
pub struct Running {
    /// Where it listens.
    pub addr: SocketAddr,
    shared: Arc<Shared>,
    server: JoinHandle<()>,
    stop: oneshot::Sender<()>,
}

impl Running {
    /// The base address to send reports to and to look at, such as `http://127.0.0.1:8788`.
    pub fn url(&self) -> String {
        format!("http://{}", self.addr)
    }

    /// Puts new fault switches in force; their sequence starts again.
    ///
    /// # Errors
    /// When a rate is no share or the rates add up to more than 1.
    pub fn faults(&self, faults: Faults) -> Result<(), SandboxError> {
        self.shared.set_faults(faults)
    }

    /// An outage from now on, for this long; zero ends a running one.
    pub fn outage(&self, length: Duration) {
        self.shared.outage(length);
    }

    /// Every report there is with its last body, in the order of first arrival: exactly those that were recorded,
    /// whether or not their answer got through. Blocks while it reads.
    ///
    /// # Errors
    /// When the database fails.
    pub fn received(&self) -> Result<Vec<Received>, SandboxError> {
        self.shared.ledger.ask_and_wait(|book| book.received())
    }

    /// How many reports there are, each counted once however often it arrived.
    ///
    /// # Errors
    /// When the database fails.
    pub fn reports(&self) -> Result<u64, SandboxError> {
        let totals = self.shared.ledger.ask_and_wait(Book::totals)?;
        Ok(u64::try_from(totals.reports).unwrap_or(0))
    }

    /// The most reports that were being received at one moment.
    pub fn peak_in_flight(&self) -> u64 {
        self.shared.tally.peak_in_flight()
    }

    /// Stops at once: open connections are reset, the port refuses, the file is closed.
    pub async fn stop(self) {
        let _ = self.stop.send(());
        self.shared.cut_all();
        // It ends when the last connection has; its only error would be its own panic, with the port then free as well.
        let _ = self.server.await;
        self.shared.ledger.close().await;
    }
}
