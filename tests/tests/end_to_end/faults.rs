//! The same on bad days: kills, outages, a server that fails at random.

use e2e::soak::{self, Account, Plan};
use e2e::{Books, ID, Produced, Station, report, until};
use sandbox::Faults;
use std::time::{Duration, Instant};

fn delivered(station: &Station) -> usize {
    station.server().received().expect("the sandbox's books").len()
}

fn drop_all(station: &Station, produced: &[Produced]) {
    for (n, report) in produced.iter().enumerate() {
        station.drop_file(&format!("{n:05}.json"), &report.bytes);
    }
}

#[test]
fn two_hundred_kills_at_random_moments_lose_nothing_and_double_nothing() {
    let plan = Plan { kills: 200, lanes: 4, limit: Duration::from_secs(800) };
    let account = soak::run(plan, Account::new(e2e::seed()), |_| {});
    let told = account.line();
    assert!(account.is_clean() && account.findings.is_empty(), "{told}\n{}", account.findings.join("\n"));
    assert_eq!(account.kills, 200, "{told}");
    assert!(account.kills_at_work >= 10, "only few of the kills hit a worker at work: {told}");
    assert!(account.kills_starting > 0 && account.kills_stopping > 0, "no kill hit a worker that was coming up or stopping: {told}");
    assert!(account.delivered > 200 && account.repeated > 0 && account.owed > 0 && account.rejected > 0, "too little was going on: {told}");
}

#[test]
fn what_was_owed_and_dropped_during_an_outage_arrives_within_ten_seconds_of_its_end() {
    let mut station = Station::new("wsjf");
    station.start();
    let produced: Vec<Produced> = (0..60).map(|n| report("outage", n)).collect();
    station.faults(Faults { outage: true, ..Faults::default() });
    drop_all(&station, &produced[..30]);
    until("the first half is owed", Duration::from_secs(20), || Books::of(&station).owed.len() == 30);
    std::thread::sleep(Duration::from_secs(30));
    for (n, report) in produced[30..].iter().enumerate() {
        station.drop_file(&format!("late-{n:05}.json"), &report.bytes);
    }
    until("all of it is owed", Duration::from_secs(20), || Books::of(&station).owed.len() == 60);
    Books::of(&station).balance(&produced);
    station.faults(Faults::default());
    until("all arrive", Duration::from_secs(10), || delivered(&station) == 60);
    Books::close(&station, &produced, Duration::from_secs(10));
}

#[test]
fn a_server_that_fails_at_random_gets_everything_once() {
    let mut station = Station::new("wsjf");
    station.faults(Faults {
        rate_503: 0.10,
        rate_429: 0.05,
        rate_reset_before: 0.03,
        rate_reset_after: 0.03,
        seed: 6,
        ..Faults::default()
    });
    station.start();
    let produced: Vec<Produced> = (0..300).map(|n| report("flaky", n)).collect();
    drop_all(&station, &produced);
    Books::close(&station, &produced, Duration::from_secs(180));
}

#[test]
fn a_refused_token_pauses_the_instance_moves_nothing_to_error_and_a_new_one_resumes_it() {
    let mut station = Station::new("wsjf");
    let secret = station.instance().join("secret.json");
    let good = std::fs::read_to_string(&secret).expect("the secret");
    std::fs::write(&secret, good.replace(e2e::TOKEN, "d3Jvbmc6dG9rZW4=")).expect("the secret is ours");
    station.start();
    let produced: Vec<Produced> = (0..10).map(|n| report("token", n)).collect();
    drop_all(&station, &produced);
    until("the status names the token", Duration::from_secs(20), || station.status()["server"]["message"].to_string().contains("token"));
    until("all of it is owed", Duration::from_secs(20), || Books::of(&station).owed.len() == 10);
    assert_eq!(station.status()["queue"]["error"], 0, "a refused token is no fault of a report");
    std::fs::write(&secret, good).expect("the secret is ours");
    // By itself: nobody restarts it.
    Books::close(&station, &produced, Duration::from_secs(30));
}

#[test]
fn sigterm_with_five_hundred_owed_ends_in_time_and_loses_nothing() {
    let mut station = Station::new("wsjf");
    station.faults(Faults { latency_ms: 200, ..Faults::default() });
    station.start();
    let produced: Vec<Produced> = (0..500).map(|n| report("term", n)).collect();
    drop_all(&station, &produced);
    until("some are owed and some have arrived", Duration::from_secs(60), || {
        delivered(&station) > 5 && Books::of(&station).owed.len() > 100
    });
    let (status, took) = station.terminate();
    assert!(status.success(), "ended with {status}");
    assert!(took < Duration::from_secs(30), "took {took:?}");
    assert!(!station.instance().join("service.lock").exists(), "the lock was left behind");
    Books::of(&station).balance(&produced);
    station.faults(Faults::default());
    station.start();
    Books::close(&station, &produced, Duration::from_secs(60));
}

#[test]
fn of_two_workers_started_at_once_one_runs_and_the_other_names_it() {
    let station = Station::new("wsjf");
    let runs = || {
        e2e::lineside()
            .env("LINESIDE_HOME", station.home())
            .args(["run", ID])
            .stdin(std::process::Stdio::null())
            .stderr(std::process::Stdio::piped())
            .spawn()
            .expect("lineside can be started")
    };
    let mut pair = [runs(), runs()];
    let begun = Instant::now();
    let loser = loop {
        assert!(begun.elapsed() < Duration::from_secs(20), "both run");
        if let Some(at) = pair.iter_mut().position(|child| child.try_wait().expect("our own child").is_some()) {
            break at;
        }
        std::thread::sleep(Duration::from_millis(20));
    };
    let winner = pair[1 - loser].id();
    assert_eq!(pair[loser].wait().expect("our own child").code(), Some(30));
    let mut said = String::new();
    std::io::Read::read_to_string(pair[loser].stderr.as_mut().expect("piped"), &mut said).expect("what it said");
    let produced = report("pair", 1);
    station.drop_file("unit.json", &produced.bytes);
    until("the winner works", Duration::from_secs(20), || delivered(&station) == 1);
    assert!(said.contains(&winner.to_string()), "the loser does not name the holder {winner}: {said}");
    pair[1 - loser].kill().expect("our own child");
    pair[1 - loser].wait().expect("our own child");
    Books::of(&station).balance(&[produced]);
}

#[cfg(unix)]
#[test]
fn a_queue_folder_deleted_under_a_worker_loses_nothing_that_was_owed_or_dropped() {
    let mut station = Station::new("wsjf");
    station.faults(Faults { outage: true, ..Faults::default() });
    station.start();
    let produced: Vec<Produced> = (0..40).map(|n| report("deleted", n)).collect();
    drop_all(&station, &produced[..20]);
    until("the first half is owed", Duration::from_secs(20), || Books::of(&station).owed.len() == 20);
    std::fs::remove_dir_all(station.instance().join("queue")).expect("the queue can be deleted");
    for (n, report) in produced[20..].iter().enumerate() {
        station.drop_file(&format!("late-{n:05}.json"), &report.bytes);
    }
    until("all of it is owed", Duration::from_secs(20), || Books::of(&station).owed.len() == 40);
    station.kill();
    Books::of(&station).balance(&produced);
    station.faults(Faults::default());
    station.start();
    Books::close(&station, &produced, Duration::from_secs(60));
}
