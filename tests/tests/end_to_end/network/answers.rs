//! Answers that are no receipt, refusals, closed doors, other places, patience that is asked for, clocks that differ.

use super::{IN_TIME, SOON, drop_all, number, owed_until_it_is_over, reports, says, station, times};
use e2e::proxy::{Proxy, Way, answer};
use e2e::{Books, TOKEN, until};
use std::time::Duration;

const LOGIN: &str = "<!DOCTYPE html><html><head><title>Guest network: please log in</title></head><body></body></html>";

#[test]
fn a_login_page_in_place_of_the_server_is_no_success_for_any_report() {
    let (mut station, proxy) = station();
    proxy.plan(|_| answer("200 OK", "Content-Type: text/html\r\n", LOGIN));
    station.start();
    let produced = reports("portal", 10);
    drop_all(&station, &produced);
    assert_eq!(says(&station, "Guest network: please log in"), "error");
    owed_until_it_is_over(&station, &proxy, &produced);
}

#[test]
fn a_login_page_that_comes_up_while_reports_are_sent_keeps_them_owed() {
    let (mut station, proxy) = station();
    station.start();
    until("the server is known to be well", SOON, || station.status()["server"]["status"] == "ok");
    proxy.plan(|_| answer("200 OK", "Content-Type: text/html\r\n", LOGIN));
    let produced = reports("portal", 10);
    drop_all(&station, &produced);
    assert_eq!(says(&station, "Guest network: please log in"), "error");
    owed_until_it_is_over(&station, &proxy, &produced);
}

#[test]
fn a_200_without_a_whole_receipt_for_this_report_is_no_success() {
    let (mut station, proxy) = station();
    station.start();
    let produced = reports("nothing", 18);
    proxy.first_attempts(|asked| {
        let bodies = [
            "",
            "{}",
            "[]",
            "true",
            r#"{"ID":"0f7c1b52-6c35-4a7d-9d35-3f1f6f"#,
            r#"{"ID": oops}"#,
            r#"{"ID":"00000000-0000-0000-0000-000000000000"}"#,
            r#"{"ID":"0f7c1b52-6c35-4a7d-9d35-3f1f6f1c2a10","uuid":"7e0d3a44-1111-4c2b-8a7e-9b7a5d0c4e21"}"#,
            r#"{"statusCode":503,"message":"the database is busy"}"#,
        ];
        answer("200 OK", "Content-Type: application/json\r\n", bodies[number(&asked.sn()) % bodies.len()])
    });
    drop_all(&station, &produced);
    Books::close(&station, &produced, IN_TIME);
    for report in &produced {
        assert!(proxy.attempts(&report.sn).len() >= 2, "{} was taken for delivered", report.sn);
        assert_eq!(times(&station, &report.sn), 1, "{}", report.sn);
    }
}

#[test]
fn what_the_server_refuses_is_kept_with_its_words_and_the_others_flow() {
    let (mut station, proxy) = station();
    station.start();
    let refusals = [
        ("400 Bad Request", r#"{"Message":"process code 20 is unknown"}"#, "process code 20 is unknown"),
        ("413 Payload Too Large", "more than this server takes", "more than this server takes"),
        ("415 Unsupported Media Type", "no such type", "no such type"),
        ("422 Unprocessable Content", r#"{"errors":{"pn":["part is locked"]}}"#, "pn: part is locked"),
        ("200 OK", r#"{"Message":"serial number is blocked"}"#, "serial number is blocked"),
    ];
    proxy.plan(move |asked| match refusals.get(if asked.is_report() { number(&asked.sn()) } else { usize::MAX }) {
        Some((status, words, _)) => answer(status, "Content-Type: application/json\r\n", words),
        None => Way::Through,
    });
    let produced = reports("refused", 25);
    drop_all(&station, &produced);
    until("the others have arrived and the refused ones are kept", SOON, || {
        station.status()["queue"]["error"] == 5 && Books::of(&station).owed.len() == 5
    });
    Books::of(&station).balance(&produced);
    assert_eq!(station.server().received().expect("the sandbox's books").len(), 20);
    assert_eq!(station.status()["server"]["status"], "ok", "a refusal of some reports is no trouble of the server");
    let listed = station.does(&["--instance", e2e::ID, "--json", "queue", "list"]);
    for (status, _, words) in refusals {
        assert!(listed.contains(words), "the words of {status} are not kept: {listed}");
    }
    proxy.plan(|_| Way::Through);
    station.does(&["--instance", e2e::ID, "queue", "retry", "--all"]);
    Books::close(&station, &produced, SOON);
}

#[test]
fn no_redirect_carries_the_token_or_a_report_to_another_place() {
    let (mut station, proxy) = station();
    let elsewhere = Proxy::to(station.server().addr);
    elsewhere.plan(|_| answer("200 OK", "", "{}"));
    station.start();
    until("the server is known to be well", SOON, || station.status()["server"]["status"] == "ok");
    let to = elsewhere.url();
    proxy.plan(move |asked| {
        let status = ["301 Moved", "307 Temporary Redirect", "308 Permanent Redirect", "302 Found", "303 See Other"][asked.n % 5];
        answer(status, &format!("Location: {to}/api/Report/WSJF\r\n"), "")
    });
    let produced = reports("redirect", 20);
    drop_all(&station, &produced);
    assert_eq!(says(&station, "points to"), "error");
    assert!(proxy.asked().iter().all(|asked| asked.head.contains(&format!("authorization: basic {}", TOKEN.to_lowercase()))));
    owed_until_it_is_over(&station, &proxy, &produced);
    let strayed = elsewhere.asked();
    assert!(strayed.is_empty(), "the other place was asked: {}", strayed[0].head);
}

#[test]
fn a_place_that_is_not_wats_pauses_everything_and_names_the_address() {
    let (mut station, proxy) = station();
    proxy.plan(|asked| answer(["404 Not Found", "410 Gone", "405 Method Not Allowed"][asked.n % 3], "", ""));
    station.start();
    let produced = reports("address", 10);
    drop_all(&station, &produced);
    assert_eq!(says(&station, "there is no WATS at this address"), "error");
    owed_until_it_is_over(&station, &proxy, &produced);
}

/// Header lines of a server whose clock differs by so many days and that asks for so many seconds of patience by that clock.
fn by_its_own_clock(days: i64, seconds: i64) -> String {
    let date = |more: i64| {
        let at = jiff::Timestamp::now() + jiff::SignedDuration::from_secs(days * 86_400 + more);
        at.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
    };
    format!("Date: {}\r\nRetry-After: {}\r\n", date(0), date(seconds))
}

#[test]
fn patience_that_a_server_asks_for_is_counted_by_its_own_clock() {
    let (mut station, proxy) = station();
    station.start();
    let produced = reports("patience", 4);
    proxy.first_attempts(|asked| {
        let headers = match number(&asked.sn()) {
            0 => "Retry-After: 3\r\n".to_owned(),
            1 => by_its_own_clock(0, 4),
            2 => by_its_own_clock(1, 4),
            _ => by_its_own_clock(-1, 4),
        };
        answer("429 Too Many Requests", &headers, "")
    });
    drop_all(&station, &produced);
    Books::close(&station, &produced, SOON);
    for report in &produced {
        let attempts = proxy.attempts(&report.sn);
        let waited = attempts[1].at - attempts[0].at;
        assert!(waited >= Duration::from_secs(3) - Duration::from_millis(100), "{} came back after {waited:?}", report.sn);
    }
}

#[test]
fn a_server_whose_clock_is_a_day_off_gets_everything_and_doctor_says_it() {
    let (mut station, proxy) = station();
    let off = by_its_own_clock(-1, 0);
    let date = off.lines().next().and_then(|line| line.strip_prefix("Date: ")).expect("a date").to_owned();
    proxy.plan(move |_| Way::Dated(date.clone()));
    station.start();
    let produced = reports("skew", 5);
    drop_all(&station, &produced);
    Books::close(&station, &produced, SOON);
    let said = String::from_utf8(station.run(&["doctor", e2e::ID]).stdout).expect("UTF-8");
    assert!(said.contains("s apart"), "{said}");
}
