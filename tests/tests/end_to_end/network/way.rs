//! The way to the server: nobody there, silence, breaks, slowness, answers that come too late.

use super::{IN_TIME, SOON, drop_all, number, owed_until_it_is_over, reports, says, station, times};
use e2e::proxy::{Way, Wrapping};
use e2e::{Books, Station, until};
use std::time::Duration;

#[test]
fn a_server_that_cannot_be_reached_is_said_in_plain_words_and_everything_waits_for_it() {
    let mut station = Station::new("wsjf");
    let good = station.server().url();
    let nobody = e2e::proxy::Proxy::to(station.server().addr);
    let refused = nobody.url();
    drop(nobody);
    let produced = reports("unreachable", 3);
    let table = [
        (refused.as_str(), "refused the connection"),
        ("http://nobody..invalid", "is not known to the name service"),
        ("http://255.255.255.255", "there is no way through the network"),
    ];
    for (n, (address, words)) in table.into_iter().enumerate() {
        station.does(&["config", "set", "service_address", address]);
        station.start();
        station.drop_file(&format!("{n}.json"), &produced[n].bytes);
        assert_eq!(says(&station, words), "degraded", "{address}");
        until("it is owed", SOON, || Books::of(&station).owed.len() == n + 1);
        Books::of(&station).balance(&produced[..=n]);
        assert!(station.terminate().0.success());
    }
    station.does(&["config", "set", "service_address", &good]);
    station.start();
    Books::close(&station, &produced, SOON);
}

#[test]
fn a_server_that_comes_back_gets_what_waited_for_it_without_anybodys_help() {
    let (mut station, mut proxy) = station();
    station.start();
    let produced = reports("back", 50);
    proxy.close();
    drop_all(&station, &produced);
    assert_eq!(says(&station, "refused the connection"), "degraded");
    until("all of it is owed", SOON, || Books::of(&station).owed.len() == 50);
    Books::of(&station).balance(&produced);
    proxy.open();
    Books::close(&station, &produced, SOON);
    until("the status is well again", SOON, || station.status()["server"]["status"] == "ok");
}

#[test]
fn silence_costs_a_report_one_time_out_and_its_neighbours_pass_it() {
    let (mut station, proxy) = station();
    station.start();
    let produced = reports("silence", 20);
    proxy.first_attempts(|asked| if number(&asked.sn()).is_multiple_of(7) { Way::Silence } else { Way::Through });
    drop_all(&station, &produced);
    Books::close(&station, &produced, IN_TIME);
    for report in &produced {
        let expected = if number(&report.sn).is_multiple_of(7) { 2 } else { 1 };
        assert_eq!(proxy.attempts(&report.sn).len(), expected, "{}", report.sn);
    }
}

#[test]
fn a_server_that_takes_every_connection_and_never_answers_is_gone_and_nothing_is_lost() {
    let (mut station, proxy) = station();
    proxy.plan(|_| Way::Silence);
    station.start();
    let produced = reports("hole", 20);
    drop_all(&station, &produced);
    assert_eq!(says(&station, "gave no whole answer within 1 s"), "degraded");
    owed_until_it_is_over(&station, &proxy, &produced);
}

/// As a firewall does that looks into reports.
#[test]
fn a_network_that_breaks_every_report_and_lets_questions_through_keeps_all_of_them_owed() {
    let (mut station, proxy) = station();
    station.start();
    proxy.plan(|asked| if asked.is_report() { Way::ResetBeforeAnswer } else { Way::Through });
    let produced = reports("firewall", 20);
    drop_all(&station, &produced);
    let probes = || proxy.asked().iter().filter(|asked| !asked.is_report()).count();
    until("it was probed and lost again", IN_TIME, || probes() >= 4 && says(&station, "broke the connection") == "degraded");
    owed_until_it_is_over(&station, &proxy, &produced);
}

#[test]
fn a_connection_that_breaks_at_any_point_costs_another_attempt_and_never_a_report_or_a_second_one() {
    let (mut station, proxy) = station();
    station.start();
    let breaks = |n: usize| {
        [Way::CutRequest, Way::ResetBeforeAnswer, Way::ResetInAnswer(20), Way::ResetInAnswer(200), Way::CutAnswer(150)][n % 5].clone()
    };
    proxy.first_attempts(move |asked| breaks(number(&asked.sn())));
    let produced = reports("break", 25);
    drop_all(&station, &produced);
    Books::close(&station, &produced, IN_TIME);
    for report in &produced {
        assert!(proxy.attempts(&report.sn).len() >= 2, "{} got through a broken connection", report.sn);
        let reached = if number(&report.sn).is_multiple_of(5) { 1 } else { 2 };
        assert!(times(&station, &report.sn) >= reached, "{}: the break was not where this test wants it", report.sn);
    }
}

#[test]
fn an_answer_that_comes_after_the_time_out_belongs_to_a_report_that_is_sent_again_and_is_there_once() {
    let (mut station, proxy) = station();
    station.start();
    proxy.first_attempts(|_| Way::LateAnswer(Duration::from_secs(3)));
    let produced = reports("late", 4);
    drop_all(&station, &produced);
    Books::close(&station, &produced, IN_TIME);
    for report in &produced {
        assert!(times(&station, &report.sn) >= 2, "{} was not sent again", report.sn);
    }
}

#[test]
fn a_crawling_answer_has_one_deadline_for_the_whole_and_the_others_pass_it() {
    let (mut station, proxy) = station();
    station.start();
    // A byte every 50 ms is a sign of life that would restart a time-out between two reads for ever.
    proxy.first_attempts(|asked| if number(&asked.sn()) < 2 { Way::Crawl(20) } else { Way::Through });
    let produced = reports("crawl", 12);
    drop_all(&station, &produced);
    Books::close(&station, &produced, IN_TIME);
    for report in &produced[..2] {
        assert!(proxy.attempts(&report.sn).len() >= 2, "{} was waited for", report.sn);
    }
}

#[test]
fn packed_chunked_and_continued_receipts_are_receipts() {
    let (mut station, proxy) = station();
    station.start();
    proxy.plan(|asked| Way::Wrapped([Wrapping::Gzip, Wrapping::Chunked, Wrapping::Continued][asked.n % 3]));
    let produced = reports("wrapped", 9);
    drop_all(&station, &produced);
    Books::close(&station, &produced, SOON);
    for report in &produced {
        assert_eq!(proxy.attempts(&report.sn).len(), 1, "{} was sent again", report.sn);
    }
}
