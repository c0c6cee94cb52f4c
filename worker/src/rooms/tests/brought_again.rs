//! Files brought again whose reports the server or a person would not have.

use super::*;
use store::Select;

#[tokio::test]
async fn a_refused_or_discarded_report_whose_file_is_brought_again_is_owed_again() {
    for discard in [false, true] {
        for name in ["a.json", "renamed.json"] {
            let mut bench = Bench::new(|_| {});
            assert_eq!(bench.drop_reports("a.json", &[0, 1]).await, Fate::Gone);
            let leased = bench.store.lease(2, 0).wait().unwrap();
            let attempt = || Attempt { at: 0, latency_ms: 1, status: Some(400), message: String::new() };
            bench.store.settle(leased[0].ticket, attempt(), Settlement::Accepted { receipt: String::new() }).wait().unwrap();
            bench.store.settle(leased[1].ticket, attempt(), Settlement::Refused { reason: "no such process".into() }).wait().unwrap();
            if discard {
                bench.store.discard(Select::All, 0).wait().unwrap();
            }
            assert_eq!(bench.drop_reports(name, &[0, 1]).await, Fate::Gone);
            assert_eq!(bench.outcomes(), [SourceOutcome::Converted; 2], "{discard} {name}");
            assert_eq!(bench.deliver_all().await, 1, "what was delivered is not sent again: {discard} {name}");
            assert_eq!(bench.drop_reports("third.json", &[0, 1]).await, Fate::Gone);
            assert_eq!(bench.outcomes()[2], SourceOutcome::Duplicate, "{discard} {name}");
        }
    }
}
