//! A server of scripted bytes.

use std::{
    io,
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

use super::ID;

/// What the server does with a request, one step after the other; then it reads the next one.
#[derive(Clone)]
pub(crate) enum Step {
    Send(Vec<u8>),
    /// Never say anything again, but keep the connection.
    Silence,
    /// One byte now and then, for ever.
    Trickle(u8),
    /// A flood of this byte, for ever.
    Flood(u8),
    Close,
    Reset,
}

pub(crate) struct Server {
    pub(crate) addr: SocketAddr,
    seen: Arc<Mutex<Vec<Request>>>,
}

#[derive(Clone)]
pub(crate) struct Request {
    /// In lower case.
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

impl Server {
    /// Answers the n-th request (from 0, over all connections) with `script(n)`.
    pub(crate) async fn start(script: impl Fn(usize) -> Vec<Step> + Send + Sync + 'static) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let addr = listener.local_addr().unwrap();
        let (seen, script) = (Arc::new(Mutex::new(Vec::new())), Arc::new(script));
        let server = Server { addr, seen: Arc::clone(&seen) };
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(converse(stream, Arc::clone(&seen), Arc::clone(&script)));
            }
        });
        server
    }

    /// Always the same answer.
    pub(crate) async fn answering(status: &str, headers: &str, body: impl AsRef<[u8]>) -> Server {
        let answer = answer(status, headers, body);
        Server::start(move |_| vec![Step::Send(answer.clone())]).await
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.addr)
    }

    pub(crate) fn requests(&self) -> Vec<Request> {
        self.seen.lock().unwrap().clone()
    }
}

pub(crate) fn answer(status: &str, headers: &str, body: impl AsRef<[u8]>) -> Vec<u8> {
    let body = body.as_ref();
    let mut bytes = format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\n{headers}\r\n", body.len()).into_bytes();
    bytes.extend_from_slice(body);
    bytes
}

pub(crate) fn receipt() -> String {
    format!(r#"{{"ID":"{ID}","uuid":"7e0d3a44-1111-4c2b-8a7e-9b7a5d0c4e21","Report_ID":7}}"#)
}

async fn converse(mut stream: TcpStream, seen: Arc<Mutex<Vec<Request>>>, script: Arc<impl Fn(usize) -> Vec<Step>>) -> io::Result<()> {
    loop {
        let request = read_request(&mut stream).await?;
        let steps = {
            let mut seen = seen.lock().unwrap();
            seen.push(request);
            script(seen.len() - 1)
        };
        for step in steps {
            match step {
                Step::Send(bytes) => stream.write_all(&bytes).await?,
                Step::Silence => std::future::pending().await,
                Step::Trickle(byte) => loop {
                    stream.write_all(&[byte]).await?;
                    tokio::time::sleep(Duration::from_millis(10)).await;
                },
                Step::Flood(byte) => loop {
                    stream.write_all(&[byte; 4096]).await?;
                },
                Step::Close => return Ok(()),
                Step::Reset => return stream.set_zero_linger(),
            }
        }
    }
}

pub(crate) async fn read_request(stream: &mut (impl AsyncRead + AsyncWrite + Unpin)) -> io::Result<Request> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await?);
    }
    let head = String::from_utf8(head).unwrap().to_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).map_or(0, |n| n.parse().unwrap());
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await?;
    Ok(Request { head, body })
}
