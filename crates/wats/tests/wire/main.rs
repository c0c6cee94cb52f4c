//! The client against tiny servers that answer byte by byte what the test says: no HTTP library on their side.

// clippy lets tests unwrap, but not what tests share
#![allow(clippy::unwrap_used)]

mod answers;
mod network;
mod proxies;
mod redirects;
mod server;
mod tls;

use std::{process::Command, time::Duration};

use bytes::Bytes;
use uuid::Uuid;
use wats::{Answer, Client, Connection};

const TOKEN: &str = "c3RhdGlvbi00Mjpub3QtYS1yZWFsLXRva2Vu";
const BODY: &str = r#"{"type":"T","pn":"LS-1001","sn":"0001"}"#;
const ID: Uuid = Uuid::from_u128(0x0f7c_1b52_6c35_4a7d_9d35_3f1f_6f1c_2a10);

/// A name that is looked up and not found without any name server being asked.
const NOBODY: &str = "http://nobody..invalid";

/// With a token and limits that no test comes near unless it is about them.
fn connection(base_url: impl Into<String>) -> Connection {
    Connection { token: Some(TOKEN.into()), ..Connection::new(base_url, "Lineside/0.0") }
}

/// For tests in which nobody answers.
fn impatient(base_url: impl Into<String>) -> Connection {
    Connection { request_timeout: Duration::from_millis(300), ..connection(base_url) }
}

async fn submit(connection: &Connection) -> Answer {
    let client = Client::new(connection).unwrap();
    client.submit(ID, Bytes::from_static(BODY.as_bytes())).await
}

/// The verdict in one line, for asserting on its kind and its words.
fn told(answer: &Answer) -> String {
    let text = format!("{:?}", answer.verdict);
    assert!(!text.contains(TOKEN), "the token is in {text}");
    text
}

const OWN_PROCESS: &str = "WATS_TEST_OWN_PROCESS";

/// Runs this test binary again for the one test `name`, with `vars` in its environment, which is one for the whole process.
async fn in_its_own_process(name: &'static str, vars: impl IntoIterator<Item = (&'static str, String)>) {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", name]).env(OWN_PROCESS, "1").env_remove("no_proxy").envs(vars);
    let output = tokio::task::spawn_blocking(move || command.output()).await.unwrap().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && said.contains("1 passed"), "{said}");
}

fn is_its_own_process() -> bool {
    std::env::var_os(OWN_PROCESS).is_some()
}
