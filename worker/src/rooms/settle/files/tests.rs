//! The life of files in the settle room, on a clock of the test's own.

use super::*;
use instance::WatchRule;
use std::time::Duration;

struct Room {
    files: Files,
    rule: Arc<Rule>,
    now: Instant,
}

const A: Fingerprint = Fingerprint { size: 1, mtime_ns: 10 };
const B: Fingerprint = Fingerprint { size: 2, mtime_ns: 20 };

impl Room {
    fn new() -> Room {
        Room { files: Files::default(), rule: rule(0, 5), now: Instant::now() }
    }

    fn sight(&mut self, name: &str, hint: Hint) {
        let sighting = Sighting { rule: self.rule.clone(), path: Path::new(name).into(), hint };
        self.files.sight(sighting, self.now);
    }

    /// Lets the time pass; what may be taken then.
    fn after(&mut self, seconds: f64) -> Vec<(String, bool)> {
        self.now += Duration::from_secs_f64(seconds);
        self.files.ripen(self.now);
        std::iter::from_fn(|| self.files.take()).map(|file| (file.path.display().to_string(), file.last_try)).collect()
    }

    fn land(&mut self, name: &str, fate: Fate) {
        self.files.land(Landing { path: Path::new(name).into(), fate }, self.now);
    }
}

fn rule(index: usize, priority: u8) -> Arc<Rule> {
    let config = WatchRule { name: format!("r{index}"), watch_folder: "/in".into(), priority, ..WatchRule::default() };
    Arc::new(Rule::new(index, &config).unwrap())
}

fn taken(name: &str) -> Vec<(String, bool)> {
    vec![(name.to_owned(), false)]
}

#[test]
fn a_closed_file_is_taken_at_once_and_a_scanned_one_when_it_rested() {
    let mut room = Room::new();
    room.sight("closed", Hint::Closed);
    room.sight("scanned", Hint::Scanned(A));
    assert_eq!(room.after(0.05), taken("closed"));
    assert_eq!(room.after(1.9), []);
    assert_eq!(room.after(0.1), taken("scanned"));
}

#[test]
fn a_file_that_changes_between_two_scans_waits_again() {
    let mut room = Room::new();
    room.sight("a", Hint::Scanned(A));
    assert_eq!(room.after(1.5), []);
    room.sight("a", Hint::Scanned(B));
    assert_eq!(room.after(1.5), []);
    room.sight("a", Hint::Scanned(B));
    assert_eq!(room.after(0.5), taken("a"));
}

#[test]
fn a_file_that_is_written_is_not_taken_before_its_writer_closes_it() {
    let mut room = Room::new();
    room.sight("a", Hint::Appeared);
    for _ in 0..10 {
        room.sight("a", Hint::Touched);
        assert_eq!(room.after(1.9), []);
    }
    room.sight("a", Hint::Scanned(A));
    assert_eq!(room.after(10.0), []);
    room.sight("a", Hint::Closed);
    assert_eq!(room.after(0.05), taken("a"));
}

#[test]
fn a_closed_file_that_a_scan_sees_change_is_one_of_an_unknown_writer() {
    let mut room = Room::new();
    room.sight("a", Hint::Closed);
    room.sight("a", Hint::Scanned(A));
    room.sight("a", Hint::Scanned(B));
    assert_eq!(room.after(0.05), []);
    assert_eq!(room.after(1.95), taken("a"));
}

#[test]
fn the_room_is_told_what_comes_due_what_is_ready_and_what_is_away() {
    let mut room = Room::new();
    let told = |room: &Room| (room.files.next_due(), room.files.any_ready(), room.files.away(), room.files.active());
    assert_eq!(told(&room), (None, false, 0, 0));
    room.sight("a", Hint::Closed);
    let due = room.now + Duration::from_millis(50);
    assert_eq!(told(&room), (Some(due), false, 0, 1));
    room.files.ripen(due);
    assert_eq!(told(&room), (None, true, 0, 1));
    assert!(room.files.take().is_some());
    assert_eq!(told(&room), (None, false, 1, 1));
    room.land("a", Fate::Gone);
    assert_eq!(told(&room), (None, false, 0, 0));
}

#[test]
fn what_a_scan_measures_while_the_file_is_away_is_nothing_new() {
    let mut room = Room::new();
    room.sight("a", Hint::Closed);
    assert_eq!(room.after(0.05), taken("a"));
    room.sight("a", Hint::Scanned(B));
    room.land("a", Fate::Gone);
    assert_eq!(room.files.active(), 0);
}

#[test]
fn a_file_is_away_once_at_a_time_and_what_happens_meanwhile_is_not_forgotten() {
    let mut room = Room::new();
    room.sight("a", Hint::Closed);
    assert_eq!(room.after(0.05), taken("a"));
    room.sight("a", Hint::Closed);
    assert_eq!(room.after(60.0), []);
    room.land("a", Fate::Gone);
    assert_eq!(room.after(0.05), taken("a"));
    room.land("a", Fate::Gone);
    assert_eq!((room.files.active(), room.files.away()), (0, 0));
}

#[test]
fn a_file_that_changed_under_our_hands_comes_to_rest_again() {
    let mut room = Room::new();
    room.sight("a", Hint::Closed);
    room.after(0.05);
    room.land("a", Fate::Changed(Some(B)));
    assert_eq!(room.after(1.9), []);
    assert_eq!(room.after(0.1), taken("a"));
}

#[test]
fn a_cut_file_is_tried_a_last_time_unless_it_changes_before() {
    let mut room = Room::new();
    room.sight("a", Hint::Closed);
    room.after(0.05);
    room.land("a", Fate::Incomplete(A));
    assert_eq!(room.after(4.9), []);
    room.sight("a", Hint::Closed);
    assert_eq!(room.after(2.0), taken("a"), "a change is a new chance and not the last");
    room.land("a", Fate::Incomplete(B));
    assert_eq!(room.after(5.0), [("a".to_owned(), true)]);
}

#[test]
fn a_file_without_a_byte_waits_for_its_writer_and_is_taken_when_it_has_one() {
    let mut room = Room::new();
    room.sight("a", Hint::Closed);
    room.after(0.05);
    room.land("a", Fate::Empty(A));
    assert_eq!(room.after(20.0), []);
    room.sight("a", Hint::Closed);
    assert_eq!(room.after(0.05), taken("a"));
}

#[test]
fn what_failed_is_tried_again_at_growing_distances() {
    let mut room = Room::new();
    room.sight("a", Hint::Scanned(A));
    room.after(2.0);
    for wait in [1.0, 2.0, 4.0, 8.0, 8.0, 8.0] {
        room.land("a", Fate::Later(String::new()));
        assert_eq!(room.after(wait - 0.1), [], "{wait}");
        assert_eq!(room.after(0.1), taken("a"), "{wait}");
    }
}

#[test]
fn of_more_files_in_trouble_than_can_be_remembered_the_next_scan_tells_again() {
    let mut room = Room::new();
    let names: Vec<String> = (0..=MOST_TROUBLED).map(|n| n.to_string()).collect();
    names.iter().for_each(|name| room.sight(name, Hint::Closed));
    for wait in [0.05, 1.0, 2.0] {
        assert_eq!((room.after(wait).len(), room.files.troubled()), (names.len(), 0));
        names.iter().for_each(|name| room.land(name, Fate::Later(String::new())));
    }
    assert_eq!((room.files.active(), room.files.troubled()), (MOST_TROUBLED, MOST_TROUBLED));
    room.sight(&names[MOST_TROUBLED], Hint::Scanned(A));
    assert_eq!(room.after(4.0).len(), names.len(), "those remembered are tried again, and the one that was told again");
    names.iter().for_each(|name| room.land(name, Fate::Gone));
    assert_eq!((room.files.active(), room.files.troubled()), (0, 0));
}

#[test]
fn a_kept_file_rests_until_it_changes_and_is_forgotten_when_it_is_gone() {
    let mut room = Room::new();
    room.sight("a", Hint::Scanned(A));
    room.after(2.0);
    room.land("a", Fate::Kept(A));
    assert_eq!(room.files.active(), 0);
    for _ in 0..3 {
        room.sight("a", Hint::Scanned(A));
        room.files.scanned(&room.rule.clone());
        assert_eq!(room.after(60.0), []);
    }
    room.sight("a", Hint::Scanned(B));
    assert_eq!(room.after(2.0), taken("a"));
    room.land("a", Fate::Kept(B));
    room.files.scanned(&room.rule.clone());
    room.files.scanned(&room.rule.clone());
    assert_eq!((room.files.files.len(), room.files.active()), (0, 0));
}

#[test]
fn the_operator_can_have_kept_files_looked_at_again() {
    let mut room = Room::new();
    room.sight("a", Hint::Scanned(A));
    room.after(2.0);
    room.land("a", Fate::Kept(A));
    room.files.forget_kept();
    room.sight("a", Hint::Scanned(A));
    assert_eq!(room.after(2.0), taken("a"));
}

#[test]
fn the_most_urgent_rule_goes_first_and_inside_a_rule_the_first_to_rest() {
    let mut room = Room::new();
    for (priority, name) in [(10, "late"), (10, "after the late"), (1, "urgent"), (5, "usual")] {
        room.rule = rule(usize::from(priority), priority);
        room.sight(name, Hint::Scanned(A));
        room.now += Duration::from_millis(1);
    }
    let order: Vec<String> = room.after(3.0).into_iter().map(|(name, _)| name).collect();
    assert_eq!(order, ["urgent", "usual", "late", "after the late"]);
}
