use super::*;
use crate::Scope;

fn layout() -> (tempfile::TempDir, Layout) {
    let dir = tempfile::tempdir().unwrap();
    let layout = Layout::at(dir.path(), Scope::User);
    (dir, layout)
}

#[test]
fn the_worst_state_counts() {
    use State::*;
    let table: &[(&[State], State)] = &[
        (&[], Unknown),
        (&[Ok], Ok),
        (&[Ok, Idle], Idle),
        (&[Idle, Busy, Ok], Busy),
        (&[Busy, Shutdown], Shutdown),
        (&[Shutdown, Startup], Startup),
        (&[Startup, Degraded], Degraded),
        (&[Degraded, Warning], Warning),
        (&[Warning, Error], Error),
        (&[Failed, Error, Ok], Failed),
        (&[Unknown, Ok], Warning),
        (&[Unknown], Warning),
        (&[Unknown, Busy], Busy),
    ];
    for (states, expected) in table {
        assert_eq!(State::aggregate(states.iter().copied()), *expected, "{states:?}");
    }
}

#[test]
fn healthy_and_operational_are_what_the_words_say() {
    use State::*;
    for (state, healthy, operational) in [
        (Unknown, false, false),
        (Startup, false, true),
        (Ok, true, true),
        (Idle, true, true),
        (Busy, true, true),
        (Degraded, true, true),
        (Warning, true, true),
        (Error, false, false),
        (Shutdown, false, false),
        (Failed, false, false),
    ] {
        assert_eq!((state.is_healthy(), state.is_operational()), (healthy, operational), "{state:?}");
        let word = serde_json::to_string(&state).unwrap();
        assert_eq!(word, format!("\"{}\"", format!("{state:?}").to_lowercase()));
        assert_eq!(serde_json::from_str::<State>(&word).unwrap(), state);
    }
}

#[test]
fn a_status_reads_back_as_it_was_written() {
    let (_dir, layout) = layout();
    assert_eq!(read(&layout).unwrap(), None);
    let mut status = Status { schema_version: STATUS_VERSION, status: State::Busy, pid: 7, ..Status::default() };
    status.queue.oldest_age_s = Some(12);
    status.converters.push(ConverterStatus { name: "ict".into(), ok: 3, ..ConverterStatus::default() });
    status.extra.insert("children".into(), serde_json::json!({"n": 1.50}));
    write(&layout, &status).unwrap();
    assert_eq!(read(&layout).unwrap(), Some(status));
}

#[test]
fn an_older_or_newer_status_can_be_read() {
    let (_dir, layout) = layout();
    fs::write(layout.status(), r#"{"status": "sleeping", "queue": {"queued": 4, "fog": 1}, "moon": 2.0}"#).unwrap();
    let status = read(&layout).unwrap().unwrap();
    assert_eq!((status.status, status.queue.queued), (State::Unknown, 4));
    assert_eq!(status.extra["moon"].to_string(), "2.0");
}

#[test]
fn a_torn_status_is_an_error_that_names_the_file() {
    let (_dir, layout) = layout();
    for garbage in [&b""[..], b"{\"status\": \"o", b"\0\0\0\0", b"[1]", b"{\"pid\": \"x\"}"] {
        fs::write(layout.status(), garbage).unwrap();
        let text = read(&layout).unwrap_err().to_string();
        assert!(text.contains("status.json") && text.contains("line"), "{text}");
    }
}

#[test]
fn a_reader_always_sees_a_whole_status() {
    let (_dir, layout) = layout();
    write(&layout, &Status::default()).unwrap();
    std::thread::scope(|scope| {
        let writer = scope.spawn(|| {
            for pid in 0..500 {
                write(&layout, &Status { pid, message: "m".repeat(pid as usize * 10), ..Status::default() }).unwrap();
            }
        });
        while !writer.is_finished() {
            let status = read(&layout).unwrap().unwrap();
            assert_eq!(status.message.len(), status.pid as usize * 10);
        }
    });
}

#[test]
fn uptime_reads_at_a_glance() {
    for (seconds, expected) in [
        (Some(0), "0s"),
        (Some(59), "59s"),
        (Some(60), "1m"),
        (Some(61 * 60), "1h 1m"),
        (Some(11_040), "3h 4m"),
        (Some(49 * 3600), "2d 1h"),
        (None, "N/A"),
    ] {
        assert_eq!(uptime(seconds.map(Duration::from_secs)), expected);
    }
}
