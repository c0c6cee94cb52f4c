//! Servers and networks that misbehave.

use tokio::net::TcpListener;
use wats::{Cause, Verdict};

use super::*;
use crate::server::{Server, Step, answer, receipt};

async fn of(steps: Vec<Step>) -> Server {
    Server::start(move |_| steps.clone()).await
}

/// A port at which nobody listens.
async fn closed() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    format!("http://{}", listener.local_addr().unwrap())
}

#[tokio::test]
async fn a_server_that_never_answers_costs_one_time_out() {
    let beginning = answer("200 OK", "", receipt())[..60].to_vec();
    let trickle = vec![Step::Send(b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n".to_vec()), Step::Trickle(b' ')];
    for steps in [vec![Step::Silence], vec![Step::Send(beginning), Step::Silence], trickle] {
        let server = of(steps).await;
        let answer = submit(&impatient(server.url())).await;
        let text = told(&answer);
        assert!(text.starts_with("Again") && text.contains("within 0.3 s"), "{text}");
        assert!(answer.latency >= Duration::from_millis(300));
    }
}

#[tokio::test]
async fn a_tls_handshake_that_stalls_counts_as_no_connection() {
    let server = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("https://{}", server.local_addr().unwrap());
    let connection = Connection { connect_timeout: Duration::from_millis(300), ..connection(url) };
    let text = told(&submit(&connection).await);
    assert!(text.starts_with("Again") && text.contains("did not take the connection in time"), "{text}");
}

/// A firewall that drops what comes looks like this.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_place_that_does_not_answer_the_knocking_costs_the_time_for_connecting() {
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind(([127, 0, 0, 1], 0).into()).unwrap();
    let full = socket.listen(1).unwrap();
    let addr = full.local_addr().unwrap();
    // Nobody takes them, so that there is no room for another one.
    let mut waiting = Vec::new();
    while let Ok(taken) = tokio::time::timeout(Duration::from_millis(300), tokio::net::TcpStream::connect(addr)).await {
        waiting.push(taken.unwrap());
        assert!(waiting.len() < 100, "there is always room for one more");
    }
    let connection = Connection { connect_timeout: Duration::from_millis(300), ..connection(format!("http://{addr}")) };
    let text = told(&submit(&connection).await);
    assert!(text.starts_with("Again") && text.contains("did not take the connection in time"), "{text}");
}

#[tokio::test]
async fn a_large_report_gets_the_time_its_size_needs() {
    let server = of(vec![Step::Silence]).await;
    let client = Client::new(&impatient(server.url())).unwrap();
    let answer = client.submit(ID, Bytes::from(vec![b' '; 128 << 10])).await;
    assert!(told(&answer).contains("within 1.3 s"), "{answer:?}");
}

#[tokio::test]
async fn a_broken_connection_means_send_it_again() {
    let whole = answer("200 OK", "", receipt());
    for steps in [
        vec![Step::Reset],
        vec![Step::Close],
        vec![Step::Send(whole[..10].to_vec()), Step::Close],
        vec![Step::Send(whole[..whole.len() - 5].to_vec()), Step::Close],
        vec![Step::Send(whole[..whole.len() - 5].to_vec()), Step::Reset],
    ] {
        let text = told(&submit(&connection(of(steps).await.url())).await);
        assert!(text.starts_with("Again") && text.contains("broke the connection"), "{text}");
    }
}

#[tokio::test]
async fn a_cut_success_is_sent_again_but_a_cut_refusal_is_a_refusal() {
    for (status, word) in [("200 OK", "Again"), ("400 Bad Request", "Refused"), ("401 No", "Paused")] {
        let whole = answer(status, "", receipt());
        let server = of(vec![Step::Send(whole[..whole.len() - 5].to_vec()), Step::Close]).await;
        let answer = submit(&connection(server.url())).await;
        assert!(told(&answer).starts_with(word), "{answer:?}");
        assert_eq!(answer.status.map(|s| s.to_string()).as_deref(), status.split(' ').next());
    }
}

#[tokio::test]
async fn what_is_not_http_is_not_wats() {
    for bytes in [&b"SSH-2.0-OpenSSH_9.6\r\n"[..], b"\x00\x01\x02\x03\r\n\r\n", b"220 mail.example ESMTP\r\n"] {
        let server = of(vec![Step::Send(bytes.to_vec()), Step::Close]).await;
        let client = Client::new(&connection(server.url())).unwrap();
        assert_eq!(client.version().await.unwrap_err().cause, Cause::NotWats);
        assert!(told(&submit(&connection(server.url())).await).contains("is not HTTP"));
    }
}

#[tokio::test]
async fn a_refused_connection_and_an_unknown_name_may_pass() {
    let names = [(closed().await, "refused the connection"), (NOBODY.to_owned(), "name service")];
    for (url, words) in names {
        let client = Client::new(&connection(url)).unwrap();
        let answer = client.submit(ID, Bytes::from_static(BODY.as_bytes())).await;
        let text = told(&answer);
        assert!(text.starts_with("Again") && text.contains(words), "{text}");
        assert_eq!(answer.status, None);
        assert_eq!(client.version().await.unwrap_err().cause, Cause::Unreachable);
    }
}

#[tokio::test]
async fn a_server_that_comes_back_is_used_again_by_the_same_client() {
    let server = Server::start(|n| if n == 0 { vec![Step::Reset] } else { vec![Step::Send(answer("200 OK", "", receipt()))] }).await;
    let client = Client::new(&connection(server.url())).unwrap();
    let mut kinds = Vec::new();
    for _ in 0..3 {
        let verdict = client.clone().submit(ID, Bytes::from_static(BODY.as_bytes())).await.verdict;
        kinds.push(matches!(verdict, Verdict::Accepted { .. }));
    }
    assert_eq!(kinds, [false, true, true]);
}
