//! The way of a report as a row of rooms, from what the worker says of its parts.

use instance::{State, Status, health};

use crate::snapshot::{QueueSnapshot, Room, RoomSnapshot, Tone};

/// A room and the parts of `status.json` that hold it up, the most telling first.
const PARTS: [(Room, &[&str]); 6] = [
    (Room::Watch, &["watch"]),
    (Room::Settle, &[]),
    (Room::Convert, &["intake"]),
    (Room::Enqueue, &["store"]),
    (Room::Upload, &["server", "sending", "queue"]),
    (Room::Archive, &[]),
];

/// The rooms in the order a report walks; all off without a worker that says how it goes.
pub(super) fn rooms(says: Option<&Status>, queue: Option<&QueueSnapshot>, running: bool) -> Vec<RoomSnapshot> {
    PARTS.iter().map(|(room, parts)| one(*room, parts, says, queue, running)).collect()
}

fn one(room: Room, parts: &[&str], says: Option<&Status>, queue: Option<&QueueSnapshot>, running: bool) -> RoomSnapshot {
    let count = match room {
        Room::Convert => says.and_then(converting),
        Room::Enqueue => queue.map(|queue| queue.queued),
        Room::Upload => queue.map(|queue| queue.processing),
        Room::Watch | Room::Settle | Room::Archive => None,
    };
    let Some(status) = says.filter(|_| running) else { return RoomSnapshot { room, count, tone: Tone::Off, message: None } };
    let held = parts.iter().find_map(|part| held_up(status, part));
    let calm = if count.is_some_and(|count| count > 0) { Tone::Busy } else { Tone::Ok };
    let (tone, message) = held.map_or((calm, None), |(tone, why)| (tone, Some(why)));
    RoomSnapshot { room, count, tone, message }
}

/// What is being worked on and is not on its way to the server.
fn converting(status: &Status) -> Option<u64> {
    status.extra.get("active").and_then(serde_json::Value::as_u64).map(|active| active.saturating_sub(status.queue.processing))
}

/// Why a part of the worker is not well, when it is not.
fn held_up(status: &Status, part: &str) -> Option<(Tone, String)> {
    let parts = status.extra.get("children").and_then(|children| children.as_array())?;
    let found = parts.iter().find(|child| child["name"] == part)?;
    let state: State = serde_json::from_value(found["status"].clone()).unwrap_or_default();
    let tone = Tone::from(health::tone(state));
    let why = found["message"].as_str().unwrap_or_default();
    (tone.badness() >= Tone::Warning.badness()).then(|| (tone, why.to_owned()))
}
