//! A network that misbehaves and a server that answers strangely: each with the real worker behind a relay of the test's own.

mod answers;
mod chaos;
mod way;

use e2e::proxy::{Proxy, Way};
use e2e::{Books, Produced, Station, report, until};
use std::time::Duration;

/// For what is a matter of seconds.
const SOON: Duration = Duration::from_secs(30);
/// For what waits for back-off, or for a server that is asked ever more rarely.
const IN_TIME: Duration = Duration::from_secs(60);

/// A station whose worker reaches its server through a relay, and gives up on a request after a second.
fn station() -> (Station, Proxy) {
    let station = Station::new("wsjf");
    let proxy = Proxy::before(&station);
    station.does(&["config", "set", "request_timeout_s", "1"]);
    (station, proxy)
}

fn reports(test: &str, count: usize) -> Vec<Produced> {
    (0..count).map(|n| report(test, n)).collect()
}

fn drop_all(station: &Station, produced: &[Produced]) {
    produced.iter().for_each(|report| station.drop_file(&format!("{}.json", report.sn), &report.bytes));
}

/// Waits until the status says these words about the server, and gives its state.
fn says(station: &Station, words: &str) -> String {
    until(words, SOON, || station.status()["server"]["message"].as_str().is_some_and(|message| message.contains(words)));
    station.status()["server"]["status"].as_str().unwrap_or_default().to_owned()
}

/// What is wrong on the way is no fault of a report: all of them stay owed, and arrive once it is over.
fn owed_until_it_is_over(station: &Station, proxy: &Proxy, produced: &[Produced]) {
    until("all of it is owed", SOON, || Books::of(station).owed.len() == produced.len());
    assert_eq!(station.status()["queue"]["error"], 0);
    Books::of(station).balance(produced);
    proxy.plan(|_| Way::Through);
    Books::close(station, produced, IN_TIME);
}

/// How often the server got this report.
fn times(station: &Station, sn: &str) -> u64 {
    let received = station.server().received().expect("the sandbox's books");
    received.iter().find(|report| report.sn == sn).map_or(0, |report| report.count)
}

/// The number behind the last dash of a serial number.
fn number(sn: &str) -> usize {
    sn.rsplit('-').next().and_then(|digits| digits.parse().ok()).expect("the tests' serial numbers end with one")
}
