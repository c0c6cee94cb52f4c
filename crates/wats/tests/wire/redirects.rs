//! A redirect must not carry the token away.

use wats::{Cause, Verdict};

use super::*;
use crate::server::{Server, Step, answer, receipt};

async fn redirecting(status: &'static str, to: String) -> Server {
    Server::start(move |_| vec![Step::Send(answer(status, &format!("Location: {to}\r\n"), ""))]).await
}

#[tokio::test]
async fn no_redirect_to_another_place_is_followed() {
    let elsewhere = Server::answering("200 OK", "", receipt()).await;
    for status in ["301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Permanent"] {
        let server = redirecting(status, format!("{}/api/Report/WSJF", elsewhere.url())).await;
        let text = told(&submit(&connection(server.url())).await);
        assert!(text.starts_with("Paused { cause: Address") && text.contains(&elsewhere.url()), "{text}");
        let problem = Client::new(&connection(server.url())).unwrap().version().await.unwrap_err();
        assert_eq!(problem.cause, Cause::Address);
    }
    assert!(elsewhere.requests().is_empty(), "nothing may arrive there");
}

#[tokio::test]
async fn a_307_and_a_308_at_the_same_place_keep_method_body_and_token() {
    for status in ["307 Temporary", "308 Permanent"] {
        let server = Server::start(move |n| {
            let answer = if n == 0 { answer(status, "Location: /other/path\r\n", "") } else { answer("200 OK", "", receipt()) };
            vec![Step::Send(answer)]
        })
        .await;
        assert!(matches!(submit(&connection(server.url())).await.verdict, Verdict::Accepted { .. }));
        let request = &server.requests()[1];
        assert!(request.head.starts_with("post /other/path ") && request.head.contains("authorization: basic"), "{}", request.head);
        assert!(!request.head.contains("referer"));
        assert_eq!(request.body, BODY.as_bytes());
    }
}

#[tokio::test]
async fn a_302_at_the_same_place_would_turn_the_report_into_a_question_and_is_not_followed() {
    let server = redirecting("302 Found", "/login".into()).await;
    assert!(told(&submit(&connection(server.url())).await).contains("/login"));
    assert_eq!(server.requests().len(), 1);
}

#[tokio::test]
async fn a_circle_of_redirects_ends() {
    let server = redirecting("307 Temporary", "/round".into()).await;
    assert!(told(&submit(&connection(server.url())).await).starts_with("Paused { cause: Address"));
    assert_eq!(server.requests().len(), 4);
}
