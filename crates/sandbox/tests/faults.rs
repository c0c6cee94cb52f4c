//! Each fault really does what its name says, seen from the other end of the wire.

mod client;

use std::{
    io::ErrorKind,
    time::{Duration, Instant},
};

use client::{Answer, call, get, id, order, post, report, sandbox, send};
use sandbox::{Faults, Options, Running};
use serde_json::json;
use tokio::{io::AsyncReadExt, net::TcpStream};

fn only(change: impl FnOnce(&mut Faults)) -> Faults {
    let mut faults = Faults::default();
    change(&mut faults);
    faults
}

fn is_reset(outcome: &std::io::Result<Answer>) -> bool {
    outcome.as_ref().is_err_and(|error| error.kind() == ErrorKind::ConnectionReset)
}

#[tokio::test]
async fn a_503_is_answered_and_nothing_recorded() {
    let server = sandbox().await;
    server.faults(only(|f| f.rate_503 = 1.0)).unwrap();
    assert_eq!(post(&server, &report(1)).await.unwrap().status, 503);
    assert!(server.received().unwrap().is_empty());
    assert_eq!(get(&server, "/api/App/Version").await.status, 200, "only reports are hit");
}

#[tokio::test]
async fn a_429_says_how_long_to_wait() {
    let server = sandbox().await;
    server
        .faults(only(|f| {
            f.rate_429 = 1.0;
            f.retry_after_s = 7;
        }))
        .unwrap();
    let answer = post(&server, &report(1)).await.unwrap();
    assert_eq!(answer.status, 429);
    assert!(answer.head.contains("retry-after: 7"), "{}", answer.head);
    assert!(server.received().unwrap().is_empty());
}

#[tokio::test]
async fn a_reset_before_recording_leaves_neither_answer_nor_report() {
    let server = sandbox().await;
    server.faults(only(|f| f.rate_reset_before = 1.0)).unwrap();
    assert!(is_reset(&post(&server, &report(1)).await));
    assert!(server.received().unwrap().is_empty());
    assert_eq!(get(&server, "/sandbox/counts").await.json()["resets"]["before"], 1);
}

#[tokio::test]
async fn a_reset_after_recording_leaves_the_report_but_no_answer() {
    let server = sandbox().await;
    server.faults(only(|f| f.rate_reset_after = 1.0)).unwrap();
    assert!(is_reset(&post(&server, &report(1)).await));
    assert_eq!(server.received().unwrap()[0].id, id(1));
    let counts = get(&server, "/sandbox/counts").await.json();
    assert_eq!((&counts["resets"]["after"], &counts["answers"]), (&json!(1), &json!({})));
}

#[tokio::test]
async fn latency_is_waited_before_the_answer() {
    let server = sandbox().await;
    server.faults(only(|f| f.latency_ms = 80)).unwrap();
    let start = Instant::now();
    assert_eq!(post(&server, &report(1)).await.unwrap().status, 200);
    assert!(start.elapsed() >= Duration::from_millis(80));
}

#[tokio::test]
async fn the_most_reports_in_flight_at_once_is_remembered() {
    let server = sandbox().await;
    server.faults(only(|f| f.latency_ms = 600_000)).unwrap();
    let (a, b, c) = (report(1), report(2), report(3));
    let cut = cut_when_in_flight(&server, 3);
    let all = tokio::join!(post(&server, &a), post(&server, &b), post(&server, &c), cut);
    assert!(is_reset(&all.0) && is_reset(&all.1) && is_reset(&all.2));
    assert_eq!(server.peak_in_flight(), 3);
    assert_eq!(get(&server, "/sandbox/counts").await.json()["peak_in_flight"], 3);
}

async fn cut_when_in_flight(server: &Running, n: u64) {
    while get(server, "/sandbox/counts").await.json()["in_flight"] != n {
        tokio::task::yield_now().await;
    }
    server.outage(Duration::from_secs(600));
}

#[tokio::test]
async fn an_outage_resets_new_calls_and_open_connections_but_not_the_page() {
    let server = sandbox().await;
    let mut open = TcpStream::connect(server.addr).await.unwrap();
    send(&mut open, "GET", "/api/App/Version", "", b"").await.unwrap();
    assert!(open.read(&mut [0; 4096]).await.unwrap() > 0);
    server.faults(only(|f| f.outage = true)).unwrap();
    let error = open.read(&mut [0; 16]).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ConnectionReset, "the idle connection is cut at once");
    assert!(is_reset(&post(&server, &report(1)).await));
    assert!(is_reset(&call(server.addr, "GET", "/api/App/Version", "", b"").await));
    assert_eq!(get(&server, "/").await.status, 200);
    server.faults(Faults::default()).unwrap();
    assert_eq!(post(&server, &report(1)).await.unwrap().status, 200);
}

#[tokio::test]
async fn an_outage_also_cuts_a_call_that_is_being_answered() {
    let server = sandbox().await;
    server.faults(only(|f| f.latency_ms = 600_000)).unwrap();
    let body = report(1);
    let (outcome, ()) = tokio::join!(post(&server, &body), cut_when_in_flight(&server, 1));
    assert!(is_reset(&outcome));
    assert!(server.received().unwrap().is_empty());
}

#[tokio::test]
async fn an_outage_ordered_for_a_while_says_what_is_left_and_ends_at_zero() {
    let server = sandbox().await;
    let left = order(&server, "/sandbox/outage", &json!({ "seconds": 600 })).await.json();
    assert!(left["outage_left_ms"].as_u64().unwrap() > 590_000);
    assert!(is_reset(&post(&server, &report(1)).await));
    assert_eq!(order(&server, "/sandbox/outage", &json!({ "seconds": 0 })).await.json()["outage_left_ms"], 0);
    assert_eq!(post(&server, &report(1)).await.unwrap().status, 200);
}

#[tokio::test]
async fn an_outage_ends_by_itself() {
    let server = sandbox().await;
    server.outage(Duration::from_millis(50));
    let patience = Instant::now() + Duration::from_secs(60);
    while !post(&server, &report(1)).await.is_ok_and(|answer| answer.status == 200) {
        assert!(Instant::now() < patience);
    }
}

#[tokio::test]
async fn switches_change_while_running_and_a_patch_leaves_the_others() {
    let server = sandbox().await;
    order(&server, "/sandbox/faults", &json!({ "rate_503": 1, "seed": 5 })).await;
    assert_eq!(post(&server, &report(1)).await.unwrap().status, 503);
    let now = order(&server, "/sandbox/faults", &json!({ "rate_503": 0.0 })).await.json();
    assert_eq!((&now["faults"]["seed"], &now["faults"]["rate_429"]), (&json!(5), &json!(0.0)));
    assert_eq!(post(&server, &report(1)).await.unwrap().status, 200);
}

#[tokio::test]
async fn a_wrong_switch_is_refused_in_words_and_changes_nothing() {
    let server = sandbox().await;
    for (path, body, text) in [
        ("/sandbox/faults", json!({ "rate_503": 2 }), "rate_503 is 2; give a share from 0 to 1"),
        ("/sandbox/faults", json!({ "rate": 1 }), "unknown field `rate`"),
        ("/sandbox/outage", json!({ "seconds": -1 }), "give 0 or more"),
    ] {
        let answer = order(&server, path, &body).await;
        assert_eq!(answer.status, 400);
        assert!(answer.body.contains(text), "{}", answer.body);
    }
    assert_eq!(post(&server, &report(1)).await.unwrap().status, 200);
    let options = Options { faults: only(|f| f.rate_429 = 7.0), ..Options::default() };
    assert!(sandbox::start(options).await.is_err());
}

#[tokio::test]
async fn the_same_seed_hits_the_same_reports() {
    let outcomes = async |seed| {
        let server = sandbox().await;
        server
            .faults(only(|f| {
                f.rate_503 = 0.2;
                f.rate_429 = 0.2;
                f.rate_reset_before = 0.2;
                f.rate_reset_after = 0.2;
                f.seed = seed;
            }))
            .unwrap();
        let mut all = Vec::new();
        for n in 0..60 {
            all.push(post(&server, &report(n)).await.map_or(0, |answer| answer.status));
        }
        let recorded: Vec<_> = server.received().unwrap().into_iter().map(|report| report.id).collect();
        (all, recorded)
    };
    let first = outcomes(11).await;
    assert_eq!(first, outcomes(11).await);
    assert_ne!(first, outcomes(12).await);
    for status in [0, 200, 429, 503] {
        assert!(first.0.contains(&status), "{status} never happened: {:?}", first.0);
    }
}
