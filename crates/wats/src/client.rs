//! The client: sends one report or one question and judges what comes back. It never repeats by itself, with one exception: a
//! refusal of a compressed body is confirmed with the plain one, since not every server unpacks.

use std::{
    fmt,
    io::{self, Write},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use bytes::Bytes;
use flate2::{Compression, write::GzEncoder};
use jiff::Timestamp;
use reqwest::{
    RequestBuilder, Response,
    header::{ACCEPT, AUTHORIZATION, CONTENT_ENCODING, CONTENT_TYPE, HeaderMap, HeaderValue},
};
use tokio::time::timeout_at;
use uuid::Uuid;

use crate::{
    Cause, Connection, ConnectionError, Problem, Process, Proxy, ServerVersion, Verdict,
    mask::{Mask, without_userinfo},
    processes::processes,
    setup,
    transport::{NoAnswer, no_answer},
    verdict,
    version::{clock_ahead_s, version},
};

/// How much of an answer to a report is read; a receipt is 100 bytes.
const ANSWER_CAP: usize = 64 << 10;
/// How much of a list of processes is read.
const LIST_CAP: usize = 8 << 20;
/// Smaller bodies are not worth compressing.
const WORTH_COMPRESSING: usize = 1 << 10;
/// The slowest line, in bytes per second, on which a large report still gets through before its deadline.
const SLOWEST_LINE: u64 = 128 << 10;

/// A connection to a WATS server. Clones share one pool of connections and one set of trusted certificates.
#[derive(Clone)]
pub struct Client(Arc<Inner>);

struct Inner {
    http: reqwest::Client,
    /// Without a trailing slash.
    base: String,
    /// The server, and the proxy if one is set, as reasons name them.
    place: String,
    authorization: Option<HeaderValue>,
    mask: Mask,
    request_timeout: Duration,
    compress: AtomicBool,
}

/// What came of sending one report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// What to do with the report now.
    pub verdict: Verdict,
    /// The HTTP status, when one came.
    pub status: Option<u16>,
    /// From the start of sending to the end of the answer.
    pub latency: Duration,
}

struct Reply {
    status: u16,
    headers: HeaderMap,
    body: Vec<u8>,
}

impl Client {
    /// Sets up the client; nothing is sent yet. Reads the operating system's trust store and `ca_file` once.
    pub fn new(connection: &Connection) -> Result<Client, ConnectionError> {
        let base = connection.base()?;
        let token = connection.bare_token();
        let password = match &connection.proxy {
            Proxy::Manual { password, .. } => password.as_deref(),
            Proxy::None | Proxy::System => None,
        };
        Ok(Client(Arc::new(Inner {
            http: setup::build(connection, &base)?,
            base: base.as_str().trim_end_matches('/').to_owned(),
            place: place(&base, &connection.proxy),
            authorization: token.map(authorization).transpose()?,
            mask: Mask::new([token, password]),
            request_timeout: connection.request_timeout,
            compress: AtomicBool::new(connection.compress),
        })))
    }

    /// The address in use, without a trailing slash.
    pub fn base_url(&self) -> &str {
        &self.0.base
    }

    /// Sends the WSJF report `body`, whose id is `id`. Always ends: within the request timeout plus what the size needs.
    pub async fn submit(&self, id: Uuid, body: Bytes) -> Answer {
        let started = Instant::now();
        let answer = self.0.submit(id, body).await;
        let (status, verdict) = match answer {
            Ok((status, verdict)) => (Some(status), verdict),
            Err(broken) => (broken.status, broken.into()),
        };
        Answer { verdict: verdict.masked(&self.0.mask), status, latency: started.elapsed() }
    }

    /// Asks for the version: shows that the address, TLS, the proxy and the token are right.
    pub async fn version(&self) -> Result<ServerVersion, Problem> {
        let started = Instant::now();
        let reply = self.0.ask("/api/App/Version", ANSWER_CAP).await?;
        let version = version(&reply.body).map_err(|problem| problem.masked(&self.0.mask))?;
        Ok(ServerVersion { version, latency: started.elapsed(), clock_ahead_s: clock_ahead_s(&reply.headers, Timestamp::now()) })
    }

    /// Asks for the active processes.
    pub async fn processes(&self) -> Result<Vec<Process>, Problem> {
        let reply = self.0.ask("/api/App/Processes", LIST_CAP).await?;
        processes(&reply.body)
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("base_url", &self.0.base).finish_non_exhaustive()
    }
}

impl Inner {
    async fn submit(&self, id: Uuid, body: Bytes) -> Result<(u16, Verdict), NoAnswer> {
        if !self.compress.load(Ordering::Relaxed) || body.len() < WORTH_COMPRESSING {
            return self.post(id, body, false).await;
        }
        let packed = compressed(body.clone()).await?;
        let first = self.post(id, packed, true).await?;
        if !matches!(first.1, Verdict::Refused { .. }) {
            return Ok(first);
        }
        let plain = self.post(id, body, false).await?;
        if matches!(plain.1, Verdict::Accepted { .. } | Verdict::AlreadyThere { .. }) {
            self.compress.store(false, Ordering::Relaxed);
        }
        Ok(plain)
    }

    async fn post(&self, id: Uuid, body: Bytes, packed: bool) -> Result<(u16, Verdict), NoAnswer> {
        let limit = time_limit(self.request_timeout, body.len());
        let request = self.http.post(format!("{}/api/Report/WSJF", self.base)).header(CONTENT_TYPE, "application/json");
        let request = if packed { request.header(CONTENT_ENCODING, "gzip") } else { request };
        let reply = self.send(request.body(body), limit, ANSWER_CAP).await?;
        Ok((reply.status, verdict(reply.status, &reply.headers, &reply.body, id, Timestamp::now())))
    }

    async fn ask(&self, path: &str, cap: usize) -> Result<Reply, Problem> {
        let request = self.http.get(format!("{}{path}", self.base));
        let reply = self.send(request, self.request_timeout, cap).await;
        let reply = reply.map_err(|broken| Problem::from(broken).masked(&self.mask))?;
        if (200..300).contains(&reply.status) {
            return Ok(reply);
        }
        // the same table as for reports; there is no report here, so the id does not matter
        let (cause, reason) = match verdict(reply.status, &reply.headers, &reply.body, Uuid::nil(), Timestamp::now()) {
            Verdict::Paused { cause, reason } => (cause, reason),
            Verdict::Again { reason, .. } => (Cause::Server, reason),
            _ => (Cause::NotWats, format!("{} answered {} to a plain question", self.place, reply.status)),
        };
        Err(Problem::new(cause, reason).masked(&self.mask))
    }

    /// Sends and reads at most `cap` bytes of the answer, all within `limit`.
    async fn send(&self, request: RequestBuilder, limit: Duration, cap: usize) -> Result<Reply, NoAnswer> {
        let deadline = tokio::time::Instant::now() + limit;
        let too_slow = || NoAnswer::too_slow(&self.place, limit.as_secs_f64());
        let request = request.header(ACCEPT, "application/json");
        let request = self.authorization.iter().fold(request, |request, value| request.header(AUTHORIZATION, value));
        let sent = timeout_at(deadline, request.send()).await.map_err(|_| too_slow())?;
        let mut response = sent.map_err(|e| no_answer(&e, &self.place))?;
        let mut body = Vec::new();
        let read = timeout_at(deadline, read(&mut response, &mut body, cap)).await;
        let whole = read.map_err(|_| too_slow()).and_then(|read| read.map_err(|e| no_answer(&e, &self.place)));
        let status = response.status();
        match whole {
            // a refusal counts by its status alone, even if its words were cut
            Err(broken) if status.is_success() => Err(NoAnswer { status: Some(status.as_u16()), ..broken }),
            _ => Ok(Reply { status: status.as_u16(), headers: std::mem::take(response.headers_mut()), body }),
        }
    }
}

async fn read(response: &mut Response, body: &mut Vec<u8>, cap: usize) -> reqwest::Result<()> {
    while body.len() < cap
        && let Some(chunk) = response.chunk().await?
    {
        body.extend_from_slice(&chunk[..chunk.len().min(cap - body.len())]);
    }
    Ok(())
}

/// Off the async threads, since a large report takes a while. It fails only when the runtime stops, and then the attempt is over.
async fn compressed(body: Bytes) -> Result<Bytes, NoAnswer> {
    let packed = tokio::task::spawn_blocking(move || gzip(&body)).await.map_err(io::Error::other).flatten();
    packed.map(Bytes::from).map_err(|e| NoAnswer::not_sent(&e))
}

fn gzip(body: &[u8]) -> io::Result<Vec<u8>> {
    let mut packer = GzEncoder::new(Vec::with_capacity(body.len() / 4), Compression::fast());
    packer.write_all(body)?;
    packer.finish()
}

fn time_limit(request_timeout: Duration, bytes: usize) -> Duration {
    request_timeout + Duration::from_secs(bytes as u64 / SLOWEST_LINE)
}

fn authorization(token: &str) -> Result<HeaderValue, ConnectionError> {
    let mut value = HeaderValue::from_str(&format!("Basic {token}")).map_err(|_| ConnectionError::Token)?;
    value.set_sensitive(true);
    Ok(value)
}

fn place(base: &reqwest::Url, proxy: &Proxy) -> String {
    let server = base.origin().ascii_serialization();
    match proxy {
        Proxy::None => server,
        Proxy::System => format!("{server} (through the system's proxy, if one is set)"),
        Proxy::Manual { url, .. } => format!("{server} (through proxy {})", without_userinfo(url)),
    }
}
