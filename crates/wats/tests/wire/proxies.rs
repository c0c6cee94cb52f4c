//! Proxies: none, the system's, a named one.

use std::net::SocketAddr;

use tokio::net::{TcpListener, TcpStream};
use wats::{Cause, ConnectionError, Proxy, Verdict};

use super::*;
use crate::server::{Server, receipt};

fn through(url: String, bypass: &str) -> Proxy {
    Proxy::Manual { url, username: Some("anna".into()), password: Some("geheim".into()), bypass: bypass.into() }
}

/// A proxy that opens a tunnel to `target`, whatever it is asked for.
pub(crate) async fn tunnel(target: SocketAddr) -> TunnelProxy {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let addr = listener.local_addr().unwrap();
    let seen = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
    let heads = std::sync::Arc::clone(&seen);
    tokio::spawn(async move {
        while let Ok((mut client, _)) = listener.accept().await {
            let request = crate::server::read_request(&mut client).await.unwrap();
            heads.lock().unwrap().push(request);
            tokio::io::AsyncWriteExt::write_all(&mut client, b"HTTP/1.1 200 Connection established\r\n\r\n").await.unwrap();
            let mut server = TcpStream::connect(target).await.unwrap();
            tokio::spawn(async move { tokio::io::copy_bidirectional(&mut client, &mut server).await });
        }
    });
    TunnelProxy { addr, seen }
}

pub(crate) struct TunnelProxy {
    addr: SocketAddr,
    seen: std::sync::Arc<std::sync::Mutex<Vec<crate::server::Request>>>,
}

impl TunnelProxy {
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.addr)
    }

    pub(crate) fn requests(&self) -> Vec<crate::server::Request> {
        self.seen.lock().unwrap().clone()
    }
}

#[tokio::test]
async fn a_proxy_gets_whole_addresses_and_its_login() {
    let proxy = Server::answering("200 OK", "", receipt()).await;
    let connection = Connection { proxy: through(proxy.url(), ""), ..connection("http://wats.example") };
    assert!(matches!(submit(&connection).await.verdict, Verdict::Accepted { .. }));
    let head = &proxy.requests()[0].head;
    assert!(head.starts_with("post http://wats.example/api/report/wsjf http/1.1\r\n"), "{head}");
    assert!(head.contains("proxy-authorization: basic yw5uytpnzwhlaw0=\r\n"), "{head}");
}

#[tokio::test]
async fn hosts_on_the_bypass_list_are_reached_straight() {
    let (server, proxy) = (Server::answering("200 OK", "", receipt()).await, Server::answering("500 No", "", "").await);
    for bypass in ["127.0.0.1", "localhost; 127.0.0.0/8", "*"] {
        let connection = Connection { proxy: through(proxy.url(), bypass), ..connection(server.url()) };
        assert!(matches!(submit(&connection).await.verdict, Verdict::Accepted { .. }), "{bypass}");
    }
    assert!(proxy.requests().is_empty());
}

#[tokio::test]
async fn a_proxy_that_wants_another_login_pauses() {
    let proxy = Server::answering("407 Proxy Authentication Required", "Connection: close\r\n", "").await;
    for target in ["http://wats.example", "https://wats.example"] {
        let connection = Connection { proxy: through(proxy.url(), ""), ..connection(target) };
        let text = told(&submit(&connection).await);
        assert!(text.starts_with("Paused { cause: Proxy") && text.contains("wants a login"), "{text}");
        assert!(!text.contains("geheim"));
        assert_eq!(Client::new(&connection).unwrap().version().await.unwrap_err().cause, Cause::Proxy);
    }
}

#[tokio::test]
async fn a_proxy_in_trouble_may_pass_and_is_named_without_its_login() {
    let broken = Server::answering("502 Bad Gateway", "Connection: close\r\n", "").await;
    let gone = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    for (proxy, words) in [(broken.url(), "did not open a way"), (format!("http://anna:geheim@{gone}"), "refused the connection")] {
        let connection = Connection { proxy: through(proxy, ""), ..connection("https://wats.example") };
        let text = told(&submit(&connection).await);
        assert!(text.starts_with("Again") && text.contains(words) && !text.contains("geheim"), "{text}");
    }
}

#[test]
fn an_unusable_proxy_is_named_without_its_login() {
    let connection = Connection { proxy: through("http://anna:geheim@:99999".into(), ""), ..connection("http://wats.example") };
    let error = Client::new(&connection).unwrap_err();
    assert!(matches!(error, ConnectionError::Proxy { .. }) && !error.to_string().contains("geheim"), "{error}");
}

#[tokio::test]
async fn only_system_mode_listens_to_the_environment() {
    let proxy = Server::answering("200 OK", "", receipt()).await;
    in_its_own_process("proxies::with_a_proxy_in_the_environment", [("HTTP_PROXY", proxy.url()), ("NO_PROXY", String::new())]).await;
    assert_eq!(proxy.requests().len(), 1);
}

#[tokio::test]
async fn with_a_proxy_in_the_environment() {
    if !is_its_own_process() {
        return;
    }
    let system = Connection { proxy: Proxy::System, ..connection(NOBODY) };
    assert!(matches!(submit(&system).await.verdict, Verdict::Accepted { .. }));
    assert!(matches!(submit(&connection(NOBODY)).await.verdict, Verdict::Again { .. }));
}
