//! The command line as a script meets it: exit codes, JSON, and words that help.

mod doctor;
mod exit_codes;
mod words;

use e2e::{Books, ID, Produced, Station, lineside, report, until};
use serde_json::Value;
use std::fs;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::process::Output;
use std::time::Duration;

const SOON: Duration = Duration::from_secs(20);

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("not JSON ({error}): {text}"))
}

/// A server on loopback that gives one answer to everything; its address.
fn answering(status: &str, headers: &str, body: &str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port on loopback");
    let url = format!("http://{}", listener.local_addr().expect("bound"));
    let length = body.len();
    let answer = format!("HTTP/1.1 {status}\r\nconnection: close\r\ncontent-length: {length}\r\n{headers}\r\n{body}");
    std::thread::spawn(move || {
        for mut stream in listener.incoming().filter_map(Result::ok) {
            // A caller that goes away early has got what it wanted.
            let _asked = stream.read(&mut [0; 4096]);
            let _told = stream.write_all(answer.as_bytes());
        }
    });
    url
}

#[test]
fn a_bad_config_stops_before_any_work_and_says_what_where_and_what_is_allowed() {
    let station = Station::new("wsjf");
    let config = station.instance().join("client_config.json");
    let text = fs::read_to_string(&config).expect("the config");
    let broken = text.replace("\"format\": \"wsjf\"", "\"format\": \"wsjx\"");
    assert_ne!(text, broken, "the config has no format to break: {text}");
    fs::write(&config, &broken).expect("our own file");
    let line = broken.lines().position(|line| line.contains("wsjx")).expect("the broken line") + 1;
    let output = station.run(&["run", ID]);
    assert_eq!(output.status.code(), Some(22));
    let said = said(&output);
    for word in ["client_config.json", "converters[0].format", &format!("line {line}"), "wsjx", "wstf"] {
        assert!(said.contains(word), "{word:?} is not in: {said}");
    }
    assert!(!station.instance().join("service.lock").exists(), "it had begun to work");
}

#[test]
fn an_unknown_instance_is_told_with_the_ones_there_are() {
    let station = Station::new("wsjf");
    let output = station.run(&["run", "nope"]);
    assert_eq!(output.status.code(), Some(21));
    assert!(said(&output).contains("nope") && said(&output).contains(ID), "{}", said(&output));
}

#[test]
fn a_second_worker_is_refused_naming_the_first_or_ends_quietly_if_asked() {
    let mut station = Station::new("wsjf");
    station.start();
    let output = station.run(&["run", ID]);
    assert_eq!(output.status.code(), Some(30));
    assert!(said(&output).contains(&station.pid().to_string()), "{}", said(&output));
    assert_eq!(station.run(&["run", ID, "--if-not-running"]).status.code(), Some(0));
}

#[test]
fn convert_prints_one_document_a_line_and_nothing_else() {
    let station = Station::new("wsjf");
    let path = station.home().join("two.jsonl");
    let (first, second) = (report("convert", 2), report("convert", 4));
    fs::write(&path, [first.bytes, b"\n".to_vec(), second.bytes].concat()).expect("the station's disk");
    let printed = station.does(&["convert", path.to_str().expect("plain"), "--json"]);
    let ids: Vec<Value> = printed.lines().map(|line| json(line)["id"].clone()).collect();
    assert_eq!(ids, [first.id, second.id].map(|id| Value::from(id.expect("even ones have an id").to_string())));
}

#[test]
fn convert_with_trace_says_where_each_value_stands() {
    let station = Station::new("wsjf");
    let path = station.home().join("one.json");
    let bytes = report("trace", 1).bytes;
    fs::write(&path, &bytes).expect("the station's disk");
    let printed = json(&station.does(&["convert", path.to_str().expect("plain"), "--json", "--trace"]));
    let span = &printed["trace"]["/sn"];
    let (start, end) = (span["start"].as_u64().expect("a start"), span["end"].as_u64().expect("an end"));
    let text =
        String::from_utf8(bytes[usize::try_from(start).expect("small")..usize::try_from(end).expect("small")].to_vec()).expect("UTF-8");
    assert!(text.contains("trace-000001"), "the place of the serial number holds {text:?}");
}

#[test]
fn a_file_sent_by_hand_goes_through_the_store_whether_a_worker_runs_or_not() {
    let mut station = Station::new("wsjf");
    let by_hand = |station: &Station, n: usize| -> Produced {
        let produced = report("hand", n);
        let path = station.home().join(format!("hand-{n}.json"));
        fs::write(&path, &produced.bytes).expect("the station's disk");
        station.does(&["submit", path.to_str().expect("plain")]);
        assert!(path.exists(), "a file sent by hand stays where it is");
        produced
    };
    let first = by_hand(&station, 1);
    assert!(Books::of(&station).owed.contains(&first.sn));
    station.start();
    until("the first arrives", SOON, || station.server().received().expect("books").len() == 1);
    let second = by_hand(&station, 2);
    Books::close(&station, &[first, second], SOON);
}

#[test]
fn a_refused_report_is_kept_with_the_servers_words_and_can_be_discarded() {
    let mut station = Station::new("wsjf");
    let mut produced = report("refused", 2);
    // Which processes there are only the server knows.
    produced.bytes =
        String::from_utf8(produced.bytes).expect("UTF-8").replace("\"processCode\":20", "\"processName\":\"No such process\"").into_bytes();
    station.drop_file("unit.json", &produced.bytes);
    station.start();
    until("it is refused", SOON, || station.status()["queue"]["error"] == 1);
    let rows = json(&station.does(&["queue", "list", "--json"]));
    assert!(rows[0]["reason"].as_str().is_some_and(|reason| reason.contains("No such process")), "{rows}");
    let ticket = rows[0]["ticket"].to_string();
    let shown = station.does(&["queue", "show", &ticket, "--json"]);
    assert_eq!(json(&shown)["body"]["sn"], produced.sn);
    Books::of(&station).balance(&[produced]);
    station.does(&["queue", "discard", &ticket]);
    until("it is out of the way", SOON, || station.status()["queue"]["error"] == 0);
}

#[test]
fn what_was_accepted_can_be_sent_again_under_the_same_id() {
    let mut station = Station::new("wsjf");
    station.start();
    let produced = report("again", 1);
    station.drop_file("unit.json", &produced.bytes);
    until("it arrives", SOON, || station.server().received().expect("books").len() == 1);
    until("it is settled", SOON, || Books::of(&station).owed.is_empty());
    let rows = json(&station.does(&["queue", "list", "--state", "completed", "--json"]));
    station.does(&["resend", &rows[0]["ticket"].to_string()]);
    until("it arrives again", SOON, || station.server().received().expect("books")[0].count == 2);
    Books::close(&station, &[produced], SOON);
}

#[test]
fn settings_are_read_and_changed_by_path_and_wrong_ones_are_refused() {
    let station = Station::new("wsjf");
    station.does(&["config", "set", "location", "Hall 4"]);
    assert_eq!(station.does(&["config", "get", "location"]).trim(), "Hall 4");
    let output = station.run(&["config", "set", "converters[0].priority", "11"]);
    assert_eq!(output.status.code(), Some(22), "{}", said(&output));
    assert!(said(&output).contains("converters[0].priority"), "{}", said(&output));
    assert_eq!(station.does(&["config", "get", "converters[0].priority"]).trim(), "5");
    assert!(json(&station.does(&["config", "schema"]))["properties"]["service_address"].is_object());
    station.does(&["config", "check", ID]);
}

#[test]
fn the_doctor_looks_at_ten_things_and_finds_nothing_on_a_good_station() {
    let station = Station::new("wsjf");
    let checks = json(&station.does(&["doctor", ID, "--json"]));
    let checks = checks["checks"].as_array().expect("a list of checks");
    assert!(checks.len() >= 10, "only {} checks", checks.len());
    assert!(checks.iter().all(|check| check["result"] == "ok"), "{checks:?}");
}

#[test]
fn each_way_to_fail_to_connect_has_its_own_words_and_code() {
    let station = Station::new("wsjf");
    let good = json(&station.does(&["test-connection", ID, "--json"]));
    assert_eq!(good["ok"], true, "{good}");
    station.does(&["config", "set", "service_address", "http://127.0.0.1:9"]);
    assert_eq!(station.run(&["test-connection", ID]).status.code(), Some(41));
    let url = station.server().url();
    station.does(&["config", "set", "service_address", &url]);
    let secret = station.instance().join("secret.json");
    let text = fs::read_to_string(&secret).expect("the secret");
    fs::write(&secret, text.replace(e2e::TOKEN, "d3Jvbmc=")).expect("our own file");
    let refused = station.run(&["test-connection", ID]);
    assert_eq!(refused.status.code(), Some(42));
    assert!(said(&refused).contains("token"), "{}", said(&refused));
}

#[test]
fn once_takes_what_is_there_sends_it_and_ends() {
    let station = Station::new("wsjf");
    let produced: Vec<Produced> = (0..5).map(|n| report("once", n)).collect();
    for (n, report) in produced.iter().enumerate() {
        station.drop_file(&format!("{n}.json"), &report.bytes);
    }
    station.does(&["run", ID, "--once"]);
    Books::of(&station).all_delivered(&produced);
}

#[test]
fn detect_and_formats_answer_in_json_and_usage_errors_are_two() {
    let station = Station::new("wsjf");
    let path = station.home().join("x.json");
    fs::write(&path, report("detect", 1).bytes).expect("the station's disk");
    let guesses = json(&station.does(&["detect", path.to_str().expect("plain"), "--json"]));
    assert_eq!(guesses["guesses"][0]["format"], "wsjf", "{guesses}");
    let formats = json(&station.does(&["formats", "--json"]));
    let names: Vec<&str> = formats.as_array().expect("a list").iter().filter_map(|format| format["name"].as_str()).collect();
    assert_eq!(names, ["wsjf", "wsxf", "wrml", "wstf"]);
    assert_eq!(lineside().arg("no-such-verb").output().expect("it starts").status.code(), Some(2));
    assert_eq!(station.run(&["stop", ID]).status.code(), Some(32));
}

#[test]
fn the_demo_balances_its_books() {
    let output = lineside().args(["demo", "--json", "--files", "60"]).output().expect("lineside can be started");
    assert!(output.status.success(), "{}", said(&output));
    let books = json(&String::from_utf8_lossy(&output.stdout));
    for key in ["files", "reports", "accepted", "rejected", "duplicates", "owed", "lost", "seconds"] {
        assert!(books[key].is_number(), "{key} is missing: {books}");
    }
    assert_eq!(
        (&books["lost"], &books["owed"], &books["rejected"], &books["duplicates"]),
        (&0.into(), &0.into(), &1.into(), &1.into()),
        "{books}"
    );
    assert_eq!(books["accepted"], books["reports"], "{books}");
}
