//! From nothing to the first accepted report, as somebody does it who has never seen the window.

use std::net::TcpListener;

use e2e::{Books, Desktop, ID, Station, TOKEN, Window, report, until, worker};

use crate::SOON;

/// An address at which nobody listens.
fn nobody() -> String {
    let taken = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a free port");
    format!("http://{taken}")
}

/// Files the app has written for instances so far.
fn written(station: &Station) -> usize {
    e2e::all_files(&station.home().join("instances")).len()
}

fn folder(station: &Station) -> String {
    station.folder().display().to_string()
}

/// The wizard's way to where the server is asked for.
fn to_the_server(window: &Window<'_>) {
    window.sees("Welcome to Lineside");
    window.fill("Name", "ICT line 3");
    window.fill("Short name", ID);
    window.click("Next");
    window.sees("Where do the reports go?");
}

#[test]
fn the_wizard_tells_every_mistake_from_the_others_writes_nothing_before_finish_and_ends_at_a_green_instance() {
    let (desktop, station) = (Desktop::new(), Station::bare());
    let panel = desktop.panel();
    let window = Window::open(&desktop, &station);
    window.sees("Welcome to Lineside");
    window.fill("Name", "ICT line 3");
    assert_eq!(window.value("Short name").as_deref(), Some("ict-line-3"), "the short name follows the name");
    window.fill("Short name", "ICT 1");
    window.sees("Only small letters a–z, digits, - and _ are allowed.");
    assert!(!window.offers("Next"), "a bad name leads nowhere");
    to_the_server(&window);

    let server = station.server().url();
    let tls = server.replace("http://", "https://");
    let tried = |address: &str, token: &str, answer: &str| {
        window.fill("Address of the WATS server", address);
        window.fill("Token", token);
        window.click("Test the connection");
        window.sees(answer);
    };
    for (address, token, answer) in [
        (nobody().as_str(), TOKEN, "The server cannot be reached"),
        (&server, "bm90IHRoaXM=", "The server refuses the token"),
        (&tls, TOKEN, "No trusted connection"),
    ] {
        tried(address, token, answer);
        assert!(!window.offers("Next"), "on after {answer:?}");
    }
    tried(&server, TOKEN, "Connected");
    window.click("Next");
    window.sees("Where does it stand?");
    window.fill("Name of the station", "ICT-07");
    window.click("Next");
    window.fill("Folder to watch", &folder(&station));
    window.sees("Empty so far");
    window.click("Next");
    window.sees("client_config.json");
    assert_eq!(written(&station), 0, "something was written before Finish");

    window.click("Finish");
    until("the worker runs", SOON, || worker(&station).is_some());
    window.sees("Idle");
    window.sees(&format!("PID {}", worker(&station).expect("it runs")));
    until("the tray says so too", SOON, || panel.tooltip() == "1 of 1 running · 0 queued · 0 failed");
    let unit = report("first", 1);
    station.drop_file("unit.json", &unit.bytes);
    window.sees("Sent today 1");
    Books::close(&station, &[unit], SOON);
}
