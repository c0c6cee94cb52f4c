use super::*;

const ID: &str = "0f7c1b52-6c35-4a7d-9d35-3f1f6f1c2a10";
const OTHER: &str = "7e0d3a44-1111-4c2b-8a7e-9b7a5d0c4e21";
const LOGIN: &str = "<!DOCTYPE html><html><head><title>Sign in to continue</title></head><body></body></html>";

fn judge_with(status: u16, headers: &[(&'static str, &str)], body: &str) -> Verdict {
    let headers = headers.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect();
    verdict(status, &headers, body.as_bytes(), ID.parse().unwrap(), "2026-01-02T03:04:05Z".parse().unwrap())
}

fn judge(status: u16, body: &str) -> Verdict {
    judge_with(status, &[], body)
}

/// One word per verdict, with the cause of a pause, and the text a person reads.
fn told(verdict: Verdict) -> (String, String) {
    match verdict {
        Verdict::Accepted { receipt } => ("accepted".into(), receipt.to_string()),
        Verdict::AlreadyThere { note } => ("already there".into(), note),
        Verdict::Again { reason, .. } => ("again".into(), reason),
        Verdict::Refused { reason } => ("refused".into(), reason),
        Verdict::Paused { cause, reason } => (format!("paused {cause:?}"), reason),
    }
}

#[test]
fn only_a_receipt_counts_as_delivered() {
    let both = format!(r#"{{"ID":"{ID}","uuid":"{OTHER}","Report_ID":7}}"#);
    for (status, body, word) in [
        (200, both.clone(), "accepted"),
        (201, both.clone(), "accepted"),
        (202, both.clone(), "accepted"),
        (200, format!("[{both}]"), "accepted"),
        (200, format!("\u{FEFF} {both}\r\n"), "accepted"),
        (200, format!(r#"{{"id":"{}"}}"#, ID.to_uppercase()), "accepted"),
        (200, format!(r#"{{"uuid":"{OTHER}"}}"#), "accepted"),
        (200, format!(r#"{{"ID":null,"uuid":"{OTHER}"}}"#), "accepted"),
        (200, format!(r#"{{"ID":"{OTHER}","uuid":"{ID}"}}"#), "accepted"),
        (200, format!(r#"[{{"ID":"{OTHER}"}},{{"ID":"{ID}"}}]"#), "accepted"),
        (200, format!(r#"{{"ID":"{OTHER}"}}"#), "again"),
        (200, r#"{"ID":"00000000-0000-0000-0000-000000000000"}"#.into(), "again"),
        (200, r#"{"ID":"not an id"}"#.into(), "again"),
        (200, r#"{"Report_ID":7}"#.into(), "again"),
        (200, "{}".into(), "again"),
        (200, "[]".into(), "again"),
        (200, "true".into(), "again"),
        (200, String::new(), "again"),
        (201, String::new(), "again"),
        (202, " \r\n".into(), "again"),
        (204, String::new(), "again"),
        (200, both[..both.len() - 1].into(), "again"),
        (200, both[..20].into(), "again"),
        (200, LOGIN.into(), "paused NotWats"),
        (200, "<html>".into(), "paused NotWats"),
        (200, "OK".into(), "paused NotWats"),
        (200, "\u{0}\u{1}garbage".into(), "paused NotWats"),
    ] {
        assert_eq!(told(judge(status, &body)).0, word, "{status} {body}");
    }
}

#[test]
fn a_receipt_keeps_both_ids_and_shows_the_servers() {
    let Verdict::Accepted { receipt } = judge(200, &format!(r#"{{"ID":"{ID}","uuid":"{OTHER}"}}"#)) else { panic!() };
    assert_eq!((receipt.id, receipt.server_id), (ID.parse().ok(), OTHER.parse().ok()));
    assert_eq!(receipt.to_string(), OTHER);
    assert_eq!(told(judge(200, &format!(r#"{{"ID":"{ID}"}}"#))).1, ID);
}

#[test]
fn an_error_inside_a_success_is_judged_by_what_it_says() {
    for (body, word, text) in [
        (r#"{"Message":"pn is missing"}"#, "refused", "pn is missing"),
        (r#"{"error":{"message":"sn is empty"}}"#, "refused", "sn is empty"),
        (r#"{"StatusCode":401,"Message":"no"}"#, "paused Token", "401"),
        (r#"{"status":503,"message":"busy"}"#, "again", "busy"),
        (r#"{"statusCode":400,"message":"bad pn"}"#, "refused", "bad pn"),
        (r#"{"ID":"0f7c1b52-6c35-4a7d-9d35-3f1f6f1c2a10","statusCode":500}"#, "again", "500"),
        (r#"{"status":200}"#, "again", "without a receipt"),
        (r#"{"message":null}"#, "again", "without a receipt"),
    ] {
        let (found, reason) = told(judge(200, body));
        assert!(found == word && reason.contains(text), "{body}: {found}: {reason}");
    }
}

#[test]
fn every_status_has_one_meaning() {
    for (statuses, word) in [
        (&[300, 301, 302, 303, 304, 307, 308][..], "paused Address"),
        (&[400, 413, 415, 422], "refused"),
        (&[401, 403], "paused Token"),
        (&[404, 405, 410], "paused Address"),
        (&[407], "paused Proxy"),
        (&[409], "already there"),
        (&[408, 425, 429, 500, 501, 502, 503, 504, 511, 520, 599], "again"),
        (&[100, 199, 402, 406, 411, 418, 421, 426, 431, 451, 499, 600, 999], "again"),
    ] {
        for status in statuses {
            for body in ["", "words", r#"{"Message":"words"}"#, LOGIN] {
                let (found, reason) = told(judge(*status, body));
                assert_eq!(found, word, "{status} {body}");
                assert!(reason.contains(&status.to_string()), "{reason}");
            }
        }
    }
}

#[test]
fn the_servers_words_are_in_the_reason() {
    for (status, body, words) in [
        (400, "Process code 4711 is unknown", "(400): \"Process code 4711 is unknown\""),
        (400, r#"{"Message":"Serial number missing"}"#, "\"Serial number missing\""),
        (413, "", "(413): it did not say why"),
        (415, r#"{"message":"Unsupported Media Type"}"#, "\"Unsupported Media Type\""),
        (422, r#"{"errors":{"pn":["required"]}}"#, "pn: required"),
        (401, "Token expired", "Token expired"),
        (404, "<html><title>404 Not Found</title></html>", "404 Not Found"),
        (409, "have it", "have it"),
        (503, "maintenance until 6", "maintenance until 6"),
        (429, "", "429: it asks to come back later"),
        (503, "", "503: it is in trouble"),
        (418, "", "418: it is not clear what it means"),
    ] {
        let (_, reason) = told(judge(status, body));
        assert!(reason.contains(words), "{reason}");
    }
}

#[test]
fn a_400_from_a_front_server_is_no_reports_fault() {
    for body in [
        "<html><head><title>400 The plain HTTP request was sent to HTTPS port</title></head></html>",
        "<BODY><h2>Bad Request - Invalid Hostname</h2></BODY>",
    ] {
        assert_eq!(told(judge(400, body)).0, "paused Address");
    }
}

#[test]
fn a_redirect_names_the_place_without_login_or_query() {
    let (word, reason) = told(judge_with(302, &[("location", "https://anna:geheim@login.example/start?session=s3cret")], ""));
    assert_eq!(word, "paused Address");
    assert!(reason.contains("https://***@login.example/start;") && !reason.contains("s3cret"), "{reason}");
}

#[test]
fn retry_after_is_read_as_seconds_or_as_a_date_and_garbage_is_ignored() {
    for (value, waits) in [
        ("120", Some(120)),
        (" 0 ", Some(0)),
        ("31536000", Some(31_536_000)),
        ("Fri, 02 Jan 2026 03:05:05 GMT", Some(60)),
        ("Fri, 02 Jan 2025 03:05:05 GMT", None),
        ("Thu, 02 Jan 2025 03:05:05 GMT", Some(0)),
        ("-5", None),
        ("1.5", None),
        ("soon", None),
        ("", None),
        ("99999999999999999999999", None),
    ] {
        for status in [408, 425, 429, 500, 503, 418] {
            let Verdict::Again { retry_after, .. } = judge_with(status, &[("retry-after", value)], "") else { panic!("{status}") };
            assert_eq!(retry_after.map(|wait| wait.as_secs()), waits, "{status} {value:?}");
        }
    }
    assert!(matches!(judge(429, ""), Verdict::Again { retry_after: None, .. }));
}

#[test]
fn a_date_to_come_back_at_is_one_of_the_servers_clock() {
    for (date, until, waits) in [
        // a day ahead, a day behind, and no time told
        ("Sat, 03 Jan 2026 03:04:05 GMT", "Sat, 03 Jan 2026 03:04:35 GMT", 30),
        ("Thu, 01 Jan 2026 03:04:05 GMT", "Thu, 01 Jan 2026 03:04:35 GMT", 30),
        ("nonsense", "Fri, 02 Jan 2026 03:04:35 GMT", 30),
        ("Sat, 03 Jan 2026 03:04:05 GMT", "Fri, 02 Jan 2026 03:04:35 GMT", 0),
        // seconds are seconds by any clock
        ("Thu, 01 Jan 2026 03:04:05 GMT", "30", 30),
    ] {
        let found = judge_with(429, &[("date", date), ("retry-after", until)], "");
        let Verdict::Again { retry_after, .. } = found else { panic!("{found:?}") };
        assert_eq!(retry_after.map(|wait| wait.as_secs()), Some(waits), "{date} {until}");
    }
}

#[test]
fn any_bytes_at_all_get_a_verdict() {
    let mut seed = 1u32;
    for length in 0..600 {
        let bytes: Vec<u8> = (0..length)
            .map(|_| {
                seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (seed >> 24) as u8
            })
            .collect();
        for status in [0, 200, 302, 400, 503, u16::MAX] {
            let found = verdict(status, &HeaderMap::new(), &bytes, Uuid::nil(), Timestamp::UNIX_EPOCH);
            assert!(!matches!(found, Verdict::Accepted { .. } | Verdict::AlreadyThere { .. }));
        }
    }
}
