use super::*;
use crate::Scope;

fn layout() -> (tempfile::TempDir, Layout) {
    let dir = tempfile::tempdir().unwrap();
    let layout = Layout::at(dir.path(), Scope::User);
    (dir, layout)
}

fn at(milliseconds: i64) -> Timestamp {
    Timestamp::from_millisecond(milliseconds).unwrap()
}

#[test]
fn requests_are_taken_oldest_first_and_once() {
    let (_dir, layout) = layout();
    let asks = [
        (at(1_700_000_003_000), Ask::Resume),
        (at(1_700_000_001_000), Ask::Pause),
        (at(1_700_000_002_000), Ask::Retry(Which::Ids(vec![3, 9_007_199_254_740_993]))),
        (at(1_700_000_004_000), Ask::Stop { reason: "update".into(), deadline_s: Some(5), pid: Some(7) }),
        (at(1_700_000_004_000), Ask::Rescan),
    ];
    for (now, ask) in &asks {
        assert!(post(&layout, ask, *now).unwrap().exists());
    }
    let taken: Vec<Ask> = take(&layout).unwrap().into_iter().map(|taken| taken.ask.unwrap()).collect();
    assert_eq!(taken, [1, 2, 0, 3, 4].map(|index: usize| asks[index].1.clone()));
    assert_eq!(take(&layout).unwrap(), []);
    assert_eq!(fs::read_dir(layout.requests()).unwrap().count(), 0);
}

#[test]
fn every_request_is_plain_json_that_a_script_can_write() {
    for (ask, text) in [
        (Ask::Pause, r#""pause""#),
        (Ask::Retry(Which::All), r#"{"retry":"all"}"#),
        (Ask::Discard(Which::Ids(vec![1, 2])), r#"{"discard":{"ids":[1,2]}}"#),
        (Ask::Resend(Which::Ids(vec![1])), r#"{"resend":{"ids":[1]}}"#),
        (Ask::Stop { reason: String::new(), deadline_s: None, pid: None }, r#"{"stop":{"reason":""}}"#),
    ] {
        assert_eq!(serde_json::to_string(&ask).unwrap(), text);
        assert_eq!(serde_json::from_str::<Ask>(text).unwrap(), ask);
    }
    assert_eq!(serde_json::from_str::<Ask>(r#"{"stop":{}}"#).unwrap(), Ask::Stop { reason: String::new(), deadline_s: None, pid: None });
}

#[test]
fn one_that_is_not_understood_is_set_aside_with_its_reason_and_the_others_go_on() {
    let (_dir, layout) = layout();
    fs::create_dir_all(layout.requests()).unwrap();
    fs::write(layout.requests().join("20200101-a.json"), r#"{"dance": 1}"#).unwrap();
    fs::write(layout.requests().join("20200102-b.json"), "").unwrap();
    post(&layout, &Ask::Pause, at(1_700_000_000_000)).unwrap();
    let taken = take(&layout).unwrap();
    assert!(taken[0].ask.as_ref().unwrap_err().contains("dance"));
    assert_eq!(taken[0].path, layout.requests().join("20200101-a.json.bad"));
    assert!(taken[0].path.exists());
    assert!(fs::read_to_string(layout.requests().join("20200101-a.json.bad.txt")).unwrap().contains("dance"));
    assert!(taken[1].ask.is_err());
    assert_eq!(taken[2].ask, Ok(Ask::Pause));
    assert_eq!(take(&layout).unwrap(), []);
}

#[test]
fn a_request_still_being_written_is_not_seen() {
    let (_dir, layout) = layout();
    assert_eq!(take(&layout).unwrap(), []);
    fs::create_dir_all(layout.requests()).unwrap();
    fs::write(layout.requests().join(".x.json.1-0.tmp"), "\"pau").unwrap();
    fs::write(layout.requests().join(".hidden.json"), "\"pau").unwrap();
    assert_eq!(take(&layout).unwrap(), []);
    assert_eq!(fs::read_dir(layout.requests()).unwrap().count(), 2);
}

#[test]
fn no_request_is_lost_or_taken_twice_while_others_post() {
    let (_dir, layout) = layout();
    let mut ids = std::thread::scope(|scope| {
        let posters: Vec<_> = (0..4)
            .map(|poster| {
                let layout = &layout;
                scope.spawn(move || {
                    for i in 0..25 {
                        post(layout, &Ask::Retry(Which::Ids(vec![poster * 100 + i])), at(1_700_000_000_000)).unwrap();
                    }
                })
            })
            .collect();
        let mut ids = Vec::new();
        let mut collect = || {
            for taken in take(&layout).unwrap() {
                let Ok(Ask::Retry(Which::Ids(more))) = taken.ask else { panic!("{taken:?}") };
                ids.extend(more);
            }
        };
        while posters.iter().any(|poster| !poster.is_finished()) {
            collect();
        }
        collect();
        ids
    });
    ids.sort_unstable();
    let expected: Vec<i64> = (0..4).flat_map(|poster| (0..25).map(move |i| poster * 100 + i)).collect();
    assert_eq!(ids, expected);
}
