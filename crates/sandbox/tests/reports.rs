//! Reports in and out, the way a real server takes them.

mod client;

use client::{call, get, id, post, report, sandbox};
use sandbox::{Db, Format, Options, SandboxError};
use serde_json::{Value, json};
use tokio::task::JoinSet;

const WSXF: &str = r#"<Reports><Report type="UUT" ID="00000000-0000-4000-8000-0000000000AA" Start="2026-03-01T09:00:00+01:00"
    Start_utc="2026-03-01T08:00:00Z" Result="Failed" SN="X1" PN="RX-9" Rev="A" MachineName="FCT-1" Location="" Purpose="">
    <UUT/><Process Code="30"/><Step StepType="SequenceCall"/></Report></Reports>"#;

#[tokio::test]
async fn the_version_is_a_json_string_and_the_processes_carry_their_kind() {
    let server = sandbox().await;
    assert!(get(&server, "/api/App/Version").await.json().is_string());
    let processes = get(&server, "/api/App/Processes").await.json();
    let find = |code: u64| processes.as_array().unwrap().iter().find(|p| p["code"] == code).cloned().unwrap_or_default();
    assert_eq!(find(20)["name"], "ICT");
    assert_eq!((&find(20)["isTestOperation"], &find(500)["isRepairOperation"]), (&json!(true), &json!(true)));
    assert_eq!(find(90), Value::Null, "inactive ones come only when asked for");
    let repairs = get(&server, "/api/App/Processes?includeRepairOperations=true").await.json();
    assert!(repairs.as_array().unwrap().iter().all(|p| p["isRepairOperation"] == true));
}

#[tokio::test]
async fn a_report_is_answered_with_its_id_and_comes_back_byte_for_byte() {
    let server = sandbox().await;
    let answer = post(&server, &report(1)).await.unwrap();
    assert_eq!(answer.status, 200);
    assert_eq!(answer.json(), json!({ "ID": id(1), "uuid": id(1), "Report_ID": 1 }));
    let back = get(&server, &format!("/api/Report/Wsjf/{}", id(1))).await;
    assert_eq!(back.body, report(1).to_string());
    assert_eq!(get(&server, &format!("/api/Report/Wsjf/{}", id(2))).await.status, 404);
    let received = server.received().unwrap();
    assert_eq!(received.len(), 1);
    assert_eq!((received[0].sn.as_str(), received[0].result.as_str(), received[0].count), ("S1", "P", 1));
    assert_eq!(received[0].body_hash, blake3::hash(report(1).to_string().as_bytes()).to_hex().as_str());
}

#[tokio::test]
async fn the_same_id_again_replaces_and_counts() {
    let server = sandbox().await;
    let mut other = report(1);
    for body in [&report(1), &report(1), &report(2)] {
        post(&server, body).await.unwrap();
    }
    other["result"] = json!("F");
    assert_eq!(post(&server, &other).await.unwrap().json()["Report_ID"], 1);
    let received = server.received().unwrap();
    assert_eq!(received.iter().map(|r| (r.id, r.count, r.changed)).collect::<Vec<_>>(), [(id(1), 3, 1), (id(2), 1, 0)]);
    assert_eq!((received[0].result.as_str(), &received[0].body), ("F", &other.to_string().into_bytes()));
    assert!(received[0].first_at <= received[0].last_at);
    let counts = get(&server, "/sandbox/counts").await.json();
    for (name, n) in [("posts", 4), ("reports", 2), ("repeats", 2), ("changed", 1), ("passed", 1), ("failed", 1)] {
        assert_eq!(counts[name], n, "{name}");
    }
    assert_eq!(counts["answers"]["200"], 4);
}

#[tokio::test]
async fn a_refused_report_is_answered_400_with_the_text_and_leaves_nothing() {
    let server = sandbox().await;
    let mut wrong = report(1);
    wrong["pn"] = Value::Null;
    let answer = post(&server, &wrong).await.unwrap();
    assert_eq!((answer.status, answer.body.as_str()), (400, "The pn field is required."));
    let array = post(&server, &json!([report(1)])).await.unwrap();
    assert_eq!(array.status, 400);
    assert!(array.body.contains("not an array"));
    assert!(server.received().unwrap().is_empty());
}

#[tokio::test]
async fn a_wsxf_report_is_taken_as_xml_and_only_as_xml() {
    let server = sandbox().await;
    let send = async |kind: &str| {
        let header = format!("Content-Type: {kind}\r\n");
        call(server.addr, "POST", "/api/Report/WSXF", &header, WSXF.as_bytes()).await.unwrap()
    };
    assert_eq!(send("text/plain").await.status, 415);
    assert_eq!(send("application/xml; charset=utf-8").await.json()["ID"], "00000000-0000-4000-8000-0000000000aa");
    let received = server.received().unwrap();
    assert_eq!((received[0].format, received[0].result.as_str()), (Format::Wsxf, "F"));
    assert_eq!(get(&server, "/api/Report/Wsxf/00000000-0000-4000-8000-0000000000aa").await.body, WSXF);
    let as_json = get(&server, "/api/Report/Wsjf/00000000-0000-4000-8000-0000000000aa").await;
    assert_eq!(as_json.status, 404);
    assert!(as_json.body.contains("received as wsxf"));
}

#[tokio::test]
async fn a_compressed_body_is_refused_and_named() {
    let server = sandbox().await;
    let headers = "Content-Type: application/json\r\nContent-Encoding: gzip\r\n";
    let answer = call(server.addr, "POST", "/api/Report/WSJF", headers, b"x").await.unwrap();
    assert_eq!(answer.status, 415);
    assert!(answer.body.contains("'gzip'"));
}

#[tokio::test]
async fn without_the_right_token_nothing_under_api_answers() {
    let server = sandbox::start(Options { token: Some("dG9rZW46eA==".into()), ..Options::default() }).await.unwrap();
    let with = async |header: &str| call(server.addr, "GET", "/api/App/Version", header, b"").await.unwrap().status;
    assert_eq!(with("").await, 401);
    assert_eq!(with("Authorization: Basic b3RoZXI=\r\n").await, 401);
    assert_eq!(with("Authorization: Bearer dG9rZW46eA==\r\n").await, 401);
    assert_eq!(with("Authorization: Basic dG9rZW46eA==\r\n").await, 200);
    assert_eq!(post(&server, &report(1)).await.unwrap().status, 401);
    assert!(server.received().unwrap().is_empty());
}

#[tokio::test]
async fn forty_senders_at_once_are_all_recorded_exactly_once() {
    let server = std::sync::Arc::new(sandbox().await);
    let mut senders = JoinSet::new();
    for sender in 0..40 {
        let server = std::sync::Arc::clone(&server);
        senders.spawn(async move {
            for n in 0..5 {
                assert_eq!(post(&server, &report(sender * 5 + n)).await.unwrap().status, 200);
            }
        });
    }
    senders.join_all().await;
    let received = server.received().unwrap();
    assert_eq!(received.len(), 200);
    assert!(received.iter().all(|r| r.count == 1));
    assert_eq!(get(&server, "/sandbox/counts").await.json()["in_flight"], 0);
}

#[tokio::test]
async fn what_was_received_is_there_after_a_new_start_on_the_same_file() {
    let folder = tempfile::tempdir().unwrap();
    let options = || Options { db: Db::File(folder.path().join("sandbox.db")), ..Options::default() };
    let first = sandbox::start(options()).await.unwrap();
    post(&first, &report(1)).await.unwrap();
    let before = first.received().unwrap();
    first.stop().await;
    let second = sandbox::start(options()).await.unwrap();
    assert_eq!(second.received().unwrap(), before);
    post(&second, &report(1)).await.unwrap();
    assert_eq!(second.received().unwrap()[0].count, 2);
}

#[tokio::test]
async fn a_file_that_is_no_sandbox_database_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("notes.txt");
    let text = "not a database, and longer than the head of one would be: ".repeat(20);
    std::fs::write(&path, &text).unwrap();
    let refused = sandbox::start(Options { db: path.clone().into(), ..Options::default() }).await.err().unwrap();
    assert!(matches!(refused, SandboxError::Foreign { .. }), "{refused}");
    assert_eq!(std::fs::read_to_string(path).unwrap(), text);
}

#[tokio::test]
async fn a_stopped_sandbox_refuses_connections_and_its_port_is_free() {
    let server = sandbox().await;
    let addr = server.addr;
    assert!(addr.ip().is_loopback());
    let taken = sandbox::start(Options { port: addr.port(), ..Options::default() }).await.err().unwrap();
    assert!(taken.to_string().starts_with(&format!("cannot listen on 127.0.0.1:{}", addr.port())));
    server.stop().await;
    let refused = call(addr, "GET", "/api/App/Version", "", b"").await.err().unwrap();
    assert_eq!(refused.kind(), std::io::ErrorKind::ConnectionRefused);
}

#[tokio::test]
async fn a_report_of_many_megabytes_is_taken_whole() {
    let server = sandbox().await;
    let mut large = report(1);
    large["uut"]["comment"] = json!("x".repeat(6 << 20));
    assert_eq!(post(&server, &large).await.unwrap().status, 200);
    assert_eq!(server.received().unwrap()[0].body, large.to_string().into_bytes());
}

#[tokio::test]
async fn a_dropped_sandbox_ends_by_itself() {
    let server = sandbox().await;
    let addr = server.addr;
    drop(server);
    let patience = std::time::Instant::now() + std::time::Duration::from_secs(60);
    while call(addr, "GET", "/api/App/Version", "", b"").await.is_ok() {
        assert!(std::time::Instant::now() < patience);
    }
}
