//! What the tray app asks of the program, as the real program answers: JSON on one line, and an error that is JSON too.

use e2e::{ID, Station, TOKEN, lineside, report};
use serde_json::{Value, json};
use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Output, Stdio};

/// Runs a verb with something on standard input.
fn told(home: &Path, args: &[&str], input: &str) -> Output {
    let mut command = lineside();
    command.env("LINESIDE_HOME", home).args(args);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("lineside can be started");
    // A verb that reads nothing has ended before all is written.
    let _unread = child.stdin.take().expect("piped").write_all(input.as_bytes());
    child.wait_with_output().expect("our own child")
}

/// The one line of JSON a verb has printed.
fn answer(output: &Output) -> Value {
    let text = String::from_utf8_lossy(&output.stdout);
    assert_eq!(text.lines().count(), 1, "not one line: {text} {}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("not JSON ({error}): {text}"))
}

#[test]
fn a_preview_needs_no_instance_and_links_every_value_to_its_place() {
    let home = tempfile::tempdir().expect("a temporary folder");
    let file = home.path().join("unit.json");
    let produced = report("preview", 1);
    fs::write(&file, &produced.bytes).expect("our own folder");
    let preview = answer(&told(home.path(), &["preview", file.to_str().expect("plain"), "--json"], ""));
    assert_eq!(preview["guesses"][0]["format"], "wsjf");
    assert_eq!((&preview["source"]["encoding"], &preview["source"]["first_line"]), (&json!("UTF-8"), &json!(1)));
    let shown = &preview["reports"][0];
    assert_eq!((&shown["report"]["sn"], &preview["failure"]), (&json!(produced.sn), &Value::Null));
    let span = &shown["trace"]["/root/steps/0/numericMeas/0/value"];
    let (start, end) = (span["start"].as_u64().expect("a start"), span["end"].as_u64().expect("an end"));
    let text = preview["source"]["text"].as_str().expect("a text");
    assert_eq!(&text[usize::try_from(start).expect("small")..usize::try_from(end).expect("small")], "10.5");
}

#[test]
fn a_preview_names_the_place_of_what_is_wrong_and_follows_the_options() {
    let home = tempfile::tempdir().expect("a temporary folder");
    let file = home.path().join("unit.json");
    let mut document: Value = serde_json::from_slice(&report("wrong", 1).bytes).expect("JSON");
    document.as_object_mut().expect("an object").remove("processCode");
    fs::write(&file, format!("{document:#}")).expect("our own folder");
    let path = file.to_str().expect("plain");
    let options = |text: &str| told(home.path(), &["preview", path, "--format", "wsjf", "--options-json", "-", "--json"], text);
    let without = options("{}");
    assert_eq!(without.status.code(), Some(1));
    assert!(answer(&without)["failure"]["message"].as_str().expect("a reason").contains("process"));
    let with = answer(&options(r#"{"default_process_code": 77}"#));
    assert_eq!(with["reports"][0]["report"]["processCode"], 77);
    let wrong = answer(&options(r#"{"no_such_option": 1}"#));
    assert!(wrong["failure"]["message"].as_str().expect("a reason").contains("no_such_option"));
    document["sn"] = json!({});
    fs::write(&file, format!("{document:#}")).expect("our own folder");
    let line = format!("{document:#}").lines().position(|line| line.contains("\"sn\"")).expect("it is there") + 1;
    assert_eq!(answer(&options(r#"{"default_process_code": 77}"#))["failure"]["at"]["line"], line);
}

#[test]
fn what_cannot_be_answered_is_an_error_in_json_with_the_exit_code_of_the_table() {
    let home = tempfile::tempdir().expect("a temporary folder");
    for (args, code, word) in [
        (&["preview", "nowhere.json", "--json"][..], 21, "not_found"),
        (&["status", "nobody", "--json"], 21, "not_found"),
        (&["preview", "nowhere.json", "--format", "wsjx", "--json"], 2, "usage"),
        (&["test-connection", "--stdin", "--json"], 2, "usage"),
    ] {
        let output = told(home.path(), args, "{");
        assert_eq!(output.status.code(), Some(code), "{args:?}");
        let error = &answer(&output)["error"];
        assert_eq!(error["code"], word, "{args:?}");
        assert!(!error["message"].as_str().expect("a message").is_empty() && error.get("hint").is_some(), "{args:?}: {error}");
    }
}

#[test]
fn settings_are_checked_before_they_are_saved_each_problem_with_its_pointer() {
    let station = Station::new("wsjf");
    let before = fs::read(station.instance().join("client_config.json")).expect("the settings");
    let mut settings: Value = serde_json::from_slice(&before).expect("JSON");
    let good = told(station.home(), &["config", "check", ID, "--stdin", "--json"], &settings.to_string());
    assert_eq!((good.status.code(), answer(&good)), (Some(0), json!([])));
    settings["converters"][0]["options"] = json!({"default_process_code": "ten"});
    settings["converters"][0]["watch_folder"] = json!("here");
    settings["service_address"] = json!("acme");
    let wrong = told(station.home(), &["config", "check", ID, "--stdin", "--json"], &settings.to_string());
    assert_eq!(wrong.status.code(), Some(22));
    let problems = answer(&wrong);
    let pointers: Vec<&str> = problems.as_array().expect("a list").iter().filter_map(|problem| problem["pointer"].as_str()).collect();
    assert_eq!(pointers, ["/service_address", "/converters/0/watch_folder", "/converters/0/options/default_process_code"]);
    assert_eq!(fs::read(station.instance().join("client_config.json")).expect("the settings"), before, "it was saved");
}

#[test]
fn a_form_tells_a_good_connection_a_wrong_address_a_refused_token_and_tls_apart() {
    let station = Station::new("wsjf");
    let url = station.server().url();
    let tested = |form: Value| told(station.home(), &["test-connection", "--stdin", "--json"], &form.to_string());
    let straight = json!({"mode": "none"});
    let good = tested(
        json!({"service_address": url, "token": TOKEN, "instance": null, "proxy": straight, "ca_file": null, "connect_timeout_s": 5}),
    );
    let connection = answer(&good);
    assert_eq!((good.status.code(), &connection["ok"], &connection["cause"]), (Some(0), &json!(true), &Value::Null));
    assert!(connection["processes"].as_array().is_some_and(|list| list.iter().all(|one| one["code"].is_i64() && one["name"].is_string())));
    assert!(!connection["processes"].as_array().expect("a list").is_empty());
    let table = [
        (json!({"service_address": "http://127.0.0.1:9", "token": TOKEN, "proxy": straight}), "unreachable", 41),
        (json!({"service_address": url.clone() + "/nowhere", "token": TOKEN, "proxy": straight}), "address", 40),
        (json!({"service_address": "acme", "token": TOKEN, "proxy": straight}), "address", 40),
        (json!({"service_address": url, "token": "d3Jvbmc=", "proxy": straight}), "token", 42),
        (json!({"service_address": url.replace("http:", "https:"), "token": TOKEN, "proxy": straight}), "tls", 40),
        (json!({"service_address": url, "token": TOKEN, "proxy": {"mode": "manual", "host": "127.0.0.1", "port": 9}}), "unreachable", 41),
    ];
    for (form, cause, code) in table {
        let output = tested(form.clone());
        let connection = answer(&output);
        assert_eq!((&connection["cause"], output.status.code()), (&json!(cause), Some(code)), "{form}: {connection}");
        assert!(!connection.to_string().contains(TOKEN), "the token is printed");
    }
}

#[test]
fn a_form_without_a_token_uses_that_of_the_instance_it_names() {
    let station = Station::new("wsjf");
    let form = json!({"instance": ID, "service_address": station.server().url(), "token": null, "proxy": null});
    let output = told(station.home(), &["test-connection", "--stdin", "--json"], &form.to_string());
    assert_eq!(answer(&output)["ok"], true);
    let nobody = json!({"instance": null, "service_address": station.server().url(), "token": null, "proxy": null});
    let output = told(station.home(), &["test-connection", "--stdin", "--json"], &nobody.to_string());
    assert_eq!(answer(&output)["cause"], "token");
    let elsewhere = json!({"instance": ID, "service_address": "http://127.0.0.1:9", "token": null, "proxy": null});
    let output = told(station.home(), &["test-connection", "--stdin", "--json"], &elsewhere.to_string());
    assert_eq!(output.status.code(), Some(42), "the token of one server goes to another");
}

#[test]
fn formats_are_told_as_a_form_needs_them() {
    let home = tempfile::tempdir().expect("a temporary folder");
    let formats = answer(&told(home.path(), &["formats", "--json"], ""));
    for format in formats.as_array().expect("a list") {
        let has = |key: &str| format.get(key).is_some_and(|value| !value.is_null());
        assert!(["name", "title", "extensions", "summary", "options_schema", "binary"].iter().all(|key| has(key)), "{format}");
    }
}
