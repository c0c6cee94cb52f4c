//! Reports that the server refused: found, tried again once that is mended, given up where it is not, and brought back.

use e2e::proxy::{Proxy, Way, answer};
use e2e::{Books, Desktop, Key, Station, Window, report, until};

use crate::SOON;

#[test]
fn refused_reports_are_tried_again_together_and_one_is_given_up_only_when_that_is_confirmed_and_brought_back() {
    let (desktop, station) = (Desktop::new(), Station::new("wsjf"));
    let proxy = Proxy::before(&station);
    let refused = |why: &str| answer("400 Bad Request", "Content-Type: text/plain\r\n", why);
    proxy.plan(move |asked| if asked.is_report() { refused("process 20 is not known here") } else { Way::Through });
    let units: Vec<_> = (0..4).map(|n| report("retry", n)).collect();
    units.iter().for_each(|unit| station.drop_file(&format!("{}.json", unit.sn), &unit.bytes));
    let window = Window::open(&desktop, &station);
    window.click("Start");
    until("all are refused", SOON, || station.status()["queue"]["error"] == 4);
    window.click("Queue");
    window.sees("Refused 4");
    window.sees("process 20 is not known here");

    let stubborn = units[3].sn.clone();
    proxy.plan(move |asked| if asked.is_report() && asked.sn() == stubborn { refused("this part is blocked") } else { Way::Through });
    window.click(&format!("Refused {}", units[0].sn));
    window.press(&[Key::Control, Key::Letter('a')]);
    window.sees("4 selected");
    window.click("Try again (4)");
    window.sees("4 reports are tried again");
    until("three arrive", SOON, || station.server().reports().expect("books") == 3);
    window.sees("Refused 1");
    window.sees("this part is blocked");

    window.click(&format!("Refused {}", units[3].sn));
    window.click("Discard…");
    window.sees("Discard 1 report?");
    window.click("Cancel");
    assert!(window.shows("Refused 1"), "no is no");
    window.click("Discard…");
    window.click("Discard");
    window.sees("1 report is discarded");
    window.sees("Nothing is stuck");

    // Also without a worker: what is asked for waits for its next start.
    window.click("Stop");
    window.sees("Stopped");
    proxy.plan(|_| Way::Through);
    window.click("Discarded");
    window.click(&format!("Discarded {}", units[3].sn));
    window.click("Try again");
    window.click("Start");
    Books::close(&station, &units, SOON);
}
