//! A client that knows no more than TCP, so that what it sees is what was on the wire.

#![allow(dead_code, reason = "each test file uses its own part")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on says so")]

use std::{
    io::{self, ErrorKind},
    net::SocketAddr,
};

use sandbox::{Options, Running};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};
use uuid::Uuid;

pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }
}

pub(crate) async fn sandbox() -> Running {
    sandbox::start(Options::default()).await.unwrap()
}

pub(crate) fn id(n: u128) -> Uuid {
    Uuid::from_u128(0x4000_8000_0000_0000_0000 + n)
}

pub(crate) fn report(n: u128) -> Value {
    json!({
        "type": "T", "id": id(n), "pn": "PSU-24", "sn": format!("S{n}"), "rev": "A", "processCode": 20, "result": "P",
        "machineName": "ICT-1", "location": "Hall", "purpose": "Test", "start": "2026-03-01T09:00:00+01:00",
        "startUTC": "2026-03-01T08:00:00Z", "root": { "stepType": "SequenceCall", "name": "Main", "status": "P" }, "uut": {}
    })
}

/// One call on its own connection. An error is what the socket said when no whole answer came.
pub(crate) async fn call(to: SocketAddr, method: &str, path: &str, headers: &str, body: &[u8]) -> io::Result<Answer> {
    let mut stream = TcpStream::connect(to).await?;
    send(&mut stream, method, path, &format!("Connection: close\r\n{headers}"), body).await?;
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).await?;
    let text = String::from_utf8(bytes).unwrap();
    let (head, body) = text.split_once("\r\n\r\n").ok_or(ErrorKind::UnexpectedEof)?;
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    Ok(Answer { status, head: head.to_lowercase(), body: body.to_owned() })
}

pub(crate) async fn send(stream: &mut TcpStream, method: &str, path: &str, headers: &str, body: &[u8]) -> io::Result<()> {
    let host = if headers.contains("Host:") { "" } else { "Host: 127.0.0.1\r\n" };
    let length = body.len();
    let head = format!("{method} {path} HTTP/1.1\r\n{host}Content-Length: {length}\r\n{headers}\r\n");
    stream.write_all(&[head.as_bytes(), body].concat()).await
}

pub(crate) async fn get(to: &Running, path: &str) -> Answer {
    call(to.addr, "GET", path, "", b"").await.unwrap()
}

pub(crate) async fn post(to: &Running, report: &Value) -> io::Result<Answer> {
    let json = "Content-Type: application/json\r\n";
    call(to.addr, "POST", "/api/Report/WSJF", json, report.to_string().as_bytes()).await
}

pub(crate) async fn order(to: &Running, path: &str, body: &Value) -> Answer {
    call(to.addr, "POST", path, "Content-Type: application/json\r\n", body.to_string().as_bytes()).await.unwrap()
}
