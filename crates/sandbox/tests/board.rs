//! The page and the calls behind it.

mod client;

use client::{call, get, id, post, report, sandbox};
use serde_json::{Value, json};

#[tokio::test]
async fn the_page_is_one_file_under_a_strict_policy() {
    let server = sandbox().await;
    let page = get(&server, "/").await;
    assert_eq!(page.status, 200);
    let policy = page.head.lines().find_map(|line| line.strip_prefix("content-security-policy: ")).unwrap();
    assert!(policy.contains("default-src 'none'") && policy.contains("connect-src 'self'"));
    assert!(!policy.contains("unsafe") && !policy.contains('*'), "{policy}");
    let nonce = policy.split_once("'nonce-").unwrap().1.split_once('\'').unwrap().0;
    for tag in ["<script", "<style"] {
        let all: Vec<_> = page.body.match_indices(tag).collect();
        assert_eq!(all.len(), 1);
        assert!(page.body[all[0].0..].starts_with(&format!("{tag} nonce=\"{nonce}\">")));
    }
    assert!(!page.body.contains("{{"), "a placeholder was left");
    assert!(!get(&server, "/").await.head.contains(nonce), "a nonce serves once");
}

#[tokio::test]
async fn the_page_refers_to_nothing_outside_and_never_writes_markup() {
    let server = sandbox().await;
    let page = get(&server, "/").await.body.replace("http://www.w3.org/2000/svg", "");
    for outside in ["http://", "https://", "src=", "@import", "url("] {
        assert!(!page.contains(outside), "{outside}");
    }
    for sink in ["innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "onclick=\""] {
        assert!(!page.contains(sink), "{sink}");
    }
}

#[tokio::test]
async fn the_page_answers_only_to_a_loopback_name() {
    let server = sandbox().await;
    let named = async |host: &str, path: &str| call(server.addr, "GET", path, &format!("Host: {host}\r\n"), b"").await.unwrap().status;
    assert_eq!(named("localhost:8788", "/").await, 200);
    assert_eq!(named("127.0.0.1", "/sandbox/ids").await, 200);
    assert_eq!(named("evil.example", "/").await, 403);
    assert_eq!(named("evil.example", "/sandbox/ids").await, 403);
}

#[tokio::test]
async fn reports_are_listed_newest_first_and_found_by_serial_part_or_station() {
    let server = sandbox().await;
    let mut third = report(3);
    third["pn"] = json!("100%_RX");
    third["machineName"] = json!("FCT-7");
    for body in [&report(1), &report(2), &third, &report(1)] {
        post(&server, body).await.unwrap();
    }
    let found = async |query: &str| -> Vec<String> {
        let page = get(&server, &format!("/sandbox/reports{query}")).await.json();
        page["reports"].as_array().unwrap().iter().map(|r| r["sn"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(found("").await, ["S1", "S3", "S2"]);
    assert_eq!(found("?search=s2").await, ["S2"]);
    assert_eq!(found("?search=fct").await, ["S3"]);
    assert_eq!(found("?search=%25_rx").await, ["S3"], "signs are signs, not wildcards");
    assert_eq!(found("?search=nothing").await, Vec::<String>::new());
    assert_eq!(found("?limit=1&offset=1").await, ["S3"]);
    assert_eq!(get(&server, "/sandbox/reports?limit=1").await.json()["more"], true);
    assert_eq!(get(&server, "/sandbox/reports?limit=3").await.json()["more"], false);
}

#[tokio::test]
async fn one_report_is_shown_with_its_counts_and_its_body_as_received() {
    let server = sandbox().await;
    post(&server, &report(1)).await.unwrap();
    let row = get(&server, &format!("/sandbox/reports/{}", id(1))).await.json();
    assert_eq!((&row["sn"], &row["count"], &row["format"]), (&json!("S1"), &json!(1), &json!("wsjf")));
    let body = get(&server, &format!("/sandbox/reports/{}/body", id(1))).await;
    assert_eq!(body.body, report(1).to_string());
    assert!(body.head.contains("default-src 'none'"), "a received document must not run in the page's name");
    assert_eq!(get(&server, &format!("/sandbox/reports/{}", id(2))).await.status, 404);
}

#[tokio::test]
async fn the_ids_come_one_object_a_line_in_order_of_first_arrival() {
    let server = sandbox().await;
    for n in [2, 1, 2] {
        post(&server, &report(n)).await.unwrap();
    }
    let text = get(&server, "/sandbox/ids").await.body;
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let hash = |n| blake3::hash(report(n).to_string().as_bytes()).to_hex().to_string();
    assert_eq!(
        lines,
        [
            json!({ "id": id(2), "count": 2, "changed": 0, "body_hash": hash(2) }),
            json!({ "id": id(1), "count": 1, "changed": 0, "body_hash": hash(1) }),
        ]
    );
}

#[tokio::test]
async fn the_minutes_add_up_to_the_posts() {
    let server = sandbox().await;
    let mut failed = report(2);
    failed["result"] = json!("F");
    for body in [&report(1), &report(1), &failed] {
        post(&server, body).await.unwrap();
    }
    let minutes = get(&server, "/sandbox/counts").await.json()["minutes"].clone();
    let sum = |name: &str| minutes.as_array().unwrap().iter().map(|m| m[name].as_u64().unwrap()).sum::<u64>();
    assert_eq!((sum("posts"), sum("passed"), sum("failed"), sum("other")), (3, 2, 1, 0));
}
