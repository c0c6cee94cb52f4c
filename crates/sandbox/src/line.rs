//! Connections that can be cut: the listener under the server, where resets and outages happen for real.

use std::{
    io,
    net::SocketAddr,
    pin::Pin,
    sync::{
        Arc, Mutex, PoisonError, Weak,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll, Waker},
    time::Duration,
};

use axum::{
    extract::connect_info::Connected,
    serve::{IncomingStream, Listener},
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::{TcpListener, TcpStream},
};

/// How long accepting waits when the system has no handle left for another connection.
const BREATHER: Duration = Duration::from_millis(20);

/// The listening end.
pub(crate) struct Door {
    pub(crate) listener: TcpListener,
    pub(crate) lines: Arc<Lines>,
}

impl Listener for Door {
    type Io = Line;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Line, SocketAddr) {
        loop {
            if let Ok((stream, peer)) = self.listener.accept().await
                && stream.set_nodelay(true).is_ok()
            {
                return (Line { stream, wire: self.lines.add() }, peer);
            }
            tokio::time::sleep(BREATHER).await;
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}

/// All open connections.
#[derive(Default)]
pub(crate) struct Lines(Mutex<Vec<Weak<Cutter>>>);

impl Lines {
    fn add(&self) -> Wire {
        let wire = Wire::default();
        let mut lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        lines.retain(|line| line.strong_count() > 0);
        lines.push(Arc::downgrade(&wire.0));
        wire
    }

    /// Resets every open connection that `which` picks.
    pub(crate) fn cut(&self, which: impl Fn(&Wire) -> bool) {
        let lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        lines.iter().filter_map(Weak::upgrade).map(Wire).filter(|wire| which(wire)).for_each(|wire| wire.cut());
    }
}

#[derive(Default)]
struct Cutter {
    cut: AtomicBool,
    api: AtomicBool,
    reader: Mutex<Option<Waker>>,
}

/// What a request knows of the connection it came by.
#[derive(Clone, Default)]
pub(crate) struct Wire(Arc<Cutter>);

impl Wire {
    /// Resets the connection: the peer gets RST, and no byte more.
    pub(crate) fn cut(&self) {
        self.0.cut.store(true, Ordering::SeqCst);
        if let Some(reader) = self.0.reader.lock().unwrap_or_else(PoisonError::into_inner).take() {
            reader.wake();
        }
    }

    pub(crate) fn is_cut(&self) -> bool {
        self.0.cut.load(Ordering::SeqCst)
    }

    /// Notes that this connection carries calls to the API, so that an outage ends it.
    pub(crate) fn carries_api(&self) {
        self.0.api.store(true, Ordering::Relaxed);
    }

    pub(crate) fn is_api(&self) -> bool {
        self.0.api.load(Ordering::Relaxed)
    }

    /// An error once the line is cut; until then `reader` is woken when it happens.
    fn intact_or_wake(&self, reader: &Waker) -> io::Result<()> {
        *self.0.reader.lock().unwrap_or_else(PoisonError::into_inner) = Some(reader.clone());
        self.intact()
    }

    fn intact(&self) -> io::Result<()> {
        if self.is_cut() { Err(io::ErrorKind::ConnectionReset.into()) } else { Ok(()) }
    }
}

impl Connected<IncomingStream<'_, Door>> for Wire {
    fn connect_info(stream: IncomingStream<'_, Door>) -> Self {
        stream.io().wire.clone()
    }
}

/// One connection.
pub(crate) struct Line {
    stream: TcpStream,
    wire: Wire,
}

impl Drop for Line {
    fn drop(&mut self) {
        if self.wire.is_cut() {
            // Without it closing would say goodbye in order (FIN). When even this fails the peer still gets no answer.
            let _ = self.stream.set_zero_linger();
        }
    }
}

impl AsyncRead for Line {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        self.wire.intact_or_wake(cx.waker())?;
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl AsyncWrite for Line {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        self.wire.intact()?;
        Pin::new(&mut self.stream).poll_write(cx, buf)
    }

    fn poll_write_vectored(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bufs: &[io::IoSlice<'_>]) -> Poll<io::Result<usize>> {
        self.wire.intact()?;
        Pin::new(&mut self.stream).poll_write_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.wire.intact()?;
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.wire.intact()?;
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
