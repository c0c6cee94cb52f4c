//! Courses of workers, with a clock that stands still between two looks.

use super::*;
use crate::snapshot::UncleanExit;
use crate::snapshot::for_tests::{idle, stopped};

/// One instance under control, and the seconds that passed.
struct Desk {
    control: Control,
    begin: Instant,
    second: u64,
}

impl Desk {
    fn new() -> Self {
        let mut desk = Self { control: Control::default(), begin: Instant::now(), second: 0 };
        desk.look(&stopped("ict"));
        desk
    }

    fn now(&self) -> Instant {
        self.begin + Duration::from_secs(self.second)
    }

    fn later(&mut self, seconds: u64) -> &mut Self {
        self.second += seconds;
        self
    }

    fn wish(&mut self, wish: Wish, one: &InstanceSnapshot) -> Result<Vec<Deed>, String> {
        let now = self.now();
        self.control.wish(wish, one, now).map_err(|error| error.code)
    }

    fn look(&mut self, one: &InstanceSnapshot) -> Vec<Deed> {
        let now = self.now();
        self.control.look(std::slice::from_ref(one), now).into_iter().map(|(_, deed)| deed).collect()
    }

    fn ended(&mut self, pid: u32, why: Option<&str>) -> Vec<Deed> {
        let now = self.now();
        self.control.ended("ict", pid, why, now)
    }

    fn dressed(&self, one: &InstanceSnapshot) -> InstanceSnapshot {
        let mut one = one.clone();
        self.control.dress(&mut one, self.now());
        one
    }

    /// A worker of this number is started and comes up.
    fn up(&mut self, pid: u32) {
        assert_eq!(self.wish(Wish::Start, &stopped("ict")), Ok(vec![Deed::Launch]));
        assert_eq!(self.look(&ours(pid)), []);
    }
}

fn ours(pid: u32) -> InstanceSnapshot {
    InstanceSnapshot { managed_by: Some(ManagedBy::Tray), ..idle("ict", pid) }
}

fn crashed(pid: u32, by: ManagedBy) -> InstanceSnapshot {
    let exit = UncleanExit { pid, log_tail: Vec::new() };
    InstanceSnapshot { word: StateWord::Crashed, tone: Tone::Error, managed_by: Some(by), unclean_exit: Some(exit), ..stopped("ict") }
}

fn stop(pid: u32) -> Deed {
    Deed::Ask(Ask::Stop { reason: "asked in the app".to_owned(), deadline_s: None, pid: Some(pid) })
}

#[test]
fn a_worker_is_started_once_and_shown_as_starting_until_it_holds_its_guard() {
    let mut desk = Desk::new();
    assert_eq!(desk.wish(Wish::Start, &stopped("ict")), Ok(vec![Deed::Launch]));
    assert_eq!(desk.wish(Wish::Start, &stopped("ict")), Ok(vec![]), "a second click starts no second worker");
    let shown = desk.dressed(&stopped("ict"));
    assert_eq!((shown.pending, shown.tone), (Some(Pending::Starting), Tone::Starting));
    assert!(desk.control.awaits());
    assert_eq!(desk.later(2).look(&ours(7)), []);
    assert_eq!(desk.dressed(&ours(7)).pending, None);
    assert!(!desk.control.awaits());
    assert_eq!(desk.wish(Wish::Start, &ours(7)), Err("running".to_owned()));
}

#[test]
fn a_worker_that_does_not_come_up_is_told_with_what_it_said() {
    let mut desk = Desk::new();
    desk.wish(Wish::Start, &stopped("ict")).unwrap();
    assert_eq!(desk.ended(7, Some("no such folder (ended with exit code 22)")), []);
    let shown = desk.dressed(&stopped("ict"));
    assert_eq!((shown.pending, shown.tone), (None, Tone::Error));
    assert_eq!(shown.message, "could not be started: no such folder (ended with exit code 22)");
    // the next try begins with a clean sheet
    desk.wish(Wish::Start, &stopped("ict")).unwrap();
    assert_eq!(desk.dressed(&stopped("ict")).message, "");
    desk.later(30).look(&stopped("ict"));
    assert!(desk.dressed(&stopped("ict")).message.starts_with("did not come up within 30 s"));
}

#[test]
fn a_worker_is_asked_to_stop_once_and_its_end_is_no_crash() {
    let mut desk = Desk::new();
    desk.up(7);
    assert_eq!(desk.wish(Wish::Stop, &ours(7)), Ok(vec![stop(7)]));
    assert_eq!(desk.wish(Wish::Stop, &ours(7)), Ok(vec![]));
    assert_eq!(desk.dressed(&ours(7)).pending, Some(Pending::Stopping));
    assert_eq!(desk.ended(7, Some("ended by signal 9")), []);
    assert_eq!(desk.look(&crashed(7, ManagedBy::Tray)), [], "it was to end, however it did");
    assert_eq!(desk.later(60).look(&crashed(7, ManagedBy::Tray)), []);
    assert_eq!(desk.dressed(&stopped("ict")).pending, None);
    assert_eq!(desk.wish(Wish::Stop, &stopped("ict")), Err("not_running".to_owned()));
}

#[test]
fn a_worker_that_does_not_stop_is_said_to_and_can_be_ended_by_force() {
    let mut desk = Desk::new();
    desk.up(7);
    desk.wish(Wish::Stop, &ours(7)).unwrap();
    assert_eq!(desk.dressed(&ours(7)).message, "");
    desk.later(40).look(&ours(7));
    let shown = desk.dressed(&ours(7));
    assert!(shown.message.contains("force it") && shown.tone == Tone::Warning, "{shown:?}");
    assert_eq!(desk.wish(Wish::Force, &ours(7)), Ok(vec![Deed::Kill]));
    assert_eq!(desk.look(&crashed(7, ManagedBy::Tray)), [], "ended by force is no crash");
    assert_eq!(desk.dressed(&crashed(7, ManagedBy::Tray)).message, "ended by force; what it owed is kept");
    assert_eq!(desk.later(60).look(&crashed(7, ManagedBy::Tray)), []);
}

#[test]
fn a_restart_starts_the_next_worker_when_the_one_before_is_gone() {
    let mut desk = Desk::new();
    desk.up(7);
    assert_eq!(desk.wish(Wish::Restart, &ours(7)), Ok(vec![stop(7)]));
    assert_eq!(desk.look(&ours(7)), []);
    assert_eq!(desk.look(&stopped("ict")), [Deed::Launch]);
    assert_eq!(desk.look(&ours(8)), []);
    assert_eq!(desk.dressed(&ours(8)).pending, None);
    // one that does not run is simply started
    let mut desk = Desk::new();
    assert_eq!(desk.wish(Wish::Restart, &stopped("ict")), Ok(vec![Deed::Launch]));
}

#[test]
fn a_start_while_it_stops_is_a_restart_and_a_stop_then_takes_it_back() {
    let mut desk = Desk::new();
    desk.up(7);
    desk.wish(Wish::Stop, &ours(7)).unwrap();
    assert_eq!(desk.wish(Wish::Start, &ours(7)), Ok(vec![]));
    assert_eq!(desk.wish(Wish::Stop, &ours(7)), Ok(vec![]));
    assert_eq!(desk.look(&stopped("ict")), [], "the last word counts");
}

#[test]
fn a_crash_is_told_once_and_the_worker_started_again_after_five_seconds() {
    let mut desk = Desk::new();
    desk.up(7);
    assert_eq!(desk.ended(7, Some("ended by signal 9")), [Deed::TellCrash("Restarting (1/5): ended by signal 9".to_owned())]);
    assert_eq!(desk.look(&crashed(7, ManagedBy::Tray)), [], "the same crash, seen in the folder");
    let shown = desk.dressed(&crashed(7, ManagedBy::Tray));
    assert_eq!((shown.message.as_str(), shown.pending), ("Restarting (1/5): ended by signal 9", Some(Pending::Starting)));
    assert_eq!(desk.later(4).look(&crashed(7, ManagedBy::Tray)), []);
    assert_eq!(desk.later(1).look(&crashed(7, ManagedBy::Tray)), [Deed::Launch]);
    assert_eq!(desk.look(&ours(8)), []);
    assert_eq!(desk.dressed(&ours(8)).message, "");
}

#[test]
fn after_five_restarts_in_five_minutes_it_is_left_alone_until_somebody_starts_it() {
    let mut desk = Desk::new();
    desk.up(1);
    for n in 1..=5 {
        assert_eq!(desk.ended(n, Some("poison")), [Deed::TellCrash(format!("Restarting ({n}/5): poison"))]);
        assert_eq!(desk.later(5).look(&crashed(n, ManagedBy::Tray)), [Deed::Launch]);
        assert_eq!(desk.look(&ours(n + 1)), []);
    }
    let told = desk.ended(6, Some("poison"));
    assert_eq!(told, [Deed::TellCrash("restart limit 5/300 s reached, not started again: poison".to_owned())]);
    let shown = desk.dressed(&crashed(6, ManagedBy::Tray));
    assert_eq!((shown.pending, shown.tone), (None, Tone::Error));
    assert_eq!(desk.later(3600).look(&crashed(6, ManagedBy::Tray)), []);
    assert_eq!(desk.wish(Wish::Start, &crashed(6, ManagedBy::Tray)), Ok(vec![Deed::Launch]), "with a clean sheet");
    desk.look(&ours(9));
    assert_eq!(desk.ended(9, Some("poison")), [Deed::TellCrash("Restarting (1/5): poison".to_owned())]);
}

#[test]
fn crashes_long_past_do_not_count() {
    let mut desk = Desk::new();
    desk.up(1);
    for n in 1..=12 {
        assert_eq!(desk.ended(n, Some("now and then")), [Deed::TellCrash("Restarting (1/5): now and then".to_owned())]);
        assert_eq!(desk.later(5).look(&crashed(n, ManagedBy::Tray)), [Deed::Launch]);
        desk.later(300).look(&ours(n + 1));
    }
}

#[test]
fn one_that_ran_before_and_then_fails_to_start_is_tried_as_often_as_it_may_crash() {
    let mut desk = Desk::new();
    desk.up(1);
    desk.ended(1, Some("signal"));
    desk.later(5).look(&crashed(1, ManagedBy::Tray));
    assert_eq!(desk.ended(2, Some("no")), [Deed::TellCrash("Restarting (2/5): no".to_owned())]);
}

#[test]
fn a_worker_that_somebody_else_looks_after_is_told_of_and_not_started() {
    for by in [ManagedBy::Cli, ManagedBy::Systemd, ManagedBy::Scm] {
        let mut desk = Desk::new();
        desk.look(&InstanceSnapshot { managed_by: Some(by), ..idle("ict", 7) });
        assert_eq!(desk.look(&crashed(7, by)), [Deed::TellCrash("ended without tidying up".to_owned())]);
        assert_eq!(desk.later(60).look(&crashed(7, by)), []);
    }
}

#[test]
fn a_worker_of_an_earlier_run_of_the_app_is_adopted() {
    let mut desk = Desk::new();
    desk.look(&ours(7));
    let told = desk.look(&crashed(7, ManagedBy::Tray));
    assert_eq!(told, [Deed::TellCrash("Restarting (1/5): ended without tidying up".to_owned())]);
    assert_eq!(desk.later(5).look(&crashed(7, ManagedBy::Tray)), [Deed::Launch]);
}

#[test]
fn what_the_app_finds_when_it_comes_up_is_no_news() {
    let mut desk = Desk { control: Control::default(), begin: Instant::now(), second: 0 };
    assert_eq!(desk.look(&crashed(7, ManagedBy::Tray)), []);
    assert_eq!(desk.later(60).look(&crashed(7, ManagedBy::Tray)), []);
}

#[test]
fn a_stop_calls_off_the_start_that_is_due() {
    let mut desk = Desk::new();
    desk.up(7);
    desk.ended(7, Some("signal"));
    assert_eq!(desk.wish(Wish::Stop, &crashed(7, ManagedBy::Tray)), Ok(vec![]));
    assert_eq!(desk.later(10).look(&crashed(7, ManagedBy::Tray)), []);
}

#[test]
fn a_worker_started_by_somebody_else_meanwhile_is_left_in_peace() {
    let mut desk = Desk::new();
    desk.wish(Wish::Start, &stopped("ict")).unwrap();
    desk.look(&InstanceSnapshot { managed_by: Some(ManagedBy::Cli), ..idle("ict", 9) });
    assert_eq!(desk.ended(7, Some("a worker is running already")), [], "ours met it and went");
    assert_eq!(desk.later(60).look(&idle("ict", 9)), []);
}

#[test]
fn pausing_needs_a_worker() {
    let mut desk = Desk::new();
    assert_eq!(desk.wish(Wish::Pause, &ours(7)), Ok(vec![Deed::Ask(Ask::Pause)]));
    assert_eq!(desk.wish(Wish::Resume, &ours(7)), Ok(vec![Deed::Ask(Ask::Resume)]));
    assert_eq!(desk.wish(Wish::Pause, &stopped("ict")), Err("not_running".to_owned()));
}

#[test]
fn a_deed_that_failed_is_said_until_it_runs() {
    let mut desk = Desk::new();
    desk.wish(Wish::Start, &stopped("ict")).unwrap();
    desk.control.failed("ict", "the program is missing".to_owned());
    let shown = desk.dressed(&stopped("ict"));
    assert_eq!((shown.message.as_str(), shown.pending, shown.tone), ("the program is missing", None, Tone::Error));
    desk.look(&ours(7));
    assert_eq!(desk.dressed(&ours(7)).message, "");
}
