//! The course of the way to the server, on a clock of the test's own.

use super::*;

struct Way {
    course: Course,
    now: Instant,
}

impl Way {
    fn new() -> Way {
        Way { course: Course::new(), now: Instant::now() }
    }

    fn saw(&mut self, sign: Sign) -> &mut Way {
        self.course.saw(sign, self.now, 0.0);
        self
    }

    fn many(&mut self, times: usize, sign: Sign) -> &mut Way {
        (0..times).for_each(|_| self.course.saw(sign, self.now, 0.0));
        self
    }

    fn probed(&mut self, sign: Sign) -> &mut Way {
        self.course.probed(sign, self.now, 0.0);
        self
    }

    fn allowed(&self) -> usize {
        self.course.allowed(8, self.now)
    }

    /// Seconds until the next probe.
    fn wait(&self) -> f64 {
        self.course.next().map_or(0.0, |next| (next - self.now).as_secs_f64())
    }

    fn pass(&mut self, seconds: f64) {
        self.now += Duration::from_secs_f64(seconds);
    }
}

#[test]
fn one_report_without_an_answer_is_its_own_affair_and_three_in_a_row_are_the_servers() {
    let mut way = Way::new();
    way.saw(Sign::NoAnswer).saw(Sign::NoAnswer).saw(Sign::Works).saw(Sign::NoAnswer).saw(Sign::NoAnswer);
    assert_eq!(way.allowed(), 8);
    way.saw(Sign::NoAnswer);
    assert_eq!(way.allowed(), 0);
}

#[test]
fn a_server_that_is_gone_is_asked_at_least_every_eight_seconds_and_goes_on_at_once_when_it_answers() {
    let mut way = Way::new();
    way.saw(Sign::NoAnswer).saw(Sign::NoAnswer).saw(Sign::NoAnswer);
    let mut waits = Vec::new();
    for _ in 0..6 {
        waits.push(way.wait());
        way.pass(way.wait());
        assert!(way.course.probe_due(way.now));
        way.probed(Sign::NoAnswer);
        assert!(!way.course.probe_due(way.now));
    }
    assert_eq!(waits, [0.5, 1.0, 2.0, 4.0, 8.0, 8.0]);
    way.probed(Sign::Works);
    assert_eq!((way.course.flow(), way.allowed()), (Flow::Open, 8));
}

#[test]
fn a_server_that_answers_probes_and_takes_no_report_is_asked_ever_more_rarely_and_with_one_report_first() {
    let mut way = Way::new();
    let mut waits = Vec::new();
    for _ in 0..6 {
        way.many(3, Sign::NoAnswer);
        waits.push(way.wait());
        way.pass(way.wait());
        way.probed(Sign::Works);
    }
    assert_eq!(waits, [0.5, 1.0, 2.0, 4.0, 8.0, 8.0]);
    assert_eq!((way.allowed(), way.course.is_doubted()), (1, true));
    way.saw(Sign::Works);
    assert_eq!((way.allowed(), way.course.is_doubted()), (8, false));
}

#[test]
fn a_server_that_goes_and_comes_while_nothing_is_sent_is_not_doubted() {
    let mut way = Way::new();
    for _ in 0..5 {
        way.probed(Sign::NoAnswer).probed(Sign::Works);
    }
    assert_eq!((way.allowed(), way.course.is_doubted()), (8, false));
}

#[test]
fn a_server_that_keeps_us_out_is_asked_ever_more_rarely_and_at_once_when_something_changed() {
    let mut way = Way::new();
    way.saw(Sign::Closed);
    let mut waits = Vec::new();
    for _ in 0..5 {
        waits.push(way.wait());
        way.pass(way.wait());
        way.probed(Sign::NoAnswer);
    }
    assert_eq!(waits, [5.0, 10.0, 20.0, 40.0, 60.0]);
    way.course.hurry(way.now);
    assert!(way.course.probe_due(way.now));
}

#[test]
fn after_being_kept_out_one_report_goes_first_and_the_others_follow_it() {
    let mut way = Way::new();
    way.saw(Sign::Closed).probed(Sign::Works);
    assert_eq!(way.allowed(), 1);
    way.saw(Sign::Works);
    assert_eq!(way.allowed(), 8);
}

#[test]
fn a_server_that_says_yes_to_probes_and_no_to_reports_is_not_knocked_at_faster() {
    let mut way = Way::new();
    let mut waits = Vec::new();
    for _ in 0..6 {
        way.saw(Sign::Closed);
        waits.push(way.wait());
        way.pass(way.wait());
        way.probed(Sign::Works);
    }
    assert_eq!(waits, [5.0, 10.0, 20.0, 40.0, 60.0, 60.0]);
}

#[test]
fn many_refusals_of_what_was_under_way_together_are_one() {
    let mut way = Way::new();
    for _ in 0..30 {
        way.saw(Sign::Closed);
    }
    assert_eq!(way.wait(), 5.0);
}

#[test]
fn a_server_in_trouble_is_left_alone_and_then_tried_with_one_report() {
    let mut way = Way::new();
    way.many(7, Sign::Trouble).saw(Sign::Works).many(7, Sign::Trouble);
    assert_eq!(way.allowed(), 8, "some answers with trouble are no reason to stop");
    let mut waits = Vec::new();
    for _ in 0..7 {
        way.saw(Sign::Trouble);
        assert_eq!(way.allowed(), 0);
        waits.push(way.wait());
        way.pass(way.wait());
        assert_eq!(way.allowed(), 1);
    }
    assert_eq!(waits, [0.5, 1.0, 2.0, 4.0, 8.0, 10.0, 10.0]);
    way.saw(Sign::Works);
    assert_eq!(way.allowed(), 8);
    way.saw(Sign::Trouble);
    assert_eq!(way.allowed(), 8, "what is over is forgotten");
}

#[test]
fn the_answers_to_what_was_under_way_together_are_one_trouble() {
    let mut way = Way::new();
    way.many(32, Sign::Trouble);
    assert_eq!(way.wait(), 0.5);
}

#[test]
fn a_server_that_wants_fewer_requests_is_left_alone_as_long_as_it_asks_and_no_longer_each_time() {
    let asked = |seconds| Sign::Slower(Some(Duration::from_secs(seconds)));
    let table = [(asked(3), 3.0), (asked(7200), 60.0), (Sign::Slower(None), 1.0)];
    for (sign, expected) in table {
        let mut way = Way::new();
        way.many(32, sign);
        for _ in 0..20 {
            assert_eq!((way.allowed(), way.wait()), (0, expected), "{sign:?}");
            way.pass(expected);
            assert_eq!(way.allowed(), 1);
            way.saw(sign);
        }
        way.pass(expected);
        way.saw(Sign::Works);
        assert_eq!(way.allowed(), 8);
    }
}

#[test]
fn requests_that_a_server_did_not_want_make_no_trouble_longer() {
    let mut way = Way::new();
    for _ in 0..20 {
        way.many(8, Sign::Slower(None));
        way.pass(1.0);
    }
    way.saw(Sign::Trouble);
    assert_eq!(way.wait(), 0.5);
}

#[test]
fn chance_only_shortens_a_wait_of_ours_and_only_lengthens_one_the_server_asked_for() {
    for random in [0.0, 0.5, 1.0, 7.0] {
        let found = pause(PROBE_FIRST, PROBE_LONGEST, 30, random);
        assert!(found <= PROBE_LONGEST && found >= PROBE_LONGEST.mul_f64(0.5), "{found:?}");
        let mut course = Course::new();
        let now = Instant::now();
        (0..TROUBLED_AFTER).for_each(|_| course.saw(Sign::Slower(Some(Duration::from_secs(30))), now, random));
        let asked = course.next().map(|next| (next - now).as_secs_f64());
        assert!(asked.is_some_and(|asked| (30.0..=40.0).contains(&asked)), "{asked:?}");
    }
}
