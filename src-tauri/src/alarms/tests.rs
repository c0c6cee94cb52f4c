//! What is told, and what is not told twice.

use super::*;
use crate::snapshot::for_tests::idle;
use crate::snapshot::{QueueSnapshot, RoomSnapshot, ServerSnapshot};

/// Looks at one instance at moments of a clock that stands still between them.
struct Watcher {
    alarms: Alarms,
    begin: Instant,
}

impl Watcher {
    fn new() -> Self {
        Self { alarms: Alarms::default(), begin: Instant::now() }
    }

    /// The causes told, with their counts, at this second.
    fn at(&mut self, second: u64, one: &InstanceSnapshot) -> Vec<(Cause, u64)> {
        let wall = Timestamp::from_second(10_000 + i64::try_from(second).unwrap()).unwrap();
        let notices = self.alarms.look(std::slice::from_ref(one), self.begin + Duration::from_secs(second), wall);
        notices.into_iter().map(|notice| (notice.cause, notice.count)).collect()
    }
}

fn with_server(status: &str, since: i64) -> InstanceSnapshot {
    let since = Timestamp::from_second(10_000 + since).unwrap().to_string();
    let server = ServerSnapshot { status: status.to_owned(), message: Some("why".to_owned()), latency_ms: None, since: Some(since) };
    InstanceSnapshot { server: Some(server), ..idle("ict", 7) }
}

fn counting(refused: u64, rejected: u64) -> InstanceSnapshot {
    let queue = QueueSnapshot { error: refused, ..QueueSnapshot::default() };
    InstanceSnapshot { queue: Some(queue), rejected_today: Some(rejected), ..idle("ict", 7) }
}

#[test]
fn a_server_that_is_away_is_told_once_after_a_minute_and_again_only_when_it_was_back_for_one() {
    let mut watcher = Watcher::new();
    let away = with_server("degraded", 0);
    assert_eq!(watcher.at(60, &away), []);
    assert_eq!(watcher.at(61, &away), [(Cause::Unreachable, 1)]);
    assert_eq!(watcher.at(3600, &away), []);
    assert_eq!(watcher.at(3602, &with_server("ok", 3602)), [], "back");
    assert_eq!(watcher.at(3670, &with_server("degraded", 3605)), [], "gone again before it was back for a minute");
    assert_eq!(watcher.at(3700, &with_server("ok", 3700)), []);
    assert_eq!(watcher.at(3760, &with_server("ok", 3700)), []);
    assert_eq!(watcher.at(3900, &with_server("degraded", 3800)), [(Cause::Unreachable, 1)]);
}

#[test]
fn a_refused_token_a_full_disk_and_a_worker_that_hangs_are_told_at_once_and_once() {
    let mut watcher = Watcher::new();
    assert_eq!(watcher.at(0, &with_server("error", 0)), [(Cause::Refuses, 1)]);
    assert_eq!(watcher.at(2, &with_server("error", 0)), []);
    let room = RoomSnapshot { room: Room::Convert, count: None, tone: Tone::Warning, message: Some("disk low".to_owned()) };
    let full = InstanceSnapshot { rooms: vec![room], ..idle("ict", 7) };
    assert_eq!([watcher.at(4, &full), watcher.at(6, &full)], [vec![(Cause::Intake, 1)], vec![]]);
    let hangs = |tone| InstanceSnapshot { word: StateWord::NotResponding, tone, ..idle("ict", 7) };
    assert_eq!(watcher.at(8, &hangs(Tone::Warning)), [], "only silent for a moment");
    assert_eq!([watcher.at(10, &hangs(Tone::Error)), watcher.at(12, &hangs(Tone::Error))], [vec![(Cause::Hangs, 1)], vec![]]);
}

#[test]
fn what_is_counted_is_told_as_it_grows_a_minute_apart_with_how_many_came() {
    let mut watcher = Watcher::new();
    assert_eq!(watcher.at(0, &counting(3, 5)), [], "what was there when the app came up");
    assert_eq!(watcher.at(2, &counting(4, 5)), [(Cause::Reports, 1)]);
    assert_eq!(watcher.at(4, &counting(9, 6)), [(Cause::Files, 1)], "reports were told two seconds ago");
    assert_eq!(watcher.at(62, &counting(9, 6)), [(Cause::Reports, 5)]);
    assert_eq!(watcher.at(200, &counting(0, 0)), [], "tried again, and a new day");
    assert_eq!(watcher.at(202, &counting(1, 1)), [(Cause::Reports, 1), (Cause::Files, 1)]);
}

#[test]
fn a_rejected_file_is_told_with_its_name_and_the_reason() {
    let mut alarms = Alarms::default();
    let now = Instant::now();
    alarms.look(&[counting(0, 0)], now, Timestamp::UNIX_EPOCH);
    let one = InstanceSnapshot { last_rejected: Some("a.csv: no serial number".to_owned()), ..counting(0, 1) };
    let notices = alarms.look(&[one], now, Timestamp::UNIX_EPOCH);
    assert_eq!(notices[0].detail, "a.csv: no serial number");
}

#[test]
fn two_instances_do_not_silence_each_other() {
    let mut alarms = Alarms::default();
    let refuses = |id: &str| InstanceSnapshot { id: id.to_owned(), ..with_server("error", 0) };
    let both = [refuses("ict"), refuses("fct")];
    let told = alarms.look(&both, Instant::now(), Timestamp::UNIX_EPOCH);
    assert_eq!(told.iter().map(|notice| notice.id.as_str()).collect::<Vec<_>>(), ["ict", "fct"]);
}
