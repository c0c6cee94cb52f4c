//! Hours of stations and their server in a moment: the decisions of the room as they are, a clock of the test's own, seeded chance.

use super::super::flow::{Course, Sign};
use super::super::{MOST, verdicts};
use jiff::Timestamp;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};
use std::time::{Duration, Instant};
use store::Settlement;
use wats::pace::Pace;
use wats::{Answer, Receipt, Verdict};

/// How long the server takes for an answer, in milliseconds, as all times here.
const LATENCY: u64 = 80;
const SECOND: u64 = 1_000;
const HOUR: u64 = 3_600 * SECOND;

/// What comes back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reply {
    Receipt,
    Trouble,
    /// Come back in half a minute.
    Slower,
    Nobody,
}

impl Reply {
    fn answer(self) -> Answer {
        let again = |seconds: Option<u64>| Verdict::Again { reason: String::new(), retry_after: seconds.map(Duration::from_secs) };
        let (verdict, status) = match self {
            Reply::Receipt => (Verdict::Accepted { receipt: Receipt { id: None, server_id: None } }, Some(200)),
            Reply::Trouble => (again(None), Some(503)),
            Reply::Slower => (again(Some(30)), Some(429)),
            Reply::Nobody => (again(None), None),
        };
        Answer { verdict, status, latency: Duration::from_millis(LATENCY) }
    }
}

/// What the server is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Question {
    Probe,
    Report,
}

/// A station with a backlog, and what it has done.
struct Station {
    course: Course,
    pace: Pace,
    chance: StdRng,
    begun: Instant,
    now: u64,
    /// Owed reports, as the failed attempts each has behind it: due, waiting until a moment, under way until a moment.
    due: VecDeque<u32>,
    later: BinaryHeap<Reverse<(u64, u32)>>,
    aloft: BinaryHeap<Reverse<(u64, u32)>>,
    /// When the server was asked, by a report or by a probe.
    asked: Vec<u64>,
    delivered: usize,
    /// The waits of single reports, with the moment they began.
    waits: Vec<(u64, u64)>,
    /// The pace, with the moment it was so.
    paces: Vec<(u64, usize)>,
}

impl Station {
    fn new(reports: usize, seed: u64) -> Station {
        Station {
            course: Course::new(),
            pace: Pace::new(5, MOST),
            chance: StdRng::seed_from_u64(seed),
            begun: Instant::now(),
            now: 0,
            due: std::iter::repeat_n(0, reports).collect(),
            later: BinaryHeap::new(),
            aloft: BinaryHeap::new(),
            asked: Vec::new(),
            delivered: 0,
            waits: Vec::new(),
            paces: Vec::new(),
        }
    }

    fn instant(&self) -> Instant {
        self.begun + Duration::from_millis(self.now)
    }

    /// Works until that moment, or until nothing is owed any more.
    fn work(&mut self, until: u64, mut server: impl FnMut(Question, u64, &mut StdRng) -> Reply) {
        while self.now < until {
            while self.later.peek().is_some_and(|Reverse((at, _))| *at <= self.now) {
                self.due.extend(self.later.pop().map(|Reverse((_, attempts))| attempts));
            }
            if self.course.probe_due(self.instant()) {
                let reply = server(Question::Probe, self.now, &mut self.chance);
                self.probe(reply);
            }
            let allowed = self.course.allowed(self.pace.limit(), self.instant());
            while self.aloft.len() < allowed
                && let Some(attempts) = self.due.pop_front()
            {
                self.asked.push(self.now);
                self.aloft.push(Reverse((self.now + LATENCY, attempts)));
            }
            let top = |heap: &BinaryHeap<Reverse<(u64, u32)>>| heap.peek().map(|Reverse((at, _))| *at);
            let turn = self.course.next().map(|next| (next - self.begun).as_millis() as u64 + 1);
            let waiting = top(&self.later).filter(|_| self.aloft.len() < allowed);
            let Some(next) = [top(&self.aloft), waiting, turn.filter(|at| *at > self.now)].into_iter().flatten().min() else { return };
            self.now = next.max(self.now + u64::from(self.aloft.is_empty()));
            while top(&self.aloft).is_some_and(|at| at <= self.now) {
                if let Some(Reverse((_, attempts))) = self.aloft.pop() {
                    let reply = server(Question::Report, self.now, &mut self.chance);
                    self.land(attempts, reply);
                }
            }
        }
    }

    fn probe(&mut self, reply: Reply) {
        self.asked.push(self.now);
        let sign = if reply == Reply::Receipt { Sign::Works } else { Sign::NoAnswer };
        let random = self.chance.random();
        self.course.probed(sign, self.instant(), random);
        if sign == Sign::Works && !self.course.is_doubted() {
            self.due.extend(self.later.drain().map(|Reverse((_, attempts))| attempts));
        }
    }

    fn land(&mut self, attempts: u32, reply: Reply) {
        let (answer, random) = (reply.answer(), self.chance.random());
        self.pace.settled(&answer.verdict, answer.latency);
        self.paces.push((self.now, self.pace.limit()));
        self.course.saw(verdicts::sign(&answer), self.instant(), random);
        let clock = Timestamp::from_millisecond(self.now as i64).unwrap();
        match verdicts::settled(&answer, attempts, clock, random).1 {
            Settlement::Again { next_at } => {
                self.waits.push((self.now, next_at as u64 - self.now));
                self.later.push(Reverse((next_at as u64, attempts + 1)));
            }
            _ => self.delivered += 1,
        }
    }
}

#[test]
fn a_server_in_trouble_for_a_day_is_asked_all_day_and_no_report_waits_longer_than_five_minutes_or_in_step_with_another() {
    let mut station = Station::new(300, 70);
    station.work(24 * HOUR, |_, _, _| Reply::Trouble);
    assert_eq!(station.delivered, 0);
    let longest = station.asked.windows(2).map(|pair| pair[1] - pair[0]).max().unwrap();
    assert!(longest <= 11 * SECOND, "the server was left alone for {longest} ms");
    assert!(station.now - station.asked.last().unwrap() <= 11 * SECOND, "it gave up");
    let late: Vec<u64> = station.waits.iter().filter(|(at, _)| *at > 12 * HOUR).map(|(_, wait)| *wait).collect();
    assert!(station.waits.iter().all(|(_, wait)| *wait <= 300 * SECOND));
    for minute in 0..5 {
        let share = late.iter().filter(|wait| **wait / (60 * SECOND) == minute).count() as f64 / late.len() as f64;
        assert!((0.15..0.25).contains(&share), "{share} of the waits end in minute {minute}");
    }
    station.work(24 * HOUR + 330 * SECOND, |_, _, _| Reply::Receipt);
    assert_eq!(station.delivered, 300, "five minutes after the trouble ended");
}

#[test]
fn half_of_the_time_in_trouble_costs_little_more_than_half_and_the_pace_falls_and_recovers() {
    let delivered = |phase: u64| {
        let mut station = Station::new(160_000, 71);
        station.work(360 * SECOND, |_, now, _| if phase > 0 && now / phase % 2 == 1 { Reply::Trouble } else { Reply::Receipt });
        station
    };
    let clean = delivered(0).delivered;
    for seconds in [20, 30, 60] {
        let phase = seconds * SECOND;
        let station = delivered(phase);
        let share = station.delivered as f64 / clean as f64;
        assert!(share >= 0.4, "{share} of a clean run with {seconds} s of trouble every other {seconds} s");
        for part in 0..360 / seconds {
            let asked = station.asked.iter().filter(|at| **at / phase == part).count();
            let most = station.paces.iter().filter(|(at, _)| at / phase == part).map(|(_, pace)| *pace).max();
            let (in_trouble, well) = (part % 2 == 1, most == Some(MOST));
            assert!(if in_trouble { asked < 100 } else { well }, "asked {asked} times, pace {most:?} in part {part} of {seconds} s");
        }
    }
}

#[test]
fn a_server_that_fails_every_other_request_by_chance_is_still_asked_all_the_time_and_one_that_recovers_gets_all_of_the_pace() {
    let mut station = Station::new(10_000, 72);
    station.work(120 * SECOND, |_, _, chance| if chance.random_bool(0.5) { Reply::Trouble } else { Reply::Receipt });
    assert!(station.delivered as f64 >= 0.4 * station.asked.len() as f64, "{} of {}", station.delivered, station.asked.len());
    // At a pace of one, 12.5 requests a second are asked without a pause.
    assert!(station.asked.len() > 12 * 120, "asked only {} times in two minutes", station.asked.len());
    assert!(station.pace.limit() < 10, "the pace did not fall");
    station.work(140 * SECOND, |_, _, _| Reply::Receipt);
    assert_eq!(station.pace.limit(), MOST);
}

/// As a firewall does that looks into reports.
#[test]
fn a_network_that_lets_probes_through_and_breaks_every_report_is_not_filled_with_reports() {
    let mut station = Station::new(500, 73);
    let broken = |question, _, _: &mut StdRng| if question == Question::Report { Reply::Nobody } else { Reply::Receipt };
    station.work(HOUR, broken);
    assert!(station.now - station.asked.last().unwrap() <= 20 * SECOND, "it gave up");
    let asked = station.asked.len() as u64;
    assert!(asked < HOUR / SECOND, "asked {asked} times in an hour");
    station.work(HOUR + 330 * SECOND, |_, _, _| Reply::Receipt);
    assert_eq!(station.delivered, 500, "five minutes after the trouble ended");
}

/// The largest share of so many stations that come back within the same 100 ms after `back`, when all met the same server.
fn crowd(stations: u64, seed: u64, back: u64, reply: Reply) -> f64 {
    let first = |station| {
        let mut station = Station::new(200, seed * 1_000 + station);
        station.work(back + 60 * SECOND, |_, now, _| if now < back { reply } else { Reply::Receipt });
        station.asked.into_iter().find(|at| *at >= back).expect("each comes back")
    };
    let at: Vec<u64> = (0..stations).map(first).collect();
    let most = at.iter().map(|begin| at.iter().filter(|at| (*begin..begin + 100).contains(at)).count()).max();
    most.unwrap_or(0) as f64 / stations as f64
}

#[test]
fn two_hundred_stations_that_lost_their_server_in_the_same_moment_do_not_come_back_in_the_same_one() {
    for (seconds, reply) in [(30, Reply::Nobody), (300, Reply::Nobody), (30, Reply::Trouble), (300, Reply::Trouble), (2, Reply::Slower)] {
        let shares: Vec<f64> = (0..10).map(|seed| crowd(200, seed, seconds * SECOND, reply)).collect();
        let mean = shares.iter().sum::<f64>() / shares.len() as f64;
        assert!(mean <= 0.05, "after {seconds} s of {reply:?} {mean} of the stations come within 100 ms: {shares:?}");
    }
}
