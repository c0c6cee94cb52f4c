//! The exit codes scripts rely on, each brought about once at least.

use super::{answering, json, said};
use e2e::{ID, Station, TOKEN, lineside, until};
use std::fs;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

const SOON: Duration = Duration::from_secs(20);

/// What must be so before the command is typed.
type Before = fn(&mut Station);

fn nothing(_: &mut Station) {}

fn runs(station: &mut Station) {
    station.start();
}

/// A worker that does not answer: its process is stopped, not ended.
fn hangs(station: &mut Station) {
    station.start();
    signal("STOP", station.pid());
}

fn hangs_and_its_lock_is_garbage(station: &mut Station) {
    hangs(station);
    fs::write(station.instance().join("service.lock"), "garbage").expect("our own file");
}

fn sees_no_server(station: &mut Station) {
    station.does(&["config", "set", "service_address", "http://127.0.0.1:9"]);
}

fn sees_another_server(station: &mut Station) {
    let url = answering("200 OK", "", "hello");
    station.does(&["config", "set", "service_address", &url]);
}

fn has_a_wrong_token(station: &mut Station) {
    let secret = station.instance().join("secret.json");
    let text = fs::read_to_string(&secret).expect("the secret");
    fs::write(&secret, text.replace(TOKEN, "d3Jvbmc=")).expect("our own file");
}

fn has_a_secret_others_can_read(station: &mut Station) {
    let secret = station.instance().join("secret.json");
    assert!(Command::new("chmod").arg("644").arg(secret).status().expect("chmod").success());
}

fn has_broken_settings(station: &mut Station) {
    fs::write(station.instance().join("client_config.json"), "{").expect("our own file");
}

fn has_no_folder(station: &mut Station) {
    fs::remove_dir_all(station.folder()).expect("our own folder");
}

fn has_a_sister(station: &mut Station) {
    station.does(&["init", "fct", "--server", "http://127.0.0.1:9"]);
}

fn signal(name: &str, pid: u32) {
    let kill = Command::new("sh").args(["-c", &format!("kill -{name} {pid}")]).status().expect("a shell");
    assert!(kill.success(), "kill -{name} {pid}");
}

#[test]
fn every_exit_code_means_what_the_table_says() {
    let table: &[(i32, Before, &[&str])] = &[
        (0, nothing, &["list"]),
        (0, runs, &["status", ID]),
        (0, runs, &["run", ID, "--if-not-running"]),
        (0, runs, &["stop", ID]),
        (1, has_no_folder, &["doctor", ID]),
        (1, nothing, &["convert", "."]),
        (2, nothing, &[]),
        (2, nothing, &["queue"]),
        (2, nothing, &["no-such-verb"]),
        (2, nothing, &["queue", "retry"]),
        (2, nothing, &["queue", "list", "--state", "lost"]),
        (2, nothing, &["logs", "--level", "loud"]),
        (2, nothing, &["convert", "x", "--format", "no-such-format"]),
        (2, nothing, &["init", "Big", "--server", "http://127.0.0.1:9"]),
        (2, has_a_sister, &["status"]),
        (14, has_a_secret_others_can_read, &["test-connection", ID]),
        (14, has_a_secret_others_can_read, &["run", ID]),
        (20, nothing, &["init", ID, "--server", "http://127.0.0.1:9"]),
        (21, nothing, &["run", "nope"]),
        (21, nothing, &["--home", "no-such-home", "status"]),
        (21, nothing, &["convert", "no-such-file"]),
        (21, nothing, &["detect", "no-such-file"]),
        (21, nothing, &["submit", "no-such-file"]),
        (21, nothing, &["queue", "show", "99"]),
        (21, nothing, &["queue", "discard", "99"]),
        (21, nothing, &["config", "get", "no_such_setting"]),
        (22, has_broken_settings, &["run", ID]),
        (22, has_broken_settings, &["start", ID]),
        (22, has_broken_settings, &["config", "check", ID]),
        (22, nothing, &["config", "set", "service_address", "no address"]),
        (30, runs, &["run", ID]),
        (30, runs, &["start", ID]),
        (31, hangs_and_its_lock_is_garbage, &["stop", ID, "--force", "--timeout", "0"]),
        (32, nothing, &["stop", ID]),
        (32, nothing, &["status", ID]),
        (32, nothing, &["rescan", ID]),
        (33, hangs, &["stop", ID, "--timeout", "0"]),
        (0, hangs, &["stop", ID, "--force", "--timeout", "0"]),
        (40, sees_another_server, &["test-connection", ID]),
        (41, sees_no_server, &["test-connection", ID]),
        (42, has_a_wrong_token, &["test-connection", ID]),
    ];
    for (code, before, args) in table {
        let mut station = Station::new("wsjf");
        before(&mut station);
        let output = station.run(args);
        assert_eq!(output.status.code(), Some(*code), "lineside {}: {}", args.join(" "), said(&output));
        assert!(*code == 0 || !output.stderr.is_empty() || !output.stdout.is_empty(), "lineside {} says nothing", args.join(" "));
    }
}

/// Starts a command and gives its first line.
fn begun(mut command: Command, on_stderr: Option<&str>) -> (Child, String) {
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("lineside can be started");
    let mut lines: Box<dyn BufRead + Send> = match on_stderr {
        None => Box::new(BufReader::new(child.stdout.take().expect("piped"))),
        Some(_) => Box::new(BufReader::new(child.stderr.take().expect("piped"))),
    };
    let mut line = String::new();
    while line.is_empty() || on_stderr.is_some_and(|word| !line.contains(word)) {
        line.clear();
        assert!(lines.read_line(&mut line).expect("its words") > 0, "it ended before it said {on_stderr:?}");
    }
    // Read on, so that it never waits for us.
    std::thread::spawn(move || std::io::copy(&mut lines, &mut std::io::sink()));
    (child, line)
}

fn interrupted(mut child: Child) {
    signal("INT", child.id());
    let mut status = None;
    until("it ends after Ctrl+C", SOON, || {
        status = child.try_wait().expect("our own child");
        status.is_some()
    });
    assert_eq!(status.and_then(|status| status.code()), Some(3));
}

#[test]
fn what_is_interrupted_ends_with_three_and_leaves_no_process_behind() {
    let mut station = Station::new("wsjf");
    station.start();
    let home = station.home().to_owned();
    let mut logs = lineside();
    logs.env("LINESIDE_HOME", home).args(["logs", ID, "--follow"]);
    interrupted(begun(logs, None).0);

    let mut sandbox = lineside();
    sandbox.args(["sandbox", "--port", "0", "--json"]);
    let (child, line) = begun(sandbox, None);
    assert!(json(&line)["url"].is_string(), "{line}");
    interrupted(child);

    let mut demo = lineside();
    demo.args(["demo", "--files", "300"]);
    let (child, line) = begun(demo, Some("worker"));
    let worker: u32 = line.chars().filter(char::is_ascii_digit).collect::<String>().parse().expect("the worker's PID");
    interrupted(child);
    let alive = || Command::new("sh").args(["-c", &format!("kill -0 {worker} 2>/dev/null")]).status().expect("a shell").success();
    assert!(!alive(), "the demo's worker {worker} still runs");
}
