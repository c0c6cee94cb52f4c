//! Exactly one worker per instance, and no file that can claim one that is not there.

#![allow(clippy::unwrap_used)] // the lint knows test functions, not what they call

use std::{
    fs,
    io::{BufRead, BufReader, Write},
    process::{Child, Command, Stdio},
    sync::{
        Barrier,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};

use instance::{Guard, GuardError, Layout, Liveness, Lock, ManagedBy, Scope, liveness};

const CHILD: &str = "LINESIDE_TEST_GUARD_DIR";

fn layout() -> (tempfile::TempDir, Layout) {
    let dir = tempfile::tempdir().unwrap();
    let layout = Layout::at(dir.path(), Scope::User);
    (dir, layout)
}

fn lock(pid: u32) -> Lock {
    Lock {
        pid,
        instance_id: "ict".into(),
        instance_name: "ICT line 3".into(),
        started_at: "2026-11-21T08:00:00.123456+01:00".into(),
        service_url: "https://acme.example".into(),
        config_path: "client_config.json".into(),
        version: "0.1.0".into(),
        process_started_at: 1_795_000_000,
        managed_by: ManagedBy::Systemd,
        config_hash: "abc".into(),
    }
}

/// Not a test: the other process. It takes the guard, says so, and waits for its input to close.
#[test]
fn child_holds_the_guard() {
    let Some(dir) = std::env::var_os(CHILD) else { return };
    let guard = Guard::acquire(&Layout::at(dir, Scope::User)).unwrap();
    guard.write_lock(&lock(std::process::id())).unwrap();
    std::io::stdout().write_all(b"\nheld\n").unwrap();
    let _ = std::io::stdin().read_line(&mut String::new());
}

fn other_process(layout: &Layout) -> Child {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "child_holds_the_guard", "--nocapture"])
        .env(CHILD, layout.dir())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let said = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok).any(|line| line == "held");
    assert!(said, "the other process did not get the guard");
    child
}

#[test]
fn a_second_process_is_refused_and_told_who_runs() {
    let (_dir, layout) = layout();
    let mut child = other_process(&layout);
    let Err(GuardError::Held { lock: Some(held) }) = Guard::acquire(&layout) else { panic!("two workers") };
    assert_eq!(held.pid, child.id());
    assert!(matches!(liveness(&layout), Liveness::Running(lock) if lock.pid == child.id()));
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(matches!(liveness(&layout), Liveness::Stale(lock) if lock.pid == child.id()), "a killed worker is stale");
    Guard::acquire(&layout).unwrap();
}

#[test]
fn of_many_starts_at_once_exactly_one_wins() {
    let (_dir, layout) = layout();
    for round in 0..5 {
        let winners = AtomicUsize::new(0);
        let (start, end) = (Barrier::new(40), Barrier::new(40));
        std::thread::scope(|scope| {
            for _ in 0..40 {
                scope.spawn(|| {
                    start.wait();
                    let guard = Guard::acquire(&layout);
                    // the winner holds on until the last has tried
                    end.wait();
                    match guard {
                        Ok(_) => assert_eq!(winners.fetch_add(1, Ordering::Relaxed), 0, "two workers"),
                        Err(e) => assert!(matches!(e, GuardError::Held { .. }), "{e}"),
                    }
                });
            }
        });
        assert_eq!(winners.load(Ordering::Relaxed), 1, "round {round}");
    }
}

#[test]
fn observers_do_not_take_one_another_for_a_worker() {
    let (_dir, layout) = layout();
    drop(Guard::acquire(&layout).unwrap());
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..2000 {
                    assert_eq!(liveness(&layout), Liveness::Stopped);
                }
            });
        }
    });
}

#[test]
fn an_observer_does_not_stop_a_start() {
    let (_dir, layout) = layout();
    let done = AtomicBool::new(false);
    let starts: Vec<_> = std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while !done.load(Ordering::Relaxed) {
                    liveness(&layout);
                }
            });
        }
        let starts = (0..200).map(|_| Guard::acquire(&layout).map(drop)).collect();
        done.store(true, Ordering::Relaxed);
        starts
    });
    assert!(starts.iter().all(Result::is_ok), "{starts:?}");
}

#[test]
fn no_lock_file_can_claim_a_worker_that_is_not_there() {
    let (_dir, layout) = layout();
    let own = serde_json::to_vec(&lock(std::process::id())).unwrap();
    let half = &own[..own.len() / 2];
    for (text, stale) in [
        (&own[..], true),
        (half, false),
        (b"", false),
        (b"\0\0\0\0\0\0\0\0", false),
        (b"{}", false),
        (b"[1]", false),
        (b"{\"pid\": 0}", false),
        (b"{\"pid\": 1}", true),
    ] {
        fs::write(layout.lock(), text).unwrap();
        for guard_file in [false, true] {
            if guard_file {
                fs::write(layout.guard(), "").unwrap();
            }
            let seen = liveness(&layout);
            assert_eq!(matches!(seen, Liveness::Stale(_)), stale, "{seen:?}");
            assert_eq!(seen == Liveness::Stopped, !stale, "{seen:?}");
        }
        fs::remove_file(layout.guard()).unwrap();
    }
}

#[test]
fn a_half_written_lock_does_not_hide_a_running_worker() {
    let (_dir, layout) = layout();
    let guard = Guard::acquire(&layout).unwrap();
    assert_eq!(liveness(&layout), Liveness::RunningUnknown);
    fs::write(layout.lock(), "{\"pid\": ").unwrap();
    assert_eq!(liveness(&layout), Liveness::RunningUnknown);
    guard.write_lock(&lock(7)).unwrap();
    assert_eq!(liveness(&layout), Liveness::Running(lock(7)));
    guard.remove_lock().unwrap();
    guard.remove_lock().unwrap();
    drop(guard);
    assert_eq!(liveness(&layout), Liveness::Stopped);
}

#[test]
fn a_worker_that_has_ended_keeps_others_out_until_its_process_has_ended_too() {
    let (_dir, layout) = layout();
    let guard = Guard::acquire(&layout).unwrap();
    guard.write_lock(&lock(7)).unwrap();
    guard.retire().unwrap();
    assert_eq!(liveness(&layout), Liveness::RunningUnknown);
    assert!(matches!(Guard::acquire(&layout), Err(GuardError::Held { lock: None })));
}

#[test]
fn the_lock_file_has_the_six_fields_every_tool_reads() {
    let (_dir, layout) = layout();
    let guard = Guard::acquire(&layout).unwrap();
    guard.write_lock(&lock(7)).unwrap();
    let value: serde_json::Value = serde_json::from_slice(&fs::read(layout.lock()).unwrap()).unwrap();
    for key in ["pid", "instance_id", "instance_name", "started_at", "service_url", "config_path"] {
        assert!(value.get(key).is_some(), "{key}");
    }
    fs::write(layout.lock(), r#"{"pid": 7, "managed_by": "moon", "extra": 1}"#).unwrap();
    let Liveness::Running(read) = liveness(&layout) else { panic!("not read") };
    assert_eq!((read.pid, read.managed_by), (7, ManagedBy::Other));
}

#[cfg(unix)]
#[test]
fn a_deleted_guard_file_is_made_again_and_keeps_a_second_worker_out() {
    let (_dir, layout) = layout();
    let mut guard = Guard::acquire(&layout).unwrap();
    guard.renew(&layout).unwrap();
    fs::remove_file(layout.guard()).unwrap();
    guard.renew(&layout).unwrap();
    assert!(matches!(Guard::acquire(&layout), Err(GuardError::Held { .. })));
    // a second worker that was quicker keeps its place
    fs::remove_file(layout.guard()).unwrap();
    let second = Guard::acquire(&layout).unwrap();
    assert!(matches!(guard.renew(&layout), Err(GuardError::Held { .. })));
    drop(second);
}

#[test]
fn an_instance_folder_that_does_not_exist_is_stopped_and_its_error_names_the_file() {
    let (dir, _) = layout();
    let layout = Layout::at(dir.path().join("nope"), Scope::User);
    assert_eq!(liveness(&layout), Liveness::Stopped);
    let text = Guard::acquire(&layout).unwrap_err().to_string();
    assert!(text.contains("service.guard"), "{text}");
}
