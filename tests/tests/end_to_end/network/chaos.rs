//! Everything at once, by chance: each request meets one of all the fates there are, while the worker is killed in between.

use super::{IN_TIME, drop_all, reports, station};
use e2e::proxy::{Asked, Way, Wrapping, answer};
use e2e::{Books, until};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// One request in three is in trouble; few of them find the door closed, as that costs seconds each time.
fn fate(chance: &mut StdRng, asked: &Asked) -> Way {
    let bytes = chance.random_range(0..300);
    match chance.random_range(0..90) {
        0..3 => Way::CutRequest,
        3..6 => Way::ResetBeforeAnswer,
        6..9 => Way::ResetInAnswer(bytes),
        9..12 => Way::CutAnswer(bytes),
        12..14 => Way::Silence,
        14..16 => Way::LateAnswer(Duration::from_millis(1500)),
        16..18 => Way::Crawl(100),
        18..21 => answer("503 Busy", "", "busy"),
        21..23 => answer("429 Too Many Requests", "Retry-After: 1\r\n", ""),
        23..25 => answer("200 OK", "", ""),
        25..27 => answer("200 OK", "", r#"{"ID":"0f7c1b52-6c35-4a7d"#),
        27 => answer("504 Gateway Timeout", "Content-Type: text/html\r\n", "<html><title>504</title></html>"),
        28 => Way::Instead(b"\x00\x01garbage\r\n\r\n".to_vec()),
        29 if asked.n.is_multiple_of(3) => answer("200 OK", "Content-Type: text/html\r\n", "<html><title>Log in</title></html>"),
        30..40 => Way::Wrapped([Wrapping::Gzip, Wrapping::Chunked, Wrapping::Continued][asked.n % 3]),
        _ => Way::Through,
    }
}

#[test]
fn a_network_that_does_its_worst_by_chance_and_kills_in_between_lose_nothing_and_double_nothing() {
    let (mut station, proxy) = station();
    let chance = Mutex::new(StdRng::seed_from_u64(60));
    let produced = reports("chaos", 200);
    proxy.plan(move |asked| fate(&mut chance.lock().unwrap_or_else(PoisonError::into_inner), asked));
    for round in 1..=4 {
        station.start();
        drop_all(&station, &produced[(round - 1) * 50..round * 50]);
        let arrived = || station.server().received().expect("the sandbox's books").len();
        until("more of it has arrived", IN_TIME, || arrived() >= round * 40);
        station.kill();
        Books::of(&station).balance(&produced[..round * 50]);
    }
    station.start();
    // What was in trouble again and again waits ever longer; a network that is well does not shorten that.
    Books::close(&station, &produced, Duration::from_secs(180));
    assert_eq!(station.status()["queue"]["error"], 0, "trouble on the way was taken for a fault of a report");
}
