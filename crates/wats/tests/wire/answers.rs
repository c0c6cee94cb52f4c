//! What is sent, and what is made of what comes back.

use std::io::{Read, Write};

use flate2::{Compression, read::GzDecoder, write::GzEncoder};
use wats::{Cause, Check, Verdict};

use super::*;
use crate::server::{Server, Step, answer, receipt};

#[tokio::test]
async fn a_report_goes_out_with_the_token_and_comes_back_with_a_receipt() {
    let server = Server::answering("200 OK", "Content-Type: application/json\r\n", receipt()).await;
    let answer = submit(&connection(format!("{}/api/", server.url()))).await;
    assert!(matches!(&answer.verdict, Verdict::Accepted { receipt } if receipt.id == Some(ID)), "{answer:?}");
    assert_eq!(answer.status, Some(200));
    let request = &server.requests()[0];
    assert!(request.head.starts_with("post /api/report/wsjf http/1.1\r\n"));
    for header in ["content-type: application/json", "accept: application/json", "user-agent: lineside/0.0", "accept-encoding: gzip"] {
        assert!(request.head.contains(&format!("{header}\r\n")), "{}", request.head);
    }
    assert!(request.head.contains(&format!("authorization: basic {}\r\n", TOKEN.to_lowercase())));
    assert!(!request.head.contains("content-encoding"));
    assert_eq!(request.body, BODY.as_bytes());
}

#[tokio::test]
async fn without_a_token_none_is_sent() {
    let server = Server::answering("401 Unauthorized", "", "").await;
    let answer = submit(&Connection { token: None, ..connection(server.url()) }).await;
    assert!(matches!(answer.verdict, Verdict::Paused { cause: Cause::Token, .. }));
    assert!(!server.requests()[0].head.contains("authorization"));
}

#[tokio::test]
async fn packed_chunked_and_continued_answers_are_understood() {
    let mut packer = GzEncoder::new(Vec::new(), Compression::default());
    packer.write_all(receipt().as_bytes()).unwrap();
    let (body, half) = (receipt(), receipt().len() / 2);
    let chunked = format!(
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{:x}\r\n{}\r\n{:x}\r\n{}\r\n0\r\n\r\n",
        half,
        &body[..half],
        body.len() - half,
        &body[half..]
    );
    let continued = [b"HTTP/1.1 100 Continue\r\n\r\n".to_vec(), answer("200 OK", "", &body)].concat();
    for bytes in [answer("200 OK", "Content-Encoding: gzip\r\n", packer.finish().unwrap()), chunked.into_bytes(), continued] {
        let server = Server::start(move |_| vec![Step::Send(bytes.clone())]).await;
        let answer = submit(&connection(server.url())).await;
        assert!(matches!(answer.verdict, Verdict::Accepted { .. }), "{answer:?}");
    }
}

#[tokio::test]
async fn a_refusal_keeps_the_servers_words_but_never_the_token_it_echoes() {
    let words = format!("pn LS-1001 is unknown (Authorization: Basic {TOKEN})");
    for status in ["400 Bad Request", "401 Unauthorized", "409 Conflict", "503 Busy"] {
        let server = Server::answering(status, "", &words).await;
        let text = told(&submit(&connection(server.url())).await);
        assert!(text.contains("pn LS-1001 is unknown (Authorization: Basic ***)"), "{text}");
    }
    let server = Server::answering("401 Unauthorized", "", &words).await;
    let client = Client::new(&connection(server.url())).unwrap();
    let problem = client.version().await.unwrap_err();
    for text in [format!("{problem:?} {problem}"), format!("{client:?}"), format!("{:?}", connection(server.url()))] {
        assert!(!text.contains(TOKEN), "{text}");
    }
}

#[tokio::test]
async fn an_endless_answer_is_cut_off() {
    let beginning = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfffffff\r\n{\"".to_vec();
    let server = Server::start(move |_| vec![Step::Send(beginning.clone()), Step::Flood(b'x')]).await;
    let text = told(&submit(&connection(server.url())).await);
    assert!(text.starts_with("Again") && text.contains("cut short"), "{text}");
}

#[tokio::test]
async fn a_compressed_body_unpacks_to_the_report() {
    let server = Server::answering("200 OK", "", receipt()).await;
    let client = Client::new(&Connection { compress: true, ..connection(server.url()) }).unwrap();
    let large = Bytes::from(BODY.repeat(100));
    for body in [large.clone(), Bytes::from_static(BODY.as_bytes())] {
        assert!(matches!(client.submit(ID, body).await.verdict, Verdict::Accepted { .. }));
    }
    let requests = server.requests();
    assert!(requests[0].head.contains("content-encoding: gzip\r\n") && requests[0].body.len() < large.len() / 10);
    let mut unpacked = Vec::new();
    GzDecoder::new(&requests[0].body[..]).read_to_end(&mut unpacked).unwrap();
    assert_eq!(unpacked, large);
    assert_eq!(requests[1].body, BODY.as_bytes(), "a small body is not worth it");
}

#[tokio::test]
async fn a_server_that_cannot_unpack_gets_plain_bodies_from_then_on() {
    let server = Server::start(|n| vec![Step::Send(if n == 0 { answer("415 No", "", "") } else { answer("200 OK", "", receipt()) })]).await;
    let client = Client::new(&Connection { compress: true, ..connection(server.url()) }).unwrap();
    let large = Bytes::from(BODY.repeat(100));
    for _ in 0..2 {
        assert!(matches!(client.submit(ID, large.clone()).await.verdict, Verdict::Accepted { .. }));
    }
    let packed: Vec<bool> = server.requests().iter().map(|request| request.head.contains("content-encoding")).collect();
    assert_eq!(packed, [true, false, false]);
}

#[tokio::test]
async fn a_report_that_is_really_refused_does_not_end_compression() {
    let server = Server::answering("400 Bad Request", "", "pn is unknown").await;
    let client = Client::new(&Connection { compress: true, ..connection(server.url()) }).unwrap();
    for _ in 0..2 {
        let answer = client.submit(ID, Bytes::from(BODY.repeat(100))).await;
        assert!(matches!(answer.verdict, Verdict::Refused { .. }));
    }
    let packed: Vec<bool> = server.requests().iter().map(|request| request.head.contains("content-encoding")).collect();
    assert_eq!(packed, [true, false, true, false]);
}

#[tokio::test]
async fn a_good_connection_test_tells_version_and_latency() {
    let server = Server::answering("200 OK", "Date: Fri, 02 Jan 2026 03:04:05 GMT\r\n", r#""24.3.1.0""#).await;
    let client = Client::new(&connection(server.url())).unwrap();
    let check = Check::of(&client.version().await);
    assert!(check.good && check.version.as_deref() == Some("24.3.1.0") && check.latency_ms.is_some());
    assert!(check.detail.contains("its clock is"), "{}", check.detail);
    assert!(server.requests()[0].head.starts_with("get /api/app/version http/1.1\r\n"));
}

#[tokio::test]
async fn a_failed_connection_test_tells_plainly_different_things() {
    for (status, body, cause) in [
        ("401 Unauthorized", "", Cause::Token),
        ("403 Forbidden", "", Cause::Token),
        ("404 Not Found", "<html></html>", Cause::Address),
        ("302 Found", "", Cause::Address),
        ("200 OK", "<html><title>Guest network</title></html>", Cause::NotWats),
        ("200 OK", r#"{"name":"another API"}"#, Cause::NotWats),
        ("400 Bad Request", "", Cause::NotWats),
        ("407 Login", "", Cause::Proxy),
        ("503 Busy", "", Cause::Server),
        ("429 Slow down", "", Cause::Server),
    ] {
        let server = Server::answering(status, "", body).await;
        let problem = Client::new(&connection(server.url())).unwrap().version().await.unwrap_err();
        assert_eq!(problem.cause, cause, "{status} {problem}");
        assert!(!problem.message.is_empty() && problem.fix == cause.fix());
    }
}

#[tokio::test]
async fn a_long_list_of_processes_is_read_whole() {
    let entries: Vec<String> = (0..3000).map(|n| format!(r#"{{"code":{n},"name":"Process {n}","isTestOperation":true}}"#)).collect();
    let server = Server::answering("200 OK", "", format!("[{}]", entries.join(","))).await;
    let list = Client::new(&connection(server.url())).unwrap().processes().await.unwrap();
    assert_eq!((list.len(), list[2999].name.as_str()), (3000, "Process 2999"));
}
