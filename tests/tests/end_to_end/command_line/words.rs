//! What is printed where: data for machines, words for people, nothing for nobody.

use super::{json, said};
use e2e::{ID, Station, lineside, report, until};
use serde_json::Value;
use std::fs;
use std::process::{Command, Stdio};
use std::time::Duration;

#[test]
fn what_changes_something_answers_in_json_too() {
    let mut station = Station::new("wsjf");
    let file = station.home().join("unit.json");
    fs::write(&file, report("json", 1).bytes).expect("the station's disk");
    let file = file.to_str().expect("plain");
    let asks = |station: &Station, args: &[&str]| json(&station.does(&[args, &["--json"]].concat()));
    assert_eq!(asks(&station, &["init", "fct", "--server", "http://127.0.0.1:9"])["id"], "fct");
    assert_eq!(asks(&station, &["-i", ID, "submit", file])["state"], "queued");
    assert_eq!(asks(&station, &["-i", ID, "submit", file])["state"], "known");
    assert_eq!(asks(&station, &["-i", ID, "queue", "discard", "1"])["reports"], 1);
    assert_eq!(asks(&station, &["-i", ID, "queue", "retry", "1"])["reports"], 1);
    let exported = station.home().join("exported");
    assert_eq!(asks(&station, &["-i", ID, "queue", "export", exported.to_str().expect("plain"), "--all"])["reports"], 1);
    assert_eq!(asks(&station, &["-i", ID, "config", "set", "location", "Hall 4"])["value"], "Hall 4");
    assert_eq!(asks(&station, &["config", "check", ID])["valid"], true);
    station.start();
    assert_eq!(asks(&station, &["rescan", ID])["asked"], true);
    let restarted = asks(&station, &["restart", ID]);
    assert!(restarted["pid"].is_u64() && restarted["state"].is_string(), "{restarted}");
    assert_eq!(asks(&station, &["stop", ID])["stopped"], true);
    let listed = asks(&station, &["list"]);
    assert_eq!(listed.as_array().map(Vec::len), Some(2), "{listed}");
}

#[test]
fn all_workers_are_stopped_at_once_and_one_that_hangs_keeps_none_of_the_others_running() {
    let mut station = Station::new("wsjf");
    station.does(&["init", "fct", "--server", "http://127.0.0.1:9"]);
    assert!(said(&station.run(&["stop", "--all"])).contains("no worker is running"));
    assert_eq!(station.run(&["stop", "--all", ID]).status.code(), Some(2), "one or all");
    assert_eq!(station.run(&["-i", ID, "stop", "--all"]).status.code(), Some(2), "one or all");
    station.start();
    station.does(&["start", "fct"]);
    station.signal("STOP");
    let output = station.run(&["stop", "--all", "--timeout", "5", "--json"]);
    assert_eq!(output.status.code(), Some(33), "{}", said(&output));
    let answers = json(&String::from_utf8_lossy(&output.stdout));
    assert!(answers[0]["instance"] == "fct" && answers[0]["stopped"] == true, "{answers}");
    assert!(answers[1]["instance"] == ID && answers[1]["error"]["code"] == "timeout", "{answers}");
    assert_eq!(json(&station.does(&["stop", "--all", "--force", "--timeout", "0", "--json"]))[0]["forced"], true);
    assert_eq!(station.does(&["stop", "--all", "--json"]), "[]\n");
}

#[test]
fn a_bad_config_is_told_to_a_script_field_by_field() {
    let station = Station::new("wsjf");
    let config = station.instance().join("client_config.json");
    let text = fs::read_to_string(&config).expect("the config");
    fs::write(&config, text.replace("\"wsjf\"", "\"wsjx\"")).expect("our own file");
    let output = station.run(&["config", "check", ID, "--json"]);
    let told = json(&String::from_utf8_lossy(&output.stdout));
    assert_eq!(told["valid"], false);
    assert_eq!(told["problems"][0]["path"], "converters[0].format", "{told}");
    assert!(told["problems"][0]["line"].is_u64(), "{told}");
}

#[test]
fn a_bad_file_does_not_keep_the_next_from_being_converted() {
    let station = Station::new("wsjf");
    let good = station.home().join("good.json");
    fs::write(&good, report("next", 1).bytes).expect("the station's disk");
    let good = good.to_str().expect("plain");
    let folder = station.home().to_str().expect("plain");
    for verb in ["convert", "detect", "submit"] {
        let output = station.run(&[verb, "no-such-file", folder, good, "--json"]);
        assert_eq!(output.status.code(), Some(1), "{}", said(&output));
        // a form that sends files wants to know of each of them
        let answered = if verb == "submit" { 3 } else { 1 };
        assert_eq!(String::from_utf8_lossy(&output.stdout).lines().count(), answered, "{verb}");
        for words in ["no-such-file: there is no such file", "is a folder"] {
            assert!(said(&output).contains(words), "{verb}: {}", said(&output));
        }
    }
}

#[test]
fn a_reader_that_goes_away_is_no_fault_and_a_full_disk_is_one() {
    let station = Station::new("wsjf");
    let shell = |line: &str| {
        let program = lineside().get_program().to_owned();
        Command::new("bash").args(["-c", line]).env("L", program).env("LINESIDE_HOME", station.home()).output().expect("bash")
    };
    for verb in ["config schema", "formats", "completions bash", "man"] {
        let output = shell(&format!("set -o pipefail; \"$L\" {verb} | head -1"));
        assert!(output.status.success(), "{verb}: {}", said(&output));
        assert_eq!(said(&output), "", "{verb}");
    }
    let output = shell("\"$L\" config schema > /dev/full");
    assert_eq!(output.status.code(), Some(1));
    assert!(said(&output).contains("cannot be written"), "{}", said(&output));
}

#[test]
fn colours_are_for_terminals_and_for_who_asks() {
    let station = Station::new("wsjf");
    let coloured = |args: &[&str], no_color: bool| {
        let mut command = lineside();
        command.env("LINESIDE_HOME", station.home()).args(args).stdin(Stdio::null());
        if no_color {
            command.env("NO_COLOR", "1");
        }
        command.output().expect("lineside can be started").stdout.contains(&0x1b)
    };
    assert!(!coloured(&["list"], false));
    assert!(coloured(&["list", "--color", "always"], false));
    assert!(!coloured(&["list", "--color", "never"], true));
}

#[test]
fn settings_that_were_broken_meanwhile_do_not_keep_a_worker_from_being_stopped() {
    let mut station = Station::new("wsjf");
    station.start();
    fs::write(station.instance().join("client_config.json"), "{").expect("our own file");
    assert_eq!(station.run(&["restart", ID]).status.code(), Some(22));
    station.does(&["stop", ID]);
}

#[test]
fn a_worker_started_in_the_background_says_how_it_is_and_outlives_the_command() {
    let station = Station::new("wsjf");
    let started = json(&station.does(&["start", ID, "--json"]));
    assert!(["ok", "idle", "busy"].contains(&started["state"].as_str().unwrap_or_default()), "{started}");
    assert_eq!(station.status()["pid"], started["pid"]);
    let told = station.does(&["status", ID]);
    assert!(told.contains("server    ok") && told.contains("rule"), "{told}");
    station.does(&["stop", ID]);
    assert!(!station.instance().join("service.lock").exists());
}

#[test]
fn a_new_token_is_taken_from_standard_input_and_used_at_once() {
    let mut station = Station::new("wsjf");
    let secret = station.instance().join("secret.json");
    fs::remove_file(&secret).expect("our own file");
    station.start();
    let produced = report("token", 1);
    station.drop_file("unit.json", &produced.bytes);
    until("the server refuses us", Duration::from_secs(20), || station.status()["server"]["status"] == "error");
    let file = station.home().join("new-token");
    fs::write(&file, e2e::TOKEN).expect("our own file");
    let answer = station.does(&["config", "token", file.to_str().expect("plain"), "--json"]);
    assert!(!answer.contains(e2e::TOKEN), "{answer}");
    until("the report arrives", Duration::from_secs(30), || station.server().received().expect("books").len() == 1);
}

#[test]
fn values_for_the_settings_may_lie_in_a_file_beside_them() {
    let station = Station::new("wsjf");
    station.does(&["config", "set", "location", "${LINE}, ${HALL:-Hall 9}"]);
    fs::write(station.instance().join(".env"), "# where we are\nLINE=\"Line 2\"\n").expect("our own file");
    let file = station.home().join("unit.json");
    let text = String::from_utf8(report("place", 1).bytes).expect("UTF-8").replace("\"location\":\"Hall 3\",", "");
    fs::write(&file, text).expect("the station's disk");
    let printed: Value = json(&station.does(&["convert", file.to_str().expect("plain"), "--json"]));
    assert_eq!(printed["location"], "Line 2, Hall 9");
}
