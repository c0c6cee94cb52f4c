use super::*;

fn switched(change: impl FnOnce(&mut Faults)) -> Faults {
    let mut faults = Faults::default();
    change(&mut faults);
    faults
}

#[test]
fn the_same_seed_gives_the_same_fates_and_another_seed_others() {
    let fates = |seed| {
        let faults = switched(|f| {
            f.rate_503 = 0.2;
            f.rate_reset_after = 0.2;
            f.seed = seed;
        });
        (0..200).map(|n| faults.fate(n)).collect::<Vec<_>>()
    };
    assert_eq!(fates(7), fates(7));
    assert_ne!(fates(7), fates(8));
}

#[test]
fn each_rate_is_met_over_many_reports() {
    let faults = switched(|f| {
        f.rate_503 = 0.10;
        f.rate_429 = 0.05;
        f.rate_reset_before = 0.06;
        f.rate_reset_after = 0.04;
        f.seed = 3;
    });
    let share = |wanted: Fate| (0..100_000).filter(|&n| faults.fate(n) == wanted).count() as f64 / 100_000.0;
    for (fate, rate) in [
        (Fate::Unavailable, 0.10),
        (Fate::TooMany { retry_after_s: 1 }, 0.05),
        (Fate::ResetBefore, 0.06),
        (Fate::ResetAfter, 0.04),
        (Fate::Served, 0.75),
    ] {
        assert!((share(fate) - rate).abs() < 0.005, "{fate:?}: {} instead of {rate}", share(fate));
    }
}

#[test]
fn no_rate_means_no_fault_and_a_rate_of_one_means_every_time() {
    assert!((0..1000).all(|n| Faults::default().fate(n) == Fate::Served));
    let always = switched(|f| f.rate_503 = 1.0);
    assert!((0..1000).all(|n| always.fate(n) == Fate::Unavailable));
}

#[test]
fn rates_that_are_no_shares_are_refused_by_name() {
    let texts = [
        (switched(|f| f.rate_503 = 1.5), "rate_503 is 1.5; give a share from 0 to 1"),
        (switched(|f| f.rate_429 = -0.1), "rate_429 is -0.1; give a share from 0 to 1"),
        (switched(|f| f.rate_reset_before = f64::NAN), "rate_reset_before is NaN; give a share from 0 to 1"),
    ];
    for (faults, text) in texts {
        assert_eq!(faults.check().unwrap_err().to_string(), text);
    }
    let too_much = switched(|f| {
        f.rate_503 = 0.75;
        f.rate_reset_after = 0.5;
    });
    assert!(too_much.check().unwrap_err().to_string().contains("add up to 1.25"));
}

#[test]
fn a_patch_changes_only_what_it_names() {
    let before = switched(|f| {
        f.rate_503 = 0.25;
        f.seed = 9;
    });
    let patch = serde_json::from_str(r#"{"latency_ms": 40}"#).unwrap();
    let after = before.patched(patch).unwrap();
    assert_eq!((after.latency_ms, after.rate_503, after.seed), (40, 0.25, 9));
    let unknown = serde_json::from_str(r#"{"latency": 40}"#).unwrap();
    assert!(before.patched(unknown).unwrap_err().to_string().contains("unknown field `latency`"));
}

#[test]
fn a_timed_outage_ends_by_itself_or_by_zero() {
    let start = Instant::now();
    let mut trouble = Trouble::default();
    trouble.outage(start, Duration::from_secs(3));
    assert!(trouble.is_out(start + Duration::from_millis(2999)));
    assert!(!trouble.is_out(start + Duration::from_secs(3)));
    trouble.outage(start, Duration::ZERO);
    assert!(!trouble.is_out(start));
}

#[test]
fn setting_the_switches_starts_the_sequence_again() {
    let faults = switched(|f| f.rate_503 = 0.5);
    let mut trouble = Trouble::default();
    trouble.set(faults.clone());
    let first: Vec<_> = (0..20).map(|_| trouble.next_fate()).collect();
    trouble.set(faults);
    let again: Vec<_> = (0..20).map(|_| trouble.next_fate()).collect();
    assert_eq!(first, again);
}
