//! The writer thread: groups, neighbours, failing commits.

use super::{Ground, NOW, commit, report, source};
use crate::{StoreError, Trouble};

/// Keeps the writer busy until the returned sender is dropped, so that what is sent meanwhile becomes one group.
fn busy(store: &crate::Store) -> std::sync::mpsc::Sender<()> {
    let (release, wait) = std::sync::mpsc::channel::<()>();
    let (running, started) = std::sync::mpsc::channel();
    drop(store.hand.write(move |_| {
        running.send(()).unwrap();
        let _ = wait.recv();
        Ok(())
    }));
    started.recv().unwrap();
    release
}

#[test]
fn commands_that_wait_share_one_transaction() {
    let ground = Ground::new();
    let store = ground.owner();
    let before = store.commits();
    let release = busy(&store);
    let replies: Vec<_> = (0..200)
        .map(|n| {
            let mut intake = store.intake(source(&n.to_string()), NOW);
            intake.push(report(n)).unwrap();
            intake.commit()
        })
        .collect();
    drop(release);
    replies.into_iter().for_each(|reply| {
        reply.wait().unwrap();
    });
    assert_eq!(store.counts().unwrap().queued, 200);
    assert_eq!(store.commits() - before, 1);
}

#[test]
fn an_answer_comes_only_after_the_commit() {
    let ground = Ground::new();
    let store = ground.owner();
    let path = ground.path();
    let inside = store.hand.write(move |conn| {
        conn.execute("INSERT INTO sent VALUES (1, 1, 1)", [])?;
        let other = rusqlite::Connection::open(path)?;
        Ok(other.query_row("SELECT count(*) FROM sent", [], |row| row.get::<_, i64>(0))?)
    });
    assert_eq!(inside.wait().unwrap(), 0, "not visible while the command runs");
    assert_eq!(store.sent_since(0).unwrap(), 1, "visible once answered");
}

#[test]
fn a_command_that_fails_does_not_hurt_its_neighbours() {
    let ground = Ground::new();
    let store = ground.owner();
    let release = busy(&store);
    let before = store.reject(source("before"), "reason", NOW);
    let failing = store.hand.write(|conn| {
        conn.execute("INSERT INTO sent VALUES (77, 1, 1)", [])?;
        Ok(conn.execute("INSERT INTO nowhere VALUES (1)", [])?)
    });
    let after = store.reject(source("after"), "reason", NOW);
    drop(release);
    before.wait().unwrap();
    assert_eq!(failing.wait().unwrap_err().trouble(), Some(Trouble::Other));
    after.wait().unwrap();
    assert_eq!(store.sent_since(0).unwrap(), 0, "the failing command's first half is undone");
    assert_eq!(ground.view().books().unwrap().sources.len(), 2);
}

#[test]
fn when_the_commit_fails_nobody_is_acknowledged_and_later_commands_succeed() {
    let ground = Ground::new();
    let store = ground.owner();
    // a foreign key that is checked at the commit only, and broken
    store.checkpoint().wait().unwrap();
    let (job, armed) = crate::writer::job(|conn| {
        conn.execute_batch(
            "PRAGMA foreign_keys = ON;
             CREATE TABLE IF NOT EXISTS bad (x REFERENCES sources (id) DEFERRABLE INITIALLY DEFERRED);",
        )?;
        Ok(())
    });
    store.hand.send(crate::writer::Command::Alone(job));
    armed.wait().unwrap();
    let release = busy(&store);
    let innocent = store.reject(source("innocent"), "reason", NOW);
    let guilty = store.hand.write(|conn| Ok(conn.execute("INSERT INTO bad VALUES (12345)", [])?));
    drop(release);
    assert!(innocent.wait().is_err(), "its neighbour's commit failed");
    assert!(guilty.wait().is_err());
    assert_eq!(ground.view().books().unwrap().sources, [], "nothing was stored");
    store.reject(source("innocent"), "reason", NOW).wait().unwrap();
    assert_eq!(ground.view().books().unwrap().sources.len(), 1);
}

#[test]
fn a_full_disk_acknowledges_nothing_and_work_goes_on_when_there_is_space() {
    let ground = Ground::new();
    let store = ground.owner();
    let pages = |limit: i64| {
        store.hand.write(move |conn| Ok(conn.query_row(&format!("PRAGMA max_page_count = {limit}"), [], |_| Ok(()))?)).wait().unwrap();
    };
    pages(1);
    let mut intake = store.intake(source("big"), NOW);
    intake.push(super::report_with(0, &"x".repeat(300))).unwrap();
    let mut large = report(1);
    large.body = (0..60_000_u32).flat_map(|n| blake3::hash(&n.to_le_bytes()).as_bytes()[..2].to_vec()).collect();
    intake.push(large.clone()).unwrap();
    let full = intake.commit().wait().unwrap_err();
    assert_eq!(full.trouble(), Some(Trouble::Full), "{full}");
    assert_eq!(store.counts().unwrap().queued, 0);
    pages(1_000_000);
    commit(&store, source("big"), [report(0), large]);
    assert_eq!(store.counts().unwrap().queued, 2);
    super::no_problems(&ground);
}

#[test]
fn after_a_failed_commit_the_connection_is_a_new_one() {
    let ground = Ground::new();
    let store = ground.owner();
    store.hand.write(|conn| Ok(conn.execute_batch("CREATE TEMP TABLE mark (x)")?)).wait().unwrap();
    let marked = |store: &crate::Store| {
        store
            .hand
            .write(|conn| Ok(conn.query_row("SELECT count(*) FROM sqlite_temp_schema", [], |row| row.get::<_, i64>(0))?))
            .wait()
            .unwrap()
    };
    assert_eq!(marked(&store), 1);
    // a command that ends the transaction itself stands for SQLite giving it up
    let given_up = store.hand.write(|conn| {
        conn.execute_batch("ROLLBACK")?;
        Err::<(), _>(StoreError::from(rusqlite::Error::SqliteFailure(rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_IOERR_FSYNC), None)))
    });
    assert_eq!(given_up.wait().unwrap_err().trouble(), Some(Trouble::Io));
    assert_eq!(store.trouble(), None, "another try succeeds");
    assert_eq!(marked(&store), 0);
}

#[tokio::test]
async fn a_reply_can_be_awaited() {
    let ground = Ground::new();
    let store = ground.owner();
    assert!(store.reject(source("a"), "reason", NOW).await.is_ok());
}

#[test]
fn an_error_names_the_file() {
    let ground = Ground::new();
    let store = ground.owner();
    let error = store.hand.write(|conn| Ok(conn.execute("INSERT INTO nowhere VALUES (1)", [])?)).wait().unwrap_err();
    assert!(error.to_string().starts_with(&ground.path().display().to_string()), "{error}");
}

#[test]
fn every_commit_is_synced_and_written_ahead() {
    let ground = Ground::new();
    let store = ground.owner();
    for (pragma, expected) in
        [("synchronous", "3"), ("fullfsync", "1"), ("checkpoint_fullfsync", "1"), ("journal_mode", "wal"), ("auto_vacuum", "2")]
    {
        let sql = format!("SELECT CAST({pragma} AS TEXT) FROM pragma_{pragma}");
        let found = store.hand.write(move |conn| Ok(conn.query_row(&sql, [], |row| row.get::<_, String>(0))?)).wait().unwrap();
        assert_eq!(found, expected, "{pragma}");
    }
}

#[test]
fn what_a_failed_intake_had_staged_is_dropped_even_when_the_disk_is_full_at_first() {
    let ground = Ground::new();
    let store = ground.owner();
    let staged = || store.hand.write(|conn| Ok(conn.query_row("SELECT count(*) FROM staged", [], |row| row.get::<_, i64>(0))?)).wait();
    let intake = || {
        let mut intake = store.intake(source("big"), NOW);
        (0..300).for_each(|n| intake.push(report(n)).unwrap());
        intake
    };
    // a commit that fails with its group
    let whole = intake();
    assert_eq!(staged().unwrap(), 256);
    let release = busy(&store);
    let reply = whole.commit();
    let guilty = store.hand.write(|conn| Ok(conn.execute_batch("ROLLBACK")?));
    drop(release);
    assert!(guilty.wait().is_err() && reply.wait().is_err());
    store.reject(source("next"), "reason", NOW).wait().unwrap();
    assert_eq!(staged().unwrap(), 0);
    // a drop that the disk refuses
    let dropped = intake();
    let release = busy(&store);
    drop(dropped);
    let guilty = store.hand.write(|conn| Ok(conn.execute_batch("ROLLBACK")?));
    drop(release);
    assert!(guilty.wait().is_err());
    store.reject(source("last"), "reason", NOW).wait().unwrap();
    assert_eq!(staged().unwrap(), 0);
}

#[tokio::test]
async fn any_number_of_replies_can_be_waited_for_inside_a_task() {
    let ground = Ground::new();
    let store = ground.owner();
    (0..300).for_each(|_| assert!(!store.changed().wait().unwrap()));
}
