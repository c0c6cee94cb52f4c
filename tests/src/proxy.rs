//! A network that misbehaves on demand: a relay on loopback between the worker and the sandbox.
//!
//! It promises: each request meets the fate that the test's plan names for it, whole requests that are passed on reach the server as they were sent, and all
//! that came is on record. It speaks just enough HTTP/1.1 for that: bodies have a `Content-Length`, each request gets an upstream connection of its own.

use crate::station::Station;
use flate2::{Compression, write::GzEncoder};
use std::io::{self, Write};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::runtime::Runtime;
use tokio::task::JoinHandle;

/// What becomes of one request.
#[derive(Debug, Clone)]
pub enum Way {
    /// To the server and back.
    Through,
    /// The connection is reset while the request is on its way: the server gets half of it.
    CutRequest,
    /// The server gets the request; the connection is reset before its answer.
    ResetBeforeAnswer,
    /// The server gets the request; of its answer so many bytes arrive before the connection is reset.
    ResetInAnswer(usize),
    /// The server gets the request; of its answer so many bytes arrive before the connection is closed in good order.
    CutAnswer(usize),
    /// The server gets the request at once; its answer is held back so long.
    LateAnswer(Duration),
    /// Request and answer crawl at so many bytes a second.
    Crawl(usize),
    /// Nobody gets the request, nothing ever comes back, the connection stays.
    Silence,
    /// These bytes come back and nothing reaches the server.
    Instead(Vec<u8>),
    /// The server's answer comes back in other wrapping.
    Wrapped(Wrapping),
    /// The server's answer comes back with this `Date`.
    Dated(String),
}

/// How an answer can be wrapped.
#[derive(Debug, Clone, Copy)]
pub enum Wrapping {
    /// `Content-Encoding: gzip`.
    Gzip,
    /// `Transfer-Encoding: chunked`.
    Chunked,
    /// After a `100 Continue` that nobody asked for.
    Continued,
}

/// A request that came.
#[derive(Debug, Clone)]
pub struct Asked {
    /// Which request it is, counted from 0 since the plan was made.
    pub n: usize,
    /// Request line and headers, in lower case.
    pub head: String,
    /// The body.
    pub body: Vec<u8>,
    /// When it was read to its end.
    pub at: Instant,
}

impl Asked {
    /// Whether it brings a report.
    #[must_use]
    pub fn is_report(&self) -> bool {
        self.head.starts_with("post ")
    }

    /// The serial number of the report it brings.
    #[must_use]
    pub fn sn(&self) -> String {
        let body: serde_json::Value = serde_json::from_slice(&self.body).unwrap_or_default();
        body["sn"].as_str().unwrap_or_default().to_owned()
    }
}

type Plan = Arc<dyn Fn(&Asked) -> Way + Send + Sync>;

struct Shared {
    server: SocketAddr,
    plan: Mutex<Plan>,
    asked: Mutex<Vec<Asked>>,
}

/// The relay. Dropping it ends it.
pub struct Proxy {
    addr: SocketAddr,
    shared: Arc<Shared>,
    door: Option<JoinHandle<()>>,
    /// Bound and never listening: keeps the port ours while the door is closed, and connections refused.
    _place: TcpSocket,
    runtime: Runtime,
}

impl Proxy {
    /// A relay to the station's server that passes everything on; the station's settings name it as the server.
    #[must_use]
    pub fn before(station: &Station) -> Self {
        let proxy = Self::to(station.server().addr);
        station.does(&["config", "set", "service_address", &proxy.url()]);
        proxy
    }

    /// A relay to this address.
    #[must_use]
    pub fn to(server: SocketAddr) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("a runtime");
        let plan: Plan = Arc::new(|_| Way::Through);
        let shared = Arc::new(Shared { server, plan: Mutex::new(plan), asked: Mutex::default() });
        let place = bound(SocketAddr::from(([127, 0, 0, 1], 0)));
        let mut proxy = Self { addr: place.local_addr().expect("an address"), shared, door: None, _place: place, runtime };
        proxy.open();
        proxy
    }

    /// Where it listens.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.addr)
    }

    /// From now on each request goes the way that `plan` names. The record begins anew.
    pub fn plan(&self, plan: impl Fn(&Asked) -> Way + Send + Sync + 'static) {
        let mut current = self.shared.plan.lock().unwrap_or_else(PoisonError::into_inner);
        self.shared.asked.lock().unwrap_or_else(PoisonError::into_inner).clear();
        *current = Arc::new(plan);
    }

    /// The first attempt at each report goes the way that `plan` names, everything else to the server and back.
    pub fn first_attempts(&self, plan: impl Fn(&Asked) -> Way + Send + Sync + 'static) {
        let seen = Mutex::new(std::collections::HashSet::new());
        self.plan(move |asked| {
            let is_first = asked.is_report() && seen.lock().unwrap_or_else(PoisonError::into_inner).insert(asked.sn());
            if is_first { plan(asked) } else { Way::Through }
        });
    }

    /// All requests since the plan was made.
    #[must_use]
    pub fn asked(&self) -> Vec<Asked> {
        self.shared.asked.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The requests that brought this serial number.
    #[must_use]
    pub fn attempts(&self, sn: &str) -> Vec<Asked> {
        self.asked().into_iter().filter(|asked| asked.is_report() && asked.sn() == sn).collect()
    }

    /// Nobody listens any more: new connections are refused, the open ones are dropped.
    pub fn close(&mut self) {
        if let Some(door) = self.door.take() {
            door.abort();
            // It ends as cancelled; what matters is that its listener is gone.
            let _ = self.runtime.block_on(door);
        }
    }

    /// Listens, at the same port as before.
    pub fn open(&mut self) {
        let _inside = self.runtime.enter();
        let listener = bound(self.addr).listen(1024).expect("the port is ours");
        self.door = Some(self.runtime.spawn(serve(listener, self.shared.clone())));
    }
}

fn bound(addr: SocketAddr) -> TcpSocket {
    let socket = TcpSocket::new_v4().expect("a socket");
    socket.set_reuseaddr(true).expect("a socket of ours");
    socket.bind(addr).expect("a free port on loopback");
    socket
}

/// The calls end with the door: the set aborts them when it is dropped.
async fn serve(listener: TcpListener, shared: Arc<Shared>) {
    let mut calls = tokio::task::JoinSet::new();
    loop {
        if let Ok((client, _)) = listener.accept().await {
            let shared = shared.clone();
            calls.spawn(async move {
                // A connection that breaks is what this is for.
                let _ = converse(client, &shared).await;
            });
        }
        while calls.try_join_next().is_some() {}
    }
}

async fn converse(mut client: TcpStream, shared: &Shared) -> io::Result<()> {
    client.set_nodelay(true)?;
    loop {
        let (head, body) = message(&mut client).await?;
        let way = {
            let plan = shared.plan.lock().unwrap_or_else(PoisonError::into_inner);
            let mut all = shared.asked.lock().unwrap_or_else(PoisonError::into_inner);
            let asked = Asked { n: all.len(), head: String::from_utf8_lossy(&head).to_lowercase(), body: body.clone(), at: Instant::now() };
            all.push(asked.clone());
            plan(&asked)
        };
        let request = [head, body].concat();
        let answer = match way {
            Way::Silence => return std::future::pending().await,
            Way::Instead(bytes) => bytes,
            Way::CutRequest => {
                let mut server = TcpStream::connect(shared.server).await?;
                server.write_all(&request[..request.len() / 2]).await?;
                return reset(&client);
            }
            Way::Crawl(pace) => {
                crawl(request.len(), pace).await;
                let answer = relay(shared, &request, &client).await?;
                for byte in answer {
                    client.write_all(&[byte]).await?;
                    crawl(1, pace).await;
                }
                continue;
            }
            Way::LateAnswer(late) => {
                let answer = relay(shared, &request, &client).await?;
                tokio::time::sleep(late).await;
                answer
            }
            way => {
                let answer = relay(shared, &request, &client).await?;
                match way {
                    Way::ResetBeforeAnswer => return reset(&client),
                    Way::ResetInAnswer(bytes) => {
                        client.write_all(&answer[..bytes.min(answer.len() - 1)]).await?;
                        return reset(&client);
                    }
                    Way::CutAnswer(bytes) => return client.write_all(&answer[..bytes.min(answer.len() - 1)]).await,
                    Way::Wrapped(wrapping) => wrapped(&answer, wrapping)?,
                    Way::Dated(date) => dated(&answer, &date),
                    _ => answer,
                }
            }
        };
        client.write_all(&answer).await?;
    }
}

/// The server's answer. Where the server breaks the connection, ours breaks too.
async fn relay(shared: &Shared, request: &[u8], client: &TcpStream) -> io::Result<Vec<u8>> {
    let answer = async {
        let mut server = TcpStream::connect(shared.server).await?;
        server.write_all(request).await?;
        message(&mut server).await
    };
    match answer.await {
        Ok((head, body)) => Ok([head, body].concat()),
        Err(error) => {
            reset(client)?;
            Err(error)
        }
    }
}

/// One message: its head with the empty line, and its body.
async fn message(stream: &mut TcpStream) -> io::Result<(Vec<u8>, Vec<u8>)> {
    let mut bytes = Vec::new();
    let end = loop {
        if let Some(at) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            break at + 4;
        }
        if stream.read_buf(&mut bytes).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    };
    let mut body = bytes.split_off(end);
    let head = String::from_utf8_lossy(&bytes).to_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).map_or(0, |length| length.parse().unwrap_or(0));
    while body.len() < length {
        if stream.read_buf(&mut body).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    }
    Ok((bytes, body))
}

/// The next close of this connection is a reset.
fn reset(client: &TcpStream) -> io::Result<()> {
    client.set_zero_linger()
}

async fn crawl(bytes: usize, a_second: usize) {
    tokio::time::sleep(Duration::from_secs(1) * u32::try_from(bytes).unwrap_or(u32::MAX) / u32::try_from(a_second).unwrap_or(1)).await;
}

fn wrapped(answer: &[u8], wrapping: Wrapping) -> io::Result<Vec<u8>> {
    let (head, body) = parted(answer);
    let without_length = kept(&head, "content-length");
    Ok(match wrapping {
        Wrapping::Continued => [b"HTTP/1.1 100 Continue\r\n\r\n", answer].concat(),
        Wrapping::Chunked => {
            let (first, second) = body.split_at(body.len() / 2);
            let chunk = |bytes: &[u8]| [format!("{:x}\r\n", bytes.len()).as_bytes(), bytes, b"\r\n"].concat();
            let head = format!("{without_length}Transfer-Encoding: chunked\r\n\r\n").into_bytes();
            [head, chunk(first), chunk(second), b"0\r\n\r\n".to_vec()].concat()
        }
        Wrapping::Gzip => {
            let mut packer = GzEncoder::new(Vec::new(), Compression::default());
            packer.write_all(body)?;
            let packed = packer.finish()?;
            let head = format!("{without_length}Content-Encoding: gzip\r\nContent-Length: {}\r\n\r\n", packed.len());
            [head.into_bytes(), packed].concat()
        }
    })
}

fn dated(answer: &[u8], date: &str) -> Vec<u8> {
    let (head, body) = parted(answer);
    [format!("{}Date: {date}\r\n\r\n", kept(&head, "date")).into_bytes(), body.to_vec()].concat()
}

/// The head without the empty line, and the body.
fn parted(answer: &[u8]) -> (String, &[u8]) {
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n").map_or(answer.len(), |at| at + 4);
    (String::from_utf8_lossy(&answer[..end.saturating_sub(2)]).into_owned(), &answer[end..])
}

/// The lines of the head but the one of this header.
fn kept(head: &str, without: &str) -> String {
    let other = |line: &&str| !line.to_lowercase().starts_with(&format!("{without}:"));
    head.split_inclusive("\r\n").filter(other).collect()
}

/// An answer of this status (such as `503 Busy`), with these header lines (each with its `\r\n`) and this body.
#[must_use]
pub fn answer(status: &str, headers: &str, body: impl AsRef<[u8]>) -> Way {
    let body = body.as_ref();
    let mut bytes = format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\n{headers}\r\n", body.len()).into_bytes();
    bytes.extend_from_slice(body);
    Way::Instead(bytes)
}
